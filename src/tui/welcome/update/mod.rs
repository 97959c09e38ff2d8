//! The behaviour of the welcome: what has happened, and the model after it, and what is to be done.
//!
//! Pure, like the messenger's: the time is an argument and every wish an [`Effect`]. Until there is a conversation with a server the
//! user leads, from page to page and back; from then on the server says what is wanted next, and a page follows each of its stages.

mod answer;
mod submit;

use crossterm::event::{KeyEvent, KeyEventKind};
use zeroize::Zeroizing;

use super::check;
use super::field::Manner;
use super::host::{Keeping, Plan, ServerKey};
use super::keys::{self, Verb};
use super::model::{ASKING_AGAIN, ASKING_FOR_QR, Ask, Ending, Form, Model, Page, Trouble, Way};
use super::terms::Step;
use super::view;
use crate::engine::entrance::{EntranceCommand, EntranceEvent, Hidden};

/// The link of a proxy, where none can be chosen any more.
const PROXY_TOO_LATE: &str = "this is the link of a proxy, which is chosen before the server is dialled: Esc leads to the ways in, and p there asks for it";

/// Something happened.
#[derive(Debug)]
pub enum Msg {
    Key(KeyEvent),
    /// Wiped, since it may be a password.
    Paste(Zeroizing<String>),
    /// Columns and rows.
    Resize(u16, u16),
    /// A signal asks the program to end.
    Terminate,
    /// Back from the background.
    Resumed,
    /// Something on the screen is no longer true: time has passed.
    Moment,
    /// The key of a server, for the text that was asked about.
    ServerKey {
        typed: String,
        answer: Result<ServerKey, String>,
    },
    /// The profile is open and the entrance begins, or why not.
    Entered(Result<(), String>),
    /// A profile that is there is open, with or without an account, or why not.
    Opened(Result<Account, String>),
    Entrance(EntranceEvent),
}

/// Whether a profile that was opened can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    There,
    Missing,
}

/// Something is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read this key, and come back with [`Msg::ServerKey`].
    ReadKey(String),
    /// Make or open the profile and begin, and come back with [`Msg::Entered`].
    Enter(Box<Plan>),
    /// Open a profile that is there, and come back with [`Msg::Opened`].
    Open { profile: String, keeping: Keeping },
    /// To the entrance.
    Say(EntranceCommand),
    /// The entrance is given up.
    GiveUp,
    /// Ctrl+Z: give the terminal back and stop.
    Suspend,
    /// Draw everything, whatever is thought to be on the screen.
    Redraw,
}

/// Something has happened at `now_ms` (Unix milliseconds): changes the model and says what is to be done, in order.
pub fn update(model: &mut Model, msg: Msg, now_ms: i64) -> Vec<Effect> {
    model.now_ms = now_ms;
    let effects = follow(model, msg);
    recall(model);
    effects
}

fn follow(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => press(model, key),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            if let Page::Terms(reading) = &mut model.page {
                reading.fit(view::terms::columns(columns));
            }
            Vec::new()
        }
        Msg::Terminate => leave(model),
        Msg::Resumed => vec![Effect::Redraw],
        Msg::Moment => Vec::new(),
        Msg::ServerKey { typed, answer } => answer::server_key(model, &typed, answer),
        Msg::Entered(outcome) => answer::entered(model, outcome),
        Msg::Opened(outcome) => answer::opened(model, outcome),
        Msg::Entrance(event) => answer::told(model, event),
    }
}

fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release || model.ending.is_some() {
        return Vec::new();
    }
    if let Some(verb) = keys::verb(model, key) {
        return carry_out(model, verb);
    }
    let typed = typed_into(model).is_some_and(|field| field.edit(key));
    if typed {
        edited(model);
    }
    Vec::new()
}

/// The link of a proxy is understood wherever it lands: it goes where proxies are entered, if that can be reached from there. What is
/// typed hidden is left alone, since a password may be anything.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let astray = match &model.page {
        Page::Choice(_) => true,
        Page::Form(form) if form.ask == Ask::Proxy => false,
        Page::Form(form) => form.fields.get(form.focus).is_some_and(|field| field.manner != Manner::Hidden),
        _ => false,
    };
    if astray && model.busy.is_none() && check::is_proxy_link(text) {
        if !keys::able(model, Verb::Proxy) {
            model.trouble = Some(Trouble::new(PROXY_TOO_LATE.into()));
            return Vec::new();
        }
        go(model, Form::proxy());
    }
    if let Some(field) = typed_into(model) {
        field.paste(text);
        edited(model);
    }
    Vec::new()
}

