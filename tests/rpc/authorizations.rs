//! Sign-ins that end from elsewhere, accounts that are gone, and trouble made on purpose.

use grammers_tl_types::{enums, functions, types};
use subrosa::server::rpc::{Caller, Push, RpcError, Trouble};

use crate::world::*;

const REVOKED: &str = "401 SESSION_REVOKED";

fn hashes(world: &mut World, key: i64) -> Vec<i64> {
    let list = functions::account::GetAuthorizations {};
    let enums::account::Authorizations::Authorizations(all) = world.call(key, &list).unwrap();
    let one = |one| match one {
        enums::Authorization::Authorization(one) => one,
    };
    all.authorizations.into_iter().map(one).filter(|one| !one.current).map(|one| one.hash).collect()
}

fn me() -> functions::users::GetUsers {
    functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] }
}

/// Whether an authorization was told that there is something to ask.
fn is_told(pushes: &[Push], key: i64) -> bool {
    pushes.iter().any(|push| {
        push.auth_key_id == key && whole::<enums::Updates>(&push.updates) == enums::Updates::TooLong
    })
}

fn pushes_of<F: grammers_tl_types::Serializable>(world: &mut World, key: i64, request: &F) -> Vec<Push> {
    let now = world.now;
    let outcome = world.rpc().answer(Caller { auth_key_id: key }, &request.to_bytes(), now);
    assert!(outcome.result.is_ok(), "{outcome:?}");
    outcome.pushes
}

#[test]
fn a_device_is_shut_out_by_another() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let (of_boole, of_boole_2) = (hashes(&mut world, BOOLE), hashes(&mut world, BOOLE_2));
    let boole = of_boole_2.iter().copied().find(|hash| !of_boole.contains(hash)).unwrap();
    let reset = |hash| functions::account::ResetAuthorization { hash };
    for wrong in [0, 1] {
        assert_eq!(world.call(BOOLE_2, &reset(wrong)).unwrap_err(), "400 HASH_INVALID");
    }
    assert_eq!(world.call(ADA, &reset(boole)).unwrap_err(), "400 HASH_INVALID", "somebody else's");
    assert_eq!(world.call(BOOLE, &reset(boole)).unwrap_err(), "400 HASH_INVALID", "one's own");

    let pushes = pushes_of(&mut world, BOOLE_2, &reset(boole));
    assert!(is_told(&pushes, BOOLE) && !is_told(&pushes, BOOLE_2) && !is_told(&pushes, BOOLE_3));
    assert_eq!(world.call(BOOLE, &me()).unwrap_err(), REVOKED);
    assert_eq!(world.call(BOOLE, &functions::updates::GetState {}).unwrap_err(), REVOKED);
    assert!(world.call(BOOLE_2, &me()).is_ok());
    assert_eq!(world.send(chat, 1, envelope(1)).unwrap_err(), "400 ENCRYPTION_DECLINED");
    let told = pushes.iter().find(|push| push.auth_key_id == ADA).unwrap();
    let enums::Updates::Updates(told) = whole(&told.updates) else { panic!("another container") };
    assert_eq!(chat_of(&told.updates[0]), discarded(5, false));

    world.enter(BOOLE, BOOLE_PHONE, "Boole");
    assert!(world.call(BOOLE, &me()).is_ok(), "the key is good for another sign-in");
}

#[test]
fn all_other_devices_are_shut_out_and_stay_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter_cast();
    let pushes = pushes_of(&mut world, BOOLE_3, &functions::auth::ResetAuthorizations {});
    assert!(is_told(&pushes, BOOLE) && is_told(&pushes, BOOLE_2) && !is_told(&pushes, BOOLE_3));
    drop(world);
    let mut world = World::in_folder(folder.path());
    for key in [BOOLE, BOOLE_2] {
        assert_eq!(world.call(key, &me()).unwrap_err(), REVOKED);
    }
    assert_eq!(hashes(&mut world, BOOLE_3), [0i64; 0]);
    let pushes = world.rpc().revoke("15550002", START).unwrap();
    assert!(is_told(&pushes, BOOLE_3));
    assert_eq!(world.call(BOOLE_3, &me()).unwrap_err(), REVOKED);
    assert!(world.rpc().revoke("15559999", START).is_err(), "nobody has that number");
}

