//! When an arrived message counts as seen: it is on a screen that somebody looks at.
//!
//! The peer is told, and self-destruct clocks start, so every condition counts: the chat is open, the focus is in it, nothing lies over it, the
//! terminal has the keyboard, the reader is at the newest message, and there is room to show it.

use crate::engine::{Command, Delivery, Direction};
use crate::tui::model::{Chat, Focus, Model, Scroll};
use crate::tui::msg::Effect;

/// Below this many columns and rows no message is shown.
const SMALLEST: (u16, u16) = (20, 5);

/// Tells the engine once what has come to be seen.
pub fn see(model: &mut Model) -> Option<Effect> {
    if !looks(model) {
        return None;
    }
    let chat = model.open_chat_mut().filter(|chat| chat.unseen > 0 && chat.history.loaded())?;
    mark(chat);
    Some(Effect::Engine(Command::Seen(chat.view.id)))
}

/// Somebody looks at the newest message of the open chat.
fn looks(model: &Model) -> bool {
    let newest = match model.focus {
        Focus::List => false,
        Focus::Messages(Scroll { selected, .. }) => selected.is_none(),
        Focus::Composer => true,
    };
    let room = model.size.0 >= SMALLEST.0 && model.size.1 >= SMALLEST.1;
    newest && room && model.terminal_focus && model.popup.is_none() && model.ending.is_none()
}

fn mark(chat: &mut Chat) {
    chat.unseen = 0;
    for message in chat.history.messages.iter_mut().chain(&mut chat.last) {
        if message.direction == Direction::In {
            message.delivery = Delivery::Seen;
        }
    }
}
