//! Codes, sign-up, sign-out, and what an unknown caller gets.

use grammers_tl_types::{enums, functions, types};

use crate::world::*;

const UNREGISTERED: &str = "401 AUTH_KEY_UNREGISTERED";

#[test]
fn a_new_number_signs_up_after_the_right_code() {
    let mut world = World::new();
    let hash = world.send_code(ADA, ADA_PHONE).unwrap();
    let (phone, code) = world.last_code();
    assert_eq!(phone, "15550001");
    assert!(code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");

    let sign_up = functions::auth::SignUp {
        no_joined_notifications: false,
        phone_number: ADA_PHONE.to_owned(),
        phone_code_hash: hash.clone(),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
    };
    assert_eq!(world.call(ADA, &sign_up).unwrap_err(), "400 PHONE_CODE_INVALID", "before the code");

    let answer = world.sign_in(ADA, ADA_PHONE, &hash, &code).unwrap();
    assert!(matches!(answer, enums::auth::Authorization::SignUpRequired(_)));
    assert_eq!(world.call(ADA, &functions::updates::GetState {}).unwrap_err(), UNREGISTERED);

    let nameless = functions::auth::SignUp { first_name: " ".to_owned(), ..sign_up.clone() };
    assert_eq!(world.call(ADA, &nameless).unwrap_err(), "400 FIRSTNAME_INVALID");
    let enums::auth::Authorization::Authorization(done) = world.call(ADA, &sign_up).unwrap() else {
        panic!("not signed up");
    };
    let ada = user(done.user);
    assert!(ada.is_self);
    assert_eq!(ada.phone.as_deref(), Some("15550001"));
    assert_eq!(ada.last_name.as_deref(), Some("Lovelace"));

    let state = world.state(ADA);
    assert_eq!((state.pts, state.qts, state.seq, state.date), (1, 1, 0, START));
    assert_eq!(world.call(ADA, &sign_up).unwrap_err(), "400 PHONE_CODE_EXPIRED", "a code is used once");
}

#[test]
fn a_known_number_signs_in_as_the_same_user() {
    let mut world = World::new();
    let first = world.enter(ADA, ADA_PHONE, "Ada");
    let second = world.enter(ADA_2, "15550001", "ignored");
    assert_eq!(first.id, second.id);
    assert_eq!(second.first_name.as_deref(), Some("Ada"));
}

#[test]
fn wrong_codes_are_counted_and_spend_the_code() {
    let mut world = World::new();
    let hash = world.send_code(ADA, ADA_PHONE).unwrap();
    let code = world.last_code().1;
    let wrong = if code == "00000" { "11111" } else { "00000" };
    for _ in 0..5 {
        assert_eq!(world.sign_in(ADA, ADA_PHONE, &hash, wrong).unwrap_err(), "400 PHONE_CODE_INVALID");
    }
    assert_eq!(world.sign_in(ADA, ADA_PHONE, &hash, &code).unwrap_err(), "400 PHONE_CODE_EXPIRED");
}

#[test]
fn codes_expire_and_belong_to_a_number_and_a_hash() {
    let mut world = World::new();
    let hash = world.send_code(ADA, ADA_PHONE).unwrap();
    let code = world.last_code().1;
    assert_eq!(world.sign_in(ADA, ADA_PHONE, "", &code).unwrap_err(), "400 PHONE_CODE_HASH_EMPTY");
    assert_eq!(world.sign_in(ADA, ADA_PHONE, "00", &code).unwrap_err(), "400 PHONE_CODE_EXPIRED");
    assert_eq!(world.sign_in(ADA, BOOLE_PHONE, &hash, &code).unwrap_err(), "400 PHONE_CODE_EXPIRED");
    assert_eq!(world.sign_in(ADA, ADA_PHONE, &hash, "").unwrap_err(), "400 PHONE_CODE_EMPTY");
    world.now += 301;
    assert_eq!(world.sign_in(ADA, ADA_PHONE, &hash, &code).unwrap_err(), "400 PHONE_CODE_EXPIRED");
    for number in ["", "123", "+1 555 x", "1234567890123456"] {
        assert_eq!(world.send_code(ADA, number).unwrap_err(), "400 PHONE_NUMBER_INVALID", "{number}");
    }
}

#[test]
fn codes_for_one_number_are_limited_per_minute() {
    let mut world = World::new();
    for _ in 0..10 {
        world.send_code(ADA, ADA_PHONE).unwrap();
    }
    assert_eq!(world.send_code(BOOLE, ADA_PHONE).unwrap_err(), "420 FLOOD_WAIT_60");
    world.send_code(BOOLE, BOOLE_PHONE).unwrap();
    world.now += 60;
    world.send_code(ADA, ADA_PHONE).unwrap();
}

#[test]
fn codes_are_limited_by_who_asks_and_in_all() {
    let mut world = World::new();
    for number in 0..10 {
        world.send_code(ADA, &format!("+1 555 10{number:02}")).unwrap();
    }
    assert_eq!(world.send_code(ADA, ADA_PHONE).unwrap_err(), "420 FLOOD_WAIT_60");
    let hash = world.send_code(BOOLE, BOOLE_PHONE).unwrap();
    world.now += 20;
    for number in 11..1000 {
        world.send_code(1000 + number, &format!("+1 555 2{number:04}")).unwrap();
    }
    assert_eq!(world.send_code(CURIE, CURIE_PHONE).unwrap_err(), "420 FLOOD_WAIT_40");
    let again = functions::auth::ResendCode {
        phone_number: BOOLE_PHONE.to_owned(),
        phone_code_hash: hash,
        reason: None,
    };
    assert_eq!(world.call(BOOLE, &again).unwrap_err(), "420 FLOOD_WAIT_40");
    world.now += 40;
    world.send_code(ADA, ADA_PHONE).unwrap();
    world.call(BOOLE, &again).unwrap();
}

#[test]
fn a_code_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    let hash = world.send_code(ADA, ADA_PHONE).unwrap();
    let code = world.last_code().1;
    drop(world);
    let mut world = World::in_folder(folder.path());
    assert!(world.sign_in(ADA, ADA_PHONE, &hash, &code).is_ok());
}