#[test]
fn a_deleted_account_leaves_an_id_and_an_open_end() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let boole = world.by_phone(ADA, BOOLE_PHONE);
    let import = functions::contacts::ImportContacts {
        contacts: vec![
            types::InputPhoneContact {
                client_id: 1,
                phone: BOOLE_PHONE.to_owned(),
                first_name: "George".to_owned(),
                last_name: String::new(),
                note: None,
            }
            .into(),
        ],
    };
    world.call(ADA, &import).unwrap();
    world.request(BOOLE, CURIE_PHONE, 6).unwrap();
    world.pushed(CURIE);

    let delete = functions::account::DeleteAccount { reason: "tired".to_owned(), password: None };
    let pushes = pushes_of(&mut world, BOOLE, &delete);
    for key in [BOOLE, BOOLE_2, BOOLE_3] {
        assert!(is_told(&pushes, key));
        assert_eq!(world.call(key, &me()).unwrap_err(), "401 USER_DEACTIVATED");
    }
    let to_ada: Vec<enums::Updates> =
        pushes.iter().filter(|push| push.auth_key_id == ADA).map(|push| whole(&push.updates)).collect();
    let [enums::Updates::Updates(news)] = &to_ada[..] else { panic!("{to_ada:?}") };
    assert_eq!(news.updates, [types::UpdateUser { user_id: boole.id }.into()]);
    let seen = user(news.users[0].clone());
    assert!(seen.deleted && seen.first_name.is_none() && seen.phone.is_none() && seen.status.is_none());
    let withdrawn = pushes.iter().find(|push| push.auth_key_id == CURIE).unwrap();
    let enums::Updates::Updates(withdrawn) = whole(&withdrawn.updates) else { panic!("another container") };
    assert_eq!(chat_of(&withdrawn.updates[0]), discarded(6, false));

    assert_eq!(world.send(chat, 1, envelope(1)).unwrap_err(), "403 USER_DELETED");
    let (peer, random_id, data) = (chat.as_ada(), 2, envelope(2));
    let service = functions::messages::SendEncryptedService { peer, random_id, data };
    assert_eq!(world.call(ADA, &service).unwrap_err(), "403 USER_DELETED");
    let request = functions::messages::RequestEncryption { user_id: input(&boole), random_id: 9, g_a: g(1) };
    assert_eq!(world.call(ADA, &request).unwrap_err(), "400 INPUT_USER_DEACTIVATED");
    let resolve = functions::contacts::ResolvePhone { phone: BOOLE_PHONE.to_owned() };
    assert_eq!(world.call(ADA, &resolve).unwrap_err(), "400 PHONE_NOT_OCCUPIED");
    assert!(world.discard(ADA, 5, false).unwrap(), "what is open can be closed");
    let again = world.enter(BOOLE, BOOLE_PHONE, "Somebody");
    assert_ne!(again.id, boole.id, "the number is free, the id is not");
}

#[test]
fn the_operator_deletes_an_account() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let pushes = world.rpc().delete_account("15550002", START).unwrap();
    assert!(is_told(&pushes, BOOLE));
    assert_eq!(world.send(chat, 1, envelope(1)).unwrap_err(), "403 USER_DELETED");
    assert!(world.rpc().delete_account("15550002", START).is_err());
}

