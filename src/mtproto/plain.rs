//! The envelope of an unencrypted message, which only the auth-key exchange uses.
//!
//! `auth_key_id = 0, message id, length, body`: three numbers that a stranger chooses, so nothing is believed but what fits.

/// Twenty bytes before the body.
const HEADER_LEN: usize = 20;
/// The longest message of the exchange has some 900 bytes; whatever is longer is not part of it.
pub const MAX_BODY_LEN: usize = 4096;

/// What a padded framing may add behind a packet, bytes.
const MAX_FRAMING_PADDING: usize = 15;

/// Why a packet is no unencrypted message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlainFault {
    #[error("the packet is too short for an unencrypted message")]
    Short,
    #[error("the packet belongs to an authorization key, it is not unencrypted")]
    Encrypted,
    #[error("the unencrypted message states a length of {0} bytes, which does not fit")]
    Length(i32),
}

/// One unencrypted message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain<'a> {
    pub msg_id: i64,
    pub body: &'a [u8],
}

/// The auth key id that a packet begins with: 0 for an unencrypted one; `None` below eight bytes.
pub fn key_id(packet: &[u8]) -> Option<i64> {
    packet.first_chunk::<8>().map(|bytes| i64::from_le_bytes(*bytes))
}

/// Up to 15 bytes behind the body are ignored: some framings pad.
pub fn read(packet: &[u8]) -> Result<Plain<'_>, PlainFault> {
    let (key_id, rest) = packet.split_first_chunk::<8>().ok_or(PlainFault::Short)?;
    let (msg_id, rest) = rest.split_first_chunk::<8>().ok_or(PlainFault::Short)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(PlainFault::Short)?;
    if *key_id != [0; 8] {
        return Err(PlainFault::Encrypted);
    }
    let stated = i32::from_le_bytes(*length);
    let fault = PlainFault::Length(stated);
    let length = usize::try_from(stated).map_err(|_| fault)?;
    let padding = rest.len().saturating_sub(length);
    if !(4..=MAX_BODY_LEN).contains(&length) || !length.is_multiple_of(4) || padding > MAX_FRAMING_PADDING {
        return Err(fault);
    }
    let body = rest.get(..length).ok_or(fault)?;
    Ok(Plain { msg_id: i64::from_le_bytes(*msg_id), body })
}

pub fn write(msg_id: i64, body: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(HEADER_LEN + body.len());
    packet.extend([0; 8]);
    packet.extend(msg_id.to_le_bytes());
    packet.extend((body.len() as i32).to_le_bytes());
    packet.extend(body);
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote_and_tolerates_padding() {
        let mut packet = write(0x0102_0304_0506_0701, b"bodybody");
        assert_eq!(packet[..20], [0, 0, 0, 0, 0, 0, 0, 0, 1, 7, 6, 5, 4, 3, 2, 1, 8, 0, 0, 0]);
        packet.extend([9; 15]);
        let read = read(&packet).unwrap();
        assert_eq!(read, Plain { msg_id: 0x0102_0304_0506_0701, body: b"bodybody" });
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let good = write(1, b"body");
        assert_eq!(read(&good[..19]), Err(PlainFault::Short));
        assert_eq!(read(&good[..22]), Err(PlainFault::Length(4)));
        let with_length = |length: i32| {
            let mut packet = good.clone();
            packet[16..20].copy_from_slice(&length.to_le_bytes());
            read(&packet).unwrap_err()
        };
        for length in [-1, 0, 3, 8, i32::MAX, i32::MIN] {
            assert_eq!(with_length(length), PlainFault::Length(length));
        }
        let mut keyed = good.clone();
        keyed[0] = 1;
        assert_eq!(read(&keyed), Err(PlainFault::Encrypted));
        assert_eq!(key_id(&keyed), Some(1));
        assert_eq!(key_id(&keyed[..7]), None);
    }
}
