//! The devices that are signed in to the account, and what may be decided about each.
//!
//! Secret chats live on one device, so which devices may be asked for one is decided per device; the server then offers requests to those
//! alone. The own device is never ended from here: that is signing out.

use grammers_tl_types::{enums, functions, types};

use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use crate::secret::step::CallError;

/// A device that is signed in to the account, as the server lists it; every string is hostile text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Names it to the server; 0 is the own one.
    pub hash: i64,
    pub own: bool,
    pub model: String,
    pub platform: String,
    pub app: String,
    pub app_version: String,
    pub ip: String,
    pub country: String,
    /// Unix seconds.
    pub created: i32,
    /// Unix seconds.
    pub active: i32,
    /// Secret chats may be asked for there.
    pub receives: bool,
}

/// All of them, the own one first, then those that were active last.
pub async fn list(link: &Link) -> Result<Vec<Device>, CloudError> {
    let enums::account::Authorizations::Authorizations(list) =
        link.invoke(&functions::account::GetAuthorizations {}, CALL_LIMIT).await?;
    let mut devices: Vec<Device> =
        list.authorizations.into_iter().map(|enums::Authorization::Authorization(one)| device(one)).collect();
    devices.sort_by_key(|device| (!device.own, std::cmp::Reverse(device.active)));
    Ok(devices)
}

/// Decides whether secret chats may be asked for on a device; 0 is this one.
pub async fn receive(link: &Link, hash: i64, receive: bool) -> Result<(), CloudError> {
    let call = functions::account::ChangeAuthorizationSettings {
        confirmed: false,
        hash,
        encrypted_requests_disabled: Some(!receive),
        call_requests_disabled: None,
    };
    link.invoke(&call, CALL_LIMIT).await.map(|_| ()).map_err(refused)
}

/// Signs another device out.
pub async fn end(link: &Link, hash: i64) -> Result<(), CloudError> {
    link.invoke(&functions::account::ResetAuthorization { hash }, CALL_LIMIT)
        .await
        .map(|_| ())
        .map_err(refused)
}

fn device(one: types::Authorization) -> Device {
    Device {
        hash: if one.current { 0 } else { one.hash },
        own: one.current,
        model: one.device_model,
        platform: one.platform,
        app: one.app_name,
        app_version: one.app_version,
        ip: one.ip,
        country: one.country,
        created: one.date_created,
        active: one.date_active,
        receives: !one.encrypted_requests_disabled,
    }
}

fn refused(error: CallError) -> CloudError {
    match &error {
        CallError::Rpc { name, .. } if name == "FRESH_RESET_AUTHORISATION_FORBIDDEN" => CloudError::TooFresh,
        CallError::Rpc { name, .. } if name == "HASH_INVALID" => CloudError::NoSuchDevice,
        _ => error.into(),
    }
}
