//! Files: chosen, sent, fetched, paused, given up, opened outside; and what is protected.

use std::path::PathBuf;

use subrosa::engine::{
    Attachment, Body, ChatEvent, ChatId, Command, Delivery, Direction, Event, Kind, Message, Text, Thumb,
    Transfer,
};
use subrosa::secret::message::FileSecret;
use subrosa::tui::model::{Attach, Focus, Popup, Preview};
use subrosa::tui::msg::{Effect, Msg, Picture};

use crate::dsl::*;

const CHAT: ChatId = ChatId(1);

pub fn file(kind: Kind, name: &str) -> Body {
    Body::File(Box::new(Attachment {
        kind,
        name: name.into(),
        mime: "x/y".into(),
        size: 10_000,
        caption: Text::default(),
        thumb: None,
        secret: FileSecret::new([1; 32], [2; 32]),
        place: None,
    }))
}

fn with_file(direction: Direction, ttl: i32, kind: Kind, name: &str) -> Screen {
    let mut screen = Screen::reading(0);
    let mut message = Message::new(CHAT, 7, direction, NOW_S, file(kind, name));
    message.ttl = ttl;
    screen.news(ChatEvent::Message(message)).take();
    screen
}

fn transfer(screen: &mut Screen, transfer: Transfer) {
    screen.tell(Event::Transfer { chat: CHAT, random_id: 7, transfer });
}

fn here(screen: &mut Screen, path: &str) {
    transfer(screen, Transfer::Done { path: Some(PathBuf::from(path)) });
}

fn form(screen: &Screen) -> &Attach {
    match &screen.model.popup {
        Some(Popup::Attach(form)) => form,
        other => panic!("no form: {other:?}"),
    }
}

const DOCUMENT: Kind = Kind::Document;

fn photo() -> Kind {
    Kind::Photo { width: 4, height: 3 }
}

#[test]
fn a_file_is_chosen_by_its_path_and_sent_with_the_words_as_caption() {
    let mut screen = Screen::writing();
    screen.model.home = Some("/home/ada".into());
    screen.keys("see **this**<ctrl-o>~/a b.jpg<alt-d><alt-s>").take();
    screen.keys("<Enter>");
    let effects = screen.take();
    let [Effect::Engine(Command::SendFile { path, as_document, caption, silent, reply_to, .. }), _] =
        effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    assert_eq!(path, &PathBuf::from("/home/ada/a b.jpg"));
    assert_eq!((*as_document, *silent, *reply_to), (true, true, None));
    assert_eq!((caption.plain.as_str(), caption.entities.len()), ("see this", 1));
    assert_eq!((screen.composer(1).as_str(), screen.model.focus), ("", Focus::Composer));
    assert!(screen.model.popup.is_none());
}

#[test]
fn no_path_sends_nothing_and_escape_keeps_the_words() {
    let mut screen = Screen::writing();
    screen.keys("words<ctrl-o><Enter>");
    assert_eq!(screen.commands(), []);
    assert_eq!(screen.toast(), "write the path of a file; Tab completes it");
    screen.keys("<Esc>");
    assert_eq!((screen.composer(1).as_str(), screen.model.focus), ("words", Focus::Composer));
}

#[test]
fn tab_asks_the_folder_and_goes_round_what_it_has() {
    let mut screen = Screen::writing();
    screen.keys("<ctrl-o>~/b<Tab>");
    assert_eq!(screen.take(), [Effect::Complete("~/b".into())]);
    let candidates = vec!["~/bread".to_owned(), "~/bri\u{1B}dge".to_owned()];
    screen.msg(Msg::Completed { typed: "~/old".into(), candidates: vec!["~/old.txt".into()] });
    assert_eq!(form(&screen).path, "~/b", "an answer to another question");
    screen.msg(Msg::Completed { typed: "~/b".into(), candidates });
    assert_eq!(form(&screen).path, "~/br", "as far as all go together");
    screen.keys("<Tab>");
    assert_eq!(form(&screen).path, "~/bread");
    screen.keys("<Tab>");
    assert_eq!(form(&screen).path, "~/bri\u{1B}dge");
    screen.keys("<Tab>x");
    assert_eq!((form(&screen).path.as_str(), form(&screen).candidates.len()), ("~/breadx", 0));
    assert_eq!(screen.take(), []);
}

#[test]
fn nothing_to_complete_is_said() {
    let mut screen = Screen::writing();
    screen.keys("<ctrl-o>/nope<Tab>");
    screen.msg(Msg::Completed { typed: "/nope".into(), candidates: vec![] });
    assert!(screen.toast().starts_with("there is no file"), "{}", screen.toast());
}

