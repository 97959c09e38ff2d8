//! Profiles that belong to somebody already.

use subrosa::engine::entrance::{self, EntranceCommand};
use subrosa::engine::{ServerProfile, SignInError};

use crate::stage::{ADA, BASIL, House, Visitor};

async fn signed_in() -> House {
    let mut house = House::open().await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    ada.stage().await;
    ada.say(EntranceCommand::Name { first: "Ada".into(), last: String::new() });
    ada.done().await;
    house
}

#[tokio::test]
async fn signing_in_again_has_to_be_meant() {
    let mut house = signed_in().await;
    let former = house.vault_when_free("ada").await.account().unwrap().unwrap();
    let refused = entrance::open(house.vault_when_free("ada").await, house.profile(), false);
    assert!(matches!(refused, Err(SignInError::Already(phone)) if phone == ADA));

    let vault = house.vault_when_free("ada").await;
    let mut ada = Visitor::enter(vault, house.profile(), true).await;
    ada.say(EntranceCommand::Phone(BASIL.into()));
    assert!(ada.refused().await.contains(&format!("+{ADA}")));
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    ada.done().await;
    drop(ada);
    let now = house.vault_when_free("ada").await.account().unwrap().unwrap();
    assert!(now.signed_in && now.auth_key != former.auth_key);
}

#[tokio::test]
async fn a_profile_stays_with_its_server() {
    let house = signed_in().await;
    let other = ServerProfile { key: subrosa::engine::TELEGRAM.into(), ..house.profile() };
    let refused = entrance::open(house.vault_when_free("ada").await, other, true);
    let address = house.server.address().to_string();
    assert!(matches!(refused, Err(SignInError::OtherServer(at)) if at == address));
}

#[tokio::test]
async fn a_sign_in_that_was_given_up_leaves_nothing() {
    let mut house = House::open().await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    house.code().await;
    ada.leave().await;
    assert_eq!(house.vault_when_free("ada").await.account().unwrap(), None);
}
