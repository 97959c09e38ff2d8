//! Each rule shown to fail: small bad samples, beside good ones that look like them.
//!
//! A rule that has never failed may be one that cannot.

use super::source::{self, tokens};
use super::*;

fn file(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into() }
}

fn arrows(path: &str, text: &str) -> usize {
    wrong_arrows(&file(path, text)).len()
}

fn bans(path: &str, text: &str) -> usize {
    banned_paths(&file(path, text)).len()
}

fn names(text: &str, module: &[&str]) -> Vec<String> {
    source::paths(text, module).into_iter().map(|path| path.parts.join("::")).collect()
}

#[test]
fn an_arrow_is_seen_in_a_use_line_and_in_a_function() {
    assert_eq!(arrows("src/tui/model.rs", "use crate::vault::Vault;"), 1);
    assert_eq!(arrows("src/tui/model.rs", "fn f() { let v = crate::vault::open(); }"), 1);
    assert_eq!(arrows("src/tui/model.rs", "fn f(v: &[crate::secret::key::SharedKey]) {}"), 1);
    assert_eq!(
        arrows("src/tui/model.rs", "fn f() { <T as crate::vault::Store>::open(n as crate::cloud::N) }"),
        2
    );
    assert_eq!(arrows("src/tui/model.rs", "fn f() { Vec::<crate::vault::Row>::new() }"), 1);
    assert_eq!(arrows("src/tui/model.rs", "use crate::engine::Event; fn f(e: crate::engine::Event) {}"), 0);
}

#[test]
fn an_arrow_is_seen_in_groups_globs_and_aliases() {
    assert_eq!(arrows("src/vault/mod.rs", "use crate::{secret::chat::Chat, cloud::{Call, raw}};"), 2);
    assert_eq!(arrows("src/vault/mod.rs", "use crate::{secret::chat::{Chat, Stage}};"), 0);
    assert_eq!(arrows("src/vault/mod.rs", "use crate::cloud;"), 1);
    assert_eq!(arrows("src/vault/mod.rs", "use crate::cloud as c;"), 1);
    assert_eq!(arrows("src/vault/mod.rs", "use crate::*;"), 1);
    assert_eq!(arrows("src/vault/mod.rs", "use crate as house;"), 1);
    assert_eq!(arrows("src/vault/mod.rs", "use crate::{self as house};"), 1);
}

#[test]
fn an_arrow_is_seen_through_super() {
    assert_eq!(arrows("src/secret/chat.rs", "use super::super::vault::Vault;"), 1);
    assert_eq!(arrows("src/secret/chat.rs", "use super::key::SharedKey;"), 0);
    assert_eq!(arrows("src/secret/mod.rs", "use super::cloud;"), 1);
    assert_eq!(arrows("src/secret/mod.rs", "use self::super::cloud;"), 1);
    assert_eq!(arrows("src/secret/mod.rs", "mod inner { use super::chat::Chat; }"), 0);
    assert_eq!(arrows("src/secret/mod.rs", "mod inner { use super::super::cloud::Call; }"), 1);
    assert_eq!(arrows("src/secret/mod.rs", "mod inner { fn f() {} } use super::cloud;"), 1);
    assert_eq!(arrows("src/main.rs", "fn main() { subrosa::vault::open() }"), 1);
    assert_eq!(arrows("src/main.rs", "fn main() { subrosa::cli::run() }"), 0);
}

#[test]
fn the_server_sees_the_number_checks_and_no_more() {
    assert_eq!(arrows("src/server/rpc.rs", "use crate::secret::exchange::Params;"), 0);
    assert_eq!(arrows("src/server/rpc.rs", "use crate::secret::{exchange, chat};"), 1);
    assert_eq!(arrows("src/server/rpc.rs", "use crate::secret;"), 1);
    assert_eq!(arrows("src/server/rpc.rs", "use crate::secret::*;"), 1);
    assert_eq!(arrows("src/server/rpc.rs", "use crate::engine::Event;"), 1);
}

#[test]
fn key_material_stays_out_of_the_command_line() {
    assert_eq!(arrows("src/cli/mod.rs", "use crate::secret::record::ChatId;"), 0);
    assert_eq!(arrows("src/cli/mod.rs", "use crate::secret::key::SharedKey;"), 1);
    assert_eq!(arrows("src/cli/mod.rs", "use crate::secret::*;"), 1);
    assert_eq!(arrows("src/cli/mod.rs", "use crate::secret as s;"), 1);
}

#[test]
fn views_and_text_see_no_machinery() {
    assert_eq!(arrows("src/tui/view/list.rs", "use crate::tui::text::fit; use crate::engine::Event;"), 0);
    assert_eq!(arrows("src/tui/view/list.rs", "use crate::tui::runtime::Loop;"), 1);
    assert_eq!(arrows("src/tui/view/list.rs", "use super::super::term::Guard;"), 1);
    assert_eq!(arrows("src/tui/text/safe.rs", "use crate::engine::Event;"), 1);
}

#[test]
fn a_room_without_a_wall_is_noticed() {
    assert_eq!(arrows("src/attic/mod.rs", ""), 1);
    assert_eq!(arrows("src/secretary/mod.rs", ""), 1);
}

