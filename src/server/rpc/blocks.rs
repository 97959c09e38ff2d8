//! The list of those who are blocked: they start no chat, send nothing, and see no presence.
//!
//! There is one list. The other that clients know, of those who see no stories, is of no use where there are none: it is always empty,
//! and what is put on it or taken from it is gone.

use std::collections::BTreeSet;

use grammers_tl_types::functions::contacts::GetBlocked;
use grammers_tl_types::{enums, types};

use super::contacts::MAX_CONTACTS;
use super::fault::{Fault, bad, flood_wait};
use super::people;
use super::turn::Turn;
use super::wire::{BlockPeer, PeerRef, SetBlocked};
use crate::server::store::{Authorization, UserRow};

/// People in one answer.
const MAX_LISTED: i32 = 100;

pub(super) fn block(turn: &mut Turn<'_>, me: &Authorization, request: BlockPeer) -> Result<bool, Fault> {
    let row = blockable(turn, me, &request.peer)?;
    if request.my_stories_from {
        return Ok(true);
    }
    if turn.store.block_count(me.user_id)? >= MAX_CONTACTS {
        return Err(flood_wait(3600));
    }
    turn.store.put_block(me.user_id, row.id, turn.now)?;
    tell(turn, me, row.id, true)?;
    Ok(true)
}

pub(super) fn unblock(turn: &mut Turn<'_>, me: &Authorization, request: BlockPeer) -> Result<bool, Fault> {
    let row = blockable(turn, me, &request.peer)?;
    if !request.my_stories_from {
        turn.store.remove_block(me.user_id, row.id)?;
        tell(turn, me, row.id, false)?;
    }
    Ok(true)
}

/// The list shall be of these people and no others: all of it is done, or nothing.
pub(super) fn set_blocked(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: SetBlocked,
) -> Result<bool, Fault> {
    if request.peers.len() as i64 > MAX_CONTACTS {
        return Err(bad("LIMIT_INVALID"));
    }
    let wanted: BTreeSet<i64> = request
        .peers
        .iter()
        .map(|peer| blockable(turn, me, peer).map(|row| row.id))
        .collect::<Result<_, _>>()?;
    if request.my_stories_from {
        return Ok(true);
    }
    let rows = turn.store.blocks_of(me.user_id, 0, i32::MAX)?;
    let present: BTreeSet<i64> = rows.into_iter().map(|(user_id, _)| user_id).collect();
    for &user_id in present.difference(&wanted) {
        turn.store.remove_block(me.user_id, user_id)?;
        tell(turn, me, user_id, false)?;
    }
    for &user_id in wanted.difference(&present) {
        turn.store.put_block(me.user_id, user_id, turn.now)?;
        tell(turn, me, user_id, true)?;
    }
    Ok(true)
}

fn blockable(turn: &Turn<'_>, me: &Authorization, peer: &PeerRef) -> Result<UserRow, Fault> {
    let row = people::find(turn, me, peer.0)?.filter(|row| row.id != me.user_id);
    row.ok_or_else(|| bad("PEER_ID_INVALID"))
}

/// Every device of the one who blocks hears of it, and nobody else.
fn tell(turn: &mut Turn<'_>, me: &Authorization, user_id: i64, blocked: bool) -> Result<(), Fault> {
    let peer_id = types::PeerUser { user_id }.into();
    let update: enums::Update =
        types::UpdatePeerBlocked { blocked, blocked_my_stories_from: false, peer_id }.into();
    for device in turn.store.authorizations_of(me.user_id)? {
        turn.push_with_users(device.auth_key_id, me.user_id, update.clone(), &[user_id])?;
    }
    Ok(())
}

pub(super) fn get_blocked(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: GetBlocked,
) -> Result<enums::contacts::Blocked, Fault> {
    let (offset, limit) = (request.offset.max(0), request.limit.clamp(0, MAX_LISTED));
    let (count, rows) = if request.my_stories_from {
        (0, Vec::new())
    } else {
        (turn.store.block_count(me.user_id)?, turn.store.blocks_of(me.user_id, offset, limit)?)
    };
    let ids: Vec<i64> = rows.iter().map(|(user_id, _)| *user_id).collect();
    let users = people::users(turn, me.user_id, &ids)?;
    let whole = rows.len() as i64 == count;
    let blocked = rows.into_iter().map(|(user_id, date)| {
        types::PeerBlocked { peer_id: types::PeerUser { user_id }.into(), date }.into()
    });
    let (blocked, chats) = (blocked.collect(), Vec::new());
    Ok(if whole {
        types::contacts::Blocked { blocked, chats, users }.into()
    } else {
        types::contacts::BlockedSlice { count: count as i32, blocked, chats, users }.into()
    })
}
