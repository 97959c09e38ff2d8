//! From a wish to a shared key: Diffie-Hellman parameters, `EncryptedChat` in all its constructors, and the checks between.
//!
//! An update may overtake the answer of the call that caused it, come twice, or never: every handler looks at the state it finds
//! and does nothing when there is nothing to do. A state with a key is left only towards `Closed`.

use super::Machine;
use super::room::{MAX_HELD, MAX_HELD_BYTES, Room};
use super::turn::Turn;
use crate::secret::chat::{Accepting, Chat, Ready, Reply, Requested, Requesting, Side, Stage, Waiting};
use crate::secret::content::Action;
use crate::secret::envelope;
use crate::secret::exchange::{self, PRIME_LEN, Params, Vetting};
use crate::secret::fault::{Closing, LocalFault, PeerFault};
use crate::secret::key::{Fingerprint, SharedKey};
use crate::secret::layer;
use crate::secret::picture::KeyPicture;
use crate::secret::record::{ChatId, DhCache, Held, PrimeVerdict, UserId};
use crate::secret::rekey::Keys;
use crate::secret::sequence::Counters;
use crate::secret::step::{CallKey, Change, Effect, EncryptedChat, EncryptedMessage, Slot};

/// Requests that may lie open at a time; who sends more is no friend.
const MAX_REQUESTS: usize = 100;

/// Parameters as the server gave them, and its randomness, while their prime is tested.
#[derive(Debug)]
pub(super) struct Vetted {
    config: DhCache,
    random: Vec<u8>,
}

/// What `encryptedChat` says.
struct Agreed {
    access_hash: i64,
    date: i32,
    admin: UserId,
    participant: UserId,
    g_a_or_b: Vec<u8>,
    fingerprint: Fingerprint,
}

impl Machine {
    /// `messages.dhConfig`.
    pub(super) fn dh_config(&mut self, config: DhCache, random: Vec<u8>, turn: &mut Turn<'_>) {
        self.empty_handed = false;
        match exchange::vet(config.g, &config.p, &self.primes) {
            Ok(Vetting::Good(params)) => {
                if self.dh.as_ref() != Some(&config) {
                    turn.change(Change::Dh(config.clone()));
                    self.dh = Some(config);
                }
                self.exchange(&params, &random, turn);
            }
            Ok(Vetting::UnknownPrime) => {
                turn.effect(Effect::CheckPrime { p: config.p.clone() });
                self.in_flight.insert(Slot::DhConfig, CallKey::DhConfig);
                self.vetting = Some(Vetted { config, random });
            }
            Err(fault) => self.cannot_exchange(LocalFault::DhConfig(fault), turn),
        }
    }

    /// `messages.dhConfigNotModified`: what is cached holds, if anything is.
    pub(super) fn dh_config_not_modified(&mut self, random: Vec<u8>, turn: &mut Turn<'_>) {
        match self.dh.clone() {
            Some(config) => self.dh_config(config, random, turn),
            None if self.empty_handed => {
                self.empty_handed = false;
                self.cannot_exchange(LocalFault::NoDhConfig, turn);
            }
            None => self.empty_handed = true,
        }
    }

    /// The slow test of an unknown prime is done.
    pub(super) fn prime_tested(&mut self, verdict: PrimeVerdict, turn: &mut Turn<'_>) {
        turn.change(Change::Prime(verdict.clone()));
        self.primes.push(verdict);
        self.in_flight.remove(&Slot::DhConfig);
        if let Some(vetted) = self.vetting.take() {
            self.dh_config(vetted.config, vetted.random, turn);
        }
    }

    /// Makes our half for every chat that waits for parameters.
    fn exchange(&mut self, params: &Params, random: &[u8], turn: &mut Turn<'_>) {
        for room in self.rooms.values_mut() {
            match &room.chat.stage {
                Stage::Asking(asking) => {
                    let user_hash = asking.user_hash;
                    turn.touch(room);
                    let offer = turn.offer(params, random);
                    room.chat.stage = Stage::Requesting(Requesting { user_hash, offer });
                }
                Stage::Requested(requested) if requested.reply == Reply::Accept => {
                    let g_a = requested.g_a.clone();
                    accept(room, params, g_a, random, turn);
                }
                _ => {}
            }
        }
    }

    /// No usable parameters: our requests have failed, accepted ones are given back.
    pub(super) fn cannot_exchange(&mut self, fault: LocalFault, turn: &mut Turn<'_>) {
        for room in self.rooms.values_mut() {
            match &room.chat.stage {
                Stage::Asking(_) => room.close(Closing::Failed(fault.clone()), None, turn),
                Stage::Requested(requested) if requested.reply == Reply::Accept => {
                    room.close(Closing::Failed(fault.clone()), Some(false), turn);
                }
                _ => {}
            }
        }
    }

