//! What a message holds, as lines: its words, its file, a place, a contact, and what it answers.
//!
//! One look for each kind of content, the same wherever it is shown. A kind is always named by a word, what is protected is drawn only after
//! it was opened, and of a file only its name, size and state are shown: nothing is fetched, read or decoded to draw a line.

use ratatui::text::{Line, Span};

use super::paint::span;
use super::rich::{lines, one_line, wrap_spans};
use super::{names, symbols, transfer};
use crate::engine::{Attachment, Body, Direction, Kind, Message, Text};
use crate::tui::model::{Chat, Model};
use crate::tui::text::{safe_line, width};
use crate::tui::theme::{Role, Theme};
use crate::tui::words;
use crate::tui::words::content as said;

/// Columns of a waveform.
const WAVE: usize = 32;

/// What content is drawn with.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    pub theme: &'a Theme,
    pub model: &'a Model,
    pub chat: &'a Chat,
    pub columns: usize,
}

impl Content<'_> {
    /// The lines of a message behind `prefix`; at least one.
    pub fn lines(&self, message: &Message, prefix: Vec<Span<'static>>) -> Vec<Line<'static>> {
        let shown = self.chat.revealed.contains(&message.random_id);
        match &message.body {
            Body::Text(text) => self.words(text, shown, prefix),
            Body::WebPage { text, url } => self.web_page(text, url, shown, prefix),
            Body::File(file) => self.file(message, file, shown, prefix),
            Body::Contact { phone, first_name, last_name } => {
                let name = said::contact_name(first_name, last_name);
                self.fields("contact", &name, &[phone_words(phone)], prefix)
            }
            Body::Location(at) => {
                let at = said::coordinates(*at).unwrap_or_else(|| "nowhere on the earth".into());
                self.fields("place", &at, &[], prefix)
            }
            Body::Venue { location, title, address, .. } => {
                let at = said::coordinates(*location).unwrap_or_default();
                self.fields("place", &safe_line(title), &[safe_line(address), at], prefix)
            }
            Body::Sticker { emoji, set, .. } => {
                let set = safe_line(set);
                let of = if set.is_empty() { String::new() } else { format!("of the set {set}") };
                self.fields("sticker", &safe_line(emoji), &[of], prefix)
            }
            Body::TimerSet(_) | Body::Screenshot | Body::Unsupported(_) => vec![Line::default()],
        }
    }

    /// What a message answers, on one line.
    pub fn quoted(&self, random_id: i64) -> Line<'static> {
        let bar = self.span(Role::Rose, format!("{} ", symbols::of(self.theme).quote));
        let room = self.columns.saturating_sub(2);
        let Some(message) = self.chat.message(random_id) else {
            return Line::from(vec![bar, self.span(Role::Dim, one_line("the message is gone", room))]);
        };
        let name = names::short(self.model, self.chat.view.user);
        let who = if message.direction == Direction::Out { "You" } else { &name };
        let words = format!("{who}: {}", said::line(message, &name));
        Line::from(vec![bar, self.span(Role::Dim, one_line(&words, room))])
    }

    fn words(&self, text: &Text, shown: bool, prefix: Vec<Span<'static>>) -> Vec<Line<'static>> {
        lines(self.theme, text, shown, prefix, self.columns)
    }

    fn web_page(
        &self,
        text: &Text,
        url: &str,
        shown: bool,
        prefix: Vec<Span<'static>>,
    ) -> Vec<Line<'static>> {
        let mut lines = self.words(text, shown, prefix);
        if !url.is_empty() && !text.plain.contains(url) {
            let spans = [self.span(Role::Dim, "page "), self.span(Role::Link, safe_line(url))];
            lines.extend(wrap_spans(&spans, self.columns));
        }
        lines
    }

    /// A kind, what is most important of it, and the rest behind dots.
    fn fields(
        &self,
        kind: &str,
        first: &str,
        rest: &[String],
        prefix: Vec<Span<'static>>,
    ) -> Vec<Line<'static>> {
        let mut spans = prefix;
        spans.push(self.span(Role::Dim, format!("{kind} ")));
        spans.push(self.span(Role::Strong, first));
        let dot = format!(" {} ", symbols::of(self.theme).dot);
        let mut gap = !first.is_empty();
        for part in rest.iter().filter(|part| !part.is_empty()) {
            let lead = if gap { dot.clone() } else { String::new() };
            spans.push(self.span(Role::Dim, format!("{lead}{part}")));
            gap = true;
        }
        wrap_spans(&spans, self.columns)
    }

    fn file(
        &self,
        message: &Message,
        file: &Attachment,
        shown: bool,
        prefix: Vec<Span<'static>>,
    ) -> Vec<Line<'static>> {
        let mut spans = prefix;
        let symbol = symbols::of(self.theme).file;
        spans.push(self.span(Role::Rose, format!("{symbol} {}", said::kind(&file.kind))));
        if said::covered(message) {
            return self.covered(message, spans);
        }
        let name = said::file_name(file);
        if !name.is_empty() {
            spans.push(self.span(Role::Strong, format!(" {name}")));
        }
        let dot = format!(" {} ", symbols::of(self.theme).dot);
        for detail in said::details(file) {
            spans.push(self.span(Role::Dim, format!("{dot}{detail}")));
        }
        if let Some((place, count)) = self.of_album(message) {
            spans.push(self.span(Role::Dim, format!("{dot}{place} of {count}")));
        }
        let mut all = wrap_spans(&spans, self.columns);
        if let Kind::Voice { waveform, .. } = &file.kind {
            all.extend(self.waveform(waveform));
        }
        if !file.caption.is_empty() {
            all.extend(lines(self.theme, &file.caption, shown, Vec::new(), self.columns));
        }
        let progress = self.chat.transfers.get(&message.random_id);
        all.extend(transfer::lines(self.theme, message, progress, self.columns));
        all
    }

    /// Which one of an album's files this is, and how many it has; nothing for one alone.
    fn of_album(&self, message: &Message) -> Option<(usize, usize)> {
        let album = message.album?;
        let members = self.chat.history.messages.iter().filter(|other| other.album == Some(album));
        let ids: Vec<i64> = members.map(|member| member.random_id).collect();
        let place = ids.iter().position(|id| *id == message.random_id)? + 1;
        (ids.len() > 1).then_some((place, ids.len()))
    }

    /// What is hidden, and what happens when it is opened.
    fn covered(&self, message: &Message, mut spans: Vec<Span<'static>>) -> Vec<Line<'static>> {
        let after = words::seconds(message.ttl);
        let what = format!(" hidden: open with o; burns {after} later");
        spans.push(self.span(Role::Amber, what));
        wrap_spans(&spans, self.columns)
    }

    /// Loudness over time; nothing if none was sent.
    fn waveform(&self, packed: &[u8]) -> Option<Line<'static>> {
        let levels = loudness(packed);
        let columns = WAVE.min(levels.len()).min(self.columns);
        let symbols = symbols::of(self.theme).levels;
        let bar = |column: usize| {
            let (from, to) = (column * levels.len() / columns, (column + 1) * levels.len() / columns);
            let loudest =
                levels.get(from..to).and_then(|part| part.iter().max()).copied().unwrap_or_default();
            // Five bits of loudness, three of them drawn.
            symbols.get(usize::from(loudest / 4)).copied().unwrap_or_default()
        };
        let bars: String = (0..columns).map(bar).collect();
        (width(&bars) > 0).then(|| Line::from(self.span(Role::Rose, bars)))
    }

    fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        span(self.theme, role, text)
    }
}

fn phone_words(phone: &str) -> String {
    let phone = safe_line(phone);
    if phone.is_empty() || phone.starts_with('+') { phone } else { format!("+{phone}") }
}

/// Steps of loudness from 0 to 31, packed in five bits each, the low ones first. Apps send a hundred.
fn loudness(packed: &[u8]) -> Vec<u8> {
    const MOST: usize = 100;
    let bit = |at: usize| packed.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
    let step = |at: usize| (0..5).fold(0, |sum, low| sum | (u8::from(bit(at * 5 + low)) << low));
    (0..(packed.len() * 8 / 5).min(MOST)).map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loudness_is_packed_in_five_bits() {
        assert_eq!(loudness(&[0b1110_0001, 0b1000_1000, 0b0011, 0, 0]), [1, 7, 2, 7, 0, 0, 0, 0]);
        assert_eq!(loudness(&[]), [] as [u8; 0]);
        assert_eq!(loudness(&[255; 4_000]).len(), 100);
    }
}
