//! The keys: which chord means which verb in which context, and the sentences that say so.
//!
//! Everything comes from `assets/keymap.toml`, read once. [`Keymap::verb`] is what the update asks, [`hints`] what the bar at the bottom
//! shows, [`help`] the page of all keys, [`item`] the words of a menu: since the four read one table, what is shown is what works.

mod chord;
mod show;
mod verb;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crossterm::event::KeyEvent;
use serde::Deserialize;

pub use chord::Chord;
pub use show::{HelpLine, Hint, Item, help, hints, item};
pub use verb::{Context, VERBS, Verb, contexts, item_of, verb_of};

const BUILT_IN: &str = include_str!("../../../assets/keymap.toml");

/// One line of the keymap.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The first is the one that is shown.
    pub keys: Vec<Chord>,
    pub does: Verb,
    /// One sentence, for the help.
    pub says: String,
    /// A few words, for the hint bar and for menus.
    pub hint: Option<String>,
}

/// All bindings, by context, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    contexts: BTreeMap<Context, Vec<Binding>>,
}

/// Why a keymap cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapFault {
    /// Not TOML, an unknown name, an unknown chord; the words name the line.
    #[error("the keymap cannot be read: {0}")]
    Unreadable(String),
    #[error("the keymap binds {chord} twice in {context:?}")]
    Twice { context: Context, chord: String },
    #[error("the keymap binds {chord} in {context:?}, where it is text that somebody types")]
    Typed { context: Context, chord: String },
}

impl Keymap {
    /// Reads a keymap.
    ///
    /// # Errors
    /// If it is not TOML, has a name or chord that does not exist (the line is named), binds a chord twice in one context, or takes a
    /// printable key away from where text is typed.
    pub fn parse(toml: &str) -> Result<Keymap, KeymapFault> {
        let contexts: BTreeMap<Context, Vec<Binding>> =
            toml::from_str(toml).map_err(|fault| KeymapFault::Unreadable(fault.to_string()))?;
        for (context, bindings) in &contexts {
            let chords: Vec<Chord> = bindings.iter().flat_map(|binding| binding.keys.clone()).collect();
            for (place, chord) in chords.iter().enumerate() {
                if chords.iter().take(place).any(|other| other == chord) {
                    return Err(KeymapFault::Twice { context: *context, chord: chord.to_string() });
                }
                if context.types() && chord.types() {
                    return Err(KeymapFault::Typed { context: *context, chord: chord.to_string() });
                }
            }
        }
        Ok(Keymap { contexts })
    }

    /// The keymap of the program. A test holds that it can be read, so the empty one never comes.
    pub fn built_in() -> &'static Keymap {
        static KEYMAP: LazyLock<Keymap> = LazyLock::new(|| Keymap::parse(BUILT_IN).unwrap_or_default());
        &KEYMAP
    }

    /// What a key means in the first of these contexts that knows it.
    pub fn verb(&self, contexts: &[Context], key: KeyEvent) -> Option<Verb> {
        let chord = Chord::from(key);
        self.bindings_of(contexts)
            .find(|(_, binding)| binding.keys.contains(&chord))
            .map(|(_, binding)| binding.does)
    }

    /// The bindings of these contexts, in this order.
    pub fn bindings_of<'a>(
        &'a self,
        contexts: &'a [Context],
    ) -> impl Iterator<Item = (Context, &'a Binding)> {
        contexts.iter().flat_map(|context| {
            self.contexts.get(context).into_iter().flatten().map(|binding| (*context, binding))
        })
    }

    /// The binding of a verb in a context.
    pub fn binding(&self, context: Context, verb: Verb) -> Option<&Binding> {
        self.contexts.get(&context)?.iter().find(|binding| binding.does == verb)
    }
}
