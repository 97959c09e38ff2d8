//! A line that is typed into: its text is wiped when it goes, whether it was hidden or not.
//!
//! The buffer is made for the longest text and never grows, so that no copy of a password stays behind where it was moved from.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use zeroize::{Zeroize, Zeroizing};

use crate::engine::entrance::Hidden;

/// Bytes of the longest text: a PEM key of 4096 bits has about 800.
const LONGEST: usize = 4096;

/// How a field shows what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As it was typed.
    Open,
    /// That something was typed, and not how much.
    Hidden,
    /// How many of so many characters were typed.
    Counted(u8),
}

/// One line of a form.
pub struct Field {
    pub label: &'static str,
    pub manner: Manner,
    /// What stands there while nothing was typed.
    pub empty: &'static str,
    text: Zeroizing<String>,
}

/// Nothing of what was typed.
impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("label", &self.label).finish_non_exhaustive()
    }
}

impl Field {
    pub fn new(label: &'static str, manner: Manner) -> Field {
        Field { label, manner, empty: "", text: Zeroizing::new(String::with_capacity(LONGEST)) }
    }

    /// With a word for the empty field.
    pub fn or(self, empty: &'static str) -> Field {
        Field { empty, ..self }
    }

    /// With a text to begin with.
    pub fn with(mut self, text: &str) -> Field {
        self.paste(text);
        self
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// A copy of the text that wipes itself.
    pub fn hidden(&self) -> Hidden {
        Hidden::new(self.text().to_owned())
    }

    pub fn clear(&mut self) {
        self.text.zeroize();
    }

    /// A key that types or deletes; whether it did.
    pub fn edit(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('u') if control => self.clear(),
            KeyCode::Char('w') if control => self.drop_word(),
            KeyCode::Backspace if control || alt => self.drop_word(),
            KeyCode::Char('h') if control => drop(self.text.pop()),
            KeyCode::Backspace => drop(self.text.pop()),
            KeyCode::Char(c) if !control && !alt && !c.is_control() => self.push(c),
            _ => return false,
        }
        true
    }

    /// Line breaks stay in what may be a key in PEM form and become blanks where the text is shown.
    pub fn paste(&mut self, text: &str) {
        text.trim().chars().filter(|c| *c == '\n' || !c.is_control()).for_each(|c| self.push(c));
    }

    fn push(&mut self, c: char) {
        let full = match self.manner {
            Manner::Counted(most) => self.text.chars().count() >= usize::from(most),
            Manner::Open | Manner::Hidden => self.text.len() + c.len_utf8() > LONGEST,
        };
        if !full {
            self.text.push(c);
        }
    }

    /// A hidden text has no words that one could see go.
    fn drop_word(&mut self) {
        if self.manner != Manner::Open {
            return self.clear();
        }
        let end = self.text.trim_end().rfind(' ').map_or(0, |space| space + 1);
        self.text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(field: &mut Field, code: KeyCode, modifiers: KeyModifiers) -> bool {
        field.edit(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn a_field_never_moves_and_never_grows() {
        let mut field = Field::new("passphrase", Manner::Hidden);
        let place = field.text.as_ptr();
        field.paste(&"x".repeat(2 * LONGEST));
        assert!(press(&mut field, KeyCode::Char('é'), KeyModifiers::NONE));
        assert_eq!((field.text().len(), field.text.as_ptr()), (LONGEST, place));
        assert!(!format!("{field:?}").contains('x'), "{field:?}");
    }

    #[test]
    fn a_counted_field_takes_what_is_counted() {
        let mut field = Field::new("code", Manner::Counted(5));
        field.paste("1234567");
        assert_eq!(field.text(), "12345");
        press(&mut field, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(field.text(), "1234");
        press(&mut field, KeyCode::Char('w'), KeyModifiers::CONTROL);
        assert_eq!(field.text(), "");
    }

    #[test]
    fn keys_that_do_not_type_are_left_to_others() {
        let mut field = Field::new("name", Manner::Open).with("Ada  of the Town");
        assert!(!press(&mut field, KeyCode::Char('q'), KeyModifiers::ALT));
        assert!(!press(&mut field, KeyCode::Tab, KeyModifiers::NONE));
        press(&mut field, KeyCode::Backspace, KeyModifiers::ALT);
        assert_eq!(field.text(), "Ada  of the ");
    }
}
