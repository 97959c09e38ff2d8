//! The gate's cases: order, repeats, holes, slices, and numbers that cannot be.

use grammers_tl_types::types;

use super::super::people::tests::bare_user;
use super::*;
use crate::secret::record::Presence;
use crate::secret::step::EncryptedChat;

const START: Marks = Marks { pts: 10, qts: 20, seq: 30, date: 1000 };

fn sealed(random_id: i64) -> enums::EncryptedMessage {
    types::EncryptedMessageService { random_id, chat_id: 5, date: 1, bytes: vec![1] }.into()
}

fn message(random_id: i64, qts: i32) -> enums::Update {
    types::UpdateNewEncryptedMessage { message: sealed(random_id), qts }.into()
}

fn chat(id: i32) -> enums::Update {
    types::UpdateEncryption { chat: types::EncryptedChatEmpty { id }.into(), date: 900 }.into()
}

fn counted(pts: i32, pts_count: i32) -> enums::Update {
    types::UpdateDeleteMessages { messages: vec![1], pts, pts_count }.into()
}

fn short(update: enums::Update) -> enums::Updates {
    types::UpdateShort { update, date: 2000 }.into()
}

fn push(updates: Vec<enums::Update>, seq: i32) -> enums::Updates {
    types::Updates { updates, users: vec![], chats: vec![], date: 2000, seq }.into()
}

fn combined(updates: Vec<enums::Update>, seq_start: i32, seq: i32) -> enums::Updates {
    types::UpdatesCombined { updates, users: vec![], chats: vec![], date: 2000, seq_start, seq }.into()
}

fn state(pts: i32, qts: i32, seq: i32, date: i32) -> enums::updates::State {
    types::updates::State { pts, qts, date, seq, unread_count: 0 }.into()
}

fn fetched(
    messages: Vec<i64>,
    other_updates: Vec<enums::Update>,
    state: enums::updates::State,
) -> enums::updates::Difference {
    let new_encrypted_messages = messages.into_iter().map(sealed).collect();
    types::updates::Difference {
        new_messages: vec![],
        new_encrypted_messages,
        other_updates,
        chats: vec![],
        users: vec![],
        state,
    }
    .into()
}

fn slice(messages: Vec<i64>, intermediate_state: enums::updates::State) -> enums::updates::Difference {
    let new_encrypted_messages = messages.into_iter().map(sealed).collect();
    types::updates::DifferenceSlice {
        new_messages: vec![],
        new_encrypted_messages,
        other_updates: vec![],
        chats: vec![],
        users: vec![],
        intermediate_state,
    }
    .into()
}

fn batch(verdict: Verdict) -> Inbound {
    match verdict {
        Verdict::Batch(inbound) => *inbound,
        other => panic!("no batch: {other:?}"),
    }
}

fn ids(inbound: &Inbound) -> Vec<i64> {
    inbound.batch.messages.iter().map(|message| message.random_id).collect()
}

#[test]
fn the_next_message_passes_and_moves_nothing_before_the_commit() {
    let mut gate = Gate::new(START);
    let first = batch(gate.offer(short(message(1, 21))));
    assert_eq!(ids(&first), [1]);
    assert_eq!(first.batch.marks, Marks { qts: 21, ..START });
    assert_eq!(gate.marks(), START);
    assert_eq!(ids(&batch(gate.offer(short(message(1, 21))))), [1]);
    gate.committed(first.batch.marks);
    assert_eq!(gate.offer(short(message(1, 21))), Verdict::Nothing);
    assert_eq!(ids(&batch(gate.offer(short(message(2, 22))))), [2]);
}

#[test]
fn a_hole_in_qts_asks_for_the_difference() {
    let mut gate = Gate::new(START);
    assert_eq!(gate.offer(short(message(1, 22))), Verdict::Difference);
    assert_eq!(gate.offer(push(vec![message(1, 21), message(3, 23)], 0)), Verdict::Difference);
    assert_eq!(gate.marks(), START);
}

#[test]
fn numbers_that_cannot_be_ask_for_the_difference() {
    let mut gate = Gate::new(START);
    for qts in [0, -1, i32::MIN, i32::MAX] {
        assert_eq!(gate.offer(short(message(1, qts))), Verdict::Difference, "{qts}");
    }
    let mut top = Gate::new(Marks { qts: i32::MAX, pts: i32::MAX, ..START });
    assert_eq!(top.offer(short(message(1, i32::MAX))), Verdict::Nothing);
    let mut unknown = Gate::new(Marks::default());
    assert_eq!(unknown.offer(short(message(1, 1))), Verdict::Difference);
    assert_eq!(unknown.offer(short(counted(1, 1))), Verdict::Difference);
}

