//! The menu of a chat or a person: only what fits its state.
//!
//! Enter does the selected item as its letter would, with one exception: accepting takes the letter. What destroys opens a question either
//! way.

use super::{barred, has_living_chat, run, toast};
use crate::engine::{ChatState, Person, PersonKind};
use crate::tui::keys::verb_of;
use crate::tui::model::{Chat, Menu, MenuItem, Model, Open, Popup};
use crate::tui::msg::Effect;

pub(super) fn open(model: &mut Model, of: Open) -> Vec<Effect> {
    let items = match of {
        Open::Chat(id) => model.chats.get(&id).map(|chat| chat_items(model, chat)),
        Open::Person(user) => {
            if model.is_me(user) {
                Some(ACCOUNT.to_vec())
            } else {
                model.people.get(&user).map(person_items)
            }
        }
    };
    if let Some(items) = items {
        model.popup = Some(Popup::Menu(Menu { of, items, selected: 0 }));
        keep_possible(model);
    }
    Vec::new()
}

/// Takes out of the open menu what a device that was signed out cannot do. A menu without items is none.
pub fn keep_possible(model: &mut Model) {
    let Some(Popup::Menu(mut menu)) = model.popup.take_if(|popup| matches!(popup, Popup::Menu(_))) else {
        return;
    };
    let selected = menu.items.get(menu.selected).copied();
    menu.items.retain(|item| !barred(model, verb_of(*item)));
    menu.selected = menu.items.iter().position(|item| Some(*item) == selected).unwrap_or_default();
    model.popup = (!menu.items.is_empty()).then_some(Popup::Menu(menu));
}

/// Starting a chat is offered whoever it is, and says itself why it cannot be.
fn person_items(person: &Person) -> Vec<MenuItem> {
    let mut items = vec![MenuItem::StartSecretChat];
    items.extend(to_add(person));
    items.push(MenuItem::Info);
    items.extend(person.contact.then_some(MenuItem::DeleteContact));
    items.push(if person.blocked { MenuItem::Unblock } else { MenuItem::Block });
    items
}

fn to_add(person: &Person) -> Option<MenuItem> {
    (!person.contact && person.kind != PersonKind::Deleted).then_some(MenuItem::AddContact)
}

/// The menu of oneself.
const ACCOUNT: [MenuItem; 5] =
    [MenuItem::Info, MenuItem::Username, MenuItem::Connection, MenuItem::Devices, MenuItem::SignOut];

fn chat_items(model: &Model, chat: &Chat) -> Vec<MenuItem> {
    let person = model.people.get(&chat.view.user);
    let key = chat.view.key.is_some().then_some(MenuItem::ShowKey);
    let mut items = Vec::new();
    match &chat.view.state {
        ChatState::Asking | ChatState::Waiting => items.push(MenuItem::CancelRequest),
        ChatState::Requested { left } => {
            items.push(MenuItem::Accept);
            items.push(MenuItem::Decline);
            items.extend((!left).then_some(MenuItem::Leave));
        }
        ChatState::Accepting => items.push(MenuItem::CloseKeeping),
        ChatState::Ready { .. } => {
            items.extend(key);
            let changing = chat.view.key_state.is_none_or(|key| key.changing);
            items.extend((!changing).then_some(MenuItem::ChangeKey));
            items.extend([MenuItem::SetTimer, MenuItem::CloseKeeping, MenuItem::CloseDeleting]);
        }
        ChatState::Closed(_) => {
            items.extend((!has_living_chat(model, chat)).then_some(MenuItem::TryAgain));
            items.extend(key);
            items.push(MenuItem::Dismiss);
            items.extend(chat.last.is_some().then_some(MenuItem::CloseDeleting));
        }
    }
    items.extend(person.and_then(to_add));
    items.push(MenuItem::Info);
    let blocked = model.blocked(chat.view.user);
    items.extend(person.map(|_| if blocked { MenuItem::Unblock } else { MenuItem::Block }));
    items.extend((!chat.view.ours && !chat.closed()).then_some(MenuItem::Report));
    items
}

/// Enter on the selected item.
pub(super) fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Popup::Menu(menu)) = &model.popup else { return Vec::new() };
    match menu.items.get(menu.selected).copied() {
        None => Vec::new(),
        Some(MenuItem::Accept) => {
            toast(model, "a accepts: this device will hold the only copy of the chat");
            Vec::new()
        }
        Some(item) => run(model, verb_of(item)),
    }
}

/// Whether the open menu offers the item that a letter stands for.
pub(super) fn offers(model: &Model, item: MenuItem) -> bool {
    match &model.popup {
        Some(Popup::Menu(menu)) => menu.items.contains(&item),
        _ => true,
    }
}
