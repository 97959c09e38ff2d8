//! What arrives: it moves nothing, is counted, is seen when somebody looks, and calls the user when nobody does.

use subrosa::engine::{ChatEvent, ChatId, ChatState, Command, Connection, Direction, Event, Trouble};
use subrosa::tui::model::{Ending, Focus, Open};
use subrosa::tui::msg::{Effect, Msg};

use crate::dsl::*;

const SEEN: Command = Command::Seen(ChatId(1));

#[test]
fn what_arrives_in_front_of_the_reader_is_seen_once() {
    let mut screen = Screen::writing();
    screen.incoming(1, 5, "hello");
    assert_eq!(screen.commands(), [SEEN]);
    assert_eq!(screen.of(1).unseen, 0);
    screen.keys("a<Esc>").msg(Msg::Resize(100, 30));
    assert_eq!(screen.commands(), []);
    screen.incoming(1, 6, "again");
    assert_eq!(screen.commands(), [SEEN]);
}

#[test]
fn what_arrives_before_the_terminal_has_focus_is_seen_when_it_gets_it() {
    let mut screen = Screen::writing();
    screen.msg(Msg::Focus(false)).incoming(1, 5, "hello");
    assert_eq!(screen.take(), [Effect::Notify("Basil Ivanov sent a message".into())]);
    assert_eq!(screen.of(1).unseen, 1);
    screen.msg(Msg::Focus(true));
    assert_eq!(screen.commands(), [SEEN]);
}

#[test]
fn under_a_popup_nothing_is_seen() {
    let mut screen = Screen::writing();
    screen.keys("<f1>").incoming(1, 5, "hello");
    assert_eq!(screen.commands(), []);
    screen.keys("<Esc>");
    assert_eq!(screen.commands(), [SEEN]);
}

#[test]
fn a_reader_who_has_scrolled_up_stays_and_sees_nothing_new() {
    let mut screen = Screen::reading(10);
    screen.keys("kkk").incoming(1, 50, "hello");
    assert_eq!(screen.reader(), Some(6));
    assert_eq!(screen.commands(), []);
    assert_eq!(screen.of(1).unseen, 1);
    screen.keys("G");
    assert_eq!(screen.commands(), [SEEN]);
}

#[test]
fn with_the_focus_in_the_list_nothing_is_seen() {
    let mut screen = Screen::writing();
    screen.keys("<Tab>").incoming(1, 5, "hello");
    assert_eq!(screen.commands(), []);
    screen.keys("<Tab>");
    assert_eq!(screen.commands(), [SEEN]);
}

#[test]
fn in_a_pane_too_small_for_messages_nothing_is_seen() {
    let mut screen = Screen::writing();
    screen.msg(Msg::Resize(19, 4)).incoming(1, 5, "hello");
    assert_eq!(screen.commands(), []);
    screen.msg(Msg::Resize(24, 8));
    assert_eq!(screen.commands(), [SEEN]);
}

#[test]
fn unseen_of_an_earlier_run_is_seen_when_the_history_is_there() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).tell(Event::Unseen { chat: ChatId(1), count: 4 });
    screen.keys("<Home><Enter>");
    assert_eq!(screen.commands(), [Command::History { chat: ChatId(1), before: None, limit: 100 }]);
    screen.tell(piece(1, 1, 4));
    assert_eq!(screen.commands(), [SEEN]);
}

#[test]
fn own_messages_are_neither_counted_nor_announced() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY);
    screen.news(ChatEvent::Message(message(1, 5, Direction::Out, "from here")));
    assert_eq!(screen.of(1).unseen, 0);
    assert_eq!(screen.take(), []);
}

#[test]
fn a_message_elsewhere_calls_the_user_without_its_text() {
    let mut screen = Screen::writing();
    screen.chat(2, CLARA, READY).take();
    screen.incoming(2, 5, "the secret word");
    assert_eq!(screen.notices(), ["Clara Moreau sent a message"]);
    screen.incoming(2, 5, "the secret word");
    assert_eq!(screen.notices(), [""; 0], "the same message once more");
    assert_eq!(screen.of(2).unseen, 1);
    assert_eq!(screen.model.unseen_elsewhere(), 1);
}

#[test]
fn a_request_calls_the_user() {
    let mut screen = Screen::writing();
    screen.chat(2, FARID, REQUESTED);
    assert_eq!(screen.notices(), ["Farid Haddad asks for a secret chat"]);
    assert_eq!(screen.model.focus, Focus::Composer);
}

