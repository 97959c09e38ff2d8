//! What one message looks like: its head line, what it holds, its marks, what is left of its life, and the day above it.
//!
//! Consecutive messages of one sender share a head line; own ones are further in and rose, others bold. The marks of delivery stand on the
//! head line as long as they are the same for all below it, else behind each message. In compact panes each message begins with its
//! sender's name instead.

use std::cell::Cell;

use ratatui::text::{Line, Span};

use super::content::Content;
use super::paint::span;
use super::rich::wrap_spans;
use super::{names, symbols};
use crate::engine::{Body, Delivery, Direction, Message};
use crate::tui::keys::{Context, Keymap, Verb};
use crate::tui::model::{Chat, Model};
use crate::tui::text::safe_line;
use crate::tui::theme::{Role, Theme};
use crate::tui::words::{self, time};

/// Seconds between two messages of one sender after which the second has a head line of its own.
const PAUSE: i32 = 5 * 60;

/// Longer lines are tiring to read.
const MEASURE: u16 = 76;

/// Columns kept free behind own messages for a mark.
const MARKS: u16 = 4;

/// Columns kept free beside a message whose clock runs, and from how many columns on they hold words.
const CLOCK: u16 = 8;
const LONG_CLOCK: u16 = 16;
const LONG_CLOCK_FROM: u16 = 50;

/// How a row is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Centred,
    Indented(u16),
}

/// One row of the pane.
pub struct Row {
    pub left: Line<'static>,
    pub right: Option<Line<'static>>,
    pub shape: Shape,
    /// The message whose own text or mark this is.
    pub of: Option<usize>,
    /// Until when the row is true, unix milliseconds, if it ages.
    pub until: Option<i64>,
}

impl Row {
    pub fn is_empty(&self) -> bool {
        self.of.is_none() && self.left.spans.is_empty()
    }

    fn blank() -> Row {
        Row { left: Line::default(), right: None, shape: Shape::Centred, of: None, until: None }
    }
}

/// Everything that the look of a message depends on.
pub struct Bubbles<'a> {
    theme: &'a Theme,
    model: &'a Model,
    chat: &'a Chat,
    name: String,
    columns: u16,
    compact: bool,
    /// The group asked for last; its neighbours ask for the same.
    group: Cell<Option<Group>>,
}

/// Messages that share a head line: the first, the one behind the last, and their mark if all have the same.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    mark: Option<Delivery>,
}

impl<'a> Bubbles<'a> {
    pub fn new(theme: &'a Theme, model: &'a Model, chat: &'a Chat, columns: u16, compact: bool) -> Self {
        let name = names::short(model, chat.view.user);
        Bubbles { theme, model, chat, name, columns, compact, group: Cell::new(None) }
    }

    /// The rows of a message, with what stands above it.
    pub fn rows(&self, place: usize) -> Vec<Row> {
        let Some(message) = self.message(place).filter(|message| !self.burnt(message)) else {
            return Vec::new();
        };
        let mut rows = Vec::new();
        let new_day = self.begins_day(place);
        if new_day && !self.compact {
            rows.push(Row::blank());
            let day = time::day(message.date, self.model.now_ms, &self.model.zone);
            rows.extend(self.centred(&day, Role::Dim, None));
        }
        match &message.body {
            Body::TimerSet(ttl) => {
                rows.extend(self.note(place, &words::timer_set(*ttl, message.direction, &self.name)));
            }
            Body::Screenshot => {
                rows.extend(self.note(place, &words::screenshot(message.direction, &self.name)));
            }
            Body::Unsupported(_) => {
                rows.extend(self.note(place, &words::unsupported(message.direction, &self.name)));
            }
            _ => {
                let group = self.group(place);
                if group.start == place && !self.compact {
                    rows.push(Row::blank());
                    rows.push(self.head(message, group));
                }
                rows.extend(self.said(place, message, group));
            }
        }
        rows
    }

    /// Who speaks, for a message at the top of the pane whose head line is further up.
    pub fn speaker(&self, place: usize) -> Option<Row> {
        let message = self.message(place).filter(|message| speaks(message))?;
        let group = self.group(place);
        (group.start < place && !self.compact).then(|| self.head(message, group))
    }

