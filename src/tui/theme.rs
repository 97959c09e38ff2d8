//! Roles of colour, and the themes that map them: dark, light, and mono (modifiers only).
//!
//! Views name roles, never colours. Meaning is always carried by words or shape too, so that mono loses nothing.

use ratatui::style::Style;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Text,
    /// Ours, secret, selection.
    Rose,
    /// Ready, verified.
    Green,
    /// Waits for somebody.
    Amber,
    /// Refused, danger.
    Red,
    /// Times, hints, meta.
    Dim,
    /// The selected row.
    Selected,
    /// Names and titles.
    Strong,
}

/// A theme: a style for each role, and whether symbols outside ASCII are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: String,
    styles: [Style; 8],
    /// Symbols as their ASCII twins.
    pub ascii: bool,
}

impl Theme {
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    pub fn mono() -> Theme {
        Theme { name: "mono".into(), styles: [Style::new(); 8], ascii: false }
    }
}
