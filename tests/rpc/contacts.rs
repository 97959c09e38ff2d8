//! People: access hashes, contacts, usernames, search, blocking, presence.

use grammers_tl_types::{enums, functions, types};

use crate::world::*;

fn import(world: &mut World, key: i64, entries: &[(i64, &str, &str)]) -> types::contacts::ImportedContacts {
    let contacts = entries
        .iter()
        .map(|(client_id, phone, first_name)| {
            types::InputPhoneContact {
                client_id: *client_id,
                phone: (*phone).to_owned(),
                first_name: (*first_name).to_owned(),
                last_name: String::new(),
                note: None,
            }
            .into()
        })
        .collect();
    let request = functions::contacts::ImportContacts { contacts };
    let enums::contacts::ImportedContacts::Contacts(imported) = world.call(key, &request).unwrap();
    imported
}

fn contacts(world: &mut World, key: i64) -> (Vec<(i64, bool)>, Vec<types::User>) {
    let enums::contacts::Contacts::Contacts(list) =
        world.call(key, &functions::contacts::GetContacts { hash: 0 }).unwrap()
    else {
        panic!("not modified?");
    };
    let rows = list.contacts.into_iter().map(|contact| {
        let enums::Contact::Contact(contact) = contact;
        (contact.user_id, contact.mutual)
    });
    (rows.collect(), list.users.into_iter().map(user).collect())
}

fn peer(user: &types::User) -> enums::InputPeer {
    types::InputPeerUser { user_id: user.id, access_hash: user.access_hash.unwrap() }.into()
}

#[test]
fn access_hashes_differ_for_every_viewer_and_are_checked() {
    let mut world = World::with_cast();
    let seen_by_ada = world.by_phone(ADA, BOOLE_PHONE);
    let seen_by_curie = world.by_phone(CURIE, BOOLE_PHONE);
    assert_eq!(seen_by_ada.id, seen_by_curie.id);
    assert_ne!(seen_by_ada.access_hash, seen_by_curie.access_hash);

    let ask = |user: &types::User| functions::users::GetUsers { id: vec![input(user)] };
    assert_eq!(user(world.call(ADA, &ask(&seen_by_ada)).unwrap()[0].clone()), seen_by_ada);
    let stolen = world.call(ADA, &ask(&seen_by_curie)).unwrap();
    assert_eq!(stolen, [types::UserEmpty { id: seen_by_ada.id }.into()]);

    let many = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf; 101] };
    assert_eq!(world.call(ADA, &many).unwrap_err(), "400 LIMIT_INVALID");
}

#[test]
fn contacts_are_imported_listed_and_deleted() {
    let mut world = World::with_cast();
    let imported = import(
        &mut world,
        ADA,
        &[(10, "+1-555-0002", "George"), (11, "+1 555 9999", "Nobody"), (12, ADA_PHONE, "Myself")],
    );
    let boole = world.by_phone(ADA, BOOLE_PHONE);
    assert_eq!(imported.imported, [types::ImportedContact { user_id: boole.id, client_id: 10 }.into()]);

    let (rows, users) = contacts(&mut world, ADA);
    assert_eq!(rows, [(boole.id, false)]);
    assert_eq!(users[0].first_name.as_deref(), Some("George"), "by the name Ada gave");
    assert_eq!(users[0].phone.as_deref(), Some("15550002"));
    assert!(users[0].contact && !users[0].mutual_contact);
    assert_eq!(world.by_phone(CURIE, BOOLE_PHONE).phone, None, "not a contact of Curie's");

    import(&mut world, BOOLE, &[(1, ADA_PHONE, "Countess")]);
    assert_eq!(contacts(&mut world, ADA).0, [(boole.id, true)]);

    let delete = functions::contacts::DeleteContacts { id: vec![input(&boole)] };
    world.call(ADA, &delete).unwrap();
    assert_eq!(contacts(&mut world, ADA).0, []);
    assert_eq!(world.by_phone(ADA, BOOLE_PHONE).first_name.as_deref(), Some("Boole"));
}

