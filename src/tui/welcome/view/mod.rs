//! Pictures of the welcome: one question in the middle of the pane, the way to the server above it, the keys below.
//!
//! Pure, like the messenger's views. Every paragraph passes one gate that makes it safe, since hints, numbers and reasons come from a
//! server. Where rows are few, empty lines go first, then explanations, then the heading: what is asked and what went wrong stay.

mod page;
mod pile;
pub(super) mod terms;
mod wordmark;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::model::{Ask, Form, Model, Page};
use super::{keys, qr};
use crate::engine::Connection;
use crate::tui::keys::Hint;
use crate::tui::text::{and_more, safe_line, wrap};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::layout::{inset, split_bottom, split_top};
use crate::tui::view::paint::{Canvas, line_width};
use crate::tui::view::symbols;
use crate::tui::words::{self, sign_in as say, time};

/// Fewer columns or rows than this take one sentence.
const LEAST: (u16, u16) = (20, 5);

/// Rows from which on there is a header, a rule below it, and hints.
const HEADER_FROM: u16 = 10;
const RULE_FROM: u16 = 24;
const HINTS_FROM: u16 = 12;

/// Columns from which on the header says which server it is.
const SERVER_FROM: u16 = 60;

/// Longer lines are tiring to read.
const MEASURE: u16 = 68;

/// Draws the screen, and says when something of it will no longer be true (Unix milliseconds), if anything is counted down.
pub fn draw(model: &Model, theme: &Theme, frame: &mut Frame) -> Option<i64> {
    let screen = frame.area();
    let mut canvas = Canvas { theme, buffer: frame.buffer_mut(), until: None };
    if screen.width < LEAST.0 || screen.height < LEAST.1 {
        too_small(&mut canvas, screen);
        return None;
    }
    let Parts { header, rule, body, foot, demanded } = parts(&canvas, model, screen);
    draw_header(&mut canvas, model, header);
    if rule.height > 0 {
        let symbol = symbols::of(theme).horizontal;
        canvas.rule(rule, symbol);
    }
    let cursor = draw_body(&mut canvas, model, body);
    draw_foot(&mut canvas, model, foot, demanded);
    canvas.part_clusters();
    let until = canvas.until;
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    until
}

/// The parts of the screen from top to bottom.
struct Parts {
    header: Rect,
    rule: Rect,
    body: Rect,
    foot: Rect,
    /// What stands in the foot above the hints.
    demanded: Vec<Line<'static>>,
}

fn parts(canvas: &Canvas, model: &Model, screen: Rect) -> Parts {
    let (header, rest) = split_top(screen, u16::from(screen.height >= HEADER_FROM));
    let (rule, rest) = split_top(rest, u16::from(screen.height >= RULE_FROM));
    let demanded = demanded(canvas, model, screen);
    let hints = u16::from(screen.height >= HINTS_FROM);
    let rows = u16::try_from(demanded.len()).unwrap_or_default();
    let (body, foot) = split_bottom(rest, hints + rows);
    Parts { header, rule, body, foot, demanded }
}

fn too_small(canvas: &mut Canvas, screen: Rect) {
    let sentence = "subrosa: welcome, pane too small";
    for (y, line) in (screen.top()..screen.bottom()).zip(wrap(sentence, usize::from(screen.width))) {
        canvas.line(Rect { y, height: 1, ..screen }, Line::from(canvas.span(Role::Text, line)));
    }
}

/// Whose sign-in this is and where, and the way to the server.
fn draw_header(canvas: &mut Canvas, model: &Model, area: Rect) {
    if area.is_empty() {
        return;
    }
    let dot = symbols::of(canvas.theme).dot;
    let mut about = format!(" {dot} {}", safe_line(model.profile().unwrap_or("welcome")));
    if let Some(server) = model.chosen.server.as_ref().filter(|_| area.width >= SERVER_FROM) {
        about.push_str(&format!(" {dot} {}", safe_line(&server.address)));
    }
    let left = Line::from(vec![canvas.span(Role::Rose, "subrosa"), canvas.span(Role::Dim, about)]);
    let right = connection(canvas, model);
    canvas.row(inset(area, 1, 1), left, right);
}

