//! Every state of a chat at 80x24.

use insta::assert_snapshot;
use subrosa::engine::{
    Body, ChatId, ChatState, Closing, Connection, Delivery, Direction, LocalFault, PeerFault,
};
use subrosa::secret::key::Fingerprint;
use subrosa::tui::model::{Focus, Open, People, Row, Scroll, Toast};

use super::stage::*;

const SIZE: (u16, u16) = (80, 24);

fn state(state: ChatState) -> String {
    screen(&with_state(SIZE, state))
}

fn failed(name: &str, code: i32) -> String {
    state(closed(Closing::Failed(LocalFault::Rpc { code, name: name.into() })))
}

#[test]
fn asking() {
    assert_snapshot!(state(ChatState::Asking));
}

#[test]
fn asking_without_a_connection() {
    let mut model = with_state(SIZE, ChatState::Asking);
    model.connection = Connection::Waiting {
        until_unix_ms: (i64::from(NOW) + 30) * 1000,
        reason: "the host did not answer".into(),
    };
    assert_snapshot!(screen(&model));
}

#[test]
fn waiting() {
    let mut model = with_state(SIZE, ChatState::Waiting);
    assert_snapshot!("waiting", screen(&model));
    write(
        &mut model,
        5,
        "Have you read what I sent? There is one more page that belongs to it, and it is the one that matters.",
    );
    assert_snapshot!("waiting_with_a_draft", screen(&model));
}

#[test]
fn requested() {
    assert_snapshot!("requested_by_a_contact", state(ChatState::Requested { left: false }));
    let mut model = world(SIZE);
    open(&mut model, ChatId(3));
    assert_snapshot!("requested_by_a_stranger", screen(&model));
    assert_snapshot!("requested_and_left", state(ChatState::Requested { left: true }));
    model.focus = Focus::List;
    assert_snapshot!("requested_with_the_list_in_focus", screen(&model));
}

#[test]
fn accepting() {
    assert_snapshot!(state(ChatState::Accepting));
}

#[test]
fn ready_and_empty() {
    assert_snapshot!("ready_empty", state(ChatState::Ready { verified: false }));
    assert_snapshot!("ready_empty_verified", state(ChatState::Ready { verified: true }));
}

#[test]
fn conversation_in_composer() {
    let mut model = conversation(SIZE);
    write(&mut model, 1, "see you at the bridge");
    assert_snapshot!(screen(&model));
}

#[test]
fn conversation_while_typing_and_missing() {
    let mut model = conversation(SIZE);
    let chat = model.chats.get_mut(&ChatId(1)).unwrap();
    chat.typing_ms = Some(i64::from(NOW) * 1000 - 1_000);
    chat.missing = 2;
    assert_snapshot!(screen(&model));
}

#[test]
fn conversation_with_every_mark() {
    let mut model = world(SIZE);
    let mut chat = chat(1, BASIL, ChatState::Ready { verified: false }, NOW - 100_000);
    say(&mut chat, message(1, Direction::In, NOW - 4_000, "Is it done?"));
    let own = [
        (2, Delivery::Read, "It is."),
        (3, Delivery::Sent, "The keys are with the concierge, who knows you by your coat."),
        (4, Delivery::Failed, "Do not come by car."),
        (5, Delivery::Queued, "I am still here."),
    ];
    for (id, delivery, text) in own {
        let mut message = message(id, Direction::Out, NOW - 3_000 + i32::try_from(id).unwrap(), text);
        message.delivery = delivery;
        say(&mut chat, message);
    }
    chat.failures.insert(4, "the server does not know this chat".into());
    let mut timer = message(6, Direction::In, NOW - 2_000, "");
    timer.body = Body::TimerSet(60);
    say(&mut chat, timer);
    let mut strange = message(7, Direction::In, NOW - 1_000, "");
    strange.body = Body::Unsupported(vec![1, 2].into());
    say(&mut chat, strange);
    let mut queued = message(8, Direction::Out, NOW - 10, "Good.");
    queued.delivery = Delivery::Queued;
    say(&mut chat, queued);
    model.chats.insert(ChatId(1), chat);
    open(&mut model, ChatId(1));
    assert_snapshot!("every_mark", screen(&model));
    model.focus = Focus::Messages(Scroll { selected: Some(3), skipped: 0 });
    assert_snapshot!("every_mark_one_selected", screen(&model));
}

