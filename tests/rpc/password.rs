//! Two-step verification: setting, changing and removing a password, and signing in with one.

use grammers_crypto::two_factor_auth::calculate_2fa;
use grammers_tl_types::{enums, functions, types};
use subrosa::mtproto::srp::{Algo, FRESH_SALT_LEN, Verifier};

use crate::world::*;

type WireAlgo = types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow;

const EMPTY: enums::InputCheckPasswordSrp = enums::InputCheckPasswordSrp::InputCheckPasswordEmpty;

pub fn state(world: &mut World, key: i64) -> Result<types::account::Password, String> {
    let enums::account::Password::Password(state) = world.call(key, &functions::account::GetPassword {})?;
    Ok(state)
}

fn algo(algo: enums::PasswordKdfAlgo) -> Algo {
    match algo {
        enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algo) => {
            Algo { salt1: algo.salt1, salt2: algo.salt2, g: algo.g, p: algo.p }
        }
        enums::PasswordKdfAlgo::Unknown => panic!("an unknown algorithm"),
    }
}

fn wire(algo: Algo) -> WireAlgo {
    WireAlgo { salt1: algo.salt1, salt2: algo.salt2, g: algo.g, p: algo.p }
}

/// The proof of an independent client for what it was shown.
fn proof(state: &types::account::Password, password: &str) -> types::InputCheckPasswordSrp {
    let algo = algo(state.current_algo.clone().unwrap());
    let b = state.srp_b.clone().unwrap();
    let a = vec![0x6d; 256];
    let (m1, a) = calculate_2fa(&algo.salt1, &algo.salt2, &algo.p, &algo.g, b, a, password);
    types::InputCheckPasswordSrp { srp_id: state.srp_id.unwrap(), a: a.to_vec(), m1: m1.to_vec() }
}

/// Asks for a challenge and answers it.
pub fn prove(world: &mut World, key: i64, password: &str) -> enums::InputCheckPasswordSrp {
    proof(&state(world, key).unwrap(), password).into()
}

/// A proof of nothing, which costs no stretching.
fn guess(world: &mut World, key: i64) -> enums::InputCheckPasswordSrp {
    let srp_id = state(world, key).unwrap().srp_id.unwrap();
    types::InputCheckPasswordSrp { srp_id, a: vec![0x55; 256], m1: vec![0; 32] }.into()
}

fn settings(
    new_algo: enums::PasswordKdfAlgo,
    hash: Vec<u8>,
    hint: &str,
) -> types::account::PasswordInputSettings {
    types::account::PasswordInputSettings {
        new_algo: Some(new_algo),
        new_password_hash: Some(hash),
        hint: Some(hint.to_owned()),
        email: None,
        new_secure_settings: None,
    }
}

/// The settings by which somebody sets a password.
pub fn new_password(world: &mut World, key: i64, password: &str) -> types::account::PasswordInputSettings {
    let algo = algo(state(world, key).unwrap().new_algo).with_fresh_salt(&[0x3c; FRESH_SALT_LEN]);
    let verifier = Verifier::of_password(password.as_bytes(), &algo).unwrap();
    settings(wire(algo).into(), verifier.expose().to_vec(), "a flower")
}

pub fn update(
    world: &mut World,
    key: i64,
    password: enums::InputCheckPasswordSrp,
    new: types::account::PasswordInputSettings,
) -> Result<bool, String> {
    world.call(key, &functions::account::UpdatePasswordSettings { password, new_settings: new.into() })
}

fn set(world: &mut World, key: i64, password: &str) {
    let new = new_password(world, key, password);
    assert!(update(world, key, EMPTY, new).unwrap());
}

pub fn check(
    world: &mut World,
    key: i64,
    password: enums::InputCheckPasswordSrp,
) -> Result<types::User, String> {
    match world.call(key, &functions::auth::CheckPassword { password })? {
        enums::auth::Authorization::Authorization(done) => Ok(user(done.user)),
        other => panic!("unexpected answer {other:?}"),
    }
}

/// By a code, as far as it goes.
pub fn half(world: &mut World, key: i64, phone: &str) -> String {
    let hash = world.send_code(key, phone).unwrap();
    let code = world.last_code().1;
    world.sign_in(key, phone, &hash, &code).unwrap_err()
}

/// Ada with a password, at one device.
pub fn guarded() -> (World, types::User) {
    let mut world = World::new();
    let ada = world.enter(ADA, ADA_PHONE, "Ada");
    set(&mut world, ADA, "rose");
    (world, ada)
}

