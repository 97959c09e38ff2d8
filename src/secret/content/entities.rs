//! Entities: their wire form, and the shape that the rest of the program relies on.
//!
//! A writer can claim anything about its text, so what comes in is put in order: every entity lies in the text at the border of
//! characters, they nest and do not cross, nothing lies inside code, and there are not more of them than a screen can bear. Own
//! text goes through the same order before it is sent, so both sides keep the same.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::mem::discriminant;

use super::address;
use super::clean::{Cleaned, line};
use crate::secret::message::{Entity, EntityKind};
use crate::secret::wire::{Bytes, enums::MessageEntity as Wire, types};

/// So many entities of a message are looked at and kept.
pub const MAX_ENTITIES: usize = 1000;

/// So many of them may be custom emoji.
pub const MAX_CUSTOM_EMOJI: usize = 100;

/// The entities of a text that arrived, in order.
pub fn read(wire: Vec<Wire>, cleaned: &Cleaned) -> Vec<Entity> {
    let sound = wire.into_iter().filter_map(|entity| {
        let (offset, length) = cleaned.part(entity.offset(), entity.length())?;
        Some(Entity { offset, length, kind: kind_of(entity)? })
    });
    let sound = sound.take(MAX_ENTITIES).collect();
    nested(&cleaned.text, sound)
}

/// `None` for kinds that say nothing to us, and those that the reader finds better itself.
fn kind_of(entity: Wire) -> Option<EntityKind> {
    Some(match entity {
        Wire::Bold(_) => EntityKind::Bold,
        Wire::Italic(_) => EntityKind::Italic,
        Wire::Underline(_) => EntityKind::Underline,
        Wire::Strike(_) => EntityKind::Strike,
        Wire::Spoiler(_) => EntityKind::Spoiler,
        Wire::Code(_) => EntityKind::Code,
        Wire::Pre(entity) => EntityKind::Pre(line(&entity.language.0)),
        Wire::Blockquote(_) => EntityKind::Blockquote,
        Wire::TextUrl(entity) => {
            EntityKind::TextUrl(String::from_utf8_lossy(&entity.url.0).trim().to_owned())
        }
        Wire::Url(_) => EntityKind::Url,
        Wire::Email(_) => EntityKind::Email,
        Wire::Mention(_) => EntityKind::Mention,
        Wire::Hashtag(_) => EntityKind::Hashtag,
        Wire::CustomEmoji(entity) => EntityKind::CustomEmoji(entity.document_id),
        Wire::Unknown(_)
        | Wire::BotCommand(_)
        | Wire::MentionName(_)
        | Wire::Phone(_)
        | Wire::Cashtag(_)
        | Wire::BankCard(_) => return None,
    })
}

/// `None` for no entities: an empty vector is not written.
pub fn write(entities: &[Entity]) -> Option<Vec<Wire>> {
    let wire: Vec<Wire> = entities.iter().filter_map(to_wire).collect();
    (!wire.is_empty()).then_some(wire)
}

fn to_wire(entity: &Entity) -> Option<Wire> {
    let offset = i32::try_from(entity.offset).ok()?;
    let length = i32::try_from(entity.length).ok()?;
    Some(match &entity.kind {
        EntityKind::Bold => types::MessageEntityBold { offset, length }.into(),
        EntityKind::Italic => types::MessageEntityItalic { offset, length }.into(),
        EntityKind::Underline => types::MessageEntityUnderline { offset, length }.into(),
        EntityKind::Strike => types::MessageEntityStrike { offset, length }.into(),
        EntityKind::Spoiler => types::MessageEntitySpoiler { offset, length }.into(),
        EntityKind::Code => types::MessageEntityCode { offset, length }.into(),
        EntityKind::Pre(language) => {
            let language = Bytes::from(language.as_bytes());
            types::MessageEntityPre { offset, length, language }.into()
        }
        EntityKind::Blockquote => types::MessageEntityBlockquote { offset, length }.into(),
        EntityKind::TextUrl(url) => {
            types::MessageEntityTextUrl { offset, length, url: Bytes::from(url.as_bytes()) }.into()
        }
        EntityKind::Url => types::MessageEntityUrl { offset, length }.into(),
        EntityKind::Email => types::MessageEntityEmail { offset, length }.into(),
        EntityKind::Mention => types::MessageEntityMention { offset, length }.into(),
        EntityKind::Hashtag => types::MessageEntityHashtag { offset, length }.into(),
        EntityKind::CustomEmoji(document_id) => {
            types::MessageEntityCustomEmoji { offset, length, document_id: *document_id }.into()
        }
    })
}

