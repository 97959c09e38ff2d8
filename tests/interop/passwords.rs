//! Two-step verification: the password is set by the library itself, and then wanted of whoever signs in. It never goes over the line;
//! what does is the library's own arithmetic, so a number that we and our server got wrong together is found here.

use serde_json::json;

use crate::accounts::THEIR_PHONE;
use crate::device::{Device, Step};
use crate::library::Library;
use crate::process::world::World;

const FIRST: &str = "rosa canina";
const SECOND: &str = "роза 玫瑰 🌹";

#[test]
fn telethon_signs_in_with_a_password() {
    with_a_password("telethon_signs_in_with_a_password", Library::Telethon);
}

#[test]
fn kurigram_signs_in_with_a_password() {
    with_a_password("kurigram_signs_in_with_a_password", Library::Kurigram);
}

#[test]
fn gramjs_signs_in_with_a_password() {
    with_a_password("gramjs_signs_in_with_a_password", Library::GramJs);
}

/// One device sets the password, changes it and takes it away; another signs in after each.
fn with_a_password(test: &str, library: Library) {
    let world = World::new();
    let Some(mut first) = Device::new(test, library, &world) else { return };
    let user = first.sign_in(&world, THEIR_PHONE, "Theo");
    first.set_password(Some(FIRST), None, "a flower");

    let mut second = Device::new(test, library, &world).unwrap();
    let code = second.ask_code(&world, THEIR_PHONE);
    assert_eq!(second.enter_code(&code), Step::PasswordWanted { hint: "a flower".into() });
    second.foreign.refused("enter_password", json!({ "password": SECOND }), "PASSWORD_HASH_INVALID");
    assert_eq!(second.enter_password(FIRST), Step::Done { user });
    assert_eq!(second.me(), user);
    assert_eq!(second.foreign.ask("log_out", json!({})), true);
    second.foreign.finish();

    first.set_password(Some(SECOND), Some(FIRST), "another one");
    let refused = json!({ "new": FIRST, "current": FIRST, "hint": "" });
    first.foreign.refused("set_password", refused, "PASSWORD_HASH_INVALID");
    let mut third = Device::new(test, library, &world).unwrap();
    let code = third.ask_code(&world, THEIR_PHONE);
    assert_eq!(third.enter_code(&code), Step::PasswordWanted { hint: "another one".into() });
    assert_eq!(third.enter_password(SECOND), Step::Done { user });
    third.foreign.finish();

    first.set_password(None, Some(SECOND), "");
    let mut fourth = Device::new(test, library, &world).unwrap();
    assert_eq!(fourth.sign_in(&world, THEIR_PHONE, "nobody is asked"), user);
    fourth.foreign.finish();
    first.foreign.finish();
}
