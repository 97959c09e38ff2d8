//! QR codes.

use std::ops::RangeBounds;

use subrosa::engine::Person;
use subrosa::engine::entrance::{EntranceCommand, Stage};

use crate::stage::{ADA, BASIL, House, soon, token_of};

#[tokio::test]
async fn a_device_that_scans_it_lets_us_in() {
    let mut house = House::open().await;
    let phone = house.device(ADA, "Ada").await;
    let mut ada = house.visitor("ada").await;
    ada.say(EntranceCommand::Qr);
    let (link, expires) = ada.qr().await;
    assert!(soon(30).contains(&expires), "{expires}");
    assert!(token_of(&link).len() >= 16);
    phone.accept(&link).await;
    assert_eq!(ada.done().await.first_name, "Ada");
    assert!(crate::stage::unix_ms() < expires - 5_000, "at once, not when it expires");
    drop(ada.entrance.engine(None).unwrap());
    let account = house.vault_when_free("ada").await.account().unwrap().unwrap();
    assert_eq!(account.phone, ADA);
}

#[tokio::test]
async fn the_password_is_wanted_after_it() {
    let mut house = House::open().await;
    let phone = house.device(ADA, "Ada").await;
    phone.set_password("horse", "staple").await;
    let mut ada = house.visitor("ada").await;
    ada.say(EntranceCommand::Qr);
    let (link, _) = ada.qr().await;
    phone.accept(&link).await;
    assert_eq!(ada.stage().await, Stage::Password { hint: "staple".into() });
    ada.proves("horse");
    assert_eq!(ada.done().await.first_name, "Ada");
}

#[tokio::test]
async fn it_is_renewed_when_it_expires() {
    let mut house = House::open().await;
    let phone = house.device(ADA, "Ada").await;
    let mut ada = house.visitor("ada").await;
    ada.say(EntranceCommand::Qr);
    let (first, first_expires) = ada.qr().await;
    let (second, second_expires) = ada.qr().await;
    assert_ne!(first, second);
    assert!(second_expires > first_expires);
    assert!(crate::stage::unix_ms() + 1000 >= first_expires, "not before it has to be");
    phone.accept(&second).await;
    assert_eq!(ada.done().await.first_name, "Ada");
}

#[tokio::test]
async fn restarting_leads_to_the_number() {
    let mut house = House::open().await;
    let _phone = house.device(ADA, "Ada").await;
    let mut ada = house.visitor("ada").await;
    ada.say(EntranceCommand::Qr);
    ada.qr().await;
    ada.types("12345");
    assert!(ada.refused().await.contains("QR code"));
    ada.say(EntranceCommand::Restart);
    assert_eq!(ada.stage().await, Stage::Phone);
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    assert_eq!(ada.done().await.first_name, "Ada");
}

/// Ada signs up in the profile of her name, and leaves it.
async fn ada_moves_in(house: &mut House) -> Person {
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    ada.stage().await;
    ada.say(EntranceCommand::Name { first: "Ada".into(), last: String::new() });
    ada.done().await
}

#[tokio::test]
async fn a_profile_is_not_given_to_somebody_else() {
    let mut house = House::open().await;
    let me = ada_moves_in(&mut house).await;

    let basils = house.device(BASIL, "Basil").await;
    let vault = house.vault_when_free("ada").await;
    let mut again = crate::stage::Visitor::enter(vault, house.profile(), true).await;
    again.say(EntranceCommand::Qr);
    let (link, _) = again.qr().await;
    basils.accept(&link).await;
    assert!(again.refused().await.contains(&format!("+{ADA}")));
    assert_eq!(again.stage().await, Stage::Phone);
    assert_eq!(basils.devices().await, 1, "the new authorization was ended");
    again.gives(ADA).await;
    again.types(&house.code().await);
    assert_eq!(again.done().await.id, me.id);
}

#[tokio::test]
async fn nor_after_a_password() {
    let mut house = House::open().await;
    let me = ada_moves_in(&mut house).await;

    let basils = house.device(BASIL, "Basil").await;
    basils.set_password("horse", "staple").await;
    let vault = house.vault_when_free("ada").await;
    let mut again = crate::stage::Visitor::enter(vault, house.profile(), true).await;
    again.say(EntranceCommand::Qr);
    let (link, _) = again.qr().await;
    basils.accept(&link).await;
    assert_eq!(again.stage().await, Stage::Password { hint: "staple".into() });
    again.proves("horse");
    assert!(again.refused().await.contains(&format!("+{ADA}")));
    // There is no password to be asked for any more.
    assert_eq!(again.stage().await, Stage::Phone);
    assert_eq!(basils.devices().await, 1, "the new authorization was ended");
    again.gives(ADA).await;
    again.types(&house.code().await);
    assert_eq!(again.done().await.id, me.id);
}

#[tokio::test]
async fn a_profile_follows_its_account_to_another_number() {
    let mut house = House::open().await;
    ada_moves_in(&mut house).await;

    let mut vault = house.vault_when_free("ada").await;
    let mut account = vault.account().unwrap().unwrap();
    account.me.as_mut().unwrap().phone = Some(BASIL.into());
    vault.put_account(&account).unwrap();
    let mut again = crate::stage::Visitor::enter(vault, house.profile(), true).await;
    again.say(EntranceCommand::Phone(ADA.into()));
    assert!(again.refused().await.contains(&format!("+{BASIL}")));
    again.gives(BASIL).await;
}