/// A pause stays with its number: it is there again when the number is, and only then.
fn recall(model: &mut Model) {
    let Page::Form(form @ Form { ask: Ask::Phone, .. }) = &model.page else { return };
    let now = model.now_ms;
    let wanted = |trouble: &&Trouble| trouble.until_ms.is_some_and(|until| until > now);
    let digits = check::phone(form.text(0)).ok();
    let pause = digits.and_then(|digits| model.pauses.get(&model.pause_of(&digits))).filter(wanted).cloned();
    let of_number = |trouble: &Trouble| trouble.of == Some(Ask::Phone.doing());
    match (&model.trouble, pause) {
        (None, Some(pause)) => model.trouble = Some(pause),
        (Some(trouble), Some(pause)) if of_number(trouble) => model.trouble = Some(pause),
        (Some(trouble), None) if of_number(trouble) && wanted(&trouble) => model.trouble = None,
        _ => {}
    }
}

/// The field that takes what is typed; none while an answer is awaited.
fn typed_into(model: &mut Model) -> Option<&mut super::field::Field> {
    if model.busy.is_some() || model.ending.is_some() {
        return None;
    }
    match &mut model.page {
        Page::Form(form) => form.focused(),
        _ => None,
    }
}

/// What was said of the former text is not true of this one; that a pause is wanted still is.
fn edited(model: &mut Model) {
    if model.barred_until().is_none() {
        model.trouble = None;
    }
    if let Page::Form(Form { ask: Ask::Server(key), focus: 1, .. }) = &mut model.page {
        *key = None;
    }
}

fn carry_out(model: &mut Model, verb: Verb) -> Vec<Effect> {
    match verb {
        Verb::Choose => choose(model),
        Verb::Next => step(model, 1),
        Verb::Previous => step(model, -1),
        Verb::Back => back(model),
        Verb::Leave => leave(model),
        Verb::Demo => take(model, Way::Demo),
        Verb::Telegram => take(model, Way::Telegram),
        Verb::OtherServer => take(model, Way::OtherServer),
        Verb::Proxy => go(model, Form::proxy()),
        Verb::KeyFile => toggle_key_file(model),
        Verb::Qr => submit::say(model, EntranceCommand::Qr, ASKING_FOR_QR),
        Verb::Resend => submit::say(model, again(model), ASKING_AGAIN),
        Verb::Forgot => forgot(model),
        Verb::Agree => submit::say(model, EntranceCommand::Agree, "Going on ..."),
        Verb::Scroll(step) => read_on(model, step),
        Verb::Dial => vec![Effect::Say(EntranceCommand::Dial)],
        Verb::Suspend => vec![Effect::Suspend],
        Verb::Redraw => vec![Effect::Redraw],
    }
}

/// The user wants to go.
fn leave(model: &mut Model) -> Vec<Effect> {
    if model.ending.is_none() {
        model.ending = Some(Ending::Left);
    }
    Vec::new()
}

fn choose(model: &mut Model) -> Vec<Effect> {
    match &model.page {
        Page::Choice(selected) => match model.ways().get(*selected).copied() {
            Some(way) => take(model, way),
            None => Vec::new(),
        },
        Page::Form(form) if form.focus + 1 < form.fields.len() => step(model, 1),
        Page::Form(_) => submit::submit(model),
        Page::Failed(_) => back(model),
        Page::Waiting | Page::Qr { .. } | Page::Terms(_) => Vec::new(),
    }
}

fn read_on(model: &mut Model, step: Step) -> Vec<Effect> {
    if let Page::Terms(reading) = &model.page {
        let rows = view::terms::text_rows(model, reading);
        if let Page::Terms(reading) = &mut model.page {
            reading.step(step, rows);
        }
    }
    Vec::new()
}

/// A code that is on its way is not asked for again by whoever went back to the password meanwhile.
fn forgot(model: &mut Model) -> Vec<Effect> {
    match model.chosen.recovery.clone() {
        Some(mail) => go(model, Form::recovery(mail)),
        None => submit::say(model, EntranceCommand::Forgot, "Asking for a code ..."),
    }
}

