//! What stands on each page: a heading, why it is asked, the fields, and what went wrong or is awaited.

use ratatui::text::{Line, Span};

use super::form;
use super::pile::{Pile, Rank};
use crate::engine::entrance::CodeSent;
use crate::engine::{Connection, Proxy};
use crate::tui::text::{safe_line, width};
use crate::tui::theme::Role;
use crate::tui::view::paint::Canvas;
use crate::tui::view::symbols;
use crate::tui::welcome::field::{Field, Manner};
use crate::tui::welcome::model::{Ask, CONNECTING, Form, Model, Page, Way};
use crate::tui::words::{sign_in as say, time};

/// Dots of a hidden field, however much is in it.
const DOTS: usize = 8;

/// Columns from which on the letters of the ways in stand at their right.
const LETTERS_FROM: usize = 30;

/// Columns from which on an explanation stands below each way in, and a label beside its field.
const ROOMY: usize = 40;

/// The lines of the page; `named` if the name of the program is to stand in them.
pub fn pile(canvas: &mut Canvas, model: &Model, columns: usize, named: bool) -> Pile {
    let mut pile = Pile::default();
    match &model.page {
        Page::Choice(selected) => choice(canvas, model, *selected, columns, named, &mut pile),
        Page::Form(form) => asked(canvas, model, form, columns, &mut pile),
        Page::Waiting => {
            heading(canvas, &mut pile, waiting_for(model), columns);
        }
        Page::Qr { .. } | Page::Terms(_) => {}
        Page::Failed(sentence) => {
            heading(canvas, &mut pile, "This did not work.".into(), columns);
            pile.blank();
            pile.say(canvas, Rank::First, Role::Red, &say::sentence(sentence), columns);
        }
    }
    if form(model).is_none() {
        trouble(canvas, model, columns, &mut pile);
    }
    awaited(canvas, model, columns, &mut pile);
    pile
}

fn heading(canvas: &Canvas, pile: &mut Pile, words: String, columns: usize) {
    pile.say(canvas, Rank::Heading, Role::Strong, &words, columns);
}

fn waiting_for(model: &Model) -> String {
    match &model.chosen.server {
        Some(server) => format!("To {}", server.address),
        None => "To Telegram".into(),
    }
}

/// The ways in, with what each does below its name.
fn choice(canvas: &Canvas, model: &Model, selected: usize, columns: usize, named: bool, pile: &mut Pile) {
    if named {
        pile.push(Rank::Heading, Line::from(canvas.span(Role::Rose, "subrosa")));
    }
    pile.say(canvas, Rank::Lead, Role::Dim, say::WHAT_IT_IS, columns);
    pile.blank();
    let ways = model.ways();
    let sentence = match model.profile() {
        Some(name) => Some(say::unfinished(name)),
        None if ways.len() > 3 => Some(say::no_profile(&model.given.profile)),
        None => None,
    };
    if let Some(sentence) = sentence {
        pile.say(canvas, Rank::Lead, Role::Text, &sentence, columns);
        pile.blank();
    }
    for (place, way) in ways.iter().enumerate() {
        let (letter, name, does) = words(model, *way);
        let name = safe_line(&name);
        let letter = if columns >= LETTERS_FROM { letter } else { "" };
        let gap = columns.saturating_sub(width(&name) + letter.len() + 4);
        let line = |role| {
            let letter = canvas.span(Role::Dim, format!("{}{letter} ", " ".repeat(gap)));
            Line::from(vec![canvas.span(Role::Rose, "  "), canvas.span(role, name.clone()), letter])
        };
        if place == selected {
            pile.push_selected(line(Role::Strong));
        } else {
            pile.push(Rank::Field, line(Role::Strong));
        }
        if columns >= ROOMY && !does.is_empty() {
            let rows = crate::tui::text::wrap(does, columns.saturating_sub(4));
            let lines = rows.into_iter().map(|row| Line::from(canvas.span(Role::Dim, format!("  {row}"))));
            pile.push_all(Rank::Aside, lines.collect());
        }
        let next = ways.get(place + 1);
        if next.is_some_and(|next| *next == Way::Demo || !matches!(way, Way::Open(_))) {
            pile.push(Rank::Gap, Line::default());
        }
    }
    if let Some(proxy) = &model.chosen.proxy {
        pile.say(canvas, Rank::Aside, Role::Amber, &format!("  through {proxy}"), columns);
    }
}

