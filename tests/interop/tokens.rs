//! Signing in by a token that one device shows and another one accepts, each of another library.

use serde_json::json;

use crate::accounts::THEIR_PHONE;
use crate::device::{Device, Step};
use crate::library::Library;
use crate::process::world::World;

const PASSWORD: &str = "rosa canina";

#[test]
fn telethon_shows_a_token_that_gramjs_accepts() {
    by_token("telethon_shows_a_token_that_gramjs_accepts", Library::Telethon, Library::GramJs);
}

#[test]
fn gramjs_shows_a_token_that_kurigram_accepts() {
    by_token("gramjs_shows_a_token_that_kurigram_accepts", Library::GramJs, Library::Kurigram);
}

#[test]
fn kurigram_shows_a_token_that_telethon_accepts() {
    by_token("kurigram_shows_a_token_that_telethon_accepts", Library::Kurigram, Library::Telethon);
}

/// Once without a password, and once more with one.
fn by_token(test: &str, shows: Library, accepts: Library) {
    let world = World::new();
    let Some(mut signed_in) = Device::new(test, accepts, &world) else { return };
    let user = signed_in.sign_in(&world, THEIR_PHONE, "Theo");
    let Some(mut first) = Device::new(test, shows, &world) else { return };
    accept_token(&mut first, &mut signed_in);
    assert_eq!(first.token_accepted(), Step::Done { user });
    assert_eq!(first.me(), user);
    let mut devices: Vec<bool> = serde_json::from_value(first.foreign.ask("devices", json!({}))).unwrap();
    devices.sort_unstable();
    assert_eq!(devices, [false, true], "the one that showed the token, and the one that accepted it");
    first.foreign.finish();

    signed_in.set_password(Some(PASSWORD), None, "a flower");
    let mut second = Device::new(test, shows, &world).unwrap();
    accept_token(&mut second, &mut signed_in);
    assert_eq!(second.token_accepted(), Step::PasswordWanted { hint: "a flower".into() });
    second.foreign.refused("enter_password", json!({ "password": "rosa" }), "PASSWORD_HASH_INVALID");
    assert_eq!(second.enter_password(PASSWORD), Step::Done { user });
    assert_eq!(second.me(), user);
    second.foreign.finish();
    signed_in.foreign.finish();
}

fn accept_token(shows: &mut Device, accepts: &mut Device) {
    let token = shows.show_token();
    accepts.foreign.refused(
        "accept_token",
        json!({ "token": "AAAAAAAAAAAAAAAAAAAAAA==" }),
        "AUTH_TOKEN_INVALID",
    );
    let accepted = accepts.foreign.ask("accept_token", json!({ "token": token }));
    assert_eq!(accepted["current"], false, "it is another device");
    // It is used up.
    accepts.foreign.refused("accept_token", json!({ "token": token }), "AUTH_TOKEN");
}
