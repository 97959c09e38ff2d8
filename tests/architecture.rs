//! The walls of the house, held: which room may see which, what must stay pure, how long a file may be.
//!
//! Fails on an arrow that points the wrong way. It matches every path in the sources (`crate::vault::..` in the middle of a function as
//! well as a `use`), so that no wall is crossed by spelling the arrow differently. The rules are the three tables below; each is shown to
//! fail once on a small bad sample.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "architecture/source.rs"]
mod source;

use std::fs;
use std::path::{Path, PathBuf};

/// What a part of the house may see of the other rooms. The first row that fits a file decides.
struct Wall {
    /// A module and everything below it.
    room: &'static str,
    /// Modules it may name, everything below them included. A room always sees itself.
    sees: &'static [&'static str],
    /// What it must not name although `sees` or its own room contains it.
    but_not: &'static [&'static str],
}

const WALLS: &[Wall] = &[
    // The core uses nothing of ours.
    Wall { room: "secret", sees: &[], but_not: &[] },
    Wall { room: "mtproto", sees: &[], but_not: &[] },
    // Words for whoever speaks to people.
    Wall { room: "system", sees: &[], but_not: &[] },
    // Vault and cloud know the core's types, not each other.
    Wall { room: "vault", sees: &["secret", "system"], but_not: &[] },
    Wall { room: "cloud", sees: &["secret", "mtproto", "system"], but_not: &[] },
    // The engine alone brings core, vault and cloud together.
    Wall { room: "engine", sees: &["secret", "vault", "cloud", "system"], but_not: &[] },
    // The server is the other side: none of the client's rooms but the number checks.
    Wall { room: "server", sees: &["mtproto", "secret::exchange", "system"], but_not: &[] },
    // The screen sees the engine's public types; its text and its views see no machinery at all.
    Wall { room: "tui::text", sees: &[], but_not: &["tui::runtime", "tui::term", "tui::view"] },
    Wall { room: "tui::view", sees: &["engine"], but_not: &["tui::runtime", "tui::term"] },
    Wall {
        room: "tui::welcome::view",
        sees: &["engine"],
        but_not: &["tui::runtime", "tui::term", "tui::welcome::runtime"],
    },
    Wall { room: "tui::term", sees: &["system"], but_not: &["tui::runtime"] },
    Wall { room: "tui", sees: &["engine", "system"], but_not: &[] },
    Wall { room: "demo", sees: &["engine", "server", "system", "cloud", "secret::exchange"], but_not: &[] },
    // The composition root sees everything but key material.
    Wall {
        room: "cli",
        sees: &["secret", "mtproto", "vault", "cloud", "engine", "server", "system", "tui", "demo"],
        but_not: &["secret::key", "secret::exchange", "secret::rekey", "secret::envelope"],
    },
    Wall { room: "main", sees: &["cli"], but_not: &[] },
    Wall {
        room: "lib",
        sees: &["secret", "mtproto", "vault", "cloud", "engine", "server", "system", "tui", "demo", "cli"],
        but_not: &[],
    },
];

/// What a part of the house must not use of the world outside.
struct Ban {
    room: &'static str,
    /// Paths, everything below them included; a single word is also refused as the last part of any path.
    paths: &'static [&'static str],
    why: &'static str,
}

/// All that is not a value.
const OUTSIDE: &[&str] =
    &["tokio", "crossterm", "std::fs", "std::env", "std::time", "std::net", "std::thread", "std::process"];

const BANS: &[Ban] = &[
    Ban {
        room: "secret",
        paths: &[
            "std::time",
            "std::thread",
            "std::env",
            "std::fs",
            "std::net",
            "std::process",
            "tokio",
            "jiff",
        ],
        why: "the core reads no clock and touches nothing: time and bytes are arguments",
    },
    Ban {
        room: "secret",
        paths: &["rand::rng", "rand::random", "SysRng", "OsRng", "ThreadRng", "thread_rng", "getrandom"],
        why: "randomness is an argument of the core",
    },
    Ban {
        room: "secret",
        paths: &["ratatui", "crossterm", "rusqlite", "grammers_mtproto"],
        why: "the core knows neither screens, nor databases, nor connections",
    },
    Ban { room: "tui::view", paths: OUTSIDE, why: "a view is a function of the model" },
    Ban { room: "tui::welcome::view", paths: OUTSIDE, why: "a view is a function of the model" },
    Ban { room: "tui::text", paths: OUTSIDE, why: "text in, text out" },
    Ban {
        room: "tui",
        paths: &["rusqlite", "std::net"],
        why: "the screen reaches the world through the engine",
    },
    Ban { room: "engine", paths: &["rusqlite"], why: "the vault is the only one that writes the database" },
    Ban { room: "cloud", paths: &["rusqlite"], why: "the vault is the only one that writes the database" },
];

/// A file past this length has a second room in it.
const MAX_LINES: usize = 500;

/// `main.rs` parses arguments and turns the outcome into an exit code.
const MAX_MAIN_LINES: usize = 60;

#[test]
fn every_arrow_points_the_right_way() {
    report(sources().iter().flat_map(wrong_arrows).collect());
}

#[test]
fn pure_rooms_are_pure() {
    report(sources().iter().flat_map(banned_paths).collect());
}

#[test]
fn every_module_says_what_it_is_for() {
    report(sources().iter().flat_map(missing_manual).collect());
}

#[test]
fn no_file_is_too_long() {
    report(files().iter().flat_map(too_long).collect());
}