#[test]
fn an_accepted_request_calls_the_user_who_looks_elsewhere() {
    let mut screen = Screen::writing();
    screen.chat(2, CLARA, ChatState::Waiting).chat(2, CLARA, READY);
    assert_eq!(screen.notices(), ["Clara Moreau accepted the secret chat"]);
    screen.chat(2, CLARA, ChatState::Ready { verified: true });
    assert_eq!(screen.notices(), [""; 0]);
}

#[test]
fn what_is_told_at_start_calls_nobody() {
    let mut screen = Screen::new();
    screen.model.restored = false;
    screen.chat(2, FARID, REQUESTED);
    assert_eq!(screen.notices(), [""; 0]);
}

#[test]
fn nothing_in_the_model_prints_what_was_written() {
    let mut screen = Screen::writing();
    screen.chat(2, CLARA, READY).incoming(2, 5, "swordfish").incoming(1, 6, "swordfish");
    assert!(!format!("{:?}", screen.take()).contains("swordfish"));
}

#[test]
fn connection_missing_and_typing_are_told() {
    let mut screen = Screen::writing();
    screen.tell(Event::Connection(Connection::Online));
    assert_eq!(screen.model.connection, Connection::Online);
    screen.news(ChatEvent::Missing { chat: ChatId(1), count: 2 });
    assert_eq!(screen.of(1).missing, 2);
    screen.news(ChatEvent::Typing(ChatId(1)));
    assert_eq!(screen.of(1).typing_ms, Some(screen.model.now_ms));
    screen.incoming(1, 5, "done typing");
    assert_eq!(screen.of(1).typing_ms, None);
}

#[test]
fn refusals_and_troubles_are_said() {
    let mut screen = Screen::writing();
    screen.tell(Event::Refused("no\u{1b}[31m connection".into()));
    let toast = screen.model.toast.clone().unwrap();
    assert!(toast.trouble && !toast.words.contains('\u{1b}'), "{toast:?}");
    screen.news(ChatEvent::Trouble { chat: Some(ChatId(1)), trouble: Trouble::Unopened(3) });
    assert!(screen.toast().starts_with("Basil Ivanov: 3 sealed messages"));
}

#[test]
fn a_refused_history_can_be_asked_for_again() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).keys("<Home><Enter>").commands();
    screen.tell(Event::Refused("the database is busy".into())).keys("<Esc><Esc><Enter>");
    assert_eq!(screen.commands(), [Command::History { chat: ChatId(1), before: None, limit: 100 }]);
}

#[test]
fn a_history_that_is_gone_is_gone_here() {
    let mut screen = Screen::reading(5);
    screen.keys("kk").news(ChatEvent::HistoryGone(ChatId(1)));
    assert_eq!(screen.of(1).history.messages, []);
    assert_eq!(screen.of(1).last, None);
    assert_eq!(screen.reader(), None);
    screen.keys("kydr");
    assert_eq!(screen.commands(), []);
}

#[test]
fn the_engine_that_stops_ends_the_program_with_its_words() {
    let mut screen = Screen::writing();
    screen.tell(Event::Stopped(Some("the disk is full".into())));
    assert_eq!(screen.model.ending, Some(Ending::Engine("the disk is full".into())));
    screen.keys("text");
    assert_eq!(screen.composer(1), "");
}

#[test]
fn leaving_is_asked_of_the_engine_once() {
    let mut screen = Screen::new();
    screen.keys("q<ctrl-q>").msg(Msg::Terminate);
    assert_eq!(screen.commands(), [Command::Quit]);
    screen.tell(Event::Stopped(None));
    assert_eq!(screen.model.ending, Some(Ending::Wanted));
    let mut screen = Screen::writing();
    screen.keys("q");
    assert_eq!(screen.model.ending, None);
    screen.keys("<ctrl-q>");
    assert_eq!(screen.model.ending, Some(Ending::Wanted));
}

#[test]
fn a_signal_ends_the_program_and_the_screen_is_drawn_anew_when_wanted() {
    let mut screen = Screen::new();
    screen.keys("<ctrl-z><ctrl-l>").msg(Msg::Resumed).msg(Msg::Terminate);
    let quit = Effect::Engine(Command::Quit);
    assert_eq!(screen.take(), [Effect::Suspend, Effect::Redraw, Effect::Redraw, quit]);
}

#[test]
fn a_request_that_is_withdrawn_leaves_the_reader_in_place() {
    let mut screen = Screen::new();
    screen.chat(3, FARID, REQUESTED).keys("<Home><Enter>").take();
    screen.closed(3, FARID);
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(3))));
    assert!(screen.in_messages());
    screen.chat(4, FARID, ChatState::Requested { left: false });
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(3))));
}
