//! A link as a QR code in cells: dark on light whatever the theme, with the quiet zone that scanners look for.
//!
//! Phones find a code by its light border and by dark modules, so the colours are the fixed ones of the 256 and not the terminal's own,
//! which may be anything. In half blocks a module is square on most terminals: one column wide, half a row high. Where symbols or
//! colours are missing, a module takes two columns of one row, or the light ones are drawn in the terminal's own foreground.

use qrcode::{Color, EcLevel, QrCode};
use ratatui::style::{self, Modifier, Style};
use ratatui::text::{Line, Span, Text};

use crate::tui::theme::Theme;

/// Light modules around the code: four by the standard.
const QUIET: usize = 4;

/// As few as scanners still accept, for panes where four do not fit.
const LEAST_QUIET: usize = 2;

/// White and black of the 256 colours' cube, which no palette changes.
const LIGHT: style::Color = style::Color::Indexed(231);
const DARK: style::Color = style::Color::Indexed(16);

/// The upper half of a cell; its lower half is the background.
const UPPER_HALF: &str = "▀";

/// How cells are made of modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Two modules in a cell, in colours.
    HalfBlocks,
    /// Two modules in a cell; the light ones in the terminal's foreground, which is light where a code without colours can be read at all.
    Colourless,
    /// Two blanks for a module, in colours or reversed.
    Blanks { coloured: bool },
}

impl Look {
    pub fn of(theme: &Theme) -> Look {
        match (theme.ascii, theme.has_colours()) {
            (true, coloured) => Look::Blanks { coloured },
            (false, true) => Look::HalfBlocks,
            (false, false) => Look::Colourless,
        }
    }

    /// Columns and rows of so many modules a side.
    fn cells(self, side: usize) -> (usize, usize) {
        match self {
            Look::HalfBlocks | Look::Colourless => (side, side.div_ceil(2)),
            Look::Blanks { .. } => (2 * side, side),
        }
    }
}

/// The modules of a code.
#[derive(Clone)]
pub struct Modules {
    side: usize,
    dark: Vec<bool>,
}

impl Modules {
    /// The code of a link; `None` for one that is longer than codes are.
    pub fn of(link: &str) -> Option<Modules> {
        let code = QrCode::with_error_correction_level(link, EcLevel::L).ok()?;
        let dark = code.to_colors().into_iter().map(|module| module == Color::Dark).collect();
        Some(Modules { side: code.width(), dark })
    }

    /// Columns and rows that it takes at least.
    pub fn least(&self, look: Look) -> (usize, usize) {
        look.cells(self.side + 2 * LEAST_QUIET)
    }

    /// The code as text of at most so many columns and rows; `None` if there is no room.
    pub fn text(&self, look: Look, columns: usize, rows: usize) -> Option<Text<'static>> {
        let quiet = (LEAST_QUIET..=QUIET).rev().find(|quiet| {
            let (wide, high) = look.cells(self.side + 2 * quiet);
            wide <= columns && high <= rows
        })?;
        Some(match look {
            Look::HalfBlocks | Look::Colourless => self.half_blocks(quiet, look),
            Look::Blanks { coloured } => self.blanks(quiet, coloured),
        })
    }

    /// Whether the module at a place is dark, counted from the corner of the quiet zone. What is outside of it is light.
    fn is_dark(&self, quiet: usize, x: usize, y: usize) -> bool {
        let inside = |place: usize| place.checked_sub(quiet).filter(|place| *place < self.side);
        match (inside(x), inside(y)) {
            (Some(x), Some(y)) => self.dark.get(y * self.side + x).copied().unwrap_or_default(),
            _ => false,
        }
    }

    fn half_blocks(&self, quiet: usize, look: Look) -> Text<'static> {
        let side = self.side + 2 * quiet;
        let line = |y: usize| -> Line<'static> {
            let cell = |x: usize| {
                let (upper, lower) = (self.is_dark(quiet, x, y), self.is_dark(quiet, x, y + 1));
                if look == Look::HalfBlocks {
                    coloured(upper, lower)
                } else {
                    Span::raw(colourless(upper, lower))
                }
            };
            (0..side).map(cell).collect()
        };
        (0..side).step_by(2).map(line).collect()
    }

    fn blanks(&self, quiet: usize, in_colours: bool) -> Text<'static> {
        let side = self.side + 2 * quiet;
        let cell = |x, y| {
            let dark = self.is_dark(quiet, x, y);
            let style = match (in_colours, dark) {
                (true, _) => Style::new().bg(colour(dark)),
                (false, true) => Style::new(),
                (false, false) => Style::new().add_modifier(Modifier::REVERSED),
            };
            Span::styled("  ", style)
        };
        (0..side).map(|y| (0..side).map(|x| cell(x, y)).collect::<Line>()).collect()
    }
}

fn coloured(upper: bool, lower: bool) -> Span<'static> {
    Span::styled(UPPER_HALF, Style::new().fg(colour(upper)).bg(colour(lower)))
}

