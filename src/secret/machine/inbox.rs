//! What arrives: open, place by number, process in order, park behind a hole.
//!
//! The order of the checks is the protocol's. What fails to open changes nothing, since anybody may have made it; what opens and
//! breaks a rule was made by the holder of the key and ends the chat. A Resend is executed on arrival even behind a hole: with
//! holes on both sides each would otherwise wait for the other for ever.

use super::Machine;
use super::room::Room;
use super::turn::Turn;
use crate::secret::chat::{Side, Stage};
use crate::secret::content::{self, Action, Content, Incoming, Opened, Said};
use crate::secret::envelope;
use crate::secret::fault::{PeerFault, Trouble};
use crate::secret::key::Fingerprint;
use crate::secret::layer;
use crate::secret::record::{Body, ChatId, Parked};
use crate::secret::sequence::{MAX_GAP, Place};
use crate::secret::step::{Change, EncryptedMessage, Event, MessagesRead};

/// Sealed messages in a row that cannot be opened before the user hears of it; single ones are noise on the line.
const UNOPENED_TO_TELL: u32 = 3;

/// Bytes that wait behind one hole; an honest peer's thousand messages are a fraction of it.
const MAX_PARKED_BYTES: usize = 8 << 20;

/// A hole is asked for again on a new connection when it has been open this long.
const ASK_AGAIN_MS: u64 = 3600 * 1000;

impl Machine {
    /// `updateNewEncryptedMessage`, or one of a difference.
    pub(super) fn encrypted_message(&mut self, message: EncryptedMessage, turn: &mut Turn<'_>) {
        let Some(room) = self.rooms.get_mut(&message.chat) else { return };
        match &room.chat.stage {
            Stage::Requesting(_) | Stage::Waiting(_) => Machine::hold(room, message, turn),
            Stage::Accepting(accepting) => {
                let opened = envelope::open(&accepting.key, room.chat.side.other(), &message.bytes);
                if opened.is_ok() {
                    room.acceptance_proven(turn);
                    room.receive(message, turn);
                }
            }
            Stage::Ready(_) => room.receive(message, turn),
            Stage::Asking(_) | Stage::Requested(_) | Stage::Closed(_) => {}
        }
    }

    pub(super) fn read_by_peer(&mut self, read: MessagesRead, turn: &mut Turn<'_>) {
        let Some(room) = self.rooms.get_mut(&read.chat) else { return };
        room.read_up_to(read, turn);
        if room.ready().is_some_and(|ready| read.max_date > ready.read_by_peer) {
            turn.touch(room);
            if let Some(ready) = room.ready_mut() {
                ready.read_by_peer = read.max_date;
            }
            turn.change(Change::ReadByPeer { chat: read.chat, max_date: read.max_date });
            turn.event(Event::ReadByPeer { chat: read.chat, max_date: read.max_date });
        }
    }

    pub(super) fn typing(&mut self, chat: ChatId, turn: &mut Turn<'_>) {
        if self.rooms.get(&chat).is_some_and(|room| room.ready().is_some()) {
            turn.event(Event::Typing(chat));
        }
    }
}

impl Room {
    fn receive(&mut self, message: EncryptedMessage, turn: &mut Turn<'_>) {
        let Some((opened, parked)) = self.unseal(&message) else {
            self.not_opened(turn);
            return;
        };
        self.unopened = 0;
        if let Err(fault) = self.sequence(opened, parked, turn) {
            self.refuse(fault, turn);
        }
    }

    /// Opens an envelope under the key it names, if that is one of ours, down to the wrapper with the numbers.
    fn unseal(&self, message: &EncryptedMessage) -> Option<(Opened, Parked)> {
        let named: Fingerprint = envelope::named_key(&message.bytes)?;
        let key = self.ready()?.keys.opens(named)?;
        let payload = envelope::open(key, self.chat.side.other(), &message.bytes).ok()?;
        let opened = content::read(&payload).ok()?;
        let parked = Parked {
            chat: message.chat,
            number: 0,
            date: message.date,
            fingerprint: named.0,
            executed: false,
            payload,
            file: message.file.clone(),
        };
        Some((opened, parked))
    }

    fn not_opened(&mut self, turn: &mut Turn<'_>) {
        self.unopened += 1;
        if self.unopened == UNOPENED_TO_TELL {
            turn.trouble(self.chat.id, Trouble::Unopened(self.unopened));
        }
    }

    fn sequence(&mut self, opened: Opened, mut parked: Parked, turn: &mut Turn<'_>) -> Result<(), PeerFault> {
        let side = self.chat.side;
        let Some(ready) = self.ready() else { return Ok(()) };
        let (number, place) = ready.counters.place(side, &opened.header)?;
        if place == Place::Replay || self.parked.contains_key(&number) {
            return Ok(());
        }
        parked.number = number;
        if let Some((start, end)) = resend_range(&opened) {
            self.resend(start, end, turn)?;
            parked.executed = true;
        }
        match place {
            Place::Replay => Ok(()),
            Place::Next => {
                self.process(opened, &parked, turn)?;
                self.unpark(turn)
            }
            Place::Ahead => self.park(parked, side, turn),
        }
    }

