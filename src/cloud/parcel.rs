//! A message's wrapping, walked before anything unpacks it.
//!
//! Containers and compression nest, and the layer that unpacks them knows no bounds: a kilobyte could become a gigabyte, or a
//! recursion that ends the process. So the wrapping is followed here first, with a depth and a budget, and what is wrapped is
//! checked for the nesting of its own. On the way the one thing is noticed that the unpacking keeps to itself: that the server
//! began a new session.

use std::io::Read;

use flate2::read::GzDecoder;
use grammers_tl_types::{Cursor, Deserializable, Identifiable, types};

use super::nesting::{self, Nested};

const MSG_CONTAINER: u32 = 0x73f1_f8dc;
const RPC_RESULT: u32 = 0xf35c_6d01;
const GZIP_PACKED: u32 = 0x3072_cfa1;

/// A compressed container of compressed answers is as deep as honest servers go.
const MAX_DEPTH: u8 = 4;

/// All that one frame may inflate to, bytes.
const MAX_INFLATED: u64 = 16 << 20;

/// What no honest server makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Overwrapped {
    #[error("a message is wrapped too deeply")]
    Depth,
    #[error("a compressed message is too large")]
    Inflated,
    #[error("the wrapping of a message cannot be read")]
    Malformed,
    #[error(transparent)]
    Nested(#[from] Nested),
}

/// Follows the wrapping. True if `new_session_created` is in it.
pub fn walk(body: &[u8]) -> Result<bool, Overwrapped> {
    Walk { budget: MAX_INFLATED }.message(body, 0)
}

struct Walk {
    budget: u64,
}

impl Walk {
    fn message(&mut self, body: &[u8], depth: u8) -> Result<bool, Overwrapped> {
        if depth == MAX_DEPTH {
            return Err(Overwrapped::Depth);
        }
        let (id, rest) = body.split_first_chunk::<4>().ok_or(Overwrapped::Malformed)?;
        match u32::from_le_bytes(*id) {
            types::NewSessionCreated::CONSTRUCTOR_ID => Ok(true),
            MSG_CONTAINER => self.container(rest, depth),
            GZIP_PACKED => {
                let inner = self.inflate(rest)?;
                self.message(&inner, depth + 1)
            }
            RPC_RESULT => self.result(rest).map(|()| false),
            _ => Ok(nesting::check(body).map(|()| false)?),
        }
    }

    /// `count`, then each message with 16 bytes of header, its length last.
    fn container(&mut self, rest: &[u8], depth: u8) -> Result<bool, Overwrapped> {
        let (count, mut rest) = rest.split_first_chunk::<4>().ok_or(Overwrapped::Malformed)?;
        let mut new_session = false;
        for _ in 0..u32::from_le_bytes(*count) {
            let (&[.., a, b, c, d], tail) = rest.split_first_chunk::<16>().ok_or(Overwrapped::Malformed)?;
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            let (message, tail) = tail.split_at_checked(length).ok_or(Overwrapped::Malformed)?;
            new_session |= self.message(message, depth + 1)?;
            rest = tail;
        }
        Ok(new_session)
    }

    /// The identifier of the request, then the answer, which is compressed at most once.
    fn result(&mut self, rest: &[u8]) -> Result<(), Overwrapped> {
        let (_, answer) = rest.split_first_chunk::<8>().ok_or(Overwrapped::Malformed)?;
        match answer.split_first_chunk::<4>() {
            Some((id, packed)) if u32::from_le_bytes(*id) == GZIP_PACKED => {
                Ok(nesting::check(&self.inflate(packed)?)?)
            }
            _ => Ok(nesting::check(answer)?),
        }
    }

    fn inflate(&mut self, packed: &[u8]) -> Result<Vec<u8>, Overwrapped> {
        let packed = Vec::<u8>::deserialize(&mut Cursor::from_slice(packed));
        let packed = packed.map_err(|_| Overwrapped::Malformed)?;
        let mut inner = Vec::new();
        let read = GzDecoder::new(packed.as_slice()).take(self.budget + 1).read_to_end(&mut inner);
        let read = read.map_err(|_| Overwrapped::Malformed)? as u64;
        self.budget = self.budget.checked_sub(read).ok_or(Overwrapped::Inflated)?;
        Ok(inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use grammers_tl_types::Serializable;

    use super::*;

    fn announcement() -> Vec<u8> {
        let created = types::NewSessionCreated { first_msg_id: 1, unique_id: 2, server_salt: 3 };
        grammers_tl_types::enums::NewSession::Created(created).to_bytes()
    }

    fn container(messages: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = MSG_CONTAINER.to_le_bytes().to_vec();
        bytes.extend((messages.len() as u32).to_le_bytes());
        for message in messages {
            bytes.extend([0; 12]);
            bytes.extend((message.len() as u32).to_le_bytes());
            bytes.extend(message);
        }
        bytes
    }

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        let mut bytes = GZIP_PACKED.to_le_bytes().to_vec();
        encoder.finish().unwrap().serialize(&mut bytes);
        bytes
    }

    #[test]
    fn a_new_session_is_noticed_however_wrapped() {
        let other = vec![7; 12];
        assert_eq!(walk(&other), Ok(false));
        assert_eq!(walk(&container(&[other.clone(), other.clone()])), Ok(false));
        assert_eq!(walk(&announcement()), Ok(true));
        assert_eq!(walk(&container(&[other.clone(), announcement()])), Ok(true));
        assert_eq!(walk(&container(&[gzip(&announcement()), other])), Ok(true));
    }

    #[test]
    fn depth_has_a_bound() {
        let mut gzips = announcement();
        let mut containers = announcement();
        for _ in 0..3 {
            gzips = gzip(&gzips);
            containers = container(&[containers]);
        }
        assert_eq!((walk(&gzips), walk(&containers)), (Ok(true), Ok(true)));
        assert_eq!(walk(&gzip(&gzips)), Err(Overwrapped::Depth));
        assert_eq!(walk(&container(&[containers])), Err(Overwrapped::Depth));
    }

    #[test]
    fn inflation_has_a_budget_for_the_whole_frame() {
        let six = gzip(&vec![7; 6 << 20]);
        let result = [&RPC_RESULT.to_le_bytes()[..], &[0; 8], &six].concat();
        assert_eq!(walk(&container(&[result.clone(), six.clone()])), Ok(false));
        assert_eq!(walk(&container(&[result, six.clone(), six])), Err(Overwrapped::Inflated));
        assert_eq!(walk(&gzip(&vec![0; 32 << 20])), Err(Overwrapped::Inflated));
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let mut long = container(&[announcement()]);
        long.truncate(30);
        let mut many = container(&[vec![7; 12]]);
        many[4] = 2;
        let cut = GZIP_PACKED.to_le_bytes().to_vec();
        for bad in [vec![], vec![1, 2], long, many, cut, RPC_RESULT.to_le_bytes().to_vec()] {
            assert_eq!(walk(&bad), Err(Overwrapped::Malformed));
        }
    }
}
