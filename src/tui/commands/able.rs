//! Whether a verb can be carried out now, and the sentence for when it cannot.
//!
//! Asked before every command and for every hint. An empty sentence means that there is nothing to say: the key simply has no meaning here.
//! One rule stands before all others: a device that was signed out has no account, and what needs one is neither offered nor done.

use super::{account, bound_chats, chat_of, content, menu, messages, target, user_of_open, username};
use crate::engine::{Body, ChatState, Delivery};
use crate::tui::formatted;
use crate::tui::keys::{Verb, item_of};
use crate::tui::model::{Chat, Focus, Model, Open, Popup, Row};
use crate::tui::rows::living_chat;
use crate::tui::words::content::protected;
use crate::tui::words::people::no_chat;

/// Why not; empty if there is nothing to say.
pub type Reason = &'static str;

/// Why nothing goes out of a device that was signed out. How to sign in again stands at the bottom all the while.
const SIGNED_OUT: Reason = "this device is signed out: here you can only read";

/// Whether the verb can be carried out where the focus is.
///
/// # Errors
/// The sentence that says why not.
pub fn able(model: &Model, verb: Verb) -> Result<(), Reason> {
    let of = target(model);
    if item_of(verb).is_some_and(|item| !menu::offers(model, item)) {
        return Err("");
    }
    need(!barred(model, verb), SIGNED_OUT)?;
    let chat = of.and_then(chat_of).and_then(|chat| model.chats.get(&chat));
    match verb {
        Verb::StartSecretChat => able_to_start(model, of, chat),
        Verb::AddContact | Verb::DeleteContact | Verb::Block | Verb::Unblock => {
            able_with_person(model, of, verb)
        }
        Verb::Menu => of.map(|_| ()).ok_or("no chat is open"),
        Verb::Copy | Verb::OpenOutside if model.popup.is_some() => {
            need(content::to_copy(model).is_some(), "what is protected is neither copied nor handed on")
        }
        Verb::Copy
        | Verb::DeleteMessage
        | Verb::Retry
        | Verb::Reply
        | Verb::Open
        | Verb::Jump
        | Verb::Links
        | Verb::PauseResume
        | Verb::CancelTransfer
        | Verb::Forward => able_with_message(model, verb),
        Verb::Account => need(model.me.is_some(), "who you are is not known yet"),
        Verb::ToggleReceiving => need(account::selected(model).is_some(), "the server is being asked"),
        Verb::EndDevice => {
            let device = account::selected(model).ok_or("the server is being asked")?;
            need(!device.own, "this is the device you sit at: sign out instead, in the account's menu")
        }
        Verb::SignOutClosing => need(!bound_chats(model).is_empty(), "no secret chat is open here"),
        Verb::Compose => compose(model),
        Verb::Send if matches!(model.popup, Some(Popup::Attach(_))) => send_file(model),
        Verb::Send if matches!(model.popup, Some(Popup::Proxy(_))) => Ok(()),
        Verb::Send if matches!(model.popup, Some(Popup::Username(_))) => username::able(model),
        Verb::Send | Verb::SendSilently | Verb::Attach => send(model),
        Verb::Info => need(of.is_some(), "select a person first"),
        Verb::Choose => choose(model),
        Verb::ClearSearch => need(model.list.searching || !model.list.query.is_empty(), ""),
        Verb::NextChat | Verb::PreviousChat => {
            need(!model.list.chats.is_empty(), "there is no secret chat yet")
        }
        Verb::NextUnread => need(model.unseen_elsewhere() > 0, "nothing is unread elsewhere"),
        Verb::Accept
        | Verb::Decline
        | Verb::Leave
        | Verb::ShowKey
        | Verb::ToggleVerified
        | Verb::ChangeKey
        | Verb::SetTimer
        | Verb::CloseKeeping
        | Verb::CloseDeleting
        | Verb::CancelRequest
        | Verb::TryAgain
        | Verb::Report
        | Verb::Dismiss => able_with_chat(model, chat.ok_or("no secret chat is open")?, verb),
        _ => Ok(()),
    }
}

/// Whether a verb needs the account that a device which was signed out has not got any more.
pub fn barred(model: &Model, verb: Verb) -> bool {
    model.signed_out.is_some() && needs_the_account(model, verb)
}

/// What is said, asked or changed at the server. Reading, copying, finding and tidying up are not.
fn needs_the_account(model: &Model, verb: Verb) -> bool {
    match verb {
        Verb::StartSecretChat
        | Verb::TryAgain
        | Verb::AddContact
        | Verb::DeleteContact
        | Verb::Block
        | Verb::Unblock
        | Verb::Report
        | Verb::Accept
        | Verb::Decline
        | Verb::Leave
        | Verb::CancelRequest
        | Verb::CloseKeeping
        | Verb::ChangeKey
        | Verb::SetTimer
        | Verb::Compose
        | Verb::SendSilently
        | Verb::Attach
        | Verb::Reply
        | Verb::Retry
        | Verb::PauseResume
        | Verb::ChangeUsername
        | Verb::Devices
        | Verb::ToggleReceiving
        | Verb::EndDevice
        | Verb::SignOut
        | Verb::SignOutClosing
        | Verb::SignOutLeaving => true,
        // The way to the server is a matter of this device.
        Verb::Send => !matches!(model.popup, Some(Popup::Proxy(_))),
        Verb::Open => content::fetches(model),
        _ => false,
    }
}