#[test]
fn comments_strings_and_tests_hide_no_arrow_and_are_none() {
    let innocent = r##"
        // use crate::vault::A;
        /* crate::vault::B /* nested */ crate::vault::C */
        /// See [`crate::vault`].
        const S: &str = "crate::vault::D \" crate::vault::E";
        const R: &str = r#"crate::vault::F " crate::vault::G"#;
        const B: u8 = b'"';
        fn f<'a>(x: &'a str) -> char { '\'' }
        #[cfg(test)]
        mod tests { use crate::vault::H; fn g() { if true {} } }
        #[cfg(test)]
        use crate::vault::I;
    "##;
    assert_eq!(arrows("src/tui/model.rs", innocent), 0);
    let guilty = format!("{innocent}\nuse crate::vault::J;");
    let wrong = wrong_arrows(&file("src/tui/model.rs", &guilty));
    assert_eq!(
        wrong,
        [format!("src/tui/model.rs:{}: tui::model must not see crate::vault::J", guilty.lines().count())]
    );
    assert_eq!(arrows("src/tui/model.rs", "#[cfg(not(test))]\nuse crate::vault::K;"), 1);
    assert_eq!(arrows("src/tui/model.rs", "pub(crate) fn f() {} pub(in crate::tui) fn g() {}"), 0);
}

#[test]
fn files_of_test_modules_are_tests() {
    assert_eq!(source::test_modules("#[cfg(test)]\nmod tests;\nmod other;"), ["tests"]);
    let parse = file("src/cli/parse.rs", "#[cfg(test)] mod tests;");
    assert_eq!(test_files(&parse), ["src/cli/parse/tests"]);
    assert_eq!(test_files(&file("src/cli/mod.rs", "#[cfg(test)] mod tests { }")), [""; 0]);
}

#[test]
fn the_core_reads_no_clock() {
    assert_eq!(bans("src/secret/timer.rs", "use std::time::Instant;"), 1);
    assert_eq!(bans("src/secret/timer.rs", "use std::{fmt, time};"), 1);
    assert_eq!(bans("src/secret/timer.rs", "use core::time::Duration;"), 1);
    assert_eq!(bans("src/secret/timer.rs", "use std as s;"), 6);
    assert_eq!(bans("src/secret/timer.rs", "fn f() { std::thread::yield_now() }"), 1);
    assert_eq!(bans("src/secret/timer.rs", "use std::fmt::{self, Debug}; use std::collections::*;"), 0);
    assert_eq!(bans("src/cloud/mod.rs", "use std::time::Instant;"), 0);
}

#[test]
fn the_core_draws_no_randomness_of_its_own() {
    assert_eq!(bans("src/secret/exchange.rs", "fn f() { rand::rng().fill_bytes(&mut []) }"), 1);
    assert_eq!(bans("src/secret/exchange.rs", "use rand::rngs::SysRng;"), 1);
    assert_eq!(bans("src/secret/exchange.rs", "use rand::rngs::{ThreadRng as R};"), 1);
    assert_eq!(bans("src/secret/exchange.rs", "use rand::*;"), 2);
    assert_eq!(bans("src/secret/exchange.rs", "use rand::{CryptoRng, Rng}; fn f(rng: &mut impl Rng) {}"), 0);
}

#[test]
fn pure_rooms_name_no_machinery() {
    for machinery in
        ["tokio::spawn", "ratatui::Frame", "rusqlite::Connection", "std::fs::read", "std::net::TcpStream"]
    {
        assert_eq!(bans("src/secret/chat.rs", &format!("fn f() {{ {machinery}; }}")), 1, "{machinery}");
    }
    for machinery in
        ["tokio::spawn", "crossterm::event::read", "std::fs::read", "std::env::var", "std::time::Instant"]
    {
        assert_eq!(bans("src/tui/text/safe.rs", &format!("use {machinery};")), 1, "{machinery}");
        assert_eq!(bans("src/tui/view/key.rs", &format!("use {machinery};")), 1, "{machinery}");
        assert_eq!(bans("src/tui/term/mod.rs", &format!("use {machinery};")), 0, "{machinery}");
    }
}

#[test]
fn a_module_without_a_manual_is_named() {
    assert!(missing_manual(&file("src/a.rs", "use x;\n//! late")).is_some());
    assert!(missing_manual(&file("src/a.rs", "// not a manual")).is_some());
    assert!(missing_manual(&file("src/a.rs", "//! What.\n")).is_none());
}

#[test]
fn long_files_are_named() {
    let lines = |count: usize| "x\n".repeat(count);
    assert!(too_long(&file("src/a.rs", &lines(MAX_LINES))).is_none());
    assert!(too_long(&file("src/a.rs", &lines(MAX_LINES + 1))).is_some());
    assert!(too_long(&file("src/main.rs", &lines(MAX_MAIN_LINES))).is_none());
    assert!(too_long(&file("src/main.rs", &lines(MAX_MAIN_LINES + 1))).is_some());
}

#[test]
fn unsafe_is_named_where_it_is_code() {
    assert_eq!(unsafe_words(&file("src/a.rs", "\nfn f() { unsafe { g() } }")), ["src/a.rs:2: unsafe"]);
    assert_eq!(
        unsafe_words(&file("src/a.rs", "// unsafe\n#![forbid(unsafe_code)] const S: &str = \"unsafe\";")),
        [""; 0]
    );
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    assert_eq!(
        names("use a::{b, c::{d, e as f}, g::*};", &[]),
        ["use", "a::b", "a::c::d", "a::c::e", "a::g"]
    );
    assert!(names("impl super::Chat for X {}", &["secret", "step"]).contains(&"crate::secret::Chat".into()));
    assert!(names("struct S { x: self::T }", &["tui"]).contains(&"crate::tui::T".into()));
    let words: Vec<String> =
        tokens("let r#type = b\"x\"; 'a: loop {}").into_iter().map(|token| token.text).collect();
    assert!(words.contains(&"type".into()) && words.contains(&"loop".into()) && !words.contains(&"x".into()));
}
