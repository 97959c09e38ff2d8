//! How a person names things in line mode: chats, people, messages, times.
//!
//! Names are only read here, not looked up: whether there is such a person or chat is for the engine to say. Each complaint is a
//! sentence fragment that the parser completes with the usage of the command at hand.

/// A chat as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatRef {
    /// The one opened last.
    Open,
    Id(i32),
    /// The chat with this person.
    With(Who),
}

/// A person as a person names them. Not looked up yet: there may be nobody of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Without the `@`.
    Username(String),
    /// Digits only, country code first.
    Phone(String),
    /// A name as it is shown, or its beginning.
    Name(String),
}

/// The longest timer that Telegram's apps offer, in seconds: one week.
pub const MAX_TIMER: i32 = 7 * 24 * 3600;

/// The name of a message in line mode: `m` and its `random_id` in hexadecimal.
pub fn message_name(random_id: i64) -> String {
    format!("m{random_id:x}")
}

/// A chat that may be left out.
pub(super) fn chat(word: &str) -> Result<ChatRef, String> {
    if word.is_empty() { Ok(ChatRef::Open) } else { named_chat(word) }
}

pub(super) fn named_chat(word: &str) -> Result<ChatRef, String> {
    match (word, word.parse()) {
        ("", _) => Err("no chat is named".into()),
        (".", _) => Ok(ChatRef::Open),
        // A sign in front would be read as part of a number, but is how phone numbers begin.
        (_, Ok(id)) if !word.starts_with('+') => Ok(ChatRef::Id(id)),
        _ => who(word).map(ChatRef::With),
    }
}

pub(super) fn who(text: &str) -> Result<Who, String> {
    if text.is_empty() {
        return Err("nobody is named".into());
    }
    if let Some(username) = text.strip_prefix('@') {
        let fits = !username.is_empty() && username.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        return if fits {
            Ok(Who::Username(username.to_owned()))
        } else {
            Err(format!("{text:?} is no username: they have letters, digits and underscores"))
        };
    }
    if let Some(number) = text.strip_prefix('+') {
        let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
        let fits = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
        return if fits {
            Ok(Who::Phone(digits))
        } else {
            Err(format!("{text:?} is no phone number: it is + and digits, country code first"))
        };
    }
    Ok(Who::Name(text.to_owned()))
}

/// `off`, or a number with a unit: seconds, minutes, hours, days, weeks.
pub(super) fn seconds(word: &str) -> Result<i32, String> {
    if word == "off" {
        return Ok(0);
    }
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match word.strip_prefix(digits) {
        Some("" | "s") => 1,
        Some("m") => 60,
        Some("h") => 3600,
        Some("d") => 24 * 3600,
        Some("w") => 7 * 24 * 3600,
        _ => 0,
    };
    let seconds = digits.parse().ok().and_then(|number: i32| number.checked_mul(unit));
    seconds
        .filter(|seconds| (1..=MAX_TIMER).contains(seconds))
        .ok_or_else(|| format!("{word:?} is no time from 1s to 1w, and not off"))
}

pub(super) fn message(word: &str) -> Option<i64> {
    let digits = word.strip_prefix('m')?;
    // Sixteen hexadecimal digits are the bits of the number, its sign included.
    u64::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+')).map(u64::cast_signed)
}

/// The first word, and what follows it without the blanks between.
pub(super) fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace).map_or((text, ""), |(first, rest)| (first, rest.trim_start()))
}

/// What precedes the last word, and the last word.
pub(super) fn split_last_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.rsplit_once(char::is_whitespace).map_or(("", text), |(before, last)| (before.trim_end(), last))
}
