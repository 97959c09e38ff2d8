//! When the engine is told that somebody is here, by which others see us online.
//!
//! A terminal says when it is looked at and when it is left. One that is looked at for long proves nothing, so the word is given again only
//! with a key, and nothing is said while nothing happens: the server takes who has not been heard of for a few minutes as gone.

use crate::engine::{Command, Event};
use crate::tui::model::Model;
use crate::tui::msg::{Effect, Msg};

/// Keys within this time of the last word bring no other, milliseconds.
const AGAIN: i64 = 2 * 60 * 1_000;

/// What the engine is to be told about the user being here, now that this has happened.
pub fn tell(model: &mut Model, msg: &Msg) -> Option<Effect> {
    let stale = !model.active_ms.is_some_and(|told| (0..AGAIN).contains(&(model.now_ms - told)));
    let active = match msg {
        Msg::Focus(true) | Msg::Key(_) | Msg::Paste(_) => stale.then_some(true),
        Msg::Focus(false) => model.active_ms.is_some().then_some(false),
        Msg::Resumed => Some(true),
        Msg::Engine(event) => (**event == Event::Restored && model.terminal_focus).then_some(true),
        _ => None,
    }?;
    model.active_ms = active.then_some(model.now_ms);
    Some(Effect::Engine(Command::Active(active)))
}
