//! What a screen hears of transfers: how far each has come, at the start and with the history as well.
//!
//! Progress comes with every piece, but a screen wants it a few times a second and at its last step: it is told when it is due.

use std::path::PathBuf;

use crate::engine::actor::Actor;
use crate::engine::event::{Event, Transfer};
use crate::secret::file::{self, Download, TransferState, Upload};
use crate::secret::record::{Body, ChatId, Message};
use crate::vault::VaultError;

impl Actor {
    /// Tells the screen of all progress since it was told last.
    pub(super) fn tell_progress(&mut self) {
        self.transfers.due = None;
        let mut news = Vec::new();
        for (key, running) in &mut self.transfers.running {
            let done = running.progress.done;
            if std::mem::replace(&mut running.told, done) != done && !*running.stop.borrow() {
                news.push((*key, Transfer::Running { done: done.min(running.size), size: running.size }));
            }
        }
        for (key, transfer) in news {
            self.tell_transfer(key.chat, key.random_id, transfer);
        }
    }

    /// At start: nothing lies about that belongs to a message that is gone, and the screen knows what waits.
    pub(in crate::engine) fn restore_transfers(&mut self) -> Result<(), VaultError> {
        self.sweep_transfers()?;
        self.transfers.folders.sweep(&self.vault.downloaded_paths()?);
        self.sweep_copies()?;
        for upload in self.vault.uploads()? {
            self.tell_transfer(upload.chat, upload.random_id, upload_in_words(&upload));
        }
        for download in self.vault.downloads()? {
            self.tell_download(download)?;
        }
        Ok(())
    }

    /// What is known of the file of a message that is being shown.
    pub(in crate::engine) fn tell_transfer_of(&self, message: &Message) -> Result<(), VaultError> {
        if !matches!(message.body, Body::File(_)) {
            return Ok(());
        }
        if let Some(download) = self.vault.download(message.chat, message.random_id)? {
            return self.tell_download(download);
        }
        if let Some(upload) = self.vault.upload(message.chat, message.random_id)?
            && upload.state != TransferState::Done
        {
            self.tell_transfer(message.chat, message.random_id, upload_in_words(&upload));
        }
        Ok(())
    }

    pub(super) fn tell_download(&self, download: Download) -> Result<(), VaultError> {
        let Download { chat, random_id, path, progress, state } = download;
        let file = self.message_with_file(chat, random_id)?;
        let size = file.and_then(|(_, file)| file::check(&file).ok().map(|(_, size)| size)).unwrap_or(0);
        let transfer = in_words(&state, progress.done, size, Some(path));
        self.tell_transfer(chat, random_id, transfer);
        Ok(())
    }

    pub(super) fn tell_transfer(&self, chat: ChatId, random_id: i64, transfer: Transfer) {
        self.tell(Event::Transfer { chat, random_id, transfer });
    }
}

pub(super) fn upload_in_words(upload: &Upload) -> Transfer {
    in_words(&upload.state, upload.progress.done, upload.source.size, None)
}

/// `done` counts ciphertext, which may be longer by a few bytes.
fn in_words(state: &TransferState, done: u64, size: u64, path: Option<PathBuf>) -> Transfer {
    let done = done.min(size);
    match state {
        TransferState::Running => Transfer::Running { done, size },
        TransferState::Paused => Transfer::Paused { done, size },
        TransferState::Failed(reason) => Transfer::Failed(reason.clone()),
        TransferState::Done => Transfer::Done { path },
    }
}
