//! Pictures of the model: pure functions from data to ratatui text and cells.
//!
//! Nothing here reads a clock, a terminal or a file, so that everything a person sees can be compared byte by byte in a test.
//! [`draw`] divides the screen and lets each pane draw itself; whoever owns the cursor says where it is.

mod bubble;
mod composer;
mod content;
mod conversation;
mod foot;
mod header;
pub mod key;
pub(in crate::tui) mod layout;
mod list;
mod messages;
mod names;
pub(in crate::tui) mod paint;
mod popup;
mod rich;
mod story;
pub(in crate::tui) mod symbols;
mod title;
mod transfer;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::model::{Focus, Model};
use super::text::wrap;
use super::theme::{Role, Theme};
use super::words;
use layout::Plan;
use paint::Canvas;

/// Draws the whole screen, and says when something of it will no longer be true (unix milliseconds): a life that is counted down, a pause
/// that ends. `None` if all of it stays true until something happens.
pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame) -> Option<i64> {
    let screen = frame.area();
    let mut canvas = Canvas { theme, buffer: frame.buffer_mut(), until: None };
    let foot = foot::lines(model, theme, screen.width);
    let Some(plan) = layout::plan(model, screen, foot.rows()) else {
        too_small(&mut canvas, model, screen);
        return None;
    };
    rules(&mut canvas, &plan);
    header::draw(&mut canvas, model, plan.header);
    list::draw(&mut canvas, model, plan.list, plan.compact);
    title::draw(&mut canvas, model, &plan);
    let composer = conversation::draw(&mut canvas, model, &plan);
    foot.draw(&mut canvas, plan.foot);
    popup::draw(&mut canvas, model, &plan, screen);
    canvas.part_clusters();
    let until = canvas.until;
    if model.popup.is_none() {
        let cursor = match model.focus {
            Focus::List => list::cursor(model, plan.list),
            Focus::Messages(_) => None,
            Focus::Composer => composer,
        };
        if let Some(cursor) = cursor {
            frame.set_cursor_position(cursor);
        }
    }
    until
}

/// One sentence, for panes that hold no more.
fn too_small(canvas: &mut Canvas, model: &Model, screen: Rect) {
    let unseen: u32 = model.chats.values().map(|chat| chat.unseen).sum();
    let unread = words::unread(unseen).map(|unread| format!("{unread}, ")).unwrap_or_default();
    let sentence = format!("subrosa: {unread}pane too small");
    for (row, line) in (0..screen.height).zip(wrap(&sentence, usize::from(screen.width))) {
        let area = Rect { y: screen.y + row, height: 1, ..screen };
        canvas.line(area, Line::from(canvas.span(Role::Text, line)));
    }
}

/// The rule below the header and the one beside the list.
fn rules(canvas: &mut Canvas, plan: &Plan) {
    let symbols = symbols::of(canvas.theme);
    let style = canvas.theme.style(Role::Dim);
    if plan.header_rule.height > 0 {
        canvas.rule(plan.header_rule, symbols.horizontal);
    }
    for Position { x, y } in plan.divider.positions() {
        canvas.symbol(x, y, symbols.vertical, style);
    }
    if plan.header_rule.height > 0 && plan.divider.width > 0 {
        canvas.symbol(plan.divider.x, plan.header_rule.y, symbols.tee_down, style);
    }
}
