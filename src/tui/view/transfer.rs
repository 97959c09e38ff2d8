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

/// Cells of a bar at most, and the fewest that still show something.
const BAR: usize = 20;
const LEAST_BAR: usize = 5;

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
            let short = numbers(*done, *size);
            vec![bar(theme, percent(*done, *size), [format!("{short}{}", pace(progress)), short], columns)]
        }
        Some(Transfer::Paused { done, size }) => {
            let words = format!("paused at {}", numbers(*done, *size));
            let short = format!("paused at {}%; p goes on", percent(*done, *size));
            vec![bar(theme, percent(*done, *size), [format!("{words}; p goes on"), short], columns)]
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

/// A bar and the longest words that fit beside it; where none do the words stand alone.
fn bar(theme: &Theme, percent: u64, forms: [String; 2], columns: usize) -> Line<'static> {
    let fits = forms.iter().find(|words| width(words) + 1 + LEAST_BAR <= columns);
    let Some(words) = fits else {
        let words = forms.iter().find(|words| width(words) <= columns).or(forms.last());
        return Line::from(span(theme, Role::Text, one_line(words.map_or("", String::as_str), columns)));
    };
    let cells = columns.saturating_sub(width(words) + 1).min(BAR);
    let full = usize::try_from(percent).unwrap_or(100) * cells / 100;
    let symbols = symbols::of(theme);
    Line::from(vec![
        span(theme, Role::Rose, symbols.done.repeat(full)),
        span(theme, Role::Dim, symbols.undone.repeat(cells.saturating_sub(full))),
        span(theme, Role::Text, format!(" {words}")),
    ])
}

/// `62%, 3.1 of 5.0 MB`.
fn numbers(done: u64, size: u64) -> String {
    let (percent, said, whole) = (percent(done, size), bytes(done.min(size)), bytes(size));
    let unit = |text: &str| text.split(' ').nth(1).map(str::to_owned);
    let said = if unit(&said) == unit(&whole) { said.split(' ').next().unwrap_or_default() } else { &said };
    format!("{percent}%, {said} of {whole}")
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
