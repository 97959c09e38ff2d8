//! Hexadecimal for keys: the form in which the key file and SQLCipher take them.
//!
//! A library would return plain strings that nobody wipes; these are wiped.

use zeroize::Zeroizing;

/// Lower-case, two digits a byte.
pub(super) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
        }
    }
    text
}

/// Exactly `N` bytes, `None` for any other text.
pub(super) fn decode<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    if text.len() != N * 2 {
        return None;
    }
    let mut bytes = Zeroizing::new([0; N]);
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        for &digit in pair {
            *byte = *byte << 4 | u8::try_from(char::from(digit).to_digit(16)?).ok()?;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_there_and_back() {
        assert_eq!(*encode(&[0, 0x0f, 0xa5, 0xff]), "000fa5ff");
        assert_eq!(decode::<4>("000fA5ff").map(|bytes| *bytes), Some([0, 0x0f, 0xa5, 0xff]));
        for bad in ["", "000fa5f", "000fa5fff", "000fa5fg", "+00fa5ff", "ä0fa5ff"] {
            assert_eq!(decode::<4>(bad), None, "{bad}");
        }
    }
}
