//! Whom the words in a search mean: a @name, a phone number, a link to either, or words to search by.
//!
//! Links are read here and never fetched: what a link says of its person is in its text. One that leads elsewhere (a group, an invitation, a
//! sticker set) is told apart before anything is asked, so that nobody waits for an answer that cannot be a person.

use crate::cloud::fault::CloudError;

/// Whom somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// Without the `@`.
    Username(String),
    /// As it was written: the call that asks for it takes the digits.
    Phone(String),
    Words(String),
}

/// Hosts whose paths begin with a username.
const HOSTS: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];

/// First parts of a path that are no usernames.
const ELSEWHERE: [&str; 14] = [
    "joinchat",
    "addstickers",
    "addemoji",
    "addlist",
    "addtheme",
    "share",
    "proxy",
    "socks",
    "login",
    "c",
    "s",
    "setlanguage",
    "iv",
    "bg",
];

impl Whom {
    /// Reads what somebody has written.
    ///
    /// # Errors
    /// [`CloudError::NoLinkToAPerson`] for a link of Telegram's that leads elsewhere.
    pub fn read(text: &str) -> Result<Whom, CloudError> {
        let text = text.trim();
        if let Some(rest) = strip_prefix(text, "tg:") {
            return deep_link(rest.trim_start_matches('/')).ok_or_else(|| nobody(text));
        }
        let address = strip_prefix(text, "https://").or_else(|| strip_prefix(text, "http://"));
        if let Some(target) = of_address(address.unwrap_or(text)) {
            return target.ok_or_else(|| nobody(text));
        }
        Ok(match text.strip_prefix('@') {
            Some(username) => Whom::Username(username.to_owned()),
            None if is_phone(text) => Whom::Phone(text.to_owned()),
            None => Whom::Words(text.to_owned()),
        })
    }
}

fn nobody(text: &str) -> CloudError {
    CloudError::NoLinkToAPerson(text.to_owned())
}

/// `resolve?domain=name` or `resolve?phone=digits`.
fn deep_link(rest: &str) -> Option<Whom> {
    let (verb, query) = rest.split_once('?')?;
    if !verb.trim_end_matches('/').eq_ignore_ascii_case("resolve") {
        return None;
    }
    let value = |name: &str| query.split(['&', '#']).find_map(|pair| pair.strip_prefix(name));
    match (value("domain="), value("phone=")) {
        (Some(name), _) => username(name),
        (None, Some(phone)) => phone_number(phone.trim_start_matches("%2B")),
        (None, None) => None,
    }
}

/// Where an address of Telegram's leads, `Some(None)` being no person; `None` if it is none of Telegram's.
fn of_address(address: &str) -> Option<Option<Whom>> {
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (host, path) = address.split_at(end);
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    if HOSTS.contains(&host) {
        return Some(of_path(path));
    }
    let owner = host.strip_suffix(".t.me")?;
    Some(username(owner))
}

fn of_path(path: &str) -> Option<Whom> {
    let path = path.strip_prefix('/')?;
    let first = path.split(['/', '?', '#']).next().unwrap_or_default();
    match first.strip_prefix('+') {
        // An invitation begins with a plus, too, and has letters.
        Some(phone) => phone_number(phone),
        None => username(first.strip_prefix('@').unwrap_or(first)),
    }
}

fn username(name: &str) -> Option<Whom> {
    let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let elsewhere = ELSEWHERE.iter().any(|word| name.eq_ignore_ascii_case(word));
    (fits && !elsewhere).then(|| Whom::Username(name.to_owned()))
}

fn phone_number(phone: &str) -> Option<Whom> {
    is_phone(phone).then(|| Whom::Phone(phone.to_owned()))
}

/// Digits, with the punctuation people put between them.
fn is_phone(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')'))
}

fn strip_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| text.get(prefix.len()..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::contacts::phone_digits;

    #[test]
    fn links_names_and_numbers_lead_to_a_person() {
        let ada = Whom::Username("ada_w".into());
        let cases = [
            ("@ada_w", &ada),
            ("https://t.me/ada_w", &ada),
            (" t.me/ada_w ", &ada),
            ("T.ME/ada_w?start=x", &ada),
            ("http://www.t.me/@ada_w/", &ada),
            ("https://telegram.me/ada_w", &ada),
            ("telegram.dog/ada_w#x", &ada),
            ("https://ada_w.t.me", &ada),
            ("ada_w.t.me/", &ada),
            ("tg://resolve?domain=ada_w", &ada),
            ("tg:resolve?domain=ada_w&start=1", &ada),
        ];
        for (text, whom) in cases {
            assert_eq!(Whom::read(text).as_ref(), Ok(whom), "{text}");
        }
        let numbers = [
            "+49 170 123-45",
            "(49) 17012345",
            "https://t.me/+4917012345",
            "tg://resolve?phone=4917012345",
            "TG://RESOLVE/?phone=%2B4917012345",
        ];
        for text in numbers {
            let Ok(Whom::Phone(phone)) = Whom::read(text) else { panic!("{text} is a number") };
            assert_eq!(phone_digits(&phone), "4917012345", "{text}");
        }
    }

    #[test]
    fn words_are_searched_by() {
        for text in
            ["ada", "ada w", "nowt.me", "a t.me", "t.men/ada", "", "tg", "not a tg://resolve?domain=x"]
        {
            assert_eq!(Whom::read(text), Ok(Whom::Words(text.into())), "{text}");
        }
    }

    #[test]
    fn a_link_that_leads_elsewhere_is_said_to() {
        let links = [
            "https://t.me/joinchat/AAAA",
            "t.me/+AbCd_12",
            "t.me",
            "t.me/",
            "t.me/c/12/3",
            "tg://join?invite=x",
            "tg://resolve?phone=abc",
            "tg://resolve?domain=ada%20w",
            "https://a.b.t.me",
        ];
        for link in links {
            assert_eq!(Whom::read(link), Err(CloudError::NoLinkToAPerson(link.into())), "{link}");
        }
    }
}
