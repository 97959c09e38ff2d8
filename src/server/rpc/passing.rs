//! What is forgotten with the process: challenges, what they cost, login tokens, grants, and what the operator chose for codes, files and
//! newcomers.
//!
//! All of it lives for seconds or minutes, and whoever loses it asks again; a row on the disk would outlive its use.

use super::centres::{self, Grant};
use super::codes::Ways;
use super::effort::Efforts;
use super::login_tokens::LoginTokens;
use super::password::Challenges;
use super::recovery::Recovery;
use super::terms::Terms;

#[derive(Default)]
pub(super) struct Passing {
    pub challenges: Challenges,
    pub efforts: Efforts,
    pub tokens: LoginTokens,
    pub grants: Vec<Grant>,
    pub ways: Ways,
    /// The data centre in which files are said to lie, if not in this one.
    pub files_dc: Option<i32>,
    /// What newcomers are to agree to.
    pub terms: Option<Terms>,
    pub recovery: Recovery,
}

impl Passing {
    /// Forgets what is too old to be used.
    pub fn expire(&mut self, now: i32) {
        self.challenges.expire(now);
        self.efforts.expire(now);
        self.tokens.expire(now);
        self.recovery.expire(now);
        centres::expire(&mut self.grants, now);
    }
}
