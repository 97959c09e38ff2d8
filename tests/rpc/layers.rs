//! Clients of older layers: what they are told, in the constructors that they know.
//!
//! Everything that any test of this crate makes the server say is put into layer 198 and parsed as a client of that layer would, by
//! lines that are not the server's. The tests here are about the values, and about who gets which form.

use std::sync::LazyLock;

use grammers_tl_types::{Identifiable, Serializable, enums, functions, types};
use subrosa::server::layers::rewrite;

use crate::tl::{Object, Schema, Value};
use crate::world::*;

static TEXT: &str = include_str!("layer198.tl");
static OLDEST: LazyLock<Schema> = LazyLock::new(|| Schema::of(TEXT));
/// As a client would know them that had learnt every layer, but only one of them at a time.
static EVERY: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(concat!(include_str!("layer198.tl"), include_str!("later.tl"))));

const USER_198: u32 = 0x4b46_c37e;
const USER_216: u32 = 0x020b_1422;
const USER_227: u32 = 0x3177_4388;

/// What the server says to a client of our own layer would be understood by one of layer 198.
pub fn is_understood_by_the_oldest(said: &[u8]) {
    let old = rewrite(198, said.to_vec()).unwrap_or_else(|error| panic!("{error}: {said:02x?}"));
    if let Err(error) = parse(&old) {
        panic!("a client of layer 198 does not understand: {error}: {old:02x?}");
    }
}

/// An answer of any type; of a list, by its first element.
fn parse(bytes: &[u8]) -> Result<Value, String> {
    let word = |at: usize| bytes.get(at..at + 4).map(|word| u32::from_le_bytes(word.try_into().unwrap()));
    if word(0) != Some(0x1cb5_c415) {
        return OLDEST.parse_any(bytes);
    }
    let numbers = OLDEST.parse(bytes, "Vector<long>").or_else(|_| OLDEST.parse(bytes, "Vector<int>"));
    numbers
        .or_else(|_| OLDEST.parse(bytes, "Vector<User>"))
        .or_else(|_| OLDEST.parse(bytes, "Vector<ContactStatus>"))
}

/// A call by a client of layer 198: the answer as it understands it.
fn ask(world: &mut World, key: i64, request: &[u8], wanted: &str) -> Value {
    let answer = world.raw_as_it_is(key, request).unwrap();
    OLDEST.parse(&answer, wanted).unwrap()
}

fn ask_object(world: &mut World, key: i64, request: &impl Serializable, wanted: &str) -> Object {
    ask(world, key, &request.to_bytes(), wanted).object().clone()
}

/// Ada speaks layer 198 and has Boole as a contact, by the name of George.
fn with_an_old_client() -> World {
    let mut world = World::with_cast();
    world.speaks(ADA, 198);
    let contact = [0xf392_b7f4u32.to_bytes(), 7i64.to_bytes(), BOOLE_PHONE.to_owned().to_bytes()];
    let contact = [contact.concat(), "George".to_owned().to_bytes(), "Boole".to_owned().to_bytes()].concat();
    let head =
        [functions::contacts::ImportContacts::CONSTRUCTOR_ID, 0x1cb5_c415, 1].map(|word| word.to_bytes());
    let imported = ask(&mut world, ADA, &[head.concat(), contact].concat(), "contacts.ImportedContacts");
    let imported = imported.object();
    assert_eq!(imported.objects("imported")[0].number("client_id"), 7);
    assert_eq!(imported.objects("users")[0].id, USER_198);
    world
}

