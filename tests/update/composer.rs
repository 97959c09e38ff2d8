//! Writing: every printable key types, drafts are kept, nothing is sent by itself.

use subrosa::engine::{Body, ChatId, ChatState, Command, Event};
use subrosa::tui::model::{Focus, Open};
use subrosa::tui::msg::Effect;

use crate::dsl::*;

fn draft(text: &str) -> Effect {
    Effect::Engine(Command::KeepDraft { chat: ChatId(1), text: text.into() })
}

fn say(text: &str) -> Effect {
    Effect::Engine(Command::Say { chat: ChatId(1), draft: Box::new(Body::text(text).into()) })
}

#[test]
fn from_the_list_to_a_sent_message() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).keys("gg<Enter>");
    assert_eq!(screen.commands(), [Command::History { chat: ChatId(1), before: None, limit: 100 }]);
    screen.keys("hi<Enter>");
    assert_eq!(screen.take(), [draft("h"), draft("hi"), say("hi"), draft("")]);
    assert_eq!(screen.composer(1), "");
    assert_eq!(screen.model.focus, Focus::Composer);
}

#[test]
fn every_printable_key_types() {
    let mut screen = Screen::writing();
    let letters: String = (' '..='~').filter(|c| *c != '<').chain("ßあ漢".chars()).collect();
    screen.keys(&letters);
    assert_eq!(screen.composer(1), letters);
    assert_eq!(screen.commands(), []);
    assert!(screen.model.popup.is_none() && screen.model.ending.is_none());
}

#[test]
fn new_lines_by_chord() {
    let mut screen = Screen::writing();
    screen.keys("a<alt-enter>b<ctrl-j>c<Enter>");
    assert_eq!(
        screen.commands(),
        [Command::Say { chat: ChatId(1), draft: Box::new(Body::text("a\nb\nc").into()) }]
    );
}

#[test]
fn nothing_but_space_is_nothing_to_send() {
    let mut screen = Screen::writing();
    screen.keys("  <alt-enter> <Enter>");
    assert_eq!(screen.commands(), []);
    assert_eq!(screen.composer(1), "  \n ");
}

#[test]
fn a_draft_written_while_waiting_stays_a_draft() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, ChatState::Waiting).keys("<Home><Enter>").commands();
    screen.keys("hello<Enter>");
    assert_eq!(screen.commands(), []);
    assert!(screen.toast().contains("nothing is sent before you both hold the key"));
    screen.chat(1, BASIL, READY);
    assert_eq!(screen.commands(), [], "becoming ready sends nothing");
    assert_eq!(screen.composer(1), "hello");
    screen.keys("<Enter>");
    assert_eq!(
        screen.commands(),
        [Command::Say { chat: ChatId(1), draft: Box::new(Body::text("hello").into()) }]
    );
}

#[test]
fn a_stored_draft_fills_an_empty_composer_only() {
    let mut screen = Screen::writing();
    screen.tell(Event::Draft { chat: ChatId(1), text: "from\nearlier".into() });
    assert_eq!(screen.composer(1), "from\nearlier");
    screen.keys("!");
    assert_eq!(screen.composer(1), "from\nearlier!", "one goes on where the draft ends");
    screen.tell(Event::Draft { chat: ChatId(1), text: "other".into() });
    assert_eq!(screen.composer(1), "from\nearlier!");
}

#[test]
fn a_paste_of_many_lines_is_one_text_without_controls() {
    let mut screen = Screen::writing();
    screen.paste("one\r\ntwo\rthree\u{1b}[31m\u{7}\tfour");
    assert_eq!(screen.composer(1), "one\ntwo\nthree[31m    four");
    assert_eq!(screen.take(), [draft("one\ntwo\nthree[31m    four")]);
}

#[test]
fn what_is_too_long_is_said_and_kept() {
    let mut screen = Screen::writing();
    let long = "𝄞".repeat(2_049);
    screen.paste(&long);
    assert!(screen.toast().starts_with("4098 characters"), "{}", screen.toast());
    screen.take();
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), []);
    assert_eq!(screen.composer(1), long);
    screen.keys("<Backspace><Enter>");
    assert_eq!(screen.commands().len(), 1, "4096 units fit");
}

