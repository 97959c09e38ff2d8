//! Data centres: where accounts live, and authorizations carried from one key to another.

use grammers_tl_types::{enums, functions, types};
use subrosa::server::rpc::{Centres, DataCentre};

use crate::world::*;

/// Another connection of Ada's first device.
const SIDE: i64 = 0x0ab;

fn export(world: &mut World, key: i64, dc_id: i32) -> Result<types::auth::ExportedAuthorization, String> {
    let enums::auth::ExportedAuthorization::Authorization(made) =
        world.call(key, &functions::auth::ExportAuthorization { dc_id })?;
    Ok(made)
}

fn import(world: &mut World, key: i64, id: i64, bytes: Vec<u8>) -> Result<i64, String> {
    match world.call(key, &functions::auth::ImportAuthorization { id, bytes })? {
        enums::auth::Authorization::Authorization(done) => Ok(user(done.user).id),
        other => panic!("unexpected answer {other:?}"),
    }
}

fn me() -> functions::users::GetUsers {
    functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] }
}

fn devices(world: &mut World, key: i64) -> Vec<types::Authorization> {
    let enums::account::Authorizations::Authorizations(all) =
        world.call(key, &functions::account::GetAuthorizations {}).unwrap();
    let one = |one| match one {
        enums::Authorization::Authorization(one) => one,
    };
    all.authorizations.into_iter().map(one).collect()
}

#[test]
fn an_account_that_lives_elsewhere_is_sent_there() {
    let mut world = World::new();
    world.enter(ADA, ADA_PHONE, "Ada");
    let hash = world.send_code(ADA_2, ADA_PHONE).unwrap();
    let code = world.last_code().1;
    world.rpc().move_account("15550001", Some(4), START).unwrap();
    assert_eq!(world.send_code(ADA_2, ADA_PHONE).unwrap_err(), "303 PHONE_MIGRATE_4");
    assert_eq!(world.sign_in(ADA_2, ADA_PHONE, &hash, &code).unwrap_err(), "303 USER_MIGRATE_4");
    world.rpc().move_account("15550002", Some(2), START).unwrap();
    assert_eq!(world.send_code(BOOLE, BOOLE_PHONE).unwrap_err(), "303 PHONE_MIGRATE_2", "a new number too");
    world.rpc().move_account("15550001", None, START).unwrap();
    assert!(world.sign_in(ADA_2, ADA_PHONE, &hash, &code).is_ok());
}

#[test]
fn the_config_names_the_others() {
    let other = DataCentre { id: 2, address: "127.0.0.1:4432".parse().unwrap() };
    let here = Centres { id: 4, address: "127.0.0.1:4434".parse().unwrap(), others: vec![other] };
    let mut world = World::as_centre(here);
    let enums::Config::Config(config) = world.call(ADA, &functions::help::GetConfig {}).unwrap();
    assert_eq!(config.this_dc, 4);
    let ports: Vec<(i32, i32)> = config
        .dc_options
        .into_iter()
        .map(|option| {
            let enums::DcOption::Option(option) = option;
            (option.id, option.port)
        })
        .collect();
    assert_eq!(ports, [(1, 4434), (2, 4432), (3, 4434), (4, 4434), (5, 4434)]);
    let enums::NearestDc::Dc(nearest) = world.call(ADA, &functions::help::GetNearestDc {}).unwrap();
    assert_eq!((nearest.this_dc, nearest.nearest_dc), (4, 4));
    world.enter(ADA, ADA_PHONE, "Ada");
    assert_eq!(export(&mut world, ADA, 2).unwrap_err(), "400 DC_ID_INVALID");
    assert_eq!(export(&mut world, ADA, 0).unwrap_err(), "400 DC_ID_INVALID");
    assert!(export(&mut world, ADA, 4).is_ok());
}

#[test]
fn a_server_that_is_two_of_them_vouches_for_both() {
    let address = "127.0.0.1:4434".parse().unwrap();
    let others = vec![DataCentre { id: 2, address }, DataCentre { id: 7, address }];
    let mut world = World::as_centre(Centres { id: 4, address, others });
    world.enter(ADA, ADA_PHONE, "Ada");
    for (key, dc_id) in [(SIDE, 2), (SIDE + 1, 7)] {
        let made = export(&mut world, ADA, dc_id).unwrap();
        import(&mut world, key, made.id, made.bytes).unwrap();
        assert_eq!(world.call(key, &me()).unwrap().len(), 1);
    }
    assert_eq!(export(&mut world, ADA, 8).unwrap_err(), "400 DC_ID_INVALID");
}

