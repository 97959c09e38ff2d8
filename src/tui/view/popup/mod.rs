//! The one thing over everything else: a menu, a question, the key, the timers, the help.
//!
//! A popup is the only box of the screen. It stands at the place it speaks of, is never larger than the screen, and where there is no
//! room for a border it has none: there it takes all columns, and all rows down to its end, so that nothing is read beside or below it.

mod account;
mod attach;
mod content;
mod info;
mod key;
mod lists;
mod question;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use super::layout::{Plan, inset, split_top};
use super::paint::Canvas;
use crate::tui::model::{Model, Popup};
use crate::tui::theme::Role;

/// Fewer rows or columns than this leave no room for a border.
const BORDER_FROM: (u16, u16) = (30, 10);

/// So few columns beside a popup show only the ends of words.
const MARGIN: u16 = 10;

/// Fewer rows than this leave none for a title.
const TITLE_FROM: u16 = 6;

pub fn draw(canvas: &mut Canvas, model: &Model, plan: &Plan, screen: Rect) {
    // The hints stay in sight: they say what the popup's keys are.
    let place = Rect { height: screen.height.saturating_sub(plan.foot.height), ..screen };
    match &model.popup {
        None => {}
        Some(Popup::Menu(menu)) => lists::menu(canvas, model, plan, place, menu),
        Some(Popup::Confirm(confirm)) => question::draw(canvas, model, place, confirm),
        Some(Popup::Key(chat)) => key::draw(canvas, model, place, *chat, plan.foot.is_empty()),
        Some(Popup::Info { of, skipped }) => {
            info::draw(canvas, model, place, *of, *skipped, plan.foot.is_empty());
        }
        Some(Popup::Links { links, selected }) => {
            content::links(canvas, model, place, links, *selected, plan.foot.is_empty());
        }
        Some(Popup::File { chat, random_id, preview }) => {
            let of = (*chat, *random_id);
            content::file(canvas, model, place, of, preview.as_ref(), plan.foot.is_empty());
        }
        Some(Popup::Attach(form)) => attach::draw(canvas, model, place, form, plan.foot.is_empty()),
        Some(Popup::Devices { selected }) => {
            account::devices(canvas, model, place, *selected, plan.foot.is_empty());
        }
        Some(Popup::Connection) => account::connection(canvas, model, place, plan.foot.is_empty()),
        Some(Popup::Proxy(typed)) => account::proxy(canvas, model, place, typed, plan.foot.is_empty()),
        Some(Popup::Username(typed)) => {
            account::username(canvas, model, place, typed, plan.foot.is_empty());
        }
        Some(Popup::SignOut) => account::sign_out(canvas, model, place),
        Some(Popup::Help(skipped)) => lists::help(canvas, place, usize::from(*skipped)),
        Some(Popup::Timer { chat, selected }) => lists::timers(canvas, model, plan, place, *chat, *selected),
    }
}

/// Columns and rows that a popup takes besides what is in it: a border, or for one with a title alone a row.
fn frame(screen: Rect, title: &str) -> (u16, u16) {
    match (has_border(screen), title.is_empty()) {
        (true, _) => (2, 2),
        (false, false) if screen.height >= TITLE_FROM => (0, 1),
        (false, _) => (0, 0),
    }
}

fn has_border(screen: Rect) -> bool {
    screen.width >= BORDER_FROM.0 && screen.height >= BORDER_FROM.1
}

/// A box for so many columns and rows inside, as near to `at` as it can be; what is inside of it.
fn open(canvas: &mut Canvas, screen: Rect, at: Option<(u16, u16)>, inside: (u16, u16), title: &str) -> Rect {
    let frame = frame(screen, title);
    let width = inside.0.saturating_add(frame.0).min(screen.width);
    let height = inside.1.saturating_add(frame.1).min(screen.height);
    let above = if has_border(screen) { (screen.height - height) / 2 } else { 0 };
    let middle = (screen.x + (screen.width - width) / 2, screen.y + above);
    let (x, y) = at.unwrap_or(middle);
    let area = Rect { x: x.min(screen.right() - width), y: y.min(screen.bottom() - height), width, height };
    let bordered = has_border(screen);
    let area = if bordered || width + MARGIN < screen.width {
        area
    } else {
        Rect { width: screen.width, x: screen.x, ..area }
    };
    clear(canvas, if bordered { with_margins(area, screen) } else { downward(area, screen) });
    let (head, below) = split_top(area, frame.1.min(1));
    let inner = if bordered { border(canvas, area) } else { below };
    if !title.is_empty() && frame.1 > 0 {
        let (words, margin) = if bordered { (format!(" {title} "), 2) } else { (title.to_owned(), 1) };
        let words = Line::from(canvas.span(Role::Strong, words));
        canvas.line(inset(head, margin, margin), words);
    }
    inner
}

/// With an empty column on each side, where there is one, or with all columns to the edge where they are too few to be read.
fn with_margins(area: Rect, screen: Rect) -> Rect {
    let side = |columns: u16| if columns < MARGIN { columns } else { 1 };
    let left = side(area.x - screen.x);
    let right = side(screen.right() - area.right());
    Rect { x: area.x - left, width: left + area.width + right, ..area }
}

/// All columns, and all rows from its first to the last of the screen.
fn downward(area: Rect, screen: Rect) -> Rect {
    Rect { y: area.y, height: screen.bottom() - area.y, ..screen }
}

/// Draws a border; what is inside of it.
fn border(canvas: &mut Canvas, area: Rect) -> Rect {
    let style = canvas.theme.style(Role::Rose);
    let mut block = Block::bordered().border_type(BorderType::Rounded).border_style(style);
    if canvas.theme.ascii {
        block = block.border_set(ASCII_BORDER);
    }
    let inner = block.inner(area);
    block.render(area, canvas.buffer);
    inner
}

/// Empties the cells below a popup, and the second half of a wide character that its left edge would cut.
fn clear(canvas: &mut Canvas, area: Rect) {
    for y in area.top()..area.bottom() {
        let Some(x) = area.x.checked_sub(1) else { break };
        if let Some(cell) =
            canvas.buffer.cell_mut((x, y)).filter(|cell| crate::tui::text::width(cell.symbol()) > 1)
        {
            cell.set_symbol(" ");
        }
    }
    Clear.render(area, canvas.buffer);
    canvas.buffer.set_style(area, Style::reset());
}

const ASCII_BORDER: ratatui::symbols::border::Set = ratatui::symbols::border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};
