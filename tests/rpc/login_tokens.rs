//! Signing in by a picture, from the token to the device that it makes.

use grammers_tl_types::{enums, functions, types};
use subrosa::mtproto::srp::{FRESH_SALT_LEN, Verifier};
use subrosa::server::rpc::{Centres, DataCentre};

use crate::world::*;

/// The key of the device that shows the picture.
const NEW: i64 = 0x0e;

fn export(world: &mut World, except_ids: Vec<i64>) -> Result<enums::auth::LoginToken, String> {
    world.call(NEW, &functions::auth::ExportLoginToken { api_id: 1, api_hash: String::new(), except_ids })
}

fn shown(world: &mut World) -> types::auth::LoginToken {
    match export(world, Vec::new()).unwrap() {
        enums::auth::LoginToken::Token(token) => token,
        other => panic!("unexpected answer {other:?}"),
    }
}

fn accept(world: &mut World, key: i64, token: &[u8]) -> Result<types::Authorization, String> {
    let enums::Authorization::Authorization(made) =
        world.call(key, &functions::auth::AcceptLoginToken { token: token.to_vec() })?;
    Ok(made)
}

fn import(world: &mut World, key: i64, token: &[u8]) -> Result<enums::auth::LoginToken, String> {
    world.call(key, &functions::auth::ImportLoginToken { token: token.to_vec() })
}

fn success(answer: enums::auth::LoginToken) -> types::User {
    match answer {
        enums::auth::LoginToken::Success(types::auth::LoginTokenSuccess {
            authorization: enums::auth::Authorization::Authorization(done),
        }) => user(done.user),
        other => panic!("unexpected answer {other:?}"),
    }
}

fn listed(world: &mut World, key: i64) -> Vec<types::Authorization> {
    let enums::account::Authorizations::Authorizations(all) =
        world.call(key, &functions::account::GetAuthorizations {}).unwrap();
    let one = |one| match one {
        enums::Authorization::Authorization(one) => one,
    };
    all.authorizations.into_iter().map(one).collect()
}

#[test]
fn a_picture_that_is_accepted_signs_in() {
    let mut world = World::with_cast();
    let token = shown(&mut world);
    assert_eq!((token.token.len(), token.expires), (32, START + 30));
    assert_eq!(world.pushed(NEW), []);
    let made = accept(&mut world, ADA, &token.token).unwrap();
    assert!(!made.current && !made.password_pending && made.hash != 0);
    assert_eq!(world.pushed(NEW), [enums::Update::LoginToken], "told before anybody is signed in");
    assert_eq!(listed(&mut world, ADA).len(), 1, "it is made when it is asked for");
    assert_eq!(accept(&mut world, ADA, &token.token).unwrap_err(), "400 AUTH_TOKEN_ALREADY_ACCEPTED");
    assert_eq!(accept(&mut world, BOOLE, &token.token).unwrap_err(), "400 AUTH_TOKEN_ALREADY_ACCEPTED");

    world.now += 60;
    let ada = success(export(&mut world, Vec::new()).unwrap());
    assert_eq!(ada.id, world.by_phone(ADA, ADA_PHONE).id);
    assert_eq!(world.state(NEW).qts, 1);
    let new: Vec<_> = listed(&mut world, ADA).into_iter().filter(|one| !one.current).collect();
    assert_eq!(new.iter().map(|one| one.hash).collect::<Vec<_>>(), [made.hash]);
    assert_eq!(accept(&mut world, BOOLE, &token.token).unwrap_err(), "400 AUTH_TOKEN_ALREADY_ACCEPTED");
    assert_eq!(import(&mut world, NEW, &token.token).unwrap_err(), "400 AUTH_TOKEN_ALREADY_ACCEPTED");
    let next = export(&mut world, Vec::new()).unwrap();
    assert!(matches!(next, enums::auth::LoginToken::Token(_)), "a token signs in once");
}