#[test]
fn a_person_found_by_username_becomes_a_contact() {
    let mut world = World::with_cast();
    let name = |username: &str| functions::account::UpdateUsername { username: username.to_owned() };
    let find = |username: &str| functions::contacts::ResolveUsername {
        username: username.to_owned(),
        referer: None,
    };
    assert_eq!(world.call(ADA, &find("boole_g")).unwrap_err(), "400 USERNAME_NOT_OCCUPIED");
    world.call(BOOLE, &name("Boole_G")).unwrap();
    let enums::contacts::ResolvedPeer::Peer(found) = world.call(ADA, &find("boole_g")).unwrap();
    let boole = user(found.users[0].clone());
    assert_eq!(boole.username.as_deref(), Some("Boole_G"));

    assert_eq!(world.call(BOOLE, &name("Boole_G")).unwrap_err(), "400 USERNAME_NOT_MODIFIED");
    assert_eq!(world.call(CURIE, &name("bOOLE_g")).unwrap_err(), "400 USERNAME_OCCUPIED");
    for bad in ["abcd", "1abcde", "with space", "umläut", &"x".repeat(33)] {
        assert_eq!(world.call(CURIE, &name(bad)).unwrap_err(), "400 USERNAME_INVALID", "{bad}");
    }
    let check = functions::account::CheckUsername { username: "boole_G".to_owned() };
    assert!(!world.call(CURIE, &check).unwrap());

    let add = functions::contacts::AddContact {
        add_phone_privacy_exception: false,
        id: input(&boole),
        first_name: "George".to_owned(),
        last_name: "Boole".to_owned(),
        phone: String::new(),
        note: None,
    };
    let enums::Updates::Updates(answer) = world.call(ADA, &add).unwrap() else { panic!("no container") };
    assert_eq!(user(answer.users[0].clone()).last_name.as_deref(), Some("Boole"));
    assert_eq!(contacts(&mut world, ADA).0, [(boole.id, false)]);

    world.call(BOOLE, &name("")).unwrap();
    assert_eq!(world.call(ADA, &find("boole_g")).unwrap_err(), "400 USERNAME_NOT_OCCUPIED");
}

#[test]
fn search_finds_contacts_by_name_and_others_by_username() {
    let mut world = World::with_cast();
    import(&mut world, ADA, &[(1, BOOLE_PHONE, "Marie-George")]);
    let name = functions::account::UpdateUsername { username: "marie_curie".to_owned() };
    world.call(CURIE, &name).unwrap();
    let search =
        |q: &str| functions::contacts::Search { broadcasts: false, bots: false, q: q.to_owned(), limit: 10 };
    let enums::contacts::Found::Found(found) = world.call(ADA, &search("@MARIE")).unwrap();
    let boole = world.by_phone(ADA, BOOLE_PHONE).id;
    let curie = world.by_phone(ADA, CURIE_PHONE).id;
    assert_eq!(found.my_results, [types::PeerUser { user_id: boole }.into()]);
    assert_eq!(found.results, [types::PeerUser { user_id: curie }.into()]);
    assert_eq!(found.users.len(), 2);
    assert_eq!(world.call(ADA, &search("ma")).unwrap_err(), "400 QUERY_TOO_SHORT");
}

#[test]
fn names_are_bounded_and_otherwise_left_as_they_are() {
    let mut world = World::with_cast();
    let profile = |first: Option<&str>, about: Option<String>| functions::account::UpdateProfile {
        first_name: first.map(str::to_owned),
        last_name: None,
        about,
    };
    let hostile = "\u{1b}]52;c;aGk=\u{7}A\u{202e}da";
    let renamed = user(world.call(ADA, &profile(Some(hostile), None)).unwrap());
    assert_eq!(renamed.first_name.as_deref(), Some(hostile));
    let long = "x".repeat(65);
    assert_eq!(world.call(ADA, &profile(Some(&long), None)).unwrap_err(), "400 FIRSTNAME_INVALID");
    assert_eq!(world.call(ADA, &profile(None, Some("x".repeat(71)))).unwrap_err(), "400 ABOUT_TOO_LONG");
}

