//! The look at each incoming frame before anything else sees it.
//!
//! Every frame is opened here first, because the layer below tells neither salt nor time, takes a repeated frame for a new one,
//! checks no padding, unpacks without bounds and does not say that the server forgot the session: some of these would lose or
//! double an update silently, some would end the process.

use std::collections::VecDeque;

use super::parcel::{self, Overwrapped};
use super::session::AuthKey;
use crate::mtproto::cipher::{self, Direction};

/// Message identifiers remembered to recognise a repeated frame; a server keeps fewer unacknowledged.
const REMEMBERED: usize = 1024;

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub salt: i64,
    /// The server's clock when it made the message, unix seconds.
    pub server_time: i32,
    /// The server began to count anew: what it wanted to tell the session before is lost.
    pub new_session: bool,
}

/// A frame that no honest server sends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    #[error("{0}")]
    Sealed(#[from] cipher::CipherFault),
    #[error("{0}")]
    Overwrapped(#[from] Overwrapped),
    #[error("a message of ours came back")]
    Reflected,
    #[error("a message of another session came")]
    OtherSession,
}

/// The look at incoming frames of one connection.
pub struct Inspector {
    key: AuthKey,
    session: Option<i64>,
    recent: VecDeque<i64>,
}

impl Inspector {
    pub fn new(key: AuthKey) -> Self {
        Inspector { key, session: None, recent: VecDeque::new() }
    }

    /// Opens a copy. `None` for a frame that was there before.
    pub fn look(&mut self, frame: &[u8]) -> Result<Option<Seen>, Forged> {
        let message = cipher::open(&self.key, Direction::ToClient, frame)?;
        if message.msg_id & 1 == 0 {
            return Err(Forged::Reflected);
        }
        if *self.session.get_or_insert(message.session_id) != message.session_id {
            return Err(Forged::OtherSession);
        }
        if self.recent.contains(&message.msg_id) {
            return Ok(None);
        }
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(message.msg_id);
        Ok(Some(Seen {
            salt: message.salt,
            server_time: (message.msg_id >> 32) as i32,
            new_session: parcel::walk(&message.body)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &AuthKey, session_id: i64, msg_id: i64) -> Vec<u8> {
        let body = vec![1; 16];
        let message = cipher::Message { salt: 9, session_id, msg_id, seq_no: 1, body };
        cipher::seal(key, Direction::ToClient, &message, &mut rand::rng())
    }

    #[test]
    fn a_repeated_frame_is_no_news() {
        let key = AuthKey::new(&[3; 256]);
        let mut inspector = Inspector::new(key.clone());
        let seen = Seen { salt: 9, server_time: 77, new_session: false };
        let first = sealed(&key, 5, (77 << 32) + 1);
        assert_eq!(inspector.look(&first), Ok(Some(seen)));
        assert_eq!(inspector.look(&first), Ok(None));
        assert_eq!(inspector.look(&sealed(&key, 5, (77 << 32) + 5)), Ok(Some(seen)));
    }

    #[test]
    fn what_no_server_sends_is_forged() {
        let key = AuthKey::new(&[3; 256]);
        let mut inspector = Inspector::new(key.clone());
        assert!(inspector.look(&[1; 40]).is_err());
        assert!(inspector.look(&[]).is_err());
        assert_eq!(inspector.look(&sealed(&key, 5, 4)), Err(Forged::Reflected));
        assert!(inspector.look(&sealed(&key, 5, 5)).is_ok());
        assert_eq!(inspector.look(&sealed(&key, 6, 9)), Err(Forged::OtherSession));
    }
}
