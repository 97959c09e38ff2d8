//! Enter on a page that asks: what was typed is checked, and goes on to where it belongs.
//!
//! What is wrong is said on the page and its field gets the focus, before anything is made or sent.

use super::{Effect, Form, Model, Page, by, go};
use crate::engine::entrance::{EntranceCommand, Hidden};
use crate::engine::{Proxy, ServerProfile, TELEGRAM, TELEGRAM_ADDRESS, TELEGRAM_DC};
use crate::tui::welcome::check;
use crate::tui::welcome::field::Field;
use crate::tui::welcome::host::{Keeping, Plan};
use crate::tui::welcome::model::{Ask, OPENING, OwnServer, Trouble};

/// What a server of one's own is told instead of an application's number, which it ignores.
const OWN_API_ID: i32 = 1;

/// Takes what the form holds.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    let Page::Form(form) = &model.page else { return Vec::new() };
    let doing = form.ask.doing();
    match &form.ask {
        Ask::Unlock(profile) => {
            let keeping = by(hidden(form));
            open(model, profile.clone(), keeping)
        }
        Ask::Server(_) => server(model),
        Ask::Numbers => numbers(model),
        Ask::Proxy => proxy(model),
        Ask::Profile { key_file } => profile(model, *key_file),
        Ask::Phone => match check::phone(form.text(0)) {
            Ok(digits) => go(model, Form::sure(digits)),
            Err(fault) => wrong(model, 0, fault.to_string()),
        },
        Ask::Sure(digits) => {
            let digits = digits.clone();
            model.chosen.phone.clone_from(&digits);
            say(model, EntranceCommand::Phone(digits), doing)
        }
        Ask::Recovery { .. } if form.text(0).trim().is_empty() => {
            wrong(model, 0, "the code is what the e-mail says".into())
        }
        Ask::Code(_) if form.text(0).trim().is_empty() => wrong(model, 0, "the code is what was sent".into()),
        Ask::Code(_) | Ask::Recovery { .. } => {
            let code = EntranceCommand::Code(hidden(form));
            say(model, code, doing)
        }
        Ask::Password { .. } if form.text(0).is_empty() => wrong(model, 0, "the password is empty".into()),
        Ask::Password { .. } => {
            let password = EntranceCommand::Password(hidden(form));
            say(model, password, doing)
        }
        Ask::Name => {
            let [first, last] = [0, 1].map(|field| form.text(field).trim().to_owned());
            if first.is_empty() {
                return wrong(model, 0, "a first name is needed; any will do".into());
            }
            say(model, EntranceCommand::Name { first, last }, doing)
        }
    }
}

fn hidden(form: &Form) -> Hidden {
    form.fields.first().map_or_else(|| Hidden::new(String::new()), Field::hidden)
}

/// Says something to the entrance and awaits its answer, unless that wants a pause.
pub(super) fn say(model: &mut Model, command: EntranceCommand, busy: &'static str) -> Vec<Effect> {
    if model.barred(busy) {
        return Vec::new();
    }
    model.trouble = None;
    model.busy = Some(busy);
    vec![Effect::Say(command)]
}

/// Opens a profile that is there.
pub(super) fn open(model: &mut Model, profile: String, keeping: Keeping) -> Vec<Effect> {
    model.trouble = None;
    model.busy = Some(OPENING);
    model.chosen.profile = Some((profile.clone(), keeping.clone()));
    vec![Effect::Open { profile, keeping }]
}

/// What is wrong, and where.
pub(super) fn wrong(model: &mut Model, field: usize, words: String) -> Vec<Effect> {
    if let Page::Form(form) = &mut model.page {
        form.focus = field;
    }
    model.trouble = Some(Trouble::new(words));
    Vec::new()
}

fn server(model: &mut Model) -> Vec<Effect> {
    let Page::Form(form) = &model.page else { return Vec::new() };
    let Ask::Server(key) = &form.ask else { return Vec::new() };
    let address = match check::address(form.text(0)) {
        Ok(address) => address,
        Err(fault) => return wrong(model, 0, fault.to_string()),
    };
    let dc_id = match check::data_centre(form.text(2)) {
        Ok(dc_id) => dc_id,
        Err(fault) => return wrong(model, 2, fault.to_string()),
    };
    match key.clone() {
        Some(key) => {
            let typed = form.text(1).trim().to_owned();
            model.chosen.server = Some(OwnServer { address, dc_id, key, typed });
            name_profile(model)
        }
        None if form.text(1).trim().is_empty() => {
            let words =
                "without its key nobody could tell this server from another: give the file server.pem";
            wrong(model, 1, words.into())
        }
        None => {
            let typed = form.text(1).to_owned();
            model.busy = Some("Reading the key ...");
            vec![Effect::ReadKey(typed)]
        }
    }
}