#[test]
fn tokens_expire_and_are_nobody_elses() {
    let mut world = World::with_cast();
    let token = shown(&mut world);
    for wrong in [&token.token[..31], &[], &[0; 32], &[7; 4000]] {
        assert_eq!(accept(&mut world, ADA, wrong).unwrap_err(), "400 AUTH_TOKEN_INVALID");
        assert_eq!(import(&mut world, NEW, wrong).unwrap_err(), "400 AUTH_TOKEN_INVALID");
    }
    assert_eq!(accept(&mut world, NEW, &token.token).unwrap_err(), "401 AUTH_KEY_UNREGISTERED");
    world.now += 29;
    let next = shown(&mut world);
    assert_ne!(next.token, token.token);
    assert!(
        matches!(import(&mut world, NEW, &token.token), Ok(enums::auth::LoginToken::Token(same)) if same == token)
    );
    world.now += 1;
    assert_eq!(accept(&mut world, ADA, &token.token).unwrap_err(), "400 AUTH_TOKEN_EXPIRED");
    assert_eq!(import(&mut world, NEW, &token.token).unwrap_err(), "400 AUTH_TOKEN_EXPIRED");
    accept(&mut world, BOOLE, &next.token).unwrap();
    world.now += 301;
    assert_eq!(import(&mut world, NEW, &next.token).unwrap_err(), "400 AUTH_TOKEN_EXPIRED", "long accepted");
    assert!(matches!(export(&mut world, Vec::new()), Ok(enums::auth::LoginToken::Token(_))));
    world.now += 700;
    let _ = shown(&mut world);
    assert_eq!(accept(&mut world, ADA, &token.token).unwrap_err(), "400 AUTH_TOKEN_INVALID", "forgotten");
}

#[test]
fn whoever_reads_the_picture_is_not_signed_in_by_it() {
    const BYSTANDER: i64 = 0x0b5;
    let mut world = World::with_cast();
    let token = shown(&mut world);
    assert_eq!(import(&mut world, BYSTANDER, &token.token).unwrap_err(), "400 AUTH_TOKEN_INVALID");
    accept(&mut world, ADA, &token.token).unwrap();
    assert_eq!(import(&mut world, BYSTANDER, &token.token).unwrap_err(), "400 AUTH_TOKEN_INVALID");
    let ada = success(import(&mut world, NEW, &token.token).unwrap());
    assert_eq!(ada.id, world.by_phone(ADA, ADA_PHONE).id);
}

#[test]
fn what_was_accepted_by_mistake_can_be_taken_back() {
    let mut world = World::with_cast();
    let reset = |world: &mut World, key: i64, hash: i64| {
        world.call(key, &functions::account::ResetAuthorization { hash })
    };
    let token = shown(&mut world);
    let made = accept(&mut world, ADA, &token.token).unwrap();
    assert_eq!(reset(&mut world, BOOLE, made.hash).unwrap_err(), "400 HASH_INVALID", "not their business");
    assert_eq!(reset(&mut world, ADA, made.hash), Ok(true));
    assert_eq!(import(&mut world, NEW, &token.token).unwrap_err(), "400 AUTH_TOKEN_ALREADY_ACCEPTED");

    let token = shown(&mut world);
    accept(&mut world, ADA, &token.token).unwrap();
    assert_eq!(world.call(ADA, &functions::auth::ResetAuthorizations {}), Ok(true));
    assert!(matches!(export(&mut world, Vec::new()), Ok(enums::auth::LoginToken::Token(_))));
    assert_eq!(listed(&mut world, ADA).len(), 1);
}

#[test]
fn whoever_is_there_already_is_not_signed_in_twice() {
    let mut world = World::with_cast();
    let ada = world.by_phone(ADA, ADA_PHONE);
    let enums::auth::LoginToken::Token(token) = export(&mut world, vec![1, ada.id]).unwrap() else {
        panic!()
    };
    assert_eq!(accept(&mut world, ADA, &token.token).unwrap_err(), "400 AUTH_TOKEN_EXCEPTION");
    accept(&mut world, BOOLE, &token.token).unwrap();
    assert_eq!(success(export(&mut world, Vec::new()).unwrap()).id, world.by_phone(BOOLE, BOOLE_PHONE).id);
}

