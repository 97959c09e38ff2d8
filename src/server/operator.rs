//! What whoever runs a server can do to its people, through the handle: settle them, acquaint them, shut them out, make trouble.
//!
//! None of it is reachable over the network. Each is done in turn with the requests of clients, and those whom it concerns are told.

use super::rpc::{Delivery, Resident, Rpc, Terms, Trouble};
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

    /// The account with this phone number (digits) is a bot's from now on: it is shown as one, without a number and a status, and a
    /// secret chat with it is refused with `400 USER_ID_INVALID`. Those who have it as a contact are told.
    ///
    /// # Errors
    /// As [`Server::revoke`].
    pub async fn make_bot(&self, phone: String) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, now| rpc.make_bot(&phone, now))).await?)
    }

    /// Puts somebody on the list of those whom `by` has blocked, both named by their phone numbers (digits). A device of `by` that is
    /// connected hears of it when it asks for the list.
    ///
    /// # Errors
    /// As [`Server::revoke`].
    pub async fn block(&self, whom: String, by: String) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, now| rpc.block(&whom, &by, now))).await?)
    }

    /// Whether the account with this phone number (digits) hides when it was online. Others are then told "recently" up to three days
    /// after it, "within a week", "within a month", and nothing after that.
    ///
    /// # Errors
    /// As [`Server::revoke`].
    pub async fn hide_presence(&self, phone: String, hides: bool) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, now| rpc.hide_presence(&phone, hides, now))).await?)
    }

    /// The next calls of a method by an account are answered with an error instead of being executed. Several troubles of one method
    /// come one after another. Of the methods that nobody is signed in for, `auth.sendCode`, `auth.resendCode` and `auth.signIn` can be
    /// troubled, for the account whose number they name.
    ///
    /// # Errors
    /// As [`Server::revoke`].
    pub async fn trouble(&self, trouble: Trouble) -> Result<(), ServeError> {
        Ok(self.desk.manage(Box::new(move |rpc, _| rpc.trouble(trouble).map(|()| Vec::new()))).await?)
    }

    /// From now on sign-in codes for this phone number (digits) travel in these ways: the first with `auth.sendCode`, one further with
    /// every `auth.resendCode`, and then `406 SEND_CODE_UNAVAILABLE`. None at all: the usual ones, a message to another device of the
    /// account if there is one, SMS, a call. It is forgotten with the process.
    ///
    /// # Errors
    /// Only while the server stops.
    pub async fn deliver_codes(&self, phone: String, ways: Vec<Delivery>) -> Result<(), ServeError> {
        let work = move |rpc: &mut Rpc, _| {
            rpc.deliver_codes(&phone, ways);
            Ok(Vec::new())
        };
        Ok(self.desk.manage(Box::new(work)).await?)
    }

    /// From now on whoever signs up is shown these terms of service; `None`: nobody is. It is forgotten with the process.
    ///
    /// # Errors
    /// Only while the server stops.
    pub async fn require_terms(&self, terms: Option<Terms>) -> Result<(), ServeError> {
        let work = move |rpc: &mut Rpc, _| {
            rpc.require_terms(terms);
            Ok(Vec::new())
        };
        Ok(self.desk.manage(Box::new(work)).await?)
    }

    /// The account with this phone number (digits) has this mail address to recover its password by; `None`: none. No mail is sent:
    /// whoever is told the sign-in codes is told the code. It is forgotten with the process.
    ///
    /// # Errors
    /// As [`Server::revoke`].
    pub async fn set_recovery_address(
        &self,
        phone: String,
        address: Option<String>,
    ) -> Result<(), ServeError> {
        let work = move |rpc: &mut Rpc, _| rpc.set_recovery_address(&phone, address).map(|()| Vec::new());
        Ok(self.desk.manage(Box::new(work)).await?)
    }

    /// From now on files are said to lie in the data centre `dc`; `None`: in this one. They are given out here all the same. It is
    /// forgotten with the process.
    ///
    /// # Errors
    /// Only while the server stops.
    pub async fn place_files(&self, dc: Option<i32>) -> Result<(), ServeError> {
        let work = move |rpc: &mut Rpc, _| {
            rpc.place_files(dc);
            Ok(Vec::new())
        };
        Ok(self.desk.manage(Box::new(work)).await?)
    }

    /// The account with this phone number (digits), which need not exist, lives in the data centre `dc`; `None` brings it back. Whoever
    /// asks for a code gets `303 PHONE_MIGRATE_n`, whoever has one already `303 USER_MIGRATE_n`, and a login token that the account's
    /// devices accept is answered with `auth.loginTokenMigrateTo`.
    ///
    /// # Errors
    /// The database's.
    pub async fn move_account(&self, phone: String, dc: Option<i32>) -> Result<(), ServeError> {
        let work = move |rpc: &mut Rpc, now| rpc.move_account(&phone, dc, now).map(|()| Vec::new());
        Ok(self.desk.manage(Box::new(work)).await?)
    }

    /// A login token that the server of another data centre gave out was accepted there by the account with this phone number (digits),
    /// which lives here: `auth.importLoginToken` signs in with it. Servers do not talk to each other, so whoever runs both says so.
    ///
    /// # Errors
    /// As [`Server::revoke`].
    pub async fn honour_login_token(&self, token: Vec<u8>, phone: String) -> Result<(), ServeError> {
        let work = move |rpc: &mut Rpc, now| rpc.honour_login_token(token, &phone, now).map(|()| Vec::new());
        Ok(self.desk.manage(Box::new(work)).await?)
    }
}
