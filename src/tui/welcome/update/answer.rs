//! What comes back: from the program around, and from the entrance.
//!
//! Each stage of the entrance is a page; a refusal leaves the page as it is and says why, with what was hidden to be typed again.

use super::{Account, Effect, Form, Model, Page, submit};
use crate::engine::entrance::{CodeSent, EntranceEvent, Stage};
use crate::tui::welcome::field::{Field, Manner};
use crate::tui::welcome::host::ServerKey;
use crate::tui::welcome::model::{Ask, CONNECTING, Ending, Trouble};
use crate::tui::welcome::terms::Reading;
use crate::tui::welcome::view;

/// The key that was asked about. If Enter waits for it, it goes on.
pub(super) fn server_key(model: &mut Model, typed: &str, answer: Result<ServerKey, String>) -> Vec<Effect> {
    // Whoever went elsewhere may wait for something else there.
    let Page::Form(Form { ask: Ask::Server(_), .. }) = &model.page else { return Vec::new() };
    let awaited = model.busy.take().is_some();
    let Page::Form(form) = &mut model.page else { return Vec::new() };
    let current = form.text(1) == typed;
    let Ask::Server(key) = &mut form.ask else { return Vec::new() };
    match answer {
        _ if !current => Vec::new(),
        Ok(read) => {
            *key = Some(read);
            if awaited { submit::resumed(model) } else { Vec::new() }
        }
        Err(words) => {
            let focus = if awaited { 1 } else { form.focus };
            submit::wrong(model, focus, words)
        }
    }
}

pub(super) fn entered(model: &mut Model, outcome: Result<(), String>) -> Vec<Effect> {
    match outcome {
        Ok(()) => model.busy = Some(CONNECTING),
        Err(words) => {
            model.busy = None;
            // A profile that opened before may be tried again; a new one may need another name.
            if model.given.unfinished.is_none() {
                model.chosen.profile = None;
            }
            model.page = model.trail.pop().unwrap_or(Page::Choice(0));
            model.trouble = Some(Trouble::new(words));
        }
    }
    Vec::new()
}

pub(super) fn opened(model: &mut Model, outcome: Result<Account, String>) -> Vec<Effect> {
    model.busy = None;
    match outcome {
        Ok(Account::There) => model.ending = Some(Ending::Opened),
        Ok(Account::Missing) => {
            model.trail.clear();
            model.page = Page::Choice(0);
        }
        Err(words) => {
            model.chosen.profile = None;
            forget_hidden(model);
            model.trouble = Some(Trouble::new(words));
        }
    }
    Vec::new()
}

/// News of the entrance.
pub(super) fn told(model: &mut Model, event: EntranceEvent) -> Vec<Effect> {
    match event {
        EntranceEvent::Connection(connection) => model.connection = Some(connection),
        EntranceEvent::Stage(stage) => staged(model, stage),
        EntranceEvent::CodeExpired => model.stale = true,
        EntranceEvent::Refused { sentence, until_unix_ms } => {
            let of = model.busy.take();
            forget_hidden(model);
            // The number is looked at again where it can be changed.
            if matches!(&model.page, Page::Form(Form { ask: Ask::Sure(_), .. })) {
                model.page = model.trail.pop().unwrap_or(Page::Waiting);
            }
            let trouble = Trouble { until_ms: until_unix_ms, of, ..Trouble::new(sentence) };
            if trouble.until_ms.is_some() && of == Some(Ask::Phone.doing()) {
                let number = model.pause_of(&model.chosen.phone);
                model.pauses.insert(number, trouble.clone());
            }
            model.trouble = Some(trouble);
        }
        EntranceEvent::Failed(sentence) => {
            model.busy = None;
            model.trouble = None;
            model.page = Page::Failed(sentence);
        }
    }
    Vec::new()
}

fn staged(model: &mut Model, stage: Stage) {
    model.busy = None;
    model.trouble = None;
    model.stale = false;
    let former = std::mem::replace(&mut model.page, Page::Waiting);
    let trail = std::mem::take(&mut model.trail);
    model.page = match stage {
        Stage::Phone => Page::Form(Form::phone(&model.chosen.phone)),
        Stage::Code(sent) => {
            model.page = former;
            return code(model, sent);
        }
        Stage::Qr { link, expires_unix_ms } => Page::Qr { link, expires_ms: expires_unix_ms },
        Stage::Password { hint } => {
            model.chosen.recovery = None;
            Page::Form(Form::password(hint))
        }
        Stage::Recovery { mail } => {
            // Whoever remembers it after all goes back to it.
            let password = |page: &Page| matches!(page, Page::Form(Form { ask: Ask::Password { .. }, .. }));
            model.trail = std::iter::once(former).chain(trail).filter(password).take(1).collect();
            model.chosen.recovery = Some(mail.clone());
            Page::Form(Form::recovery(mail))
        }
        Stage::Terms(terms) => Page::Terms(Reading::new(&terms, view::terms::columns(model.size.0))),
        Stage::Name => Page::Form(Form::name()),
        Stage::Done(_) => {
            model.ending = Some(Ending::SignedIn);
            Page::Waiting
        }
    };
}

/// A code that was sent again by the same length leaves what was typed.
fn code(model: &mut Model, sent: CodeSent) {
    match &mut model.page {
        Page::Form(Form { ask: Ask::Code(former), .. }) if former.length == sent.length => *former = sent,
        page => *page = Page::Form(Form::code(sent)),
    }
}

/// What was hidden cannot be mended, only typed anew.
fn forget_hidden(model: &mut Model) {
    if let Page::Form(form) = &mut model.page {
        let hidden = form.fields.iter_mut().filter(|field| field.manner != Manner::Open);
        hidden.for_each(Field::clear);
    }
}
