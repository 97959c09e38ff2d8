//! Which key means what on which page, in one table that dispatch and the hints at the bottom both read.
//!
//! Most pages are typed into, where every printable key is text; so what acts there is Enter, Esc, the arrows and chords. A hint is
//! shown only while its key would do something.

use crossterm::event::KeyEvent;

use super::model::{ASKING_AGAIN, ASKING_FOR_QR, Ask, Form, Model, Page};
use super::terms::Step;
use super::view;
use crate::engine::Connection;
use crate::tui::keys::{Chord, Hint};

/// What a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Choose,
    Next,
    Previous,
    Back,
    Leave,
    Demo,
    Telegram,
    OtherServer,
    Proxy,
    KeyFile,
    Qr,
    Resend,
    /// The password is forgotten.
    Forgot,
    /// To the terms of service.
    Agree,
    Scroll(Step),
    /// Dial now instead of waiting.
    Dial,
    Suspend,
    Redraw,
}

/// Keys, what they mean, and a few words about it; none for what needs no words.
struct Binding {
    keys: &'static [&'static str],
    does: Verb,
    hint: &'static str,
}

const fn bind(keys: &'static [&'static str], does: Verb, hint: &'static str) -> Binding {
    Binding { keys, does, hint }
}

const CHOICE: &[Binding] = &[
    bind(&["enter"], Verb::Choose, "choose"),
    bind(&["down", "j", "tab"], Verb::Next, ""),
    bind(&["up", "k", "backtab"], Verb::Previous, ""),
    bind(&["t"], Verb::Demo, ""),
    bind(&["s"], Verb::Telegram, ""),
    bind(&["u"], Verb::OtherServer, ""),
    bind(&["p"], Verb::Proxy, "proxy"),
    bind(&["q", "esc"], Verb::Leave, "leave"),
];

const FORM: &[Binding] = &[
    bind(&["enter"], Verb::Choose, "go on"),
    bind(&["down", "tab"], Verb::Next, ""),
    bind(&["up", "backtab"], Verb::Previous, ""),
    bind(&["alt-d"], Verb::Dial, "dial now"),
    bind(&["alt-q"], Verb::Qr, "QR code"),
    bind(&["alt-r"], Verb::Resend, "send again"),
    bind(&["alt-f"], Verb::Forgot, "forgot it?"),
    bind(&["alt-k"], Verb::KeyFile, "key file"),
    bind(&["alt-p"], Verb::Proxy, "proxy"),
    bind(&["esc"], Verb::Back, "back"),
];

const PHONE: &[Binding] = &[
    bind(&["enter"], Verb::Choose, "go on"),
    bind(&["r", "alt-d"], Verb::Dial, "dial now"),
    bind(&["q", "alt-q"], Verb::Qr, "QR code"),
    bind(&["esc"], Verb::Back, "back"),
];

const SURE: &[Binding] = &[
    bind(&["enter", "y"], Verb::Choose, "send the code"),
    bind(&["r"], Verb::Dial, "dial now"),
    bind(&["esc", "n"], Verb::Back, "change it"),
];

const WAITING: &[Binding] =
    &[bind(&["r", "enter"], Verb::Dial, "dial now"), bind(&["esc"], Verb::Back, "give up")];

const QR: &[Binding] =
    &[bind(&["r"], Verb::Dial, "dial now"), bind(&["esc", "p"], Verb::Back, "phone number")];

const TERMS: &[Binding] = &[
    bind(&["y"], Verb::Agree, "agree"),
    bind(&["down", "j"], Verb::Scroll(Step::Down), "read on"),
    bind(&["up", "k"], Verb::Scroll(Step::Up), ""),
    bind(&["pagedown"], Verb::Scroll(Step::PageDown), ""),
    bind(&["pageup"], Verb::Scroll(Step::PageUp), ""),
    bind(&["alt-d"], Verb::Dial, "dial now"),
    bind(&["esc", "n"], Verb::Back, "decline"),
];

const FAILED: &[Binding] =
    &[bind(&["enter", "esc"], Verb::Back, "begin again"), bind(&["q"], Verb::Leave, "leave")];

