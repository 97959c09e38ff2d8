//! subrosa: a terminal messenger for Telegram secret chats, and the manual of its code.
//!
//! # The idea in one line
//!
//! A pure core that speaks [`Input`](secret::step::Input) in, [`Step`](secret::step::Step) out; front ends that are functions of
//! what they are told; and one short loop where time, disk and network meet.
//!
//! # Glossary
//!
//! - **Secret chat**: end-to-end encrypted, bound to one device on each side; the server keeps nothing of it once delivered.
//! - **Originator** and **recipient**: who asked for the chat and who was asked ([`Side`](secret::chat::Side)).
//! - **g_a, g_b**: the public halves of the Diffie-Hellman exchange; the shared key is never sent.
//! - **Key picture**: what both people compare to know that nobody sits between them.
//! - **Raw** and **wire** sequence numbers: a plain count, and the form with a parity bit that is sent.
//! - **Parked**: authenticated but behind a hole in the numbers. **Held**: still sealed, the key is not there yet.
//! - **Answered** and **confirmed**: the server has an own message; the peer has shown that it processed it.
//! - **Placeholder**: what takes the number of an own message that was deleted or refused before it was confirmed.
//! - **Re-keying**: agreeing on another key inside the chat ([`Keys`](secret::rekey::Keys)); the key picture stays that of the first key.
//! - **Protected**: media with a timer of at most a minute, covered until it is opened. **Own clock**: the one by which messages
//!   destroy themselves; it never runs back, whatever happens to the wall clock ([`timer`](secret::timer)).
//! - **Degrade**: leave out of a message what the peer's app cannot show, after asking ([`lacking`](secret::content::lacking)).
//! - **Transfer**: a file on its way up or down; a message with a file takes its number when the file is with the server.
//! - **Entrance**: the conversation that ends with a signed-in profile; the number, the code, the QR code, the password
//!   ([`entrance`](engine::entrance)). **Device**: an authorization of the account, as the server lists it.
//! - **Data centre**: one of the places a Telegram-compatible service consists of; an account lives in one of them, and a server may say
//!   in which (`PHONE_MIGRATE_2`).
//! - **SRP**: how a password is proven without being sent; both ends of the arithmetic are in [`mtproto::srp`].
//! - **Layer**: for the API, the number of the schema a client speaks; for secret chats, of the end-to-end schema its peer does.
//! - **qts**: the number of the last encrypted message this device has taken from its queue at the server. **pts**, **seq** and
//!   **date** are the places in the other update streams; together they are the [`Marks`](secret::record::Marks).
//!
//! # Rooms
//!
//! | room | what it is |
//! |---|---|
//! | [`secret`] | the core: the secret-chat protocol, sans-IO; clock and randomness are arguments |
//! | [`mtproto`] | what client and server share: framing and its disguises, RSA, the auth-key arithmetic, SRP |
//! | [`cloud`] | Telegram as seen from here: connection, proxies, key exchange, calls, updates, sign-in, contacts |
//! | [`vault`] | the only copy of everything: SQLCipher, one writer |
//! | [`engine`] | the layer the front ends talk to: one actor that runs the three above |
//! | [`tui`] | what a person sees: safe text, words, views |
//! | [`server`] | the embedded Telegram-compatible server: what trials and tests talk to over real TCP |
//! | [`demo`] | a server and a cast of people, played by engines, to try everything with |
//! | [`system`] | what the operating system says of a failure, in words; the smallest room, for all that speak to people |
//! | [`cli`] | the composition root: arguments, sign-in, profiles, serve, line mode |
//!
//! # The law of dependencies
//!
//! Held by `tests/architecture.rs`. `secret` uses nothing of ours, no runtime, no database, no clock. `vault` and `cloud` know
//! `secret`'s types and not each other; `cloud` and `server` share `mtproto`. `engine` alone sees `secret`, `vault` and `cloud`.
//! `tui` sees the engine's public types only. `server` uses none of the client's rooms but `mtproto` and the number checks of
//! [`secret::exchange`]. `demo` sees `engine` and `server`, and for the one who tampers `cloud` and [`secret::exchange`]. `cli` may
//! see everything but key material. `system` stands beside them all and sees nothing.
//!
//! # The durability rule
//!
//! Every input yields at most one commit, then effects. No effect of any kind (network, acknowledgement, screen) leaves before its
//! commit is durable. A commit that fails discards the machine in memory and restores it from the vault before anything else
//! happens: memory is never ahead of the disk, no number is used twice. The server's queue is acknowledged with the committed qts,
//! after the commit. Calls are not remembered but derived from the stored state, so that a restart, a lost connection and an
//! ordinary turn are the same case.
//!
//! Files follow the same rule: what is stored of a transfer never runs ahead of the bytes that are on the disk or with the server, a
//! file gets its name only when it is whole and checked, and what should run is derived from the stored rows.
//!
//! Threads follow it too: whoever owns one that has a database open ([`engine::Thread`], the server's desk) waits for it when it goes,
//! for SQLCipher clears its memory when the process ends, and whatever still used it would be torn out of it by a signal.
//!
//! # How it is proven
//!
//! `tests/duel.rs` plays two cores against each other, seed by seed, over a hostile network and a disk that may be pulled out between
//! any two steps. `tests/core/adversary` and the tests named `row_..` go through what an attacker can do. `tests/crash` kills the real
//! process at its commits; `tests/interop` lets it talk with clients that others wrote; `fuzz/` feeds it what strangers could send.

pub mod cli;
pub mod cloud;
pub mod demo;
pub mod engine;
pub mod mtproto;
pub mod secret;
pub mod server;
pub mod system;
pub mod tui;
pub mod vault;
