//! What whoever runs a server can do to its people, through the handle: settle them, acquaint them, shut them out, make trouble.
//!
//! None of it is reachable over the network. Each is done in turn with the requests of clients, and those whom it concerns are told.

use super::rpc::{Resident, Trouble};
use super::{ServeError, Server};

impl Server {
    /// Makes accounts of people who are there without ever having signed up: all of them, or none.
    ///
    /// # Errors
    /// The database's, as when a phone number or username is taken.
    pub async fn settle(&self, residents: Vec<Resident>) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, now| rpc.settle(&residents, now))).await?)
    }

    /// Puts people on somebody's contact list, all named by their phone numbers, and tells that somebody's connected devices.
    ///
    /// # Errors
    /// The database's.
    pub async fn introduce(&self, whom: Vec<String>, to: String) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, now| rpc.introduce(&whom, &to, now))).await?)
    }

    /// Ends every authorization of the account with this phone number (digits). Their secret chats end with them; their devices get
    /// `updatesTooLong`, and `401 SESSION_REVOKED` to whatever they ask.
    ///
    /// # Errors
    /// The database's; it has no such row if nobody has that number.
    pub async fn revoke(&self, phone: String) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, now| rpc.revoke(&phone, now))).await?)
    }

    /// Deletes the account with this phone number (digits). Its secret chats stay open at the other end, where every send is answered
    /// with `403 USER_DELETED` and every request with `400 INPUT_USER_DEACTIVATED`; its own devices get `401 USER_DEACTIVATED`.
    ///
    /// # Errors
    /// As [`Server::revoke`].
    pub async fn delete_account(&self, phone: String) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, now| rpc.delete_account(&phone, now))).await?)
    }

    /// The next calls of a method by an account are answered with an error instead of being executed. Several troubles of one method
    /// come one after another.
    ///
    /// # Errors
    /// As [`Server::revoke`].
    pub async fn trouble(&self, trouble: Trouble) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, _| rpc.trouble(trouble).map(|()| Vec::new()))).await?)
    }
}
