//! An account as other people's libraries have it: signing up with a code, the address book, signing out and in again.

use serde_json::json;

use crate::device::{Device, Step};
use crate::library::Library;
use crate::ours::Ours;
use crate::process::world::World;

pub const OUR_PHONE: &str = "70010000001";
pub const THEIR_PHONE: &str = "70020000002";

/// Of everybody in these tests: no name is found that nobody took.
const NOBODY: &str = "nobody_is_called_so";

/// The types of the answers to what clients ask for that does not exist here.
const NOTHING: [&str; 13] = [
    "AppConfig",
    "NoAppUpdate",
    "TermsOfServiceUpdateEmpty",
    "PromoDataEmpty",
    "CountriesList",
    "LangPackDifference",
    "PeerNotifySettings",
    "PrivacyRules",
    "DialogFilters",
    "PeerDialogs",
    "AllStickers",
    "FeaturedStickers",
    "AvailableReactions",
];

#[test]
fn telethon_signs_in_with_a_code_and_out() {
    code_and_people("telethon_signs_in_with_a_code_and_out", Library::Telethon);
}

#[test]
fn kurigram_signs_in_with_a_code_and_out() {
    code_and_people("kurigram_signs_in_with_a_code_and_out", Library::Kurigram);
}

#[test]
fn gramjs_signs_in_with_a_code_and_out() {
    code_and_people("gramjs_signs_in_with_a_code_and_out", Library::GramJs);
}

/// Signs up, finds people, signs out, and in again.
fn code_and_people(test: &str, library: Library) {
    let world = World::new();
    let Some(mut theirs) = Device::new(test, library, &world) else { return };
    let mut ours = Ours::start(&world, OUR_PHONE);

    let code = theirs.ask_code(&world, THEIR_PHONE);
    theirs.foreign.refused("enter_code", json!({ "code": wrong(&code) }), "PHONE_CODE_INVALID");
    assert_eq!(theirs.enter_code(&code), Step::NameWanted);
    let step = Step::from(&theirs.foreign.ask("enter_name", json!({ "name": "Theo" })));
    let Step::Done { user } = step else { panic!("signing up asks for more: {step:?}") };
    assert_eq!(theirs.me(), user);

    let us = ours.me.id.0;
    assert_eq!(theirs.foreign.ask("contacts", json!({})), json!([]));
    assert_eq!(theirs.foreign.ask("import", json!({ "phone": OUR_PHONE, "name": "A rose" })), us);
    let listed = theirs.foreign.ask("contacts", json!({}));
    assert_eq!(listed, json!([{ "user": us, "name": "A rose", "phone": OUR_PHONE }]));

    ours.take_username("rosa_of_ours");
    let found = theirs.foreign.ask("resolve", json!({ "username": "rosa_of_ours" }));
    assert_eq!(found, json!({ "user": us, "name": "A rose" }));
    theirs.foreign.refused("resolve", json!({ "username": NOBODY }), library.unoccupied());
    let taken = theirs.foreign.ask("take_username", json!({ "username": "theo_of_theirs" }));
    assert_eq!(taken, "theo_of_theirs");
    assert_eq!(theirs.foreign.ask("dialogs", json!({})), 0, "there are no cloud chats");
    assert_eq!(theirs.foreign.ask("small_questions", json!({})), json!(NOTHING));

    assert_eq!(theirs.foreign.ask("log_out", json!({})), true);
    theirs.foreign.finish();
    let mut again = Device::new(test, library, &world).unwrap();
    assert_eq!(again.sign_in(&world, THEIR_PHONE, "nobody is asked"), user);
    assert_eq!(again.foreign.ask("contacts", json!({})), listed);
    assert_eq!(again.foreign.ask("devices", json!({})), json!([true]), "whoever has signed out is no device");
    again.foreign.finish();
    ours.finish();
}

/// Another code than this one.
fn wrong(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}
