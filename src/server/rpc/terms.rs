//! Terms of service, which newcomers are shown when they sign up.
//!
//! Whoever runs the server may set some; without them nobody is asked. That somebody agreed is not written down: a client shows the terms
//! before it signs up, and one that does not would not tell the truth either.

use grammers_tl_types::{enums, types};

use super::Rpc;
use super::turn::Turn;

/// What newcomers are asked to agree to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    pub text: String,
    /// Words of the text, and the address that they lead to.
    pub links: Vec<(String, String)>,
    /// Years; whoever is younger is not to sign up.
    pub min_age: Option<i32>,
    /// They are to be shown by themselves, and not behind a link.
    pub popup: bool,
}

impl Rpc {
    /// From now on whoever signs up is shown these; `None`: nobody is asked. It is forgotten with the process.
    pub fn require_terms(&mut self, terms: Option<Terms>) {
        self.passing.terms = terms;
    }
}

/// What a newcomer is shown.
pub(super) fn required(turn: &Turn<'_>) -> Option<enums::help::TermsOfService> {
    let terms = turn.passing.terms.as_ref()?;
    let link = |(words, url): &(String, String)| {
        let at = terms.text.find(words)?;
        let offset = utf16(terms.text.get(..at)?);
        Some(types::MessageEntityTextUrl { offset, length: utf16(words), url: url.clone() }.into())
    };
    let id = types::DataJson { data: "{}".to_owned() };
    let terms = types::help::TermsOfService {
        popup: terms.popup,
        id: id.into(),
        text: terms.text.clone(),
        entities: terms.links.iter().filter_map(link).collect(),
        min_age_confirm: terms.min_age,
    };
    Some(terms.into())
}

/// Lengths on the wire are counted in these units.
fn utf16(text: &str) -> i32 {
    i32::try_from(text.encode_utf16().count()).unwrap_or(i32::MAX)
}
