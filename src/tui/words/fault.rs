//! What the system says of a failure, in words for people: "connection refused" instead of "Connection refused (os error 111)".
//!
//! Faults come to the screen as sentences that were put together elsewhere, and the system's own words stand somewhere in them, with the
//! number by which a programmer looks them up. Its sentences are known by that number, whatever the language of the system, so they are
//! found again and replaced where they enter the screen; what is not known loses only its number.

use std::io::{Error, ErrorKind};

use crate::engine::Connection;

/// How the system's own sentences end.
const NUMBER: &str = " (os error ";

/// How the system says that a host's name led nowhere, and then why.
const LOOKUP: &str = "failed to lookup address information: ";

/// A sentence without the system's numbers in it.
pub fn in_words(said: &str) -> String {
    let mut words = looked_up(said);
    // What was put in has no number, so each turn leaves one less.
    while let Some((before, number, after)) = next_number(&words) {
        let system = Error::from_raw_os_error(number);
        let whole = system.to_string();
        let sentence = whole.split(NUMBER).next().unwrap_or_default();
        let known = before.strip_suffix(sentence).filter(|_| !sentence.is_empty());
        words = match (known, of_kind(system.kind())) {
            (Some(before), Some(plain)) => format!("{before}{plain}{after}"),
            _ => format!("{before}{after}"),
        };
    }
    words
}

/// The same for the reason of a connection that is not there.
pub fn of_connection(connection: Connection) -> Connection {
    match connection {
        Connection::Waiting { until_unix_ms, reason } => {
            Connection::Waiting { until_unix_ms, reason: in_words(&reason) }
        }
        Connection::Refused(sentence) => Connection::Refused(in_words(&sentence)),
        other => other,
    }
}

/// What stands before the next number of the system, the number, and what stands behind it.
fn next_number(words: &str) -> Option<(&str, i32, &str)> {
    words.match_indices(NUMBER).find_map(|(at, _)| {
        let (before, rest) = words.split_at(at);
        let (number, after) = rest.strip_prefix(NUMBER)?.split_once(')')?;
        Some((before, number.parse().ok()?, after))
    })
}

/// With the name of a host that was not found; why not is the system's business, up to the bracket around it.
fn looked_up(said: &str) -> String {
    let Some((before, rest)) = said.split_once(LOOKUP) else { return said.to_owned() };
    let end = rest.find([')', ':']).unwrap_or(rest.len());
    format!("{before}host not found{}", rest.get(end..).unwrap_or_default())
}

/// The failures that a user can do something about.
fn of_kind(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            "the connection was cut off"
        }
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "network unreachable",
        ErrorKind::HostUnreachable => "host unreachable",
        ErrorKind::AddrNotAvailable => "no such address here",
        ErrorKind::TimedOut => "timed out",
        ErrorKind::NotFound => "not found",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::StorageFull => "no space left",
        ErrorKind::QuotaExceeded => "no space left for you",
        ErrorKind::ReadOnlyFilesystem => "the disk is read only",
        ErrorKind::IsADirectory => "a folder, not a file",
        ErrorKind::NotADirectory => "no folder",
        ErrorKind::AlreadyExists => "there already",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the words of this system: those of its errors are looked for, whichever they are.
    fn system(number: i32) -> String {
        Error::from_raw_os_error(number).to_string()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_systems_sentences_become_words() {
        for (number, words) in [
            (111, "connection refused"),
            (101, "network unreachable"),
            (113, "host unreachable"),
            (110, "timed out"),
            (13, "permission denied"),
            (28, "no space left"),
            (2, "not found"),
        ] {
            let said = format!("no server answers at h:1 ({}): check the address", system(number));
            assert!(said.contains("os error"), "{said}");
            assert_eq!(in_words(&said), format!("no server answers at h:1 ({words}): check the address"));
        }
    }

    #[test]
    fn what_is_not_known_loses_its_number_and_nothing_else() {
        assert_eq!(in_words("it broke (Strange thing (os error 9999))"), "it broke (Strange thing)");
        assert_eq!(in_words("(os error x) (os error 12"), "(os error x) (os error 12");
        assert_eq!(in_words("quite well"), "quite well");
    }

    #[test]
    fn two_of_them_are_two() {
        let said = format!("{}; {}", system(13), system(2));
        assert_eq!(in_words(&said), "permission denied; not found");
    }

    #[test]
    fn a_host_that_is_not_known_is_called_so() {
        let said = "no server answers at nowhere.example:1 (failed to lookup address information: Name or service not known): check";
        assert_eq!(in_words(said), "no server answers at nowhere.example:1 (host not found): check");
        assert_eq!(in_words("failed to lookup address information: Try again"), "host not found");
    }
}