/// How the code of this page is had once more.
fn again(model: &Model) -> EntranceCommand {
    match &model.page {
        Page::Form(Form { ask: Ask::Recovery { .. }, .. }) => EntranceCommand::Forgot,
        _ => EntranceCommand::Resend,
    }
}

/// One of the ways in.
fn take(model: &mut Model, way: Way) -> Vec<Effect> {
    model.trouble = None;
    match way {
        Way::Demo => {
            model.ending = Some(Ending::Demo);
            Vec::new()
        }
        Way::Open(place) => match model.given.profiles.get(place).cloned() {
            Some(known) if known.sealed => unlock(model, known.name),
            Some(known) => submit::open(model, known.name, Keeping::KeyFile),
            None => Vec::new(),
        },
        Way::Telegram => {
            model.chosen.server = None;
            if model.chosen.application.is_none() {
                go(model, Form::numbers())
            } else {
                submit::name_profile(model)
            }
        }
        Way::OtherServer => {
            let form = Form::server(model.chosen.server.as_ref());
            go(model, form)
        }
    }
}

/// A passphrase that was given is tried at once; if it is wrong, the right one is typed where that is said.
fn unlock(model: &mut Model, name: String) -> Vec<Effect> {
    go(model, Form::unlock(&name));
    match model.given.passphrase.clone() {
        Some(passphrase) => submit::open(model, name, by(passphrase)),
        None => Vec::new(),
    }
}

/// To another page; Esc comes back.
fn go(model: &mut Model, form: Form) -> Vec<Effect> {
    model.trouble = None;
    let former = std::mem::replace(&mut model.page, Page::Form(form));
    model.trail.push(former);
    Vec::new()
}

/// A row or a field up or down. Whoever leaves the field of a key sees what it is.
fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let ways = model.ways().len();
    match &mut model.page {
        Page::Choice(selected) => {
            *selected = selected.saturating_add_signed(by).min(ways.saturating_sub(1));
            Vec::new()
        }
        Page::Form(form) => {
            let was = form.focus;
            form.focus = form.focus.saturating_add_signed(by).min(form.fields.len().saturating_sub(1));
            let unread = matches!(form.ask, Ask::Server(None)) && was == 1 && form.focus != 1;
            // In other forms this field may hold a passphrase, of which no copy is made.
            let typed = if unread { form.text(1) } else { "" };
            if typed.is_empty() { Vec::new() } else { vec![Effect::ReadKey(typed.to_owned())] }
        }
        _ => Vec::new(),
    }
}

/// One step out. What is said to a server is taken back there too.
fn back(model: &mut Model) -> Vec<Effect> {
    let to_number = |model: &mut Model| {
        model.trouble = None;
        vec![Effect::Say(EntranceCommand::Restart)]
    };
    match &model.page {
        Page::Choice(_) => leave(model),
        Page::Form(Form { ask: Ask::Code(_) | Ask::Password { .. } | Ask::Name, .. })
        | Page::Qr { .. }
        | Page::Terms(_) => to_number(model),
        Page::Form(Form { ask: Ask::Phone, .. }) | Page::Waiting | Page::Failed(_) => begin_again(model),
        Page::Form(_) => {
            model.trouble = None;
            model.busy = None;
            model.page = model.trail.pop().unwrap_or(Page::Choice(0));
            Vec::new()
        }
    }
}

/// Back to the ways in. The profile that was made stays, without an account.
fn begin_again(model: &mut Model) -> Vec<Effect> {
    model.trail.clear();
    model.page = Page::Choice(0);
    (model.trouble, model.busy, model.connection) = (None, None, None);
    vec![Effect::GiveUp]
}

fn toggle_key_file(model: &mut Model) -> Vec<Effect> {
    if let Page::Form(form) = &mut model.page
        && let Ask::Profile { key_file } = form.ask
    {
        let name = form.text(0).to_owned();
        *form = Form::profile(&name, !key_file);
        model.trouble = None;
    }
    Vec::new()
}

/// A passphrase as the way to open a profile.
fn by(passphrase: Hidden) -> Keeping {
    Keeping::Passphrase(passphrase)
}
