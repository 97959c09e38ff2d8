//! Signing a profile out from the command line: first the open chats by name, then the question, then the engine does it.
//!
//! Secret chats are bound to the sign-in they were made under. Discarding them first tells the others that they are over; without
//! that the others go on writing to nobody.

use std::collections::HashMap;

use tokio::sync::mpsc::UnboundedReceiver;

use super::ProfilesFault;
use crate::cli::args::Profile;
use crate::cli::open::open;
use crate::cli::prompt::ask_line;
use crate::engine::{self, ChatEvent, ChatState, Command, Connection, Engine, Event, Handle, Person, UserId};
use crate::tui::{text, words};

/// Signs out; `discard` answers the question beforehand.
pub(super) fn run(profile: &Profile, discard: bool) -> Result<(), ProfilesFault> {
    let Engine { handle, events, thread } = engine::start(open(profile)?)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ProfilesFault::Runtime)?;
    let outcome = runtime.block_on(converse(&handle, events, discard));
    handle.send(Command::Quit);
    let _ = thread.join();
    println!("{}", text::safe_line(&outcome?));
    Ok(())
}

/// The sentence to end with.
async fn converse(
    handle: &Handle,
    mut events: UnboundedReceiver<Event>,
    discard: bool,
) -> Result<String, ProfilesFault> {
    let open = restored(&mut events).await?;
    let discard = discard || !open.is_empty() && ask(&open)?;
    online(&mut events).await?;
    handle.send(Command::SignOut { discard });
    loop {
        match next(&mut events).await? {
            Event::SignedOut(sentence) => return Ok(sentence),
            Event::Refused(sentence) => return Err(ProfilesFault::SignOut(sentence)),
            _ => {}
        }
    }
}

/// Takes in what is told at start: the names of those with whom a chat is open.
async fn restored(events: &mut UnboundedReceiver<Event>) -> Result<Vec<String>, ProfilesFault> {
    let mut people: HashMap<UserId, Person> = HashMap::new();
    let mut open = Vec::new();
    loop {
        match next(events).await? {
            Event::People(list) => people.extend(list.into_iter().map(|person| (person.id, person))),
            Event::Chat(ChatEvent::Chat(view)) if is_bound(&view.state) => open.push(view.user),
            Event::Restored => break,
            _ => {}
        }
    }
    let name = |user| people.get(user).map_or_else(|| "somebody".into(), words::name);
    Ok(open.iter().map(|user| text::safe_line(&name(user))).collect())
}

/// Whether a chat ends with the sign-in; a request of somebody else's may still be taken on another device.
fn is_bound(state: &ChatState) -> bool {
    !matches!(state, ChatState::Closed(_) | ChatState::Requested { .. })
}

fn ask(open: &[String]) -> Result<bool, ProfilesFault> {
    let answer = ask_line(&format!(
        "Signing out ends {}: {}. Their history stays readable here.\n\
         d  discard them first, so that the others are told\n\
         s  just sign out\n\
         anything else: stay signed in\n\
         d or s: ",
        if open.len() == 1 {
            "this secret chat".into()
        } else {
            format!("these {} secret chats", open.len())
        },
        open.join(", "),
    ))?;
    match answer.as_str() {
        "d" => Ok(true),
        "s" => Ok(false),
        _ => Err(ProfilesFault::Unconfirmed),
    }
}

/// Waits for the server, or for why it cannot be reached.
async fn online(events: &mut UnboundedReceiver<Event>) -> Result<(), ProfilesFault> {
    loop {
        match next(events).await? {
            Event::Connection(Connection::Online) => return Ok(()),
            Event::Connection(Connection::Waiting { reason, .. } | Connection::Refused(reason)) => {
                return Err(ProfilesFault::SignOut(format!("nobody was signed out: {reason}")));
            }
            _ => {}
        }
    }
}

async fn next(events: &mut UnboundedReceiver<Event>) -> Result<Event, ProfilesFault> {
    match events.recv().await {
        Some(Event::Stopped(why)) => {
            Err(ProfilesFault::SignOut(why.unwrap_or_else(|| "the engine stopped".into())))
        }
        Some(event) => Ok(event),
        None => Err(ProfilesFault::SignOut("the engine stopped".into())),
    }
}
