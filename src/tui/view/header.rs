//! The top row: whose screen this is, the way to the server, and how much is unread.
//!
//! It has no clock: nothing is drawn by a timer, so a clock would show when something last happened and call it now.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::paint::{Canvas, line_width};
use super::{layout, symbols};
use crate::engine::Connection;
use crate::tui::model::Model;
use crate::tui::text::safe_line;
use crate::tui::theme::Role;
use crate::tui::words;

pub fn draw(canvas: &mut Canvas, model: &Model, area: Rect) {
    let dot = symbols::of(canvas.theme).dot;
    let left = Line::from(vec![
        canvas.span(Role::Rose, "subrosa"),
        canvas.span(Role::Dim, format!(" {dot} {}", safe_line(&model.profile))),
    ]);
    let unseen = model.chats.values().map(|chat| chat.unseen).sum();
    let mut right: Vec<Line> = connection(canvas, model)
        .into_iter()
        .map(|mut words| {
            if let Some(unread) = words::unread(unseen) {
                words.push_span(canvas.span(Role::Dim, format!(" {dot} ")));
                words.push_span(canvas.span(Role::Rose, unread));
            }
            words
        })
        .collect();
    if model.connection == Connection::Online
        && let Some(unread) = words::unread(unseen)
    {
        right.push(Line::from(canvas.span(Role::Rose, unread)));
    }
    let area = layout::inset(area, 1, 1);
    let least = right.last().map(line_width).unwrap_or_default();
    let fits = line_width(&left) + 1 + least <= usize::from(area.width);
    let alone = Line::from(canvas.span(Role::Rose, "subrosa"));
    canvas.row(area, if fits { left } else { alone }, right);
}

/// The way to the server in words, the longest form first.
pub fn connection(canvas: &Canvas, model: &Model) -> Vec<Line<'static>> {
    if model.signed_out.is_some() {
        let forms = ["signed out, history stays readable", "signed out"];
        return forms.map(|form| Line::from(canvas.span(Role::Red, form))).to_vec();
    }
    let role = match model.connection {
        Connection::Online => Role::Dim,
        Connection::Refused(_) => Role::Red,
        _ => Role::Amber,
    };
    let forms = words::connection(&model.connection, &model.zone);
    forms.into_iter().map(|form| Line::from(canvas.span(role, safe_line(&form)))).collect()
}
