//! What the verbs do, one file per group.
//!
//! [`run`] is the only door: it asks [`able`](able::able) whether the verb makes sense now, says why not if not, and carries it out. The hint
//! bar asks the same question, so that it shows only what works. Commands change the model as far as the user's own hands go (focus,
//! selection, popups); what becomes of chats and messages is told by the engine.

mod able;
pub mod account;
pub mod attach;
pub mod compose;
mod confirm;
mod content;
mod focus;
mod key_picture;
mod menu;
mod messages;
pub mod moving;
pub mod open;
mod person;
pub mod presence;
mod reading;
mod request;
pub mod search;
pub mod seen;
mod start_secret_chat;
mod switch_chat;
mod timer;
pub mod username;

use able::has_living_chat;
pub use able::{able, barred};
pub use account::bound_chats;
pub use content::{came, failed, holds, previewed};
pub use menu::keep_possible;
use reading::Way;

use super::keys::Verb;
use super::model::{Attach, Chat, Focus, Model, Open, Popup, Row, Toast};
use super::msg::Effect;
use super::rows::user_of;
use super::text::safe_line;
use super::update::quit;
use super::words;
use crate::engine::{ChatId, Command, UserId};

/// Carries out a verb, or says why it cannot be.
pub fn run(model: &mut Model, verb: Verb) -> Vec<Effect> {
    if let Err(reason) = able(model, verb) {
        if !reason.is_empty() {
            toast(model, reason);
        }
        return Vec::new();
    }
    let of = target(model);
    if super::keys::item_of(verb).is_some() && matches!(model.popup, Some(Popup::Menu(_))) {
        model.popup = None;
    }
    match of {
        Some(of) => run_on(model, verb, of),
        None => run_plain(model, verb),
    }
}

/// Verbs that are about somebody.
fn run_on(model: &mut Model, verb: Verb, of: Open) -> Vec<Effect> {
    let chat = chat_of(of);
    match (verb, user_of_open(model, of), chat) {
        (Verb::Menu, ..) => menu::open(model, of),
        (Verb::StartSecretChat | Verb::TryAgain, Some(user), _) => start_secret_chat::start(model, user),
        (Verb::AddContact, Some(user), _) => person::add_contact(model, user),
        (Verb::DeleteContact, Some(user), _) => person::delete_contact(model, user),
        (Verb::Block, Some(user), _) => person::block(model, user),
        (Verb::Unblock, Some(user), _) => vec![Effect::Engine(Command::Unblock(user))],
        (Verb::Report, _, Some(chat)) => person::report(model, chat),
        (Verb::Accept, _, Some(chat)) => request::accept(chat),
        (Verb::Decline, _, Some(chat)) => request::decline(model, chat),
        (Verb::Leave, _, Some(chat)) => request::leave(chat),
        (Verb::CancelRequest, _, Some(chat)) => request::cancel(model, chat),
        (Verb::CloseKeeping, _, Some(chat)) => confirm::ask_close(model, chat, false),
        (Verb::CloseDeleting, _, Some(chat)) => confirm::ask_close(model, chat, true),
        (Verb::Dismiss, _, Some(chat)) => request::dismiss(model, chat),
        (Verb::ShowKey, _, Some(chat)) => key_picture::show(model, chat),
        (Verb::ToggleVerified, _, Some(chat)) => key_picture::toggle_verified(model, chat),
        (Verb::SetTimer, _, Some(chat)) => timer::open(model, chat),
        (Verb::ChangeKey, _, Some(chat)) => key_picture::change(model, chat),
        (Verb::Info, ..) => {
            model.popup = Some(Popup::Info { of, skipped: 0 });
            Vec::new()
        }
        _ => run_plain(model, verb),
    }
}

