//! People who are there without having signed up, and lists they are put on.

#![allow(clippy::unwrap_used, clippy::panic)]

use grammers_tl_types::{enums, functions};
use subrosa::server::rpc::Resident;

use crate::world::*;

fn resident(phone: &str, first_name: &str, seen: i32) -> Resident {
    Resident { phone: phone.into(), first_name: first_name.into(), seen, ..Resident::default() }
}

fn contacts(world: &mut World, key: i64) -> Vec<(Option<String>, Option<enums::UserStatus>)> {
    let list = world.call(key, &functions::contacts::GetContacts { hash: 0 }).unwrap();
    let enums::contacts::Contacts::Contacts(list) = list else { panic!("not modified?") };
    let users = list.users.into_iter().map(user);
    users.map(|user| (user.first_name, user.status)).collect()
}

#[test]
fn residents_are_found_on_the_list_with_their_presence() {
    let mut world = World::new();
    let phones: Vec<String> = ["49301", "49302"].map(String::from).into();
    let people = [resident("49301", "Dirac", START - 100), resident("49302", "Emmy", START + 100)];
    assert_eq!(world.rpc().settle(&people, START).unwrap(), []);
    world.enter(ADA, ADA_PHONE, "Ada");
    assert_eq!(contacts(&mut world, ADA), []);

    let pushes = world.rpc().introduce(&phones, "15550001", START).unwrap();
    let [push] = &pushes[..] else { panic!("{pushes:?}") };
    assert_eq!(push.auth_key_id, ADA);
    let enums::Updates::Updates(news) = whole(&push.updates) else { panic!("another container") };
    assert!(news.users.into_iter().map(user).all(|user| user.contact));

    let [(dirac, dirac_seen), (emmy, emmy_seen)] = &contacts(&mut world, ADA)[..] else { panic!("not two") };
    assert_eq!((dirac.as_deref(), emmy.as_deref()), (Some("Dirac"), Some("Emmy")));
    let Some(enums::UserStatus::Offline(dirac)) = dirac_seen else { panic!("{dirac_seen:?}") };
    let Some(enums::UserStatus::Online(emmy)) = emmy_seen else { panic!("{emmy_seen:?}") };
    assert_eq!((dirac.was_online, emmy.expires), (START - 100, START + 100));
}

#[test]
fn all_are_settled_or_none() {
    let mut world = World::new();
    let people = [resident("49301", "Dirac", START), resident("49301", "Dirac again", START)];
    assert!(world.rpc().settle(&people, START).is_err());
    assert!(world.rpc().settle(&people[..1], START).is_ok(), "the number is free");
}

#[test]
fn introducing_strangers_changes_nothing() {
    let mut world = World::new();
    world.enter(ADA, ADA_PHONE, "Ada");
    assert_eq!(world.rpc().introduce(&["49309".into()], "49301", START).unwrap(), []);
    world.rpc().introduce(&["49309".into()], "15550001", START).unwrap();
    assert_eq!(contacts(&mut world, ADA), []);
}
