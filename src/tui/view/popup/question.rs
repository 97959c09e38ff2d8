//! A question that names object and effect, and the keys that answer it.
//!
//! The question is shown whole wherever the screen has the rows: nobody should say yes to half a sentence. Where it has not, a shorter
//! one takes its place, which says the effect first.

use ratatui::layout::Rect;

use super::super::layout::{inset, split_bottom};
use super::super::paint::{Canvas, line_width};
use super::super::{foot, names, story};
use crate::tui::model::{Act, Confirm, Model};
use crate::tui::theme::Role;
use crate::tui::words::question;

/// Columns of the question.
const COLUMNS: u16 = 52;

pub fn draw(canvas: &mut Canvas, model: &Model, screen: Rect, confirm: &Confirm) {
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, "").0 + 2));
    let mut words = vec![(Role::Text, confirm.question.clone())];
    let most = screen.height.saturating_sub(super::frame(screen, "").1 + 1);
    if story::height(&words, columns) > most {
        words = vec![(Role::Text, question::short(model, &confirm.act, &whose(model, &confirm.act)))];
    }
    let rows = story::height(&words, columns) + 2;
    let area = super::open(canvas, screen, None, (columns + 2, rows), "");
    let area = inset(area, 1, 1);
    let (above, answer) = split_bottom(area, 1);
    story::paragraphs(canvas, above, &words);
    answers(canvas, model, answer);
}

/// Of whom an act speaks.
fn whose(model: &Model, act: &Act) -> String {
    let user = match act {
        Act::Close { chat, .. } | Act::CancelRequest(chat) | Act::Decline(chat) | Act::Dismiss(chat) => {
            model.chats.get(chat)
        }
        Act::DeleteMessages { chat, .. }
        | Act::Report(chat)
        | Act::SayWithout { chat, .. }
        | Act::OpenContent { chat, .. }
        | Act::CancelTransfer { chat, .. } => model.chats.get(chat),
        Act::Launch(_) | Act::EndDevice(_) | Act::GiveUpUsername => None,
        Act::Block(user) | Act::Unblock(user) | Act::DeleteContact(user) => {
            return names::short(model, *user);
        }
    };
    user.map(|chat| names::short(model, chat.view.user)).unwrap_or_default()
}

/// The keys that answer a popup, as far as each fits whole; closer together if that brings in the last, which is the way out.
pub fn answers(canvas: &mut Canvas, model: &Model, area: Rect) {
    let columns = usize::from(area.width);
    let (dots, close) = (foot::hints(model, canvas.theme, columns), foot::close_hints(model, canvas.theme));
    let line =
        if line_width(&close) <= columns && dots.spans.len() < close.spans.len() { close } else { dots };
    canvas.line(area, line);
}
