//! How far a file has come: a bar with its numbers, or one sentence.
//!
//! A file that nobody has asked for is said to be so, with the key that fetches it; what stopped says why and how it goes on. Nothing moves
//! here by itself: a bar changes when the engine tells of more bytes.

use ratatui::text::Line;

use super::paint::span;
use super::rich::{one_line, wrap_spans};
use super::symbols;
use crate::engine::{Delivery, Direction, Message, Transfer};
use crate::tui::model::Progress;
use crate::tui::text::{safe_line, width};
use crate::tui::theme::{Role, Theme};
use crate::tui::words::content::{bytes, duration, protected};

/// Cells of a bar.
const BAR: usize = 20;

/// What is said below a message with a file.
pub fn lines(
    theme: &Theme,
    message: &Message,
    progress: Option<&Progress>,
    columns: usize,
) -> Vec<Line<'static>> {
    let say = |role, words: &str| wrap_spans(&[span(theme, role, words)], columns);
    let out = message.direction == Direction::Out;
    match progress.map(|progress| &progress.transfer) {
        Some(Transfer::Running { done, size }) => {
            vec![bar(theme, *done, *size, &pace(progress), columns)]
        }
        Some(Transfer::Paused { done, size }) => {
            vec![bar(theme, *done, *size, ", paused: p goes on", columns)]
        }
        Some(Transfer::Failed(reason)) => {
            let reason = safe_line(reason);
            say(Role::Red, &format!("stopped: {reason}; p tries again, x gives up"))
        }
        Some(Transfer::Done { path: Some(_) }) if protected(message) => {
            say(Role::Dim, "here until it destroys itself")
        }
        Some(Transfer::Done { path: Some(path) }) => {
            let name = path.file_name().map(|name| safe_line(&name.to_string_lossy())).unwrap_or_default();
            say(Role::Green, &format!("saved as {name}; Enter says where"))
        }
        Some(Transfer::Done { path: None }) => Vec::new(),
        Some(Transfer::Cancelled) | None if out && message.delivery == Delivery::Queued => {
            say(Role::Dim, "waits to be sent")
        }
        Some(Transfer::Cancelled) | None if out => Vec::new(),
        Some(Transfer::Cancelled) | None => say(Role::Dim, "not fetched; Enter fetches it"),
    }
}

/// `███░░ 62%, 3.1 of 5.0 MB` and more of it; what does not fit goes, the bar first.
fn bar(theme: &Theme, done: u64, size: u64, more: &str, columns: usize) -> Line<'static> {
    let percent = percent(done, size);
    let numbers = format!("{percent}%, {} of {}", bytes(done.min(size)), bytes(size));
    let full = format!("{numbers}{more}");
    let symbols = symbols::of(theme);
    let cells = usize::try_from(percent).unwrap_or(100) * BAR / 100;
    let (filled, rest) = (symbols.done.repeat(cells), symbols.undone.repeat(BAR - cells));
    let graphic =
        [span(theme, Role::Rose, filled), span(theme, Role::Dim, rest), span(theme, Role::Text, " ")];
    let words = [&full, &numbers].into_iter().find(|words| width(words) + BAR < columns);
    match words {
        Some(words) => Line::from([&graphic[..], &[span(theme, Role::Text, words.clone())]].concat()),
        None => Line::from(span(theme, Role::Text, one_line(&full, columns))),
    }
}

/// Whole percents; an empty file is done.
fn percent(done: u64, size: u64) -> u64 {
    let (done, size) = (u128::from(done.min(size)), u128::from(size));
    (done * 100).checked_div(size).and_then(|percent| u64::try_from(percent).ok()).unwrap_or(100)
}

fn pace(progress: Option<&Progress>) -> String {
    let Some((pace, left)) = progress.and_then(|it| Some((it.pace()?, it.left()?))) else {
        return String::new();
    };
    let left = duration(i32::try_from(left).unwrap_or(i32::MAX));
    format!(", {}/s, {left} left", bytes(pace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_are_those_of_whatever_is_claimed() {
        let said = [(0, 0), (0, 9), (1, 3), (9, 9), (10, 9), (u64::MAX, u64::MAX)]
            .map(|(done, size)| percent(done, size));
        assert_eq!(said, [100, 0, 33, 100, 100, 100]);
    }
}
