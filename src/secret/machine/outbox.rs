//! What we send: numbers taken, payloads fixed, rows kept until the peer has confirmed them.
//!
//! One send is in flight per chat, always the lowest unanswered number, so order needs no bookkeeping: serving a Resend is
//! nothing but taking the answered mark off, and a message deleted before it was confirmed is a row with another payload.

use super::room::Room;
use super::turn::Turn;
use crate::secret::chat::Side;
use crate::secret::content::{self, Action, Content};
use crate::secret::envelope;
use crate::secret::fault::PeerFault;
use crate::secret::layer;
use crate::secret::record::{Outgoing, SentFile};
use crate::secret::sequence::ResendFault;
use crate::secret::step::{Call, Change, Event};

impl Room {
    /// The lowest number that the server has not answered.
    pub fn next_to_send(&self) -> Option<&Outgoing> {
        self.outgoing.values().find(|row| !row.answered)
    }

    /// The unanswered message of this id.
    pub fn unanswered(&self, random_id: i64) -> Option<&Outgoing> {
        self.outgoing.values().find(|row| !row.answered && row.random_id == random_id)
    }

    /// Seals the next message under the key that its number is due.
    pub fn send_call(&self, turn: &mut Turn<'_>) -> Option<Call> {
        let (ready, row) = (self.ready()?, self.next_to_send()?);
        Some(Call::SendEncrypted {
            chat: self.chat.id,
            access_hash: self.chat.access_hash,
            random_id: row.random_id,
            data: envelope::seal(ready.keys.seals(row.number), self.chat.side, &row.payload, turn.rng),
            service: row.service,
            silent: row.silent,
            file: row.file.clone(),
        })
    }

    /// Queues an action under an id of its own.
    pub fn act(&mut self, action: Action, turn: &mut Turn<'_>) {
        let random_id = self.fresh_random_id(turn);
        self.act_as(random_id, action, turn);
    }

    /// Queues an action under a given id.
    pub fn act_as(&mut self, random_id: i64, action: Action, turn: &mut Turn<'_>) {
        // All of them silently: apps are divided whether deletions and timers go the way of what the user writes, and there are
        // some that take no service message from there.
        self.enqueue(random_id, &Content::Action(action), true, false, turn);
    }

    /// Takes the next number, fixes the payload and stores the row; it goes out when its turn comes.
    pub fn enqueue(
        &mut self,
        random_id: i64,
        content: &Content,
        service: bool,
        rewritable: bool,
        turn: &mut Turn<'_>,
    ) {
        self.enqueue_with(None, random_id, content, service, rewritable, turn);
    }

    /// The same for what may have a file.
    pub fn enqueue_with(
        &mut self,
        file: Option<SentFile>,
        random_id: i64,
        content: &Content,
        service: bool,
        rewritable: bool,
        turn: &mut Turn<'_>,
    ) {
        let (chat, side) = (self.chat.id, self.chat.side);
        turn.touch(self);
        let Some(ready) = self.ready_mut() else { return };
        let number = ready.counters.my_out;
        let header = ready.counters.write(side, layer::usable(ready.peer_layer));
        ready.keys.wrote(number);
        let payload = content::write(header, random_id, content, turn.rng);
        self.known.insert(random_id);
        let silent = matches!(content, Content::Message(said) if said.silent);
        let (answered, told) = (false, false);
        self.store(
            Outgoing { chat, number, random_id, payload, service, silent, file, rewritable, answered, told },
            turn,
        );
    }

    /// A `random_id` that the chat does not know; never 0.
    pub fn fresh_random_id(&self, turn: &mut Turn<'_>) -> i64 {
        loop {
            let id = i64::from_le_bytes(turn.random());
            if id != 0 && !self.known.contains(&id) {
                return id;
            }
        }
    }

    /// The peer's `in_seq_no` has passed these: they will never be asked for again.
    pub fn confirmed(&mut self, below: i32, turn: &mut Turn<'_>) {
        if self.outgoing.first_key_value().is_none_or(|(&first, _)| first >= below) {
            return;
        }
        let chat = self.chat.id;
        let rest = self.outgoing.split_off(&below);
        let confirmed = std::mem::replace(&mut self.outgoing, rest);
        turn.change(Change::Confirmed { chat, below });
        for row in confirmed.into_values().filter(|row| row.rewritable && !row.told) {
            if row.file.is_some() {
                turn.change(Change::Uploaded { chat, random_id: row.random_id });
            }
            self.undated.insert(row.random_id);
            self.is_sent(row.random_id, self.earliest_date(), turn);
        }
    }

