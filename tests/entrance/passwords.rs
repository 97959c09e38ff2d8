//! Two-step verification.

use subrosa::engine::entrance::{EntranceCommand, Hidden, Stage};
use subrosa::engine::{SignIn, SignInStep};

use crate::stage::{ADA, House};

const HINT: &str = "the usual";
const PASSWORD: &str = "corrêct horse";

#[tokio::test]
async fn the_password_is_wanted_after_the_code() {
    let mut house = House::open().await;
    house.device(ADA, "Ada").await.set_password(PASSWORD, HINT).await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    assert_eq!(ada.stage().await, Stage::Password { hint: HINT.into() });
    ada.types("12345");
    assert!(ada.refused().await.contains("password"));
    for wrong in ["correct horse", "", "corrêct horse "] {
        ada.proves(wrong);
        assert!(ada.refused().await.contains("password is wrong"), "{wrong:?}");
    }
    ada.proves(PASSWORD);
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada.entrance.engine(None).unwrap());
}

#[tokio::test]
async fn guessing_has_to_wait() {
    let mut house = House::open().await;
    house.device(ADA, "Ada").await.set_password(PASSWORD, "").await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    assert_eq!(ada.stage().await, Stage::Password { hint: String::new() });
    for _ in 0..5 {
        ada.proves("no");
        assert!(ada.refused().await.contains("password is wrong"));
    }
    ada.proves(PASSWORD);
    let (sentence, until) = ada.refused_until().await;
    assert!(sentence.contains("wait") && until.is_some(), "{sentence}");
    ada.say(EntranceCommand::Restart);
    assert_eq!(ada.stage().await, Stage::Phone);
}

#[tokio::test]
async fn the_short_conversation_asks_for_it_as_well() {
    let mut house = House::open().await;
    house.device(ADA, "Ada").await.set_password(PASSWORD, HINT).await;
    let sign_in = SignIn::begin(house.vault("ada"), house.profile(), ADA, false).await.unwrap();
    let step = sign_in.try_code(&house.code().await).await.unwrap();
    let SignInStep::PasswordWanted(sign_in, hint) = step else { panic!("no password") };
    assert_eq!(hint, HINT);
    let step = sign_in.try_password(&Hidden::new("no".into())).await.unwrap();
    let SignInStep::WrongPassword(sign_in) = step else { panic!("not wrong") };
    let step = sign_in.try_password(&Hidden::new(PASSWORD.into())).await.unwrap();
    assert!(matches!(step, SignInStep::Done(me) if me.first_name == "Ada"));
    let account = house.vault_when_free("ada").await.account().unwrap().unwrap();
    assert!(account.signed_in && account.auth_key.is_some());
}