    /// `updateEncryption`, or an `EncryptedChat` as direct answer.
    pub(super) fn chat_update(&mut self, update: EncryptedChat, turn: &mut Turn<'_>) {
        match update {
            EncryptedChat::Empty { .. } => {}
            EncryptedChat::Waiting { id, access_hash, date, participant, admin } => {
                let ours = admin == self.me;
                self.with_room(id, |room| room.waiting(access_hash, date, ours, participant, turn));
            }
            EncryptedChat::Requested { id, access_hash, date, admin, participant, g_a } => {
                let ours = participant == self.me && admin != self.me;
                let possible = id.0 != 0 && (1..=PRIME_LEN).contains(&g_a.len());
                if ours && possible && !self.rooms.contains_key(&id) && self.open_requests() < MAX_REQUESTS {
                    self.requested(id, access_hash, date, admin, g_a, turn);
                }
            }
            EncryptedChat::Chat { id, access_hash, date, admin, participant, g_a_or_b, key_fingerprint } => {
                let me = self.me;
                let fingerprint = Fingerprint::from_i64(key_fingerprint);
                let agreed = Agreed { access_hash, date, admin, participant, g_a_or_b, fingerprint };
                let became_ready = self
                    .rooms
                    .get_mut(&id)
                    .is_some_and(|room| room.agreed(me, agreed, turn) && room.ready().is_some());
                if became_ready {
                    self.open_held(id, turn);
                }
            }
            EncryptedChat::Discarded { id, history_deleted } => {
                self.with_room(id, |room| room.discarded(history_deleted, turn));
            }
        }
    }

    fn open_requests(&self) -> usize {
        self.rooms.values().filter(|room| matches!(room.chat.stage, Stage::Requested(_))).count()
    }

    fn with_room(&mut self, id: ChatId, then: impl FnOnce(&mut Room)) {
        if let Some(room) = self.rooms.get_mut(&id) {
            then(room);
        }
    }

    fn requested(
        &mut self,
        id: ChatId,
        access_hash: i64,
        date: i32,
        user: UserId,
        g_a: Vec<u8>,
        turn: &mut Turn<'_>,
    ) {
        let stage = Stage::Requested(Requested { g_a, reply: Reply::Undecided });
        let chat = Chat { id, user, side: Side::Recipient, date, access_hash, stage };
        self.rooms.insert(id, Room::new(chat));
        turn.born(id);
    }

    /// Keeps a sealed message for a chat whose key is still to come.
    pub(super) fn hold(room: &mut Room, message: EncryptedMessage, turn: &mut Turn<'_>) {
        let EncryptedMessage { random_id, chat, date, bytes: envelope, file } = message;
        if !envelope::possible(&envelope)
            || room.held.len() >= MAX_HELD
            || room.held.iter().map(|held| held.envelope.len()).sum::<usize>() > MAX_HELD_BYTES
            || room.held.iter().any(|held| held.random_id == random_id)
        {
            return;
        }
        let held = Held { chat, random_id, date, envelope, file };
        turn.change(Change::Held(held.clone()));
        room.held.push(held);
    }

    /// Opens what came before the key, in order of arrival.
    fn open_held(&mut self, id: ChatId, turn: &mut Turn<'_>) {
        let held = self.rooms.get_mut(&id).map(|room| std::mem::take(&mut room.held)).unwrap_or_default();
        if !held.is_empty() {
            turn.change(Change::Unheld(id));
        }
        for Held { random_id, chat, date, envelope, file } in held {
            self.encrypted_message(EncryptedMessage { random_id, chat, date, bytes: envelope, file }, turn);
        }
    }
}

/// The recipient's half: checks g_a, makes the key, and stores both before anything is said.
fn accept(room: &mut Room, params: &Params, g_a: Vec<u8>, random: &[u8], turn: &mut Turn<'_>) {
    turn.touch(room);
    let offer = turn.offer(params, random);
    let g_b = offer.public().to_vec();
    match turn.finish_offer(offer, &g_a) {
        Ok(key) => {
            room.chat.stage = Stage::Accepting(Accepting { params: params.clone(), g_a, g_b, key });
        }
        Err(_) => room.refuse(PeerFault::PublicValue, turn),
    }
}

/// Big-endian numbers compared without regard to leading zeros.
fn same_number(one: &[u8], other: &[u8]) -> bool {
    let strip = |bytes: &[u8]| bytes.iter().position(|&byte| byte != 0).map(|start| bytes[start..].to_vec());
    strip(one) == strip(other)
}

impl Room {
    fn waiting(&mut self, access_hash: i64, date: i32, ours: bool, participant: UserId, turn: &mut Turn<'_>) {
        match &self.chat.stage {
            Stage::Requesting(_) | Stage::Waiting(_) if !ours || participant != self.chat.user => {
                self.refuse(PeerFault::Participant, turn);
            }
            Stage::Requesting(requesting) => {
                let offer = requesting.offer.clone();
                turn.touch(self);
                self.chat.stage = Stage::Waiting(Waiting { offer });
                self.chat.access_hash = access_hash;
                self.chat.date = date;
            }
            Stage::Waiting(_) | Stage::Accepting(_) if self.chat.access_hash != access_hash => {
                turn.touch(self);
                self.chat.access_hash = access_hash;
            }
            Stage::Closed(_) if ours => self.discard_again(turn),
            _ => {}
        }
    }

