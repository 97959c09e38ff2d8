//! What the screen is to look like: colours or none, symbols or their ASCII twins.
//!
//! Flags come first, then `SUBROSA_THEME`, then what the environment says of the terminal. `NO_COLOR` is above all of them: where it
//! is set, crossterm turns every colour into a sequence that also resets reverse video, so that only a theme of modifiers shows
//! what is selected.

use std::str::FromStr;

use crate::tui::theme::Theme;

/// The environment variable that names a theme.
pub const THEME_VARIABLE: &str = "SUBROSA_THEME";

/// Terminals known to speak the keyboard protocol that tells Esc and Alt apart from the start of a sequence. It is not asked for
/// elsewhere: asking takes a round trip before the first frame, and a terminal that knows nothing of it may print the question.
const KEYBOARD_TERMINALS: [&str; 5] = ["xterm-kitty", "foot", "xterm-ghostty", "alacritty", "wezterm"];

/// A theme by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    Dark,
    Light,
    /// Bold, dim, underline, reverse, and no colour at all.
    Mono,
}

impl FromStr for Palette {
    type Err = LookFault;

    fn from_str(name: &str) -> Result<Palette, LookFault> {
        match name {
            "dark" => Ok(Palette::Dark),
            "light" => Ok(Palette::Light),
            "mono" => Ok(Palette::Mono),
            _ => Err(LookFault(name.to_owned())),
        }
    }
}

/// There is no such theme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no theme {0:?}: choose dark, light or mono (by --theme or in {THEME_VARIABLE})")]
pub struct LookFault(String);

/// What the user asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub palette: Option<Palette>,
    pub ascii: bool,
}

/// How the screen looks and what the terminal is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub palette: Palette,
    /// Symbols as their ASCII twins.
    pub ascii: bool,
    /// The terminal knows the keyboard protocol of kitty.
    pub keyboard: bool,
}

impl Look {
    /// Decides by the wish and the environment of this process.
    ///
    /// # Errors
    /// `SUBROSA_THEME` names no theme.
    pub fn decide(wish: Wish) -> Result<Look, LookFault> {
        Self::from(wish, |name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from(wish: Wish, variable: impl Fn(&str) -> Option<String>) -> Result<Look, LookFault> {
        let named = match wish.palette {
            Some(palette) => Some(palette),
            None => variable(THEME_VARIABLE).map(|name| name.parse()).transpose()?,
        };
        let colourless = variable("NO_COLOR").is_some();
        let palette = if colourless { Palette::Mono } else { named.unwrap_or_else(|| guess(&variable)) };
        let term = variable("TERM").unwrap_or_default();
        Ok(Look {
            palette,
            ascii: wish.ascii || !speaks_utf8(&variable),
            keyboard: KEYBOARD_TERMINALS.iter().any(|known| term.starts_with(known)),
        })
    }

    pub fn theme(self) -> Theme {
        let mut theme = match self.palette {
            Palette::Dark => Theme::dark(),
            Palette::Light => Theme::light(),
            Palette::Mono => Theme::mono(),
        };
        theme.ascii = self.ascii;
        theme
    }
}

/// Some terminals say what they paint with, `foreground;background` in the sixteen colours; most say nothing and are dark.
fn guess(variable: &impl Fn(&str) -> Option<String>) -> Palette {
    let colours = variable("COLORFGBG").unwrap_or_default();
    match colours.rsplit(';').next() {
        Some("7" | "15") => Palette::Light,
        _ => Palette::Dark,
    }
}

/// The first of these that is set decides, as for every program; without any the locale is C.
fn speaks_utf8(variable: &impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(wish: Wish, environment: &[(&str, &str)]) -> Result<Look, LookFault> {
        Look::from(wish, |name| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn palette(wish: Option<Palette>, environment: &[(&str, &str)]) -> Palette {
        look(Wish { palette: wish, ascii: false }, environment).unwrap().palette
    }

    #[test]
    fn the_flag_comes_before_the_variable_and_no_color_before_both() {
        assert_eq!(palette(None, &[]), Palette::Dark);
        assert_eq!(palette(None, &[(THEME_VARIABLE, "light")]), Palette::Light);
        assert_eq!(palette(Some(Palette::Mono), &[(THEME_VARIABLE, "light")]), Palette::Mono);
        assert_eq!(
            palette(Some(Palette::Light), &[("NO_COLOR", "1"), (THEME_VARIABLE, "dark")]),
            Palette::Mono
        );
    }

    #[test]
    fn a_light_background_is_believed() {
        assert_eq!(palette(None, &[("COLORFGBG", "0;15")]), Palette::Light);
        assert_eq!(palette(None, &[("COLORFGBG", "0;default;7")]), Palette::Light);
        assert_eq!(palette(None, &[("COLORFGBG", "15;0")]), Palette::Dark);
    }

    #[test]
    fn a_theme_that_is_not_there_is_said() {
        let fault = look(Wish::default(), &[(THEME_VARIABLE, "pink")]).unwrap_err();
        assert!(fault.to_string().contains("\"pink\""), "{fault}");
    }

    #[test]
    fn symbols_need_a_utf8_locale() {
        let ascii = |environment: &[(&str, &str)]| look(Wish::default(), environment).unwrap().ascii;
        assert!(ascii(&[]));
        assert!(ascii(&[("LANG", "C")]));
        assert!(!ascii(&[("LANG", "de_DE.UTF-8")]));
        assert!(!ascii(&[("LANG", "C"), ("LC_CTYPE", "C.utf8")]));
        assert!(ascii(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "POSIX")]));
        assert!(look(Wish { palette: None, ascii: true }, &[("LANG", "C.UTF-8")]).unwrap().ascii);
    }

    #[test]
    fn the_keyboard_protocol_is_for_those_who_know_it() {
        let keyboard = |term| look(Wish::default(), &[("TERM", term)]).unwrap().keyboard;
        assert!(keyboard("xterm-kitty") && keyboard("foot-extra"));
        assert!(!keyboard("xterm-256color") && !keyboard("tmux-256color") && !keyboard("linux"));
    }
}
