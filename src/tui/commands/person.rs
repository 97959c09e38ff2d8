//! What is done with a person: add to the contacts, block, report.

use super::{confirm, name_in, name_of, toast};
use crate::engine::{ChatId, Command, UserId};
use crate::tui::model::{Act, Model};
use crate::tui::msg::Effect;

pub(super) fn add_contact(model: &mut Model, user: UserId) -> Vec<Effect> {
    let words = format!("adding {} to your contacts", name_of(model, user));
    toast(model, &words);
    vec![Effect::Engine(Command::AddContact(user))]
}

pub(super) fn delete_contact(model: &mut Model, user: UserId) -> Vec<Effect> {
    let name = name_of(model, user);
    let question =
        format!("Delete {name} from your contacts on all your devices? Your secret chats with them stay.");
    confirm::ask(model, question, Act::DeleteContact(user))
}

pub(super) fn block(model: &mut Model, user: UserId) -> Vec<Effect> {
    let name = name_of(model, user);
    let question = format!("Block {name}? They can neither write to you nor ask for a secret chat any more.");
    confirm::ask(model, question, Act::Block(user))
}

/// Whoever asked for a chat may be reported; whom one has asked oneself may not.
pub(super) fn report(model: &mut Model, id: ChatId) -> Vec<Effect> {
    let Some(chat) = model.chats.get(&id) else { return Vec::new() };
    let name = name_in(model, chat);
    let question =
        format!("Report {name} to Telegram for spam? The server is told who asked you, and no words.");
    confirm::ask(model, question, Act::Report(id))
}
