//! The engine: the layer that front ends talk to, [`Command`] in and [`Event`] out.
//!
//! One actor on a thread of its own owns the core's machine, the vault and the way to the server, and is the only place where
//! the three meet. It exists for one rule: nothing that the machine says (to the server, to the screen) leaves before the vault
//! has made the matching commit durable. The thread may wait for the disk; nobody else ever does, and no key press waits for it.

mod account;
mod actor;
mod blocks;
mod clocks;
mod command;
mod conduct;
mod drafts;
pub mod entrance;
mod errands;
mod event;
mod fate;
mod obey;
mod people;
mod server;
mod sign_in;
mod sync;
mod thread;
mod throwaway;
mod transfers;
mod whom;

pub use actor::{Engine, EngineError, Handle, start, start_saving_in};
pub use command::Command;
pub use event::{Connection, Device, Event, Transfer};
pub use server::{ServerProfile, TELEGRAM, TELEGRAM_ADDRESS, TELEGRAM_DC};
pub use sign_in::{CodeWanted, SignIn, SignInError, SignInStep};
pub use thread::Thread;
pub use throwaway::{create_throwaway, open_throwaway};

pub use crate::cloud::proxy::{Proxy, ProxyFault};
pub use crate::secret::content::{Lack, detect, lacking, markup};
pub use crate::secret::fault::{Closing, LocalFault, PeerFault, Trouble};
pub use crate::secret::message::{
    Attachment, Body, Delivery, Direction, Draft, Entity, EntityKind, FileSecret, Kept, Kind, Location,
    Message, RemoteFile, Text, Thumb,
};
pub use crate::secret::picture::{KeyPicture, PALETTE, SIDE as PICTURE_SIDE};
pub use crate::secret::record::{ChatId, Person, PersonKind, Presence, UserId};
pub use crate::secret::step::{ChatState, ChatView, Event as ChatEvent, KeyState};
pub use crate::secret::timer::is_protected;
