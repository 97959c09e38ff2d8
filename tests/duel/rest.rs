//! When the two are at rest, and what must then be true.

use std::collections::BTreeSet;

use subrosa::secret::chat::Stage;
use subrosa::secret::fault::Closing;
use subrosa::secret::record::{Delivery, Direction};

use crate::pool;
use crate::world::{World, name};

/// Nothing is under way, waited for, or asked for again.
pub fn at_rest(world: &World) -> bool {
    unrest(world).is_empty()
}

/// What still keeps them busy, in words.
pub fn unrest(world: &World) -> String {
    let mut words = Vec::new();
    for (who, device) in world.devices.iter().enumerate() {
        let who = name(who);
        let unanswered = device.disk.outgoing.values().filter(|row| !row.answered).count();
        if unanswered > 0 {
            words.push(format!("{who} has {unanswered} unanswered messages"));
        }
        if !device.disk.parked.is_empty() {
            words.push(format!("{who} waits behind a hole with {} messages", device.disk.parked.len()));
        }
        match device.stage() {
            Some(Stage::Ready(ready)) => {
                let expected = world.devices[1 - device_index(who)].ready().map(|peer| peer.counters.my_out);
                if expected.is_some_and(|out| out != ready.counters.my_in) {
                    words.push(format!("{who} has read {} of {expected:?}", ready.counters.my_in));
                }
                if !pool::settled(ready) {
                    words.push(format!("{who} is changing the key"));
                }
            }
            Some(Stage::Closed(closed)) if closed.discard.is_none() => {}
            // It was withdrawn before anybody heard of it.
            None if world.closed_by.is_some() => {}
            stage => words.push(format!("{who} is in the middle of {}", stage_name(stage))),
        }
    }
    words.join("; ")
}

fn device_index(who: &str) -> usize {
    usize::from(who == name(1))
}

fn stage_name(stage: Option<&Stage>) -> &'static str {
    match stage {
        None => "nothing",
        Some(Stage::Asking(_)) => "asking",
        Some(Stage::Requesting(_)) => "requesting",
        Some(Stage::Waiting(_)) => "waiting",
        Some(Stage::Requested(_)) => "being asked",
        Some(Stage::Accepting(_)) => "accepting",
        Some(Stage::Ready(_)) => "talking",
        Some(Stage::Closed(_)) => "closing",
    }
}

/// At rest the two agree.
pub fn agree(world: &World) -> Result<(), String> {
    match (world.devices[0].ready(), world.devices[1].ready()) {
        (Some(ours), Some(theirs)) => {
            pool::same_keys(ours, theirs)?;
            if ours.picture != theirs.picture {
                return Err("the key pictures differ".into());
            }
            for who in 0..2 {
                delivered(world, who)?;
            }
            Ok(())
        }
        (None, None) => closed(world),
        _ => Err("one side is closed and the other goes on".into()),
    }
}

/// Each text of `who` that was neither deleted nor refused has arrived.
fn delivered(world: &World, who: usize) -> Result<(), String> {
    let writer = &world.devices[who];
    let failed: BTreeSet<i64> = writer
        .disk
        .messages
        .iter()
        .filter(|message| message.delivery == Delivery::Failed)
        .map(|message| message.random_id)
        .collect();
    let gone = |id: &i64| world.deleted.contains(id) || world.mortal.contains(id);
    let lasting = |texts: Vec<(i64, &'_ str)>| -> Vec<(i64, String)> {
        let stays = texts.into_iter().filter(|(id, _)| !world.mortal.contains(id));
        stays.map(|(id, text)| (id, text.to_owned())).collect()
    };
    let expected: Vec<(i64, String)> =
        world.composed[who].iter().filter(|(id, _)| !gone(id) && !failed.contains(id)).cloned().collect();
    let here: Vec<(i64, String)> =
        lasting(writer.texts(Direction::Out)).into_iter().filter(|(id, _)| !failed.contains(id)).collect();
    if here != expected {
        return Err(format!("{} has {} own texts instead of {}", name(who), here.len(), expected.len()));
    }
    let there = lasting(world.devices[1 - who].texts(Direction::In));
    if there != expected {
        let missing: Vec<_> = expected.iter().filter(|text| !there.contains(text)).collect();
        let extra: Vec<_> = there.iter().filter(|text| !expected.contains(text)).collect();
        return Err(format!(
            "what {} wrote arrived wrongly: missing {missing:?}, extra {extra:?}",
            name(who)
        ));
    }
    let unsent = |message: &&subrosa::secret::record::Message| {
        message.direction == Direction::Out && message.delivery == Delivery::Queued
    };
    match writer.disk.messages.iter().find(unsent) {
        Some(message) => Err(format!("{} still waits for {}", name(who), message.random_id)),
        None => Ok(()),
    }
}

/// Of what was to destroy itself and was read nothing is left: not in the history, and not in what waits to be confirmed.
pub fn burnt(world: &World) -> Result<(), String> {
    for (who, device) in world.devices.iter().enumerate().filter(|(_, device)| device.ready().is_some()) {
        let left = |message: &&subrosa::secret::record::Message| {
            world.mortal.contains(&message.random_id) && message.delivery != Delivery::Failed
        };
        if let Some(message) = device.disk.messages.iter().find(left) {
            return Err(format!(
                "{} still has {}, which has been read: {message:?}",
                name(who),
                message.random_id
            ));
        }
        let kept =
            device.disk.outgoing.values().find(|row| world.mortal.contains(&row.random_id) && row.rewritable);
        if let Some(row) = kept.filter(|row| device.disk.deleted.contains(&(row.chat, row.random_id))) {
            return Err(format!("{} keeps a copy of {}", name(who), row.random_id));
        }
    }
    Ok(())
}

/// A chat ends only because somebody closed it, and then holds no key on either side.
fn closed(world: &World) -> Result<(), String> {
    for (who, device) in world.devices.iter().enumerate() {
        let Some(Stage::Closed(closed)) = device.stage() else { continue };
        let justified = match &closed.closing {
            Closing::ByUs => world.closed_by == Some(who),
            Closing::ByPeer { .. } | Closing::DeclinedByPeer | Closing::TakenOrWithdrawn => {
                world.closed_by == Some(1 - who)
            }
            Closing::DeclinedByUs => world.closed_by == Some(who),
            _ => false,
        };
        if !justified {
            return Err(format!("{} closed the chat without a reason: {:?}", name(who), closed.closing));
        }
        if device.disk.chats.values().any(|chat| !pool::keys_of(chat).is_empty()) {
            return Err(format!("{} kept a key of a closed chat", name(who)));
        }
        if !device.disk.outgoing.is_empty() || !device.disk.parked.is_empty() || !device.disk.held.is_empty()
        {
            return Err(format!("{} kept what waited in a closed chat", name(who)));
        }
    }
    Ok(())
}
