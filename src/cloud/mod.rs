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
//! files        pieces of encrypted files                 authorizations  the account's devices
//! codes        asking for codes                          password   two-step verification
//! login_token  signing in by QR code                     refusal    what is said against signing in
//! data_centres where else an account may live            fault      what went wrong, in sentences
//! branches     links to those, for files                 blocked    whom the account has blocked
//! dial         a host, whichever of its addresses works  proxy      what may stand on the way
//! system       its failures in words                     terms      what newcomers agree to
//! recovery     a forgotten password
//! ```

pub mod account;
pub mod authorizations;
mod authorize;
mod backoff;
pub mod blocked;
pub mod branches;
pub mod calls;
mod clock;
mod codes;
mod connection;
pub mod contacts;
pub mod data_centres;
mod dial;
mod encrypted;
pub mod fault;
pub mod files;
mod inspector;
pub mod link;
pub mod login_token;
mod nesting;
mod parcel;
pub mod password;
mod people;
pub mod proxy;
mod pulse;
pub mod recovery;
pub mod refusal;
pub mod server_keys;
pub mod session;
pub mod sign_in;
pub mod terms;
pub mod updates;
mod wire;
