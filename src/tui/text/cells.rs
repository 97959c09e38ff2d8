//! How many cells a text takes, and cutting it to a number of them.
//!
//! The count is ratatui's own, cluster by cluster, because ratatui is what places the text: a count that was right in theory and
//! differed from the buffer's would put a border one column off. Both functions take any text and never panic, but what they
//! say holds on a terminal only for text that has passed the gates of this room.

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// Stands for what was cut off. Three dots, since the one-character ellipsis is two cells wide to some terminals.
const CUT: &str = "...";

/// Cells that `text` takes on one line. Clusters with control characters take none, as in ratatui.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(cluster_width).sum()
}

/// `text` if it fits into `columns`, else as many whole clusters of it as fit before `...`. Below three columns only dots are left.
///
/// ```
/// use subrosa::tui::text::fit;
/// assert_eq!(fit("Ada Lovelace", 12), "Ada Lovelace");
/// assert_eq!(fit("Ada Lovelace", 8), "Ada L...");
/// ```
pub fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let dots = CUT.get(..columns.min(CUT.len())).unwrap_or(CUT);
    [head(text, columns - dots.len()), dots].concat()
}

/// As many whole clusters of `text` as fit into `columns`.
pub fn head(text: &str, columns: usize) -> &str {
    let mut left = columns;
    let end = text.grapheme_indices(true).find(|(_, cluster)| {
        let fits = left.checked_sub(cluster_width(cluster));
        left = fits.unwrap_or(0);
        fits.is_none()
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn cluster_width(cluster: &str) -> usize {
    if cluster.contains(char::is_control) { 0 } else { usize::from(cluster.cell_width()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_counts_cells_not_characters() {
        assert_eq!(width(""), 0);
        assert_eq!(width("Ada"), 3);
        assert_eq!(width("漢字"), 4);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width("👍"), 2);
        assert_eq!(width("a\nb"), 2);
    }

    #[test]
    fn fit_cuts_between_clusters() {
        assert_eq!(fit("漢字漢字", 7), "漢字...");
        assert_eq!(fit("漢字漢字", 6), "漢...");
        assert_eq!(fit("ne\u{301}e\u{301}e\u{301}", 4), "ne\u{301}e\u{301}e\u{301}");
        assert_eq!(fit("ne\u{301}e\u{301}e\u{301}x", 4), "n...");
    }

    #[test]
    fn fit_of_almost_nothing_is_dots() {
        assert_eq!(fit("Ada Lovelace", 3), "...");
        assert_eq!(fit("Ada Lovelace", 2), "..");
        assert_eq!(fit("Ada Lovelace", 0), "");
    }
}
