//! Terms of service: as much of the text as there is room for, between why it is shown and what is asked.
//!
//! What is asked keeps its place at the bottom, whatever is read above it; where rows are few the heading goes first. How far a key scrolls
//! depends on the room for the text, so that is asked for here too.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::page::{awaited, trouble};
use super::pile::{Pile, Rank};
use super::{HINTS_FROM, column, parts};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::layout::{split_bottom, split_top};
use crate::tui::view::paint::Canvas;
use crate::tui::welcome::model::Model;
use crate::tui::welcome::terms::Reading;
use crate::tui::words::sign_in as say;

/// Rows of text that are worth a heading above them.
const TEXT_FIRST: u16 = 4;

/// Rows that the text keeps in the smallest pane: one to read, and one that says that more follows.
const TEXT_LEAST: u16 = 2;

/// Everything on the page, and where it stands.
struct Plan {
    head: (Pile, Rect),
    text: Rect,
    asked: (Pile, Rect),
}

/// Columns of the text on a screen this wide.
pub fn columns(screen: u16) -> usize {
    usize::from(column(Rect { x: 0, y: 0, width: screen, height: 1 }).width)
}

/// Rows of the text on the screen of this model.
pub fn text_rows(model: &Model, reading: &Reading) -> usize {
    let screen = Rect { x: 0, y: 0, width: model.size.0, height: model.size.1 };
    let (theme, mut nowhere) = (Theme::mono(), Buffer::default());
    let mut canvas = Canvas { theme: &theme, buffer: &mut nowhere, until: None };
    let area = parts(&canvas, model, screen).body;
    usize::from(plan(&mut canvas, model, reading, area).text.height)
}

/// Draws the page.
pub fn draw(canvas: &mut Canvas, model: &Model, reading: &Reading, area: Rect) {
    let Plan { head, text, asked } = plan(canvas, model, reading, area);
    head.0.draw(canvas, head.1);
    draw_text(canvas, reading, text);
    asked.0.draw(canvas, asked.1);
}

fn plan(canvas: &mut Canvas, model: &Model, reading: &Reading, area: Rect) -> Plan {
    let place = column(area);
    let columns = usize::from(place.width);
    let mut asked = Pile::default();
    asked.blank();
    asked.say(canvas, Rank::First, Role::Strong, &question(model, reading), columns);
    trouble(canvas, model, columns, &mut asked);
    awaited(canvas, model, columns, &mut asked);
    asked.fit(usize::from(place.height.saturating_sub(TEXT_LEAST)));
    let (text, foot) = split_bottom(place, rows(&asked));

    let mut head = Pile::default();
    head.say(canvas, Rank::Heading, Role::Strong, "Terms of service", columns);
    head.blank();
    head.say(canvas, Rank::Lead, Role::Dim, say::TERMS, columns);
    head.blank();
    head.fit(usize::from(text.height.saturating_sub(TEXT_FIRST)));
    let (above, text) = split_top(text, rows(&head));
    Plan { head: (head, above), text, asked: (asked, foot) }
}

/// What is asked. No other question has its letters to be guessed, so they stand in it where hints have no room.
fn question(model: &Model, reading: &Reading) -> String {
    let question = say::agree(reading.min_age);
    if model.size.1 < HINTS_FROM { format!("{question} (y, n)") } else { question }
}

fn rows(pile: &Pile) -> u16 {
    u16::try_from(pile.rows()).unwrap_or(u16::MAX)
}

/// The text from where one is; the last row says how much follows, if anything does.
fn draw_text(canvas: &mut Canvas, reading: &Reading, area: Rect) {
    let shown = reading.shown(usize::from(area.height));
    let lines = shown.lines.into_iter().map(|line| canvas.span(Role::Text, line));
    let more = (shown.below > 0).then(|| canvas.span(Role::Amber, say::more_below(shown.below)));
    let text: Vec<Line> = lines.chain(more).map(Line::from).collect();
    for (y, line) in (area.top()..area.bottom()).zip(text) {
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
}