    /// `encryptedChat`. True if the chat has left its former state.
    fn agreed(&mut self, me: UserId, agreed: Agreed, turn: &mut Turn<'_>) -> bool {
        let outcome = match &self.chat.stage {
            Stage::Requesting(Requesting { offer, .. }) | Stage::Waiting(Waiting { offer }) => {
                let params = offer.params().clone();
                if agreed.admin != me || agreed.participant != self.chat.user {
                    Err(PeerFault::Participant)
                } else {
                    turn.finish_offer(offer.clone(), &agreed.g_a_or_b)
                        .map_err(|_| PeerFault::PublicValue)
                        .and_then(|key| same_fingerprint(key, agreed.fingerprint))
                        .map(|key| (params, key))
                }
            }
            Stage::Accepting(accepting) => {
                if agreed.admin != self.chat.user || agreed.participant != me {
                    Err(PeerFault::Participant)
                } else if !same_number(&agreed.g_a_or_b, &accepting.g_a) {
                    Err(PeerFault::ChangedPublicValue)
                } else {
                    same_fingerprint(accepting.key.clone(), agreed.fingerprint)
                        .map(|key| (accepting.params.clone(), key))
                }
            }
            Stage::Closed(_) if agreed.admin == me => {
                self.discard_again(turn);
                return false;
            }
            _ => return false,
        };
        turn.touch(self);
        match outcome {
            Ok((params, key)) => {
                self.chat.access_hash = agreed.access_hash;
                self.chat.date = agreed.date;
                self.become_ready(params, key, turn);
            }
            Err(fault) => self.refuse(fault, turn),
        }
        true
    }

    /// The server carries out a request that was withdrawn meanwhile: it is withdrawn once more, or the peer would answer nobody.
    fn discard_again(&mut self, turn: &mut Turn<'_>) {
        turn.touch(self);
        if let Stage::Closed(closed) = &mut self.chat.stage
            && matches!(closed.closing, Closing::ByUs | Closing::Refused(_) | Closing::Failed(_))
        {
            closed.discard.get_or_insert(false);
        }
    }

    /// A message under the key of an acceptance that was never answered: the peer has our half, so the chat is ours.
    pub(super) fn acceptance_proven(&mut self, turn: &mut Turn<'_>) {
        if let Stage::Accepting(accepting) = &self.chat.stage {
            let (params, key) = (accepting.params.clone(), accepting.key.clone());
            turn.touch(self);
            self.become_ready(params, key, turn);
        }
    }

    fn become_ready(&mut self, params: Params, key: SharedKey, turn: &mut Turn<'_>) {
        self.chat.stage = Stage::Ready(Box::new(Ready {
            params,
            picture: KeyPicture::of(&key),
            keys: Keys::first(key, turn.now.unix_s()),
            verified: false,
            counters: Counters::default(),
            peer_layer: layer::FLOOR,
            notified_layer: layer::OWN,
            ttl: 0,
            seen: 0,
            seen_told: 0,
            read_by_peer: 0,
        }));
        self.act(Action::NotifyLayer(layer::OWN), turn);
    }

    fn discarded(&mut self, history_deleted: bool, turn: &mut Turn<'_>) {
        let closing = match &self.chat.stage {
            Stage::Asking(_) => return,
            Stage::Requesting(_) | Stage::Waiting(_) => Closing::DeclinedByPeer,
            Stage::Requested(_) | Stage::Accepting(_) => Closing::TakenOrWithdrawn,
            Stage::Ready(_) => Closing::ByPeer { history_deleted },
            Stage::Closed(closed) => {
                let gone_before = super::history_deleted(&closed.closing);
                if history_deleted && !gone_before {
                    self.history_deleted_later(turn);
                }
                return;
            }
        };
        self.close(closing, None, turn);
    }

    /// The news that the history is to go too came after the chat was closed.
    fn history_deleted_later(&mut self, turn: &mut Turn<'_>) {
        turn.touch(self);
        if let Stage::Closed(closed) = &mut self.chat.stage
            && matches!(closed.closing, Closing::ByPeer { .. })
        {
            closed.closing = Closing::ByPeer { history_deleted: true };
        }
        self.forget_history(turn);
    }
}

fn same_fingerprint(key: SharedKey, theirs: Fingerprint) -> Result<SharedKey, PeerFault> {
    let ours = key.fingerprint();
    if ours == theirs { Ok(key) } else { Err(PeerFault::Fingerprint { ours, theirs }) }
}