/// Puts entities into the order that [`Text`](crate::secret::message::Text) promises: ascending, of two with the same offset the
/// longer one first, nested. What crosses another is cut at its border, what has no place in the text is left out.
pub fn nested(plain: &str, entities: Vec<Entity>) -> Vec<Entity> {
    if entities.is_empty() {
        return entities;
    }
    let borders = borders(plain);
    let sound = entities.into_iter().filter(|entity| is_sound(entity, &borders)).take(MAX_ENTITIES);
    let mut waiting: BTreeMap<(u32, Reverse<u32>, usize), EntityKind> = sound
        .enumerate()
        .map(|(place, entity)| ((entity.offset, Reverse(entity.length), place), entity.kind))
        .collect();
    let mut open: Vec<Entity> = Vec::new();
    let mut done = Vec::new();
    while let Some(((offset, Reverse(length), place), kind)) = waiting.pop_first() {
        if done.len() == MAX_ENTITIES {
            break;
        }
        let end = offset + length;
        open.retain(|outer| outer.end() > offset);
        let refusing = open.iter().find(|outer| refuses(&outer.kind, &kind));
        let border = refusing.or(open.last()).map_or(end, Entity::end);
        let whole = !matches!(kind, EntityKind::CustomEmoji(_));
        if border < end && whole {
            waiting.insert((border, Reverse(end - border), place), kind.clone());
        }
        if refusing.is_none() && (border >= end || whole) {
            let entity = Entity { offset, length: end.min(border) - offset, kind };
            open.push(entity.clone());
            done.push(entity);
        }
    }
    let mut custom_emoji = 0;
    done.retain(|entity| {
        custom_emoji += usize::from(matches!(entity.kind, EntityKind::CustomEmoji(_)));
        !matches!(entity.kind, EntityKind::CustomEmoji(_)) || custom_emoji <= MAX_CUSTOM_EMOJI
    });
    done
}

/// Which UTF-16 offsets of the text, its end included, lie between two characters.
fn borders(plain: &str) -> Vec<bool> {
    let mut borders = Vec::with_capacity(plain.len() + 1);
    for char in plain.chars() {
        borders.push(true);
        borders.extend((char.len_utf16() == 2).then_some(false));
    }
    borders.push(true);
    borders
}

fn is_sound(entity: &Entity, borders: &[bool]) -> bool {
    let is_border = |offset: u32| borders.get(offset as usize) == Some(&true);
    let leads_somewhere = match &entity.kind {
        EntityKind::TextUrl(url) => address::is_valid(url),
        _ => true,
    };
    let end = entity.offset.checked_add(entity.length);
    entity.length > 0 && is_border(entity.offset) && end.is_some_and(is_border) && leads_somewhere
}

/// Code contains nothing, and nothing contains its like: bold in bold says nothing, a link in a link leads nowhere.
fn refuses(outer: &EntityKind, inner: &EntityKind) -> bool {
    is_solid(outer) || discriminant(outer) == discriminant(inner)
}

fn is_solid(kind: &EntityKind) -> bool {
    matches!(kind, EntityKind::Code | EntityKind::Pre(_) | EntityKind::CustomEmoji(_))
}

/// Nested entities as runs that do not overlap: of what lies over a run, a link or code stays, else the innermost.
pub fn flat(entities: Vec<Entity>) -> Vec<Entity> {
    let mut borders: Vec<u32> = entities.iter().flat_map(|entity| [entity.offset, entity.end()]).collect();
    borders.sort_unstable();
    borders.dedup();
    let mut runs: Vec<(usize, Entity)> = Vec::new();
    for (&from, &to) in borders.iter().zip(borders.iter().skip(1)) {
        let over = || entities.iter().enumerate().filter(|(_, it)| it.offset <= from && to <= it.end());
        let Some((place, entity)) = over().find(|(_, it)| stays_whole(&it.kind)).or(over().next_back())
        else {
            continue;
        };
        match runs.last_mut() {
            Some((last, run)) if *last == place && run.end() == from => run.length += to - from,
            _ => runs.push((place, Entity { offset: from, length: to - from, kind: entity.kind.clone() })),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

fn stays_whole(kind: &EntityKind) -> bool {
    let leads = matches!(kind, EntityKind::TextUrl(_) | EntityKind::Url | EntityKind::Email);
    leads || is_solid(kind) || matches!(kind, EntityKind::Mention | EntityKind::Hashtag)
}
