//! Data centres: which this server is, where the others are, and how an authorization is carried from one connection to another.
//!
//! A client believes in several data centres. This server is all of them but those whose address it is told, and those are servers
//! of their own, with other people: an account that lives there is refused here with the id to go to. An authorization can be exported
//! only to where it can be imported, which is this server; what is imported is another connection of the same device and no device of
//! its own, so that the list of devices stays true and secret chats stay where they are.

use std::net::SocketAddr;

use grammers_tl_types::functions::auth::{ExportAuthorization, ImportAuthorization};
use grammers_tl_types::{enums, types};

use super::authorizations::end;
use super::fault::{Fault, bad};
use super::sign_in;
use super::turn::Turn;
use crate::server::store::Authorization;

/// The ids a client may take for its own data centre.
const IDS: std::ops::RangeInclusive<i32> = 1..=5;
/// An exported authorization is to be imported within so many seconds.
const GRANT_LIFETIME: i32 = 60;
/// Exported and not yet imported, at a time, of one device.
const MAX_GRANTS: usize = 16;

/// A server of the same kind somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataCentre {
    pub id: i32,
    pub address: SocketAddr,
}

/// This data centre, and those that are others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Centres {
    pub id: i32,
    /// What clients are to dial.
    pub address: SocketAddr,
    pub others: Vec<DataCentre>,
}

impl Centres {
    /// The id of a server that is told none.
    pub const DEFAULT_ID: i32 = 1;

    /// A server that is every data centre.
    pub fn alone(address: SocketAddr) -> Centres {
        Centres { id: Centres::DEFAULT_ID, address, others: Vec::new() }
    }

    /// Whether whoever dials the data centre with this id reaches this server.
    fn is_here(&self, id: i32) -> bool {
        let other = self.others.iter().find(|other| other.id == id);
        id == self.id || other.map_or(IDS.contains(&id), |other| other.address == self.address)
    }

    /// Every id with the address to dial. An address nobody can dial (`0.0.0.0`) is not told to anybody.
    pub(super) fn all(&self) -> Vec<DataCentre> {
        let mut ids: Vec<i32> = IDS.filter(|&id| id != self.id).collect();
        ids.insert(0, self.id);
        let here =
            ids.into_iter().filter(|&id| self.is_here(id)).map(|id| DataCentre { id, address: self.address });
        let others = self.others.iter().copied().filter(|other| other.id != self.id);
        let mut all: Vec<DataCentre> =
            here.chain(others).filter(|centre| !centre.address.ip().is_unspecified()).collect();
        all.sort_by_key(|centre| centre.id);
        all.dedup_by_key(|centre| centre.id);
        all
    }
}

/// An authorization on its way from one key to another. Forgotten with the process.
pub(super) struct Grant {
    secret: Vec<u8>,
    user_id: i64,
    /// The device's key.
    parent: i64,
    expires: i32,
}

pub(super) fn export_authorization(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ExportAuthorization,
) -> Result<enums::auth::ExportedAuthorization, Fault> {
    if !turn.centres.is_here(request.dc_id) {
        return Err(bad("DC_ID_INVALID"));
    }
    let parent = me.parent.unwrap_or(me.auth_key_id);
    let secret = turn.fresh_bytes::<128>();
    let (user_id, expires) = (me.user_id, turn.now.saturating_add(GRANT_LIFETIME));
    let grants = &mut turn.passing.grants;
    if grants.iter().filter(|grant| grant.parent == parent).count() >= MAX_GRANTS
        && let Some(oldest) = grants.iter().position(|grant| grant.parent == parent)
    {
        grants.remove(oldest);
    }
    grants.push(Grant { secret: secret.clone(), user_id, parent, expires });
    Ok(types::auth::ExportedAuthorization { id: user_id, bytes: secret }.into())
}

/// Everything that names a grant spends it.
pub(super) fn import_authorization(
    turn: &mut Turn<'_>,
    request: ImportAuthorization,
) -> Result<enums::auth::Authorization, Fault> {
    let grants = &mut turn.passing.grants;
    let at = grants.iter().position(|grant| grant.secret == request.bytes);
    let grant = at.map(|at| grants.remove(at)).filter(|grant| turn.now < grant.expires);
    let grant = grant.ok_or_else(|| bad("AUTH_BYTES_INVALID"))?;
    if grant.user_id != request.id {
        return Err(bad("USER_ID_INVALID"));
    }
    let parent = turn.store.authorization(grant.parent)?;
    if parent.is_none_or(|parent| parent.user_id != grant.user_id) {
        return Err(bad("AUTH_BYTES_INVALID"));
    }
    let present = turn.store.authorization(turn.auth_key_id)?;
    if present.as_ref().is_none_or(|present| present.user_id != grant.user_id) {
        if let Some(former) = present {
            end(turn, &former)?;
        }
        let hash = turn.fresh_hash();
        turn.store.remove_half_signed_in(turn.auth_key_id)?;
        turn.store.add_authorization(turn.auth_key_id, grant.user_id, hash, turn.now)?;
        turn.store.set_parent(turn.auth_key_id, grant.parent)?;
    }
    sign_in::authorization(turn, grant.user_id)
}

/// Forgets what nobody has imported in time.
pub(super) fn expire(grants: &mut Vec<Grant>, now: i32) {
    grants.retain(|grant| now < grant.expires);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn centre(id: i32, address: &str) -> DataCentre {
        DataCentre { id, address: address.parse().unwrap() }
    }

    #[test]
    fn a_server_is_every_centre_that_is_no_other() {
        let centres = |id, address: &str, others| Centres { id, address: address.parse().unwrap(), others };
        let other = centre(2, "10.0.0.2:443");
        let two = centres(1, "10.0.0.1:443", vec![other]);
        let here = |id| centre(id, "10.0.0.1:443");
        assert_eq!(two.all(), [here(1), other, here(3), here(4), here(5)]);
        assert!(two.is_here(1) && two.is_here(5) && !two.is_here(2) && !two.is_here(6) && !two.is_here(0));
        let both = centres(1, "10.0.0.1:443", vec![here(2), here(7)]);
        assert_eq!(both.all(), [here(1), here(2), here(3), here(4), here(5), here(7)]);
        assert!(both.is_here(2) && both.is_here(7) && !both.is_here(6), "listed at its own address");
        assert_eq!(centres(1, "0.0.0.0:443", vec![other]).all(), [other]);
        let far = centres(203, "10.0.0.1:443", vec![centre(203, "10.0.0.9:1"), other]);
        assert_eq!(far.all(), [here(1), other, here(3), here(4), here(5), here(203)]);
    }
}
