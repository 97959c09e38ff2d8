//! Who is blocked, when a list and what happens meanwhile say different things.
//!
//! The list comes in many answers and may take its time. Whoever is blocked or unblocked after it was asked for may be on it or not; what
//! was learned of single people since then is newer, whichever of the two arrives first.

use std::collections::{HashMap, HashSet};

use super::actor::Actor;
use crate::cloud::blocked::Blocked;
use crate::cloud::updates::Change;
use crate::secret::record::{Person, UserId};

/// What was learned of single people while a list is on its way.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    news: Vec<(UserId, bool)>,
    /// Lists on their way.
    awaited: usize,
}

/// A question for the list, by how much was known then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked(usize);

impl Blocks {
    /// The list is asked for.
    pub fn ask(&mut self) -> Asked {
        self.awaited += 1;
        Asked(self.news.len())
    }

    /// Somebody is blocked or unblocked, here or on another device.
    pub fn learn(&mut self, user: UserId, blocked: bool) {
        if self.awaited > 0 {
            self.news.push((user, blocked));
        }
    }

    /// The list has come, or will not: what is newer than it. Every question ends here once.
    pub fn answered(&mut self, asked: Asked) -> HashMap<UserId, bool> {
        let newer = self.news.get(asked.0..).unwrap_or_default().iter().copied().collect();
        self.awaited = self.awaited.saturating_sub(1);
        if self.awaited == 0 {
            self.news.clear();
        }
        newer
    }
}

/// What a list says of somebody.
#[derive(Clone, Copy, Debug)]
enum Listed {
    Yes,
    No,
    /// They are missing on a list that is not whole.
    Unsaid,
}

impl Listed {
    fn absent_from(whole: bool) -> Listed {
        if whole { Listed::No } else { Listed::Unsaid }
    }
}

fn is_blocked(before: bool, listed: Listed, newer: Option<bool>) -> bool {
    newer.unwrap_or(match listed {
        Listed::Yes => true,
        Listed::No => false,
        Listed::Unsaid => before,
    })
}

impl Actor {
    /// The list has come; `newer` is what was learned while it was on its way.
    pub(super) fn blocked_came(&mut self, list: Blocked, newer: HashMap<UserId, bool>) {
        let ids: HashSet<UserId> = list.ids.into_iter().collect();
        self.meet(list.people);
        let is_blocked = |person: &Person| {
            let listed = if ids.contains(&person.id) { Listed::Yes } else { Listed::absent_from(list.whole) };
            is_blocked(person.blocked, listed, newer.get(&person.id).copied())
        };
        let wrong = self.people.values().filter(|person| person.blocked != is_blocked(person));
        let changes = wrong.map(|person| (person.id, Change::Blocked(!person.blocked))).collect();
        self.change_people(changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: UserId = UserId(1);
    const BASIL: UserId = UserId(2);

    #[test]
    fn what_happened_since_the_question_is_newer() {
        let mut blocks = Blocks::default();
        blocks.learn(ADA, true);
        assert!(blocks.news.is_empty(), "the list will know what was before it");
        let asked = blocks.ask();
        assert!(blocks.answered(asked).is_empty());

        let asked = blocks.ask();
        blocks.learn(ADA, true);
        blocks.learn(BASIL, true);
        blocks.learn(ADA, false);
        assert_eq!(blocks.answered(asked), HashMap::from([(ADA, false), (BASIL, true)]));
        assert!(blocks.news.is_empty(), "nothing is kept that nobody waits for");
    }

    #[test]
    fn the_newest_word_counts_and_silence_changes_nothing() {
        for before in [true, false] {
            assert!(is_blocked(before, Listed::Yes, None));
            assert!(!is_blocked(before, Listed::absent_from(true), None));
            assert_eq!(is_blocked(before, Listed::absent_from(false), None), before);
            assert!(!is_blocked(before, Listed::Yes, Some(false)));
            assert!(is_blocked(before, Listed::No, Some(true)));
        }
    }

    #[test]
    fn every_question_has_a_time_of_its_own() {
        let mut blocks = Blocks::default();
        let first = blocks.ask();
        blocks.learn(ADA, true);
        let second = blocks.ask();
        blocks.learn(BASIL, true);
        assert_eq!(blocks.answered(second), HashMap::from([(BASIL, true)]));
        blocks.learn(BASIL, false);
        assert_eq!(blocks.answered(first), HashMap::from([(ADA, true), (BASIL, false)]));
        let third = blocks.ask();
        assert!(blocks.answered(third).is_empty());
    }
}
