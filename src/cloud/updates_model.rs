//! The gate against a simulated server and a hostile line: whatever is dropped, delayed, repeated or interrupted, every message
//! is stored once and in order, and no chat is missed.

use grammers_tl_types::types;
use proptest::prelude::*;

use super::*;
use crate::secret::step::EncryptedChat;

#[derive(Clone, Debug)]
enum Move {
    /// The server has a new message; pushed at once, later, or never.
    Message(Fate),
    /// The same for an unnumbered change of a chat.
    Chat(Fate),
    /// A delayed push arrives, or an old one again.
    Late(prop::sample::Index),
    /// The link came up or doubts: a difference is asked for.
    Ask,
    /// The answer under way arrives.
    Answer,
    /// The process dies and starts again from what is committed.
    Crash,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Arrives,
    Waits,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let fate = prop_oneof![2 => Just(Fate::Arrives), 1 => Just(Fate::Waits)];
    let one = prop_oneof![
        4 => fate.clone().prop_map(Move::Message),
        3 => fate.prop_map(Move::Chat),
        2 => any::<prop::sample::Index>().prop_map(Move::Late),
        1 => Just(Move::Ask),
        3 => Just(Move::Answer),
        1 => Just(Move::Crash),
    ];
    prop::collection::vec(one, 0..60)
}

/// Server, line and owner in one.
struct World {
    now: i32,
    messages: i64,
    /// Identifier and date.
    chats: Vec<(i32, i32)>,
    pushes: Vec<enums::Updates>,
    gate: Gate,
    /// Made when it was asked for, so it knows nothing of later events.
    under_way: Option<enums::updates::Difference>,
    stored: Vec<i64>,
    stored_chats: Vec<i32>,
}

const FIRST: Marks = Marks { pts: 1, qts: 1, seq: 0, date: 100 };

/// Messages in one slice.
const SLICE: i64 = 2;

impl World {
    fn new() -> Self {
        World {
            now: FIRST.date,
            messages: 0,
            chats: vec![],
            pushes: vec![],
            gate: Gate::new(FIRST),
            under_way: None,
            stored: vec![],
            stored_chats: vec![],
        }
    }

    fn act(&mut self, action: Move) {
        self.now += 1;
        match action {
            Move::Message(fate) => {
                self.messages += 1;
                let qts = FIRST.qts + self.messages as i32;
                let message = sealed(self.messages);
                self.send(types::UpdateNewEncryptedMessage { message, qts }.into(), fate);
            }
            Move::Chat(fate) => {
                let id = self.chats.len() as i32 + 1;
                self.chats.push((id, self.now));
                self.send(encryption((id, self.now)), fate);
            }
            Move::Late(which) if !self.pushes.is_empty() => {
                let push = which.get(&self.pushes).clone();
                self.offer(push);
            }
            Move::Late(_) => {}
            Move::Ask => self.ask(),
            Move::Answer => self.answer(),
            Move::Crash => {
                self.gate = Gate::new(self.gate.marks());
                self.under_way = None;
            }
        }
    }

    fn send(&mut self, update: enums::Update, fate: Fate) {
        let push = enums::Updates::from(types::UpdateShort { update, date: self.now });
        self.pushes.push(push.clone());
        if fate == Fate::Arrives {
            self.offer(push);
        }
    }

    fn offer(&mut self, push: enums::Updates) {
        match self.gate.offer(push) {
            Verdict::Batch(inbound) => self.commit(*inbound),
            Verdict::Difference => self.ask(),
            Verdict::Nothing => {}
        }
    }

    fn ask(&mut self) {
        if self.under_way.is_some() {
            return;
        }
        let asked = self.gate.ask();
        let first = i64::from(asked.qts - FIRST.qts) + 1;
        let last = self.messages.min(first + SLICE - 1);
        let recent = self.chats.iter().filter(|(_, date)| *date >= asked.date);
        let other_updates = recent.copied().map(encryption).collect();
        let new_encrypted_messages = (first..=last).map(sealed).collect();
        let qts = FIRST.qts + last as i32;
        let state = types::updates::State { pts: 1, qts, date: self.now, seq: 0, unread_count: 0 }.into();
        let (new_messages, chats, users) = (vec![], vec![], vec![]);
        self.under_way = Some(if last < self.messages {
            types::updates::DifferenceSlice {
                new_messages,
                new_encrypted_messages,
                other_updates,
                chats,
                users,
                intermediate_state: state,
            }
            .into()
        } else {
            types::updates::Difference {
                new_messages,
                new_encrypted_messages,
                other_updates,
                chats,
                users,
                state,
            }
            .into()
        });
    }

    fn answer(&mut self) {
        let Some(answer) = self.under_way.take() else { return };
        let fetched = self.gate.difference(answer);
        self.commit(fetched.inbound);
        if fetched.next == Next::Again {
            self.ask();
        }
    }

    /// The line is sound at last: what is under way arrives, and then, asked for anew, whatever came after that was made, to the
    /// last of its slices.
    fn heal(&mut self) {
        for _ in 0..2 {
            self.ask();
            while self.under_way.is_some() {
                self.answer();
            }
        }
    }

    fn commit(&mut self, inbound: Inbound) {
        for update in &inbound.batch.chats {
            if let EncryptedChat::Empty { id } = update {
                self.stored_chats.push(id.0);
            }
        }
        self.stored.extend(inbound.batch.messages.iter().map(|message| message.random_id));
        self.gate.committed(inbound.batch.marks);
    }
}

fn sealed(random_id: i64) -> enums::EncryptedMessage {
    types::EncryptedMessageService { random_id, chat_id: 5, date: 1, bytes: vec![] }.into()
}

fn encryption((id, date): (i32, i32)) -> enums::Update {
    types::UpdateEncryption { chat: types::EncryptedChatEmpty { id }.into(), date }.into()
}

proptest! {
    #[test]
    fn nothing_is_lost_and_no_message_comes_twice(moves in moves()) {
        let mut world = World::new();
        moves.into_iter().for_each(|action| world.act(action));
        world.heal();
        prop_assert_eq!(&world.stored, &(1..=world.messages).collect::<Vec<_>>());
        for (id, _) in &world.chats {
            prop_assert!(world.stored_chats.contains(id), "chat {} was missed", id);
        }
    }
}

#[test]
fn what_came_after_an_answer_was_made_fills_more_than_one_slice() {
    let mut world = World::new();
    world.act(Move::Ask);
    (0..=SLICE).for_each(|_| world.act(Move::Message(Fate::Waits)));
    world.heal();
    assert_eq!(world.stored, (1..=SLICE + 1).collect::<Vec<_>>());
}