#[test]
fn a_request_to_a_deleted_account_is_declined() {
    let mut world = World::with_cast();
    world.request(CURIE, BOOLE_PHONE, 6).unwrap();
    let asked = world.pushed(BOOLE);
    let Some(enums::EncryptedChat::Requested(requested)) = asked.last().map(chat_of) else {
        panic!("{asked:?}")
    };
    let state = world.state(CURIE);
    world.now += 1;
    world.call(BOOLE, &functions::account::DeleteAccount { reason: String::new(), password: None }).unwrap();
    let told = world.pushed(CURIE);
    assert_eq!(told.iter().map(chat_of).collect::<Vec<_>>(), [discarded(6, false)]);
    let missed = world.missed(CURIE, state.date, state.qts);
    assert_eq!(missed.other_updates.iter().map(chat_of).collect::<Vec<_>>(), [discarded(6, false)]);
    assert!(
        missed.users.into_iter().map(user).any(|seen| seen.deleted && seen.id == requested.participant_id)
    );
    assert_eq!(world.discard(CURIE, 6, false).unwrap_err(), "400 ENCRYPTION_ALREADY_DECLINED");

    // An account without any device is gone like every other.
    world.enter(ADA_2, "+1 555 0004", "Dora");
    world.call(ADA_2, &functions::auth::LogOut {}).unwrap();
    world.request(ADA, "+1 555 0004", 7).unwrap();
    let pushes = world.rpc().delete_account("15550004", START + 1).unwrap();
    let [push] = &pushes[..] else { panic!("{pushes:?}") };
    let enums::Updates::Updates(news) = whole(&push.updates) else { panic!("another container") };
    assert_eq!((push.auth_key_id, chat_of(&news.updates[0])), (ADA, discarded(7, false)));
}

#[test]
fn trouble_comes_as_often_as_it_was_asked_for() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let mut make = |method: &str, code, name: &str, calls| {
        let (phone, error) = ("15550001".to_owned(), RpcError { code, name: name.to_owned() });
        world.rpc().trouble(Trouble { phone, method: method.to_owned(), error, calls })
    };
    make("messages.sendEncrypted", 420, "FLOOD_WAIT_3", 2).unwrap();
    make("messages.sendEncrypted", 500, "INTERNAL", 1).unwrap();
    make("users.getUsers", 401, "SESSION_EXPIRED", 0).unwrap();
    for error in ["420 FLOOD_WAIT_3", "420 FLOOD_WAIT_3", "500 INTERNAL"] {
        assert!(world.call(ADA, &me()).is_ok(), "another method");
        let (peer, random_id, data) = (chat.as_boole(), rand::random(), envelope(1));
        let other = functions::messages::SendEncrypted { silent: false, peer, random_id, data };
        assert!(world.send_as(BOOLE, other).is_ok(), "another account");
        assert_eq!(world.send(chat, 1, envelope(1)).unwrap_err(), error);
        assert_eq!(world.pushed(BOOLE), [], "it was not executed");
    }
    assert_eq!(world.send(chat, 1, envelope(1)), Ok(START));
    let error = RpcError { code: 500, name: "INTERNAL".to_owned() };
    let method = "users.getUsers".to_owned();
    let nobody = Trouble { phone: "15559999".to_owned(), method, error, calls: 1 };
    assert!(world.rpc().trouble(nobody).is_err());
}

#[test]
fn trouble_meets_those_who_sign_in() {
    let mut world = World::with_cast();
    let mut make = |method: &str, code, name: &str| {
        let (phone, error) = ("15550001".to_owned(), RpcError { code, name: name.to_owned() });
        world.rpc().trouble(Trouble { phone, method: method.to_owned(), error, calls: 1 }).unwrap();
    };
    make("auth.sendCode", 303, "NETWORK_MIGRATE_3");
    make("auth.sendCode", 400, "API_ID_INVALID");
    make("auth.resendCode", 420, "FLOOD_WAIT_86400");
    make("auth.signIn", 400, "PHONE_CODE_EXPIRED");
    assert!(world.send_code(ADA_2, BOOLE_PHONE).is_ok(), "another number");
    for error in ["303 NETWORK_MIGRATE_3", "400 API_ID_INVALID"] {
        assert_eq!(world.send_code(ADA_2, ADA_PHONE).unwrap_err(), error);
    }
    let hash = world.send_code(ADA_2, ADA_PHONE).unwrap();
    let code = world.last_code().1;
    let (phone_number, phone_code_hash) = (ADA_PHONE.to_owned(), hash.clone());
    let resend = functions::auth::ResendCode { phone_number, phone_code_hash, reason: None };
    assert_eq!(world.call(ADA_2, &resend).unwrap_err(), "420 FLOOD_WAIT_86400");
    assert_eq!(world.sign_in(ADA_2, ADA_PHONE, &hash, &code).unwrap_err(), "400 PHONE_CODE_EXPIRED");
    assert!(world.sign_in(ADA_2, ADA_PHONE, &hash, &code).is_ok(), "that was all of it");
}
