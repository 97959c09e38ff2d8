//! Roles of colour, and the themes that map them: dark, light, and mono (modifiers only).
//!
//! Views name roles, never colours. Meaning is always carried by words or shape too, so that mono loses nothing. The themes are small
//! files in `assets/themes`, in a form that a user's own theme can have too.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

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
    /// Where words lead somewhere.
    Link,
    /// Code, letter by letter.
    Code,
}

const ROLE_COUNT: usize = 10;

/// Every role, in the order of [`Role`], with its name in a theme's file.
const ROLES: [(Role, &str); ROLE_COUNT] = [
    (Role::Text, "text"),
    (Role::Rose, "rose"),
    (Role::Green, "green"),
    (Role::Amber, "amber"),
    (Role::Red, "red"),
    (Role::Dim, "dim"),
    (Role::Selected, "selected"),
    (Role::Strong, "strong"),
    (Role::Link, "link"),
    (Role::Code, "code"),
];

/// A theme: a style for each role, and whether symbols outside ASCII are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    pub name: String,
    styles: [Style; ROLE_COUNT],
    /// Symbols as their ASCII twins.
    pub ascii: bool,
}

/// Why a theme's file is no theme; each names the place to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    #[error("the theme cannot be read: {0}")]
    Form(String),
    #[error("the theme has no role \"{0}\"; add a line for it below [roles]")]
    Missing(&'static str),
    #[error("the theme has a role \"{0}\" that nothing uses; take it out or mend its name")]
    Unknown(String),
    #[error(
        "role \"{role}\" names the colour \"{colour}\": write a colour's name, a number below 256, or #rrggbb"
    )]
    Colour { role: &'static str, colour: String },
    #[error("role \"{role}\" names the modifier \"{modifier}\": bold, dim, italic, underlined, reversed")]
    Modifier { role: &'static str, modifier: String },
}

impl Theme {
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// For a dark background.
    pub fn dark() -> Theme {
        Theme::built_in(include_str!("../../assets/themes/dark.toml"))
    }

    /// For a light background.
    pub fn light() -> Theme {
        Theme::built_in(include_str!("../../assets/themes/light.toml"))
    }

    /// Without colours.
    pub fn mono() -> Theme {
        Theme::built_in(include_str!("../../assets/themes/mono.toml"))
    }

    /// The same theme with the symbols' ASCII twins.
    pub fn in_ascii(self) -> Theme {
        Theme { ascii: true, ..self }
    }

    /// Whether anything is coloured.
    pub fn has_colours(&self) -> bool {
        self.styles.iter().any(|style| style.fg.is_some() || style.bg.is_some())
    }

    /// A theme from the text of its file.
    pub fn parse(text: &str) -> Result<Theme, ThemeError> {
        let mut form: Form =
            toml::from_str(text).map_err(|error| ThemeError::Form(error.message().to_owned()))?;
        let mut styles = [Style::new(); ROLE_COUNT];
        for (style, (_, role)) in styles.iter_mut().zip(ROLES) {
            let look = form.roles.remove(role).ok_or(ThemeError::Missing(role))?;
            *style = look.style(role)?;
        }
        match form.roles.into_keys().next() {
            Some(unknown) => Err(ThemeError::Unknown(unknown)),
            None => Ok(Theme { name: form.name, styles, ascii: false }),
        }
    }

    /// The files in this program parse (a test holds it); without styles everything could still be read.
    fn built_in(text: &str) -> Theme {
        Theme::parse(text).unwrap_or(Theme {
            name: "plain".into(),
            styles: [Style::new(); ROLE_COUNT],
            ascii: false,
        })
    }
}

/// A theme as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    roles: BTreeMap<String, Look>,
}

/// How one role looks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    modifiers: Vec<String>,
}

impl Look {
    fn style(&self, role: &'static str) -> Result<Style, ThemeError> {
        let mut style = Style::new();
        style.fg = self.fg.as_deref().map(|name| colour(role, name)).transpose()?;
        style.bg = self.bg.as_deref().map(|name| colour(role, name)).transpose()?;
        for name in &self.modifiers {
            style = style.add_modifier(modifier(role, name)?);
        }
        Ok(style)
    }
}

fn colour(role: &'static str, name: &str) -> Result<Color, ThemeError> {
    name.parse().map_err(|_| ThemeError::Colour { role, colour: name.to_owned() })
}

fn modifier(role: &'static str, name: &str) -> Result<Modifier, ThemeError> {
    match name {
        "bold" => Ok(Modifier::BOLD),
        "dim" => Ok(Modifier::DIM),
        "italic" => Ok(Modifier::ITALIC),
        "underlined" => Ok(Modifier::UNDERLINED),
        "reversed" => Ok(Modifier::REVERSED),
        _ => Err(ThemeError::Modifier { role, modifier: name.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONO: &str = include_str!("../../assets/themes/mono.toml");

    #[test]
    fn the_built_in_themes_parse_and_keep_the_order_of_roles() {
        for (theme, name, colours) in
            [(Theme::dark(), "dark", true), (Theme::light(), "light", true), (Theme::mono(), "mono", false)]
        {
            assert_eq!((theme.name.as_str(), theme.has_colours()), (name, colours));
        }
        assert!(ROLES.iter().enumerate().all(|(place, (role, _))| *role as usize == place));
        assert_eq!(Theme::mono().style(Role::Selected), Style::new().add_modifier(Modifier::REVERSED));
        assert_eq!(Theme::dark().style(Role::Rose), Style::new().fg(Color::Indexed(211)));
    }

    #[test]
    fn faults_name_the_role() {
        let wrong = |from: &str, to: &str| Theme::parse(&MONO.replace(from, to)).unwrap_err();
        assert_eq!(wrong("dim = {", "dimm = {"), ThemeError::Missing("dim"));
        assert_eq!(wrong("text = {}", "text = {}\nteal = {}"), ThemeError::Unknown("teal".into()));
        let colour = ThemeError::Colour { role: "text", colour: "puce".into() };
        assert_eq!(wrong("text = {}", "text = { fg = \"puce\" }"), colour);
        let modifier = ThemeError::Modifier { role: "selected", modifier: "loud".into() };
        assert_eq!(wrong("[\"reversed\"]", "[\"loud\"]"), modifier);
        assert!(matches!(wrong("text = {}", "text = { font = 1 }"), ThemeError::Form(_)));
    }
}