#[test]
fn a_password_is_asked_for_after_the_code() {
    let (mut world, ada) = guarded();
    assert_eq!(state(&mut world, ADA_2).unwrap_err(), "401 AUTH_KEY_UNREGISTERED", "a stranger");
    assert_eq!(half(&mut world, ADA_2, ADA_PHONE), "401 SESSION_PASSWORD_NEEDED");
    let me = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    assert_eq!(world.call(ADA_2, &me).unwrap_err(), "401 AUTH_KEY_UNREGISTERED");

    let shown = state(&mut world, ADA_2).unwrap();
    assert!(shown.has_password && !shown.has_recovery);
    assert_eq!(shown.hint.as_deref(), Some("a flower"));
    assert_eq!((shown.srp_b.as_ref().unwrap().len(), shown.secure_random.len()), (256, 256));
    let right = proof(&shown, "rose");
    assert_eq!(check(&mut world, ADA_2, EMPTY).unwrap_err(), "400 PASSWORD_HASH_INVALID");
    assert_eq!(check(&mut world, ADA_2, right.clone().into()).unwrap().id, ada.id);
    assert_eq!(world.call(ADA_2, &me).unwrap().len(), 1);
    assert_eq!(check(&mut world, ADA_2, right.into()).unwrap_err(), "400 SRP_ID_INVALID", "used up");
}

#[test]
fn a_proof_answers_the_challenge_of_its_key_in_time() {
    let (mut world, _) = guarded();
    world.enter(BOOLE, BOOLE_PHONE, "Boole");
    half(&mut world, ADA_2, ADA_PHONE);
    let first = state(&mut world, ADA_2).unwrap();
    assert_eq!(state(&mut world, ADA_2).unwrap().srp_id, first.srp_id, "nobody has tried it");
    let right = proof(&first, "rose");
    let other = types::InputCheckPasswordSrp { srp_id: right.srp_id ^ 1, ..right.clone() };
    assert_eq!(check(&mut world, ADA_2, other.into()).unwrap_err(), "400 SRP_ID_INVALID");
    assert_eq!(check(&mut world, ADA, right.into()).unwrap_err(), "400 SRP_ID_INVALID", "another key");
    assert_eq!(state(&mut world, ADA_2).unwrap().srp_id, first.srp_id, "still nobody has answered it");

    let slow = prove(&mut world, ADA_2, "rose");
    world.now += 15 * 60 + 1;
    assert_eq!(check(&mut world, ADA_2, slow).unwrap_err(), "400 SRP_ID_INVALID");
    let narrow =
        types::InputCheckPasswordSrp { a: vec![1], ..proof(&state(&mut world, ADA_2).unwrap(), "rose") };
    assert_eq!(check(&mut world, ADA_2, narrow.into()).unwrap_err(), "400 SRP_A_INVALID");
    world.now += 60 * 60;
    assert_eq!(state(&mut world, ADA_2).unwrap_err(), "401 AUTH_KEY_UNREGISTERED", "the code was long ago");
}

#[test]
fn guesses_are_counted_and_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter(ADA, ADA_PHONE, "Ada");
    set(&mut world, ADA, "rose");
    half(&mut world, ADA_2, ADA_PHONE);
    for near in ["", "Rose", "rose "] {
        let near = prove(&mut world, ADA_2, near);
        assert_eq!(check(&mut world, ADA_2, near).unwrap_err(), "400 PASSWORD_HASH_INVALID");
    }
    let wrong = guess(&mut world, ADA_2);
    assert_eq!(check(&mut world, ADA_2, wrong).unwrap_err(), "400 PASSWORD_HASH_INVALID");
    world.now += 100;
    let settings = functions::account::GetPasswordSettings { password: guess(&mut world, ADA) };
    assert_eq!(world.call(ADA, &settings).unwrap_err(), "400 PASSWORD_HASH_INVALID");
    let now = world.now;
    drop(world);
    let mut world = World::in_folder(folder.path());
    world.now = now;
    let right = prove(&mut world, ADA_2, "rose");
    assert_eq!(check(&mut world, ADA_2, right.clone()).unwrap_err(), "420 FLOOD_WAIT_200");
    world.now += 200;
    assert!(check(&mut world, ADA_2, right).is_ok(), "what was not looked at is not spent");
}

#[test]
fn a_right_password_forgives_the_wrong_ones() {
    let (mut world, _) = guarded();
    for round in 0..2 {
        for _ in 0..4 {
            let wrong = functions::account::GetPasswordSettings { password: guess(&mut world, ADA) };
            assert_eq!(world.call(ADA, &wrong).unwrap_err(), "400 PASSWORD_HASH_INVALID", "{round}");
        }
        let right = functions::account::GetPasswordSettings { password: prove(&mut world, ADA, "rose") };
        let enums::account::PasswordSettings::Settings(settings) = world.call(ADA, &right).unwrap();
        assert_eq!((settings.email, settings.secure_settings), (None, None));
    }
}

