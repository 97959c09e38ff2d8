//! The keymap: complete, without contradictions, and never in the way of somebody who types.
//!
//! The rules hold of the built-in keymap, and each is shown to fail once on a small bad one.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use subrosa::tui::keys::{Context, HelpLine, Keymap, KeymapFault, VERBS, Verb, help, item, verb_of};
use subrosa::tui::model::MenuItem;

const CONTEXTS: [Context; 26] = [
    Context::List,
    Context::Search,
    Context::Person,
    Context::Request,
    Context::Closed,
    Context::Messages,
    Context::Holding,
    Context::Failed,
    Context::Composer,
    Context::Answering,
    Context::Menu,
    Context::Confirm,
    Context::Key,
    Context::Timer,
    Context::Info,
    Context::Links,
    Context::File,
    Context::Attach,
    Context::Devices,
    Context::Connection,
    Context::Proxy,
    Context::Username,
    Context::SignOut,
    Context::Help,
    Context::Panes,
    Context::Everywhere,
];

fn built_in() -> Keymap {
    Keymap::parse(include_str!("../assets/keymap.toml")).unwrap()
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
    KeyEvent::new(code, modifiers)
}

#[test]
fn the_built_in_keymap_can_be_read() {
    assert_eq!(&built_in(), Keymap::built_in());
}

#[test]
fn every_verb_is_bound() {
    let keymap = built_in();
    let bound: BTreeSet<Verb> = keymap.bindings_of(&CONTEXTS).map(|(_, binding)| binding.does).collect();
    let unbound: Vec<Verb> = VERBS.into_iter().filter(|verb| !bound.contains(verb)).collect();
    assert!(unbound.is_empty(), "no key does {unbound:?}");
    assert_eq!(bound.len(), VERBS.len(), "a verb is missing in VERBS");
}

#[test]
fn every_binding_has_keys_and_a_sentence() {
    for (context, binding) in built_in().bindings_of(&CONTEXTS) {
        assert!(!binding.keys.is_empty(), "{:?} in {context:?} has no key", binding.does);
        assert!(binding.says.len() > 1, "{:?} in {context:?} says nothing", binding.does);
        assert!(binding.hint.as_ref().is_none_or(|hint| !hint.is_empty() && hint.len() <= 30));
    }
}

#[test]
fn nothing_printable_is_taken_where_one_types() {
    let keymap = built_in();
    for context in CONTEXTS.into_iter().filter(|context| context.types()) {
        for c in (' '..='~').chain("äßжあ".chars()) {
            for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT] {
                let verb = keymap.verb(&[context], key(KeyCode::Char(c), modifiers));
                assert_eq!(verb, None, "{c:?} in {context:?}");
            }
        }
    }
}

#[test]
fn enter_never_destroys() {
    let destructive = [
        Verb::Accept,
        Verb::Decline,
        Verb::CancelRequest,
        Verb::CloseKeeping,
        Verb::CloseDeleting,
        Verb::Block,
        Verb::Report,
        Verb::Dismiss,
        Verb::DeleteMessage,
        Verb::CancelTransfer,
        Verb::OpenOutside,
        Verb::Yes,
    ];
    for context in CONTEXTS {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::ALT, KeyModifiers::CONTROL] {
            let verb = built_in().verb(&[context], key(KeyCode::Enter, modifiers));
            assert!(verb.is_none_or(|verb| !destructive.contains(&verb)), "Enter in {context:?}: {verb:?}");
        }
    }
}

#[test]
fn chords_are_found_as_terminals_send_them() {
    let keymap = built_in();
    let cases = [
        (Context::Messages, key(KeyCode::Char('G'), KeyModifiers::SHIFT), Verb::Last),
        (Context::Messages, key(KeyCode::Char('G'), KeyModifiers::NONE), Verb::Last),
        (Context::Messages, key(KeyCode::Char('g'), KeyModifiers::NONE), Verb::First),
        (Context::List, key(KeyCode::Char('?'), KeyModifiers::SHIFT), Verb::Help),
        (Context::List, key(KeyCode::Char('?'), KeyModifiers::NONE), Verb::Help),
        (Context::Composer, key(KeyCode::Enter, KeyModifiers::ALT), Verb::NewLine),
        (Context::Composer, key(KeyCode::Char('j'), KeyModifiers::CONTROL), Verb::NewLine),
        (Context::Composer, key(KeyCode::BackTab, KeyModifiers::SHIFT), Verb::FocusPrevious),
        (Context::Composer, key(KeyCode::BackTab, KeyModifiers::NONE), Verb::FocusPrevious),
        (Context::Panes, key(KeyCode::Char('m'), KeyModifiers::ALT), Verb::Menu),
    ];
    for (context, key, verb) in cases {
        assert_eq!(keymap.verb(&[context], key), Some(verb), "{key:?} in {context:?}");
    }
}