#[test]
fn closed_chats() {
    assert_snapshot!("closed_by_us", state(closed(Closing::ByUs)));
    assert_snapshot!("closed_by_peer", state(closed(Closing::ByPeer { history_deleted: false })));
    assert_snapshot!("closed_history_deleted", state(closed(Closing::ByPeer { history_deleted: true })));
    assert_snapshot!("declined_by_peer", state(closed(Closing::DeclinedByPeer)));
    assert_snapshot!("declined_by_us", state(closed(Closing::DeclinedByUs)));
    assert_snapshot!("taken_or_withdrawn", state(closed(Closing::TakenOrWithdrawn)));
}

#[test]
fn closed_with_history() {
    let mut model = conversation(SIZE);
    model.chats.get_mut(&ChatId(1)).unwrap().view.state = closed(Closing::ByPeer { history_deleted: false });
    open(&mut model, ChatId(1));
    assert_snapshot!(screen(&model));
}

#[test]
fn refused() {
    let ours = Fingerprint([0x3f, 0xa1, 0x90, 0x0c, 0x77, 0x02, 0x5e, 0xd4]);
    let theirs = Fingerprint([0x90, 0x0c, 0x1b, 0x6a, 0xc8, 0x33, 0xf0, 0x9d]);
    assert_snapshot!(state(closed(Closing::Refused(PeerFault::Fingerprint { ours, theirs }))));
}

#[test]
fn failures() {
    assert_snapshot!("failed_dh_g_a_invalid", failed("DH_G_A_INVALID", 400));
    assert_snapshot!("failed_user_id_invalid", failed("USER_ID_INVALID", 400));
    assert_snapshot!("failed_user_is_blocked", failed("USER_IS_BLOCKED", 403));
    assert_snapshot!("failed_flood_wait", failed("FLOOD_WAIT", 420));
    assert_snapshot!("failed_unknown", failed("SOMETHING_NEW", 500));
}

#[test]
fn list() {
    let mut model = world(SIZE);
    model.chats.get_mut(&ChatId(1)).unwrap().unseen = 3;
    write(&mut model, 2, "Dear Clara, before anything else");
    assert_snapshot!(screen(&model));
}

#[test]
fn person_without_a_chat() {
    let mut model = world(SIZE);
    model.open = Some(Open::Person(ADA));
    model.list.selected = Some(Row::Contact(ADA));
    model.focus = Focus::Messages(Scroll::default());
    assert_snapshot!(screen(&model));
}

#[test]
fn nobody_yet() {
    let mut model = contacts(SIZE);
    model.people = People::default();
    model.list.selected = None;
    assert_snapshot!("empty", screen(&model));
    model.restored = false;
    model.connection = Connection::Connecting;
    assert_snapshot!("empty_not_restored", screen(&model));
}

#[test]
fn connections() {
    let mut model = world(SIZE);
    model.connection = Connection::Offline;
    assert_snapshot!("offline", screen(&model));
    model.connection = Connection::Waiting {
        until_unix_ms: (i64::from(NOW) + 30) * 1000,
        reason: "the host did not answer in time".into(),
    };
    assert_snapshot!("waiting_for_a_connection", screen(&model));
    model.connection = Connection::Refused(
        "this session was ended from another device: sign in again with `subrosa sign-in`; nothing stored here is lost".into(),
    );
    assert_snapshot!("connection_refused", screen(&model));
}

#[test]
fn toasts() {
    let mut model = conversation(SIZE);
    model.toast = Some(Toast { words: "copied 48 bytes (OSC 52)".into(), trouble: false });
    assert_snapshot!("toast", screen(&model));
    let words = "Mallory's request could not be accepted: the server asks to wait 42 seconds; it is tried again by itself then";
    model.toast = Some(Toast { words: words.into(), trouble: true });
    assert_snapshot!("toast_trouble", screen(&model));
}

#[test]
fn a_wrapped_draft_has_no_space_at_the_beginning_of_a_line() {
    let mut model = conversation((24, 16));
    write(&mut model, 1, "twenty-two columns are  here and the rest is below ");
    let shown = screen(&model);
    assert_snapshot!("composer_wrapped", shown);
    let mut full = conversation((24, 16));
    write(&mut full, 1, "abcdefghij abcdefghijk");
    let before = screen(&full);
    write(&mut full, 1, " ");
    let after = screen(&full);
    assert!(before.ends_with("cursor 23,14"), "{before}");
    assert!(after.ends_with("cursor 1,14"), "{after}");
}

#[test]
fn a_request_that_is_withdrawn_had_no_key() {
    let mut model = with_state(SIZE, closed(Closing::ByUs));
    model.chats.get_mut(&ChatId(5)).unwrap().view.key = None;
    let shown = screen(&model);
    assert!(shown.contains("You withdrew the request.") && shown.contains("No key was made."), "{shown}");
    assert!(!shown.contains("destroyed"), "{shown}");
}
