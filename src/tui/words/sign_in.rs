//! Every sentence of the first start and of signing in, for the screen and for plain lines.
//!
//! A newcomer reads these before anything else, so each says what happens, where to look and what to do, and none is longer than it has
//! to be. What comes from a server (numbers, patterns, addresses, hints) is put in as it came: whoever prints a sentence makes it safe.

use crate::engine::entrance::{CodeSent, Delivery, NextDelivery};

/// What subrosa is, in one line.
pub const WHAT_IT_IS: &str = "Secret chats on Telegram, in your terminal.";

/// The three ways in: what each is called, and what it does.
pub const TRY: [&str; 2] = ["Try it here", "People who are played answer you. No account, nothing is kept."];
pub const TELEGRAM: [&str; 2] =
    ["Sign in to Telegram", "By phone number or by QR code: your own account and contacts."];
pub const OTHER_SERVER: [&str; 2] =
    ["Use another server", "One of your own, such as `subrosa serve`: by address and key."];

/// Where the application's numbers come from, in two lines.
pub const NUMBERS: [&str; 2] = [
    "Telegram wants to know which program signs in: a number and a hash that belong to you.",
    "Sign in at https://my.telegram.org, open \"API development tools\", and copy api_id and api_hash from there.",
];

/// What a server of one's own is known by.
pub const SERVER: &str = "A server proves itself by its key, so nobody can stand in for it. `subrosa serve` names the file, server.pem; \
     give its path, or paste what is in it.";

pub const PROXY: &str = "A link: socks5://host:port, socks5://user:password@host:port, or tg://proxy?server=... as it is passed on. It is not \
     shown while you type, since it may hold a password. Left empty there is no proxy.";

/// Behind it, where there is one: what Enter on the empty line would take away.
pub fn proxy_in_use(proxy: &str) -> String {
    format!("In use now: {proxy}. Esc keeps it; Enter on the empty line goes without it.")
}

/// What a passphrase is for, and what becomes of those who lose it.
pub const PASSPHRASE: &str = "This profile will hold the only copy of your secret chats, encrypted. Nobody can recover a passphrase: if it is lost, \
     so are they. Several words that you can remember are better than one that you cannot.";

/// What a key file protects from, and what not.
pub const KEY_FILE: &str = "This profile will hold the only copy of your secret chats. Its key lies in a file beside it: whoever can read your \
     files can read your messages, and without that file nobody can, you included.";

pub const PHONE: &str = "A code is sent to this number, or to a device that is signed in with it. Begin with the country code, as in +49 170 1234567.";
pub const QR_INSTEAD: &str = "q shows a QR code instead, for a phone that is signed in.";
pub const KEY_FILE_INSTEAD: &str = "Alt+K keeps the key in a file instead, and asks for no passphrase.";
pub const PHONE_SURE: &str = "The code goes to this number. Is every digit right?";
pub const NAME: &str =
    "This number has no account yet. The name under which others see you makes one; it can be changed later.";
pub const PASSWORD: &str = "A second password protects this account (two-step verification).";
/// In plain lines, where no key says it.
pub const FORGOTTEN: &str = "Enter alone says that it is forgotten.";
pub const TERMS: &str = "Whoever makes an account here is to agree to this:";
pub const QR: &str = "On a phone that is signed in, open Telegram > Settings > Devices > Link Desktop Device and point it here.";
pub const QR_RENEWS: &str = "The code renews by itself.";

/// The same, counted down.
pub fn qr_renews(left: &str) -> String {
    format!("The code renews by itself in {left}.")
}

/// A fault as a sentence that stands alone: it begins with a capital and ends with a full stop.
pub fn sentence(fault: &str) -> String {
    let mut rest = fault.trim().chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let said = format!("{first}{}", rest.as_str());
    if said.ends_with(['.', '!', '?']) || said.is_empty() { said } else { format!("{said}.") }
}

