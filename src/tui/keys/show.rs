//! The keymap as people read it: the hint bar, the help, the words of a menu.
//!
//! A hint is shown only where its verb can be carried out, as the commands themselves judge it.

use super::verb::{Context, Verb, contexts, item_of, verb_of};
use super::{Binding, Keymap};
use crate::engine::ChatState;
use crate::tui::commands;
use crate::tui::model::{MenuItem, Model, Popup};

/// A key and a few words, for the bar at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub keys: String,
    pub words: String,
}

/// A line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpLine {
    /// A place of the focus.
    Heading(&'static str),
    /// All keys of a verb there, and its sentence.
    Key { keys: String, words: String },
    /// Between two places.
    Blank,
}

/// The letter and the words of an item in a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub letter: String,
    pub words: String,
}

/// What works where the focus is, most used first.
pub fn hints(model: &Model) -> Vec<Hint> {
    if model.hands_off && model.popup.is_none() {
        return vec![Hint { keys: "Esc".into(), words: "go on".into() }];
    }
    let mut taken: Vec<Verb> = Vec::new();
    let mut hints = Vec::new();
    for (context, binding) in Keymap::built_in().bindings_of(&contexts(model)) {
        let Some(words) = &binding.hint else { continue };
        let in_menu = context == Context::Menu && item_of(binding.does).is_some();
        if in_menu || taken.contains(&binding.does) || commands::able(model, binding.does).is_err() {
            continue;
        }
        let Some(keys) = first_free_key(model, context, binding) else { continue };
        taken.push(binding.does);
        hints.push(Hint { keys, words: words_now(model, binding.does).unwrap_or(words).to_owned() });
    }
    hints
}

/// The words of a verb that means something else than usual just now.
fn words_now(model: &Model, verb: Verb) -> Option<&'static str> {
    match verb {
        Verb::ToggleVerified if shows_verified(model) => Some("take it back"),
        // Nobody is looked for at the server from here.
        Verb::Search if model.signed_out.is_some() => Some("filter"),
        Verb::Send if commands::username::gives_up(model) => Some("give it up"),
        _ => None,
    }
}

/// The key that is shown was compared before.
fn shows_verified(model: &Model) -> bool {
    let Some(Popup::Key(chat)) = &model.popup else { return false };
    model.chats.get(chat).is_some_and(|chat| matches!(chat.view.state, ChatState::Ready { verified: true }))
}

/// The first chord of a binding that no context before it takes away.
fn first_free_key(model: &Model, context: Context, binding: &Binding) -> Option<String> {
    let before: Vec<Context> = contexts(model).into_iter().take_while(|other| *other != context).collect();
    let shadowed =
        |chord| Keymap::built_in().bindings_of(&before).any(|(_, other)| other.keys.contains(chord));
    binding.keys.iter().find(|chord| !shadowed(*chord)).map(ToString::to_string)
}

/// All keys, place by place.
pub fn help() -> Vec<HelpLine> {
    let mut lines = Vec::new();
    for (context, heading) in HEADINGS {
        if !lines.is_empty() {
            lines.push(HelpLine::Blank);
        }
        lines.push(HelpLine::Heading(heading));
        for (_, binding) in Keymap::built_in().bindings_of(&[context]) {
            let keys: Vec<String> = binding.keys.iter().map(ToString::to_string).collect();
            lines.push(HelpLine::Key { keys: keys.join(", "), words: binding.says.clone() });
        }
    }
    lines
}

/// The letter and the words of an item in a menu.
pub fn item(item: MenuItem) -> Item {
    let binding = Keymap::built_in().binding(Context::Menu, verb_of(item));
    let letter = binding.and_then(|binding| binding.keys.first()).map(ToString::to_string);
    let words = binding.map(|binding| binding.hint.as_ref().unwrap_or(&binding.says).clone());
    Item { letter: letter.unwrap_or_default(), words: words.unwrap_or_default() }
}

const HEADINGS: [(Context, &str); 26] = [
    (Context::Everywhere, "Everywhere"),
    (Context::Panes, "In every pane"),
    (Context::List, "In the list"),
    (Context::Search, "While searching"),
    (Context::Messages, "In the messages"),
    (Context::Holding, "On a message that holds more"),
    (Context::Failed, "On a message that was not sent"),
    (Context::Composer, "While writing"),
    (Context::Answering, "While answering a message"),
    (Context::Attach, "While choosing a file"),
    (Context::Request, "On a request"),
    (Context::Closed, "On an ended chat"),
    (Context::Person, "On a person"),
    (Context::Menu, "In a menu"),
    (Context::Confirm, "At a question"),
    (Context::Key, "At the key"),
    (Context::Timer, "At the timer"),
    (Context::Info, "At the details"),
    (Context::Links, "At the addresses"),
    (Context::File, "At a file that is here"),
    (Context::Devices, "At the devices"),
    (Context::Connection, "At the connection"),
    (Context::Proxy, "While entering a proxy"),
    (Context::Username, "While entering a username"),
    (Context::SignOut, "Before signing out"),
    (Context::Help, "In this help"),
];
