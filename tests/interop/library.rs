//! The libraries that people sign in with, and how their drivers are started.

use crate::foreign::Foreign;
use crate::node::{self, Node};
use crate::process::world::World;
use crate::python;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// 1.45, layer 229.
    Telethon,
    /// 2.2.26, layer 229.
    Kurigram,
    /// 2.26.22, layer 198.
    GramJs,
}

impl Library {
    /// Starts its driver; `None`, after a line that says why, where it cannot be run.
    pub fn launch(self, test: &str, world: &World, port: u16) -> Option<Foreign> {
        let mut command = match self {
            Library::Telethon => python::script(&python::interpreter(test)?, "telethon_account"),
            Library::Kurigram => python::script(&python::interpreter(test)?, "kurigram_account"),
            Library::GramJs => {
                Node::find(test)?.script(&node::sources().join("gramjs_account.js"), world, port)
            }
        };
        Some(Foreign::launch(world, self.name(), &mut command))
    }

    fn name(self) -> &'static str {
        match self {
            Library::Telethon => "telethon",
            Library::Kurigram => "kurigram",
            Library::GramJs => "gramjs",
        }
    }
}

/// What the libraries make of what the server says.
impl Library {
    /// A username that nobody has.
    pub fn unoccupied(self) -> &'static str {
        match self {
            // These two put it in their own words.
            Library::Telethon => "No user has",
            Library::GramJs => "No user has",
            Library::Kurigram => "USERNAME_NOT_OCCUPIED",
        }
    }

    /// That a connection is lost is no fault of anybody in a test that cuts it, but some libraries log it as an error.
    pub fn forgive_lost_connections(self, foreign: &mut Foreign) {
        match self {
            Library::Telethon => {}
            Library::Kurigram => foreign.forgive("Connection lost"),
            Library::GramJs => foreign.forgive("Not connected"),
        }
    }
}
