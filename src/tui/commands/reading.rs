//! Up and down in the messages, through tall ones in pieces, and on into older history.
//!
//! How many rows a message takes is the view's matter; here it is guessed, rather too many than too few, so that no page leaves out a line.
//! The view bounds what is skipped of a message by what there is.

use super::name_of;
use super::open::read_older;
use crate::engine::{Body, Message};
use crate::tui::model::{Chat, Focus, History, Model, Scroll};
use crate::tui::msg::Effect;
use crate::tui::text::{safe_text, width, wrap};
use crate::tui::words::story;

/// Rows of the terminal that are not the messages': header, title, rules, composer, hints.
const CHROME: u16 = 6;

/// Columns beside a message's text.
const MARGIN: u16 = 4;

/// Rows above a message of another sender than the one before: an empty one and the name.
const HEAD: u16 = 2;

/// Rows of a file besides its caption: what it is, its loudness, how far it has come.
const FILE: u16 = 3;

/// Rows below a story that name its letters: at most three and a gap.
const LETTERS: u16 = 4;

/// The room that messages have, in cells.
struct Pane {
    columns: usize,
    rows: u16,
}

/// Towards the newest message or the oldest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Down,
    Up,
}

/// One message further, or half a pane within a tall one.
pub(super) fn step(model: &mut Model, way: Way) -> Vec<Effect> {
    travel(model, way, 0)
}

/// A pane further.
pub(super) fn page(model: &mut Model, way: Way) -> Vec<Effect> {
    let rows = Pane::of(model).rows;
    travel(model, way, rows)
}

/// To the oldest message in memory.
pub(super) fn to_first(model: &mut Model) -> Vec<Effect> {
    let count = model.open_chat().map_or(0, |chat| chat.history.messages.len());
    put(model, Scroll { selected: (count > 1).then_some(0), skipped: 0 });
    read_older(model)
}

/// To the newest, and on with it.
pub(super) fn to_last(model: &mut Model) -> Vec<Effect> {
    put(model, Scroll::default());
    Vec::new()
}

fn put(model: &mut Model, to: Scroll) {
    if let Focus::Messages(scroll) = &mut model.focus {
        *scroll = to;
    }
}

/// At least one step; more as long as not more than `rows` are passed.
fn travel(model: &mut Model, way: Way, rows: u16) -> Vec<Effect> {
    let (Some(chat), Focus::Messages(start)) = (model.open_chat(), model.focus) else { return Vec::new() };
    let pane = Pane::of(model);
    if chat.history.messages.is_empty() {
        let lines = pane.story_lines(model, chat);
        put(model, pane.scrolled_story(start, way, rows, lines));
        return Vec::new();
    }
    let mut here = start;
    let mut passed = 0;
    while let Some((next, cost)) = pane.next(&chat.history, here, way) {
        passed += cost;
        if here != start && passed > rows {
            break;
        }
        here = next;
        if passed >= rows {
            break;
        }
    }
    put(model, here);
    let top = here == Scroll { selected: Some(0), skipped: 0 } || here == start;
    if way == Way::Up && top { read_older(model) } else { Vec::new() }
}

impl Pane {
    fn of(model: &Model) -> Pane {
        let (columns, rows) = model.size;
        let conversation = if model.narrow() { columns } else { columns - columns / 3 };
        let columns = usize::from(conversation.saturating_sub(MARGIN).max(1));
        Pane { columns, rows: rows.saturating_sub(CHROME).max(1) }
    }

    /// How long the story is that stands where there are no messages, with the letters below it.
    fn story_lines(&self, model: &Model, chat: &Chat) -> u16 {
        let person = model.people.get(&chat.view.user);
        let name = name_of(model, chat.view.user);
        let story = story::chat(&chat.view, person, &name, &model.connection);
        let lines: usize = story.iter().map(|(_, words)| wrap(words, self.columns).len().max(1)).sum();
        u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(LETTERS)
    }

    /// A story is read line by line; the view knows best where it ends.
    fn scrolled_story(&self, here: Scroll, way: Way, rows: u16, lines: u16) -> Scroll {
        let (step, most) = (rows.max(1), lines.saturating_sub(self.rows));
        let skipped = match way {
            Way::Down => here.skipped.saturating_add(step).min(most),
            Way::Up => here.skipped.saturating_sub(step),
        };
        Scroll { selected: None, skipped }
    }

    /// The next place, and how many rows lie between.
    fn next(&self, history: &History, here: Scroll, way: Way) -> Option<(Scroll, u16)> {
        let last = history.messages.len().checked_sub(1)?;
        let at = here.selected.unwrap_or(last).min(last);
        let most = self.most_skipped(history, at);
        let skipped = if here.selected.is_none() { most } else { here.skipped.min(most) };
        let half = (self.rows / 2).max(1);
        match way {
            Way::Down if here.selected.is_none() => None,
            Way::Down if skipped < most => {
                let down = most.min(skipped + half);
                Some((place(last, at, down, most), down - skipped))
            }
            Way::Down if at == last => Some((Scroll::default(), 0)),
            Way::Down => {
                let most_there = self.most_skipped(history, at + 1);
                Some((place(last, at + 1, 0, most_there), self.height(history, at).min(self.rows)))
            }
            Way::Up if skipped > 0 => {
                let up = skipped.saturating_sub(half);
                Some((Scroll { selected: Some(at), skipped: up }, skipped - up))
            }
            Way::Up => {
                let above = at.checked_sub(1)?;
                let skipped = self.most_skipped(history, above);
                let cost = self.height(history, above).min(self.rows);
                Some((Scroll { selected: Some(above), skipped }, cost))
            }
        }
    }

    /// How much of a message can be above the pane with its end at the pane's bottom.
    fn most_skipped(&self, history: &History, at: usize) -> u16 {
        self.height(history, at).saturating_sub(self.rows)
    }

    /// Rows of a message with its head, if it has one.
    fn height(&self, history: &History, at: usize) -> u16 {
        let Some(message) = history.messages.get(at) else { return 0 };
        let before = at.checked_sub(1).and_then(|before| history.messages.get(before));
        let head = if before.is_some_and(|before| before.direction == message.direction) { 0 } else { HEAD };
        head.saturating_add(self.text_rows(message))
    }

    fn text_rows(&self, message: &Message) -> u16 {
        let words = message.body.words().map(|words| safe_text(&words.plain)).unwrap_or_default();
        let rows = words.lines().map(|line| self.line_rows(line)).sum::<usize>().max(1);
        let more = match &message.body {
            Body::Text(_) => 0,
            Body::File(_) => FILE,
            _ => 1,
        };
        let quote = u16::from(message.reply_to.is_some());
        u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(more + quote)
    }

    /// Words do not fill their rows: a quarter more cells than there are.
    fn line_rows(&self, line: &str) -> usize {
        match width(line) {
            fits if fits <= self.columns => 1,
            cells => (cells + cells / 4).div_ceil(self.columns),
        }
    }
}

/// The end of the newest message is the newest, and stays it.
fn place(last: usize, at: usize, skipped: u16, most: u16) -> Scroll {
    if at == last && skipped >= most { Scroll::default() } else { Scroll { selected: Some(at), skipped } }
}