#[test]
fn an_old_client_is_told_of_people_in_its_own_words() {
    let mut world = with_an_old_client();
    let contacts =
        ask_object(&mut world, ADA, &functions::contacts::GetContacts { hash: 0 }, "contacts.Contacts");
    let [boole] = contacts.objects("users")[..] else { panic!("one contact") };
    assert_eq!((boole.id, boole.name), (USER_198, "user"));
    assert_eq!((boole.text("first_name"), boole.text("last_name")), ("George", "Boole"));
    assert_eq!((boole.text("phone"), boole.number("contact")), ("15550002", 1));
    assert!(!boole.has("username") && !boole.has("self") && !boole.has("mutual_contact"));
    assert_eq!(boole.object("status").name, "userStatusOffline");

    let input = types::InputUser { user_id: boole.number("id"), access_hash: boole.number("access_hash") };
    let full = functions::users::GetFullUser { id: input.clone().into() };
    let full = ask_object(&mut world, ADA, &full, "users.UserFull");
    assert_eq!(full.object("full_user").id, 0x4d97_5bbc);
    assert_eq!(full.object("full_user").number("id"), boole.number("id"));
    assert_eq!(full.object("full_user").object("settings").id, 0xacd6_6c5e);
    assert_eq!(full.objects("users"), [boole]);

    let users = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf, input.into()] };
    let users = ask(&mut world, ADA, &users.to_bytes(), "Vector<User>");
    let Value::List(users) = users else { panic!("a list") };
    assert_eq!((users[0].object().id, users[0].object().number("self")), (USER_198, 1));
    assert_eq!(users[1].object(), boole);

    let signed_in = world.send_code(ADA_2, ADA_PHONE).unwrap();
    world.speaks(ADA_2, 199);
    let code = world.last_code().1;
    let request = functions::auth::SignIn {
        phone_number: ADA_PHONE.to_owned(),
        phone_code_hash: signed_in,
        phone_code: Some(code),
        email_verification: None,
    };
    let done = ask_object(&mut world, ADA_2, &request, "auth.Authorization");
    assert_eq!(done.object("user").id, USER_198);
}

#[test]
fn the_search_of_older_layers_is_understood() {
    let mut world = with_an_old_client();
    let request = [0x11f8_12d8u32.to_bytes(), "george".to_owned().to_bytes(), 10i32.to_bytes()].concat();
    let found = ask(&mut world, ADA, &request, "contacts.Found");
    assert_eq!(found.object().objects("my_results").len(), 1);
    assert_eq!(found.object().objects("users")[0].text("first_name"), "George");
    assert_eq!(
        world.raw_as_it_is(ADA, &request[..request.len() - 4]).unwrap_err(),
        "400 INPUT_REQUEST_INVALID"
    );
}

#[test]
fn each_device_hears_of_a_chat_in_its_own_layer() {
    let mut world = World::with_cast();
    world.speaks(BOOLE, 198);
    world.speaks(BOOLE_2, 216);
    world.speaks(BOOLE_3, 231);
    world.request(ADA, BOOLE_PHONE, 7).unwrap();

    let [old] = &world.pushed_raw(BOOLE)[..] else { panic!("one push") };
    let updates = OLDEST.parse(old, "Updates").unwrap();
    let [update] = updates.object().objects("updates")[..] else { panic!("one update") };
    assert_eq!(update.object("chat").name, "encryptedChatRequested");
    assert_eq!(update.object("chat").number("id"), 7);
    let users = updates.object().objects("users");
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [USER_198; 2]);

    let [middle] = &world.pushed_raw(BOOLE_2)[..] else { panic!("one push") };
    assert!(contains(middle, USER_216) && !contains(middle, USER_198));
    let [new] = &world.pushed_raw(BOOLE_3)[..] else { panic!("one push") };
    assert!(contains(new, types::User::CONSTRUCTOR_ID));

    // What it has missed comes in the same form.
    let request = functions::updates::GetDifference {
        pts: 1,
        pts_limit: None,
        pts_total_limit: None,
        date: 1,
        qts: 1,
        qts_limit: None,
    };
    let missed = ask_object(&mut world, BOOLE, &request, "updates.Difference");
    assert_eq!(missed.objects("other_updates")[0].object("chat").number("id"), 7);
    assert_eq!(missed.objects("users")[0].id, USER_198);
}

fn contains(bytes: &[u8], id: u32) -> bool {
    bytes.chunks(4).any(|word| word == id.to_le_bytes())
}

#[test]
fn a_layer_is_remembered_with_the_key_until_another_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter(ADA, ADA_PHONE, "Ada");
    world.speaks(ADA, 198);
    let copy = after_a_crash(folder.path());
    drop(world);

    let mut world = World::in_folder(copy.path());
    let me = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] }.to_bytes();
    assert!(contains(&world.raw_as_it_is(ADA, &me).unwrap(), USER_198));
    for (layer, id) in [(216, USER_216), (227, USER_227), (230, types::User::CONSTRUCTOR_ID), (1, USER_198)] {
        world.speaks(ADA, layer);
        let answer = world.raw_as_it_is(ADA, &me).unwrap();
        assert_eq!(answer[8..12], id.to_le_bytes(), "{layer}");
    }
}

