//! Trouble that whoever runs the server makes on purpose: the next calls of a method by an account are answered with an error.
//!
//! A client has to behave when it is told to wait or when the server fails, and neither can be brought about by honest calls within a
//! test's patience. It is asked for through the handle of the server in its own process, never over the network, and is gone with it.

use grammers_tl_types::name_for_id;

use super::fault::RpcError;

/// The next calls of a method by an account fail. Whoever signs in calls by the phone number they name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The account's phone number, digits only.
    pub phone: String,
    /// As the schema calls it: `messages.sendEncrypted`.
    pub method: String,
    /// What they are answered with: `420 FLOOD_WAIT_3`, `500 INTERNAL`.
    pub error: RpcError,
    /// How many of them.
    pub calls: u32,
}

/// What is still to come.
#[derive(Debug, Default)]
pub(super) struct Troubles(Vec<(i64, Trouble)>);

impl Troubles {
    pub fn add(&mut self, user_id: i64, trouble: Trouble) {
        self.0.push((user_id, trouble));
    }

    /// The error that this call is to be answered with instead of being executed; that is one less. Those asked for first come first.
    pub fn take(&mut self, user_id: i64, method: u32) -> Option<RpcError> {
        self.take_that(|whose, trouble| whose == user_id && trouble.method == name_for_id(method))
    }

    /// As [`Troubles::take`], of a call by somebody who is not signed in and names a phone number (digits).
    pub fn take_of(&mut self, phone: &str, method: u32) -> Option<RpcError> {
        self.take_that(|_, trouble| trouble.phone == phone && trouble.method == name_for_id(method))
    }

    fn take_that(&mut self, fits: impl Fn(i64, &Trouble) -> bool) -> Option<RpcError> {
        self.0.retain(|(_, trouble)| trouble.calls > 0);
        let (_, trouble) = self.0.iter_mut().find(|(whose, trouble)| fits(*whose, trouble))?;
        trouble.calls -= 1;
        Some(trouble.error.clone())
    }
}