#[test]
fn within_a_push_chats_go_first_and_messages_by_number() {
    let mut gate = Gate::new(START);
    let updates = vec![message(3, 23), message(1, 21), chat(9), message(2, 22), message(0, 20)];
    let inbound = batch(gate.offer(push(updates, 0)));
    assert_eq!(inbound.batch.chats.len(), 1);
    assert_eq!(inbound.batch.chats[0], EncryptedChat::Empty { id: ChatId(9) });
    assert_eq!(ids(&inbound), [1, 2, 3]);
    assert_eq!(inbound.batch.marks, Marks { qts: 23, ..START });
}

#[test]
fn ordinary_events_are_counted_without_content() {
    let mut gate = Gate::new(START);
    let inbound = batch(gate.offer(push(vec![counted(14, 2), counted(12, 2)], 0)));
    assert_eq!(inbound, Inbound::at(Marks { pts: 14, ..START }));
    gate.committed(inbound.batch.marks);
    assert_eq!(gate.offer(short(counted(14, 2))), Verdict::Nothing);
    assert_eq!(gate.offer(short(counted(17, 2))), Verdict::Difference);
    assert_eq!(gate.offer(short(counted(15, -1))), Verdict::Difference);
    assert_eq!(gate.offer(short(enums::Update::PtsChanged)), Verdict::Difference);
    let sent = types::UpdateShortSentMessage {
        out: true,
        id: 1,
        pts: 15,
        pts_count: 1,
        date: 1,
        media: None,
        entities: None,
        ttl_period: None,
    };
    assert_eq!(batch(gate.offer(sent.into())).batch.marks.pts, 15);
}

#[test]
fn seq_has_an_order_of_its_own() {
    let mut gate = Gate::new(START);
    assert_eq!(gate.offer(push(vec![chat(1)], 32)), Verdict::Difference);
    assert_eq!(gate.offer(combined(vec![chat(1)], 32, 33)), Verdict::Difference);
    let inbound = batch(gate.offer(combined(vec![chat(1)], 31, 33)));
    assert_eq!(inbound.batch.marks, Marks { seq: 33, ..START });
    gate.committed(inbound.batch.marks);
    // An old seq moves nothing back, and what is in it is not lost.
    let old = batch(gate.offer(push(vec![chat(2), message(1, 21)], 5)));
    assert_eq!(old.batch.marks, Marks { seq: 33, qts: 21, ..START });
    assert_eq!(old.batch.chats.len(), 1);
    assert_eq!(gate.offer(enums::Updates::TooLong), Verdict::Difference);
}

#[test]
fn the_date_moves_with_a_difference_only() {
    let mut gate = Gate::new(START);
    assert_eq!(batch(gate.offer(short(chat(1)))).batch.marks.date, START.date);
    assert_eq!(batch(gate.offer(push(vec![chat(1)], 31))).batch.marks.date, START.date);
    gate.ask();
    let empty = types::updates::DifferenceEmpty { date: 3000, seq: 30 };
    let fetched = gate.difference(empty.into());
    assert_eq!(fetched.inbound, Inbound::at(Marks { date: 3000, ..START }));
    assert_eq!(fetched.next, Next::Done);
}

#[test]
fn a_difference_is_asked_with_what_is_committed() {
    let mut gate = Gate::new(START);
    let ask = gate.ask();
    assert_eq!((ask.pts, ask.qts, ask.date), (10, 20, 1000));
    let other = vec![message(4, 24), chat(7), counted(99, 3)];
    let fetched = gate.difference(fetched(vec![1, 2, 3], other, state(13, 24, 31, 1500)));
    assert_eq!(ids(&fetched.inbound), [1, 2, 3, 4]);
    assert_eq!(fetched.inbound.batch.chats.len(), 1);
    assert_eq!(fetched.inbound.batch.marks, Marks { pts: 13, qts: 24, seq: 31, date: 1500 });
    assert_eq!(gate.ask().qts, 20);
    gate.failed();
    gate.committed(fetched.inbound.batch.marks);
    assert_eq!(gate.ask().qts, 24);
    assert_eq!(Gate::new(Marks::default()).ask().pts, 1);
}

#[test]
fn slices_go_on_until_the_end_or_a_standstill() {
    let mut gate = Gate::new(START);
    gate.ask();
    let first = gate.difference(slice(vec![1], state(10, 21, 30, 1000)));
    assert_eq!(first.next, Next::Again);
    gate.committed(first.inbound.batch.marks);
    gate.ask();
    let stuck = gate.difference(slice(vec![1], state(10, 21, 30, 1000)));
    assert_eq!(stuck.next, Next::Done);
    assert_eq!(ids(&stuck.inbound), [1]);
}

