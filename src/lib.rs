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
//! - **qts**: the number of the last encrypted message this device has taken from its queue at the server. **pts**, **seq** and
//!   **date** are the places in the other update streams; together they are the [`Marks`](secret::record::Marks).
//!
//! # Rooms
//!
//! | room | what it is |
//! |---|---|
//! | [`secret`] | the core: the secret-chat protocol, sans-IO; clock and randomness are arguments |
//! | [`mtproto`] | what client and server share of the transport: framing, RSA, the auth-key arithmetic |
//! | [`cloud`] | Telegram as seen from here: connection, key exchange, calls, updates, sign-in, contacts |
//! | [`vault`] | the only copy of everything: SQLCipher, one writer |
//! | [`engine`] | the layer the front ends talk to: one actor that runs the three above |
//! | [`tui`] | what a person sees: safe text, words, views |
//! | [`server`] | the embedded Telegram-compatible server: what trials and tests talk to over real TCP |
//! | [`demo`] | a server and a cast of people, played by engines, to try everything with |
//! | [`cli`] | the composition root: arguments, sign-in, serve, line mode |
//!
//! # The law of dependencies
//!
//! Held by `tests/architecture.rs`. `secret` uses nothing of ours, no runtime, no database, no clock. `vault` and `cloud` know
//! `secret`'s types and not each other; `cloud` and `server` share `mtproto`. `engine` alone sees `secret`, `vault` and `cloud`.
//! `tui` sees the engine's public types only. `server` uses none of the client's rooms but `mtproto` and the number checks of
//! [`secret::exchange`]. `demo` sees `engine` and `server`, and for the one who tampers `cloud` and [`secret::exchange`]. `cli` may
//! see everything but key material.
//!
//! # The durability rule
//!
//! Every input yields at most one commit, then effects. No effect of any kind (network, acknowledgement, screen) leaves before its
//! commit is durable. A commit that fails discards the machine in memory and restores it from the vault before anything else
//! happens: memory is never ahead of the disk, no number is used twice. The server's queue is acknowledged with the committed qts,
//! after the commit. Calls are not remembered but derived from the stored state, so that a restart, a lost connection and an
//! ordinary turn are the same case.

pub mod cli;
pub mod cloud;
pub mod demo;
pub mod engine;
pub mod mtproto;
pub mod secret;
pub mod server;
pub mod tui;
pub mod vault;
