//! The account in popups: its devices, its username, the way to the server, the line for a proxy, and the question before signing out.
//!
//! The link of a proxy may hold a password, so nothing of it is shown while it is written but how long it is.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::layout::{inset, split_bottom};
use super::super::paint::Canvas;
use super::super::{names, story, symbols};
use super::question;
use crate::engine::Device;
use crate::engine::entrance::Hidden;
use crate::tui::commands::{bound_chats, username};
use crate::tui::model::Model;
use crate::tui::text::{safe_line, width};
use crate::tui::theme::Role;
use crate::tui::words::account;
use crate::tui::words::sign_in::sentence;

/// Columns of the pages.
const COLUMNS: u16 = 60;

/// Rows of a device: what it is, its program, where it is.
const ROWS: usize = 3;

/// Chats that are named before signing out; the rest is counted.
const NAMED: usize = 6;

pub fn devices(canvas: &mut Canvas, model: &Model, screen: Rect, selected: usize, keys: bool) {
    const TITLE: &str = "Devices of your account";
    let Some(devices) = &model.devices else {
        let words = vec![(Role::Dim, "Asking the server.".to_owned())];
        return page(canvas, model, screen, TITLE, &words, keys);
    };
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, TITLE).0 + 2));
    let rows = u16::try_from(devices.len() * ROWS).unwrap_or(u16::MAX).saturating_add(u16::from(keys));
    let area = super::open(canvas, screen, None, (columns + 2, rows), TITLE);
    let (area, answers) = split_bottom(area, u16::from(keys));
    let height = usize::from(area.height).max(1);
    let first = ((selected + 1) * ROWS).saturating_sub(height).min(selected * ROWS);
    let lines = devices.iter().enumerate().flat_map(|(place, device)| {
        let chosen = place == selected;
        device_lines(canvas, model, device).into_iter().map(move |line| (chosen, line)).collect::<Vec<_>>()
    });
    let lines: Vec<(bool, DeviceLine)> = lines.collect();
    for (y, (chosen, (left, right))) in (area.top()..area.bottom()).zip(lines.into_iter().skip(first)) {
        let row = Rect { y, height: 1, ..area };
        let head = !right.is_empty();
        canvas.row(inset(row, 1, 1), left, right);
        if chosen && head {
            canvas.restyle(row, Role::Selected);
        }
    }
    question::answers(canvas, model, inset(answers, 1, 1));
}

type DeviceLine = (Line<'static>, Vec<Line<'static>>);

fn device_lines(canvas: &Canvas, model: &Model, device: &Device) -> [DeviceLine; ROWS] {
    let symbols = symbols::of(canvas.theme);
    let name = account::device_name(device);
    let own = if device.own { format!("{name} {} this device", symbols.dot) } else { name };
    let role = if device.receives { Role::Green } else { Role::Amber };
    let short = if device.receives { "receives" } else { "receives none" };
    let receives = [account::receives(device), short].map(|words| Line::from(canvas.span(role, words)));
    let dim = |words: String| Line::from(canvas.span(Role::Dim, format!("  {words}")));
    [
        (Line::from(canvas.span(Role::Strong, own)), receives.to_vec()),
        (dim(account::program(device)), Vec::new()),
        (dim(account::whereabouts(device, model.now_ms, &model.zone)), Vec::new()),
    ]
}

/// How the connection is, why, and on which way.
pub fn connection(canvas: &mut Canvas, model: &Model, screen: Rect, keys: bool) {
    let mut words: Vec<(Role, String)> = Vec::new();
    if let Some(why) = &model.signed_out {
        // What follows from it is said below.
        let first = why.split(". ").next().unwrap_or(why);
        words.push((Role::Red, sentence(first)));
        words.push((Role::Text, account::signed_out(&model.profile)));
    } else {
        let lines = account::connection(&model.connection, &model.zone);
        words.extend(lines.into_iter().map(|line| (Role::Text, line)));
    }
    words.push((Role::Dim, String::new()));
    words.push((Role::Dim, format!("The way to the server: {}.", account::proxy(model.proxy.as_deref()))));
    page(canvas, model, screen, "Connection", &words, keys);
}