#[test]
fn what_is_pushed_during_a_difference_has_it_asked_again() {
    let mut gate = Gate::new(START);
    gate.ask();
    assert_eq!(gate.offer(short(message(1, 21))), Verdict::Nothing);
    let first = gate.difference(fetched(vec![], vec![], state(10, 20, 30, 1000)));
    assert_eq!(first.next, Next::Again);
    gate.ask();
    let second = gate.difference(fetched(vec![1], vec![], state(10, 21, 30, 1000)));
    assert_eq!((second.next, ids(&second.inbound)), (Next::Done, vec![1]));
    gate.committed(second.inbound.batch.marks);
    assert_eq!(ids(&batch(gate.offer(short(message(2, 22))))), [2]);
}

#[test]
fn too_long_keeps_qts_and_ends_at_the_state() {
    let mut gate = Gate::new(START);
    for round in 1..=5 {
        gate.ask();
        let fetched = gate.difference(types::updates::DifferenceTooLong { pts: 500 }.into());
        assert_eq!(fetched.inbound, Inbound::at(Marks { pts: 500, ..START }));
        assert_eq!(fetched.next, if round < 5 { Next::Again } else { Next::State });
        gate.committed(fetched.inbound.batch.marks);
    }
    let inbound = gate.state(state(600, 99, 40, 4000));
    assert_eq!(inbound, Inbound::at(Marks { pts: 600, qts: 20, seq: 40, date: 4000 }));
}

#[test]
fn zero_never_replaces_a_stored_number() {
    let mut gate = Gate::new(START);
    gate.ask();
    let fetched = gate.difference(fetched(vec![], vec![], state(0, 0, 0, 0)));
    assert_eq!(fetched.inbound.batch.marks, Marks { seq: 0, ..START });
    let first = Gate::new(Marks::default()).state(state(1, 7, 0, 5));
    assert_eq!(first.batch.marks, Marks { pts: 1, qts: 7, seq: 0, date: 5 });
}

#[test]
fn people_presence_reads_typing_and_logins_are_passed_on() {
    let mut gate = Gate::new(START);
    let status = enums::UserStatus::Online(types::UserStatusOnline { expires: 77 });
    let login = types::UpdateNewAuthorization {
        unconfirmed: false,
        hash: 1,
        date: Some(5),
        device: Some("Phone".into()),
        location: None,
    };
    let updates = vec![
        types::UpdateUserStatus { user_id: 8, status }.into(),
        types::UpdateEncryptedMessagesRead { chat_id: 5, max_date: 6, date: 7 }.into(),
        types::UpdateEncryptedChatTyping { chat_id: 5 }.into(),
        login.into(),
        enums::Update::Config,
    ];
    let min = types::User { min: true, ..bare_user(2) };
    let users = vec![enums::User::User(bare_user(1)), enums::User::User(min)];
    let push = types::Updates { updates, users, chats: vec![], date: 1, seq: 0 };
    let inbound = batch(gate.offer(push.into()));
    assert_eq!(inbound.changes, [(UserId(8), Change::Presence(Presence::Online { until: 77 }))]);
    assert_eq!(inbound.batch.reads, [MessagesRead { chat: ChatId(5), max_date: 6, date: 7 }]);
    assert_eq!(inbound.batch.typing, [ChatId(5)]);
    assert_eq!(inbound.people.len(), 1);
    assert_eq!(inbound.logins.len(), 1);
    assert_eq!(inbound.batch.marks, START);
    assert_eq!(gate.offer(short(enums::Update::Config)), Verdict::Nothing);
}

#[test]
fn what_changes_about_people_is_passed_on_in_order() {
    let mut gate = Gate::new(START);
    let name = |username: &str, active| {
        let username = username.to_owned();
        types::Username { editable: true, active, deletable: false, expired: false, username }.into()
    };
    let named = types::UpdateUserName {
        user_id: 8,
        first_name: "Ada".into(),
        last_name: "W".into(),
        usernames: vec![name("old", false), name("ada", true)],
    };
    let peer = |peer_id| types::UpdatePeerBlocked { blocked: true, blocked_my_stories_from: false, peer_id };
    let updates = vec![
        named.into(),
        types::UpdateUserPhone { user_id: 8, phone: "4912".into() }.into(),
        types::UpdateUserPhone { user_id: 9, phone: String::new() }.into(),
        peer(types::PeerUser { user_id: 8 }.into()).into(),
        peer(types::PeerChat { chat_id: 8 }.into()).into(),
        enums::Update::ContactsReset,
    ];
    let push = types::Updates { updates, users: vec![], chats: vec![], date: 1, seq: 0 };
    let inbound = batch(gate.offer(push.into()));
    let (first_name, last_name) = ("Ada".to_owned(), "W".to_owned());
    let expected = [
        (UserId(8), Change::Name { first_name, last_name, username: Some("ada".into()) }),
        (UserId(8), Change::Phone(Some("4912".into()))),
        (UserId(9), Change::Phone(None)),
        (UserId(8), Change::Blocked(true)),
    ];
    assert_eq!(inbound.changes, expected);
    assert!(inbound.contacts_reset);
}
