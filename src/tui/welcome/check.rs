//! What is typed before signing in, checked as far as it can be without touching anything.
//!
//! The arguments of the command line pass the same checks, so that the two ways in take and refuse the same. A typing error is said
//! where it was made, before anything is sent.

use crate::engine::{Proxy, ProxyFault};

/// Digits of an international phone number: the standard allows 15; fewer than 5 are a typing error.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// The longest profile name; it becomes the name of a folder.
const MAX_PROFILE_NAME: usize = 32;

/// Digits of an application's hash: 16 bytes in hexadecimal.
const HASH_DIGITS: usize = 32;

/// The highest number of a data centre that can be meant; Telegram has five.
const MAX_DC: i32 = 1000;

/// Why something typed cannot be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("a phone number is the country code and the number: {} to {} digits", PHONE_DIGITS.start(), PHONE_DIGITS.end())]
    Phone,
    #[error("this number has no country code: begin with it, as in +49 170 1234567")]
    National,
    #[error("an address is a host and a port, as in 127.0.0.1:4443 or localhost:4443")]
    Address,
    #[error("a profile's name has 1 to {MAX_PROFILE_NAME} of the characters a-z, 0-9, _ and -")]
    ProfileName,
    #[error("the api_id is the number at \"App api_id\", digits only")]
    ApiId,
    #[error("an api_hash has {HASH_DIGITS} characters, 0-9 and a-f")]
    ApiHash,
    #[error("the number of a data centre is from 1 to {MAX_DC}; a server of your own has 1")]
    DataCentre,
}

/// A phone number as digits, country code first.
///
/// # Errors
/// [`Fault::Phone`], [`Fault::National`].
pub fn phone(typed: &str) -> Result<String, Fault> {
    let number: String = typed.chars().filter(|c| !is_punctuation(*c)).collect();
    let number = number.strip_prefix("tel:").unwrap_or(&number);
    // Who dials a 0 twice means the same as a plus.
    let digits = number.strip_prefix('+').or_else(|| number.strip_prefix("00")).unwrap_or(number);
    match () {
        () if !digits.bytes().all(|b| b.is_ascii_digit()) => Err(Fault::Phone),
        // No country's code begins with one.
        () if digits.starts_with('0') => Err(Fault::National),
        () if PHONE_DIGITS.contains(&digits.len()) => Ok(digits.to_owned()),
        () => Err(Fault::Phone),
    }
}

/// What people and pages put between digits, and the marks of direction that come along when a number is copied.
fn is_punctuation(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether this can only be meant as the link of a proxy, be it a good one or not.
pub fn is_proxy_link(text: &str) -> bool {
    !matches!(Proxy::from_link(text), Err(ProxyFault::Unknown | ProxyFault::Kind))
}

/// A host and a port.
///
/// # Errors
/// [`Fault::Address`].
pub fn address(typed: &str) -> Result<String, Fault> {
    let typed = typed.trim();
    let (host, port) = typed.rsplit_once(':').ok_or(Fault::Address)?;
    let host_fits = !host.is_empty() && !host.contains(char::is_whitespace);
    let fits = host_fits && port.parse::<u16>().is_ok_and(|port| port > 0);
    if fits { Ok(typed.to_owned()) } else { Err(Fault::Address) }
}

/// The name of a profile, safe for a folder.
///
/// # Errors
/// [`Fault::ProfileName`].
pub fn profile_name(typed: &str) -> Result<String, Fault> {
    let fits = (1..=MAX_PROFILE_NAME).contains(&typed.len())
        && typed.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
    if fits { Ok(typed.to_owned()) } else { Err(Fault::ProfileName) }
}

/// The number of an application.
///
/// # Errors
/// [`Fault::ApiId`].
pub fn api_id(typed: &str) -> Result<i32, Fault> {
    typed.trim().parse().ok().filter(|id| *id > 0).ok_or(Fault::ApiId)
}

/// The hash of an application.
///
/// # Errors
/// [`Fault::ApiHash`].
pub fn api_hash(typed: &str) -> Result<String, Fault> {
    let typed = typed.trim();
    let fits = typed.len() == HASH_DIGITS && typed.bytes().all(|b| b.is_ascii_hexdigit());
    if fits { Ok(typed.to_ascii_lowercase()) } else { Err(Fault::ApiHash) }
}

/// The number of a data centre; empty is 1.
///
/// # Errors
/// [`Fault::DataCentre`].
pub fn data_centre(typed: &str) -> Result<i32, Fault> {
    match typed.trim() {
        "" => Ok(1),
        number => number.parse().ok().filter(|dc| (1..=MAX_DC).contains(dc)).ok_or(Fault::DataCentre),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_of_a_proxy_is_known_however_it_is_written() {
        for link in [
            "tg://proxy?server=h",
            "tg:socks?server=h&port=1",
            " HTTPS://telegram.me/proxy?server=h\n",
            "http://t.me/socks?server=h",
            "t.me/proxy?server=h&port=443&secret=ab",
            "socks5://",
            "SOCKS5H://user:pass@h:1",
        ] {
            assert!(is_proxy_link(link), "{link:?}");
        }
        for other in ["", "+49 170 1234567", "localhost:4443", "proxy?", "https://t.me/rosa", "http://h:80"] {
            assert!(!is_proxy_link(other), "{other:?}");
        }
    }

    #[test]
    fn phone_numbers_are_digits() {
        for typed in [
            " +49 (30) 123-456",
            "0049 30 123456",
            "+49\u{a0}30\u{202f}123.456",
            "\u{202a}+49 30/123456\u{202c}",
            "tel:+49-30-123456\n",
            "4930123456",
        ] {
            assert_eq!(phone(typed), Ok("4930123456".into()), "{typed:?}");
        }
        for national in ["030 123456", "+0 30 123456", "000123456"] {
            assert_eq!(phone(national), Err(Fault::National), "{national:?}");
        }
        for bad in ["", "+", "1234", "1234567890123456", "12a45", "++12345", "１２３４５"] {
            assert_eq!(phone(bad), Err(Fault::Phone), "{bad:?}");
        }
    }

    #[test]
    fn an_application_has_a_number_and_a_hash() {
        assert_eq!(api_id(" 12345 "), Ok(12345));
        for bad in ["", "0", "-5", "12x", "99999999999"] {
            assert_eq!(api_id(bad), Err(Fault::ApiId), "{bad:?}");
        }
        assert_eq!(api_hash(&"0123456789ABCDEF".repeat(2)), Ok("0123456789abcdef".repeat(2)));
        for bad in ["", "0123", &"g".repeat(32), &"0".repeat(33)] {
            assert_eq!(api_hash(bad), Err(Fault::ApiHash), "{bad:?}");
        }
    }

    #[test]
    fn a_data_centre_is_a_small_number() {
        assert_eq!((data_centre(""), data_centre(" 2 ")), (Ok(1), Ok(2)));
        for bad in ["0", "-1", "1001", "x"] {
            assert_eq!(data_centre(bad), Err(Fault::DataCentre), "{bad:?}");
        }
    }
}
