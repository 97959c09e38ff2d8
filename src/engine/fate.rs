//! Dying on purpose: where a test wants the process to end, it ends, as by a kill.
//!
//! The durability rule promises that a crash between any two steps loses nothing. That is proven by crashing there, in the real
//! process. A debug build reads from `SUBROSA_DIE_AT` at which commit to end and on which side of it (`before:3`, `after:3`); a
//! release build does not know the variable.

/// The sides of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// The machine has decided, nothing is stored.
    Before,
    /// Stored; no effect has left.
    After,
}

/// Counts commits until the last one.
#[derive(Debug, Default)]
pub(super) struct Fate {
    #[cfg(debug_assertions)]
    end: Option<(Edge, u32)>,
    #[cfg(debug_assertions)]
    commits: u32,
}

#[cfg(not(debug_assertions))]
impl Fate {
    pub fn read() -> Fate {
        Fate::default()
    }

    pub fn meet(&mut self, _edge: Edge) {}
}

#[cfg(debug_assertions)]
impl Fate {
    pub fn read() -> Fate {
        Fate { end: std::env::var("SUBROSA_DIE_AT").ok().and_then(|text| parse(&text)), commits: 0 }
    }

    /// A commit is about to be made, or has been.
    pub fn meet(&mut self, edge: Edge) {
        self.commits += u32::from(edge == Edge::Before);
        if self.end == Some((edge, self.commits)) {
            std::process::abort();
        }
    }
}

#[cfg(debug_assertions)]
fn parse(text: &str) -> Option<(Edge, u32)> {
    let (edge, commit) = text.split_once(':')?;
    let edge = match edge {
        "before" => Edge::Before,
        "after" => Edge::After,
        _ => return None,
    };
    Some((edge, commit.parse().ok()?))
}
