//! The symbols of the screen, each with its ASCII twin.
//!
//! Every symbol stands beside the word it means, takes one cell per character, and is drawn from one of two tables, so that a terminal
//! that counts `●` as two cells, or has no glyph for it, loses nothing.

use crate::engine::{ChatState, Closing, Delivery, Person, PersonKind};
use crate::tui::theme::{Role, Theme};

/// One table of symbols.
#[derive(Debug)]
pub struct Symbols {
    asking: &'static str,
    waiting: &'static str,
    requested: &'static str,
    ready: &'static str,
    closed: &'static str,
    failed: &'static str,
    pub verified: &'static str,
    queued: &'static str,
    sent: &'static str,
    read: &'static str,
    /// Somebody who is blocked, no human, gone, or the user.
    blocked: &'static str,
    bot: &'static str,
    deleted: &'static str,
    me: &'static str,
    /// The pane or row that has the focus.
    pub bar: &'static str,
    /// Between two things on one line.
    pub dot: &'static str,
    pub horizontal: &'static str,
    pub vertical: &'static str,
    /// Where the rule between list and conversation leaves the one of the header.
    pub tee_down: &'static str,
    /// Where the rule above the composer leaves the one beside the list.
    pub tee_right: &'static str,
    /// Before a file.
    pub file: &'static str,
    /// Beside what is quoted.
    pub quote: &'static str,
    /// In place of each cell of a spoiler.
    pub mask: &'static str,
    /// What is done of a transfer, and what is not.
    pub done: &'static str,
    pub undone: &'static str,
    /// Loudness, from silence to the loudest.
    pub levels: [&'static str; 8],
}

const UNICODE: Symbols = Symbols {
    asking: "◌",
    waiting: "◐",
    requested: "▸",
    ready: "●",
    closed: "○",
    failed: "✗",
    verified: "◆",
    queued: "·",
    sent: "✓",
    read: "✓✓",
    blocked: "⊘",
    bot: "◇",
    deleted: "×",
    me: "◉",
    bar: "▎",
    dot: "·",
    horizontal: "─",
    vertical: "│",
    tee_down: "┬",
    tee_right: "├",
    file: "■",
    quote: "▏",
    mask: "▒",
    done: "█",
    undone: "░",
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

const ASCII: Symbols = Symbols {
    asking: ".",
    waiting: "~",
    requested: ">",
    ready: "*",
    closed: "o",
    failed: "x",
    verified: "#",
    queued: ".",
    sent: "+",
    read: "++",
    blocked: "!",
    bot: "b",
    deleted: "x",
    me: "@",
    bar: "|",
    dot: "-",
    horizontal: "-",
    vertical: "|",
    tee_down: "+",
    tee_right: "+",
    file: "=",
    quote: "|",
    mask: "#",
    done: "#",
    undone: ".",
    levels: ["_", ".", "-", "~", "=", "+", "*", "#"],
};

/// The table that a theme wants.
pub fn of(theme: &Theme) -> &'static Symbols {
    if theme.ascii { &ASCII } else { &UNICODE }
}

impl Symbols {
    /// The shape of a state and the role it is drawn in.
    pub fn state(&self, state: &ChatState) -> (&'static str, Role) {
        match state {
            ChatState::Asking | ChatState::Accepting => (self.asking, Role::Amber),
            ChatState::Waiting => (self.waiting, Role::Amber),
            ChatState::Requested { left: false } => (self.requested, Role::Rose),
            ChatState::Requested { left: true } => (self.requested, Role::Dim),
            ChatState::Ready { .. } => (self.ready, Role::Green),
            ChatState::Closed(Closing::Refused(_) | Closing::Failed(_)) => (self.failed, Role::Red),
            ChatState::Closed(_) => (self.closed, Role::Dim),
        }
    }

    /// The shape of what somebody is, and the role it is drawn in; an empty cell for most.
    pub fn person(&self, person: &Person, me: bool) -> (&'static str, Role) {
        match person.kind {
            _ if me => (self.me, Role::Rose),
            PersonKind::Deleted => (self.deleted, Role::Dim),
            _ if person.blocked => (self.blocked, Role::Amber),
            PersonKind::Bot => (self.bot, Role::Dim),
            PersonKind::Human => (" ", Role::Text),
        }
    }

    /// How far an own message has come; `None` for the peer's.
    pub fn delivery(&self, delivery: Delivery) -> Option<(&'static str, Role)> {
        match delivery {
            Delivery::Queued => Some((self.queued, Role::Dim)),
            Delivery::Sent => Some((self.sent, Role::Dim)),
            Delivery::Read => Some((self.read, Role::Green)),
            Delivery::Failed => Some((self.failed, Role::Red)),
            Delivery::Unseen | Delivery::Seen => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::text::width;

    #[test]
    fn every_symbol_is_as_wide_as_its_twin_and_the_twin_is_ascii() {
        let all = |symbols: &Symbols| {
            let Symbols { asking, waiting, requested, ready, closed, failed, verified, queued, sent, .. } =
                symbols;
            let Symbols { read, bar, dot, horizontal, vertical, tee_down, tee_right, .. } = symbols;
            let Symbols { file, quote, mask, done, undone, levels, .. } = symbols;
            let Symbols { blocked, bot, deleted, me, .. } = symbols;
            let first = [
                *asking,
                *waiting,
                *requested,
                *ready,
                *closed,
                *failed,
                *verified,
                *queued,
                *sent,
                *read,
                *bar,
                *dot,
                *horizontal,
                *vertical,
                *tee_down,
                *tee_right,
                *file,
                *quote,
                *mask,
                *done,
                *undone,
                *blocked,
                *bot,
                *deleted,
                *me,
            ];
            first.into_iter().chain(*levels).collect::<Vec<_>>()
        };
        for (symbol, twin) in all(&UNICODE).into_iter().zip(all(&ASCII)) {
            assert_eq!(width(symbol), twin.len(), "{symbol} {twin}");
            assert!(twin.is_ascii());
        }
    }
}
