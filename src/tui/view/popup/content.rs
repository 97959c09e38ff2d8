//! Popups about what a message holds: the addresses in it, and a file that is here.
//!
//! An address is shown whole, broken over as many rows as it needs: its end decides where it leads, and an address that is cut could be any.

use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::super::layout::{inset, split_bottom};
use super::super::paint::Canvas;
use super::super::{names, symbols};
use super::question;
use crate::engine::{ChatId, Direction, Transfer};
use crate::tui::model::{Link, Model, Preview};
use crate::tui::text::{safe_line, wrap};
use crate::tui::theme::Role;
use crate::tui::words::{content as said, time};

/// Columns of these popups.
const COLUMNS: u16 = 64;

/// Rows that a picture leaves to what is behind it, on screens that have as many.
const MARGIN: usize = 4;
const MARGIN_FROM: u16 = 30;

/// The addresses in a message, the selected one in sight.
pub fn links(canvas: &mut Canvas, model: &Model, screen: Rect, links: &[Link], selected: usize, keys: bool) {
    let title = "Addresses in the message";
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, title).0 + 2));
    let inner = usize::from(columns.saturating_sub(2).max(1));
    let mut lines: Vec<(usize, Line)> = Vec::new();
    for (place, link) in links.iter().enumerate() {
        if !link.words.is_empty() {
            let words = format!("\"{}\" leads to", link.words);
            lines.push((place, Line::from(canvas.span(Role::Dim, words))));
        }
        let target = safe_line(&link.target);
        for row in wrap(&target, inner) {
            lines.push((place, Line::from(canvas.span(Role::Link, row))));
        }
    }
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(u16::from(keys));
    let area = super::open(canvas, screen, None, (columns + 2, rows), title);
    let (area, answers) = split_bottom(area, u16::from(keys));
    let last = lines.iter().rposition(|(place, _)| *place == selected).unwrap_or_default();
    let top = (last + 1).saturating_sub(usize::from(area.height));
    for (y, (place, line)) in (area.top()..area.bottom()).zip(lines.into_iter().skip(top)) {
        let row = Rect { y, height: 1, ..area };
        canvas.line(inset(row, 1, 1), line);
        if place == selected {
            canvas.restyle(row, Role::Selected);
        }
    }
    question::answers(canvas, model, inset(answers, 1, 1));
}

/// A file that is here: what it is, from whom, and where it lies.
pub fn file(
    canvas: &mut Canvas,
    model: &Model,
    screen: Rect,
    (chat, random_id): (ChatId, i64),
    preview: Option<&Preview>,
    keys: bool,
) {
    let Some(chat) = model.chats.get(&chat) else { return };
    let Some((message, file)) = chat.message(random_id).and_then(|it| Some((it, said::file(it)?))) else {
        return;
    };
    let name = said::file_name(file);
    let title = if name.is_empty() { said::kind(&file.kind).to_owned() } else { name };
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, &title).0 + 2));
    let from = match message.direction {
        Direction::In => format!("from {}", names::short(model, chat.view.user)),
        Direction::Out => "sent by you".to_owned(),
    };
    let dot = format!(" {} ", symbols::of(canvas.theme).dot);
    let parts: Vec<String> = [said::kind(&file.kind).to_owned(), from]
        .into_iter()
        .chain(said::details(file))
        .chain([safe_line(&file.mime)].into_iter().filter(|mime| !mime.is_empty()))
        .collect();
    let mut lines: Vec<(Role, String)> = vec![(Role::Dim, parts.join(&dot))];
    let progress = chat.transfers.get(&random_id);
    let inner = usize::from(columns.max(1));
    let state = match progress.map(|progress| &progress.transfer) {
        Some(Transfer::Done { path: Some(_) }) if said::protected(message) => {
            let mut words = "Its file goes with it when its time is over.".to_owned();
            if let Some(end) = message.destruct_ms {
                let (left, until) = time::countdown(end, model.now_ms);
                canvas.true_until(Some(until));
                words = format!("Burns in {left}, and its file with it.");
            }
            (Role::Amber, words)
        }
        Some(Transfer::Done { path: Some(path) }) => (Role::Strong, safe_line(&path.to_string_lossy())),
        Some(Transfer::Failed(reason)) => {
            (Role::Red, format!("It could not be fetched: {}", safe_line(reason)))
        }
        Some(Transfer::Running { .. }) => {
            (Role::Dim, "It is being fetched; its time begins when it is here.".into())
        }
        Some(Transfer::Done { .. } | Transfer::Paused { .. } | Transfer::Cancelled) | None => {
            (Role::Dim, "It is not here.".into())
        }
    };
    lines.push(state);
    let mut rows: Vec<Line> = Vec::new();
    for (role, words) in lines {
        rows.extend(wrap(&words, inner).into_iter().map(|line| Line::from(canvas.span(role, line))));
    }
    let (beside, frame) = super::frame(screen, &title);
    let room = usize::from(screen.height.saturating_sub(frame + u16::from(keys)));
    let mut columns = columns;
    if let Some(preview) = preview.filter(|_| canvas.theme.has_colours() && !canvas.theme.ascii) {
        let most = usize::from(screen.width.saturating_sub(beside + 2));
        let margin = if screen.height >= MARGIN_FROM { MARGIN } else { 0 };
        let picture = half_blocks(preview, most, room.saturating_sub(rows.len() + 1 + margin));
        if let Some(wide) = picture.first().and_then(|row| u16::try_from(row.width()).ok()) {
            columns = columns.max(wide);
            let aside = " ".repeat(usize::from((columns - wide) / 2));
            rows.push(Line::default());
            rows.extend(picture.into_iter().map(|mut row| {
                row.spans.insert(0, Span::raw(aside.clone()));
                row
            }));
        }
    }
    let count = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(u16::from(keys));
    let area = super::open(canvas, screen, None, (columns + 2, count), &title);
    let (area, answers) = split_bottom(inset(area, 1, 1), u16::from(keys));
    for (y, line) in (area.top()..area.bottom()).zip(rows) {
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
    question::answers(canvas, model, answers);
}

/// A picture in so many columns and rows at most, two of its rows in each; nothing where it would be too small to be seen.
fn half_blocks(preview: &Preview, columns: usize, rows: usize) -> Vec<Line<'static>> {
    const LEAST_ROWS: usize = 4;
    let (width, height) = (preview.rows.first().map_or(0, Vec::len), preview.rows.len());
    if width == 0 || rows < LEAST_ROWS {
        return Vec::new();
    }
    // A cell is about as wide as half of it is high: one pixel across is one pixel down.
    let wide = width.min(columns).min(rows * 2 * width / height).max(1);
    let high = (height * wide / width).div_ceil(2).clamp(1, rows);
    let pixel = |x: usize, y: usize| {
        let row = preview.rows.get(y * height / (high * 2));
        let [red, green, blue] = row.and_then(|row| row.get(x * width / wide)).copied().unwrap_or_default();
        Color::Rgb(red, green, blue)
    };
    let line = |y: usize| {
        let cell = |x| Span::styled("▀", Style::new().fg(pixel(x, y * 2)).bg(pixel(x, y * 2 + 1)));
        Line::from((0..wide).map(cell).collect::<Vec<_>>())
    };
    (0..high).map(line).collect()
}
