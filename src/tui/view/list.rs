//! The list pane: the search line, the secret chats, the contacts, and whoever a search has found.
//!
//! A chat has two lines: who and when, then what was last said or what is awaited. Everybody else has one. The selected row is always
//! in sight; which rows are around it follows from the selection alone, so that the same model gives the same list.

use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::layout::{inset, split_top};
use super::paint::Canvas;
use super::{names, symbols};
use crate::engine::{Body, ChatState, Direction, Message, Person, PersonKind, UserId};
use crate::tui::model::{Chat, Focus, Model, Open, Row};
use crate::tui::rows::{self, rows};
use crate::tui::text::{safe_line, width};
use crate::tui::theme::Role;
use crate::tui::words::{self, time};

/// Characters of a message that a row can need: no list is wider than this.
const PREVIEW: usize = 400;

/// Below the question to the server, while it is about a number.
const NAME_IT: &str = "or write a name behind it to put it on your contacts";

/// Columns before a name: the bar, the symbol, a space.
const INDENT: u16 = 3;

/// One line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Gap,
    Heading(Part),
    First(Row),
    Second(Row),
    /// What else can be done with a phone number.
    Note,
}

/// What a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Chats,
    Contacts,
    Found,
}

pub fn draw(canvas: &mut Canvas, model: &Model, area: Rect, compact: bool) {
    if area.is_empty() {
        return;
    }
    let rows = rows(model);
    let (search, body) = split_top(area, u16::from(search_shown(model, compact)));
    search_line(canvas, model, search);
    let mut items = items(&rows, compact);
    if rows.last() == Some(&Row::AskServer) && rows::lacks_name(model) {
        items.push(Item::Note);
    }
    let selected = selected(model, &rows);
    let top = top(&items, selected, usize::from(body.height));
    let contacts = rows.iter().filter(|row| matches!(row, Row::Contact(_))).count();
    for (y, item) in (body.top()..body.bottom()).zip(items.iter().skip(top)) {
        let line = Rect { y, height: 1, ..body };
        draw_item(canvas, model, *item, line, contacts);
        if is_of(*item, selected) {
            mark_selected(canvas, model, line);
        }
    }
    if rows.is_empty() {
        empty(canvas, model, body);
    }
}

/// Where the search line has its cursor, if it takes the keys.
pub fn cursor(model: &Model, area: Rect) -> Option<Position> {
    let typed = u16::try_from(width(&safe_query(model))).unwrap_or(u16::MAX);
    let x = area.x.saturating_add(INDENT).saturating_add(typed).min(area.right().saturating_sub(1));
    (model.list.searching && !area.is_empty()).then_some(Position { x, y: area.y })
}

/// The row of the screen where the row of the list that speaks of `open` is drawn.
pub fn row_of(model: &Model, area: Rect, compact: bool, open: Open) -> Option<u16> {
    let rows = rows(model);
    let (_, body) = split_top(area, u16::from(search_shown(model, compact)));
    let items = items(&rows, compact);
    let top = top(&items, selected(model, &rows), usize::from(body.height));
    let place = items.iter().position(|item| matches!(item, Item::First(row) if speaks_of(*row, open)))?;
    let y = u16::try_from(place.checked_sub(top)?).ok().filter(|y| *y < body.height)?;
    Some(body.y + y)
}

fn speaks_of(row: Row, open: Open) -> bool {
    match (row, open) {
        (Row::Chat(id), Open::Chat(other)) => id == other,
        (Row::Contact(user) | Row::Found(user), Open::Person(other)) => user == other,
        _ => false,
    }
}

/// The selected row, or while another pane has the focus the row of what is open there.
fn selected(model: &Model, rows: &[Row]) -> Option<Row> {
    let open = model.open.filter(|_| model.focus != Focus::List);
    let opened = open.and_then(|open| rows.iter().copied().find(|row| speaks_of(*row, open)));
    opened.or(model.list.selected).filter(|row| rows.contains(row))
}

fn search_shown(model: &Model, compact: bool) -> bool {
    !compact || model.list.searching || !model.list.query.is_empty()
}

fn items(rows: &[Row], compact: bool) -> Vec<Item> {
    let mut items = Vec::with_capacity(rows.len() * 2);
    let mut before = None;
    for &row in rows {
        let part = match row {
            Row::Chat(_) => Part::Chats,
            Row::Contact(_) => Part::Contacts,
            Row::Found(_) | Row::AskServer | Row::Import => Part::Found,
        };
        if before != Some(part) && !compact {
            items.push(Item::Gap);
            if !matches!(row, Row::AskServer | Row::Import) {
                items.push(Item::Heading(part));
            }
        }
        before = Some(part);
        items.push(Item::First(row));
        if matches!(row, Row::Chat(_)) {
            items.push(Item::Second(row));
        }
    }
    items
}

/// The first line in sight: the selected row is in the middle as long as there is something above and below.
fn top(items: &[Item], selected: Option<Row>, height: usize) -> usize {
    let last = items.iter().rposition(|item| is_of(*item, selected)).unwrap_or_default();
    let most = items.len().saturating_sub(height);
    last.saturating_sub(height / 2).min(most)
}

