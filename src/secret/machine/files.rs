//! Own messages with a file: shown at once, numbered when the file is with the server, sent again by the place it lies at.
//!
//! A number is taken only when the file is there, so that what is written meanwhile does not wait for it. From then on the message is
//! like any other, but for two things: the server may have lost parts of the file, and then the message waits, its number being
//! spent, until they are there again; and once it is sent, the server's name of the file serves every repetition.

use super::Machine;
use super::commands::sendable;
use super::room::Room;
use super::turn::Turn;
use crate::secret::content::{self, Content, Said};
use crate::secret::fault::{LocalFault, Trouble};
use crate::secret::file::{Progress, Source, TransferState, Upload};
use crate::secret::record::{ChatId, Delivery, Draft, Message, Outgoing, RemoteFile, SentFile};
use crate::secret::step::{Change, Event};

/// How often a file goes up again because the server lost parts of it, in one run. A server that always does would never end.
const MAX_LOST: u32 = 3;

impl Machine {
    /// Whether a message has taken its number and waits for its file: all that comes after it waits as well.
    pub fn awaits_file(&self, chat: ChatId, random_id: i64) -> bool {
        let row = self.rooms.get(&chat).and_then(|room| room.unanswered(random_id));
        row.is_some_and(|row| row.file == Some(SentFile::Missing))
    }
}

impl Room {
    /// The next message to send, unless it waits for its file.
    pub fn sendable(&self) -> Option<&Outgoing> {
        self.next_to_send().filter(|row| row.file != Some(SentFile::Missing))
    }

    /// Shows a message whose file is now on its way up.
    pub fn attach(&mut self, draft: Draft, source: Source, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        self.require_ready()?;
        sendable(&draft.body)?;
        let (ttl, peer_layer) = self.ready().map_or((0, 0), |ready| (ready.ttl, ready.peer_layer));
        let Draft { body, reply_to, silent, album, degrade } = draft;
        let body = content::fitted(body, peer_layer, degrade).map_err(Trouble::PeerCannotShow)?;
        let random_id = self.fresh_random_id(turn);
        let file_id = i64::from_le_bytes(turn.random());
        let said = Said { body, ttl, silent, reply_to, album, via_bot: None };
        self.show_own(random_id, said, Delivery::Queued, turn);
        turn.change(Change::Upload(Upload {
            chat: self.chat.id,
            random_id,
            source,
            file_id,
            progress: Progress::default(),
            state: TransferState::Running,
        }));
        Ok(())
    }

    /// The file is with the server: the message takes its number, or goes on if it had one already.
    pub fn uploaded(&mut self, message: Message, file: SentFile, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        self.require_ready()?;
        let (chat, random_id) = (self.chat.id, message.random_id);
        turn.change(Change::Uploaded { chat, random_id });
        match self.outgoing.values().find(|row| row.random_id == random_id) {
            Some(row) if row.file == Some(SentFile::Missing) => {
                let row = Outgoing { file: Some(file), ..row.clone() };
                self.store(row, turn);
            }
            Some(_) => {}
            // The peer has it already: the answer was lost, and the file went up again for nothing.
            None if message.delivery != Delivery::Queued || self.undated.contains(&random_id) => {}
            None => {
                let Message { body, ttl, silent, reply_to, album, via_bot, .. } = message;
                let said = Said { body, ttl, silent, reply_to, album, via_bot };
                self.enqueue_with(Some(file), random_id, &Content::Message(said), false, true, turn);
            }
        }
        Ok(())
    }

    /// The server refused a message because of its file: true if the file goes up again and the message waits for it.
    pub fn file_lost(&mut self, random_id: i64, error: &str, turn: &mut Turn<'_>) -> bool {
        let about_file = error.starts_with("FILE_") || error == "MD5_CHECKSUM_INVALID";
        let row = self.unanswered(random_id).filter(|row| about_file && row.rewritable && row.file.is_some());
        let Some(row) = row.cloned() else { return false };
        let times = self.lost_files.entry(random_id).or_default();
        *times += 1;
        if *times > MAX_LOST {
            return false;
        }
        let file_id = i64::from_le_bytes(turn.random());
        turn.change(Change::UploadAgain { chat: self.chat.id, random_id, file_id });
        self.store(Outgoing { file: Some(SentFile::Missing), ..row }, turn);
        true
    }

    /// The file cannot be sent. A message that took its number for it fails, and the number is filled.
    pub fn upload_failed(&mut self, random_id: i64, reason: String, turn: &mut Turn<'_>) {
        let waiting = |row: &&Outgoing| row.file == Some(SentFile::Missing);
        let Some(number) = self.unanswered(random_id).filter(waiting).map(|row| row.number) else { return };
        if self.fill_with_placeholder(number, turn) {
            let chat = self.chat.id;
            self.forget(&[random_id]);
            turn.change(Change::Failed { chat, random_id });
            turn.event(Event::Failed { chat, random_id, reason: LocalFault::File(reason) });
        }
    }

    /// The answer of a send whose message the peer has confirmed meanwhile: it has the date, and the place of the file.
    pub fn answered_late(
        &mut self,
        random_id: i64,
        date: i32,
        file: Option<RemoteFile>,
        turn: &mut Turn<'_>,
    ) {
        if !self.undated.remove(&random_id) {
            return;
        }
        if let Some(place) = file {
            turn.change(Change::Placed { chat: self.chat.id, random_id, place });
        }
        self.is_sent(random_id, date, turn);
    }

    /// Takes a message back. One without a number is known to nobody, so nothing is said of it.
    pub fn withdraw(&mut self, random_id: i64, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        let random_ids = vec![random_id];
        if self.outgoing.values().any(|row| row.random_id == random_id) || !self.known.contains(&random_id) {
            return self.delete(random_ids, turn);
        }
        let chat = self.chat.id;
        self.forget(&random_ids);
        turn.change(Change::Deleted { chat, random_ids: random_ids.clone() });
        turn.event(Event::Deleted { chat, random_ids });
        Ok(())
    }
}

impl Outgoing {
    /// With the place that the server named for its file, if it has one: a repetition refers to that.
    pub(super) fn placed(self, place: Option<RemoteFile>, turn: &mut Turn<'_>) -> Outgoing {
        let (true, Some(place)) = (self.rewritable && self.file.is_some(), place) else { return self };
        let file = SentFile::There { id: place.id, access_hash: place.access_hash };
        turn.change(Change::Placed { chat: self.chat, random_id: self.random_id, place });
        Outgoing { file: Some(file), ..self }
    }
}
