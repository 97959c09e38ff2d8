//! Which server a profile belongs to: its address, its key, and what the link needs to reach it again.
//!
//! A profile stays with the server it was made for. The account row of the vault and the link's configuration say the same in
//! two rooms' words; this is where one becomes the other.

use std::ffi::OsString;
use std::fmt;

use zeroize::Zeroizing;

use crate::cloud::branches::Branches;
use crate::cloud::data_centres::DataCentres;
use crate::cloud::fault::CloudError;
use crate::cloud::link::{Link, LinkConfig, Timing};
use crate::cloud::proxy::{Detours, Environment, Proxy};
use crate::cloud::server_keys::ServerKeys;
use crate::cloud::session::{AuthKey, Session};
use crate::vault;
use crate::vault::Account;

/// The name under which Telegram's own key is stored instead of a PEM text.
pub const TELEGRAM: &str = "telegram";

/// Where Telegram's production servers begin (data centre 2).
pub const TELEGRAM_ADDRESS: &str = "149.154.167.51:443";

/// The data centre at [`TELEGRAM_ADDRESS`].
pub const TELEGRAM_DC: i32 = 2;

/// A server as the user names it.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerProfile {
    /// `host:port`.
    pub address: String,
    /// Number of the data centre there; an account at Telegram may live in another one than [`TELEGRAM_DC`].
    pub dc_id: i32,
    /// What stands between here and there.
    pub proxy: Option<Proxy>,
    /// The server's RSA public key as PEM text, or [`TELEGRAM`].
    pub key: String,
    /// Where the key was read, for the errors.
    pub key_source: String,
    /// The application's number at Telegram (my.telegram.org); other servers ignore it.
    pub api_id: i32,
    pub api_hash: String,
}

/// Without the application's hash, which is for Telegram alone to see.
impl fmt::Debug for ServerProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerProfile")
            .field("address", &self.address)
            .field("dc_id", &self.dc_id)
            .field("proxy", &self.proxy)
            .field("key_source", &self.key_source)
            .field("api_id", &self.api_id)
            .finish_non_exhaustive()
    }
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
            dc_id: self.dc_id,
            proxy: on_the_way(self.proxy.as_ref(), &self.address)?,
            keys: keys(&self.key_source, &self.key)?,
            session: None,
            api_id: self.api_id,
            timing: Timing::default(),
        })
    }
}

/// The way back to the server of an account. One that is signed out is read only, whatever stands on the way.
pub(super) fn link_config(account: &Account) -> Result<LinkConfig, CloudError> {
    Ok(LinkConfig {
        address: account.server.clone(),
        dc_id: account.dc_id,
        proxy: if account.signed_in { way_of(account)? } else { None },
        keys: keys("this profile", &account.rsa_key)?,
        session: session(account),
        api_id: account.api_id,
        timing: Timing::default(),
    })
}

/// Links to the other data centres of an account's server, none of them made yet. Only Telegram's are known by heart.
pub(super) fn branches(home: &Link, config: &LinkConfig, account: &Account) -> Branches {
    let telegram = account.rsa_key == TELEGRAM;
    let by_heart = if telegram { DataCentres::telegram() } else { DataCentres::default() };
    // What cannot be read was an error on the way home.
    let own = account.proxy.as_ref().and_then(|link| Proxy::from_link(link).ok());
    Branches::of(home.clone(), config, by_heart, detours(own))
}

fn way_of(account: &Account) -> Result<Option<Proxy>, CloudError> {
    let own = account.proxy.as_ref().map(|link| Proxy::from_link(link)).transpose();
    on_the_way(own.map_err(CloudError::Proxy)?.as_ref(), &account.server)
}

/// The profile's own proxy, else the environment's.
pub(super) fn on_the_way(own: Option<&Proxy>, address: &str) -> Result<Option<Proxy>, CloudError> {
    detours(own.cloned()).to(address)
}

fn detours(profile: Option<Proxy>) -> Detours {
    // What is no text names no proxy, which is to be said; going without would be what nobody wanted.
    let text = |value: OsString| value.to_string_lossy().into_owned();
    Detours { profile, environment: Environment::read(|name| std::env::var_os(name).map(text)) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_printed_without_the_hash() {
        let server = ServerProfile {
            address: "a:1".into(),
            dc_id: 1,
            proxy: Proxy::from_link("socks5://ada:sesame@p:1").ok(),
            key: TELEGRAM.into(),
            key_source: String::new(),
            api_id: 7,
            api_hash: "0123abcd".into(),
        };
        let printed = format!("{server:?}");
        assert!(printed.contains("SOCKS5 p:1") && printed.contains("a:1"), "{printed}");
        assert!(!printed.contains("0123abcd") && !printed.contains("sesame"), "{printed}");
    }
}
