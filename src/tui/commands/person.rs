//! What is done with a person: add to the contacts, block.

use super::{confirm, name_of, toast};
use crate::engine::{Command, UserId};
use crate::tui::model::{Act, Model};
use crate::tui::msg::Effect;

pub(super) fn add_contact(model: &mut Model, user: UserId) -> Vec<Effect> {
    let words = format!("adding {} to your contacts", name_of(model, user));
    toast(model, &words);
    vec![Effect::Engine(Command::AddContact(user))]
}

pub(super) fn block(model: &mut Model, user: UserId) -> Vec<Effect> {
    let name = name_of(model, user);
    let question = format!("Block {name}? They can neither write to you nor ask for a secret chat any more.");
    confirm::ask(model, question, Act::Block(user))
}