fn statuses(world: &mut World, key: i64) -> Vec<enums::UserStatus> {
    world
        .pushed(key)
        .into_iter()
        .map(|update| match update {
            enums::Update::UserStatus(update) => update.status,
            other => panic!("no status: {other:?}"),
        })
        .collect()
}

#[test]
fn presence_is_told_to_those_who_have_the_contact() {
    let mut world = World::with_cast();
    import(&mut world, ADA, &[(1, BOOLE_PHONE, "George")]);
    let status = |offline| functions::account::UpdateStatus { offline };
    world.call(BOOLE, &status(false)).unwrap();
    let online: enums::UserStatus = types::UserStatusOnline { expires: START + 300 }.into();
    assert_eq!(statuses(&mut world, ADA), std::slice::from_ref(&online));
    assert_eq!(statuses(&mut world, CURIE), []);
    assert_eq!(statuses(&mut world, BOOLE), []);
    assert_eq!(world.by_phone(ADA, BOOLE_PHONE).status, Some(online.clone()));

    world.call(BOOLE_2, &status(false)).unwrap();
    assert_eq!(statuses(&mut world, ADA), [], "online as before");
    world.offline(BOOLE);
    assert_eq!(statuses(&mut world, ADA), [], "still online at the other device");
    world.now += 5;
    world.offline(BOOLE_2);
    let offline: enums::UserStatus = types::UserStatusOffline { was_online: START + 5 }.into();
    assert_eq!(statuses(&mut world, ADA), [offline]);
    world.offline(BOOLE_2);
    world.call(BOOLE_2, &status(true)).unwrap();
    assert_eq!(statuses(&mut world, ADA), [], "nothing has changed");

    world.call(BOOLE, &status(false)).unwrap();
    world.pushed(ADA);
    world.now += 400;
    let lapsed: enums::UserStatus = types::UserStatusOffline { was_online: START + 305 }.into();
    assert_eq!(world.by_phone(ADA, BOOLE_PHONE).status, Some(lapsed), "without a word for too long");
}

#[test]
fn the_blocked_see_no_presence_and_start_no_chat() {
    let mut world = World::with_cast();
    import(&mut world, ADA, &[(1, BOOLE_PHONE, "George")]);
    let chat = world.live_chat(3);
    let ada = world.by_phone(BOOLE, ADA_PHONE);
    let block = functions::contacts::Block { my_stories_from: false, id: peer(&ada) };
    assert!(world.call(BOOLE, &block).unwrap());

    world.call(BOOLE, &functions::account::UpdateStatus { offline: false }).unwrap();
    assert_eq!(statuses(&mut world, ADA), []);
    assert_eq!(world.by_phone(ADA, BOOLE_PHONE).status, None);
    assert_eq!(world.request(ADA, BOOLE_PHONE, 4).unwrap_err(), "403 USER_IS_BLOCKED");
    assert_eq!(world.send(chat, 1, envelope(1)).unwrap_err(), "403 USER_IS_BLOCKED");

    let unblock = functions::contacts::Unblock { my_stories_from: false, id: peer(&ada) };
    assert!(world.call(BOOLE, &unblock).unwrap());
    world.request(ADA, BOOLE_PHONE, 4).unwrap();
    world.send(chat, 1, envelope(1)).unwrap();

    let nobody = functions::contacts::Block { my_stories_from: false, id: enums::InputPeer::Empty };
    assert_eq!(world.call(BOOLE, &nobody).unwrap_err(), "400 PEER_ID_INVALID");
}