fn is_of(item: Item, row: Option<Row>) -> bool {
    matches!(item, Item::First(own) | Item::Second(own) if Some(own) == row)
}

fn mark_selected(canvas: &mut Canvas, model: &Model, line: Rect) {
    if model.focus == Focus::List {
        return canvas.restyle(line, Role::Selected);
    }
    let symbols = symbols::of(canvas.theme);
    let style = canvas.theme.style(Role::Rose);
    canvas.symbol(line.x, line.y, symbols.bar, style);
}

fn search_line(canvas: &mut Canvas, model: &Model, area: Rect) {
    let query = safe_query(model);
    let (mark, words) = match (model.list.searching, query.is_empty()) {
        (true, _) => (Role::Rose, canvas.span(Role::Text, query)),
        (false, false) => (Role::Dim, canvas.span(Role::Text, query)),
        (false, true) => (Role::Dim, canvas.span(Role::Dim, "search")),
    };
    let line = Line::from(vec![canvas.span(mark, " / "), words]);
    canvas.line(inset(area, 0, 1), line);
}

fn safe_query(model: &Model) -> String {
    safe_line(&model.list.query)
}

fn draw_item(canvas: &mut Canvas, model: &Model, item: Item, area: Rect, contacts: usize) {
    let row = inset(area, 0, 1);
    match item {
        Item::Gap => {}
        Item::Heading(part) => {
            let words = match part {
                Part::Chats => "SECRET CHATS".to_owned(),
                Part::Contacts => format!("CONTACTS {contacts}"),
                Part::Found => "FOUND ON TELEGRAM".to_owned(),
            };
            canvas.line(inset(row, 1, 0), Line::from(canvas.span(Role::Dim, words)));
        }
        Item::First(Row::Chat(id)) => {
            if let Some(chat) = model.chats.get(&id) {
                chat_first(canvas, model, chat, row);
            }
        }
        Item::Second(Row::Chat(id)) => {
            if let Some(chat) = model.chats.get(&id) {
                let line = chat_second(canvas, model, chat);
                canvas.line(inset(row, INDENT, 0), line);
            }
        }
        Item::First(Row::Contact(user)) => contact(canvas, model, user, row),
        Item::First(Row::Found(user)) => stranger(canvas, model, user, row),
        Item::First(Row::AskServer) => ask_server(canvas, model, row),
        Item::First(Row::Import) => import(canvas, model, row),
        Item::Note => offer(canvas, row, Role::Dim, &[NAME_IT, "a name saves it"].map(str::to_owned)),
        Item::Second(_) => {}
    }
}

fn chat_first(canvas: &mut Canvas, model: &Model, chat: &Chat, area: Rect) {
    let symbols = symbols::of(canvas.theme);
    let view = &chat.view;
    let (symbol, role) = symbols.state(&view.state);
    let loud = if chat.unseen > 0 { Role::Strong } else { Role::Text };
    let mut left = vec![
        Span::raw(" "),
        canvas.span(role, symbol),
        Span::raw(" "),
        canvas.span(loud, names::full(model, view.user)),
    ];
    if view.state == (ChatState::Ready { verified: true }) {
        left.push(canvas.span(Role::Green, format!(" {}", symbols.verified)));
    }
    let when = time::stamp(chat.last.as_ref().map_or(view.date, |last| last.date), model.now_ms, &model.zone);
    let timer = (view.ttl > 0 && chat.ready()).then(|| words::seconds(view.ttl));
    let new = match view.state {
        ChatState::Requested { left: false } => Some("new".to_owned()),
        _ => (chat.unseen > 0).then(|| format!("{} new", chat.unseen)),
    };
    let part = |role, words: Option<String>| words.map(|words| canvas.span(role, words));
    let (timer, new) = (part(Role::Dim, timer), part(Role::Rose, new));
    let when = part(Role::Dim, Some(when));
    let form = |parts: [&Option<Span<'static>>; 3], gap: &'static str| {
        let mut line = Line::default();
        for part in parts.into_iter().flatten() {
            if !line.spans.is_empty() {
                line.push_span(Span::raw(gap));
            }
            line.push_span(part.clone());
        }
        line
    };
    // The time gives way to the name, what is new does not.
    let right = vec![
        form([&timer, &new, &when], "  "),
        form([&None, &new, &when], "  "),
        form([&None, &new, &when], " "),
        form([&None, &new, &None], ""),
    ];
    canvas.row(area, Line::from(left), right);
}

fn chat_second(canvas: &Canvas, model: &Model, chat: &Chat) -> Line<'static> {
    let name = names::short(model, chat.view.user);
    let draft = chat.composer.lines().iter().find(|line| !line.trim().is_empty());
    if let Some(draft) = draft.filter(|_| chat.has_composer()) {
        let words = safe_line(&preview(draft));
        return Line::from(vec![canvas.span(Role::Rose, "draft: "), canvas.span(Role::Dim, words)]);
    }
    if model.blocked(chat.view.user) {
        return Line::from(canvas.span(Role::Amber, "blocked by you"));
    }
    let words = match chat.last.as_ref().filter(|_| chat.ready()) {
        Some(last) => said(last, &name),
        None => words::brief(&chat.view, &name),
    };
    Line::from(canvas.span(Role::Dim, words))
}