/// The way to the server in words, the longest form first; a pause is counted down.
fn connection(canvas: &mut Canvas, model: &Model) -> Vec<Line<'static>> {
    let Some(connection) = &model.connection else { return Vec::new() };
    let (role, forms) = match connection {
        Connection::Online | Connection::Syncing => (Role::Dim, vec!["connected".to_owned()]),
        Connection::Waiting { until_unix_ms, reason } => {
            let (left, until) = time::countdown(*until_unix_ms, model.now_ms);
            canvas.true_until((*until_unix_ms > model.now_ms).then_some(until));
            let long = format!("no connection ({reason}), next try in {left}");
            (
                Role::Amber,
                vec![long, format!("no connection, next try in {left}"), format!("offline, {left}")],
            )
        }
        Connection::Refused(_) => (Role::Red, vec!["not connected: needs you".into(), "offline".into()]),
        other => (Role::Amber, words::connection(other, &model.zone)),
    };
    forms.into_iter().map(|form| Line::from(canvas.span(role, safe_line(&form)))).collect()
}

/// What the server demands, in full if a third of the screen holds it.
fn demanded(canvas: &Canvas, model: &Model, screen: Rect) -> Vec<Line<'static>> {
    let Some(Connection::Refused(sentence)) = &model.connection else { return Vec::new() };
    let (columns, most) = (usize::from(screen.width.saturating_sub(2)), usize::from(screen.height / 3));
    let sentence = safe_line(&say::sentence(sentence));
    let mut lines: Vec<String> = wrap(&sentence, columns).into_iter().map(str::to_owned).collect();
    let more = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut().filter(|_| more) {
        *last = and_more(last, columns);
    }
    lines.into_iter().map(|line| Line::from(canvas.span(Role::Red, line))).collect()
}

fn draw_foot(canvas: &mut Canvas, model: &Model, area: Rect, demanded: Vec<Line<'static>>) {
    let columns = usize::from(area.width.saturating_sub(2));
    let hints = hints(canvas, &keys::hints(model), columns);
    for (y, line) in (area.top()..area.bottom()).zip(demanded.into_iter().chain([hints])) {
        canvas.line(inset(Rect { y, height: 1, ..area }, 1, 1), line);
    }
}

/// As many hints as fit, each whole; the last one leads out and keeps its place.
fn hints(canvas: &Canvas, hints: &[Hint], columns: usize) -> Line<'static> {
    let dot = symbols::of(canvas.theme).dot;
    let line = |hints: &[&Hint]| -> Line<'static> {
        let mut spans = Vec::new();
        for hint in hints {
            if !spans.is_empty() {
                spans.push(canvas.span(Role::Dim, format!(" {dot} ")));
            }
            spans.push(canvas.span(Role::Strong, hint.keys.clone()));
            spans.push(canvas.span(Role::Dim, format!(" {}", hint.words)));
        }
        Line::from(spans)
    };
    let way_out = hints.iter().rposition(|hint| hint.keys == "Esc").unwrap_or(hints.len().saturating_sub(1));
    let mut kept: Vec<usize> = Vec::new();
    for place in [way_out].into_iter().chain(0..hints.len()) {
        let mut with: Vec<usize> = kept.iter().copied().chain([place]).collect();
        with.sort_unstable();
        with.dedup();
        let shown: Vec<&Hint> = with.iter().filter_map(|place| hints.get(*place)).collect();
        if line_width(&line(&shown)) <= columns {
            kept = with;
        }
    }
    line(&kept.iter().filter_map(|place| hints.get(*place)).collect::<Vec<_>>())
}

