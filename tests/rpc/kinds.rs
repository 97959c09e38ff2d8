//! Users who are not simply people: bots, the deleted, and those who hide when they were online. And lists at their limits.

use grammers_tl_types::{enums, functions, types};
use subrosa::server::rpc::Resident;

use crate::world::*;

const DAY: i32 = 24 * 60 * 60;

/// Ada, and on her list whoever these are; with what everybody is called.
fn with_acquaintances(people: &[(&str, &str, i32)]) -> World {
    let mut world = World::new();
    world.enter(ADA, ADA_PHONE, "Ada");
    let residents: Vec<Resident> = people
        .iter()
        .map(|(phone, name, seen)| Resident {
            phone: (*phone).to_owned(),
            first_name: (*name).to_owned(),
            last_name: String::new(),
            username: Some(format!("{name}_known")),
            seen: *seen,
        })
        .collect();
    world.rpc().settle(&residents, START).unwrap();
    let phones: Vec<String> = people.iter().map(|(phone, ..)| (*phone).to_owned()).collect();
    world.rpc().introduce(&phones, "15550001", START).unwrap();
    world
}

fn listed(world: &mut World) -> Vec<types::User> {
    let list = world.call(ADA, &functions::contacts::GetContacts { hash: 0 }).unwrap();
    let enums::contacts::Contacts::Contacts(list) = list else { panic!("not modified?") };
    list.users.into_iter().map(user).collect()
}

fn statuses(world: &mut World) -> Vec<enums::UserStatus> {
    let statuses = world.call(ADA, &functions::contacts::GetStatuses {}).unwrap();
    statuses.into_iter().map(|enums::ContactStatus::Status(row)| row.status).collect()
}

#[test]
fn a_bot_is_shown_as_one_and_takes_part_in_no_secret_chat() {
    let mut world = with_acquaintances(&[("49301", "Robot", START - 5)]);
    let pushes = world.rpc().make_bot("49301", START).unwrap();
    let [push] = &pushes[..] else { panic!("{pushes:?}") };
    let enums::Updates::Updates(news) = whole(&push.updates) else { panic!("another container") };
    assert!(push.auth_key_id == ADA && user(news.users[0].clone()).bot);

    let [bot] = &listed(&mut world)[..] else { panic!("not one") };
    assert!(bot.bot && bot.contact && bot.bot_info_version.is_some());
    assert_eq!((bot.phone.as_deref(), bot.status.clone()), (None, None));
    assert_eq!(statuses(&mut world), []);

    let ask = functions::messages::RequestEncryption { user_id: input(bot), random_id: 9, g_a: g(1) };
    assert_eq!(world.call(ADA, &ask).unwrap_err(), "400 USER_ID_INVALID");
    let phone = functions::contacts::ResolvePhone { phone: "49301".to_owned() };
    assert_eq!(world.call(ADA, &phone).unwrap_err(), "400 PHONE_NOT_OCCUPIED");
    let by_name = functions::contacts::ResolveUsername { username: "robot_known".to_owned(), referer: None };
    let enums::contacts::ResolvedPeer::Peer(found) = world.call(ADA, &by_name).unwrap();
    assert_eq!(user(found.users[0].clone()).id, bot.id);
    assert!(world.rpc().make_bot("49999", START).is_err());
}

#[test]
fn a_search_may_be_for_bots_alone() {
    let mut world = with_acquaintances(&[("49301", "Robot", START), ("49302", "Robert", START)]);
    world.rpc().make_bot("49301", START).unwrap();
    let mut found = |broadcasts, bots| {
        let q = "rob".to_owned();
        let request = functions::contacts::Search { broadcasts, bots, q, limit: 10 };
        let enums::contacts::Found::Found(found) = world.call(ADA, &request).unwrap();
        let names: Vec<_> = found.users.into_iter().map(|found| user(found).first_name.unwrap()).collect();
        names
    };
    assert_eq!(found(false, false), ["Robot", "Robert"]);
    assert_eq!(found(false, true), ["Robot"]);
    assert_eq!(found(true, false), Vec::<String>::new());
}

#[test]
fn the_deleted_stay_on_the_list_without_a_name_or_a_status() {
    let mut world = with_acquaintances(&[("49301", "Dirac", START - 5), ("49302", "Emmy", START - 6)]);
    world.rpc().delete_account("49301", START).unwrap();
    let [dirac, emmy] = &listed(&mut world)[..] else { panic!("not two") };
    assert!(dirac.deleted && dirac.contact && !emmy.deleted);
    assert_eq!((dirac.first_name.as_deref(), dirac.status.clone()), (None, None));
    assert_eq!(statuses(&mut world), [types::UserStatusOffline { was_online: START - 6 }.into()]);
    let ask = functions::messages::RequestEncryption { user_id: input(dirac), random_id: 9, g_a: g(1) };
    assert_eq!(world.call(ADA, &ask).unwrap_err(), "400 INPUT_USER_DEACTIVATED");
}

#[test]
fn whoever_runs_the_server_can_put_somebody_on_a_block_list() {
    let mut world = with_acquaintances(&[("49301", "Dirac", START - 5)]);
    let owner = "15550001";
    world.rpc().block("49301", owner, START).unwrap();
    let ask = functions::contacts::GetBlocked { my_stories_from: false, offset: 0, limit: 10 };
    let enums::contacts::Blocked::Blocked(list) = world.call(ADA, &ask).unwrap() else { panic!("a slice") };
    let dirac = listed(&mut world)[0].id;
    let enums::PeerBlocked::Blocked(row) = &list.blocked[0];
    assert_eq!((list.blocked.len(), &row.peer_id), (1, &types::PeerUser { user_id: dirac }.into()));
    assert!(world.rpc().block("49999", owner, START).is_err());
}

