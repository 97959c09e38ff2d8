//! What the operating system says of a failure, in words.
//!
//! Its own texts end in a number (`(os error 111)`) that helps nobody who reads a sentence, and begin like sentences of their own. What
//! people meet has words here; for the rest the system's text is kept without its number. Words of this program that were put into an
//! [`io::Error`] pass as they are.

use std::io::{self, ErrorKind};

/// A half-sentence, to be put between brackets: why it did not work.
pub fn in_words(error: &io::Error) -> String {
    if error.raw_os_error().is_none() && error.get_ref().is_some() {
        return error.to_string();
    }
    match of_kind(error.kind()) {
        Some(words) => words.to_owned(),
        None => bare(&error.to_string()),
    }
}

/// Why a name of a host stands for nothing.
pub fn unresolved(error: &io::Error) -> String {
    // The resolver is no part of the system's numbered errors, and the standard library puts its own words in front.
    let said = error.to_string();
    match said.split_once("lookup address information: ") {
        Some((_, why)) => format!("the name is not found: {}", bare(why)),
        None => in_words(error),
    }
}

fn of_kind(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset => "the connection was reset",
        ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "the connection was broken off",
        ErrorKind::NotConnected => "there is no connection",
        ErrorKind::HostUnreachable => "the host is unreachable",
        ErrorKind::NetworkUnreachable => "the network is unreachable",
        ErrorKind::NetworkDown => "the network is down",
        ErrorKind::AddrInUse => "the address is in use",
        ErrorKind::AddrNotAvailable => "this machine has no such address",
        ErrorKind::TimedOut => "no answer in time",
        ErrorKind::NotFound => "no such file or folder",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::AlreadyExists => "something else of that name is there",
        ErrorKind::NotADirectory => "a file is where a folder should be",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::ReadOnlyFilesystem => "the disk can only be read",
        ErrorKind::StorageFull => "no space left on the disk",
        ErrorKind::QuotaExceeded => "your share of the disk is used up",
        ErrorKind::FileTooLarge => "the disk takes no file of this size",
        ErrorKind::UnexpectedEof => "it ends too early",
        ErrorKind::InvalidData => "it is not text",
        ErrorKind::OutOfMemory => "there is no memory left",
        _ => return None,
    })
}

/// A text of the system's without its number, in the middle of a sentence.
fn bare(text: &str) -> String {
    let text = text.split_once(" (os error ").map_or(text, |(words, _)| words);
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_speaks_in_words() {
        // The numbers of Linux.
        for (number, words) in [
            (111, "connection refused"),
            (101, "the network is unreachable"),
            (113, "the host is unreachable"),
            (110, "no answer in time"),
            (104, "the connection was reset"),
            (32, "the connection was broken off"),
            (2, "no such file or folder"),
            (13, "permission denied"),
            (28, "no space left on the disk"),
            (5, "input/output error"),
            (24, "too many open files"),
        ] {
            assert_eq!(in_words(&io::Error::from_raw_os_error(number)), words, "{number}");
        }
        assert_eq!(in_words(&ErrorKind::UnexpectedEof.into()), "it ends too early");
    }

    #[test]
    fn no_number_is_left_whatever_the_system_says() {
        for number in 1..=140 {
            let words = in_words(&io::Error::from_raw_os_error(number));
            assert!(!words.contains("os error") && !words.is_empty(), "{number}: {words}");
        }
    }

    #[test]
    fn words_of_our_own_pass() {
        let own = io::Error::other("Others may write there");
        assert_eq!(in_words(&own), "Others may write there");
        let named = io::Error::new(ErrorKind::NotFound, "no such thing");
        assert_eq!(in_words(&named), "no such thing");
    }

    #[test]
    fn a_name_that_nobody_knows_is_said_to_be_one() {
        let said = "failed to lookup address information: Name or service not known";
        assert_eq!(unresolved(&io::Error::other(said)), "the name is not found: name or service not known");
        assert_eq!(unresolved(&io::Error::from_raw_os_error(101)), "the network is unreachable");
    }
}