/// Where the embedded server's codes are, behind the sentence of [`code`].
pub const OWN_SERVER_CODE: &str = " It is printed where the server runs.";

/// The picture of a link has no room.
pub fn qr_too_small(columns: usize, rows: usize) -> String {
    format!(
        "The QR code needs a pane of {columns} columns and {rows} rows. Make it larger, or sign in by phone number."
    )
}

/// Where to look for a code, by the way it travels.
pub fn code(sent: &CodeSent) -> String {
    let number = phone(&sent.phone);
    match &sent.by {
        Delivery::App => {
            format!("The code for {number} is in Telegram, as a message on another device that is signed in.")
        }
        Delivery::Sms => format!("The code for {number} comes as a text message (SMS)."),
        Delivery::Call => format!("{number} is called now, and a voice says the code."),
        Delivery::FlashCall { pattern } if pattern.is_empty() => {
            format!("{number} rings and stops. The number that calls is the code.")
        }
        Delivery::FlashCall { pattern } => {
            format!(
                "{number} rings and stops. The code is the number that calls, which looks like {pattern}."
            )
        }
        Delivery::MissedCall { prefix } => {
            let digits =
                sent.length.map_or_else(|| "last digits".into(), |length| format!("last {length} digits"));
            let begins =
                if prefix.is_empty() { String::new() } else { format!(", which begins with {prefix}") };
            format!(
                "{number} is called and nobody speaks. The code is the {digits} of the number that calls{begins}."
            )
        }
        Delivery::Fragment { url } if url.is_empty() => {
            format!(
                "{number} is an anonymous number: its code is at fragment.com, for whoever owns it there."
            )
        }
        Delivery::Fragment { url } => {
            format!("{number} is an anonymous number: its code is at {url}, for whoever owns it there.")
        }
        Delivery::Email { pattern } if pattern.is_empty() => {
            format!("The code for {number} comes by email, to the address of this account.")
        }
        Delivery::Email { pattern } => format!("The code for {number} comes by email, to {pattern}."),
        Delivery::Words { beginning: None } => {
            format!("{number} gets a text message (SMS). The code is the word or the phrase in it.")
        }
        Delivery::Words { beginning: Some(beginning) } => format!(
            "{number} gets a text message (SMS). The code is the word or the phrase in it that begins with \"{beginning}\"."
        ),
        Delivery::Other => {
            format!(
                "The code for {number} was sent in a way that this version does not know: look on your other devices and your phone."
            )
        }
    }
}

/// How a code would be sent next.
pub fn next(by: NextDelivery) -> &'static str {
    match by {
        NextDelivery::Sms => "by SMS",
        NextDelivery::Call => "by phone call",
        NextDelivery::FlashCall => "by a call that rings once",
        NextDelivery::MissedCall => "by a call without words",
        NextDelivery::Fragment => "at fragment.com",
    }
}

/// When a code can be sent again: `left` is counted down, `None` says that it can be now.
pub fn again(by: NextDelivery, left: Option<&str>) -> String {
    match left {
        Some(left) => format!("Nothing came? Again in {left} {}.", next(by)),
        None => format!("Nothing came? It can be sent again now, {}: Alt+R.", next(by)),
    }
}

/// The code has expired.
pub const ANEW: &str = "Alt+R sends a new one.";

/// What the user once wrote to be reminded of the password.
pub fn hint(hint: &str) -> String {
    if hint.is_empty() { "You left no hint.".into() } else { format!("Your hint: {hint}") }
}

/// What is asked below terms of service.
pub fn agree(min_age: Option<u32>) -> String {
    match min_age {
        Some(years) => format!("Do you agree, and are you at least {years} years old?"),
        None => "Do you agree?".into(),
    }
}

/// A text goes on below its pane.
pub fn more_below(lines: usize) -> String {
    match lines {
        1 => "... 1 more line: Down".into(),
        lines => format!("... {lines} more lines: Down"),
    }
}

