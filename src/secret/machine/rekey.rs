//! Changing the key of a chat while it goes on (perfect forward secrecy).

use super::room::Room;
use super::turn::Turn;
use crate::secret::content::Action;
use crate::secret::fault::PeerFault;

impl Room {
    /// A step of the key exchange that the peer has taken.
    pub fn rekey(&mut self, action: Action, turn: &mut Turn<'_>) -> Result<(), PeerFault> {
        // We hold the chat's one key for life: whoever wants another is told so and goes on with it.
        if let Action::RequestKey { exchange_id, .. }
        | Action::AcceptKey { exchange_id, .. }
        | Action::CommitKey { exchange_id, .. } = action
        {
            self.act(Action::AbortKey { exchange_id }, turn);
        }
        Ok(())
    }
}