fn numbers(model: &mut Model) -> Vec<Effect> {
    let Page::Form(form) = &model.page else { return Vec::new() };
    match (check::api_id(form.text(0)), check::api_hash(form.text(1))) {
        (Ok(id), Ok(hash)) => {
            model.chosen.application = Some((id, hash));
            name_profile(model)
        }
        (Err(fault), _) => wrong(model, 0, fault.to_string()),
        (_, Err(fault)) => wrong(model, 1, fault.to_string()),
    }
}

fn proxy(model: &mut Model) -> Vec<Effect> {
    let Page::Form(form) = &model.page else { return Vec::new() };
    let link = form.text(0).trim();
    let proxy = match link {
        "" => None,
        link => match Proxy::from_link(link) {
            Ok(proxy) => Some(proxy),
            Err(fault) => return wrong(model, 0, fault.to_string()),
        },
    };
    model.chosen.proxy = proxy;
    super::back(model)
}

/// The profile comes next, unless it is there already.
pub(super) fn name_profile(model: &mut Model) -> Vec<Effect> {
    if model.chosen.profile.is_some() {
        return enter(model);
    }
    let taken = model.given.profiles.iter().any(|known| known.name == model.given.profile);
    let name = if taken { String::new() } else { model.given.profile.clone() };
    let mut form = Form::profile(&name, false);
    if name.is_empty() {
        form.focus = 0;
    }
    go(model, form)
}

fn profile(model: &mut Model, key_file: bool) -> Vec<Effect> {
    let Page::Form(form) = &model.page else { return Vec::new() };
    let name = match check::profile_name(form.text(0).trim()) {
        Ok(name) => name,
        Err(fault) => return wrong(model, 0, fault.to_string()),
    };
    if model.given.profiles.iter().any(|known| known.name == name) {
        let words = format!("there is a profile {name} already: take another name, or go back and open it");
        return wrong(model, 0, words);
    }
    if key_file {
        model.chosen.profile = Some((name, Keeping::KeyFile));
        return enter(model);
    }
    let Some((passphrase, again)) = form.fields.get(1).zip(form.fields.get(2)) else { return Vec::new() };
    if passphrase.text().is_empty() {
        let words = "an empty passphrase protects nothing: choose one, or take a key file (Alt+K)";
        return wrong(model, 1, words.into());
    }
    if passphrase.text() != again.text() {
        if let Page::Form(form) = &mut model.page {
            form.fields.iter_mut().skip(1).for_each(Field::clear);
        }
        return wrong(model, 1, "these were not the same: type it twice again".into());
    }
    model.chosen.profile = Some((name, by(passphrase.hidden())));
    enter(model)
}

/// Everything is known: the profile is made or opened, and the server dialled.
fn enter(model: &mut Model) -> Vec<Effect> {
    let Some((profile, keeping)) = model.chosen.profile.clone() else { return Vec::new() };
    let server = server_profile(model);
    let former = std::mem::replace(&mut model.page, Page::Waiting);
    model.trail.push(former);
    model.trouble = None;
    model.busy = Some(OPENING);
    vec![Effect::Enter(Box::new(Plan { profile, keeping, server }))]
}

fn server_profile(model: &Model) -> ServerProfile {
    let proxy = model.chosen.proxy.clone();
    match &model.chosen.server {
        Some(OwnServer { address, dc_id, key, .. }) => ServerProfile {
            address: address.clone(),
            dc_id: *dc_id,
            proxy,
            key: key.pem.clone(),
            key_source: key.source.clone(),
            api_id: OWN_API_ID,
            api_hash: String::new(),
        },
        None => {
            let (api_id, api_hash) = model.chosen.application.clone().unwrap_or_default();
            ServerProfile {
                address: TELEGRAM_ADDRESS.into(),
                dc_id: TELEGRAM_DC,
                proxy,
                key: TELEGRAM.into(),
                key_source: String::new(),
                api_id,
                api_hash,
            }
        }
    }
}

/// The key was read that the form waits for.
pub(super) fn resumed(model: &mut Model) -> Vec<Effect> {
    server(model)
}