#[test]
fn a_pasted_path_is_offered_as_a_file() {
    let mut screen = Screen::writing();
    screen.paste("'/tmp/a b.jpg'");
    assert!(screen.take().contains(&Effect::Probe("/tmp/a b.jpg".into())));
    assert_eq!(screen.toast(), "", "it may be no file");
    screen.msg(Msg::IsFile("/tmp/a b.jpg".into()));
    assert!(screen.toast().contains("Ctrl+O sends it"), "{}", screen.toast());
    screen.keys("<ctrl-o>");
    assert_eq!(form(&screen).path, "/tmp/a b.jpg");
    assert_eq!(screen.composer(1), "", "it is no caption");
}

#[test]
fn words_that_are_no_path_are_not_looked_up() {
    let mut screen = Screen::writing();
    screen.paste("see /tmp/x");
    assert!(!screen.take().iter().any(|effect| matches!(effect, Effect::Probe(_))));
}

#[test]
fn enter_fetches_and_then_says_where_it_lies() {
    let mut screen = with_file(Direction::In, 0, DOCUMENT, "plan.pdf");
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), [Command::Download { chat: CHAT, random_id: 7 }]);
    here(&mut screen, "/tmp/plan.pdf");
    screen.keys("<Enter>");
    assert!(matches!(screen.model.popup, Some(Popup::File { random_id: 7, .. })));
    screen.keys("y");
    assert_eq!(screen.take(), [Effect::Copy("/tmp/plan.pdf".into())]);
    screen.keys("o");
    assert!(screen.question().starts_with("Open plan.pdf with the system's program?"));
    screen.keys("<Enter>");
    assert_eq!(screen.take(), []);
    screen.keys("y");
    assert_eq!(screen.take(), [Effect::Launch("/tmp/plan.pdf".into())]);
}

#[test]
fn programs_are_not_opened_whatever_they_say_they_are() {
    for name in ["x.sh", "photo.DESKTOP", "a.jpg.exe", "relative.pdf"] {
        let mut screen = with_file(Direction::In, 0, photo(), "photo.jpg");
        let path = if name == "relative.pdf" { name.to_owned() } else { format!("/tmp/{name}") };
        here(&mut screen, &path);
        screen.keys("<Enter>").take();
        screen.keys("o");
        assert!(screen.toast().contains("may be a program"), "{name}: {}", screen.toast());
        assert_eq!(screen.take(), []);
    }
}

#[test]
fn a_transfer_is_paused_goes_on_and_is_given_up() {
    let mut screen = with_file(Direction::In, 0, DOCUMENT, "x");
    screen.keys("p");
    assert_eq!(screen.toast(), "no file of this message is on its way");
    transfer(&mut screen, Transfer::Running { done: 1, size: 10 });
    screen.keys("p");
    assert_eq!(screen.commands(), [Command::PauseTransfer { chat: CHAT, random_id: 7 }]);
    transfer(&mut screen, Transfer::Paused { done: 1, size: 10 });
    screen.keys("p");
    assert_eq!(screen.commands(), [Command::ResumeTransfer { chat: CHAT, random_id: 7 }]);
    transfer(&mut screen, Transfer::Failed("no room".into()));
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), [Command::ResumeTransfer { chat: CHAT, random_id: 7 }]);
    screen.keys("x");
    assert_eq!(screen.commands(), [Command::CancelTransfer { chat: CHAT, random_id: 7 }]);
}

#[test]
fn giving_up_an_own_file_asks_since_the_message_goes_too() {
    let mut screen = with_file(Direction::Out, 0, DOCUMENT, "plan\u{202E}.pdf");
    transfer(&mut screen, Transfer::Running { done: 1, size: 10 });
    screen.keys("x");
    assert_eq!(screen.question(), "Give up sending plan.pdf? The message goes, too.");
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), []);
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::CancelTransfer { chat: CHAT, random_id: 7 }]);
}

#[test]
fn an_own_file_that_failed_goes_on() {
    let mut screen = with_file(Direction::Out, 0, DOCUMENT, "x");
    let mut failed = screen.of(1).history.messages[0].clone();
    failed.delivery = Delivery::Failed;
    screen.news(ChatEvent::Message(failed)).keys("r");
    assert_eq!(screen.commands(), [Command::ResumeTransfer { chat: CHAT, random_id: 7 }]);
}