#[test]
fn who_hides_it_was_online_roughly_then() {
    let people = [
        ("49301", "Online", START + 100),
        ("49302", "Recent", START - 3 * DAY),
        ("49303", "Weekly", START - 3 * DAY - 1),
        ("49304", "Month_", START - 7 * DAY - 1),
        ("49305", "Long__", START - 30 * DAY - 1),
    ];
    let mut world = with_acquaintances(&people);
    assert_eq!(statuses(&mut world)[1], types::UserStatusOffline { was_online: START - 3 * DAY }.into());
    for (phone, ..) in people {
        world.rpc().hide_presence(phone, true, START).unwrap();
    }
    let expected: [enums::UserStatus; 5] = [
        types::UserStatusRecently { by_me: false }.into(),
        types::UserStatusRecently { by_me: false }.into(),
        types::UserStatusLastWeek { by_me: false }.into(),
        types::UserStatusLastMonth { by_me: false }.into(),
        enums::UserStatus::Empty,
    ];
    assert_eq!(statuses(&mut world), expected);
    let seen: Vec<_> = listed(&mut world).into_iter().map(|user| user.status.unwrap()).collect();
    assert_eq!(seen, expected);
    world.rpc().hide_presence("49302", false, START).unwrap();
    assert_eq!(statuses(&mut world)[1], types::UserStatusOffline { was_online: START - 3 * DAY }.into());
}

#[test]
fn coming_and_going_is_not_told_of_who_hides_it_but_is_kept() {
    let mut world = World::with_cast();
    let boole = world.by_phone(ADA, BOOLE_PHONE);
    let add = functions::contacts::AddContact {
        add_phone_privacy_exception: false,
        id: input(&boole),
        first_name: "George".to_owned(),
        last_name: String::new(),
        phone: String::new(),
        note: None,
    };
    world.call(ADA, &add).unwrap();
    world.rpc().hide_presence("15550002", true, START).unwrap();
    world.call(BOOLE, &functions::account::UpdateStatus { offline: false }).unwrap();
    world.now += 7;
    world.offline(BOOLE);
    assert_eq!(world.pushed(ADA), []);
    let offline = types::UserStatusOffline { was_online: START + 7 };
    assert_eq!(world.by_phone(BOOLE_2, BOOLE_PHONE).status, Some(offline.clone().into()), "one's own");
    world.rpc().hide_presence("15550002", false, START).unwrap();
    assert_eq!(world.by_phone(ADA, BOOLE_PHONE).status, Some(offline.into()));
}

#[test]
fn what_does_not_fit_is_to_be_imported_later() {
    let people: Vec<Resident> = (0..1_002)
        .map(|n| Resident { phone: format!("49{n:04}"), first_name: format!("N{n}"), ..Resident::default() })
        .collect();
    let mut world = World::new();
    world.enter(ADA, ADA_PHONE, "Ada");
    world.rpc().settle(&people, START).unwrap();
    let mut import = |numbers: std::ops::Range<i64>| {
        let contacts = numbers.map(|n| {
            types::InputPhoneContact {
                client_id: n,
                phone: format!("49{n:04}"),
                first_name: format!("Name {n}"),
                last_name: String::new(),
                note: None,
            }
            .into()
        });
        let request = functions::contacts::ImportContacts { contacts: contacts.collect() };
        let enums::contacts::ImportedContacts::Contacts(imported) = world.call(ADA, &request).unwrap();
        (imported.imported.len(), imported.retry_contacts)
    };
    assert_eq!(import(0..502), (500, vec![500, 501]), "so many at a time");
    assert_eq!(import(500..999), (499, vec![]));
    assert_eq!(import(998..1_002), (2, vec![1_000, 1_001]), "one was there, for one there was room");

    let ids = world.call(ADA, &functions::contacts::GetContactIds { hash: 0 }).unwrap();
    assert_eq!(ids.len(), 1_000);
    let by_number = functions::contacts::DeleteByPhones { phones: vec!["+49 0000".into(), "nobody".into()] };
    assert!(world.call(ADA, &by_number).unwrap());
    let left = world.call(ADA, &functions::contacts::GetContactIds { hash: 0 }).unwrap();
    assert_eq!(left, ids[1..]);
    let many = functions::contacts::DeleteByPhones { phones: vec![String::new(); 501] };
    assert_eq!(world.call(ADA, &many).unwrap_err(), "400 LIMIT_INVALID");
}

#[test]
fn what_does_not_exist_is_honestly_empty() {
    let mut world = World::with_cast();
    assert!(world.call(ADA, &functions::contacts::ResetSaved {}).unwrap());
    assert_eq!(world.call(ADA, &functions::contacts::GetSaved {}).unwrap_err(), "403 TAKEOUT_REQUIRED");
    let top = functions::contacts::GetTopPeers {
        correspondents: true,
        bots_pm: false,
        bots_inline: false,
        phone_calls: false,
        forward_users: false,
        forward_chats: false,
        groups: false,
        channels: false,
        bots_app: false,
        bots_guestchat: false,
        offset: 0,
        limit: 10,
        hash: 0,
    };
    assert_eq!(world.call(ADA, &top).unwrap(), enums::contacts::TopPeers::Disabled);
    let enums::contacts::ContactBirthdays::Birthdays(none) =
        world.call(ADA, &functions::contacts::GetBirthdays {}).unwrap();
    assert!(none.contacts.is_empty() && none.users.is_empty());
}
