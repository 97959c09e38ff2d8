//! Addresses that words may lead to: which are sound, and where one begins and ends inside a text.
//!
//! A link of a peer is the one part of a text that acts when the user touches it. So only a few schemes pass, nothing invisible
//! does, and what looks like an address in plain words is recognised by small rules that never guess at file names.

/// The longest address that is kept, bytes.
const MAX_ADDRESS: usize = 2048;

/// The longest host name that is recognised, bytes.
const MAX_HOST: usize = 255;

/// The longest name before the `@` of a mail address, bytes.
const MAX_MAIL_NAME: usize = 64;

/// What an address may begin with, and whether a host has to follow.
const SCHEMES: [(&str, bool); 5] =
    [("http://", true), ("https://", true), ("tg://", false), ("ton://", false), ("mailto:", false)];

/// How addresses inside a text begin.
const STARTS: [&str; 5] = ["http://", "https://", "tg://", "ton://", "www."];

/// Ends of host names that are taken for an address without a scheme. Short on purpose: `main.rs` and `notes.md` are file names.
const TOP_LEVEL: [&str; 24] = [
    "com", "org", "net", "edu", "gov", "int", "info", "io", "me", "dev", "app", "eu", "de", "uk", "fr", "ru",
    "it", "es", "nl", "ch", "at", "jp", "onion", "xyz",
];

/// Whether words may lead to this address: a web, Telegram, TON or mail address, or a bare host name with what follows it.
pub fn is_valid(url: &str) -> bool {
    let shape = !url.is_empty() && url.len() <= MAX_ADDRESS && !url.chars().any(is_invisible);
    shape && (has_scheme(url) || is_host(before(url, "/?#")))
}

fn has_scheme(url: &str) -> bool {
    SCHEMES.iter().any(|&(scheme, host)| {
        strip(url, scheme).is_some_and(|rest| !(if host { before(rest, "/?#") } else { rest }).is_empty())
    })
}

/// The rest after a prefix, whatever its case.
fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn before<'a>(text: &'a str, ends: &str) -> &'a str {
    text.find(|char| ends.contains(char)).and_then(|at| text.get(..at)).unwrap_or(text)
}

/// Blanks, control characters, and what changes how the characters around it look.
fn is_invisible(char: char) -> bool {
    let formatting = matches!(
        char,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    formatting || char.is_control() || char.is_whitespace()
}

/// `example.org` or `example.org:8080`: at least two labels, and letters at the end.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    let labels: Vec<&str> = name.split('.').collect();
    let label = |label: &&str| {
        let edge = |char| char != '-';
        label.chars().all(|char| char.is_alphanumeric() || char == '-' || char == '_')
            && label.chars().next().is_some_and(edge)
            && label.chars().next_back().is_some_and(edge)
    };
    let end = labels
        .last()
        .is_some_and(|last| last.chars().count() >= 2 && !last.chars().all(|c| c.is_ascii_digit()));
    let port = !port.is_empty() && port.len() <= 5 && port.chars().all(|char| char.is_ascii_digit());
    labels.len() >= 2 && labels.iter().all(label) && end && port
}

/// The length in bytes of the web address that this text begins with, without the punctuation that closes the sentence; 0 if it
/// begins with none.
pub fn at_start(text: &str) -> usize {
    let word = text.starts_with(char::is_alphanumeric);
    if !word || !(begins_as_one(text) || begins_with_known_host(text)) {
        return 0;
    }
    let length = run(text).len();
    if length <= MAX_ADDRESS { length } else { 0 }
}

fn begins_as_one(text: &str) -> bool {
    let beginning = |start| strip(text, start).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    STARTS.into_iter().any(beginning)
}

/// Most words are told apart here, so little is looked at.
fn begins_with_known_host(text: &str) -> bool {
    let belongs = |char: char| char.is_alphanumeric() || "-_.:".contains(char);
    let end = text.char_indices().find(|&(at, char)| at > MAX_HOST || !belongs(char));
    let host = text.get(..end.map_or(text.len(), |(at, _)| at)).unwrap_or_default();
    let host = host.trim_end_matches(['.', ':', '-', '_']);
    let name_end = before(host, ":").rsplit_once('.').map_or("", |(_, end)| end);
    TOP_LEVEL.iter().any(|known| name_end.eq_ignore_ascii_case(known)) && is_host(host)
}

