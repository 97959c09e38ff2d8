//! The name in large letters, for the one page that has nothing more important to show.
//!
//! Letters are drawn as dots and put into half blocks, six dots high and three rows. With ASCII symbols the name stands in plain letters.

use crate::tui::theme::Theme;

/// The letters, side by side.
const DOTS: [&str; 6] = [
    "            #                          ",
    "####  #  #  ####  ###  ####  ####  ####",
    "#     #  #  #  #  #    #  #  #        #",
    "####  #  #  #  #  #    #  #  ####  ####",
    "   #  #  #  #  #  #    #  #     #  #  #",
    "####  ####  ####  #    ####  ####  ####",
];

/// The rows of the mark.
pub fn lines(theme: &Theme) -> Vec<String> {
    if theme.ascii {
        return vec!["subrosa".into()];
    }
    let pairs = DOTS.as_chunks::<2>().0.iter();
    let row = |[upper, lower]: &[&str; 2]| -> String {
        upper.bytes().zip(lower.bytes()).map(|dots| half_block(dots.0 == b'#', dots.1 == b'#')).collect()
    };
    pairs.map(|pair| row(pair).trim_end().to_owned()).collect()
}

fn half_block(upper: bool, lower: bool) -> char {
    match (upper, lower) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}