const EVERYWHERE: &[Binding] = &[
    bind(&["ctrl-q", "ctrl-c"], Verb::Leave, "leave"),
    bind(&["ctrl-z"], Verb::Suspend, ""),
    bind(&["ctrl-l"], Verb::Redraw, ""),
];

fn of(page: &Page) -> &'static [Binding] {
    match page {
        Page::Choice(_) => CHOICE,
        Page::Form(Form { ask: Ask::Phone, .. }) => PHONE,
        Page::Form(Form { ask: Ask::Sure(_), .. }) => SURE,
        Page::Form(_) => FORM,
        Page::Waiting => WAITING,
        Page::Qr { .. } => QR,
        Page::Terms(_) => TERMS,
        Page::Failed(_) => FAILED,
    }
}

/// What a key means where one is, if it can be done there.
pub fn verb(model: &Model, key: KeyEvent) -> Option<Verb> {
    let chord = Chord::from(key);
    let means = |binding: &&Binding| {
        binding.keys.iter().any(|name| Chord::try_from((*name).to_owned()).is_ok_and(|known| known == chord))
    };
    of(&model.page)
        .iter()
        .chain(EVERYWHERE)
        .find(means)
        .map(|binding| binding.does)
        .filter(|it| able(model, *it))
}

/// What the keys do, most used first.
pub fn hints(model: &Model) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for binding in of(&model.page).iter().chain(EVERYWHERE) {
        let known = hints.iter().any(|hint| hint.words == words(model, binding));
        if binding.hint.is_empty() || known || !able(model, binding.does) {
            continue;
        }
        let key = binding.keys.first().and_then(|name| Chord::try_from((*name).to_owned()).ok());
        hints.extend(key.map(|key| Hint { keys: key.to_string(), words: words(model, binding).to_owned() }));
    }
    hints
}

/// The key file can be taken and given back.
fn words(model: &Model, binding: &Binding) -> &'static str {
    let with_file = matches!(&model.page, Page::Form(Form { ask: Ask::Profile { key_file: true }, .. }));
    if with_file && binding.does == Verb::KeyFile { "passphrase" } else { binding.hint }
}

/// Whether a verb would do something now.
pub fn able(model: &Model, verb: Verb) -> bool {
    let ask = match &model.page {
        Page::Form(form) => Some(&form.ask),
        _ => None,
    };
    let choice = matches!(model.page, Page::Choice(_));
    match verb {
        Verb::Leave | Verb::Suspend | Verb::Redraw => true,
        _ if model.opening() => false,
        Verb::Choose => {
            let barred = ask.is_some_and(|ask| model.barred(ask.doing()));
            !matches!(model.page, Page::Waiting | Page::Terms(_)) && model.busy.is_none() && !barred
        }
        Verb::Dial => matches!(model.connection, Some(Connection::Waiting { .. })),
        Verb::Qr => ask == Some(&Ask::Phone) && model.busy.is_none() && !model.barred(ASKING_FOR_QR),
        Verb::Resend => match ask {
            Some(Ask::Code(sent)) => {
                let due = sent.next.is_some_and(|(_, from_ms)| from_ms <= model.now_ms);
                model.busy.is_none() && (due || model.stale) && !model.barred(ASKING_AGAIN)
            }
            // Another one for a forgotten password, when the last one did not help.
            Some(Ask::Recovery { .. }) => model.busy.is_none() && model.trouble.is_some(),
            _ => false,
        },
        Verb::Forgot => matches!(ask, Some(Ask::Password { .. })) && model.busy.is_none(),
        Verb::Agree => model.busy.is_none(),
        Verb::Scroll(Step::Down | Step::PageDown) => match &model.page {
            Page::Terms(reading) => reading.shown(view::terms::text_rows(model, reading)).below > 0,
            _ => false,
        },
        Verb::KeyFile => matches!(ask, Some(Ask::Profile { .. })),
        Verb::Proxy => choice || matches!(ask, Some(Ask::Server(_) | Ask::Numbers | Ask::Profile { .. })),
        // A profile that is being made is not left half made.
        Verb::Back => !matches!(model.page, Page::Waiting) || model.connection.is_some(),
        _ => true,
    }
}