/// The length in bytes of the mail address that this text begins with; 0 if it begins with none.
pub fn mail_at_start(text: &str) -> usize {
    let at = text.char_indices().take(MAX_MAIL_NAME + 1).find(|(_, char)| *char == '@');
    let Some((name, host)) = at.and_then(|(at, _)| text.split_at_checked(at)) else { return 0 };
    let shape = |char: char| char.is_alphanumeric() || "._%+-".contains(char);
    let sound = (1..=MAX_MAIL_NAME).contains(&name.len()) && name.chars().all(shape) && !name.ends_with('.');
    let host = host.get(1..).unwrap_or_default();
    let belongs = |char: char| char.is_alphanumeric() || "-.".contains(char);
    let end = host.char_indices().find(|&(at, char)| at > MAX_HOST || !belongs(char));
    let host = host.get(..end.map_or(host.len(), |(at, _)| at)).unwrap_or_default();
    let host = host.trim_end_matches(['.', '-']);
    if sound && is_host(host) { name.len() + 1 + host.len() } else { 0 }
}

/// The characters at the start that may stand in an address, as many as are worth looking at.
fn run(text: &str) -> &str {
    let ends = |char: char| is_invisible(char) || r#"<>"[]`\"#.contains(char);
    let end = text.char_indices().find(|&(at, char)| at > MAX_ADDRESS || ends(char));
    let run = text.get(..end.map_or(text.len(), |(at, _)| at)).unwrap_or_default();
    let run = run.find("||").and_then(|at| run.get(..at)).unwrap_or(run);
    run.get(..closed(run)).unwrap_or_default()
}

/// Where an address ends that is followed by the punctuation of its sentence; a bracket that it opened belongs to it.
fn closed(run: &str) -> usize {
    let count = |bracket| run.matches(bracket).count();
    let mut unopened = count(')').saturating_sub(count('('));
    let trimmed = run.trim_end_matches(|char| {
        let bracket = char == ')' && unopened > 0;
        unopened -= usize::from(bracket);
        bracket || ".,:;!?'…»”’".contains(char)
    });
    trimmed.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_to_known_schemes_and_hosts_only() {
        for url in [
            "https://example.org/",
            "HTTP://x",
            "tg://resolve?domain=durov",
            "ton://transfer/x",
            "mailto:ada@example.org",
            "example.org",
            "bücher.example:8080/a?b#c",
        ] {
            assert!(is_valid(url), "{url}");
        }
        for url in [
            "",
            "https://",
            "https:///path",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "ssh://example.org",
            "example",
            "127.0.0.1",
            "example.o",
            "exa mple.org",
            "example.org\u{1b}[31m",
            "https://example.org/\u{202e}gpj",
            "https://example.org/\n",
            ".org",
            "-x.org",
            "example.org:port",
        ] {
            assert!(!is_valid(url), "{url}");
        }
        assert!(!is_valid(&format!("https://{}", "x".repeat(MAX_ADDRESS))));
    }

    #[test]
    fn an_address_ends_before_the_sentence_does() {
        for (text, address) in [
            ("https://example.org/a__b__c, and", "https://example.org/a__b__c"),
            ("https://example.org/a_(b)).", "https://example.org/a_(b)"),
            ("www.example.org!", "www.example.org"),
            ("t.me/x y", "t.me/x"),
            ("example.com", "example.com"),
            ("https://a||b", "https://a"),
            ("notes.md and main.rs", ""),
            ("https:// x", ""),
            ("1.5 and e.g. this", ""),
            ("", ""),
        ] {
            assert_eq!(at_start(text), address.len(), "{text}");
        }
        assert_eq!(at_start(&format!("https://{}", "x".repeat(1 << 20))), 0);
    }
}