fn colourless(upper: bool, lower: bool) -> &'static str {
    match (upper, lower) {
        (false, false) => "█",
        (false, true) => UPPER_HALF,
        (true, false) => "▄",
        (true, true) => " ",
    }
}

fn colour(dark: bool) -> style::Color {
    if dark { DARK } else { LIGHT }
}

/// The code as lines for a terminal that is no screen of ours, with escape sequences for its colours if there are to be any. `room` is
/// columns and rows; without enough of them, how many it takes at least.
pub fn lines(link: &str, colours: bool, room: (usize, usize)) -> Option<Result<Vec<String>, (usize, usize)>> {
    let modules = Modules::of(link)?;
    let look = if colours { Look::HalfBlocks } else { Look::Colourless };
    let Some(text) = modules.text(look, room.0, room.1) else { return Some(Err(modules.least(look))) };
    let escape = |style: Style| match (style.fg, style.bg) {
        (Some(style::Color::Indexed(fg)), Some(style::Color::Indexed(bg))) => {
            format!("\x1b[38;5;{fg};48;5;{bg}m")
        }
        _ => String::new(),
    };
    let line = |line: &Line| -> String {
        let cells: String =
            line.spans.iter().map(|span| format!("{}{}", escape(span.style), span.content)).collect();
        if colours { format!("{cells}\x1b[0m") } else { cells }
    };
    Some(Ok(text.lines.iter().map(line).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "tg://login?token=AQL6bZ7Xc0zWv9m1oXJt4kQy3c8vGZ2m0aYb5nRk";

    /// The modules of a text again, by what its cells show.
    fn read(text: &Text, look: Look) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in &text.lines {
            let dark = |colour: Option<style::Color>| colour == Some(DARK);
            let cells = line.spans.iter();
            match look {
                Look::HalfBlocks => {
                    rows.push(cells.clone().map(|cell| dark(cell.style.fg)).collect());
                    rows.push(cells.map(|cell| dark(cell.style.bg)).collect());
                }
                Look::Colourless => {
                    rows.push(cells.clone().map(|cell| matches!(cell.content.as_ref(), "▄" | " ")).collect());
                    rows.push(cells.map(|cell| matches!(cell.content.as_ref(), "▀" | " ")).collect());
                }
                Look::Blanks { coloured: true } => rows.push(cells.map(|cell| dark(cell.style.bg)).collect()),
                Look::Blanks { coloured: false } => {
                    rows.push(cells.map(|cell| cell.style.add_modifier.is_empty()).collect());
                }
            }
        }
        rows
    }

    #[test]
    fn every_look_shows_the_modules_of_the_code_and_a_quiet_zone() {
        let code = QrCode::with_error_correction_level(LINK, EcLevel::L).unwrap();
        let modules = Modules::of(LINK).unwrap();
        let side = code.width();
        let looks = [
            Look::HalfBlocks,
            Look::Colourless,
            Look::Blanks { coloured: true },
            Look::Blanks { coloured: false },
        ];
        for look in looks {
            for quiet in [LEAST_QUIET, QUIET] {
                let (columns, rows) = look.cells(side + 2 * quiet);
                let shown = read(&modules.text(look, columns, rows).unwrap(), look);
                for (y, row) in shown.iter().enumerate() {
                    for (x, dark) in row.iter().enumerate() {
                        let place = x.checked_sub(quiet).zip(y.checked_sub(quiet));
                        let expected = place
                            .filter(|(x, y)| *x < side && *y < side)
                            .is_some_and(|place| code[place] == Color::Dark);
                        assert_eq!(*dark, expected, "{look:?} {quiet} at {x},{y}");
                    }
                }
            }
        }
    }

    #[test]
    fn without_room_there_is_no_code() {
        let modules = Modules::of(LINK).unwrap();
        let (columns, rows) = modules.least(Look::HalfBlocks);
        assert!(modules.text(Look::HalfBlocks, columns, rows).is_some());
        assert!(modules.text(Look::HalfBlocks, columns - 1, rows).is_none());
        assert!(modules.text(Look::HalfBlocks, columns, rows - 1).is_none());
        assert!(Modules::of(&"x".repeat(5000)).is_none());
    }

    #[test]
    fn plain_lines_say_how_much_room_they_take() {
        let needed = Modules::of(LINK).unwrap().least(Look::HalfBlocks);
        assert_eq!(lines(LINK, true, (needed.0 - 1, 24)), Some(Err(needed)));
        assert_eq!(lines(LINK, false, (80, needed.1 - 1)), Some(Err(needed)));
        assert_eq!(lines(LINK, true, needed).unwrap().unwrap().len(), needed.1);
    }

    #[test]
    fn plain_lines_end_their_colours_and_do_not_hold_the_link() {
        let coloured = lines(LINK, true, (80, 24)).unwrap().unwrap();
        assert!(
            coloured
                .iter()
                .all(|line| line.starts_with("\x1b[38;5;231;48;5;231m") && line.ends_with("\x1b[0m"))
        );
        assert!(lines(LINK, false, (80, 24)).unwrap().unwrap().iter().all(|line| !line.contains('\x1b')));
        assert!(!coloured.concat().contains("token"));
    }
}
