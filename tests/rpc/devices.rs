//! What the list of devices says of each.

use grammers_tl_types::{enums, functions, types};
use subrosa::server::rpc::Caller;
use subrosa::server::store::DeviceRow;

use crate::world::*;

fn device(model: &str, system_version: &str) -> DeviceRow {
    DeviceRow {
        api_id: 7,
        model: model.to_owned(),
        system_version: system_version.to_owned(),
        app_version: "1.2.3".to_owned(),
        ip: "192.0.2.4".to_owned(),
    }
}

fn list(world: &mut World, key: i64) -> Vec<types::Authorization> {
    let enums::account::Authorizations::Authorizations(all) =
        world.call(key, &functions::account::GetAuthorizations {}).unwrap();
    let one = |one| match one {
        enums::Authorization::Authorization(one) => one,
    };
    all.authorizations.into_iter().map(one).collect()
}

#[test]
fn devices_are_listed_by_what_they_said_last() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    let (now, caller) = (world.now, Caller { auth_key_id: ADA });
    world.rpc().introduce_device(caller, &device("Old", "Linux 6.1"), now);
    world.enter(ADA, ADA_PHONE, "Ada");
    world.rpc().introduce_device(caller, &device("Engine", "Debian Linux 13"), now);
    world.now += 50;
    world.enter(ADA_2, ADA_PHONE, "Ada");
    drop(world);
    let mut world = World::in_folder(folder.path());
    world.now = now + 60;
    let all = list(&mut world, ADA);
    let [mine, other] = &all[..] else { panic!("{all:?}") };
    assert!(mine.current && mine.hash == 0 && !other.current && other.hash != 0);
    assert_eq!((mine.device_model.as_str(), mine.system_version.as_str()), ("Engine", "Debian Linux 13"));
    assert_eq!((mine.platform.as_str(), mine.app_version.as_str(), mine.api_id), ("Linux", "1.2.3", 7));
    assert_eq!((mine.app_name.as_str(), mine.ip.as_str()), ("Application 7", "192.0.2.4"));
    assert_eq!((mine.date_created, mine.date_active, other.date_created), (START, START, START + 50));
    assert_eq!((other.device_model.as_str(), other.api_id), ("", 0), "it said nothing");

    world.call(ADA, &functions::account::UpdateStatus { offline: false }).unwrap();
    assert_eq!(list(&mut world, ADA_2)[0].date_active, START + 60);
}

#[test]
fn platforms_are_known_by_the_systems_version() {
    let mut world = World::new();
    world.enter(ADA, ADA_PHONE, "Ada");
    for (version, platform) in [
        ("SDK 34", "Android"),
        ("iOS 18", "iOS"),
        ("macOS 15", "macOS"),
        ("Windows 11", "Windows"),
        ("?", ""),
    ] {
        let now = world.now;
        world.rpc().introduce_device(Caller { auth_key_id: ADA }, &device("m", version), now);
        assert_eq!(list(&mut world, ADA)[0].platform, platform);
    }
}

#[test]
fn a_device_keeps_its_word_on_secret_chats() {
    let mut world = World::with_cast();
    let change = functions::account::ChangeAuthorizationSettings {
        confirmed: false,
        hash: 0,
        encrypted_requests_disabled: Some(true),
        call_requests_disabled: None,
    };
    assert!(!list(&mut world, ADA)[0].encrypted_requests_disabled);
    world.call(ADA, &change).unwrap();
    assert!(list(&mut world, ADA)[0].encrypted_requests_disabled);
    let back = functions::account::ChangeAuthorizationSettings {
        encrypted_requests_disabled: Some(false),
        ..change.clone()
    };
    world.call(ADA, &back).unwrap();
    assert!(!list(&mut world, ADA)[0].encrypted_requests_disabled);
}

#[test]
fn what_was_said_under_no_key_is_forgotten() {
    const STRANGER: i64 = 0x51;
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter(ADA, ADA_PHONE, "Ada");
    for key in [ADA, STRANGER] {
        world.rpc().introduce_device(Caller { auth_key_id: key }, &device("m", "Linux"), START);
    }
    world.rpc().forget_keys(&|_| false, START);
    assert_eq!(list(&mut world, ADA)[0].device_model, "m");
    drop(world);
    let database = rusqlite::Connection::open(folder.path().join("server.sqlite")).unwrap();
    let kept: Vec<i64> = database
        .prepare("SELECT auth_key_id FROM devices")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(kept, [ADA]);
}
