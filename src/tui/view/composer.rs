//! The composer: what the user writes, wrapped, growing with the text to six rows.
//!
//! It draws a copy of the model's text area, since drawing writes into one and a view changes nothing. The terminal's own cursor stands
//! in it: input methods and screen readers look for that one.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget;
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

use super::content::Content;
use super::layout::inset;
use super::names;
use super::paint::Canvas;
use crate::tui::model::{Chat, Model};
use crate::tui::text::width;
use crate::tui::theme::Role;
use crate::tui::words::time;

/// Rows that the text may take.
const MOST_ROWS: usize = 6;

/// What stands before the text where there is no rule above it.
const PROMPT: &str = "> ";

/// Rows that the composer of a chat takes in a pane.
pub fn rows(chat: &Chat, pane: Rect, prompt: bool) -> u16 {
    let text = inset(pane, margin(prompt), 1).width;
    let most = MOST_ROWS.min(usize::from(pane.height / 3)).max(1);
    u16::try_from(wrapped_rows(chat, text).clamp(1, most)).unwrap_or(1)
}

/// What stands above the text: the message that it answers, and a pause that the server has ordered.
pub fn notes(canvas: &mut Canvas, model: &Model, chat: &Chat, columns: u16) -> Vec<Line<'static>> {
    let columns = usize::from(columns.saturating_sub(2));
    let mut notes = Vec::new();
    if let Some(end) = chat.flood_until_ms.filter(|end| *end > model.now_ms) {
        let (left, until) = time::countdown(end, model.now_ms);
        canvas.true_until(Some(until));
        let forms = [
            format!("Telegram asks to wait {left}: what you send is kept and goes out then"),
            format!("wait {left}: it goes out then"),
        ];
        let fits = forms.iter().find(|form| width(form) <= columns).or(forms.last());
        notes.push(Line::from(canvas.span(Role::Amber, fits.cloned().unwrap_or_default())));
    }
    if let Some(answered) = chat.reply {
        let content = Content { theme: canvas.theme, model, chat, columns };
        notes.push(content.quoted(answered));
    }
    notes
}

/// Draws the composer, behind a prompt or not, and says where its cursor is.
pub fn draw(canvas: &mut Canvas, model: &Model, chat: &Chat, area: Rect, prompt: bool) -> Option<Position> {
    let whole = area;
    let area = inset(area, margin(prompt), 0);
    if area.is_empty() {
        return None;
    }
    if prompt {
        canvas.line(whole, Line::from(canvas.span(Role::Rose, PROMPT)));
    }
    if chat.composer.is_empty() {
        placeholder(canvas, model, chat, area);
        return Some(area.as_position());
    }
    // One column is left to the cursor, which stands behind the last letter.
    let text = copy(chat);
    let inner = inset(area, 0, 1);
    (&text).render(inner, canvas.buffer);
    let (cursor, (top, _)) = (text.screen_cursor(), text.scroll_offset());
    for (row, y) in (usize::from(top)..).zip(inner.top()..inner.bottom()) {
        shift_left(canvas.buffer, Rect { y, height: 1, ..inner }, break_spaces(&text, row));
    }
    let row = u16::try_from(cursor.row).unwrap_or(u16::MAX).saturating_sub(top).min(area.height - 1);
    let column = cursor.col.saturating_sub(usize::from(break_spaces(&text, cursor.row)));
    let column = u16::try_from(column).unwrap_or(u16::MAX).min(area.width - 1);
    Some(Position { x: area.x + column, y: area.y + row })
}

/// Spaces at the beginning of a row that the text area has wrapped: they belong to the break, and are not drawn.
fn break_spaces(text: &TextArea, row: usize) -> u16 {
    let start = text.screen_to_data(row, 0);
    let line = text.lines().get(start.0).filter(|_| start.1 > 0);
    let spaces = line.map(|line| line.chars().skip(start.1).take_while(|c| *c == ' ').count());
    u16::try_from(spaces.unwrap_or_default()).unwrap_or(u16::MAX)
}

/// Moves the cells of a row to the left by so many columns.
fn shift_left(buffer: &mut Buffer, row: Rect, columns: u16) {
    for x in (row.left()..row.right()).filter(|_| columns > 0) {
        let from = x.checked_add(columns).filter(|from| *from < row.right());
        let moved = from.and_then(|from| buffer.cell((from, row.y))).cloned().unwrap_or_default();
        if let Some(cell) = buffer.cell_mut((x, row.y)) {
            *cell = moved;
        }
    }
}

fn margin(prompt: bool) -> u16 {
    if prompt { u16::try_from(width(PROMPT)).unwrap_or_default() } else { 1 }
}

fn placeholder(canvas: &mut Canvas, model: &Model, chat: &Chat, area: Rect) {
    let name = names::short(model, chat.view.user);
    let forms = if chat.ready() {
        [format!("write to {name}"), "write".to_owned()]
    } else {
        ["a draft; nothing is sent before both hold the key".to_owned(), "a draft, not sent".to_owned()]
    };
    let fits = forms.iter().find(|form| width(form) <= usize::from(area.width));
    let words = fits.or(forms.last()).cloned().unwrap_or_default();
    canvas.line(area, Line::from(canvas.span(Role::Dim, words)));
}

fn copy(chat: &Chat) -> TextArea<'static> {
    let mut text = chat.composer.clone();
    text.set_wrap_mode(WrapMode::WordOrGlyph);
    text.set_style(Style::new());
    text.set_cursor_style(Style::new());
    text.set_cursor_line_style(Style::new());
    text
}

fn wrapped_rows(chat: &Chat, columns: u16) -> usize {
    if columns == 0 || chat.composer.is_empty() {
        return 1;
    }
    let mut text = copy(chat);
    let area = Rect::new(0, 0, columns, 1);
    (&text).render(area, &mut Buffer::empty(area));
    text.move_cursor(CursorMove::Bottom);
    text.move_cursor(CursorMove::End);
    text.screen_cursor().row + 1
}
