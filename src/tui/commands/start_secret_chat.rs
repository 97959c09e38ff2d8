//! Start a secret chat with somebody: never a second one while the first lives, and with whom one has blocked after that is taken back.

use super::{confirm, name_of, open, toast};
use crate::engine::{Command, UserId};
use crate::tui::model::{Act, Model};
use crate::tui::msg::Effect;
use crate::tui::rows::living_chat;

/// Opens the living chat, or asks for a new one and opens it when the engine tells of it.
pub(super) fn start(model: &mut Model, user: UserId) -> Vec<Effect> {
    if let Some(chat) = living_chat(model, user) {
        let id = chat.view.id;
        return open::open_chat(model, id);
    }
    if model.blocked(user) {
        let name = name_of(model, user);
        let question =
            format!("You have blocked {name}. Unblock them, so that you can ask for a secret chat?");
        return confirm::ask(model, question, Act::Unblock(user));
    }
    let words = format!("asking {} for a secret chat", name_of(model, user));
    toast(model, &words);
    model.wish = Some(user);
    vec![Effect::Engine(Command::Start(user))]
}
