//! What the user asks of transfers: send, fetch, pause, go on, give up.
//!
//! Each wish changes rows first and tells the tasks then, so that it holds whatever the tasks are doing, and after a restart.

use std::path::PathBuf;

use super::telling::upload_in_words;
use super::{Key, Way, source};
use crate::engine::actor::Actor;
use crate::engine::errands::Done;
use crate::engine::event::{Event, Transfer};
use crate::secret::file::{self, Download, Progress, Source, TransferState, Upload};
use crate::secret::message::Attachment;
use crate::secret::record::{Body, ChatId, Draft, Text};
use crate::secret::step::{Command, Input};
use crate::system::in_words;
use crate::vault::VaultError;

/// A file that the user wants to send.
#[derive(Debug)]
pub(in crate::engine) struct SendFile {
    pub chat: ChatId,
    pub path: PathBuf,
    pub as_document: bool,
    pub caption: Text,
    pub reply_to: Option<i64>,
    pub silent: bool,
}

impl Actor {
    /// Files are looked at one after the other, so that they keep their order.
    pub(in crate::engine) fn send_file(&mut self, wish: SendFile) {
        self.transfers.wishes.push_back(wish);
        self.inspect_next();
    }

    fn inspect_next(&mut self) {
        if self.transfers.inspecting {
            return;
        }
        let Some(wish) = self.transfers.wishes.pop_front() else { return };
        self.transfers.inspecting = true;
        let folders = self.transfers.folders.clone();
        self.errand(async move {
            let (path, as_document) = (wish.path.clone(), wish.as_document);
            let look = move || source::inspect(&path, as_document, &folders, &mut rand::rng());
            let outcome = match tokio::task::spawn_blocking(look).await {
                Ok(outcome) => outcome.map_err(|fault| fault.to_string()),
                Err(_) => {
                    Err(format!("{} led to a fault in this program: it is not sent", wish.path.display()))
                }
            };
            Done::Inspected { wish, outcome: Box::new(outcome) }
        });
    }

    pub(in crate::engine) fn inspected(
        &mut self,
        wish: SendFile,
        outcome: Result<(Attachment, Source), String>,
    ) -> Result<(), VaultError> {
        self.transfers.inspecting = false;
        let SendFile { chat, caption, reply_to, silent, .. } = wish;
        match outcome {
            Ok((file, source)) => {
                let body = Body::File(Box::new(Attachment { caption, ..file }));
                let draft = Box::new(Draft { reply_to, silent, ..Draft::new(body) });
                self.step(Input::Command(Command::Attach { chat, draft, source }))?;
            }
            Err(fault) => self.tell(Event::Refused(fault)),
        }
        self.sweep_copies()?;
        self.inspect_next();
        Ok(())
    }

    /// Removes the copies of what is sent, given up or refused. While a file is looked at its copy belongs to nobody yet: then it is
    /// done afterwards.
    pub(super) fn sweep_copies(&mut self) -> Result<(), VaultError> {
        if !self.transfers.inspecting {
            self.transfers.folders.sweep_copies(&self.vault.unsent_sources()?);
        }
        Ok(())
    }

    /// The program ends before everything was looked at.
    pub(super) fn refuse_wishes(&mut self) {
        if std::mem::take(&mut self.transfers.inspecting) {
            self.tell(Event::Refused("a file was not sent, because it took too long to look at it".into()));
        }
        for wish in std::mem::take(&mut self.transfers.wishes) {
            let path = wish.path.display();
            self.tell(Event::Refused(format!("{path} was not sent: send it again after the next start")));
        }
    }

    /// Fetches the file of a message. One that is here already is only told of.
    pub(in crate::engine) fn download(&mut self, chat: ChatId, random_id: i64) -> Result<(), VaultError> {
        let known = self.vault.download(chat, random_id)?;
        match known {
            Some(row) if row.state == TransferState::Done && row.path.exists() => {
                self.tell_transfer(chat, random_id, Transfer::Done { path: Some(row.path) });
                Ok(())
            }
            Some(row) if row.state != TransferState::Done => self.resume_transfer(chat, random_id),
            _ => self.begin_download(chat, random_id),
        }
    }

    fn begin_download(&mut self, chat: ChatId, random_id: i64) -> Result<(), VaultError> {
        let Some((message, file)) = self.message_with_file(chat, random_id)? else {
            self.tell(Event::Refused("this message has no file, or it is gone".into()));
            return Ok(());
        };
        if let Err(fault) = file::check(&file) {
            self.tell_transfer(chat, random_id, Transfer::Failed(fault.to_string()));
            return Ok(());
        }
        let path = match self.transfers.folders.hidden(message.ttl > 0) {
            Ok(path) => path,
            Err(error) => {
                let words = format!("the folder for files cannot be made: {}", in_words(&error));
                self.tell_transfer(chat, random_id, Transfer::Failed(words));
                return Ok(());
            }
        };
        let (progress, state) = (Progress::default(), TransferState::Running);
        let stored = self.vault.put_download(&Download { chat, random_id, path, progress, state });
        if self.kept_wish(stored) { self.pump_transfers() } else { Ok(()) }
    }