/// The line for a proxy: as many dots as there are characters.
pub fn proxy(canvas: &mut Canvas, model: &Model, screen: Rect, typed: &Hidden, keys: bool) {
    let mask = if canvas.theme.ascii { "*" } else { "·" };
    let columns = usize::from(COLUMNS.min(screen.width)).saturating_sub(8).max(1);
    let length = width(typed.expose()).min(columns);
    let bar = symbols::of(canvas.theme).bar;
    let words = vec![
        (
            Role::Text,
            "Write or paste socks5://user:password@host:port, or a tg://proxy link. It is not shown."
                .to_owned(),
        ),
        (Role::Dim, account::no_proxy(model.proxy.as_deref())),
    ];
    let line = format!("> {}{bar}", mask.repeat(length));
    form(canvas, model, screen, "Proxy", &words, &line, keys);
}

/// The line for a username.
pub fn username(canvas: &mut Canvas, model: &Model, screen: Rect, typed: &str, keys: bool) {
    let bar = symbols::of(canvas.theme).bar;
    let typed = safe_line(typed);
    let words = vec![
        (Role::Text, account::USERNAME.to_owned()),
        (Role::Dim, account::username_now(username::own(model))),
    ];
    let line = format!("> @{}{bar}", typed.strip_prefix('@').unwrap_or(&typed));
    form(canvas, model, screen, "Username", &words, &line, keys);
}

/// What is lost by signing out, and the ways to do it.
pub fn sign_out(canvas: &mut Canvas, model: &Model, screen: Rect) {
    let chats = bound_chats(model);
    let mut words = vec![(Role::Strong, "Sign out this device?".to_owned())];
    if chats.is_empty() {
        words.push((Role::Text, "No secret chat is open here. What was written stays readable.".to_owned()));
    } else {
        let with = chats.iter().filter_map(|chat| model.chats.get(chat));
        let mut names: Vec<String> = with.map(|chat| names::full(model, chat.view.user)).collect();
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let list = format!("These secret chats end with it: {}{more}.", names.join(", "));
        words.push((Role::Amber, list));
        words.push((
            Role::Text,
            "Closed properly, the other side is told; left alone, they go on writing to a device that is gone. What was written stays readable here."
                .to_owned(),
        ));
    }
    page(canvas, model, screen, "", &words, true);
}

/// Paragraphs in a box, and the keys below them.
fn page(canvas: &mut Canvas, model: &Model, screen: Rect, title: &str, words: &[(Role, String)], keys: bool) {
    let words = words.to_vec();
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, title).0 + 2));
    let gap = u16::from(screen.height > 12);
    let rows = story::height(&words, columns) + if keys { 1 + gap } else { 0 };
    let area = super::open(canvas, screen, None, (columns + 2, rows), title);
    let (above, answers) = split_bottom(inset(area, 1, 1), u16::from(keys));
    story::paragraphs(canvas, above, &words);
    question::answers(canvas, model, answers);
}

/// As [`page`], with a line that is typed into: it stays in sight where the words do not.
fn form(
    canvas: &mut Canvas,
    model: &Model,
    screen: Rect,
    title: &str,
    words: &[(Role, String)],
    line: &str,
    keys: bool,
) {
    let words = words.to_vec();
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, title).0 + 2));
    let gap = u16::from(screen.height > 12);
    let rows = story::height(&words, columns) + gap + 1 + u16::from(keys);
    let area = super::open(canvas, screen, None, (columns + 2, rows), title);
    let (above, answers) = split_bottom(inset(area, 1, 1), u16::from(keys));
    let (above, field) = split_bottom(above, 1);
    story::paragraphs(canvas, split_bottom(above, gap).0, &words);
    canvas.line(field, Line::from(canvas.span(Role::Rose, line.to_owned())));
    question::answers(canvas, model, answers);
}