    /// Keeps a message that waits behind a hole, and asks for the hole once.
    fn park(&mut self, parked: Parked, side: Side, turn: &mut Turn<'_>) -> Result<(), PeerFault> {
        if self.parked.len() >= usize::try_from(MAX_GAP).unwrap_or(usize::MAX) {
            return Err(PeerFault::Gap(i64::from(MAX_GAP) + 1));
        }
        let bytes: usize = self.parked.values().map(|parked| parked.payload.len()).sum();
        if bytes + parked.payload.len() > MAX_PARKED_BYTES {
            // Its turn comes when the hole before it has closed: then it is asked for like any other.
            return Ok(());
        }
        turn.change(Change::Parked(parked.clone()));
        self.parked.insert(parked.number, parked);
        self.ask_for_hole(side, turn);
        Ok(())
    }

    /// How many messages are missing before the first that waits.
    pub fn missing(&self) -> Option<i32> {
        let lowest = *self.parked.first_key_value()?.0;
        Some(lowest - self.ready()?.counters.my_in)
    }

    /// Asks once more for a hole that has stayed open for long: the resent copies may have been lost too.
    pub fn ask_again(&mut self, turn: &mut Turn<'_>) {
        let Some(oldest) = self.parked.values().map(|parked| parked.date).min() else { return };
        let asked = self.asked_mono_ms.is_some_and(|asked| turn.now.mono_ms < asked + ASK_AGAIN_MS);
        let recent = i64::from(turn.now.unix_s()) - i64::from(oldest) < ASK_AGAIN_MS.cast_signed() / 1000;
        if asked || recent {
            return;
        }
        turn.touch(self);
        if let Some(ready) = self.ready_mut() {
            ready.counters.resend_end = -1;
        }
        self.ask_for_hole(self.chat.side, turn);
    }

    fn ask_for_hole(&mut self, side: Side, turn: &mut Turn<'_>) {
        let Some(lowest) = self.parked.first_key_value().map(|(&number, _)| number) else { return };
        turn.touch(self);
        let Some(ready) = self.ready_mut() else { return };
        let count = lowest - ready.counters.my_in;
        if let Some((start, end)) = ready.counters.ask(side, lowest) {
            self.asked_mono_ms = Some(turn.now.mono_ms);
            self.act(Action::Resend { start, end }, turn);
            turn.event(Event::Missing { chat: self.chat.id, count });
        }
    }

    /// Processes what waited for the number just accepted; a further hole gets its own request.
    fn unpark(&mut self, turn: &mut Turn<'_>) -> Result<(), PeerFault> {
        let had_hole = !self.parked.is_empty();
        while let Some(ready) = self.ready() {
            let next = ready.counters.my_in;
            let Some(parked) = self.parked.remove(&next) else { break };
            turn.change(Change::Unparked { chat: self.chat.id, number: next });
            if let Ok(opened) = content::read(&parked.payload) {
                self.process(opened, &parked, turn)?;
            }
        }
        if had_hole && self.parked.is_empty() {
            turn.event(Event::Missing { chat: self.chat.id, count: 0 });
        }
        self.ask_for_hole(self.chat.side, turn);
        Ok(())
    }

    /// Accepts the message whose turn it is: counters first, then what it says.
    fn process(&mut self, opened: Opened, row: &Parked, turn: &mut Turn<'_>) -> Result<(), PeerFault> {
        turn.touch(self);
        let Some(ready) = self.ready_mut() else { return Ok(()) };
        ready.counters.accept(&opened.header)?;
        ready.keys.processed(Fingerprint(row.fingerprint));
        ready.peer_layer = layer::raised(ready.peer_layer, opened.header.layer);
        let confirmed = ready.counters.his_in;
        self.confirmed(confirmed, turn);
        let Opened { random_id, body, .. } = opened;
        match body {
            Incoming::Content(Content::Message(said)) => {
                self.show(random_id, row.date, said.with_place(row.file.clone()), turn);
            }
            Incoming::Content(Content::Action(action)) => self.obey_peer(action, random_id, row, turn)?,
            Incoming::Unsupported(raw) => {
                // A body that does not even tell its name is kept as well.
                let random_id = if random_id == 0 { self.fresh_random_id(turn) } else { random_id };
                let ttl = content::ttl_of(&raw);
                self.show(random_id, row.date, Said { ttl, ..Said::new(Body::Unsupported(raw)) }, turn);
                self.tell_layer(turn);
            }
        }
        Ok(())
    }
}

fn resend_range(opened: &Opened) -> Option<(i32, i32)> {
    match opened.body {
        Incoming::Content(Content::Action(Action::Resend { start, end })) => Some((start, end)),
        _ => None,
    }
}
