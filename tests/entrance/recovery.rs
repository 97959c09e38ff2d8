//! A forgotten password, and the code to a mail address that stands in for it.

use subrosa::engine::entrance::{EntranceCommand, Stage};

use crate::stage::{ADA, House, Visitor};

const PASSWORD: &str = "corrêct horse";

/// Somebody of whom the password is wanted.
async fn asked(house: &mut House, name: &str, mail: Option<&str>) -> Visitor {
    house.device(ADA, "Ada").await.set_password(PASSWORD, "").await;
    house.server.set_recovery_address(ADA.into(), mail.map(str::to_owned)).await.unwrap();
    let mut ada = house.visitor(name).await;
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    assert_eq!(ada.stage().await, Stage::Password { hint: String::new() });
    ada
}

async fn forgets(ada: &mut Visitor) {
    ada.say(EntranceCommand::Forgot);
    assert_eq!(ada.stage().await, Stage::Recovery { mail: "a***@rosa.example".into() });
}

#[tokio::test]
async fn the_code_of_the_mail_signs_in_and_takes_the_password_away() {
    let mut house = House::open().await;
    let mut ada = asked(&mut house, "ada", Some("ada@rosa.example")).await;
    forgets(&mut ada).await;
    let code = house.code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    ada.types(wrong);
    assert!(ada.refused().await.contains("code is wrong"));
    ada.types(&format!(" {code}\n"));
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada.entrance.engine(None).unwrap());
    // The next device is asked for a code alone.
    let mut next = house.visitor("next").await;
    next.gives(ADA).await;
    next.types(&house.code().await);
    assert_eq!(next.done().await.first_name, "Ada");
    drop(next.entrance.engine(None).unwrap());
}

#[tokio::test]
async fn the_password_is_taken_all_the_same() {
    let mut house = House::open().await;
    let mut ada = asked(&mut house, "ada", Some("ada@rosa.example")).await;
    forgets(&mut ada).await;
    house.code().await;
    ada.say(EntranceCommand::Resend);
    assert!(ada.refused().await.contains("code of the e-mail"));
    // Mail may be slow: another code is not sent at once.
    ada.say(EntranceCommand::Forgot);
    let (sentence, until) = ada.refused_until().await;
    assert!(sentence.contains("wait") && until.is_some(), "{sentence}");
    ada.proves(PASSWORD);
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada.entrance.engine(None).unwrap());
}

#[tokio::test]
async fn guessing_spends_the_code() {
    let mut house = House::open().await;
    let mut ada = asked(&mut house, "ada", Some("ada@rosa.example")).await;
    forgets(&mut ada).await;
    let code = house.code().await;
    for _ in 0..5 {
        ada.types("no");
        assert!(ada.refused().await.contains("code is wrong"));
    }
    ada.types(&code);
    assert!(ada.refused().await.contains("not valid any more: have another one sent"));
    // The password is there still.
    ada.say(EntranceCommand::Restart);
    assert_eq!(ada.stage().await, Stage::Phone);
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    assert_eq!(ada.stage().await, Stage::Password { hint: String::new() });
}

#[tokio::test]
async fn without_an_address_it_is_said_what_can_be_done() {
    let mut house = House::open().await;
    let mut ada = asked(&mut house, "ada", None).await;
    ada.say(EntranceCommand::Forgot);
    let sentence = ada.refused().await;
    assert!(sentence.contains("no e-mail address") && sentence.contains("a week"), "{sentence}");
    ada.types("12345");
    assert!(ada.refused().await.contains("the password is wanted first"), "nothing was sent");
    ada.proves(PASSWORD);
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada.entrance.engine(None).unwrap());
}