/// A user of whom everything is known that this program may ever say.
fn somebody() -> types::User {
    let mut world = World::with_cast();
    let user = world.by_phone(ADA, ADA_PHONE);
    let username = types::Username {
        editable: true,
        active: false,
        deletable: false,
        expired: false,
        username: "ada".into(),
    };
    types::User {
        bot: true,
        bot_info_version: Some(3),
        verified: true,
        restricted: true,
        restriction_reason: Some(Vec::new()),
        bot_guard: true,
        bot_business: true,
        username: Some("ada".into()),
        lang_code: Some("en".into()),
        usernames: Some(vec![username.into()]),
        stories_max_id: Some(types::RecentStory { live: false, max_id: Some(5) }.into()),
        bot_active_users: Some(9),
        bot_verification_icon: Some(10),
        send_paid_messages_stars: Some(11),
        linked_community_id: Some(12),
        ..user
    }
}

#[test]
fn what_a_layer_does_not_know_is_left_out_and_nothing_else() {
    let whole = somebody();
    let user: enums::User = whole.clone().into();
    let old = rewrite(198, user.to_bytes()).unwrap();
    let old = OLDEST.parse(&old, "User").unwrap();
    let old = old.object();
    assert_eq!((old.number("id"), old.number("access_hash")), (whole.id, whole.access_hash.unwrap()));
    assert_eq!((old.number("bot_info_version"), old.number("bot"), old.number("verified")), (3, 1, 1));
    assert_eq!((old.text("username"), old.text("lang_code"), old.text("first_name")), ("ada", "en", "Ada"));
    assert_eq!((old.objects("usernames")[0].text("username"), old.number("bot_business")), ("ada", 1));
    assert_eq!((old.number("bot_active_users"), old.number("bot_verification_icon")), (9, 10));
    assert!(!old.has("stories_max_id") && !old.has("bot_guard"), "another type, and not known");

    let of_layer = |layer| {
        let bytes = rewrite(layer, user.to_bytes()).unwrap();
        EVERY.parse(&bytes, "User").unwrap().object().clone()
    };
    for (layer, id) in [(200, USER_216), (216, USER_216), (217, USER_227), (227, USER_227)] {
        let old = of_layer(layer);
        assert_eq!((old.id, old.number("send_paid_messages_stars")), (id, 11), "{layer}");
        assert_eq!((old.has("stories_max_id"), old.has("linked_community_id")), (layer >= 217, false));
    }
    let new = of_layer(228);
    assert_eq!((new.id, new.number("linked_community_id")), (types::User::CONSTRUCTOR_ID, 12));
}

#[test]
fn the_details_of_a_user_have_the_form_of_every_layer() {
    let mut world = World::with_cast();
    let about = functions::account::UpdateProfile {
        first_name: None,
        last_name: None,
        about: Some("of some".to_owned()),
    };
    world.call(ADA, &about).unwrap();
    let request = functions::users::GetFullUser { id: enums::InputUser::UserSelf };
    let mut seen = Vec::new();
    for layer in 198..=231 {
        world.speaks(ADA, layer);
        let answer = world.raw_as_it_is(ADA, &request.to_bytes()).unwrap();
        let answer =
            EVERY.parse(&answer, "users.UserFull").unwrap_or_else(|error| panic!("{layer}: {error}"));
        let full = answer.object().object("full_user");
        assert_eq!(full.text("about"), "of some", "{layer}");
        assert_eq!(full.object("notify_settings").name, "peerNotifySettings");
        if seen.last() != Some(&full.id) {
            seen.push(full.id);
        }
    }
    assert_eq!(seen.len(), 9, "{seen:x?}");
}

/// An update that no test brings about would reach nobody who speaks an older layer.
#[test]
fn every_update_that_is_made_can_be_rewritten() {
    let known = include_str!("../../src/server/layers/constructors.tl");
    let mut made = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/rpc")).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for (mark, head) in [("types::Update", "update"), ("enums::Update::", "update")] {
            let names = source.split(mark).skip(1).map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                format!("{head}{}", &rest[..end])
            });
            made.extend(names);
        }
    }
    assert!(made.contains(&"updateEncryption".to_owned()), "{made:?}");
    for name in made {
        assert!(
            known.lines().any(|line| line.starts_with(&format!("{name}#"))),
            "{name} is not in the table"
        );
    }
}