/// The letter of a way in, its name and what it does.
fn words(model: &Model, way: Way) -> (&'static str, String, &'static str) {
    let of = |letter, [name, does]: [&'static str; 2]| (letter, name.to_owned(), does);
    match way {
        Way::Open(place) => {
            let name = model.given.profiles.get(place).map(|known| known.name.as_str()).unwrap_or_default();
            ("", format!("Open {name}"), "")
        }
        Way::Demo => of("t", say::TRY),
        Way::Telegram => of("s", say::TELEGRAM),
        Way::OtherServer => of("u", say::OTHER_SERVER),
    }
}

/// A form: heading, reasons, fields.
fn asked(canvas: &mut Canvas, model: &Model, shown: &Form, columns: usize, pile: &mut Pile) {
    let (title, mut leads) = reasons(&shown.ask);
    if matches!(shown.ask, Ask::Code(_)) && model.chosen.server.is_some() {
        leads.iter_mut().for_each(|lead| lead.push_str(say::OWN_SERVER_CODE));
    }
    if let (Ask::Proxy, Some(proxy)) = (&shown.ask, &model.chosen.proxy) {
        leads.push(say::proxy_in_use(&proxy.to_string()));
    }
    heading(canvas, pile, title, columns);
    pile.blank();
    // What has to be known is said louder than what can be.
    let must =
        matches!(shown.ask, Ask::Code(_) | Ask::Profile { .. } | Ask::Password { .. } | Ask::Recovery { .. });
    for lead in leads {
        pile.say(canvas, Rank::Lead, if must { Role::Text } else { Role::Dim }, &lead, columns);
    }
    pile.blank();
    if let Ask::Sure(digits) = &shown.ask {
        pile.push(Rank::First, Line::from(canvas.span(Role::Rose, format!("  {}", say::phone(digits)))));
        pile.blank();
    }
    let label = shown.fields.iter().map(|field| field.label.len()).max().unwrap_or_default();
    for (place, field) in shown.fields.iter().enumerate() {
        let focused = place == shown.focus && model.busy.is_none();
        let (line, cursor) = field_line(canvas, field, focused, label, columns);
        pile.push(if place == shown.focus { Rank::First } else { Rank::Field }, line);
        if focused {
            pile.cursor(cursor);
        }
    }
    if let Some(known) = known(shown) {
        pile.push(Rank::Aside, Line::from(canvas.span(Role::Green, indented(shown, &safe_line(&known)))));
    }
    trouble(canvas, model, columns, pile);
    notes(canvas, model, shown, columns, pile);
}

/// What a form is called, and why it asks.
fn reasons(ask: &Ask) -> (String, Vec<String>) {
    let one = |title: &str, lead: &str| (title.to_owned(), vec![lead.to_owned()]);
    match ask {
        Ask::Unlock(profile) => one(&format!("Open {profile}"), "Its passphrase opens it."),
        Ask::Server(_) => one("Another server", say::SERVER),
        Ask::Numbers => ("Your api_id and api_hash".into(), say::NUMBERS.map(str::to_owned).to_vec()),
        Ask::Proxy => one("Through a proxy", say::PROXY),
        Ask::Profile { key_file: false } => one("A place for your chats", say::PASSPHRASE),
        Ask::Profile { key_file: true } => one("A place for your chats", say::KEY_FILE),
        Ask::Phone => one("Your phone number", say::PHONE),
        Ask::Sure(_) => one("Is this your number?", say::PHONE_SURE),
        Ask::Code(sent) => one("The code", &say::code(sent)),
        Ask::Password { hint } => ("Your password".into(), vec![say::PASSWORD.to_owned(), say::hint(hint)]),
        Ask::Recovery { mail } => one("A code for a forgotten password", &say::recovery(mail)),
        Ask::Name => one("Your name", say::NAME),
    }
}

/// What is understood of the fields, as far as it may be shown.
fn known(shown: &Form) -> Option<String> {
    match &shown.ask {
        Ask::Server(Some(key)) => Some(format!("fingerprint {:016x}", key.fingerprint)),
        Ask::Proxy => Proxy::from_link(shown.text(0).trim()).ok().map(|proxy| proxy.to_string()),
        _ => None,
    }
}

/// What else can be done.
fn notes(canvas: &mut Canvas, model: &Model, shown: &Form, columns: usize, pile: &mut Pile) {
    match &shown.ask {
        Ask::Code(sent) => resend(canvas, model, sent, columns, pile),
        Ask::Phone => {
            pile.blank();
            pile.say(canvas, Rank::Aside, Role::Dim, say::QR_INSTEAD, columns);
        }
        Ask::Profile { key_file: false } => {
            pile.blank();
            pile.say(canvas, Rank::Aside, Role::Dim, say::KEY_FILE_INSTEAD, columns);
        }
        _ => {}
    }
}

/// Below the texts of the fields rather than below their labels.
fn indented(shown: &Form, words: &str) -> String {
    let label = shown.fields.iter().map(|field| field.label.len()).max().unwrap_or_default();
    format!("{}{words}", " ".repeat(label + 4))
}

/// When the code can be sent again, and how.
fn resend(canvas: &mut Canvas, model: &Model, sent: &CodeSent, columns: usize, pile: &mut Pile) {
    if model.stale {
        pile.blank();
        return pile.say(canvas, Rank::Aside, Role::Text, say::ANEW, columns);
    }
    let Some((by, from_ms)) = sent.next else { return };
    pile.blank();
    if from_ms <= model.now_ms {
        return pile.say(canvas, Rank::Aside, Role::Text, &say::again(by, None), columns);
    }
    let (left, until) = time::countdown(from_ms, model.now_ms);
    canvas.true_until(Some(until));
    pile.say(canvas, Rank::Aside, Role::Dim, &say::again(by, Some(&left)), columns);
}

/// What went wrong.
pub(super) fn trouble(canvas: &mut Canvas, model: &Model, columns: usize, pile: &mut Pile) {
    let Some(trouble) = &model.trouble else { return };
    pile.blank();
    let Some(until) = trouble.until_ms else {
        return pile.say(canvas, Rank::First, Role::Red, &say::sentence(&trouble.words), columns);
    };
    // The server's own sentence says how long the pause was when it began, which is not true a second later.
    if until <= model.now_ms {
        return pile.say(canvas, Rank::First, Role::Text, say::PAUSE_OVER, columns);
    }
    let (left, true_until) = time::countdown(until, model.now_ms);
    canvas.true_until(Some(true_until));
    pile.say(canvas, Rank::First, Role::Amber, &say::pause(&left), columns);
}

/// What is being done, and what is on the way.
pub(super) fn awaited(canvas: &mut Canvas, model: &Model, columns: usize, pile: &mut Pile) {
    let waiting = matches!(model.connection, Some(Connection::Waiting { .. }));
    // Nothing connects while the next try is waited for.
    if let Some(busy) = model.busy.filter(|busy| !waiting || *busy != CONNECTING) {
        pile.blank();
        pile.say(canvas, Rank::First, Role::Amber, busy, columns);
    }
    if let Some(Connection::Waiting { until_unix_ms, reason }) = &model.connection {
        let (left, until) = time::countdown(*until_unix_ms, model.now_ms);
        canvas.true_until((*until_unix_ms > model.now_ms).then_some(until));
        pile.blank();
        let (rank, why) =
            if model.busy.is_some() { (Rank::First, Rank::Lead) } else { (Rank::Aside, Rank::Aside) };
        pile.say(canvas, rank, Role::Amber, &say::no_connection(&left), columns);
        pile.say(canvas, why, Role::Text, &say::sentence(reason), columns);
    }
    let before = matches!(form(model), Some((_, Ask::Server(_) | Ask::Numbers | Ask::Profile { .. })));
    if let Some(proxy) = model.chosen.proxy.as_ref().filter(|_| before) {
        pile.blank();
        pile.say(canvas, Rank::Aside, Role::Dim, &format!("through {proxy}"), columns);
    }
}

/// A label and what is in its field; and the column of the cursor.
fn field_line(
    canvas: &Canvas,
    field: &Field,
    focused: bool,
    label: usize,
    columns: usize,
) -> (Line<'static>, usize) {
    let bar = if focused { symbols::of(canvas.theme).bar } else { " " };
    let mut spans = vec![canvas.span(Role::Rose, format!("{bar} "))];
    let mut taken = 2;
    if columns >= ROOMY || label + 12 < columns {
        let role = if focused { Role::Text } else { Role::Dim };
        spans.push(canvas.span(role, format!("{:label$}  ", field.label)));
        taken += label + 2;
    }
    let room = columns.saturating_sub(taken + 1);
    let (content, filled) = content(canvas, field, room);
    spans.extend(content);
    (Line::from(spans), taken + filled)
}

/// What is shown of a text, and how many columns of it are before the cursor.
fn content(canvas: &Canvas, field: &Field, room: usize) -> (Vec<Span<'static>>, usize) {
    let text = field.text();
    match field.manner {
        Manner::Counted(most) => counted(canvas, text.chars().count(), usize::from(most)),
        _ if text.is_empty() => (vec![canvas.span(Role::Dim, field.empty)], 0),
        Manner::Hidden => (dots(canvas, text.chars().count()), DOTS),
        Manner::Open => {
            let text = safe_line(&text.replace('\n', " "));
            let shown = tail(&text, room);
            let filled = width(&shown);
            (vec![canvas.span(Role::Text, shown)], filled)
        }
    }
}

/// As many dots as characters are wanted, those that were typed filled.
fn counted(canvas: &Canvas, typed: usize, most: usize) -> (Vec<Span<'static>>, usize) {
    let (full, empty) = if canvas.theme.ascii { ("* ", "_ ") } else { ("● ", "· ") };
    let typed = typed.min(most);
    let spans =
        vec![canvas.span(Role::Rose, full.repeat(typed)), canvas.span(Role::Dim, empty.repeat(most - typed))];
    (spans, 2 * typed)
}

/// Always as many dots, whatever was typed: the brighter one moves with every key, so that one sees that it was taken.
fn dots(canvas: &Canvas, typed: usize) -> Vec<Span<'static>> {
    let dot = if canvas.theme.ascii { "*" } else { "●" };
    let bright = typed.saturating_sub(1) % DOTS;
    let role = |place| if place == bright { Role::Rose } else { Role::Dim };
    (0..DOTS).map(|place| canvas.span(role(place), dot)).collect()
}

