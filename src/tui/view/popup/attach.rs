//! The form for a file to send: its path, what the path could go on with, and the two choices.
//!
//! The end of a long path is what one is writing, so that is what is shown of it. Names of a folder are shown safe and never longer than
//! their place.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::layout::{inset, split_bottom};
use super::super::paint::Canvas;
use super::super::{names, symbols};
use super::question;
use crate::tui::commands::compose;
use crate::tui::model::{Attach, Model};
use crate::tui::text::{safe_line, width};
use crate::tui::theme::Role;

/// Columns of the form, and candidates that are shown at once.
const COLUMNS: u16 = 60;
const CANDIDATES: usize = 6;

pub fn draw(canvas: &mut Canvas, model: &Model, screen: Rect, form: &Attach, keys: bool) {
    let Some(chat) = model.chats.get(&form.chat) else { return };
    let title = format!("File for {}", names::short(model, chat.view.user));
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, &title).0 + 2));
    let mut lines = vec![path_line(canvas, form, usize::from(columns))];
    lines.extend(candidates(canvas, form));
    lines.push(Line::default());
    lines.push(choice(canvas, "as", if form.as_document { "a plain document" } else { "what it is" }));
    lines.push(choice(canvas, "with", if form.silent { "no notification" } else { "a notification" }));
    let caption = safe_line(&compose::text(chat));
    if !caption.is_empty() {
        lines.push(choice(canvas, "says", &caption));
    }
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(u16::from(keys));
    let area = super::open(canvas, screen, None, (columns + 2, rows), &title);
    let (area, answers) = split_bottom(inset(area, 1, 1), u16::from(keys));
    if usize::from(area.height) < lines.len() {
        lines.retain(|line| !line.spans.is_empty());
    }
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
    question::answers(canvas, model, answers);
}

/// The end of the path, with a bar where one goes on.
fn path_line(canvas: &Canvas, form: &Attach, columns: usize) -> Line<'static> {
    let path = safe_line(&form.path);
    let room = columns.saturating_sub(3);
    let shown = tail(&path, room);
    let bar = canvas.span(Role::Rose, symbols::of(canvas.theme).bar);
    if path.is_empty() {
        return Line::from(vec![
            bar,
            canvas.span(Role::Dim, " path of a file; ~ is your folder, Tab completes"),
        ]);
    }
    Line::from(vec![canvas.span(Role::Rose, "> "), canvas.span(Role::Text, shown), bar])
}

/// As much of the end of a text as fits, behind dots.
fn tail(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(3);
    let fits = text
        .char_indices()
        .map(|(at, _)| text.get(at..).unwrap_or_default())
        .find(|rest| width(rest) <= room)
        .unwrap_or_default();
    format!("...{fits}")
}

/// The candidates around the one that was chosen, by the last part of their path.
fn candidates(canvas: &Canvas, form: &Attach) -> Vec<Line<'static>> {
    let chosen = form.chosen.unwrap_or_default();
    let first = chosen.saturating_sub(CANDIDATES - 1);
    let mut lines: Vec<Line> = Vec::new();
    for (place, path) in form.candidates.iter().enumerate().skip(first).take(CANDIDATES) {
        let is_folder = path.ends_with('/');
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let name = format!("  {}{}", safe_line(name), if is_folder { "/" } else { "" });
        let role = if form.chosen == Some(place) { Role::Rose } else { Role::Dim };
        lines.push(Line::from(canvas.span(role, name)));
    }
    let rest = form.candidates.len().saturating_sub(first + lines.len());
    if rest > 0 {
        lines.push(Line::from(canvas.span(Role::Dim, format!("  and {rest} more"))));
    }
    lines
}

fn choice(canvas: &Canvas, what: &str, how: &str) -> Line<'static> {
    Line::from(vec![canvas.span(Role::Dim, format!("{what:5}")), canvas.span(Role::Text, how)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_path_is_shown() {
        assert_eq!(tail("/tmp/x", 10), "/tmp/x");
        assert_eq!(tail("/home/ada/pictures/x.jpg", 12), "...res/x.jpg");
        assert_eq!(tail("漢字漢字漢字", 8), "...漢字");
    }
}
