//! Where the keys go: list, messages, composer, and out of popups.

use super::moving;
use crate::tui::model::{Chat, Focus, Model, Scroll};
use crate::tui::msg::Effect;

/// One step out. Out of the messages the chat's view is closed.
pub(super) fn back(model: &mut Model) -> Vec<Effect> {
    if model.popup.take().is_some() {
        return Vec::new();
    }
    match model.focus {
        Focus::Composer => model.focus = Focus::Messages(Scroll::default()),
        Focus::Messages(_) => {
            model.open = None;
            to_list(model);
        }
        Focus::List => {}
    }
    Vec::new()
}

/// List, messages or composer, list.
pub(super) fn next(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Focus::List if model.list.searching => model.list.searching = false,
        Focus::List if model.open.is_some() => into_conversation(model),
        Focus::List => {}
        Focus::Messages(_) if composer(model) => model.focus = Focus::Composer,
        Focus::Messages(_) | Focus::Composer => to_list(model),
    }
    Vec::new()
}

/// The other way round.
pub(super) fn previous(model: &mut Model) -> Vec<Effect> {
    match model.focus {
        Focus::List if composer(model) => model.focus = Focus::Composer,
        Focus::List if model.open.is_some() => model.focus = Focus::Messages(Scroll::default()),
        Focus::List => {}
        Focus::Messages(_) => to_list(model),
        Focus::Composer => model.focus = Focus::Messages(Scroll::default()),
    }
    Vec::new()
}

pub(super) fn compose(model: &mut Model) -> Vec<Effect> {
    if composer(model) {
        model.focus = Focus::Composer;
    }
    Vec::new()
}

fn composer(model: &Model) -> bool {
    model.open_chat().is_some_and(Chat::has_composer)
}

fn into_conversation(model: &mut Model) {
    let ready = model.open_chat().is_some_and(Chat::ready);
    model.focus = if ready { Focus::Composer } else { Focus::Messages(Scroll::default()) };
}

fn to_list(model: &mut Model) {
    model.focus = Focus::List;
    moving::put_in_order(model);
}
