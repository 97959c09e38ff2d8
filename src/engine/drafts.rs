//! Drafts on their way to the vault.
//!
//! A front end reports a draft with every key; writing each to the disk would wear it for nothing. So the newest text of each chat
//! waits here for a moment, and is written when the moment is over or the engine stops.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::actor::Actor;
use crate::secret::record::ChatId;

/// How much typing a crash may cost.
const AT_MOST: Duration = Duration::from_secs(1);

/// Drafts that are not stored yet.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    waiting: BTreeMap<ChatId, String>,
    pub due: Option<Instant>,
}

impl Actor {
    pub(super) fn keep_draft(&mut self, chat: ChatId, text: String) {
        self.drafts.waiting.insert(chat, text);
        self.drafts.due.get_or_insert_with(|| Instant::now() + AT_MOST);
    }

    /// Writes what waits.
    pub(super) fn store_drafts(&mut self) {
        self.drafts.due = None;
        for (chat, text) in std::mem::take(&mut self.drafts.waiting) {
            let stored = self.vault.put_draft(chat, &text);
            self.stored(stored);
        }
    }
}
