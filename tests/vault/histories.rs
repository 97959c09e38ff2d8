//! Any run of commits, restarts in between, against a model in plain collections: the meaning of every change.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use subrosa::secret::chat::Chat;
use subrosa::secret::record::{
    ChatId, Delivery, DhCache, Direction, Held, Marks, Message, Outgoing, Parked, Snapshot,
};
use subrosa::secret::step::Change;
use subrosa::secret::timer::Mortal;
use subrosa::vault::Vault;

use super::{commit, kinds, new_vault, reopen};

/// What the vault should hold.
#[derive(Default)]
struct Model {
    marks: Marks,
    dh: Option<DhCache>,
    primes: BTreeMap<Vec<u8>, bool>,
    chats: BTreeMap<ChatId, Chat>,
    messages: Vec<Message>,
    /// When each was deleted, by the marks.
    deleted: BTreeMap<(ChatId, i64), i32>,
    clock_ms: i64,
    outgoing: BTreeMap<(ChatId, i32), Outgoing>,
    parked: BTreeMap<(ChatId, i32), Parked>,
    held: Vec<Held>,
}

impl Model {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Chat(chat) => drop(self.chats.insert(chat.id, (**chat).clone())),
            Change::Message(message) => self.put_message(message),
            Change::Sent { chat, random_id, date } => {
                for message in self.own(*chat).filter(|message| message.random_id == *random_id) {
                    if matches!(message.delivery, Delivery::Queued | Delivery::Sent) {
                        message.date = *date;
                        message.delivery = Delivery::Sent;
                    }
                }
            }
            Change::Failed { chat, random_id } => {
                for message in self.own(*chat).filter(|message| message.random_id == *random_id) {
                    message.delivery = Delivery::Failed;
                }
            }
            Change::ReadByPeer { chat, max_date } => {
                for message in self.own(*chat).filter(|message| message.date <= *max_date) {
                    if message.delivery == Delivery::Sent {
                        message.delivery = Delivery::Read;
                    }
                }
            }
            Change::SeenByUser { chat, max_date } => {
                let incoming =
                    self.messages.iter_mut().filter(|m| m.chat == *chat && m.direction == Direction::In);
                for message in incoming.filter(|message| message.date <= *max_date) {
                    if message.delivery == Delivery::Unseen {
                        message.delivery = Delivery::Seen;
                    }
                }
            }
            Change::Opened { chat, random_id } => self.one(*chat, *random_id, |m| m.opened = true),
            Change::Destruct { chat, random_id, at_ms } => {
                self.one(*chat, *random_id, |m| m.destruct_ms = Some(*at_ms));
            }
            Change::Clock(ms) => self.clock_ms = *ms,
            Change::Deleted { chat, random_ids } => {
                random_ids.iter().for_each(|id| self.remember(*chat, *id));
                self.messages.retain(|m| m.chat != *chat || !random_ids.contains(&m.random_id));
            }
            Change::HistoryGone(chat) => {
                self.of(*chat).iter().for_each(|m| self.remember(*chat, m.random_id));
                self.messages.retain(|m| m.chat != *chat);
            }
            Change::Outgoing(row) => drop(self.outgoing.insert((row.chat, row.number), row.clone())),
            Change::Confirmed { chat, below } => {
                self.outgoing.retain(|(of, number), _| of != chat || number >= below);
            }
            Change::Dropped(chat) => {
                for message in self.own(*chat).filter(|message| message.delivery == Delivery::Queued) {
                    message.delivery = Delivery::Failed;
                }
                self.outgoing.retain(|(of, _), _| of != chat);
                self.parked.retain(|(of, _), _| of != chat);
                self.held.retain(|held| held.chat != *chat);
            }
            Change::Parked(row) => drop(self.parked.insert((row.chat, row.number), row.clone())),
            Change::Unparked { chat, number } => drop(self.parked.remove(&(*chat, *number))),
            Change::Held(held) => {
                match self.held.iter_mut().find(|h| (h.chat, h.random_id) == (held.chat, held.random_id)) {
                    Some(there) => *there = held.clone(),
                    None => self.held.push(held.clone()),
                }
            }
            Change::Unheld(chat) => self.held.retain(|held| held.chat != *chat),
            Change::Dh(dh) => self.dh = Some(dh.clone()),
            Change::Prime(verdict) => drop(self.primes.insert(verdict.p.clone(), verdict.good)),
            Change::Marks(marks) => self.marks = *marks,
            // Files on their way have tests of their own.
            Change::Upload(_)
            | Change::Uploaded { .. }
            | Change::UploadAgain { .. }
            | Change::Placed { .. } => {}
        }
    }

    fn own(&mut self, chat: ChatId) -> impl Iterator<Item = &mut Message> {
        self.messages.iter_mut().filter(move |m| m.chat == chat && m.direction == Direction::Out)
    }

    fn put_message(&mut self, message: &Message) {
        let id = (message.chat, message.random_id);
        if self.deleted.contains_key(&id) {
            return;
        }
        match self.messages.iter_mut().find(|m| (m.chat, m.random_id) == id) {
            Some(there) => *there = message.clone(),
            None => self.messages.push(message.clone()),
        }
    }

    fn one(&mut self, chat: ChatId, random_id: i64, change: impl FnOnce(&mut Message)) {
        let named = |m: &&mut Message| (m.chat, m.random_id) == (chat, random_id);
        self.messages.iter_mut().find(named).map(change).unwrap_or_default();
    }

    fn remember(&mut self, chat: ChatId, random_id: i64) {
        self.deleted.entry((chat, random_id)).or_insert(self.marks.date);
    }

    /// At each start, ids that were deleted more than thirty days ago are forgotten.
    fn restart(&mut self) {
        let oldest = i64::from(self.marks.date) - 30 * 24 * 3600;
        self.deleted.retain(|_, at| i64::from(*at) >= oldest);
    }

    fn mortals(&self) -> Vec<(ChatId, i64, Mortal)> {
        let mut all: Vec<_> =
            self.messages.iter().filter_map(|m| Some((m.chat, m.random_id, Mortal::of(m)?))).collect();
        all.sort_by_key(|(chat, random_id, _)| (*chat, *random_id));
        all
    }

    fn lines(&self) -> Vec<(ChatId, i64)> {
        let lines = self.messages.iter().filter(|m| m.body.is_service());
        lines.map(|m| (m.chat, m.random_id)).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn known(&self) -> Vec<(ChatId, i64)> {
        let there = self.messages.iter().map(|m| (m.chat, m.random_id));
        there.chain(self.deleted.keys().copied()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn of(&self, chat: ChatId) -> Vec<Message> {
        self.messages.iter().filter(|m| m.chat == chat).cloned().collect()
    }
}

fn change() -> impl Strategy<Value = Change> {
    let chat = || prop_oneof![Just(1), Just(-2)];
    let chat_id = move || chat().prop_map(ChatId);
    let (id, number, date) = (0i64..6, 0i32..6, 0i32..6);
    let message = || kinds::message(chat(), 0i64..6, 0i32..6).prop_map(Change::Message);
    prop_oneof![
        3 => kinds::chat(chat()).prop_map(|chat| Change::Chat(Box::new(chat))),
        8 => message(),
        3 => (chat_id(), id.clone(), date.clone())
            .prop_map(|(chat, random_id, date)| Change::Sent { chat, random_id, date }),
        1 => (chat_id(), id.clone()).prop_map(|(chat, random_id)| Change::Failed { chat, random_id }),
        2 => (chat_id(), date.clone()).prop_map(|(chat, max_date)| Change::ReadByPeer { chat, max_date }),
        2 => (chat_id(), date).prop_map(|(chat, max_date)| Change::SeenByUser { chat, max_date }),
        2 => (chat_id(), id.clone()).prop_map(|(chat, random_id)| Change::Opened { chat, random_id }),
        2 => (chat_id(), id.clone(), any::<i64>())
            .prop_map(|(chat, random_id, at_ms)| Change::Destruct { chat, random_id, at_ms }),
        1 => any::<i64>().prop_map(Change::Clock),
        1 => (chat_id(), vec(id.clone(), 0..3))
            .prop_map(|(chat, random_ids)| Change::Deleted { chat, random_ids }),
        1 => chat_id().prop_map(Change::HistoryGone),
        4 => kinds::outgoing(chat(), number.clone()).prop_map(Change::Outgoing),
        1 => (chat_id(), number.clone()).prop_map(|(chat, below)| Change::Confirmed { chat, below }),
        1 => chat_id().prop_map(Change::Dropped),
        3 => kinds::parked(chat(), number.clone()).prop_map(Change::Parked),
        1 => (chat_id(), number).prop_map(|(chat, number)| Change::Unparked { chat, number }),
        3 => kinds::held(chat(), id).prop_map(Change::Held),
        1 => chat_id().prop_map(Change::Unheld),
        1 => kinds::dh().prop_map(Change::Dh),
        1 => kinds::prime(0u8..3).prop_map(Change::Prime),
        2 => kinds::marks().prop_map(Change::Marks),
    ]
}

fn compare(model: &Model, vault: &Vault) {
    let Snapshot { marks, dh, primes, chats, outgoing, parked, held, known, clock_ms, mortals, lines } =
        vault.load().unwrap();
    assert_eq!((clock_ms, mortals, lines), (model.clock_ms, model.mortals(), model.lines()));
    assert_eq!((marks, dh), (model.marks, model.dh.clone()));
    let primes: BTreeMap<_, _> = primes.into_iter().map(|verdict| (verdict.p, verdict.good)).collect();
    assert_eq!(primes, model.primes);
    let mut wanted: Vec<Chat> = model.chats.values().cloned().collect();
    wanted.sort_by_key(|chat| chat.id);
    assert!(chats == wanted, "chats differ");
    assert!(outgoing == model.outgoing.values().cloned().collect::<Vec<_>>(), "outgoing differ");
    assert!(parked == model.parked.values().cloned().collect::<Vec<_>>(), "parked differ");
    assert!(held == model.held, "held differ");
    assert_eq!(known, model.known());
    compare_messages(model, vault);
}

fn compare_messages(model: &Model, vault: &Vault) {
    let (mut last, mut unread) = (vec![], vec![]);
    for chat in [ChatId(-2), ChatId(1)] {
        let wanted = model.of(chat);
        let found = vault.history(chat, None, 100).unwrap();
        assert!(found.is_sorted_by(|(a, _), (b, _)| a < b), "places rise");
        let found: Vec<Message> = found.into_iter().map(|(_, message)| message).collect();
        assert_eq!(found, wanted);
        for random_id in 0..6 {
            let wanted = wanted.iter().find(|m| m.random_id == random_id).cloned();
            assert_eq!(vault.message(chat, random_id).unwrap(), wanted);
        }
        let unseen = wanted.iter().filter(|m| m.delivery == Delivery::Unseen).count();
        if unseen > 0 {
            unread.push((chat, u32::try_from(unseen).unwrap()));
        }
        last.extend(wanted.last().cloned());
    }
    assert_eq!(vault.last_messages().unwrap(), last);
    assert_eq!(vault.unread().unwrap(), unread);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_run_of_commits_means_what_the_model_means(
        commits in vec((vec(change(), 1..8), any::<bool>()), 1..10),
    ) {
        let (_folder, mut vault) = new_vault();
        let mut model = Model::default();
        for (changes, restart) in commits {
            changes.iter().for_each(|change| model.apply(change));
            vault.commit(&commit(changes)).unwrap();
            if restart {
                model.restart();
                vault = reopen(vault);
            }
            compare(&model, &vault);
        }
    }

    /// The last change breaks a rule of the schema: nothing of its commit is there, and the vault goes on.
    #[test]
    fn a_commit_is_all_or_nothing(
        before in vec(change(), 0..8),
        lost in vec(change(), 0..8),
        broken in kinds::outgoing(Just(1), Just(-1)),
        after in vec(change(), 1..4),
    ) {
        let (_folder, mut vault) = new_vault();
        let mut model = Model::default();
        before.iter().chain(&after).for_each(|change| model.apply(change));
        vault.commit(&commit(before)).unwrap();
        let mut changes = lost;
        changes.push(Change::Outgoing(broken));
        prop_assert!(vault.commit(&commit(changes)).is_err());
        vault.commit(&commit(after)).unwrap();
        model.restart();
        compare(&model, &reopen(vault));
    }
}