/// As much of the end of a text as fits, behind dots.
fn tail(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(3);
    let rests = text.char_indices().map(|(at, _)| text.get(at..).unwrap_or_default());
    format!("...{}", rests.into_iter().find(|rest| width(rest) <= room).unwrap_or_default())
}

/// What to do with the QR code.
pub fn qr(canvas: &mut Canvas, model: &Model, columns: usize, expires_ms: i64) -> Pile {
    let mut pile = Pile::default();
    heading(canvas, &mut pile, "Scan this".into(), columns);
    pile.blank();
    pile.say(canvas, Rank::First, Role::Text, say::QR, columns);
    pile.blank();
    let renews = if expires_ms > model.now_ms {
        let (left, until) = time::countdown(expires_ms, model.now_ms);
        canvas.true_until(Some(until));
        say::qr_renews(&left)
    } else {
        say::QR_RENEWS.to_owned()
    };
    pile.say(canvas, Rank::Aside, Role::Dim, &renews, columns);
    trouble(canvas, model, columns, &mut pile);
    awaited(canvas, model, columns, &mut pile);
    pile
}

/// The QR code has no room.
pub fn no_room(canvas: &Canvas, columns: usize, needed: (u16, u16)) -> Pile {
    let mut pile = Pile::default();
    heading(canvas, &mut pile, "Signing in by QR code".into(), columns);
    pile.blank();
    pile.say(canvas, Rank::First, Role::Amber, &say::qr_too_small(needed.0.into(), needed.1.into()), columns);
    pile
}
