//! Telegram as seen from the client: connection, authorization, calls, updates, sign-in and contacts.
//!
//! The room translates between the core's plain types and Telegram's TL schema, and keeps one connection alive. It decides
//! nothing about a chat and stores nothing: the [`link::Link`] reports what changed, the [`updates::Gate`] works from what its
//! owner has committed, and a call that got no answer is reported as exactly that. It serves Telegram and any server that
//! speaks the same protocol: address and RSA keys are configuration.
//!
//! ```text
//! link         the handle: invoke, poke, states          calls      the core's calls and their answers
//! connection   one life of one connection                updates    the gate before the update streams
//! authorize    the auth-key exchange                     encrypted  secret chats as Telegram spells them
//! server_keys  the RSA keys a server is known by         people     users as persons
//! session      auth key, salt, clock                     sign_in    codes, names, logging out
//! wire         frames on a socket                        contacts   finding people
//! inspector    the first look at a frame                 pulse      when to ping
//! parcel       wrapping, walked before it is unpacked    backoff    when to dial again
//! nesting      objects, read however deep                account    what others find the account by
//! files        pieces of encrypted files                 fault      what went wrong, in sentences
//! ```

pub mod account;
mod authorize;
mod backoff;
pub mod calls;
mod clock;
mod connection;
pub mod contacts;
mod encrypted;
pub mod fault;
pub mod files;
mod inspector;
pub mod link;
mod nesting;
mod parcel;
mod people;
mod pulse;
pub mod server_keys;
pub mod session;
pub mod sign_in;
pub mod updates;
mod wire;
