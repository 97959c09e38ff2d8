//! Cleaning of text that arrives, with a map of where each character went.
//!
//! Bad UTF-8 is replaced, and what could act on a terminal or turn a line around is taken out. Entities count UTF-16 code units of
//! the text as it was written, so whatever shortens the text must be able to say where an offset has moved to.

/// U+202E, right-to-left override: shows text in another order than it is in.
const OVERRIDE: char = '\u{202e}';

/// The longest name, title or address that is kept, in characters; beyond it is no name but a burden.
const MAX_LINE: usize = 1024;

/// Stands in the map for an offset between the halves of a surrogate pair.
const BETWEEN: u32 = u32::MAX;

/// A text made harmless.
pub struct Cleaned {
    pub text: String,
    /// For each UTF-16 offset of the original, the end included, its offset in `text`.
    map: Vec<u32>,
}

impl Cleaned {
    /// Text without control characters but the newline, and without overrides; a tab becomes a space.
    pub fn of(bytes: &[u8]) -> Cleaned {
        let original = String::from_utf8_lossy(bytes);
        let mut text = String::with_capacity(original.len());
        let mut map = Vec::with_capacity(original.len() + 1);
        let mut offset = 0;
        for char in original.chars() {
            map.push(offset);
            map.extend((char.len_utf16() == 2).then_some(BETWEEN));
            if let Some(char) = harmless(char) {
                text.push(char);
                offset += char.len_utf16() as u32;
            }
        }
        map.push(offset);
        Cleaned { text, map }
    }

    /// Where a part of the original, in UTF-16 units, lies now: offset and length. `None` if it is not a part of it, cuts a
    /// character in half, or nothing of it is left.
    pub fn part(&self, offset: i32, length: i32) -> Option<(u32, u32)> {
        let place = |offset: i32| {
            let moved = *self.map.get(usize::try_from(offset).ok()?)?;
            (moved != BETWEEN).then_some(moved)
        };
        let (start, end) = (place(offset)?, place(offset.checked_add(length)?)?);
        (start < end).then(|| (start, end - start))
    }
}

/// A name, title or address: one line, cleaned like text.
pub fn line(bytes: &[u8]) -> String {
    let original = String::from_utf8_lossy(bytes);
    let one_line = original.chars().map(|char| if char == '\n' { ' ' } else { char });
    one_line.filter_map(harmless).take(MAX_LINE).collect()
}

fn harmless(char: char) -> Option<char> {
    match char {
        '\t' => Some(' '),
        '\n' => Some(char),
        OVERRIDE => None,
        _ => (!char.is_control()).then_some(char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_act_on_a_terminal() {
        let hostile = b"a\x1b[31m\x9b\xc2\x9b\r\nb\tc\x00\x07\xe2\x80\xaed\xff \xf0\x9f\x98\x80";
        assert_eq!(Cleaned::of(hostile).text, "a[31m\u{fffd}\nb cd\u{fffd} 😀");
        assert_eq!(line(hostile), "a[31m\u{fffd} b cd\u{fffd} 😀");
        assert_eq!(line(&[b'x'; 5000]).len(), MAX_LINE);
    }

    #[test]
    fn offsets_survive_the_cleaning() {
        let cleaned = Cleaned::of("\0a\u{202e}😀\rb\0".as_bytes());
        assert_eq!(cleaned.text, "a😀b");
        for (offset, length, part) in [
            (0, 1, None),
            (0, 2, Some((0, 1))),
            (1, 2, Some((0, 1))),
            (2, 3, Some((1, 2))),
            (3, 2, Some((1, 2))),
            (3, 1, None),
            (4, 2, None),
            (5, 1, None),
            (5, 3, Some((3, 1))),
            (0, 8, Some((0, 4))),
            (0, 9, None),
            (8, 0, None),
            (-1, 3, None),
            (1, -1, None),
            (i32::MAX, i32::MAX, None),
        ] {
            assert_eq!(cleaned.part(offset, length), part, "{offset}, {length}");
        }
    }
}
