//! Clusters of several letters and spacing marks, such as `हा` or `र्मा`, divided into what has a cell of its own.
//!
//! Many terminals keep such letters and marks as characters of their own. Who believes that the cluster is one wide character expects
//! that a blank over its first cell empties the others as well; those terminals leave them standing.

use ratatui::buffer::CellWidth;

/// The parts of a cluster, each one cell wide, if it has more than one and they take as many cells as the whole. Else none: emoji and
/// ideographs are one wide character.
///
/// ```
/// use subrosa::tui::text::cells_of;
/// assert_eq!(cells_of("हा"), ["ह", "ा"]);
/// assert!(cells_of("ने").is_empty());
/// assert!(cells_of("漢").is_empty());
/// ```
pub fn cells_of(cluster: &str) -> Vec<&str> {
    let letters = cluster.chars().next().is_some_and(char::is_alphabetic);
    if cluster.is_ascii() || !letters || cluster.contains(char::is_control) {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut rest = cluster;
    while let Some((part, after)) = first_cell(rest) {
        parts.push(part);
        rest = after;
    }
    let narrow = parts.iter().all(|part| part.cell_width() == 1);
    if narrow && parts.len() > 1 && parts.len() == usize::from(cluster.cell_width()) {
        parts
    } else {
        Vec::new()
    }
}

/// The first character with all after it that take no cell, and what is behind them.
fn first_cell(text: &str) -> Option<(&str, &str)> {
    let (first, _) = text.char_indices().nth(1).map_or((text.len(), ' '), |next| next);
    let more = text.get(first..)?.char_indices().find(|(at, c)| {
        let alone = text.get(first + at..first + at + c.len_utf8()).unwrap_or_default();
        alone.cell_width() > 0
    });
    let end = more.map_or(text.len(), |(at, _)| first + at);
    text.split_at_checked(end).filter(|(part, _)| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_and_ideographs_are_one_character() {
        for cluster in ["", "a", "👍🏽", "👨\u{200D}👩", "🇩🇪", "❤\u{FE0F}", "1\u{FE0F}\u{20E3}", "漢", "한"]
        {
            assert!(cells_of(cluster).is_empty(), "{cluster}");
        }
    }

    #[test]
    fn each_part_keeps_the_marks_that_take_no_cell() {
        assert_eq!(cells_of("ह\u{93C}ा\u{901}"), ["ह\u{93C}", "ा\u{901}"]);
        assert_eq!(cells_of("र्मा").concat(), "र्मा");
        assert_eq!(cells_of("र्मा").len(), 3);
    }
}