#[test]
fn whoever_knows_the_password_does_not_prove_it_without_end() {
    let (mut world, _) = guarded();
    let settings = |password| functions::account::GetPasswordSettings { password };
    let mut rounds = 0;
    let refused = loop {
        let shown = match state(&mut world, ADA) {
            Ok(shown) => shown,
            Err(refused) => break refused,
        };
        world.call(ADA, &settings(proof(&shown, "rose").into())).unwrap();
        rounds += 1;
        assert!(rounds < 100, "there is no end to it");
        world.now += 1;
    };
    assert_eq!((rounds, &*refused), (10, "420 FLOOD_WAIT_50"));
    // With other keys it goes no further, and nobody else is in the way.
    half(&mut world, ADA_2, ADA_PHONE);
    assert_eq!(state(&mut world, ADA_2).unwrap_err(), "420 FLOOD_WAIT_50");
    world.enter(BOOLE, BOOLE_PHONE, "Boole");
    set(&mut world, BOOLE, "tulip");
    assert!(state(&mut world, BOOLE).is_ok());

    world.now += 50;
    let shown = state(&mut world, ADA_2).unwrap();
    // Challenges alone cost, too, and what is not looked at is not spent.
    for key in 100..129 {
        half(&mut world, key, ADA_PHONE);
        state(&mut world, key).unwrap();
    }
    let right: enums::InputCheckPasswordSrp = proof(&shown, "rose").into();
    assert_eq!(check(&mut world, ADA_2, right.clone()).unwrap_err(), "420 FLOOD_WAIT_60");
    world.now += 60;
    assert!(check(&mut world, ADA_2, right).is_ok());
}

#[test]
fn a_password_is_changed_and_removed_by_whoever_knows_it() {
    let (mut world, ada) = guarded();
    let tulip = new_password(&mut world, ADA, "tulip");
    assert_eq!(update(&mut world, ADA, EMPTY, tulip.clone()).unwrap_err(), "400 PASSWORD_HASH_INVALID");
    let wrong = guess(&mut world, ADA);
    assert_eq!(update(&mut world, ADA, wrong, tulip.clone()).unwrap_err(), "400 PASSWORD_HASH_INVALID");

    half(&mut world, ADA_2, ADA_PHONE);
    let old = prove(&mut world, ADA_2, "rose");
    let right = prove(&mut world, ADA, "rose");
    assert!(update(&mut world, ADA, right, tulip).unwrap());
    assert_eq!(check(&mut world, ADA_2, old).unwrap_err(), "400 SRP_PASSWORD_CHANGED");
    let old = prove(&mut world, ADA_2, "rose");
    assert_eq!(check(&mut world, ADA_2, old).unwrap_err(), "400 PASSWORD_HASH_INVALID");
    let new = prove(&mut world, ADA_2, "tulip");
    assert_eq!(check(&mut world, ADA_2, new).unwrap().id, ada.id);

    half(&mut world, BOOLE, ADA_PHONE);
    let late = prove(&mut world, BOOLE, "tulip");
    let right = prove(&mut world, ADA_2, "tulip");
    let none = settings(enums::PasswordKdfAlgo::Unknown, Vec::new(), "");
    assert!(update(&mut world, ADA_2, right, none).unwrap());
    let shown = state(&mut world, ADA).unwrap();
    assert!(!shown.has_password && shown.current_algo.is_none() && shown.srp_b.is_none());
    assert_eq!(check(&mut world, BOOLE, late).unwrap_err(), "400 SRP_PASSWORD_CHANGED");
    assert_eq!(check(&mut world, BOOLE, EMPTY).unwrap().id, ada.id, "there is none any more");
    assert_eq!(world.enter(CURIE, ADA_PHONE, "").id, ada.id);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let mut world = World::new();
    world.enter(ADA, ADA_PHONE, "Ada");
    let good = new_password(&mut world, ADA, "rose");
    let mut refuse = |change: &dyn Fn(&mut types::account::PasswordInputSettings), error: &str| {
        let mut new = good.clone();
        change(&mut new);
        assert_eq!(update(&mut world, ADA, EMPTY, new).unwrap_err(), error);
    };
    let salted = |change: &dyn Fn(&mut WireAlgo), new: &mut types::account::PasswordInputSettings| {
        let mut own = wire(algo(new.new_algo.take().unwrap()));
        change(&mut own);
        new.new_algo = Some(own.into());
    };
    refuse(&|new| salted(&|algo| algo.salt1.truncate(8), new), "400 NEW_SALT_INVALID");
    refuse(&|new| salted(&|algo| algo.salt1.extend([0; 64]), new), "400 NEW_SALT_INVALID");
    refuse(&|new| salted(&|algo| algo.salt1[0] ^= 1, new), "400 NEW_SALT_INVALID");
    refuse(&|new| salted(&|algo| algo.salt2.push(0), new), "400 NEW_SALT_INVALID");
    refuse(&|new| salted(&|algo| algo.g = 2, new), "400 NEW_SETTINGS_INVALID");
    refuse(&|new| salted(&|algo| algo.p[5] ^= 1, new), "400 NEW_SETTINGS_INVALID");
    refuse(&|new| new.hint = Some("x".repeat(256)), "400 NEW_SETTINGS_INVALID");
    for hash in [vec![0; 256], vec![0xff; 256], vec![1; 257]] {
        refuse(&|new| new.new_password_hash = Some(hash.clone()), "400 NEW_SETTINGS_INVALID");
    }
    refuse(&|new| new.new_algo = Some(enums::PasswordKdfAlgo::Unknown), "400 NEW_SETTINGS_INVALID");
    refuse(
        &|new| (new.new_algo, new.new_password_hash, new.hint) = (None, None, None),
        "400 NEW_SETTINGS_EMPTY",
    );
    refuse(&|new| new.email = Some("ada@example.org".to_owned()), "400 EMAIL_NOT_ALLOWED");
    assert!(!state(&mut world, ADA).unwrap().has_password);
    assert!(update(&mut world, ADA, EMPTY, good).unwrap());
}

