//! The key of a chat: the picture, the numbers, and how to compare them.
//!
//! Picture and numbers say the same; two people compare whichever both can see. With colours the picture is twelve columns of half
//! blocks in the shades of the other apps, without it is twenty-four columns of four characters. Where the picture has no room the
//! numbers stand alone.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::key::{Look, key_picture};
use super::super::layout::{inset, split_top};
use super::super::paint::{Canvas, line_width};
use super::super::{names, story, symbols};
use crate::engine::{ChatId, ChatState, KeyPicture};
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::words::story::Story;

/// Columns from which on the words stand beside the picture and the numbers.
const BESIDE_FROM: u16 = 60;

/// Rows of the screen below which there is no picture.
const PICTURE_FROM: u16 = 12;

/// Columns between the parts.
const GAP: u16 = 3;

/// Columns that the words take beside picture and numbers.
const WORDS: u16 = 40;

pub fn draw(canvas: &mut Canvas, model: &Model, screen: Rect, id: ChatId) {
    let Some(chat) = model.chats.get(&id) else { return };
    let name = names::short(model, chat.view.user);
    let title = format!("Key of your chat with {}", names::full(model, chat.view.user));
    let Some(key) = &chat.view.key else {
        let words = vec![(Role::Text, format!("There is no key with {name} yet."))];
        let area = super::open(canvas, screen, None, (40, 1), &title);
        story::paragraphs(canvas, inset(area, 1, 1), &words);
        return;
    };
    let verified = chat.view.state == (ChatState::Ready { verified: true });
    let words = words(canvas, &name, verified);
    let room = screen.width.saturating_sub(super::border(screen) + 2);
    let parts = Parts::new(canvas, key, screen, room);
    let height = parts.height();
    let (columns, rows) = if parts.beside {
        let taken = parts.width() + GAP;
        let words_columns = room.saturating_sub(taken).min(WORDS);
        (taken + words_columns, height.max(story::height(&words, words_columns)))
    } else {
        let columns = room.min(WORDS);
        (columns, height + 1 + story::height(&words, columns))
    };
    let border = super::border(screen);
    let margin = if border > 0 && rows + 2 + border <= screen.height { 1 } else { 0 };
    let area = super::open(canvas, screen, None, (columns + 2, rows + 2 * margin), &title);
    let area = split_top(inset(area, 1, 1), margin).1;
    parts.draw(canvas, area);
    let rest = if parts.beside {
        inset(area, parts.width() + GAP, 0)
    } else {
        split_top(area, height + u16::from(area.height > height + 1)).1
    };
    story::paragraphs(canvas, rest, &words);
}

fn words(canvas: &Canvas, name: &str, verified: bool) -> Story {
    let state = if verified {
        (Role::Green, format!("{} You have verified this key.", symbols::of(canvas.theme).verified))
    } else {
        (Role::Text, format!("If this is the same on {name}'s device, nobody sits between you."))
    };
    vec![state, (Role::Dim, "Compare by voice or in person, not in this chat.".to_owned())]
}

/// Picture and numbers, as far as there is room.
struct Parts {
    picture: Vec<Line<'static>>,
    numbers: Vec<Line<'static>>,
    /// The numbers stand beside the picture, and the words beside the numbers.
    beside: bool,
}

impl Parts {
    fn new(canvas: &Canvas, key: &KeyPicture, screen: Rect, room: u16) -> Parts {
        let plain = canvas.theme.ascii || !canvas.theme.has_colours();
        let look = if plain { Look::Plain } else { Look::HalfBlocks };
        let picture = if screen.height >= PICTURE_FROM { key_picture(key, look).lines } else { Vec::new() };
        let numbers = key.hex_lines().map(|line| spaced(&line, room)).into_iter();
        let numbers = numbers.map(|line| Line::from(canvas.span(Role::Strong, line))).collect();
        let parts = Parts { picture, numbers, beside: screen.width >= BESIDE_FROM };
        let stacked = parts.height() + 2 * u16::from(screen.height > parts.height());
        if stacked > screen.height && !parts.beside { Parts { picture: Vec::new(), ..parts } } else { parts }
    }

    fn width(&self) -> u16 {
        let (picture, numbers) = (widest(&self.picture), widest(&self.numbers));
        match (self.beside, picture) {
            (_, 0) => numbers,
            (true, _) => picture + GAP + numbers,
            (false, _) => picture.max(numbers),
        }
    }

    fn height(&self) -> u16 {
        let (picture, numbers) = (rows(&self.picture), rows(&self.numbers));
        match (self.beside, picture) {
            (_, 0) => numbers,
            (true, _) => picture.max(numbers),
            (false, _) => picture + 1 + numbers,
        }
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        column(canvas, area, &self.picture);
        let numbers = match (self.beside, self.picture.is_empty()) {
            (_, true) => area,
            (true, _) => inset(area, widest(&self.picture) + GAP, 0),
            (false, _) => split_top(area, rows(&self.picture) + 1).1,
        };
        column(canvas, numbers, &self.numbers);
    }
}

/// A line of numbers, its pairs joined to groups of four where there is no room for the spaces.
fn spaced(line: &str, columns: u16) -> String {
    if line.len() <= usize::from(columns) {
        return line.to_owned();
    }
    line.split("  ").map(|half| half.replace(' ', "")).collect::<Vec<_>>().join(" ")
}

fn column(canvas: &mut Canvas, area: Rect, lines: &[Line<'static>]) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        canvas.line(Rect { y, height: 1, ..area }, line.clone());
    }
}

fn widest(lines: &[Line<'static>]) -> u16 {
    u16::try_from(lines.iter().map(line_width).max().unwrap_or_default()).unwrap_or(u16::MAX)
}

fn rows(lines: &[Line<'static>]) -> u16 {
    u16::try_from(lines.len()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::text::Span;

    #[test]
    fn numbers_lose_their_spaces_before_they_are_cut() {
        let line = "3F A1 90 0C  77 02 5E D4";
        assert_eq!(spaced(line, 24), line);
        assert_eq!(spaced(line, 23), "3FA1900C 77025ED4");
    }

    #[test]
    fn spans_of_a_picture_are_one_line() {
        assert_eq!(widest(&[Line::from(vec![Span::raw("ab"), Span::raw("c")])]), 3);
    }
}
