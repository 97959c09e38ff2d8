//! A forgotten password: the code to a mail address, what it is good for, and for how long.

use grammers_tl_types::{enums, functions, types};

use crate::password::{check, guarded, half, new_password, prove, state, update};
use crate::world::*;

/// Her number as the server keeps it.
const ADA_DIGITS: &str = "15550001";

const ADDRESS: &str = "ada@rosa.example";

/// Ada with a password and an address, and a second device that lacks the password.
fn forgetful() -> World {
    let (mut world, _) = guarded();
    world.rpc().set_recovery_address(ADA_DIGITS, Some(ADDRESS.into())).unwrap();
    assert_eq!(half(&mut world, ADA_2, ADA_PHONE), "401 SESSION_PASSWORD_NEEDED");
    world
}

fn request(world: &mut World) -> Result<String, String> {
    let enums::auth::PasswordRecovery::Recovery(sent) =
        world.call(ADA_2, &functions::auth::RequestPasswordRecovery {})?;
    Ok(sent.email_pattern)
}

fn try_code(world: &mut World, code: &str) -> Result<bool, String> {
    world.call(ADA_2, &functions::auth::CheckRecoveryPassword { code: code.to_owned() })
}

fn recover(
    world: &mut World,
    code: &str,
    new: Option<types::account::PasswordInputSettings>,
) -> Result<types::User, String> {
    let call = functions::auth::RecoverPassword { code: code.to_owned(), new_settings: new.map(Into::into) };
    match world.call(ADA_2, &call)? {
        enums::auth::Authorization::Authorization(done) => Ok(user(done.user)),
        other => panic!("unexpected answer {other:?}"),
    }
}

#[test]
fn a_code_takes_the_password_away_once() {
    let mut world = forgetful();
    assert!(state(&mut world, ADA_2).unwrap().has_recovery);
    assert_eq!(try_code(&mut world, "000000").unwrap_err(), "400 PASSWORD_RECOVERY_EXPIRED", "none was sent");
    assert_eq!(request(&mut world).unwrap(), "a***@rosa.example");
    let (phone, code) = world.last_code();
    assert_eq!((phone.as_str(), code.len()), (ADA_DIGITS, 6));
    assert_eq!(try_code(&mut world, "").unwrap_err(), "400 CODE_EMPTY");
    assert!(try_code(&mut world, &code).unwrap());
    assert_eq!(recover(&mut world, "no", None).unwrap_err(), "400 CODE_INVALID");
    assert_eq!(recover(&mut world, &code, None).unwrap().first_name.as_deref(), Some("Ada"));
    let now = state(&mut world, ADA_2).unwrap();
    assert!(!now.has_password && !now.has_recovery);
    assert_eq!(recover(&mut world, &code, None).unwrap_err(), "400 PASSWORD_EMPTY");
}

#[test]
fn another_password_can_take_its_place() {
    let mut world = forgetful();
    request(&mut world).unwrap();
    let code = world.last_code().1;
    let mut new = new_password(&mut world, ADA_2, "thorn");
    let unfit =
        types::account::PasswordInputSettings { new_password_hash: Some(vec![0xff; 256]), ..new.clone() };
    assert_eq!(recover(&mut world, &code, Some(unfit)).unwrap_err(), "400 NEW_SETTINGS_INVALID");
    new.hint = Some("sharp".into());
    recover(&mut world, &code, Some(new)).unwrap();
    assert_eq!(half(&mut world, BOOLE, ADA_PHONE), "401 SESSION_PASSWORD_NEEDED");
    let given = prove(&mut world, BOOLE, "thorn");
    assert_eq!(check(&mut world, BOOLE, given).unwrap().first_name.as_deref(), Some("Ada"));
    assert_eq!(recover(&mut world, &code, None).unwrap_err(), "400 PASSWORD_RECOVERY_EXPIRED", "it was used");
}

#[test]
fn codes_are_few_and_do_not_last() {
    let mut world = forgetful();
    request(&mut world).unwrap();
    let first = world.last_code().1;
    assert_eq!(request(&mut world).unwrap_err(), "420 FLOOD_WAIT_60");
    world.now += 59;
    assert_eq!(request(&mut world).unwrap_err(), "420 FLOOD_WAIT_1");
    world.now += 1;
    request(&mut world).unwrap();
    let second = world.last_code().1;
    if first != second {
        assert_eq!(try_code(&mut world, &first).unwrap_err(), "400 CODE_INVALID");
    }
    world.now += 3601;
    // Whoever has waited so long has to show the code for the number again, too.
    assert_eq!(half(&mut world, ADA_2, ADA_PHONE), "401 SESSION_PASSWORD_NEEDED");
    assert_eq!(try_code(&mut world, &second).unwrap_err(), "400 PASSWORD_RECOVERY_EXPIRED");
    world.rpc().set_recovery_address(ADA_DIGITS, None).unwrap();
    assert_eq!(request(&mut world).unwrap_err(), "400 PASSWORD_RECOVERY_NA");
    assert!(!state(&mut world, ADA_2).unwrap().has_recovery);
    assert!(world.rpc().set_recovery_address("1", None).is_err(), "nobody has that number");
}

#[test]
fn guesses_are_few_however_many_codes_there_are() {
    let mut world = forgetful();
    let guess = |world: &mut World| {
        let wrong = if world.last_code().1 == "000000" { "000001" } else { "000000" };
        try_code(world, wrong).unwrap_err()
    };
    for code in 1..=3 {
        request(&mut world).unwrap();
        for _ in 0..5 {
            assert_eq!(guess(&mut world), "400 CODE_INVALID");
        }
        let right = world.last_code().1;
        assert_eq!(try_code(&mut world, &right).unwrap_err(), "400 PASSWORD_RECOVERY_EXPIRED", "code {code}");
        world.now += 60;
    }
    assert_eq!(request(&mut world).unwrap_err(), "420 FLOOD_WAIT_3540");
    world.now += 3541;
    assert_eq!(half(&mut world, ADA_2, ADA_PHONE), "401 SESSION_PASSWORD_NEEDED");
    request(&mut world).unwrap();
    assert_eq!(guess(&mut world), "400 CODE_INVALID");
    let right = world.last_code().1;
    assert!(try_code(&mut world, &right).unwrap());
}

#[test]
fn a_code_is_worth_nothing_once_what_it_was_for_has_changed() {
    let mut world = forgetful();
    request(&mut world).unwrap();
    let code = world.last_code().1;
    world.rpc().set_recovery_address(ADA_DIGITS, Some("new@rosa.example".into())).unwrap();
    assert_eq!(try_code(&mut world, &code).unwrap_err(), "400 PASSWORD_RECOVERY_EXPIRED", "another address");
    world.now += 60;
    request(&mut world).unwrap();
    let code = world.last_code().1;
    let new = new_password(&mut world, ADA, "thorn");
    let given = prove(&mut world, ADA, "rose");
    assert!(update(&mut world, ADA, given, new).unwrap());
    assert_eq!(
        recover(&mut world, &code, None).unwrap_err(),
        "400 PASSWORD_RECOVERY_EXPIRED",
        "another password"
    );
}