    /// What stands below the newest message.
    pub fn tail(&self) -> Vec<Row> {
        let (missing, filled) = (self.chat.missing, self.chat.filled);
        let note = if missing > 0 {
            Some((Role::Amber, words::missing(missing)))
        } else if filled > 0 {
            Some((Role::Dim, words::filled(filled)))
        } else {
            let layer = self.chat.view.peer_layer;
            words::info::too_old(layer, &self.name).map(|words| (Role::Amber, words))
        };
        let Some((role, words)) = note else { return Vec::new() };
        let mut rows = self.centred(&words, role, None);
        if !self.compact {
            rows.insert(0, Row::blank());
        }
        rows
    }

    /// Its time is over; it is gone from the screen to the second, whenever the news of its end comes.
    fn burnt(&self, message: &Message) -> bool {
        message.destruct_ms.is_some_and(|end| end <= self.model.now_ms)
    }

    /// What stands above the oldest message in memory.
    pub fn head_of_history(&self) -> Vec<Row> {
        let history = &self.chat.history;
        if history.asked && !history.complete {
            return self.centred("reading earlier messages", Role::Dim, None);
        }
        Vec::new()
    }

    fn message(&self, place: usize) -> Option<&'a Message> {
        self.chat.history.messages.get(place)
    }

    fn before(&self, place: usize) -> Option<&'a Message> {
        self.message(place.checked_sub(1)?)
    }

    fn begins_day(&self, place: usize) -> bool {
        let (Some(message), before) = (self.message(place), self.before(place)) else { return false };
        before.is_none_or(|before| !time::same_day(before.date, message.date, &self.model.zone))
    }

    /// Whether a message has no head line of its own.
    fn joins(&self, place: usize) -> bool {
        let (Some(message), Some(before)) = (self.message(place), self.before(place)) else { return false };
        speaks(before)
            && speaks(message)
            && before.direction == message.direction
            && (before.ttl, before.silent, &before.via_bot) == (message.ttl, message.silent, &message.via_bot)
            && message.date.saturating_sub(before.date) < PAUSE
            && !self.begins_day(place)
    }

    /// The group of a message, from its head line to the next.
    fn group(&self, place: usize) -> Group {
        let known = self.group.get().filter(|group| (group.start..group.end).contains(&place));
        let group = known.unwrap_or_else(|| self.find_group(place));
        self.group.set(Some(group));
        group
    }

    fn find_group(&self, place: usize) -> Group {
        let start = (0..=place).rev().find(|place| !self.joins(*place)).unwrap_or_default();
        let end = (place + 1..).find(|place| !self.joins(*place)).unwrap_or(place + 1);
        let members = self.chat.history.messages.get(start..end).unwrap_or_default();
        let mark = members.first().map(|first| first.delivery);
        let mark = mark.filter(|mark| members.iter().all(|member| member.delivery == *mark));
        Group { start, end, mark }
    }

    fn head(&self, message: &Message, group: Group) -> Row {
        let dot = symbols::of(self.theme).dot;
        let when = time::clock(message.date, &self.model.zone);
        let mut left = vec![self.sender(message), self.span(Role::Dim, format!(" {dot} {when}"))];
        if let Some(mark) = group.mark.and_then(|mark| self.mark(mark)) {
            left.extend([Span::raw(" "), mark]);
        }
        let via = message.via_bot.as_deref().map(safe_line).filter(|bot| !bot.is_empty());
        let via = via.map(|bot| format!("via @{bot}"));
        for more in [via, message.silent.then(|| "silent".to_owned())].into_iter().flatten() {
            left.push(self.span(Role::Dim, format!(" {dot} {more}")));
        }
        let timer = (message.ttl > 0).then(|| format!("timer {}", words::seconds(message.ttl)));
        Row {
            left: Line::from(left),
            right: timer.map(|timer| Line::from(self.span(Role::Dim, timer))),
            shape: Shape::Indented(self.indent(message.direction)),
            of: None,
            until: None,
        }
    }

    /// What a message says and holds, below what it answers.
    fn said(&self, place: usize, message: &Message, group: Group) -> Vec<Row> {
        let indent = self.indent(message.direction);
        let (clock, until) = self.clock(message);
        let columns = self.measure(indent, message.direction);
        let columns = columns.saturating_sub(if clock.is_some() { self.clock_columns() } else { 0 }).max(1);
        let Self { theme, model, chat, .. } = *self;
        let content = Content { theme, model, chat, columns: usize::from(columns) };
        let prefix = if self.compact { self.prefix(message) } else { Vec::new() };
        let mut lines = content.lines(message, prefix);
        if let Some(answered) = message.reply_to.filter(|_| !self.compact) {
            lines.insert(0, content.quoted(answered));
        }
        let row =
            |left| Row { left, right: None, shape: Shape::Indented(indent), of: Some(place), until: None };
        let mut rows: Vec<Row> = lines.into_iter().map(row).collect();
        let own_mark = group.mark.is_none() && !self.compact;
        if let Some(last) = rows.last_mut() {
            let mark = self.mark(message.delivery).filter(|_| own_mark);
            let gap = (clock.is_some() && mark.is_some()).then(|| Span::raw(" "));
            let right: Vec<Span> = clock.into_iter().chain(gap).chain(mark).collect();
            last.right = (!right.is_empty()).then(|| Line::from(right));
            last.until = until;
        }
        if message.delivery == Delivery::Failed {
            rows.extend(self.failure(place, message, indent));
        }
        rows
    }

    /// What is left of a message whose clock runs, and until when that is true.
    fn clock(&self, message: &Message) -> (Option<Span<'static>>, Option<i64>) {
        let Some(end) = message.destruct_ms else { return (None, None) };
        let (left, until) = time::countdown(end, self.model.now_ms);
        let words = if self.columns >= LONG_CLOCK_FROM { format!("burns in {left}") } else { left };
        (Some(self.span(Role::Amber, words)), Some(until))
    }

    fn clock_columns(&self) -> u16 {
        if self.columns >= LONG_CLOCK_FROM { LONG_CLOCK } else { CLOCK }
    }

    fn failure(&self, place: usize, message: &Message, indent: u16) -> Vec<Row> {
        let reason = self.chat.failures.get(&message.random_id).map(|reason| safe_line(reason));
        let words = match reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => format!("not sent: {reason}"),
            None => "not sent".to_owned(),
        };
        let words = format!("{words}{}", again());
        let columns = usize::from(self.measure(indent, message.direction));
        let lines = wrap_spans(&[self.span(Role::Red, words)], columns);
        let row =
            |left| Row { left, right: None, shape: Shape::Indented(indent), of: Some(place), until: None };
        lines.into_iter().map(row).collect()
    }

    /// `You ++: ` or `Basil: `, for compact panes.
    fn prefix(&self, message: &Message) -> Vec<Span<'static>> {
        let mut spans = vec![self.sender(message)];
        if let Some(mark) = self.mark(message.delivery) {
            spans.extend([Span::raw(" "), mark]);
        }
        spans.push(self.span(Role::Dim, ": "));
        spans
    }

    fn sender(&self, message: &Message) -> Span<'static> {
        match message.direction {
            Direction::Out => self.span(Role::Rose, "You"),
            Direction::In => self.span(Role::Strong, self.name.clone()),
        }
    }

    fn mark(&self, delivery: Delivery) -> Option<Span<'static>> {
        let (symbol, role) = symbols::of(self.theme).delivery(delivery)?;
        Some(self.span(role, symbol))
    }

    /// A line of the chat itself among the messages.
    fn note(&self, place: usize, words: &str) -> Vec<Row> {
        let mut rows = self.centred(words, Role::Dim, Some(place));
        if !self.compact {
            rows.insert(0, Row::blank());
        }
        rows
    }

    fn centred(&self, words: &str, role: Role, of: Option<usize>) -> Vec<Row> {
        let lines = wrap_spans(&[self.span(role, words)], usize::from(self.columns.saturating_sub(2)));
        let row = |left| Row { left, right: None, shape: Shape::Centred, of, until: None };
        lines.into_iter().map(row).collect()
    }

    fn indent(&self, direction: Direction) -> u16 {
        match direction {
            _ if self.compact => 1,
            Direction::In => 2,
            Direction::Out => 2 + (self.columns / 10).clamp(2, 8),
        }
    }

    fn measure(&self, indent: u16, direction: Direction) -> u16 {
        let marks = if direction == Direction::Out && !self.compact { MARKS } else { 0 };
        self.columns.saturating_sub(indent + 1 + marks).clamp(1, MEASURE)
    }

    fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        span(self.theme, role, text)
    }
}

/// How a failed message is sent again, as the keymap has it.
fn again() -> String {
    let binding = Keymap::built_in().binding(Context::Failed, Verb::Retry);
    let key = binding.and_then(|binding| Some((binding.keys.first()?, binding.hint.as_ref()?)));
    key.map(|(key, words)| format!("; {key} {words}")).unwrap_or_default()
}

/// Said by somebody, as opposed to a line of the chat itself.
fn speaks(message: &Message) -> bool {
    !matches!(message.body, Body::TimerSet(_) | Body::Screenshot | Body::Unsupported(_))
}