#[test]
fn a_password_is_asked_for_after_the_picture() {
    let mut world = World::with_cast();
    let enums::account::Password::Password(state) =
        world.call(ADA, &functions::account::GetPassword {}).unwrap();
    let enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(mut algo) = state.new_algo
    else {
        panic!("an unknown algorithm");
    };
    algo.salt1.extend([5; FRESH_SALT_LEN]);
    let own = subrosa::mtproto::srp::Algo {
        salt1: algo.salt1.clone(),
        salt2: algo.salt2.clone(),
        g: algo.g,
        p: algo.p.clone(),
    };
    let verifier = Verifier::of_password(b"rose", &own).unwrap();
    let settings = types::account::PasswordInputSettings {
        new_algo: Some(algo.into()),
        new_password_hash: Some(verifier.expose().to_vec()),
        hint: Some(String::new()),
        email: None,
        new_secure_settings: None,
    };
    let update = functions::account::UpdatePasswordSettings {
        password: enums::InputCheckPasswordSrp::InputCheckPasswordEmpty,
        new_settings: settings.into(),
    };
    world.call(ADA, &update).unwrap();

    let token = shown(&mut world);
    assert!(accept(&mut world, ADA, &token.token).unwrap().password_pending);
    assert_eq!(export(&mut world, Vec::new()).unwrap_err(), "401 SESSION_PASSWORD_NEEDED");
    let enums::account::Password::Password(state) =
        world.call(NEW, &functions::account::GetPassword {}).unwrap();
    let proof =
        subrosa::mtproto::srp::client_proof(b"rose", &own, &state.srp_b.unwrap(), &[0x41; 256]).unwrap();
    let (srp_id, a, m1) = (state.srp_id.unwrap(), proof.a.to_vec(), proof.m1.to_vec());
    let check =
        functions::auth::CheckPassword { password: types::InputCheckPasswordSrp { srp_id, a, m1 }.into() };
    assert!(matches!(world.call(NEW, &check), Ok(enums::auth::Authorization::Authorization(_))));
    assert_eq!(import(&mut world, NEW, &token.token).unwrap_err(), "400 AUTH_TOKEN_ALREADY_ACCEPTED");
}

#[test]
fn a_token_is_brought_to_where_the_account_lives() {
    let address = "127.0.0.1:4432".parse().unwrap();
    let others = vec![DataCentre { id: 2, address }];
    let mut near = World::as_centre(Centres { others, ..Centres::alone("127.0.0.1:4430".parse().unwrap()) });
    near.enter(ADA, ADA_PHONE, "Ada");
    near.rpc().move_account("15550001", Some(2), START).unwrap();
    let token = shown(&mut near);
    accept(&mut near, ADA, &token.token).unwrap();
    let enums::auth::LoginToken::MigrateTo(go) = export(&mut near, Vec::new()).unwrap() else {
        panic!("not sent elsewhere");
    };
    assert_eq!((go.dc_id, &go.token), (2, &token.token));

    let mut far = World::as_centre(Centres { id: 2, address, others: Vec::new() });
    let ada = far.enter(ADA, ADA_PHONE, "Ada");
    assert_eq!(import(&mut far, NEW, &go.token).unwrap_err(), "400 AUTH_TOKEN_INVALID");
    assert!(far.rpc().honour_login_token(go.token.clone(), "15559999", START).is_err(), "nobody");
    far.rpc().honour_login_token(go.token.clone(), "15550001", START).unwrap();
    assert_eq!(success(import(&mut far, NEW, &go.token).unwrap()).id, ada.id);
    assert_eq!(import(&mut far, NEW, &go.token).unwrap_err(), "400 AUTH_TOKEN_ALREADY_ACCEPTED");
}

#[test]
fn tokens_are_bounded_in_all_and_by_key() {
    let mut world = World::with_cast();
    let first = shown(&mut world);
    for _ in 0..4 {
        shown(&mut world);
    }
    assert_eq!(accept(&mut world, ADA, &first.token).unwrap_err(), "400 AUTH_TOKEN_INVALID", "crowded out");
    let mut refused = None;
    for key in 1000..4000 {
        let ask = functions::auth::ExportLoginToken {
            api_id: 1,
            api_hash: String::new(),
            except_ids: vec![1; 5000],
        };
        if let Err(error) = world.call(key, &ask) {
            refused = Some(error);
            break;
        }
    }
    assert_eq!(refused.as_deref(), Some("420 FLOOD_WAIT_30"));
    world.now += 30;
    let _ = shown(&mut world);
}

#[test]
fn a_token_of_somebody_who_is_gone_signs_nobody_in() {
    let mut world = World::with_cast();
    let token = shown(&mut world);
    accept(&mut world, CURIE, &token.token).unwrap();
    world.rpc().delete_account("15550003", START).unwrap();
    assert_eq!(export(&mut world, Vec::new()).unwrap_err(), "400 AUTH_TOKEN_INVALID");
    assert_ne!(shown(&mut world).token, token.token, "and another is to be had");
}