/// The newest message on one line.
fn said(last: &Message, name: &str) -> String {
    let words = words::content::line(last, name);
    match (last.direction, last.body.is_service() || matches!(last.body, Body::Unsupported(_))) {
        (Direction::Out, false) => format!("You: {words}"),
        _ => words,
    }
}

fn preview(text: &str) -> String {
    text.chars().take(PREVIEW).collect()
}

/// Whom a search has found: the username says more than when they were there.
fn stranger(canvas: &mut Canvas, model: &Model, user: UserId, area: Rect) {
    let Some(person) = model.people.get(&user) else { return };
    let left = marked(canvas, model, person);
    let (role, [_, word]) = words::people::standing(person, model.is_me(user), model.now_ms, &model.zone);
    let plain = person.kind == PersonKind::Human && !person.blocked && !model.is_me(user);
    let username =
        names::safe(person).username.map(|username| canvas.span(Role::Dim, format!("@{username}")));
    let word = canvas.span(role, word);
    let gap = Span::raw("  ");
    let right = match (username, plain) {
        (Some(username), true) => vec![Line::from(username)],
        (Some(username), false) => vec![Line::from(vec![word.clone(), gap, username]), Line::from(word)],
        (None, true) => vec![],
        (None, false) => vec![Line::from(word)],
    };
    canvas.row(area, left, right.into_iter().chain([Line::default()]).collect());
}

/// The name behind the shape of what somebody is, if they are no plain person.
fn marked(canvas: &Canvas, model: &Model, person: &Person) -> Line<'static> {
    let (symbol, role) = symbols::of(canvas.theme).person(person, model.is_me(person.id));
    let name = names::full(model, person.id);
    let text = if person.kind == PersonKind::Deleted { Role::Dim } else { Role::Text };
    Line::from(vec![Span::raw(" "), canvas.span(role, symbol), Span::raw(" "), canvas.span(text, name)])
}

/// The offer to ask the server, or what became of it.
fn ask_server(canvas: &mut Canvas, model: &Model, area: Rect) {
    let asked = model.list.found.as_ref().filter(|found| found.query == rows::query(model));
    let (role, forms) = match asked.map(|found| found.people.as_ref()) {
        Some(None) => (Role::Amber, ["asking Telegram".to_owned(), "asking".to_owned()]),
        Some(Some(_)) => (Role::Dim, ["Telegram knows nobody".to_owned(), "nobody".to_owned()]),
        None => {
            let long = format!("Search Telegram for {}", safe_query(model));
            (Role::Rose, [long, "Search Telegram".to_owned()])
        }
    };
    offer(canvas, area, role, &forms);
}

/// The offer to put a number on the contacts.
fn import(canvas: &mut Canvas, model: &Model, area: Rect) {
    let Some((phone, name)) = rows::import(model) else { return };
    let name = safe_line(&name);
    let number = words::sign_in::phone(&phone);
    let long = format!("Put {number} on your contacts as {name}");
    offer(canvas, area, Role::Rose, &[long, format!("Save as {name}"), "Save the number".to_owned()]);
}

/// The longest form that fits.
fn offer(canvas: &mut Canvas, area: Rect, role: Role, forms: &[String]) {
    let area = inset(area, INDENT, 0);
    let fits = forms.iter().find(|form| width(form) <= usize::from(area.width));
    let words = fits.or(forms.last()).cloned().unwrap_or_default();
    canvas.line(area, Line::from(canvas.span(role, words)));
}

fn contact(canvas: &mut Canvas, model: &Model, user: UserId, area: Rect) {
    let Some(person) = model.people.get(&user) else { return };
    let (role, [_, short]) = words::people::standing(person, model.is_me(user), model.now_ms, &model.zone);
    let time = short.strip_prefix("seen ").unwrap_or(&short).to_owned();
    let right = [short, time].map(|words| Line::from(canvas.span(role, words)));
    let left = marked(canvas, model, person);
    canvas.row(area, left, right.into_iter().chain([Line::default()]).collect());
}

/// What to do when there is nobody.
fn empty(canvas: &mut Canvas, model: &Model, area: Rect) {
    let words = match () {
        () if !model.restored => "reading ...",
        () if !model.list.query.is_empty() => "nobody of that name",
        () if model.narrow() && model.signed_out.is_none() => {
            "Nobody here yet. Search for a @username or a phone number."
        }
        () => "nobody here yet",
    };
    let story = vec![(Role::Dim, words.to_owned())];
    let (_, area) = split_top(area, u16::from(area.height > 3));
    super::story::paragraphs(canvas, inset(area, INDENT, 1), &story);
}