#[test]
fn control_c_says_how_to_quit_and_keeps_the_draft() {
    let mut screen = Screen::writing();
    screen.keys("half a sen<ctrl-c><ctrl-c>");
    assert_eq!(screen.composer(1), "half a sen");
    assert!(screen.toast().contains("Ctrl+Q quits"));
    assert!(screen.model.ending.is_none());
}

#[test]
fn escape_goes_to_the_messages_and_then_to_the_list() {
    let mut screen = Screen::writing();
    screen.keys("draft<Esc>");
    assert!(screen.in_messages());
    screen.keys("<Esc>");
    assert_eq!((screen.model.open, screen.model.focus), (None, Focus::List));
    assert_eq!(screen.composer(1), "draft");
    screen.keys("<Enter>");
    assert_eq!(screen.composer(1), "draft");
}

#[test]
fn tab_goes_round() {
    let mut screen = Screen::writing();
    screen.keys("<Tab>");
    assert_eq!((screen.model.open, screen.model.focus), (Some(Open::Chat(ChatId(1))), Focus::List));
    screen.keys("<Tab>");
    assert_eq!(screen.model.focus, Focus::Composer);
    screen.keys("<backtab>");
    assert!(screen.in_messages());
    screen.keys("<Tab>");
    assert_eq!(screen.model.focus, Focus::Composer);
    screen.keys("<backtab><backtab>");
    assert_eq!(screen.model.focus, Focus::List);
    assert_eq!(screen.composer(1), "");
}

#[test]
fn a_chat_that_ends_while_one_types_takes_no_letter_as_a_command() {
    let mut screen = Screen::writing();
    screen.keys("do not").closed(1, BASIL);
    screen.commands();
    assert!(screen.in_messages());
    screen.keys(" exaggerate<Enter>");
    assert_eq!(screen.commands(), [], "x would dismiss the chat, r would ask for a new one");
    assert!(screen.toast().contains("your draft is kept"));
    assert_eq!(screen.composer(1), "do not");
    screen.keys("<Esc>");
    assert_eq!(screen.toast(), "");
    assert!(screen.in_messages(), "the first Esc was meant for the composer");
    screen.keys("r");
    assert_eq!(screen.commands(), [Command::Start(BASIL)]);
}

#[test]
fn an_empty_composer_that_goes_away_takes_no_letter_either() {
    let mut screen = Screen::writing();
    screen.closed(1, BASIL);
    assert_eq!(screen.toast(), "the chat has ended; Esc goes on");
    screen.commands();
    screen.keys("xr");
    assert_eq!(screen.commands(), [], "the hands were about to type");
    screen.keys("<Esc>x");
    assert_eq!(screen.commands(), [Command::Dismiss(ChatId(1))]);
}

#[test]
fn a_draft_of_an_ended_chat_goes_on_in_the_next_one() {
    let mut screen = Screen::writing();
    screen.keys("half a word").closed(1, BASIL).keys("<Esc>r");
    screen.take();
    screen.chat(2, BASIL, ChatState::Asking);
    assert_eq!((screen.composer(1), screen.composer(2)), (String::new(), "half a word".into()));
    let drafts = [(1, ""), (2, "half a word")]
        .map(|(chat, text)| Effect::Engine(Command::KeepDraft { chat: ChatId(chat), text: text.into() }));
    assert_eq!(screen.take()[..2], drafts);
}

#[test]
fn two_chats_have_two_drafts() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).chat(2, CLARA, READY).keys("<Home><Enter>one<ctrl-n>two<ctrl-p>!");
    let texts = [screen.composer(1), screen.composer(2)];
    assert!(texts == ["two", "one!"] || texts == ["one!", "two"], "{texts:?}");
}

#[test]
fn page_up_reads_back() {
    let mut screen = Screen::reading(50);
    screen.keys("<Tab><PageUp>");
    assert_eq!(screen.reader(), Some(39));
}