fn need(condition: bool, reason: Reason) -> Result<(), Reason> {
    if condition { Ok(()) } else { Err(reason) }
}

/// With a living chat selected there is none to start: opening it is what Enter says already.
fn able_to_start(model: &Model, of: Option<Open>, chat: Option<&Chat>) -> Result<(), Reason> {
    let user = of.and_then(|of| user_of_open(model, of)).ok_or("select a person first")?;
    let here = chat.is_some_and(|chat| model.open == Some(Open::Chat(chat.view.id)) && !chat.closed());
    let person = model.people.get(&user).ok_or("nothing is known of this person yet")?;
    no_chat(person, model.is_me(user)).map_or(Ok(()), Err)?;
    need(!here || model.focus == Focus::List, "this is the secret chat")
}

fn able_with_person(model: &Model, of: Option<Open>, verb: Verb) -> Result<(), Reason> {
    let user = of.and_then(|of| user_of_open(model, of)).ok_or("select a person first")?;
    let person = model.people.get(&user).ok_or("nothing is known of this person yet")?;
    match verb {
        _ if model.is_me(user) => Err("this is you"),
        Verb::AddContact => need(!person.contact, "they are in your contacts already"),
        Verb::DeleteContact => need(person.contact, "they are not in your contacts"),
        _ => Ok(()),
    }
}

fn able_with_message(model: &Model, verb: Verb) -> Result<(), Reason> {
    let message = messages::selected(model).ok_or("")?;
    let chat = model.open_chat().ok_or("")?;
    let own_words = !message.body.is_service() && !matches!(message.body, Body::Unsupported(_));
    match verb {
        Verb::Copy if protected(message) => Err("what is protected is not copied"),
        Verb::Copy => need(messages::copied(message).is_some(), "there is no text to copy"),
        Verb::Retry => {
            need(own_words && message.delivery == Delivery::Failed, "only what failed can be sent again")
        }
        Verb::Reply => {
            need(own_words && message.delivery != Delivery::Failed, "this cannot be answered")?;
            need(chat.ready(), "nothing can be said in this chat")
        }
        Verb::Open => need(content::holds(model), "there is nothing to open in this message"),
        Verb::Jump => need(message.reply_to.is_some(), "this message answers none"),
        Verb::Links => need(!formatted::links(message).is_empty(), "there is no address in this message"),
        Verb::PauseResume | Verb::CancelTransfer => {
            need(content::under_way(model), "no file of this message is on its way")
        }
        _ => Ok(()),
    }
}

fn send_file(model: &Model) -> Result<(), Reason> {
    let Some(Popup::Attach(attach)) = &model.popup else { return Err("") };
    need(!attach.path.trim().is_empty(), "write the path of a file; Tab completes it")
}

fn compose(model: &Model) -> Result<(), Reason> {
    need(model.open_chat().is_some_and(Chat::has_composer), "")
}

fn send(model: &Model) -> Result<(), Reason> {
    let ready = model.open_chat().is_some_and(Chat::ready);
    need(ready, "nothing is sent before you both hold the key; the draft is kept")
}

fn choose(model: &Model) -> Result<(), Reason> {
    need(model.popup.is_some() || model.list.selected.is_some(), "")?;
    let waiting = model.list.found.as_ref().is_some_and(|found| found.people.is_none());
    let asks = model.popup.is_none() && model.list.selected == Some(Row::AskServer);
    need(!(asks && waiting), "the server is being asked")
}

fn able_with_chat(model: &Model, chat: &Chat, verb: Verb) -> Result<(), Reason> {
    let state = &chat.view.state;
    let requested = matches!(state, ChatState::Requested { .. });
    match verb {
        Verb::Accept | Verb::Decline => need(requested, "this is not an open request"),
        Verb::Leave => need(*state == ChatState::Requested { left: false }, "it is left for another device"),
        Verb::ShowKey => need(chat.view.key.is_some(), "there is no key yet"),
        Verb::ToggleVerified => need(chat.ready(), "the chat has ended; its mark stays as it is"),
        Verb::Report => need(!chat.view.ours, "only who asks for a secret chat can be reported"),
        Verb::ChangeKey => {
            need(chat.ready(), "there is no key to change")?;
            let changing = chat.view.key_state.is_some_and(|key| key.changing);
            need(!changing, "the key is being changed already")
        }
        Verb::SetTimer => need(chat.ready(), "a timer can be set once the chat is ready"),
        Verb::CloseKeeping => need(!chat.closed() && !requested, "this chat is closed"),
        Verb::CloseDeleting => need(!chat.closed() || chat.last.is_some(), "there is nothing to delete"),
        Verb::CancelRequest => {
            need(matches!(state, ChatState::Asking | ChatState::Waiting), "there is no request to withdraw")
        }
        Verb::TryAgain => {
            need(chat.closed(), "this chat has not ended")?;
            let person = model.people.get(&chat.view.user);
            person.and_then(|person| no_chat(person, false)).map_or(Ok(()), Err)
        }
        Verb::Dismiss => need(chat.closed(), "this chat has not ended"),
        _ => Ok(()),
    }
}

/// There is a chat with the same person that has not ended.
pub(super) fn has_living_chat(model: &Model, chat: &Chat) -> bool {
    living_chat(model, chat.view.user).is_some()
}
