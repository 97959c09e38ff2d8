//! A question that names object and effect, and the keys that answer it.
//!
//! The question is shown whole wherever the screen has the rows: nobody should say yes to half a sentence.

use ratatui::layout::Rect;

use super::super::layout::{inset, split_bottom};
use super::super::paint::Canvas;
use super::super::{foot, story};
use crate::tui::model::{Confirm, Model};
use crate::tui::theme::Role;

/// Columns of the question.
const COLUMNS: u16 = 52;

pub fn draw(canvas: &mut Canvas, model: &Model, screen: Rect, confirm: &Confirm) {
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, "").0 + 2));
    let words = vec![(Role::Text, confirm.question.clone())];
    let rows = story::height(&words, columns) + 2;
    let area = super::open(canvas, screen, None, (columns + 2, rows), "");
    let area = inset(area, 1, 1);
    let (above, answer) = split_bottom(area, 1);
    story::paragraphs(canvas, above, &words);
    answers(canvas, model, answer);
}

/// The keys that answer a popup, as far as each fits whole.
pub fn answers(canvas: &mut Canvas, model: &Model, area: Rect) {
    let line = foot::hints(model, canvas.theme, usize::from(area.width));
    canvas.line(area, line);
}
