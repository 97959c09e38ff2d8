//! A link as a QR code in cells: dark on light whatever the theme, with the quiet zone that scanners look for.
//!
//! Phones find a code by its light border and by dark modules, so the colours are the fixed ones of the 256 and not the terminal's own,
//! which may be anything. They are sent without colours too: whoever wants none (`NO_COLOR`, the mono theme) wants text without decoration,
//! and this is a picture that a camera has to read. Drawn in the terminal's own colours it would be a negative on every second background,
//! and which one that is cannot be asked. Cells are chosen so that on a terminal which ignores colours the light modules are still those in
//! its foreground, as it should be on a dark one.
//!
//! In half blocks a module is square on most terminals: one column wide, half a row high. In ASCII it takes two columns of one row.

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

/// How cells are made of modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Two modules in a cell.
    HalfBlocks,
    /// Two blanks for a module.
    Blanks,
}

impl Look {
    pub fn of(theme: &Theme) -> Look {
        if theme.ascii { Look::Blanks } else { Look::HalfBlocks }
    }

    /// Columns and rows of so many modules a side.
    fn cells(self, side: usize) -> (usize, usize) {
        match self {
            Look::HalfBlocks => (side, side.div_ceil(2)),
            Look::Blanks => (2 * side, side),
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
            Look::HalfBlocks => self.half_blocks(quiet),
            Look::Blanks => self.blanks(quiet),
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

    fn half_blocks(&self, quiet: usize) -> Text<'static> {
        let side = self.side + 2 * quiet;
        let cell = |x, y| halves(self.is_dark(quiet, x, y), self.is_dark(quiet, x, y + 1));
        (0..side).step_by(2).map(|y| (0..side).map(|x| cell(x, y)).collect::<Line>()).collect()
    }

    fn blanks(&self, quiet: usize) -> Text<'static> {
        let side = self.side + 2 * quiet;
        let cell = |x, y| {
            let style = Style::new().fg(LIGHT).bg(DARK);
            let light = style.add_modifier(Modifier::REVERSED);
            Span::styled("  ", if self.is_dark(quiet, x, y) { style } else { light })
        };
        (0..side).map(|y| (0..side).map(|x| cell(x, y)).collect::<Line>()).collect()
    }
}

/// Two modules, one above the other. A cell of one colour has it for its background too, so that no line shows where two of them meet.
fn halves(upper: bool, lower: bool) -> Span<'static> {
    let (symbol, ground) = match (upper, lower) {
        (false, false) => ("█", LIGHT),
        (false, true) => ("▀", DARK),
        (true, false) => ("▄", DARK),
        (true, true) => (" ", DARK),
    };
    Span::styled(symbol, Style::new().fg(LIGHT).bg(ground))
}

/// The code as lines for a terminal that is no screen of ours, with escape sequences for its colours unless it knows none. `room` is
/// columns and rows; without enough of them, how many it takes at least.
pub fn lines(link: &str, colours: bool, room: (usize, usize)) -> Option<Result<Vec<String>, (usize, usize)>> {
    let modules = Modules::of(link)?;
    let look = Look::HalfBlocks;
    let Some(text) = modules.text(look, room.0, room.1) else { return Some(Err(modules.least(look))) };
    let escape = |style: Style| match (style.fg, style.bg) {
        (Some(style::Color::Indexed(fg)), Some(style::Color::Indexed(bg))) => {
            format!("\x1b[38;5;{fg};48;5;{bg}m")
        }
        _ => String::new(),
    };
    let line = |line: &Line| -> String {
        if !colours {
            return line.to_string();
        }
        let cells: String =
            line.spans.iter().map(|span| format!("{}{}", escape(span.style), span.content)).collect();
        format!("{cells}\x1b[0m")
    };
    Some(Ok(text.lines.iter().map(line).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "tg://login?token=AQL6bZ7Xc0zWv9m1oXJt4kQy3c8vGZ2m0aYb5nRk";

    /// The modules of a text again, by what its cells show; on a terminal that ignores colours by their shapes, which are light.
    fn read(text: &Text, look: Look, colours: bool) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in &text.lines {
            let cell = |span: &Span, upper: bool| {
                let shape = match look {
                    Look::HalfBlocks if upper => matches!(span.content.as_ref(), "█" | "▀"),
                    Look::HalfBlocks => matches!(span.content.as_ref(), "█" | "▄"),
                    Look::Blanks => span.style.add_modifier.contains(Modifier::REVERSED),
                };
                let colour = if shape { span.style.fg } else { span.style.bg };
                assert!(matches!(colour, Some(LIGHT | DARK)), "a colour that is not a fixed one: {colour:?}");
                if colours { colour == Some(DARK) } else { !shape }
            };
            rows.push(line.spans.iter().map(|span| cell(span, true)).collect());
            if look == Look::HalfBlocks {
                rows.push(line.spans.iter().map(|span| cell(span, false)).collect());
            }
        }
        rows
    }

    #[test]
    fn every_look_shows_the_modules_of_the_code_and_a_quiet_zone() {
        let code = QrCode::with_error_correction_level(LINK, EcLevel::L).unwrap();
        let modules = Modules::of(LINK).unwrap();
        let side = code.width();
        for (look, colours) in
            [Look::HalfBlocks, Look::Blanks].map(|look| [(look, true), (look, false)]).concat()
        {
            for quiet in [LEAST_QUIET, QUIET] {
                let (columns, rows) = look.cells(side + 2 * quiet);
                let shown = read(&modules.text(look, columns, rows).unwrap(), look, colours);
                for (y, row) in shown.iter().enumerate() {
                    for (x, dark) in row.iter().enumerate() {
                        let place = x.checked_sub(quiet).zip(y.checked_sub(quiet));
                        let expected = place
                            .filter(|(x, y)| *x < side && *y < side)
                            .is_some_and(|place| code[place] == Color::Dark);
                        assert_eq!(*dark, expected, "{look:?} {colours} {quiet} at {x},{y}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_code_is_the_same_in_every_theme() {
        for theme in [Theme::dark(), Theme::light(), Theme::mono()] {
            assert_eq!(Look::of(&theme), Look::HalfBlocks);
            assert_eq!(Look::of(&theme.in_ascii()), Look::Blanks);
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