#[test]
fn an_unknown_name_is_an_error_that_names_the_line() {
    let bad = [
        ("[[list]]\nkeys = [\"j\"]\ndoes = \"fly\"\nsays = \"fly\"\n", "line 3", "fly"),
        ("[[list]]\nkeys = [\"hyper-j\"]\ndoes = \"next\"\nsays = \"down\"\n", "line 2", "hyper-j"),
        ("[[list]]\nkeys = [\"j\"]\ndoes = \"next\"\nsays = \"down\"\nwhy = \"so\"\n", "line 5", "why"),
        ("[[attic]]\nkeys = [\"j\"]\ndoes = \"next\"\nsays = \"down\"\n", "line 1", "attic"),
    ];
    for (text, line, name) in bad {
        let fault = Keymap::parse(text).unwrap_err().to_string();
        assert!(fault.contains(line) && fault.contains(name), "{fault}");
    }
}

#[test]
fn a_chord_bound_twice_is_an_error() {
    let text = "[[list]]\nkeys = [\"j\", \"down\"]\ndoes = \"next\"\nsays = \"down\"\n\
                [[list]]\nkeys = [\"down\"]\ndoes = \"previous\"\nsays = \"up\"\n";
    let twice = KeymapFault::Twice { context: Context::List, chord: "Down".into() };
    assert_eq!(Keymap::parse(text), Err(twice));
}

#[test]
fn a_letter_bound_in_the_composer_is_an_error() {
    for context in ["composer", "search", "panes", "everywhere"] {
        let text = format!("[[{context}]]\nkeys = [\"shift-g\"]\ndoes = \"last\"\nsays = \"the end\"\n");
        assert!(matches!(Keymap::parse(&text), Err(KeymapFault::Typed { chord, .. }) if chord == "G"));
    }
}

#[test]
fn the_help_has_every_key() {
    let lines = help();
    let keys = lines.iter().filter(|line| matches!(line, HelpLine::Key { .. })).count();
    assert_eq!(keys, built_in().bindings_of(&CONTEXTS).count());
    let shown = HelpLine::Key { keys: "Alt+Enter, Ctrl+J".into(), words: "a new line".into() };
    assert!(lines.contains(&shown));
    let shown = HelpLine::Key { keys: "PgUp".into(), words: "read back in the messages".into() };
    assert!(lines.contains(&shown));
    assert!(lines.contains(&HelpLine::Heading("While writing")));
}

#[test]
fn items_of_menus_have_letters_of_their_own() {
    let items = [
        MenuItem::StartSecretChat,
        MenuItem::AddContact,
        MenuItem::Accept,
        MenuItem::Decline,
        MenuItem::Leave,
        MenuItem::ShowKey,
        MenuItem::Info,
        MenuItem::ChangeKey,
        MenuItem::SetTimer,
        MenuItem::CloseKeeping,
        MenuItem::CloseDeleting,
        MenuItem::CancelRequest,
        MenuItem::TryAgain,
        MenuItem::Dismiss,
        MenuItem::Block,
        MenuItem::Unblock,
        MenuItem::Report,
    ];
    let letters: BTreeSet<String> = items.into_iter().map(|of| item(of).letter).collect();
    assert_eq!(letters.len(), items.len());
    for of in items {
        let letter = item(of).letter;
        let key = key(KeyCode::Char(letter.chars().next().unwrap()), KeyModifiers::NONE);
        assert_eq!(built_in().verb(&[Context::Menu], key), Some(verb_of(of)));
        assert!(!item(of).words.is_empty());
    }
}