    /// The server has an own message since this date. The answer that would tell the date may be lost, though the peer has shown that
    /// it got the message; then it is taken for as old as it can be, so that no reading of it is missed and it burns in time.
    pub fn is_sent(&mut self, random_id: i64, date: i32, turn: &mut Turn<'_>) {
        let chat = self.chat.id;
        turn.change(Change::Sent { chat, random_id, date });
        turn.event(Event::Sent { chat, random_id, date });
        self.last_sent = self.last_sent.max(date);
        self.read_before_it_was_sent(date, turn);
        self.server_has(random_id, date, turn);
    }

    /// The server's dates do not fall, so the next own message is younger than the last one, and than the chat.
    fn earliest_date(&self) -> i32 {
        let read = self.ready().map_or(0, |ready| ready.read_by_peer);
        self.chat.date.max(self.last_sent).max(read).saturating_add(1)
    }

    /// Sends a range again: the rows lose their mark and take their turn, lowest first.
    pub fn resend(&mut self, start: i32, end: i32, turn: &mut Turn<'_>) -> Result<(), PeerFault> {
        let side: Side = self.chat.side;
        let Some(ready) = self.ready() else { return Ok(()) };
        let range = ready.counters.serve(side, start, end)?;
        if range.clone().any(|number| !self.outgoing.contains_key(&number)) {
            return Err(ResendFault::Lost.into());
        }
        for number in range {
            if let Some(row) = self.outgoing.get(&number).filter(|row| row.answered) {
                let again = Outgoing { answered: false, ..row.clone() };
                self.store(again, turn);
            }
        }
        Ok(())
    }

    /// Destroys the content of unconfirmed messages of the user; their numbers are filled with the self-delete placeholder.
    pub fn destroy_unconfirmed(&mut self, which: impl Fn(i64) -> bool, turn: &mut Turn<'_>) {
        let doomed: Vec<(i32, i64)> = self
            .outgoing
            .values()
            .filter(|row| row.rewritable && which(row.random_id))
            .map(|row| (row.number, row.random_id))
            .collect();
        for (number, random_id) in doomed {
            if self.sending == Some(random_id) {
                self.superseded = self.sending;
            }
            self.fill_with_placeholder(number, turn);
        }
    }

    /// Replaces a stored message by `DeleteMessages[its own id]` with the same numbers. False if it is not a user's message.
    pub fn fill_with_placeholder(&mut self, number: i32, turn: &mut Turn<'_>) -> bool {
        let Some(row) = self.outgoing.get(&number).filter(|row| row.rewritable) else { return false };
        let Ok(opened) = content::read(&row.payload) else { return false };
        let placeholder = Content::placeholder(row.random_id);
        let payload = content::write(opened.header, row.random_id, &placeholder, turn.rng);
        // What is written first may be silent, but an action goes the way of actions.
        let row =
            Outgoing { payload, rewritable: false, service: true, silent: false, file: None, ..row.clone() };
        self.store(row, turn);
        true
    }

    /// Tells the peer our layer, if it has risen since it was told last.
    pub fn tell_own_layer(&mut self, turn: &mut Turn<'_>) {
        if self.ready().is_some_and(|ready| ready.notified_layer < layer::OWN) {
            turn.touch(self);
            if let Some(ready) = self.ready_mut() {
                ready.notified_layer = layer::OWN;
            }
            self.act(Action::NotifyLayer(layer::OWN), turn);
        }
    }

    /// A reading may overtake the answer of the send: it counts from here on.
    pub fn read_before_it_was_sent(&mut self, date: i32, turn: &mut Turn<'_>) {
        let chat = self.chat.id;
        if let Some(max_date) = self.ready().map(|ready| ready.read_by_peer).filter(|&read| read >= date) {
            turn.change(Change::ReadByPeer { chat, max_date });
            turn.event(Event::ReadByPeer { chat, max_date });
        }
    }

    /// Stores a row in memory and in the commit.
    pub fn store(&mut self, row: Outgoing, turn: &mut Turn<'_>) {
        turn.change(Change::Outgoing(row.clone()));
        self.outgoing.insert(row.number, row);
    }
}
