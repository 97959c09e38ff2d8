//! The key picture as text: twelve rows of characters without colour, or half blocks in Telegram's four colours.
//!
//! Two people compare this picture to know that nobody sits between them, one of them perhaps on a phone and the other in a
//! terminal without colours. So each of the four cells has a character of its own that survives copying, a screen reader and
//! a monochrome terminal, and the coloured form shows exactly the shades that the other apps show.

use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span, Text};

use crate::engine::{KeyPicture, PALETTE};

/// How to draw the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// ASCII without colour, two columns per cell: 24 columns, 12 rows.
    Plain,
    /// Colour, one column per cell and two cells per row: 12 columns, 6 rows.
    HalfBlocks,
}

/// One character per colour of the palette, the more ink the darker. None is a blank: trailing blanks get lost in copying.
const SHADES: [&str; 4] = ["..", "--", "##", "++"];

/// The upper half of a cell; its lower half is the background.
const UPPER_HALF: &str = "▀";

/// The picture of a key, ready to be placed.
pub fn key_picture(picture: &KeyPicture, look: Look) -> Text<'static> {
    let rows = picture.cells();
    match look {
        Look::Plain => rows.iter().map(|row| row.iter().map(|&cell| shade(cell)).collect::<Line>()).collect(),
        Look::HalfBlocks => rows.chunks(2).map(half_blocks).collect(),
    }
}

/// A text without its styles, one string per line.
pub fn plain(text: &Text) -> Vec<String> {
    text.lines.iter().map(|line| line.spans.iter().map(|span| span.content.as_ref()).collect()).collect()
}

fn shade(cell: u8) -> Span<'static> {
    Span::raw(SHADES[usize::from(cell & 3)])
}

/// Two rows of cells as one row of text; the second of an odd pair would repeat the first.
fn half_blocks<const N: usize>(rows: &[[u8; N]]) -> Line<'static> {
    let (Some(upper), Some(lower)) = (rows.first(), rows.last()) else { return Line::default() };
    upper
        .iter()
        .zip(lower)
        .map(|(&top, &bottom)| Span::styled(UPPER_HALF, Style::new().fg(colour(top)).bg(colour(bottom))))
        .collect()
}

fn colour(cell: u8) -> Color {
    let (red, green, blue) = PALETTE[usize::from(cell & 3)];
    Color::Rgb(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells 0, 1, 2, 3 in every fourth place: `0b11_10_01_00` in each byte.
    fn stripes() -> KeyPicture {
        KeyPicture::from_hash(&[0b1110_0100; 36]).unwrap()
    }

    #[test]
    fn plain_look_has_twelve_rows_of_two_columns_per_cell() {
        let rows = plain(&key_picture(&stripes(), Look::Plain));
        assert_eq!(rows, vec!["..--##++..--##++..--##++"; 12]);
    }

    #[test]
    fn plain_look_follows_the_published_vector() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/vectors.json")).unwrap();
        let vector = &vectors["visualisation"];
        let hex = vector["key_hash_36"].as_str().unwrap();
        let hash: Vec<u8> =
            (0..36).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect();
        let expected: Vec<String> = vector["rows_12x12"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let cells = row.as_str().unwrap().chars().map(|cell| cell.to_digit(10).unwrap());
                cells.map(|cell| SHADES[cell as usize]).collect()
            })
            .collect();
        let picture = KeyPicture::from_hash(&hash).unwrap();
        assert_eq!(plain(&key_picture(&picture, Look::Plain)), expected);
    }

    #[test]
    fn half_blocks_put_two_rows_into_one() {
        // Three bytes are a row: the first row all 1, the second all 2, the rest 0.
        let mut hash = [0; 36];
        hash[..3].fill(0b0101_0101);
        hash[3..6].fill(0b1010_1010);
        let text = key_picture(&KeyPicture::from_hash(&hash).unwrap(), Look::HalfBlocks);
        assert_eq!(plain(&text), vec!["▀".repeat(12); 6]);
        let style = |line: usize| text.lines[line].spans[0].style;
        let (pale, dark) = (Color::Rgb(0xd5, 0xe6, 0xf3), Color::Rgb(0x2d, 0x57, 0x75));
        assert_eq!(style(0), Style::new().fg(pale).bg(dark));
        assert_eq!(style(1), Style::new().fg(Color::Rgb(255, 255, 255)).bg(Color::Rgb(255, 255, 255)));
    }
}
