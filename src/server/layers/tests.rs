//! The table against the checksums that are its ids, and objects of our own layer as older ones read them.

use grammers_tl_types::{Deserializable, Identifiable, Serializable, enums, types};

use super::schema::{Definition, TEXT, definition};
use super::*;

/// The id of a constructor is the checksum of its line, without the id, the fields that are nothing but a flag, and other trimmings.
fn checksum(line: &str) -> u32 {
    let line = line.trim_end_matches(';');
    let (name, rest) = line.split_once('#').unwrap();
    let words = rest.split_whitespace().skip(1).filter(|word| !word.ends_with("?true"));
    let words: Vec<String> = words
        .map(|word| match word {
            _ if word.ends_with(":bytes") || word.ends_with("?bytes") => {
                format!("{}string", word.trim_end_matches("bytes"))
            }
            _ => word.replace('<', " ").replace('>', ""),
        })
        .collect();
    let mut crc = flate2::Crc::new();
    crc.update(format!("{name} {}", words.join(" ")).as_bytes());
    crc.sum()
}

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("---"))
}

#[test]
fn every_line_is_one_that_telegram_published() {
    assert!(lines().count() > 100);
    for line in lines() {
        let Definition { id, .. } = definition(line).unwrap_or_else(|| panic!("not read: {line}"));
        assert_eq!(checksum(line), id, "{line}");
    }
}

#[test]
fn what_is_present_is_our_own_layer() {
    let schema = Schema::get();
    for id in [
        types::User::CONSTRUCTOR_ID,
        types::UserFull::CONSTRUCTOR_ID,
        types::PeerSettings::CONSTRUCTOR_ID,
        types::users::UserFull::CONSTRUCTOR_ID,
        types::updates::Difference::CONSTRUCTOR_ID,
    ] {
        assert!(schema.present(id).is_some(), "{id:#x}");
    }
}

#[test]
fn each_layer_has_the_constructors_it_knows() {
    let schema = Schema::get();
    let of = |id, layer| schema.in_layer(schema.present(id).unwrap(), layer).id;
    let user = |layer| of(types::User::CONSTRUCTOR_ID, layer);
    assert_eq!([100, 198, 199].map(user), [0x4b46_c37e; 3]);
    assert_eq!([200, 216].map(user), [0x020b_1422; 2]);
    assert_eq!([217, 227].map(user), [0x3177_4388; 2]);
    assert_eq!([228, 229, 230, 300].map(user), [types::User::CONSTRUCTOR_ID; 4]);
    let full = |layer| of(types::UserFull::CONSTRUCTOR_ID, layer);
    assert_eq!([198, 199, 200].map(full), [0x4d97_5bbc, 0x4d97_5bbc, 0xd223_4ea0]);
    assert_eq!([201, 209, 210, 211].map(full), [0x99e7_8045, 0x99e7_8045, 0x29de_80be, 0x7e63_ce1f]);
    assert_eq!([212, 213, 214, 215].map(full), [0x7e63_ce1f, 0x3fd8_1e28, 0xc577_b5ad, 0xc577_b5ad]);
    assert_eq!([216, 223, 224, 230].map(full), [0xa02b_c13e, 0xa02b_c13e, 0x06cb_e645, 0x06cb_e645]);
    let settings = |layer| of(types::PeerSettings::CONSTRUCTOR_ID, layer);
    assert_eq!([199, 200, 230].map(settings), [0xacd6_6c5e, 0xf477_41f7, 0xf477_41f7]);
}

fn state() -> enums::updates::State {
    types::updates::State { pts: 1, qts: 2, date: 3, seq: 0, unread_count: 0 }.into()
}

#[test]
fn what_is_not_in_the_table_passes_as_it_is() {
    let saved = enums::storage::FileType::FileUnknown.to_bytes();
    assert_eq!(rewrite(198, saved.clone()), Ok(saved));
    let ids = vec![1_000_001i32, 1_000_002].to_bytes();
    assert_eq!(rewrite(198, ids.clone()), Ok(ids));
    assert_eq!(rewrite(198, Vec::new()), Ok(Vec::new()));
    let empty = Vec::<i64>::new().to_bytes();
    assert_eq!(rewrite(198, empty.clone()), Ok(empty));
}

#[test]
fn what_did_not_change_is_the_same_in_every_layer() {
    for layer in [1, 198, 227, 228, 230, i32::MAX] {
        assert_eq!(rewrite(layer, state().to_bytes()), Ok(state().to_bytes()));
    }
}

#[test]
fn an_object_that_is_cut_or_unknown_is_an_error() {
    let whole = state().to_bytes();
    for end in (4..whole.len()).step_by(4) {
        assert_eq!(rewrite(198, whole[..end].to_vec()), Err(LayerFault::Length), "{end}");
    }
    assert_eq!(rewrite(198, [&whole[..], &[0; 4]].concat()), Err(LayerFault::Length));
    let stranger = enums::Update::StickerSets(types::UpdateStickerSets { masks: false, emojis: false });
    let short = enums::Updates::UpdateShort(types::UpdateShort { update: stranger, date: 1 });
    let id = types::UpdateStickerSets::CONSTRUCTOR_ID;
    assert_eq!(rewrite(198, short.to_bytes()), Err(LayerFault::Unknown { id }));
    assert!(enums::Updates::from_bytes(&rewrite(228, short.to_bytes()).unwrap()).is_ok());
}