#[test]
fn an_authorization_is_carried_to_another_key_once() {
    let mut world = World::with_cast();
    let ada = world.by_phone(ADA, ADA_PHONE).id;
    assert_eq!(export(&mut world, SIDE, 1).unwrap_err(), "401 AUTH_KEY_UNREGISTERED");
    let made = export(&mut world, ADA, 3).unwrap();
    assert_eq!(made.id, ada);
    for wrong in [vec![], vec![0; 128], vec![1; 5000]] {
        assert_eq!(import(&mut world, SIDE, ada, wrong).unwrap_err(), "400 AUTH_BYTES_INVALID");
    }
    assert_eq!(import(&mut world, SIDE, ada + 1, made.bytes.clone()).unwrap_err(), "400 USER_ID_INVALID");
    assert_eq!(import(&mut world, SIDE, ada, made.bytes).unwrap_err(), "400 AUTH_BYTES_INVALID", "spent");

    let made = export(&mut world, ADA, 3).unwrap();
    assert_eq!(import(&mut world, SIDE, ada, made.bytes.clone()).unwrap(), ada);
    assert_eq!(import(&mut world, SIDE, ada, made.bytes).unwrap_err(), "400 AUTH_BYTES_INVALID");
    let late = export(&mut world, ADA, 3).unwrap();
    world.now += 60;
    assert_eq!(import(&mut world, BOOLE, ada, late.bytes).unwrap_err(), "400 AUTH_BYTES_INVALID");
}

#[test]
fn what_is_imported_is_no_device_and_ends_with_its_own() {
    let mut world = World::with_cast();
    let ada = world.by_phone(ADA, ADA_PHONE).id;
    let made = export(&mut world, ADA, 1).unwrap();
    import(&mut world, SIDE, ada, made.bytes).unwrap();
    assert_eq!(world.call(SIDE, &me()).unwrap().len(), 1);
    assert_eq!(devices(&mut world, ADA).len(), 1);
    let seen = devices(&mut world, SIDE);
    assert!(seen.len() == 1 && seen[0].current, "it speaks for the device");
    world.request(BOOLE, ADA_PHONE, 5).unwrap();
    assert!(world.pushed(SIDE).is_empty() && !world.pushed(ADA).is_empty());

    let again = export(&mut world, SIDE, 1).unwrap();
    import(&mut world, SIDE + 1, ada, again.bytes).unwrap();
    let unused = export(&mut world, ADA, 1).unwrap();
    world.call(ADA, &functions::auth::LogOut {}).unwrap();
    for key in [SIDE, SIDE + 1] {
        assert_eq!(world.call(key, &me()).unwrap_err(), "401 AUTH_KEY_UNREGISTERED");
    }
    assert_eq!(import(&mut world, SIDE, ada, unused.bytes).unwrap_err(), "400 AUTH_BYTES_INVALID");
}

/// A request for a chat with Boole over Ada's other connection, told to him alone.
fn asked_from_the_side(world: &mut World) {
    let made = export(world, ADA, 1).unwrap();
    import(world, SIDE, made.id, made.bytes).unwrap();
    world.request(SIDE, BOOLE_PHONE, 5).unwrap();
    assert_eq!(world.pushed(BOOLE).len(), 1);
}

#[test]
fn chats_of_what_was_imported_end_with_it() {
    let mut world = World::with_cast();
    asked_from_the_side(&mut world);
    world.call(ADA, &functions::auth::LogOut {}).unwrap();
    assert_eq!(world.pushed(BOOLE).iter().map(chat_of).collect::<Vec<_>>(), [discarded(5, false)]);
}

#[test]
fn requests_over_what_was_imported_go_with_the_account() {
    let mut world = World::with_cast();
    asked_from_the_side(&mut world);
    let gone = world.rpc().delete_account("15550001", START).unwrap();
    assert!(gone.iter().any(|push| push.auth_key_id == BOOLE), "the request is withdrawn");
    for key in [ADA, SIDE] {
        assert_eq!(world.call(key, &me()).unwrap_err(), "401 USER_DEACTIVATED");
    }
}

#[test]
fn exports_are_bounded() {
    let mut world = World::with_cast();
    let first = export(&mut world, ADA, 1).unwrap();
    let other = export(&mut world, BOOLE, 1).unwrap();
    for _ in 0..16 {
        export(&mut world, ADA, 1).unwrap();
    }
    assert_eq!(import(&mut world, SIDE, first.id, first.bytes).unwrap_err(), "400 AUTH_BYTES_INVALID");
    assert_eq!(import(&mut world, SIDE, other.id, other.bytes).unwrap(), other.id);
}

#[test]
fn a_key_that_was_imported_can_sign_in_by_itself() {
    let mut world = World::with_cast();
    let made = export(&mut world, ADA, 1).unwrap();
    import(&mut world, SIDE, made.id, made.bytes).unwrap();
    world.enter(SIDE, ADA_PHONE, "Ada");
    assert_eq!(devices(&mut world, ADA).len(), 2);
    world.call(ADA, &functions::auth::LogOut {}).unwrap();
    assert!(world.call(SIDE, &me()).is_ok());
}
