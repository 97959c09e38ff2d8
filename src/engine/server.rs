//! Which server a profile belongs to: its address, its key, and what the link needs to reach it again.
//!
//! A profile stays with the server it was made for. The account row of the vault and the link's configuration say the same in
//! two rooms' words; this is where one becomes the other.

use zeroize::Zeroizing;

use crate::cloud::fault::CloudError;
use crate::cloud::link::{LinkConfig, Timing};
use crate::cloud::server_keys::ServerKeys;
use crate::cloud::session::{AuthKey, Session};
use crate::vault;
use crate::vault::Account;

/// The name under which Telegram's own key is stored instead of a PEM text.
pub const TELEGRAM: &str = "telegram";

/// Where Telegram's production servers begin (data centre 2).
pub const TELEGRAM_ADDRESS: &str = "149.154.167.51:443";

/// A server as the user names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerProfile {
    /// `host:port`.
    pub address: String,
    /// The server's RSA public key as PEM text, or [`TELEGRAM`].
    pub key: String,
    /// Where the key was read, for the errors.
    pub key_source: String,
    /// The application's number at Telegram (my.telegram.org); other servers ignore it.
    pub api_id: i32,
    pub api_hash: String,
}

impl ServerProfile {
    /// Whether the key can be used at all, before anything else is asked of the user.
    ///
    /// # Errors
    /// [`CloudError::BadKey`].
    pub fn check(&self) -> Result<(), CloudError> {
        self.link_config().map(|_| ())
    }

    pub(super) fn link_config(&self) -> Result<LinkConfig, CloudError> {
        Ok(LinkConfig {
            address: self.address.clone(),
            keys: keys(&self.key_source, &self.key)?,
            session: None,
            api_id: self.api_id,
            timing: Timing::default(),
        })
    }
}

/// The way back to the server of a signed-in account.
pub(super) fn link_config(account: &Account) -> Result<LinkConfig, CloudError> {
    Ok(LinkConfig {
        address: account.server.clone(),
        keys: keys("this profile", &account.rsa_key)?,
        session: session(account),
        api_id: account.api_id,
        timing: Timing::default(),
    })
}

fn keys(source: &str, key: &str) -> Result<ServerKeys, CloudError> {
    if key == TELEGRAM { Ok(ServerKeys::telegram()) } else { ServerKeys::from_pem(source, key) }
}

fn session(account: &Account) -> Option<Session> {
    let key = account.auth_key.as_ref()?;
    Some(Session {
        auth_key: AuthKey::new(key.expose()),
        first_salt: account.salt,
        time_offset: account.time_offset,
    })
}

/// Puts the link's session into the account row.
pub(super) fn keep_session(account: &mut Account, session: &Session) {
    let key = Zeroizing::new(*session.auth_key.expose());
    account.auth_key = Some(vault::AuthKey::new(&key));
    account.salt = session.first_salt;
    account.time_offset = session.time_offset;
}