/// Verbs of the focus and of the screen.
fn run_plain(model: &mut Model, verb: Verb) -> Vec<Effect> {
    match verb {
        Verb::Next => moving::step(model, Way::Down),
        Verb::Previous => moving::step(model, Way::Up),
        Verb::PageDown => moving::page(model, Way::Down),
        Verb::PageUp => moving::page(model, Way::Up),
        Verb::First => moving::to_first(model),
        Verb::Last => moving::to_last(model),
        Verb::Choose => choose(model),
        Verb::Back => focus::back(model),
        Verb::FocusNext => focus::next(model),
        Verb::FocusPrevious => focus::previous(model),
        Verb::Compose => focus::compose(model),
        Verb::Search => search::begin(model),
        Verb::ClearSearch => search::clear(model),
        Verb::Copy => messages::copy(model),
        Verb::DeleteMessage => messages::delete(model),
        Verb::Retry => messages::retry(model),
        Verb::Reply => compose::reply(model),
        Verb::DropReply => compose::drop_reply(model),
        Verb::Open => content::open(model),
        Verb::Jump => content::jump(model),
        Verb::Links => content::links(model),
        Verb::PauseResume => content::pause_or_resume(model),
        Verb::CancelTransfer => content::give_up(model),
        Verb::Forward => content::refuse_to_forward(model),
        Verb::OpenOutside => content::open_outside(model),
        Verb::Attach => attach::open(model),
        Verb::Complete => attach::complete(model),
        Verb::ToggleDocument => attach::toggle_document(model),
        Verb::ToggleSilent => attach::toggle_silent(model),
        Verb::Send if matches!(model.popup, Some(Popup::Attach(_))) => attach::send(model),
        Verb::Send if matches!(model.popup, Some(Popup::Proxy(_))) => account::set_proxy(model),
        Verb::Send if matches!(model.popup, Some(Popup::Username(_))) => username::set(model),
        Verb::Send => compose::send(model, false),
        Verb::SendSilently => compose::send(model, true),
        Verb::NewLine => compose::new_line(model),
        Verb::Yes => confirm::yes(model),
        Verb::No => focus::back(model),
        Verb::NextChat => switch_chat::by(model, 1),
        Verb::PreviousChat => switch_chat::by(model, -1),
        Verb::NextUnread => switch_chat::to_unread(model),
        Verb::Account => account::menu(model),
        Verb::Devices => account::devices(model),
        Verb::ToggleReceiving => account::toggle_receiving(model),
        Verb::EndDevice => account::end_device(model),
        Verb::Connection => account::connection(model),
        Verb::ChangeUsername => username::ask(model),
        Verb::ChangeProxy => account::ask_proxy(model),
        Verb::SignOut => account::ask_sign_out(model),
        Verb::SignOutClosing => account::sign_out(model, true),
        Verb::SignOutLeaving => account::sign_out(model, false),
        Verb::Help => {
            model.popup = Some(Popup::Help(0));
            Vec::new()
        }
        Verb::Quit => quit(model),
        Verb::Suspend => vec![Effect::Suspend],
        Verb::Redraw => vec![Effect::Redraw],
        Verb::Interrupt => {
            toast(model, "Ctrl+Q quits; drafts are kept");
            Vec::new()
        }
        // About somebody, and nobody is there: `able` has said so.
        _ => Vec::new(),
    }
}

/// Enter on what is selected.
fn choose(model: &mut Model) -> Vec<Effect> {
    match &model.popup {
        Some(Popup::Menu(_)) => menu::choose(model),
        Some(Popup::Timer { .. }) => timer::choose(model),
        Some(_) => Vec::new(),
        None => open::open_selected(model),
    }
}

/// Of whom a verb speaks: what the popup is of, else the selected row of the list, else what is open.
pub(super) fn target(model: &Model) -> Option<Open> {
    match &model.popup {
        Some(Popup::Menu(menu)) => return Some(menu.of),
        Some(Popup::Info { of, .. }) => return Some(*of),
        Some(Popup::Key(chat) | Popup::Timer { chat, .. }) => return Some(Open::Chat(*chat)),
        Some(Popup::File { chat, .. } | Popup::Attach(Attach { chat, .. })) => {
            return Some(Open::Chat(*chat));
        }
        Some(
            Popup::Confirm(_)
            | Popup::Help(_)
            | Popup::Links { .. }
            | Popup::Devices { .. }
            | Popup::Connection
            | Popup::Proxy(_)
            | Popup::Username(_)
            | Popup::SignOut,
        ) => return None,
        None => {}
    }
    match model.focus {
        Focus::List => match model.list.selected? {
            Row::Chat(chat) => Some(Open::Chat(chat)),
            Row::Contact(user) | Row::Found(user) => Some(Open::Person(user)),
            Row::AskServer | Row::Import => None,
        },
        Focus::Messages(_) | Focus::Composer => model.open,
    }
}

fn chat_of(of: Open) -> Option<ChatId> {
    match of {
        Open::Chat(chat) => Some(chat),
        Open::Person(_) => None,
    }
}

fn user_of_open(model: &Model, of: Open) -> Option<UserId> {
    match of {
        Open::Chat(chat) => user_of(model, Row::Chat(chat)),
        Open::Person(user) => Some(user),
    }
}

/// What a person is called, safe to show.
pub fn name_of(model: &Model, user: UserId) -> String {
    let name = model.people.get(&user).map(|person| safe_line(&words::name(person)));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("user {user}"))
}

/// What the other person of a chat is called.
fn name_in(model: &Model, chat: &Chat) -> String {
    name_of(model, chat.view.user)
}

/// Says a sentence.
pub fn toast(model: &mut Model, words: &str) {
    model.toast = Some(Toast { words: words.into(), trouble: false });
}

/// Says a sentence about something that went wrong.
pub fn trouble(model: &mut Model, words: &str) {
    model.toast = Some(Toast { words: words.into(), trouble: true });
}
