//! The messages: moving, older history, copying, deleting, sending again; and from chat to chat.

use subrosa::engine::{Body, ChatEvent, ChatId, ChatState, Command, Delivery, Direction, Event, LocalFault};
use subrosa::tui::model::{Focus, Open};
use subrosa::tui::msg::Effect;

use crate::dsl::*;

#[test]
fn history_is_read_once() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).keys("<Home><Enter><Esc><Esc><Enter>");
    assert_eq!(screen.commands(), [Command::History { chat: ChatId(1), before: None, limit: 100 }]);
    screen.tell(piece(1, 1, 3)).keys("<Esc><Esc><Enter>");
    assert_eq!(screen.commands(), []);
    assert_eq!(screen.of(1).history.messages.len(), 3);
    assert!(screen.of(1).history.complete);
}

#[test]
fn at_the_top_older_messages_are_read_and_the_reader_stays() {
    let mut screen = Screen::reading(0);
    screen.model.chats.get_mut(&ChatId(1)).unwrap().history = Default::default();
    screen.keys("<Esc><Enter><Esc>").tell(piece(1, 101, 100)).commands();
    screen.keys("g");
    assert_eq!(screen.commands(), [Command::History { chat: ChatId(1), before: Some(1010), limit: 100 }]);
    assert_eq!(screen.reader(), Some(0));
    screen.keys("kk");
    assert_eq!(screen.commands(), [], "it is being read already");
    screen.tell(piece(1, 51, 50));
    assert_eq!(screen.reader(), Some(50), "on the same message");
    assert_eq!(screen.of(1).history.messages.len(), 150);
    screen.keys("g");
    assert_eq!(screen.commands(), [], "fewer than asked for: there is nothing before");
}

#[test]
fn history_that_overlaps_brings_nothing_twice() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).keys("<Home><Enter>");
    screen.incoming(1, 5, "message 5").incoming(1, 6, "message 6");
    screen.tell(piece(1, 1, 5));
    let ids: Vec<i64> = screen.of(1).history.messages.iter().map(|message| message.random_id).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn before_the_history_is_read_only_the_newest_is_kept() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).incoming(1, 1, "one").incoming(1, 2, "two");
    assert_eq!(screen.of(1).history.messages, []);
    assert_eq!(screen.of(1).last.as_ref().unwrap().random_id, 2);
    assert_eq!(screen.of(1).unseen, 2);
}

#[test]
fn moving_in_the_messages() {
    let mut screen = Screen::reading(20);
    for (keys, reader) in [
        ("k", Some(18)),
        ("<Up>", Some(17)),
        ("j", Some(18)),
        ("j", None),
        ("j", None),
        ("<PageUp>", Some(9)),
        ("<PageDown>", None),
        ("g", Some(0)),
        ("G", None),
        ("<Home>", Some(0)),
        ("<End>", None),
    ] {
        screen.keys(keys);
        assert_eq!(screen.reader(), reader, "after {keys}");
    }
}

#[test]
fn copying_says_how_much_and_copies_nothing_dangerous() {
    let mut screen = Screen::reading(2);
    screen.keys("y");
    assert_eq!(screen.take(), [Effect::Copy("message 2".into())]);
    assert_eq!(screen.toast(), "copied 9 bytes (OSC 52)");
    screen.incoming(1, 9, "a\u{1b}]52;c;AAAA\u{7}b").take();
    screen.keys("c");
    let effects = screen.take();
    let Some(Effect::Copy(text)) = effects.first() else { panic!("{effects:?}") };
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text:?}");
}

#[test]
fn deleting_names_the_message_and_the_effect() {
    let mut screen = Screen::reading(3);
    screen.keys("kd");
    assert_eq!(screen.question(), "Delete \"message 2\" for both? It is gone at Basil Ivanov's side too.");
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), []);
    screen.incoming(1, 9, "meanwhile").keys("y");
    let delete = Command::Delete { chat: ChatId(1), random_ids: vec![2] };
    assert!(screen.commands().contains(&delete), "the message of the question, not the newest");
}

#[test]
fn deleting_in_an_ended_chat_says_that_it_is_only_here() {
    let mut screen = Screen::reading(3);
    screen.closed(1, BASIL).keys("d");
    assert!(screen.question().contains("on this device"), "{}", screen.question());
}

#[test]
fn a_deleted_message_goes_and_the_reader_stays() {
    let mut screen = Screen::reading(5);
    screen.keys("k");
    screen.news(ChatEvent::Deleted { chat: ChatId(1), random_ids: vec![1, 2] });
    assert_eq!(screen.reader(), Some(1));
    assert_eq!(screen.of(1).history.messages[1].random_id, 4);
    screen.news(ChatEvent::Deleted { chat: ChatId(1), random_ids: vec![5] });
    assert_eq!(screen.of(1).last.as_ref().unwrap().random_id, 4);
}

