//! A chord: one key and its modifiers, as a keymap writes it, as a terminal sends it, and as a hint shows it.
//!
//! Terminals disagree about Shift: most send `?` alone, some say that Shift was held for it. Shift counts only where it is the
//! difference between two keys that both exist, on letters and on keys that print nothing.

use std::fmt;

use crokey::{KeyCombination, OneToThree};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;

/// One key and what is held with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// Types a character where text is taken.
    pub fn types(&self) -> bool {
        let held = KeyModifiers::CONTROL | KeyModifiers::ALT;
        matches!(self.code, KeyCode::Char(_)) && !self.modifiers.intersects(held)
    }

    fn new(combination: KeyCombination) -> Option<Chord> {
        let OneToThree::One(code) = combination.codes else { return None };
        let mut modifiers = combination.modifiers;
        if matches!(code, KeyCode::Char(c) if !c.is_alphabetic()) || code == KeyCode::BackTab {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Some(Chord { code, modifiers })
    }
}

impl TryFrom<String> for Chord {
    type Error = String;

    fn try_from(text: String) -> Result<Chord, String> {
        let parsed = crokey::parse(&text).map_err(|_| format!("there is no key called `{text}`"))?;
        Chord::new(parsed.normalized()).ok_or_else(|| format!("`{text}` is more than one key"))
    }
}

impl From<KeyEvent> for Chord {
    fn from(key: KeyEvent) -> Chord {
        let plain = Chord { code: key.code, modifiers: key.modifiers };
        Chord::new(KeyCombination::from(key)).unwrap_or(plain)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in [(KeyModifiers::CONTROL, "Ctrl+"), (KeyModifiers::ALT, "Alt+")] {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        let letter = matches!(self.code, KeyCode::Char(_));
        if self.modifiers.contains(KeyModifiers::SHIFT) && !letter {
            f.write_str("Shift+")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.types() => write!(f, "{c}"),
            KeyCode::Char(c) => write!(f, "{}", c.to_uppercase()),
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::BackTab => f.write_str("Shift+Tab"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            other => write!(f, "{other:?}"),
        }
    }
}