/// Where the code went that stands in for a forgotten password, and what it does.
pub fn recovery(mail: &str) -> String {
    format!(
        "A code is on its way to {mail}. It signs you in without the password, and takes the password away: set a new one afterwards, in an official app."
    )
}

/// The server wants a pause.
pub fn wait(left: &str) -> String {
    format!("Again in {left}.")
}

/// The same on a screen, where it is counted down.
pub fn pause(left: &str) -> String {
    format!("The server asks for a pause. Again in {left}.")
}

pub const PAUSE_OVER: &str = "The pause is over: it can be tried again.";

/// There is no way to the server just now.
pub fn no_connection(left: &str) -> String {
    format!("No connection. Next try in {left}.")
}

/// A profile that was asked for and is not there, where others are.
pub fn no_profile(name: &str) -> String {
    format!("There is no profile {name} yet. Open one that is there, or make it:")
}

/// A profile without an account.
pub fn unfinished(name: &str) -> String {
    format!("The profile {name} has no account yet: a sign-in was broken off. How shall it go on?")
}

/// An international number in groups, as people read it: the country code, then threes. Anything but digits is left as it is.
pub fn phone(digits: &str) -> String {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return format!("+{digits}");
    }
    let (country, rest) = digits.split_at(country_code(digits).min(digits.len()));
    let mut said = format!("+{country}");
    let mut rest = rest;
    while !rest.is_empty() {
        // Four at the end rather than a single one.
        let group = if rest.len() <= 4 { rest.len() } else { 3 };
        let (head, tail) = rest.split_at(group);
        said.push(' ');
        said.push_str(head);
        rest = tail;
    }
    said
}

/// Digits of the country code at the start of a number, by the plan of the ITU (E.164).
fn country_code(digits: &str) -> usize {
    let first = |count: usize| digits.get(..count).and_then(|start| start.parse::<u16>().ok());
    if matches!(first(1), Some(1 | 7)) {
        return 1;
    }
    match first(2) {
        Some(
            20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98,
        ) => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups() {
        for (digits, said) in [
            ("491701234567", "+49 170 123 4567"),
            ("14155550123", "+1 415 555 0123"),
            ("79161234567", "+7 916 123 4567"),
            ("3581234567", "+358 123 4567"),
            ("9996610001", "+999 661 0001"),
            ("12345", "+1 2345"),
            ("", "+"),
            ("x\u{1b}", "+x\u{1b}"),
        ] {
            assert_eq!(phone(digits), said);
        }
    }

    #[test]
    fn a_fault_stands_alone_as_a_sentence() {
        assert_eq!(sentence("the code is wrong: look at it"), "The code is wrong: look at it.");
        assert_eq!(sentence("Done. "), "Done.");
        assert_eq!(sentence("été?"), "Été?");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn every_way_of_a_code_has_a_sentence_of_its_own() {
        let sent = |by| CodeSent { phone: "491701234567".into(), by, length: Some(5), next: None };
        let ways = [
            Delivery::App,
            Delivery::Sms,
            Delivery::Call,
            Delivery::FlashCall { pattern: "+49 30 *".into() },
            Delivery::FlashCall { pattern: String::new() },
            Delivery::MissedCall { prefix: "+4930".into() },
            Delivery::MissedCall { prefix: String::new() },
            Delivery::Fragment { url: "https://fragment.com/x".into() },
            Delivery::Fragment { url: String::new() },
            Delivery::Email { pattern: "a**@b.c".into() },
            Delivery::Email { pattern: String::new() },
            Delivery::Words { beginning: Some("rose".into()) },
            Delivery::Words { beginning: None },
            Delivery::Other,
        ];
        let said: std::collections::BTreeSet<String> =
            ways.iter().map(|by| code(&sent(by.clone()))).collect();
        assert_eq!(said.len(), ways.len());
        assert!(said.iter().all(|sentence| sentence.contains("+49 170 123 4567") && sentence.ends_with('.')));
    }
}
