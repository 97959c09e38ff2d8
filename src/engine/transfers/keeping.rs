//! What is stored of transfers, and what happens when the disk refuses.
//!
//! What is not stored is not told, and does not go on: a transfer whose row cannot follow it would begin where it was again and
//! again. So everything rests for a while that doubles, as after a commit that failed, and then goes on from what the rows say.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::Instant;

use super::{Key, Transfers, Way, folder};
use crate::engine::actor::Actor;
use crate::engine::event::{Event, Transfer};
use crate::secret::file::{Download, Progress, TransferState, Upload};
use crate::secret::step::{Command, Input};
use crate::vault::VaultError;

/// The rest after a refusal of the disk, doubled each time: a full disk does not empty itself faster by being tried.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);

impl Transfers {
    /// When something is to be done without an occasion.
    pub fn wakes_at(&self) -> Option<Instant> {
        [self.due, self.rests_until].into_iter().flatten().min()
    }
}

impl Actor {
    /// Tells what is due, and lets everything go on after a rest.
    pub(in crate::engine) fn transfers_due(&mut self) -> Result<(), VaultError> {
        let now = Instant::now();
        let over = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if over(self.transfers.due) {
            self.tell_progress();
        }
        if over(self.transfers.rests_until) {
            self.transfers.rests_until = None;
            self.mend_transfers()?;
            self.pump_transfers()?;
        }
        Ok(())
    }

    /// Whether it is on the disk now. If not, everything stops and rests.
    pub(super) fn kept(&mut self, outcome: Result<(), VaultError>) -> bool {
        let Err(fault) = outcome else {
            self.transfers.refusals = 0;
            return true;
        };
        tracing::error!(%fault, "a transfer could not be stored");
        if self.transfers.rests_until.is_none() {
            let refusals = self.transfers.refusals;
            if refusals == 0 {
                self.tell(Event::Refused(format!("files rest, and are tried again by themselves: {fault}")));
            }
            let rest = FIRST_REST.saturating_mul(1 << refusals.min(6)).min(LONGEST_REST);
            self.transfers.rests_until = Some(Instant::now() + rest);
            self.transfers.refusals = refusals.saturating_add(1);
        }
        for running in self.transfers.running.values() {
            running.stop.send_replace(true);
        }
        false
    }

    /// Whether what the user wants is on the disk now. If not it is refused, and all stays as it is.
    pub(super) fn kept_wish(&mut self, outcome: Result<(), VaultError>) -> bool {
        let kept = outcome.is_ok();
        self.stored(outcome);
        kept
    }

    /// Stores how far a transfer has come.
    pub(super) fn keep_progress(&mut self, key: Key, progress: Progress) {
        let Key { way, chat, random_id } = key;
        let stored = match way {
            Way::Up => self.vault.upload(chat, random_id).and_then(|row| {
                row.filter(|row| row.state != TransferState::Done)
                    .map_or(Ok(()), |row| self.vault.put_upload(&Upload { progress, ..row }))
            }),
            Way::Down => self.vault.download(chat, random_id).and_then(|row| {
                row.filter(|row| row.state != TransferState::Done)
                    .map_or(Ok(()), |row| self.vault.put_download(&Download { progress, ..row }))
            }),
        };
        self.kept(stored);
    }

    /// A file is here, under its name. The hidden one goes when the row is stored: until then it leads back to the file.
    pub(super) fn download_complete(&mut self, key: Key, path: PathBuf) -> Result<(), VaultError> {
        let Key { chat, random_id, .. } = key;
        let part = self.vault.download(chat, random_id)?.map(|row| row.path);
        let (progress, state) = (Progress::default(), TransferState::Done);
        let row = Download { chat, random_id, path: path.clone(), progress, state };
        let stored = self.vault.put_download(&row);
        if self.kept(stored) {
            part.iter().for_each(|part| folder::remove(part));
            self.tell_transfer(chat, random_id, Transfer::Done { path: Some(path) });
        } else {
            part.iter().for_each(|part| folder::hide_again(&path, part));
        }
        Ok(())
    }

    /// A transfer has failed. The machine hears of it first: a message with a number must not wait for a file that nobody brings.
    pub(super) fn transfer_failed(&mut self, key: Key, reason: String) -> Result<(), VaultError> {
        let Key { way, chat, random_id } = key;
        if way == Way::Up {
            let before = self.failed_commits;
            self.step(Input::Command(Command::UploadFailed { chat, random_id, reason: reason.clone() }))?;
            if self.failed_commits > before {
                return Ok(());
            }
        }
        self.keep_failure(key, reason)
    }

    /// Stores that a transfer has failed, and tells it then.
    pub(super) fn keep_failure(&mut self, key: Key, reason: String) -> Result<(), VaultError> {
        let Key { way, chat, random_id } = key;
        let state = TransferState::Failed(reason.clone());
        let stored = match way {
            Way::Up => {
                let row = self.vault.upload(chat, random_id)?;
                row.map(|row| self.vault.put_upload(&Upload { state, ..row }))
            }
            Way::Down => {
                let row = self.vault.download(chat, random_id)?;
                row.map(|row| self.vault.put_download(&Download { state, ..row }))
            }
        };
        if stored.is_some_and(|stored| self.kept(stored)) {
            self.tell_transfer(chat, random_id, Transfer::Failed(reason));
        }
        Ok(())
    }
}
