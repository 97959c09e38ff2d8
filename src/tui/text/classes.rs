//! What a single character is to a terminal: shown, a mark on another one, a space, a line break, invisible, or dangerous.
//!
//! Everything that can be decided without looking at the neighbours is decided here, in one table-like function, so that the
//! question "what happens to U+202E?" has one place to look. "Assigned and printable" is the standard library's notion
//! (what `escape_debug` leaves alone), "takes no cell" is unicode-width's; the lists below are what neither of them covers.

use unicode_width::UnicodeWidthChar;

/// Shown in place of a character that has no glyph everywhere, or none at all.
pub const REPLACEMENT: char = '\u{FFFD}';

/// What becomes of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Takes one cell or more and stands for itself.
    Shown(char),
    /// Takes no cell: an accent, a vowel sign, the later letters of a Hangul syllable.
    Mark,
    /// A zero-width (non-)joiner: meaningful between letters of some scripts, a hiding place everywhere else.
    Joiner,
    /// Any horizontal space.
    Space,
    Tab,
    /// Any line break, the ones of old and foreign systems included.
    Break,
    /// Nothing that a reader would miss.
    Gone,
}

/// The class of a character by itself.
pub fn class(c: char) -> Class {
    match c {
        ' '..='~' if c != ' ' => Class::Shown(c),
        '\t' => Class::Tab,
        '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::Break,
        c if c.is_whitespace() || is_blank(c) => Class::Space,
        c if c.is_control() => Class::Shown(picture(c)),
        '\u{200C}' | '\u{200D}' => Class::Joiner,
        c if is_unseen(c) || is_disputed(c) => Class::Gone,
        // Counted as one cell more by ratatui 0.30 than any terminal draws; the full-width twins are not disputed.
        '\u{FF9E}' => Class::Shown('\u{309B}'),
        '\u{FF9F}' => Class::Shown('\u{309C}'),
        // An obsolete Khmer sign that unicode-width alone counts as three.
        '\u{17D8}' => Class::Shown(REPLACEMENT),
        c => match (is_printable(c), c.width()) {
            (true, Some(0)) => Class::Mark,
            (true, _) => Class::Shown(c),
            (false, Some(0)) => Class::Gone,
            (false, _) => Class::Shown(REPLACEMENT),
        },
    }
}

/// Whether a joiner next to this character shapes it: the cursive and the conjunct-forming scripts, from Arabic to Mongolian.
pub fn takes_joiner(c: char) -> bool {
    matches!(c, '\u{0600}'..='\u{0DFF}' | '\u{0F00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}')
}

/// A control character as a picture of itself: `␛` for ESC, `␡` for DEL. The C1 range has no pictures.
fn picture(control: char) -> char {
    match control {
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(control)).unwrap_or(REPLACEMENT),
        '\u{7F}' => '\u{2421}',
        _ => REPLACEMENT,
    }
}

/// Characters that count as letters or symbols but are drawn as nothing: the fillers of Hangul, the empty Braille cell, the
/// empty note head. People build invisible names of them.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{2800}' | '\u{1D159}')
}

/// Marks that nobody sees (the grapheme joiner, Khmer inherent vowels, variation selectors), formatting characters that change
/// the direction or the shape of their surroundings, and the tag characters that spell hidden text.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{16FE4}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Modifiers of emoji whose clusters terminals measure differently: the enclosing keycap and the skin tones.
fn is_disputed(c: char) -> bool {
    matches!(c, '\u{20E3}' | '\u{1F3FB}'..='\u{1F3FF}')
}

/// Assigned, and neither format, private, surrogate nor separator.
fn is_printable(c: char) -> bool {
    // Behind a letter, because a mark that opens a string is escaped for want of a base.
    let pair: String = ['a', c].into_iter().collect();
    pair.escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_is_assigned_and_visible() {
        for c in ['é', 'ж', '漢', '\u{301}', '€', '👍', '\u{94D}', '\u{20E0}'] {
            assert!(is_printable(c), "{c:?}");
        }
        for c in ['\u{378}', '\u{E000}', '\u{FFFF}', '\u{10FFFF}', '\u{600}', '\u{200B}', '\u{1B}', '\u{A0}']
        {
            assert!(!is_printable(c), "{c:?}");
        }
    }

    #[test]
    fn controls_become_pictures_of_themselves() {
        assert_eq!(class('\0'), Class::Shown('␀'));
        assert_eq!(class('\u{7}'), Class::Shown('␇'));
        assert_eq!(class('\u{1B}'), Class::Shown('␛'));
        assert_eq!(class('\u{7F}'), Class::Shown('␡'));
        assert_eq!(class('\u{9B}'), Class::Shown(REPLACEMENT));
    }

    #[test]
    fn the_unseen_goes_and_the_unknown_is_replaced() {
        for c in
            ['\u{AD}', '\u{200B}', '\u{202E}', '\u{2066}', '\u{2060}', '\u{FEFF}', '\u{FE0F}', '\u{E0041}']
        {
            assert_eq!(class(c), Class::Gone, "{c:?}");
        }
        for c in ['\u{378}', '\u{E000}', '\u{F0000}', '\u{FFFF}', '\u{600}'] {
            assert_eq!(class(c), Class::Shown(REPLACEMENT), "{c:?}");
        }
    }

    #[test]
    fn spaces_breaks_and_marks_have_their_own_classes() {
        for c in [' ', '\u{A0}', '\u{2003}', '\u{3000}', '\u{3164}', '\u{2800}'] {
            assert_eq!(class(c), Class::Space, "{c:?}");
        }
        for c in ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'] {
            assert_eq!(class(c), Class::Break, "{c:?}");
        }
        for c in ['\u{301}', '\u{94D}', '\u{64E}', '\u{11A8}'] {
            assert_eq!(class(c), Class::Mark, "{c:?}");
        }
    }
}
