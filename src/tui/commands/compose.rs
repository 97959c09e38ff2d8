//! The composer: typing, pasting, drafts, sending.
//!
//! Every change of the text is told to the engine, which keeps it. What is too long is said and kept, never cut: only the writer knows
//! what can go.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui_textarea::{CursorMove, TextArea};

use super::{attach, confirm, messages, name_in, toast};
use crate::engine::{Body, ChatId, Command, Draft, Lack, Text, detect, lacking, markup};
use crate::tui::model::{Act, Chat, Focus, Model, Popup};
use crate::tui::msg::Effect;

/// The longest text of one message, in UTF-16 code units.
pub const LONGEST: usize = 4096;

/// The longest caption of a file.
pub const LONGEST_CAPTION: usize = 1024;

/// What is in the composer.
pub fn text(chat: &Chat) -> String {
    chat.composer.lines().join("\n")
}

/// A draft from an earlier run. What is being written now is worth more.
pub fn restore(chat: &mut Chat, draft: &str) {
    if chat.composer.is_empty() {
        chat.composer = TextArea::from(without_controls(draft).split('\n'));
        chat.composer.move_cursor(CursorMove::Bottom);
        chat.composer.move_cursor(CursorMove::End);
    }
}

/// A key that the keymap does not know: text, or one of the composer's own chords.
pub fn edit(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if matches!(key.code, KeyCode::Char(c) if c.is_control()) {
        return Vec::new();
    }
    changed(model, |composer| {
        composer.input(key);
    })
}

/// Pasted text; if it is all there is and looks like a path, it may be that of a file to send.
pub fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    let mut effects = changed(model, |composer| {
        composer.insert_str(without_controls(pasted));
    });
    let path = model.open_chat().map(text).and_then(|text| attach::path_in(&text));
    effects.extend(path.map(Effect::Probe));
    effects
}

pub(super) fn new_line(model: &mut Model) -> Vec<Effect> {
    changed(model, TextArea::insert_newline)
}

/// What somebody has written, its marks read, unless nothing is left but marks.
pub(super) fn parsed(written: &str) -> Text {
    let parsed = markup::parse(written);
    let says = !parsed.plain.trim().is_empty();
    detect(&if says { parsed } else { Text::plain(written) })
}

/// Sends what is written, and begins anew. What the other app cannot show is asked about first; the draft stays until then.
pub(super) fn send(model: &mut Model, silent: bool) -> Vec<Effect> {
    let Some(chat) = model.open_chat() else { return Vec::new() };
    let text = text(chat).trim_end().to_owned();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let text = parsed(&text);
    let length = text.len_utf16();
    if length > LONGEST {
        too_long(model, length, LONGEST);
        return Vec::new();
    }
    let draft = Draft { reply_to: chat.reply, silent, ..Draft::new(Body::Text(text)) };
    let lacks = lacking(&draft.body, chat.view.peer_layer);
    let id = chat.view.id;
    if lacks.is_empty() {
        return say(model, id, Box::new(draft));
    }
    let (name, lost) = (name_in(model, chat), Lack::words(&lacks));
    let question = format!("{name}'s app cannot show {lost}. Send the words without it?");
    confirm::ask(
        model,
        question,
        Act::SayWithout { chat: id, draft: Box::new(Draft { degrade: true, ..draft }) },
    )
}

/// Hands a draft to the engine, and empties the composer.
pub(super) fn say(model: &mut Model, id: ChatId, draft: Box<Draft>) -> Vec<Effect> {
    if let Some(chat) = model.chats.get_mut(&id) {
        chat.composer = TextArea::default();
        chat.reply = None;
        // A message ends it on the other side.
        chat.typing_told = false;
    }
    vec![Effect::Engine(Command::Say { chat: id, draft }), keep(id, String::new())]
}

/// Answers the selected message.
pub(super) fn reply(model: &mut Model) -> Vec<Effect> {
    let Some(random_id) = messages::selected(model).map(|message| message.random_id) else {
        return Vec::new();
    };
    if let Some(chat) = model.open_chat_mut() {
        chat.reply = Some(random_id);
        model.focus = Focus::Composer;
    }
    Vec::new()
}

pub(super) fn drop_reply(model: &mut Model) -> Vec<Effect> {
    if let Some(chat) = model.open_chat_mut() {
        chat.reply = None;
    }
    Vec::new()
}

/// Says that one types; the core tells the peer of it as often as it should know.
fn tell_typing(chat: &mut Chat) -> Option<Effect> {
    if !chat.ready() || chat.composer.is_empty() {
        return None;
    }
    chat.typing_told = true;
    Some(Effect::Engine(Command::Typing { chat: chat.view.id, typing: true }))
}

/// Tells those who were told that one types, and where one does not any more, that it is over.
pub fn hush(model: &mut Model) -> Vec<Effect> {
    let writes = matches!(model.popup, None | Some(Popup::Attach(_) | Popup::Confirm(_)))
        && model.focus == Focus::Composer
        && model.ending.is_none();
    let open = model.open;
    let mut effects = Vec::new();
    for chat in model.chats.values_mut().filter(|chat| chat.typing_told) {
        let here = open == Some(crate::tui::model::Open::Chat(chat.view.id)) && writes;
        if here && !chat.composer.is_empty() {
            continue;
        }
        chat.typing_told = false;
        if chat.ready() {
            effects.push(Effect::Engine(Command::Typing { chat: chat.view.id, typing: false }));
        }
    }
    effects
}

/// Changes the composer; a changed text is a changed draft.
fn changed(model: &mut Model, change: impl FnOnce(&mut TextArea<'static>)) -> Vec<Effect> {
    let Some(chat) = model.open_chat_mut() else { return Vec::new() };
    let before = text(chat);
    change(&mut chat.composer);
    let after = text(chat);
    if before == after {
        return Vec::new();
    }
    let id = chat.view.id;
    let typing = tell_typing(chat);
    let length = length(&after);
    if length > LONGEST && self::length(&before) <= LONGEST {
        too_long(model, length, LONGEST);
    }
    [keep(id, after)].into_iter().chain(typing).collect()
}

pub(super) fn keep(chat: ChatId, text: String) -> Effect {
    Effect::Engine(Command::KeepDraft { chat, text })
}

fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

pub(super) fn too_long(model: &mut Model, length: usize, longest: usize) {
    let what = if longest == LONGEST { "a message" } else { "a caption" };
    let words = format!("{length} characters, and {what} takes {longest}: shorten it, or send it in parts");
    toast(model, &words);
}

/// Pasted text with one kind of line break, tabs as spaces, and nothing else that controls a terminal.
pub(super) fn without_controls(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}
