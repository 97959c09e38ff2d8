//! The key of a chat: the picture, the numbers, and how to compare them.
//!
//! Picture and numbers say the same; two people compare whichever both can see. With colours the picture is twelve columns of half
//! blocks in the shades of the other apps, without it is twenty-four columns of four characters. Where the picture has no room the
//! numbers stand alone.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::key::{Look, key_picture};
use super::super::layout::{inset, split_bottom, split_top};
use super::super::paint::{Canvas, line_width};
use super::super::{names, story, symbols};
use super::question;
use crate::engine::{ChatId, ChatState, KeyPicture};
use crate::tui::model::Model;
use crate::tui::text::width;
use crate::tui::theme::Role;
use crate::tui::words::story::Story;

/// Columns from which on things stand beside each other.
const BESIDE_FROM: u16 = 60;

/// Rows of the screen below which there is no picture.
const PICTURE_FROM: u16 = 12;

/// Columns between the parts.
const GAP: u16 = 3;

/// Columns that the words take at most, and beside the rest at least.
const WORDS: u16 = 40;
const WORDS_LEAST: u16 = 24;

/// Draws the key of a chat; `keys` if what the keys do is said nowhere else.
pub fn draw(canvas: &mut Canvas, model: &Model, screen: Rect, id: ChatId, keys: bool) {
    let Some(chat) = model.chats.get(&id) else { return };
    let name = names::short(model, chat.view.user);
    let long = format!("Key of your chat with {}", names::full(model, chat.view.user));
    let title = if width(&long) + 8 <= usize::from(screen.width) { long } else { format!("Key with {name}") };
    let Some(key) = &chat.view.key else {
        let words = vec![(Role::Text, format!("There is no key with {name} yet."))];
        let area = super::open(canvas, screen, None, (WORDS + 2, 1), &title);
        story::paragraphs(canvas, inset(area, 1, 1), &words);
        return;
    };
    let frame = super::frame(screen, &title);
    let room = Rect {
        width: screen.width.saturating_sub(frame.0 + 2),
        height: screen.height.saturating_sub(frame.1 + u16::from(keys)),
        ..screen
    };
    let verified = chat.view.state == (ChatState::Ready { verified: true });
    let mut words = words(canvas, &name, verified);
    let mut plan = Plan::new(canvas, key, &words, screen, room);
    if !plan.holds(&words) && !verified {
        words = vec![(Role::Text, format!("Compare with {name} by voice or in person."))];
        plan = Plan::new(canvas, key, &words, screen, room);
    }
    let margin = u16::from(frame.0 > 0 && plan.rows + 2 <= room.height);
    let rows = plan.rows + 2 * margin + u16::from(keys);
    let area = super::open(canvas, screen, None, (plan.columns + 2, rows), &title);
    let (area, answers) = split_bottom(inset(area, 1, 1), u16::from(keys));
    let (_, area) = split_top(area, margin);
    plan.draw(canvas, area, &words);
    question::answers(canvas, model, answers);
}

fn words(canvas: &Canvas, name: &str, verified: bool) -> Story {
    let state = if verified {
        (Role::Green, format!("{} You have verified this key.", symbols::of(canvas.theme).verified))
    } else {
        (Role::Text, format!("If this is the same on {name}'s device, nobody sits between you."))
    };
    vec![state, (Role::Dim, "Compare by voice or in person, not in this chat.".to_owned())]
}

/// Picture, numbers and words, and where they stand.
struct Plan {
    picture: Vec<Line<'static>>,
    numbers: Vec<Line<'static>>,
    /// The numbers stand beside the picture, not below it.
    numbers_beside: bool,
    /// The words stand beside both.
    words_beside: bool,
    columns: u16,
    rows: u16,
}

impl Plan {
    /// The picture stays if it and the numbers have room.
    fn new(canvas: &Canvas, key: &KeyPicture, words: &Story, screen: Rect, room: Rect) -> Plan {
        let plain = canvas.theme.ascii || !canvas.theme.has_colours();
        let look = if plain { Look::Plain } else { Look::HalfBlocks };
        let picture = if screen.height >= PICTURE_FROM { key_picture(key, look).lines } else { Vec::new() };
        let numbers = key.hex_lines().map(|line| spaced(&line, room.width)).into_iter();
        let numbers: Vec<Line> = numbers.map(|line| Line::from(canvas.span(Role::Strong, line))).collect();
        let with = Plan::placed(picture, numbers.clone(), words, screen, room);
        let (_, rows) = with.block();
        if rows > room.height { Plan::placed(Vec::new(), numbers, words, screen, room) } else { with }
    }

    fn placed(
        picture: Vec<Line<'static>>,
        numbers: Vec<Line<'static>>,
        words: &Story,
        screen: Rect,
        room: Rect,
    ) -> Plan {
        let numbers_beside = !picture.is_empty() && widest(&picture) + GAP + widest(&numbers) <= room.width;
        let mut plan = Plan { picture, numbers, numbers_beside, words_beside: false, columns: 0, rows: 0 };
        let (columns, rows) = plan.block();
        let beside = room.width.saturating_sub(columns + GAP).min(WORDS);
        plan.words_beside = screen.width >= BESIDE_FROM && beside >= WORDS_LEAST;
        if plan.words_beside {
            plan.columns = columns + GAP + beside;
            plan.rows = rows.max(story::height(words, beside));
        } else {
            plan.columns = columns.max(room.width.min(WORDS));
            plan.rows = rows + 1 + story::height(words, plan.columns);
        }
        plan.rows = plan.rows.min(room.height);
        plan
    }

    /// Whether the words are shown whole, but for empty lines.
    fn holds(&self, words: &Story) -> bool {
        let (_, block) = self.block();
        self.words_beside || block + story::height(words, self.columns) <= self.rows
    }

    /// Columns and rows of picture and numbers.
    fn block(&self) -> (u16, u16) {
        let (picture, numbers) = (size(&self.picture), size(&self.numbers));
        match (self.picture.is_empty(), self.numbers_beside) {
            (true, _) => numbers,
            (false, true) => (picture.0 + GAP + numbers.0, picture.1.max(numbers.1)),
            (false, false) => (picture.0.max(numbers.0), picture.1 + 1 + numbers.1),
        }
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect, words: &Story) {
        let (columns, rows) = self.block();
        column(canvas, area, &self.picture);
        let numbers = match (self.picture.is_empty(), self.numbers_beside) {
            (true, _) => area,
            (false, true) => inset(area, widest(&self.picture) + GAP, 0),
            (false, false) => split_top(area, size(&self.picture).1 + 1).1,
        };
        column(canvas, numbers, &self.numbers);
        let rest = if self.words_beside {
            inset(area, columns + GAP, 0)
        } else {
            let gap = u16::from(area.height > rows + story::height(words, area.width));
            split_top(area, rows + gap).1
        };
        story::paragraphs(canvas, rest, words);
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
    size(lines).0
}

/// Columns and rows.
fn size(lines: &[Line<'static>]) -> (u16, u16) {
    let cells = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    (cells(lines.iter().map(line_width).max().unwrap_or_default()), cells(lines.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_spaces_before_they_are_cut() {
        let line = "3F A1 90 0C  77 02 5E D4";
        assert_eq!(spaced(line, 24), line);
        assert_eq!(spaced(line, 23), "3FA1900C 77025ED4");
    }
}