#[test]
fn signing_out_ends_the_sessions_chats_and_its_queue() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    world.send(chat, 1, envelope(1)).unwrap();
    world.call(BOOLE, &functions::auth::LogOut {}).unwrap();
    assert_eq!(world.call(BOOLE, &functions::updates::GetState {}).unwrap_err(), UNREGISTERED);
    assert_eq!(chat_of(&world.pushed(ADA)[0]), discarded(5, false));
    assert_eq!(world.send(chat, 2, envelope(2)).unwrap_err(), "400 ENCRYPTION_DECLINED");

    world.enter(BOOLE, BOOLE_PHONE, "Boole");
    assert_eq!(world.state(BOOLE).qts, 1);
    assert!(matches!(world.difference(BOOLE, START, 1), enums::updates::Difference::Empty(_)));
}

#[test]
fn everybody_may_ask_for_the_config() {
    let mut world = World::new();
    let enums::Config::Config(config) = world.call(ADA, &functions::help::GetConfig {}).unwrap();
    let ids: Vec<i32> = config
        .dc_options
        .iter()
        .map(|option| {
            let enums::DcOption::Option(option) = option;
            assert_eq!((option.ip_address.as_str(), option.port), ("127.0.0.1", 4430));
            assert!(!option.r#static && !option.ipv6);
            option.id
        })
        .collect();
    assert_eq!(ids, [1, 2, 3, 4, 5]);
    assert!(ids.contains(&config.this_dc));
    let enums::NearestDc::Dc(nearest) = world.call(ADA, &functions::help::GetNearestDc {}).unwrap();
    assert_eq!(nearest.nearest_dc, config.this_dc);
}

#[test]
fn unknown_methods_and_unknown_callers_are_told_so() {
    let mut world = World::new();
    assert_eq!(world.raw(ADA, &[1, 2, 3, 4]).unwrap_err(), "400 METHOD_INVALID");
    assert_eq!(world.raw(ADA, &[1, 2]).unwrap_err(), "400 INPUT_REQUEST_INVALID");
    let me = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    assert_eq!(world.call(ADA, &me).unwrap_err(), UNREGISTERED);
    assert_eq!(world.call(ADA, &functions::auth::LogOut {}).unwrap_err(), UNREGISTERED);
    let bind = functions::auth::BindTempAuthKey {
        perm_auth_key_id: 1,
        nonce: 2,
        expires_at: 3,
        encrypted_message: vec![],
    };
    assert_eq!(world.call(ADA, &bind).unwrap_err(), "400 TEMP_AUTH_KEY_EMPTY");
}

#[test]
fn a_session_may_refuse_secret_chats() {
    let mut world = World::with_cast();
    let list = functions::account::GetAuthorizations {};
    let enums::account::Authorizations::Authorizations(all) = world.call(BOOLE, &list).unwrap();
    assert_eq!(all.authorizations.len(), 3);
    let other = all
        .authorizations
        .iter()
        .map(|one| {
            let enums::Authorization::Authorization(one) = one;
            one
        })
        .find(|one| !one.current)
        .unwrap();
    assert_ne!(other.hash, 0);
    let change = |hash| functions::account::ChangeAuthorizationSettings {
        confirmed: false,
        hash,
        encrypted_requests_disabled: Some(true),
        call_requests_disabled: None,
    };
    assert!(world.call(BOOLE, &change(0)).unwrap());
    assert!(world.call(BOOLE, &change(other.hash)).unwrap());
    assert_eq!(world.call(BOOLE, &change(1)).unwrap_err(), "400 HASH_INVALID");

    world.request(ADA, BOOLE_PHONE, 9).unwrap();
    let told: Vec<i64> =
        [BOOLE, BOOLE_2, BOOLE_3].into_iter().filter(|key| !world.pushed(*key).is_empty()).collect();
    assert_eq!(told.len(), 1, "{told:x?}");
    assert_ne!(told, [BOOLE]);
}

#[test]
fn foreign_clients_find_the_small_things_they_ask_for() {
    let mut world = World::with_cast();
    let enums::account::Password::Password(password) =
        world.call(ADA, &functions::account::GetPassword {}).unwrap();
    assert!(!password.has_password);
    let dialogs = functions::messages::GetDialogs {
        exclude_pinned: false,
        folder_id: None,
        offset_date: 0,
        offset_id: 0,
        offset_peer: enums::InputPeer::Empty,
        limit: 100,
        hash: 0,
    };
    assert!(
        matches!(world.call(ADA, &dialogs).unwrap(), enums::messages::Dialogs::Dialogs(d) if d.dialogs.is_empty())
    );
    let me = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    assert_eq!(world.call(ADA, &me).unwrap().len(), 1);
    let full = functions::users::GetFullUser { id: enums::InputUser::UserSelf };
    let enums::users::UserFull::Full(full) = world.call(ADA, &full).unwrap();
    let enums::UserFull::Full(details) = full.full_user;
    assert_eq!(details.id, world.by_phone(ADA, ADA_PHONE).id);
    let device = functions::account::RegisterDevice {
        no_muted: true,
        token_type: 1,
        token: "t".to_owned(),
        app_sandbox: false,
        secret: vec![],
        other_uids: vec![],
    };
    assert!(world.call(ADA, &device).unwrap());
}

#[test]
fn another_user_under_the_same_key_takes_nothing_over() {
    let mut world = World::with_cast();
    let chat = world.live_chat(6);
    world.send(chat, 1, envelope(1)).unwrap();
    let curie = world.enter(BOOLE, CURIE_PHONE, "Curie");
    assert_eq!(chat_of(&world.pushed(ADA)[0]), discarded(6, false));
    let me = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    let users = world.call(BOOLE, &me).unwrap();
    assert_eq!(user(users[0].clone()).id, curie.id);
    assert!(matches!(world.difference(BOOLE, 0, 1), enums::updates::Difference::Empty(_)));
    let _: types::updates::State = world.state(BOOLE);
}
