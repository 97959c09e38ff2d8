//! The ways in which a sign-in code travels: what each is called on the wire, and what its codes look like.
//!
//! No code really travels: whoever runs the server is told it. But a client has another sentence for every way, so this server can
//! name each of them; which ones, and in which order, is for the operator to choose.

use grammers_tl_types::{enums, types};
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Digits of a code.
const CODE_LEN: usize = 5;
/// How long a client waits before it asks for another way, seconds.
const TIMEOUT: i32 = 60;
/// The number that all calls come from begins so.
const CALLER: &str = "1555";
/// Syllables of a word, and what they are made of: words of a dictionary, whose beginning is told to whoever asks, are guessed at once.
const SYLLABLES: usize = 4;
const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 5] = b"aeiou";

/// A way to deliver a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As a message in the client of another device of the account.
    App,
    Sms,
    /// A voice says it.
    Call,
    /// The code is the number that calls and hangs up.
    FlashCall,
    /// The code is the end of the number that calls and hangs up.
    MissedCall,
    /// To an anonymous number, by way of a web site.
    Fragment,
    Email,
    /// By SMS, a word.
    Word,
    /// By SMS, a few words.
    Phrase,
}

impl Delivery {
    /// All of them; the place of each is its number in the database.
    pub const ALL: [Delivery; 9] = [
        Delivery::App,
        Delivery::Sms,
        Delivery::Call,
        Delivery::FlashCall,
        Delivery::MissedCall,
        Delivery::Fragment,
        Delivery::Email,
        Delivery::Word,
        Delivery::Phrase,
    ];

    pub(super) fn number(self) -> i32 {
        Delivery::ALL.iter().position(|&one| one == self).map_or(0, |at| at as i32)
    }

    pub(super) fn of_number(number: i32) -> Option<Delivery> {
        Delivery::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// A new code that can be delivered so, as the person would type it.
    pub(super) fn draw(self, rng: &mut StdRng) -> String {
        let mut digits =
            || (0..CODE_LEN).map(|_| char::from(rng.random_range(b'0'..=b'9'))).collect::<String>();
        match self {
            Delivery::FlashCall => format!("{CALLER}{}", digits()),
            Delivery::Word => word(rng),
            Delivery::Phrase => format!("{} {} {}", word(rng), word(rng), word(rng)),
            _ => digits(),
        }
    }

    /// Whether what was typed is the code. Spaces and capitals of words do not matter, nor the plus of a number.
    pub(super) fn is_code(self, code: &str, given: &str) -> bool {
        match self {
            Delivery::FlashCall => given.trim_start_matches('+') == code,
            Delivery::Word | Delivery::Phrase => {
                given.to_lowercase().split_whitespace().eq(code.split_whitespace())
            }
            _ => given == code,
        }
    }

    /// What the client is told about a code that was sent so.
    pub(super) fn sent(self, phone: &str, code: &str) -> enums::auth::SentCodeType {
        use types::auth as kind;
        let length = CODE_LEN as i32;
        let beginning = code.chars().next().map(String::from);
        match self {
            Delivery::App => kind::SentCodeTypeApp { length }.into(),
            Delivery::Sms => kind::SentCodeTypeSms { length }.into(),
            Delivery::Call => kind::SentCodeTypeCall { length }.into(),
            Delivery::FlashCall => {
                kind::SentCodeTypeFlashCall { pattern: format!("{CALLER}{}", "*".repeat(CODE_LEN)) }.into()
            }
            Delivery::MissedCall => kind::SentCodeTypeMissedCall { prefix: CALLER.to_owned(), length }.into(),
            Delivery::Fragment => {
                let url = format!("https://fragment.com/login/{phone}");
                kind::SentCodeTypeFragmentSms { url, length }.into()
            }
            Delivery::Email => kind::SentCodeTypeEmailCode {
                apple_signin_allowed: false,
                google_signin_allowed: false,
                email_pattern: "a***n@example.org".to_owned(),
                length,
                reset_available_period: None,
                reset_pending_date: None,
            }
            .into(),
            Delivery::Word => kind::SentCodeTypeSmsWord { beginning }.into(),
            Delivery::Phrase => {
                let beginning = code.split_whitespace().next().map(str::to_owned);
                kind::SentCodeTypeSmsPhrase { beginning }.into()
            }
        }
    }

    /// What it is called when it is the next one; the others have no name there.
    pub(super) fn next_type(self) -> Option<enums::auth::CodeType> {
        match self {
            Delivery::Sms | Delivery::Word | Delivery::Phrase => Some(enums::auth::CodeType::Sms),
            Delivery::Call => Some(enums::auth::CodeType::Call),
            Delivery::FlashCall => Some(enums::auth::CodeType::FlashCall),
            Delivery::MissedCall => Some(enums::auth::CodeType::MissedCall),
            Delivery::Fragment => Some(enums::auth::CodeType::FragmentSms),
            Delivery::App | Delivery::Email => None,
        }
    }

    /// Seconds until another way may be asked for; `None`: at once, for whoever does not have the other device at hand.
    pub(super) fn timeout(self) -> Option<i32> {
        (self != Delivery::App).then_some(TIMEOUT)
    }
}

/// One of 41 million, of which every beginning leaves 2.5 million.
fn word(rng: &mut StdRng) -> String {
    let mut letter = |of: &[u8]| of.choose(rng).copied().map(char::from);
    (0..SYLLABLES).flat_map(|_| [letter(CONSONANTS), letter(VOWELS)]).flatten().collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn what_is_told_beforehand_leaves_more_than_can_be_tried() {
        let mut rng = StdRng::seed_from_u64(1);
        for way in [Delivery::Word, Delivery::Phrase] {
            let mut told_the_same = std::collections::HashSet::new();
            let codes: Vec<String> = (0..2000).map(|_| way.draw(&mut rng)).collect();
            for code in &codes {
                assert!(way.is_code(code, &code.to_uppercase()) && !way.is_code(code, "babababa"));
                let beginning = match way.sent("15550001", code) {
                    enums::auth::SentCodeType::SmsWord(sent) => sent.beginning,
                    enums::auth::SentCodeType::SmsPhrase(sent) => sent.beginning,
                    other => panic!("unexpected way {other:?}"),
                };
                let beginning = beginning.unwrap();
                assert!(code.starts_with(&beginning) && beginning != *code);
                if beginning.starts_with('b') {
                    told_the_same.insert(code);
                }
            }
            assert!(told_the_same.len() > 50, "{way:?}");
        }
    }
}
