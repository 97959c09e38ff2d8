//! The title of the conversation: who it is with, in which state, and whether they are there.
//!
//! It is the line to be read from two metres. In one pane it also stands for the header, and says what is unread elsewhere and
//! whether the connection is gone.

use ratatui::text::{Line, Span};

use super::layout::{self, Plan};
use super::paint::{Canvas, line_width};
use super::{header, names, symbols};
use crate::engine::{ChatState, Connection, UserId};
use crate::tui::model::{Chat, Focus, Model, Open};
use crate::tui::theme::Role;
use crate::tui::words;

/// For how long somebody is taken to be typing after the server said so, milliseconds: Telegram's clients say it anew after five seconds.
const TYPING_MS: i64 = 6_000;

pub fn draw(canvas: &mut Canvas, model: &Model, plan: &Plan) {
    let Some(open) = model.open.filter(|_| !plan.title.is_empty()) else { return };
    let symbols = symbols::of(canvas.theme);
    let focused = model.focus != Focus::List;
    let bar = canvas.span(Role::Rose, if focused { symbols.bar } else { " " });
    let area = layout::inset(plan.title, 0, 1);
    let columns = usize::from(area.width);
    canvas.true_until(model.open_chat().and_then(|chat| typing_until(model, chat)));
    let mut forms = match open {
        Open::Chat(id) => match model.chats.get(&id) {
            Some(chat) => of_chat(canvas, model, chat),
            None => return,
        },
        Open::Person(user) => of_person(canvas, model, user),
    };
    for form in &mut forms.left {
        form.spans.insert(0, bar.clone());
    }
    let right = if plan.header.is_empty() { elsewhere(canvas, model, forms.right) } else { forms.right };
    let least_right = right.last().map(line_width).unwrap_or_default();
    let fitting = |form: &&Line| line_width(form) + 1 + least_right <= columns;
    let left = forms.left.iter().find(fitting).or(forms.left.last()).cloned().unwrap_or_default();
    canvas.row(area, left, right);
}

/// Both parts of a title, each from the longest form to the shortest.
struct Forms {
    left: Vec<Line<'static>>,
    right: Vec<Line<'static>>,
}

fn of_chat(canvas: &Canvas, model: &Model, chat: &Chat) -> Forms {
    let symbols = symbols::of(canvas.theme);
    let view = &chat.view;
    let (symbol, role) = symbols.state(&view.state);
    let short = names::short(model, view.user);
    let state = words::title(view, &short, &model.zone);
    let mut words = vec![canvas.span(Role::Text, "  ")];
    let mut mark = vec![];
    match view.state {
        ChatState::Ready { verified: true } => {
            mark = vec![canvas.span(Role::Green, format!(" {}", symbols.verified))];
            words = vec![canvas.span(Role::Green, format!("  {} {state}", symbols.verified))];
        }
        ChatState::Ready { verified: false } => words.push(canvas.span(Role::Dim, state)),
        _ => words.push(canvas.span(role, state)),
    }
    let line = |name: &str, rest: &[Span<'static>]| {
        let head = [canvas.span(role, symbol), canvas.span(Role::Strong, format!(" {name}"))];
        Line::from(head.into_iter().chain(rest.iter().cloned()).collect::<Vec<_>>())
    };
    let full = names::full(model, view.user);
    let left = vec![line(&full, &words), line(&short, &words), line(&full, &mark), line(&short, &mark)];
    Forms { left, right: right_of_chat(canvas, model, chat) }
}

/// Timer and presence; presence goes first, then the timer.
fn right_of_chat(canvas: &Canvas, model: &Model, chat: &Chat) -> Vec<Line<'static>> {
    let view = &chat.view;
    if !chat.ready() {
        return vec![];
    }
    let timer = (view.ttl > 0).then(|| words::seconds(view.ttl));
    let long_timer = timer.as_ref().map(|timer| format!("timer {timer}"));
    let dot = format!(" {} ", symbols::of(canvas.theme).dot);
    let dim = |parts: [Option<&String>; 2]| {
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        Line::from(canvas.span(Role::Dim, parts.join(&dot)))
    };
    let there = if typing_until(model, chat).is_some() {
        let name = names::short(model, view.user);
        [format!("{name} is typing"), "typing".to_owned()].map(Some)
    } else {
        standing(model, view.user).1.map(|words| (!words.is_empty()).then_some(words))
    };
    let [long, short] = there;
    vec![
        dim([long_timer.as_ref(), long.as_ref()]),
        dim([timer.as_ref(), long.as_ref()]),
        dim([timer.as_ref(), short.as_ref()]),
        dim([timer.as_ref(), None]),
    ]
}

fn of_person(canvas: &Canvas, model: &Model, user: UserId) -> Forms {
    let name = |name: String| Line::from(canvas.span(Role::Strong, name));
    let left = vec![name(names::full(model, user)), name(names::short(model, user))];
    let (role, words) = standing(model, user);
    let right = words.map(|words| Line::from(canvas.span(role, words))).to_vec();
    Forms { left, right }
}

fn standing(model: &Model, user: UserId) -> (Role, [String; 2]) {
    let said = |person| words::people::standing(person, model.is_me(user), model.now_ms, &model.zone);
    model.people.get(&user).map_or((Role::Dim, Default::default()), said)
}

/// Until when somebody is taken to be typing, if they are now.
fn typing_until(model: &Model, chat: &Chat) -> Option<i64> {
    let when = chat.typing_ms.filter(|when| (0..TYPING_MS).contains(&(model.now_ms - when)))?;
    Some(when + TYPING_MS)
}

/// In one pane: what is unread elsewhere, or that there is no connection, behind what there was, then alone.
fn elsewhere(canvas: &Canvas, model: &Model, right: Vec<Line<'static>>) -> Vec<Line<'static>> {
    let unseen = model.unseen_elsewhere();
    let news: Vec<Line> = if model.connection != Connection::Online {
        header::connection(canvas, model)
    } else if unseen > 0 {
        [format!("{unseen} more unread"), format!("{unseen} new")]
            .map(|words| Line::from(canvas.span(Role::Rose, words)))
            .to_vec()
    } else {
        return right;
    };
    let dot = format!(" {} ", symbols::of(canvas.theme).dot);
    let both = |before: &Line<'static>, news: &Line<'static>| {
        let gap = if line_width(before) > 0 { canvas.span(Role::Dim, dot.clone()) } else { Span::raw("") };
        Line::from([before.spans.clone(), vec![gap], news.spans.clone()].concat())
    };
    let forms = right.iter().flat_map(|before| news.iter().map(|news| both(before, news)));
    forms.chain(news.iter().cloned()).collect()
}