/// The page itself; where the cursor is.
fn draw_body(canvas: &mut Canvas, model: &Model, area: Rect) -> Option<Position> {
    if let Page::Qr { link, expires_ms } = &model.page {
        draw_qr(canvas, model, area, link.expose(), *expires_ms);
        return None;
    }
    if let Page::Terms(reading) = &model.page {
        terms::draw(canvas, model, reading, area);
        return None;
    }
    // What is said keeps its distance from the keys.
    let (area, _) = split_bottom(area, u16::from(model.size.1 >= HINTS_FROM));
    let column = column(area);
    let named = model.size.1 < HEADER_FROM;
    let mut pile = page::pile(canvas, model, usize::from(column.width), named);
    let mark = wordmark::lines(canvas.theme);
    let room = pile.rows() + mark.len() < usize::from(area.height) && area.width >= 60;
    let marked = room && matches!(model.page, Page::Choice(_));
    let rows = pile.rows() + if marked { mark.len() + 1 } else { 0 };
    let free = usize::from(area.height).saturating_sub(rows);
    let top = match model.page {
        _ if area.height < HEADER_FROM => 0,
        Page::Choice(_) => (free / 3).max(usize::from(free > 0)),
        // Always at the same height, so that nothing moves when something is said below.
        _ => usize::from(area.height / 5).min(free),
    };
    let (_, mut place) = split_top(column, u16::try_from(top).unwrap_or_default());
    if marked {
        for line in mark {
            canvas.line(place, Line::from(canvas.span(Role::Rose, line)));
            (_, place) = split_top(place, 1);
        }
        (_, place) = split_top(place, 1);
    }
    pile.fit(usize::from(place.height));
    pile.draw(canvas, place)
}

/// Where the question stands: in the middle of a wide pane, at the left of a narrow one.
fn column(area: Rect) -> Rect {
    match area.width {
        ..30 => inset(area, 0, 0),
        30..60 => inset(area, 1, 1),
        width => {
            let taken = MEASURE.min(width.saturating_sub(6));
            Rect { x: area.x + (width - taken) / 2, width: taken, ..area }
        }
    }
}

/// The link for another device's camera, and beside or above it what to do with it.
fn draw_qr(canvas: &mut Canvas, model: &Model, area: Rect, link: &str, expires_ms: i64) {
    let look = qr::Look::of(canvas.theme);
    let Some(modules) = qr::Modules::of(link) else { return };
    let (wide, high) = (usize::from(area.width), usize::from(area.height));
    let Some(text) = modules.text(look, wide, high) else {
        let (columns, rows) = modules.least(look);
        let [columns, rows] = [columns, rows].map(|cells| u16::try_from(cells).unwrap_or(u16::MAX));
        let column = column(area);
        let mut pile = page::no_room(canvas, usize::from(column.width), (columns, pane_for(rows)));
        pile.fit(high);
        let top = high.saturating_sub(pile.rows()) / 3;
        let (_, place) = split_top(column, u16::try_from(top).unwrap_or_default());
        pile.draw(canvas, place);
        return;
    };
    let (columns, rows) = (text.lines.first().map_or(0, line_width), text.lines.len());
    let beside = wide.saturating_sub(columns + 6).min(44);
    let left =
        u16::try_from(if beside >= 22 { (wide - columns - beside - 3) / 2 } else { (wide - columns) / 2 });
    let left = area.x + left.unwrap_or_default();
    let top = area.y + u16::try_from((high - rows) / 2).unwrap_or_default();
    for (y, line) in (top..area.bottom()).zip(text.lines) {
        let width = u16::try_from(columns).unwrap_or(area.width);
        canvas.buffer.set_line(left, y, &line, width);
    }
    if beside >= 22 {
        let x = left + u16::try_from(columns + 3).unwrap_or_default();
        let place =
            Rect { x, y: top, width: u16::try_from(beside).unwrap_or_default(), height: area.bottom() - top };
        let mut pile = page::qr(canvas, model, beside, expires_ms);
        pile.fit(usize::from(place.height));
        let middle = usize::from(place.height).saturating_sub(pile.rows()) / 2;
        let (_, place) = split_top(place, u16::try_from(middle).unwrap_or_default());
        pile.draw(canvas, place);
    }
}

/// Rows of the pane whose body has so many.
fn pane_for(body: u16) -> u16 {
    let around = |rows: u16| {
        u16::from(rows >= HEADER_FROM) + u16::from(rows >= RULE_FROM) + u16::from(rows >= HINTS_FROM)
    };
    (body..u16::MAX).find(|rows| rows - around(*rows) >= body).unwrap_or(u16::MAX)
}

/// The form on the page, if it is one that asks for something.
fn form(model: &Model) -> Option<(&Form, &Ask)> {
    match &model.page {
        Page::Form(form) => Some((form, &form.ask)),
        _ => None,
    }
}