#[test]
fn nothing_is_recovered_and_an_account_is_deleted_with_its_password_only() {
    let (mut world, _) = guarded();
    world.enter(BOOLE, BOOLE_PHONE, "Boole");
    half(&mut world, ADA_2, ADA_PHONE);
    let recovery = functions::auth::RequestPasswordRecovery {};
    assert_eq!(world.call(ADA_2, &recovery).unwrap_err(), "400 PASSWORD_RECOVERY_NA");
    assert_eq!(world.call(BOOLE, &recovery).unwrap_err(), "400 PASSWORD_EMPTY");
    let recover = functions::auth::RecoverPassword { code: "12345".to_owned(), new_settings: None };
    assert_eq!(world.call(ADA_2, &recover).unwrap_err(), "400 PASSWORD_RECOVERY_NA");
    assert_eq!(
        world.call(ADA, &functions::account::ResetPassword {}).unwrap_err(),
        "400 PASSWORD_RECOVERY_NA"
    );
    let decline = functions::account::DeclinePasswordReset {};
    assert_eq!(world.call(ADA, &decline).unwrap_err(), "400 RESET_REQUEST_MISSING");

    let delete = |password| functions::account::DeleteAccount { reason: String::new(), password };
    assert_eq!(world.call(ADA, &delete(None)).unwrap_err(), "400 PASSWORD_HASH_INVALID");
    let right = prove(&mut world, ADA, "rose");
    assert!(world.call(ADA, &delete(Some(right))).unwrap());
    assert_eq!(state(&mut world, ADA_2).unwrap_err(), "401 AUTH_KEY_UNREGISTERED", "there is no such user");
    world.enter(ADA_2, ADA_PHONE, "Somebody");
    assert!(!state(&mut world, ADA_2).unwrap().has_password);
}

#[test]
fn a_restart_between_code_and_password_is_no_matter() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    let ada = world.enter(ADA, ADA_PHONE, "Ada");
    set(&mut world, ADA, "rose");
    half(&mut world, ADA_2, ADA_PHONE);
    let before = prove(&mut world, ADA_2, "rose");
    drop(world);
    let mut world = World::in_folder(folder.path());
    assert_eq!(check(&mut world, ADA_2, before).unwrap_err(), "400 SRP_ID_INVALID", "the challenge is gone");
    let after = prove(&mut world, ADA_2, "rose");
    assert_eq!(check(&mut world, ADA_2, after).unwrap().id, ada.id);
}

#[test]
fn a_hash_of_nothing_is_no_password() {
    let (mut world, _) = guarded();
    let right = prove(&mut world, ADA, "rose");
    let algo = wire(algo(state(&mut world, ADA).unwrap().new_algo)).into();
    assert!(update(&mut world, ADA, right, settings(algo, Vec::new(), "")).unwrap());
    assert!(!state(&mut world, ADA).unwrap().has_password);
}

#[test]
fn hostile_proofs_are_refused() {
    let (mut world, _) = guarded();
    for (a, m1) in [(vec![], vec![]), (vec![0xff; 300], vec![0; 32]), (vec![0x55; 256], vec![0; 4096])] {
        world.now += 301;
        let shown = state(&mut world, ADA).unwrap();
        let password = types::InputCheckPasswordSrp { srp_id: shown.srp_id.unwrap(), a, m1 };
        let error = check(&mut world, ADA, password.into()).unwrap_err();
        assert!(error == "400 SRP_A_INVALID" || error == "400 PASSWORD_HASH_INVALID", "{error}");
    }
}