    /// Stops a transfer for now, unless what comes after its message has to wait for it.
    pub(in crate::engine) fn pause_transfer(
        &mut self,
        chat: ChatId,
        random_id: i64,
    ) -> Result<(), VaultError> {
        if self.machine.awaits_file(chat, random_id) {
            let words = "the messages behind this file wait for it: let it go on, or cancel it";
            self.tell(Event::Refused(words.into()));
            return Ok(());
        }
        let running = |state: &TransferState| *state == TransferState::Running;
        if let Some(row) = self.vault.upload(chat, random_id)?.filter(|row| running(&row.state)) {
            let progress = self.stop_for_now(Way::Up, chat, random_id).unwrap_or(row.progress);
            let row = Upload { state: TransferState::Paused, progress, ..row };
            let stored = self.vault.put_upload(&row);
            if self.kept_wish(stored) {
                self.tell_transfer(chat, random_id, upload_in_words(&row));
            }
        }
        if let Some(row) = self.vault.download(chat, random_id)?.filter(|row| running(&row.state)) {
            let progress = self.stop_for_now(Way::Down, chat, random_id).unwrap_or(row.progress);
            let row = Download { state: TransferState::Paused, progress, ..row };
            let stored = self.vault.put_download(&row);
            if self.kept_wish(stored) {
                self.tell_download(row)?;
            }
        }
        self.pump_transfers()
    }

    /// Stops a task, if there is one; what is safe of it. If the pause cannot be stored it starts again when it has ended.
    fn stop_for_now(&self, way: Way, chat: ChatId, random_id: i64) -> Option<Progress> {
        let running = self.transfers.running.get(&Key { way, chat, random_id })?;
        running.stop.send_replace(true);
        Some(running.safe.clone())
    }

    /// Lets a transfer go on that was paused or has failed. An upload that failed begins anew.
    pub(in crate::engine) fn resume_transfer(
        &mut self,
        chat: ChatId,
        random_id: i64,
    ) -> Result<(), VaultError> {
        if let Some(reason) = self.vain(chat, random_id)? {
            self.tell(Event::Refused(reason.into()));
            return Ok(());
        }
        if let Some(row) = self.vault.upload(chat, random_id)? {
            let row = match row.state {
                TransferState::Running | TransferState::Done => None,
                TransferState::Paused => Some(row),
                TransferState::Failed(_) => {
                    Some(Upload { progress: Progress::default(), file_id: rand::random(), ..row })
                }
            };
            if let Some(row) = row {
                let row = Upload { state: TransferState::Running, ..row };
                let stored = self.vault.put_upload(&row);
                if self.kept_wish(stored) {
                    self.tell_transfer(chat, random_id, upload_in_words(&row));
                }
            }
        }
        if let Some(row) = self.vault.download(chat, random_id)?
            && matches!(row.state, TransferState::Paused | TransferState::Failed(_))
        {
            let row = Download { state: TransferState::Running, ..row };
            let stored = self.vault.put_download(&row);
            if self.kept_wish(stored) {
                self.tell_download(row)?;
                // What was being given up is wanted after all: it stops as if for a pause.
                if let Some(running) =
                    self.transfers.running.get_mut(&Key { way: Way::Down, chat, random_id })
                {
                    running.cancelled = false;
                }
            }
        }
        self.pump_transfers()
    }

    /// Gives a transfer up: an unsent message goes with its file, of a fetched one nothing is left.
    pub(in crate::engine) fn cancel_transfer(
        &mut self,
        chat: ChatId,
        random_id: i64,
    ) -> Result<(), VaultError> {
        if let Some(row) = self.vault.upload(chat, random_id)?
            && row.state != TransferState::Done
        {
            self.tell_transfer(chat, random_id, Transfer::Cancelled);
            return self.step(Input::Command(Command::Withdraw { chat, random_id }));
        }
        let Some(row) = self.vault.download(chat, random_id)?.filter(|row| row.state != TransferState::Done)
        else {
            self.tell(Event::Refused("this file is not on its way: there is nothing to give up".into()));
            return Ok(());
        };
        let stored = self.vault.put_download(&Download { state: TransferState::Paused, ..row });
        if !self.kept_wish(stored) {
            return Ok(());
        }
        let key = Key { way: Way::Down, chat, random_id };
        match self.transfers.running.get_mut(&key) {
            Some(running) => {
                running.cancelled = true;
                running.stop.send_replace(true);
            }
            None => self.forget_download(chat, random_id)?,
        }
        self.tell_transfer(chat, random_id, Transfer::Cancelled);
        self.pump_transfers()
    }

    /// Deletes messages. Those whose file is still on its way up are known to nobody else: nothing is said of them.
    pub(in crate::engine) fn delete(&mut self, chat: ChatId, random_ids: Vec<i64>) -> Result<(), VaultError> {
        let unsent: Vec<i64> = self
            .vault
            .uploads()?
            .into_iter()
            .filter(|row| row.chat == chat && random_ids.contains(&row.random_id))
            .map(|row| row.random_id)
            .collect();
        for &random_id in &unsent {
            self.step(Input::Command(Command::Withdraw { chat, random_id }))?;
        }
        let random_ids: Vec<i64> = random_ids.into_iter().filter(|id| !unsent.contains(id)).collect();
        if random_ids.is_empty() && !unsent.is_empty() {
            return Ok(());
        }
        self.step(Input::Command(Command::Delete { chat, random_ids }))
    }
}