#[test]
fn a_failed_message_is_sent_again() {
    let mut screen = Screen::reading(0);
    screen.news(ChatEvent::Message(message(1, 7, Direction::Out, "lost")));
    let reason = LocalFault::Rpc { code: 400, name: "USER_IS_BLOCKED".into() };
    screen.news(ChatEvent::Failed { chat: ChatId(1), random_id: 7, reason });
    assert_eq!(screen.of(1).failures[&7], "this person has blocked you");
    screen.keys("r");
    let again = Command::Say { chat: ChatId(1), draft: Box::new(Body::text("lost").into()) };
    assert_eq!(screen.commands(), [again, Command::Delete { chat: ChatId(1), random_ids: vec![7] }]);
}

#[test]
fn marks_of_delivery_are_kept() {
    let mut screen = Screen::reading(0);
    screen.news(ChatEvent::Message(message(1, 7, Direction::Out, "hello")));
    assert_eq!(screen.of(1).history.messages[0].delivery, Delivery::Queued);
    screen.news(ChatEvent::Sent { chat: ChatId(1), random_id: 7, date: NOW_S + 100 });
    let sent = &screen.of(1).history.messages[0];
    assert_eq!((sent.delivery, sent.date), (Delivery::Sent, NOW_S + 100));
    screen.news(ChatEvent::ReadByPeer { chat: ChatId(1), max_date: NOW_S + 99 });
    assert_eq!(screen.of(1).history.messages[0].delivery, Delivery::Sent);
    screen.news(ChatEvent::ReadByPeer { chat: ChatId(1), max_date: NOW_S + 100 });
    assert_eq!(screen.of(1).history.messages[0].delivery, Delivery::Read);
    assert_eq!(screen.of(1).last.as_ref().unwrap().delivery, Delivery::Read);
}

#[test]
fn from_chat_to_chat_and_round() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).chat(2, CLARA, READY).chat(3, DORA, READY).keys("<Home><Enter>");
    let mut visited = Vec::new();
    for key in ["<ctrl-n>", "<alt-down>", "<ctrl-n>", "<ctrl-p>", "<alt-up>"] {
        screen.keys(key);
        let Some(Open::Chat(chat)) = screen.model.open else { panic!("nothing is open") };
        visited.push(chat.0);
    }
    let order: Vec<i32> = screen.model.list.chats.iter().map(|chat| chat.0).collect();
    assert_eq!(visited, [order[1], order[2], order[0], order[2], order[1]]);
}

#[test]
fn to_the_next_unread_chat() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).chat(2, CLARA, READY).chat(3, DORA, READY).keys("<Home><Enter><alt-u>");
    assert_eq!(screen.toast(), "nothing is unread elsewhere");
    screen.incoming(2, 1, "here").keys("<alt-u>");
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(2))));
}

#[test]
fn the_view_of_a_chat_closes_in_narrow_panes_too() {
    let mut screen = Screen::writing();
    screen.msg(subrosa::tui::msg::Msg::Resize(50, 16)).keys("<Esc><Esc>");
    assert_eq!((screen.model.open, screen.model.focus), (None, Focus::List));
}

#[test]
fn a_person_without_a_chat_has_a_pane_of_letters() {
    let mut screen = Screen::new();
    screen.keys("/@farid_h<Enter>").tell(Event::Found { query: "@farid_h".into(), people: vec![FARID] });
    screen.keys("<Enter>").commands();
    screen.keys("s");
    assert_eq!(screen.commands(), [Command::Start(FARID)]);
    screen.chat(4, FARID, ChatState::Asking);
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(4))));
}

#[test]
fn a_message_taller_than_the_pane_is_read_in_pieces() {
    let mut screen = Screen::reading(3);
    let tall = (0..100).map(|line| format!("line {line}\n")).collect::<String>();
    screen.news(ChatEvent::Message(message(1, 9, Direction::In, &tall)));
    let height = 100 + 2 - 30;
    let mut places = Vec::new();
    for _ in 0..7 {
        screen.keys("k");
        let Focus::Messages(scroll) = screen.model.focus else { panic!() };
        places.push((scroll.selected, scroll.skipped));
    }
    let within: Vec<_> = (1..=4).map(|step| (Some(3), height - 15 * step)).collect();
    assert_eq!(places[..4], within);
    assert_eq!(places[4..], [(Some(3), 0), (Some(2), 0), (Some(1), 0)]);
    screen.keys("jj<PageDown>");
    let Focus::Messages(scroll) = screen.model.focus else { panic!() };
    assert_eq!((scroll.selected, scroll.skipped), (Some(3), 30));
    screen.keys("<PageDown><PageDown>");
    assert_eq!(screen.reader(), None, "the end of the newest message is the newest");
}

#[test]
fn a_page_leaves_out_no_message() {
    let mut screen = Screen::reading(60);
    let mut reader = screen.of(1).history.messages.len() - 1;
    while reader > 0 {
        screen.keys("<PageUp>");
        let next = screen.reader().unwrap();
        assert!(next < reader && reader - next <= 10, "from {reader} to {next}");
        reader = next;
    }
}
