//! What a crash or a closed chat has left behind: rows of transfers and of messages that do not fit together.
//!
//! A row of a transfer and the machine's rows change in commits of their own, so a crash may come between them. After a start and
//! with every connection they are brought together again: the machine's word goes before that of a transfer.

use super::telling::upload_in_words;
use super::{Key, Way};
use crate::engine::actor::Actor;
use crate::engine::event::Transfer;
use crate::secret::file::{TransferState, Upload};
use crate::secret::record::{ChatId, Delivery};
use crate::secret::step::{Change, Commit};
use crate::vault::VaultError;

impl Actor {
    /// Brings uploads and their messages together. A message that has its number is waited for by all that come after it: its file
    /// goes on its way again, or the machine hears that it will not come.
    pub(in crate::engine) fn mend_transfers(&mut self) -> Result<(), VaultError> {
        for upload in self.vault.uploads()? {
            let (chat, random_id) = (upload.chat, upload.random_id);
            if !self.machine.awaits_file(chat, random_id) {
                continue;
            }
            match upload.state {
                TransferState::Failed(reason) => {
                    self.transfer_failed(Key { way: Way::Up, chat, random_id }, reason)?;
                }
                TransferState::Paused => {
                    let row = Upload { state: TransferState::Running, ..upload };
                    let stored = self.vault.put_upload(&row);
                    if self.kept(stored) {
                        self.tell_transfer(chat, random_id, upload_in_words(&row));
                    }
                }
                TransferState::Running | TransferState::Done => {}
            }
        }
        self.end_vain_uploads()
    }

    /// The uploads that end with a commit because it closes their chat: afterwards there is no row of them.
    pub(in crate::engine) fn uploads_ending_with(&self, commit: &Commit) -> Result<Vec<Upload>, VaultError> {
        let closed = |chat| commit.changes.iter().any(|it| matches!(it, Change::Dropped(id) if *id == chat));
        if !commit.changes.iter().any(|it| matches!(it, Change::Dropped(_))) {
            return Ok(Vec::new());
        }
        Ok(self.vault.uploads()?.into_iter().filter(|upload| closed(upload.chat)).collect())
    }

    /// Tells that a chat has closed under them.
    pub(in crate::engine) fn tell_ended(&self, uploads: &[Upload]) {
        for upload in uploads {
            let words = "the chat is closed: this file is not sent";
            self.tell_transfer(upload.chat, upload.random_id, Transfer::Failed(words.into()));
        }
    }

    /// Ends the uploads of messages that nobody sends any more.
    pub(super) fn end_vain_uploads(&mut self) -> Result<(), VaultError> {
        for upload in self.vault.uploads()? {
            let Upload { chat, random_id, state, .. } = upload;
            let Some(reason) = self.vain(chat, random_id)? else { continue };
            let key = Key { way: Way::Up, chat, random_id };
            match self.transfers.running.get(&key) {
                Some(running) => {
                    running.stop.send_replace(true);
                }
                None if matches!(state, TransferState::Failed(_)) => {}
                None => self.keep_failure(key, reason.into())?,
            }
        }
        Ok(())
    }

    /// Why the file of a message need not go up any more, if so.
    pub(super) fn vain(&self, chat: ChatId, random_id: i64) -> Result<Option<&'static str>, VaultError> {
        let failed = self.vault.message(chat, random_id)?.is_some_and(|it| it.delivery == Delivery::Failed);
        Ok(failed.then_some("this message has failed for good: send the file again"))
    }
}