#[test]
fn nothing_is_unsafe() {
    report(files().iter().flat_map(unsafe_words).collect());
}

/// A source file: its path from the package's root, its module, and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    /// `src/tui/view/key.rs` is `["tui", "view", "key"]`; `main.rs` and `lib.rs` are the root.
    fn module(&self) -> Vec<&str> {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let inner = inner.strip_suffix(".rs").unwrap_or(inner);
        let inner = inner.strip_suffix("/mod").unwrap_or(inner);
        if matches!(inner, "main" | "lib") { Vec::new() } else { inner.split('/').collect() }
    }

    /// The module for the tables, where `main` and `lib` have rows of their own.
    fn room(&self) -> String {
        match self.path.as_str() {
            "src/main.rs" => "main".into(),
            "src/lib.rs" => "lib".into(),
            _ => self.module().join("::"),
        }
    }
}

fn wrong_arrows(file: &File) -> Vec<String> {
    let room = file.room();
    let Some(wall) = WALLS.iter().find(|wall| is_within(&room, wall.room)) else {
        return vec![format!("{}: no wall is drawn around this room; add a row", file.path)];
    };
    let own = room.split("::").next().unwrap_or_default();
    let allowed = |target: &str| {
        let seen = is_within(target, own) || wall.sees.iter().any(|seen| is_within(target, seen));
        seen && !wall.but_not.iter().any(|refused| is_within(target, refused))
    };
    let mut wrong = Vec::new();
    for path in source::paths(&file.text, &file.module()) {
        if path.parts.first().is_none_or(|first| first != "crate") {
            continue;
        }
        let target = path.parts[1..].join("::");
        let place = format!("{}:{}", file.path, path.line);
        if target.is_empty() && path.open {
            wrong.push(format!("{place}: the whole crate under another name hides where arrows point"));
        } else if let Some(refused) = wall.but_not.iter().find(|refused| opens(&path, refused)) {
            wrong.push(format!("{place}: {room} must not see {refused}, which crate::{target} opens"));
        } else if is_room(&target) && !allowed(&target) {
            wrong.push(format!("{place}: {room} must not see crate::{target}"));
        }
    }
    wrong
}

/// `super` alone at the root, macros, and items of the root itself are no rooms.
fn is_room(target: &str) -> bool {
    let first = target.split("::").next().unwrap_or_default();
    WALLS.iter().any(|wall| wall.room.split("::").next() == Some(first) && !matches!(first, "main" | "lib"))
}

/// A glob or another name for a parent of `target`.
fn opens(path: &source::Path, target: &str) -> bool {
    let target: Vec<&str> = std::iter::once("crate").chain(target.split("::")).collect();
    path.opens(&target) && path.parts.len() > 1
}

fn is_within(module: &str, parent: &str) -> bool {
    module.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn banned_paths(file: &File) -> Vec<String> {
    let room = file.room();
    let mut wrong = Vec::new();
    for path in source::paths(&file.text, &file.module()) {
        for ban in BANS.iter().filter(|ban| is_within(&room, ban.room)) {
            for banned in ban.paths.iter().filter(|banned| is_banned(&path, banned)) {
                wrong.push(format!("{}:{}: {room} must not use {banned}: {}", file.path, path.line, ban.why));
            }
        }
    }
    wrong
}

fn is_banned(path: &source::Path, banned: &str) -> bool {
    let parts: Vec<&str> = banned.split("::").collect();
    let named = parts.len() == 1 && path.parts.iter().any(|part| part == banned);
    let core = parts[0] == "std" && path.is_below(&[&["core"], &parts[1..]].concat());
    named || core || path.is_below(&parts) || path.opens(&parts)
}

fn missing_manual(file: &File) -> Option<String> {
    let opens = file.text.starts_with("//! ");
    (!opens).then(|| format!("{}: must open with //!: what it is, and why", file.path))
}

fn too_long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    let limit = if file.path == "src/main.rs" { MAX_MAIN_LINES } else { MAX_LINES };
    (lines > limit).then(|| format!("{}: {lines} lines, at most {limit}", file.path))
}

fn unsafe_words(file: &File) -> Vec<String> {
    let tokens = source::tokens(&file.text);
    let found = tokens.iter().filter(|token| token.text == "unsafe");
    found.map(|token| format!("{}:{}: unsafe", file.path, token.line)).collect()
}

/// The sources without those that only tests use.
fn sources() -> Vec<File> {
    let files = files_below("src");
    let tests: Vec<String> = files.iter().flat_map(test_files).collect();
    let is_test = |path: &str| {
        tests.iter().any(|test| path == format!("{test}.rs") || path.starts_with(&format!("{test}/")))
    };
    files.into_iter().filter(|file| !is_test(&file.path)).collect()
}

/// Where the modules lie that a file declares for tests only, without `.rs`.
fn test_files(file: &File) -> Vec<String> {
    let folder = ["src"].into_iter().chain(file.module()).collect::<Vec<_>>().join("/");
    source::test_modules(&file.text).into_iter().map(|name| format!("{folder}/{name}")).collect()
}

fn files() -> Vec<File> {
    [files_below("src"), files_below("tests")].into_iter().flatten().collect()
}

fn files_below(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                files.push(File { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!files.is_empty(), "no sources below {folder}: the rules would hold of nothing");
    files
}

fn report(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[path = "architecture/samples.rs"]
mod samples;
