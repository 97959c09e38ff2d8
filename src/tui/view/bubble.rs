//! What one message looks like: its head line, its wrapped text, its marks, and the day above it.
//!
//! Consecutive messages of one sender share a head line; own ones are further in and rose, others bold. The marks of delivery stand on the
//! head line as long as they are the same for all below it, else behind each message. In compact panes each message begins with its
//! sender's name instead.

use std::cell::Cell;

use ratatui::text::{Line, Span};

use super::paint::span;
use super::{names, symbols};
use crate::engine::{Body, Delivery, Direction, Message};
use crate::tui::keys::{Context, Keymap, Verb};
use crate::tui::model::{Chat, Model};
use crate::tui::text::{safe_line, safe_text, wrap};
use crate::tui::theme::{Role, Theme};
use crate::tui::words::{self, time};

/// Seconds between two messages of one sender after which the second has a head line of its own.
const PAUSE: i32 = 5 * 60;

/// Longer lines are tiring to read.
const MEASURE: u16 = 76;

/// Columns kept free behind own messages for a mark.
const MARKS: u16 = 4;

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
}

impl Row {
    pub fn is_empty(&self) -> bool {
        self.of.is_none() && self.left.spans.is_empty()
    }

    fn blank() -> Row {
        Row { left: Line::default(), right: None, shape: Shape::Centred, of: None }
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
        let Some(message) = self.message(place) else { return Vec::new() };
        let mut rows = Vec::new();
        let new_day = self.begins_day(place);
        if new_day && !self.compact {
            rows.push(Row::blank());
            let day = time::day(message.date, self.model.now_ms, &self.model.zone);
            rows.extend(self.centred(&day, Role::Dim, None));
        }
        match &message.body {
            Body::Text(text) => {
                let group = self.group(place);
                if group.start == place && !self.compact {
                    rows.push(Row::blank());
                    rows.push(self.head(message, group));
                }
                rows.extend(self.text(place, message, &text.plain, group));
            }
            Body::TimerSet(ttl) => {
                rows.extend(self.note(place, &words::timer_set(*ttl, message.direction, &self.name)));
            }
            _ => {
                rows.extend(self.note(place, &words::unsupported(message.direction, &self.name)));
            }
        }
        rows
    }

    /// Who speaks, for a message at the top of the pane whose head line is further up.
    pub fn speaker(&self, place: usize) -> Option<Row> {
        let message = self.message(place).filter(|message| matches!(message.body, Body::Text(_)))?;
        let group = self.group(place);
        (group.start < place && !self.compact).then(|| self.head(message, group))
    }

    /// What stands below the newest message.
    pub fn tail(&self) -> Vec<Row> {
        if self.chat.missing <= 0 {
            return Vec::new();
        }
        let mut rows = self.centred(&words::missing(self.chat.missing), Role::Amber, None);
        if !self.compact {
            rows.insert(0, Row::blank());
        }
        rows
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
        let texts = matches!((&before.body, &message.body), (Body::Text(_), Body::Text(_)));
        texts
            && before.direction == message.direction
            && before.ttl == message.ttl
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
        let timer = (message.ttl > 0).then(|| format!("timer {}", words::seconds(message.ttl)));
        Row {
            left: Line::from(left),
            right: timer.map(|timer| Line::from(self.span(Role::Dim, timer))),
            shape: Shape::Indented(self.indent(message.direction)),
            of: None,
        }
    }

    fn text(&self, place: usize, message: &Message, text: &str, group: Group) -> Vec<Row> {
        let indent = self.indent(message.direction);
        let shape = Shape::Indented(indent);
        let mut safe = safe_text(text);
        let mut prefix = Vec::new();
        if self.compact {
            prefix = self.prefix(message);
            // The text is wrapped as if the name were its first words.
            let name: String = prefix.iter().map(|span| span.content.as_ref()).collect();
            safe.insert_str(0, &name);
        }
        let lines = wrap(&safe, usize::from(self.measure(indent, message.direction)));
        let mut rows: Vec<Row> = lines
            .into_iter()
            .map(|line| {
                let left = Line::from(self.span(Role::Text, line));
                Row { left, right: None, shape, of: Some(place) }
            })
            .collect();
        if let Some(first) = rows.first_mut().filter(|_| !prefix.is_empty()) {
            first.left = prefixed(prefix, &first.left);
        }
        let own_mark = group.mark.is_none() && !self.compact;
        if let Some(last) = rows.last_mut().filter(|_| own_mark) {
            last.right = self.mark(message.delivery).map(Line::from);
        }
        if message.delivery == Delivery::Failed {
            rows.extend(self.failure(place, message, indent));
        }
        rows
    }

    fn failure(&self, place: usize, message: &Message, indent: u16) -> Vec<Row> {
        let reason = self.chat.failures.get(&message.random_id).map(|reason| safe_line(reason));
        let words = match reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => format!("not sent: {reason}"),
            None => "not sent".to_owned(),
        };
        let words = format!("{words}{}", again());
        let lines = wrap(&words, usize::from(self.measure(indent, message.direction)));
        let row = |line: &str| Row {
            left: Line::from(self.span(Role::Red, line)),
            right: None,
            shape: Shape::Indented(indent),
            of: Some(place),
        };
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
        let lines = wrap(words, usize::from(self.columns.saturating_sub(2)));
        let row = |line: &str| Row {
            left: Line::from(self.span(role, line)),
            right: None,
            shape: Shape::Centred,
            of,
        };
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
    let binding = Keymap::built_in().binding(Context::Messages, Verb::Retry);
    let key = binding.and_then(|binding| Some((binding.keys.first()?, binding.hint.as_ref()?)));
    key.map(|(key, words)| format!("; {key} {words}")).unwrap_or_default()
}

/// The first line of a compact message with the name in its own roles, as far as the line has it.
fn prefixed(prefix: Vec<Span<'static>>, line: &Line) -> Line<'static> {
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    let mut rest = text.as_str();
    let mut spans = Vec::new();
    for span in prefix {
        let Some(after) = rest.strip_prefix(span.content.as_ref()) else { break };
        rest = after;
        spans.push(span);
    }
    let style = line.spans.first().map(|span| span.style).unwrap_or_default();
    spans.push(Span::styled(rest.to_owned(), style));
    Line::from(spans)
}
