//! The account of the profile: its server, its authorization there, and who it is.
//!
//! The authorization key is what the server knows this device by; whoever has it is this device. It is wiped and silent like the
//! keys of chats.

use std::fmt;

use rusqlite::{Connection, Row, params};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{one, people, run, unreadable};
use crate::secret::record::{Person, UserId};

/// Length of an MTProto authorization key, bytes.
pub const AUTH_KEY_LEN: usize = 256;

/// The key of this device's authorization at the server.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct AuthKey(Box<[u8; AUTH_KEY_LEN]>);

impl AuthKey {
    /// Takes the bytes over; the caller's copy should be a wiped type.
    pub fn new(bytes: &[u8; AUTH_KEY_LEN]) -> AuthKey {
        AuthKey(Box::new(*bytes))
    }

    /// The bytes themselves, for the connection.
    pub fn expose(&self) -> &[u8; AUTH_KEY_LEN] {
        &self.0
    }
}

impl fmt::Debug for AuthKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthKey(..)")
    }
}

/// The account, from the first word with its server on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Address of the server, as `host:port`.
    pub server: String,
    /// Number of the data centre there that the account lives in.
    pub dc_id: i32,
    /// The proxy on the way there, as a link; with its password, so it is wiped.
    pub proxy: Option<Zeroizing<String>>,
    /// The server's RSA public key, PEM.
    pub rsa_key: String,
    /// None until the key exchange with the server.
    pub auth_key: Option<AuthKey>,
    /// The server salt last heard of.
    pub salt: i64,
    /// The server's clock minus ours, seconds.
    pub time_offset: i32,
    /// The phone number, as it was given.
    pub phone: String,
    /// The application's number at Telegram, as it was given at sign-in.
    pub api_id: i32,
    /// The account's own person, once it was signed in; kept when the server ends the authorization.
    pub me: Option<Person>,
    pub signed_in: bool,
}

/// Inserts or replaces the account, and its own person among the people.
pub(in crate::vault) fn put(connection: &Connection, account: &Account) -> rusqlite::Result<()> {
    if let Some(me) = &account.me {
        people::put(connection, me)?;
    }
    run(
        connection,
        "INSERT OR REPLACE INTO account
             (id, server, dc_id, proxy, rsa_key, auth_key, salt, time_offset, phone, api_id, me, signed_in)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            account.server,
            account.dc_id,
            account.proxy.as_ref().map(|proxy| proxy.as_str()),
            account.rsa_key,
            account.auth_key.as_ref().map(|key| &key.expose()[..]),
            account.salt,
            account.time_offset,
            account.phone,
            account.api_id,
            account.me.as_ref().map(|me| me.id.0),
            account.signed_in,
        ],
    )?;
    Ok(())
}

pub(in crate::vault) fn load(connection: &Connection) -> rusqlite::Result<Option<Account>> {
    let Some((account, me)) = one(connection, "SELECT * FROM account", [], account)? else {
        return Ok(None);
    };
    let me = match me {
        None => None,
        Some(id) => Some(people::find(connection, id)?.ok_or_else(|| unreadable("person of the account"))?),
    };
    Ok(Some(Account { me, ..account }))
}

/// The account without its person, and who that is.
fn account(row: &Row<'_>) -> rusqlite::Result<(Account, Option<UserId>)> {
    let auth_key = match row.get_ref("auth_key")?.as_blob_or_null()? {
        None => None,
        Some(bytes) => Some(AuthKey::new(bytes.try_into().map_err(|_| unreadable("authorization key"))?)),
    };
    let account = Account {
        server: row.get("server")?,
        dc_id: row.get("dc_id")?,
        proxy: row.get::<_, Option<String>>("proxy")?.map(Zeroizing::new),
        rsa_key: row.get("rsa_key")?,
        auth_key,
        salt: row.get("salt")?,
        time_offset: row.get("time_offset")?,
        phone: row.get("phone")?,
        api_id: row.get("api_id")?,
        me: None,
        signed_in: row.get("signed_in")?,
    };
    Ok((account, row.get::<_, Option<i64>>("me")?.map(UserId)))
}