#[test]
fn what_is_protected_is_opened_after_a_question_and_neither_copied_nor_handed_on() {
    let mut screen = with_file(Direction::In, 10, photo(), "secret.jpg");
    screen.keys("y");
    assert_eq!((screen.take(), screen.toast()), (vec![], "what is protected is not copied"));
    screen.keys("<Enter>");
    assert_eq!(screen.question(), "Open the photo? It destroys itself 10 s later, and Basil Ivanov is told.");
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), []);
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::Download { chat: CHAT, random_id: 7 }]);
    assert!(matches!(screen.model.popup, Some(Popup::File { .. })), "it waits for the file");
    transfer(&mut screen, Transfer::Running { done: 1, size: 10 });
    assert_eq!(screen.take(), [], "its clock stands still until there is something to see");
    here(&mut screen, "/tmp/secret.jpg");
    let open = Effect::Engine(Command::OpenContent { chat: CHAT, random_id: 7 });
    assert_eq!(screen.take(), [open, drawn_from(Some("/tmp/secret.jpg"), None)]);
    let end = screen.model.now_ms + 10_000;
    screen.news(ChatEvent::Opened { chat: CHAT, random_id: 7 });
    screen.news(ChatEvent::Destruct { chat: CHAT, random_id: 7, at_ms: end });
    screen.keys("yo");
    assert_eq!(screen.take(), []);
    assert_eq!(screen.toast(), "what is protected is neither copied nor handed on");
    // Left and looked at again, there is nothing to be asked; and to the second it is over, whenever the engine says so.
    screen.keys("<Esc><Enter>");
    assert_eq!(screen.take(), [drawn_from(Some("/tmp/secret.jpg"), None)]);
    screen.pass(9_000);
    assert!(matches!(screen.model.popup, Some(Popup::File { .. })));
    screen.pass(1_000);
    assert!(screen.model.popup.is_none());
}

#[test]
fn who_does_not_wait_for_what_is_protected_has_not_opened_it() {
    let mut screen = with_file(Direction::In, 10, photo(), "secret.jpg");
    screen.keys("<Enter>y<Esc>").take();
    here(&mut screen, "/tmp/secret.jpg");
    assert_eq!(screen.take(), []);
    screen.keys("<Enter>");
    assert!(screen.question().starts_with("Open the photo?"));
    screen.keys("y");
    let open = Effect::Engine(Command::OpenContent { chat: CHAT, random_id: 7 });
    assert_eq!(screen.take(), [open, drawn_from(Some("/tmp/secret.jpg"), None)]);
}

#[test]
fn what_was_fetched_before_is_here_after_a_restart() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY);
    screen.keys("<Home><Enter><Esc>").take();
    let message = Message::new(CHAT, 7, Direction::In, NOW_S, file(DOCUMENT, "plan.pdf"));
    screen.tell(Event::History { chat: CHAT, messages: vec![(1, message)] });
    here(&mut screen, "/tmp/plan.pdf");
    screen.keys("<Enter>");
    assert!(matches!(screen.model.popup, Some(Popup::File { random_id: 7, .. })));
    assert_eq!(screen.commands(), []);
}

#[test]
fn a_longer_timer_protects_nothing() {
    let mut screen = with_file(Direction::In, 61, photo(), "x.jpg");
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), [Command::Download { chat: CHAT, random_id: 7 }]);
}

#[test]
fn the_popup_of_a_file_goes_with_its_message() {
    let mut screen = with_file(Direction::In, 0, DOCUMENT, "x");
    here(&mut screen, "/tmp/x");
    screen.keys("<Enter>");
    screen.news(ChatEvent::Deleted { chat: CHAT, random_ids: vec![7] });
    assert!(screen.model.popup.is_none());
    assert!(screen.of(1).transfers.is_empty());
}

fn drawn_from(file: Option<&str>, thumb: Option<Vec<u8>>) -> Effect {
    let picture = Picture { file: file.map(PathBuf::from), thumb };
    Effect::Preview { chat: CHAT, random_id: 7, picture }
}

#[test]
fn a_preview_is_decoded_elsewhere_and_shown_where_it_was_asked_for() {
    let mut screen = Screen::reading(0);
    let mut with_thumb = Message::new(CHAT, 7, Direction::In, NOW_S, file(photo(), "x.jpg"));
    if let Body::File(file) = &mut with_thumb.body {
        file.thumb = Some(Thumb { width: 4, height: 3, jpeg: vec![1, 2] });
    }
    screen.news(ChatEvent::Message(with_thumb)).take();
    here(&mut screen, "/tmp/x.jpg");
    screen.keys("<Enter>");
    assert_eq!(screen.take(), [drawn_from(Some("/tmp/x.jpg"), Some(vec![1, 2]))]);
    let preview = Preview { rows: vec![vec![[1, 2, 3]]] };
    let answer = |random_id| Msg::Preview { chat: CHAT, random_id, preview: preview.clone() };
    screen.msg(answer(8));
    assert!(matches!(screen.model.popup, Some(Popup::File { preview: None, .. })));
    screen.msg(answer(7));
    assert!(matches!(screen.model.popup, Some(Popup::File { preview: Some(_), .. })));
    screen.keys("<Esc>").msg(answer(7));
    assert!(screen.model.popup.is_none());
}
