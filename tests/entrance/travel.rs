//! Accounts that live in another data centre.

use subrosa::engine::entrance::EntranceCommand;
use subrosa::server::rpc::DataCentre;

use crate::stage::{ADA, House};

/// The second data centre, and the first, which knows where that is.
async fn two() -> (House, House) {
    let second = House::centre(2, Vec::new()).await;
    let others = vec![DataCentre { id: 2, address: second.server.address() }];
    (House::centre(1, others).await, second)
}

/// Where a profile was signed in.
async fn arrived(house: &House) -> (String, i32) {
    let account = house.vault_when_free("ada").await.account().unwrap().unwrap();
    (account.server, account.dc_id)
}

#[tokio::test]
async fn the_number_leads_there() {
    let (first, mut second) = two().await;
    first.server.move_account(ADA.into(), Some(2)).await.unwrap();
    let _phone = second.device(ADA, "Ada").await;
    let mut ada = first.visitor("ada").await;
    ada.gives(ADA).await;
    ada.types(&second.code().await);
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada.entrance.engine(None).unwrap());
    assert_eq!(arrived(&first).await, (second.server.address().to_string(), 2));
}

#[tokio::test]
async fn moving_between_number_and_code_costs_a_code() {
    let (mut first, mut second) = two().await;
    let _phone = second.device(ADA, "Ada").await;
    let mut ada = first.visitor("ada").await;
    ada.gives(ADA).await;
    let here = first.code().await;
    first.server.move_account(ADA.into(), Some(2)).await.unwrap();
    ada.types(&here);
    // The other data centre never sent that one.
    assert!(ada.refused().await.contains("not valid any more"));
    ada.say(EntranceCommand::Resend);
    ada.stage().await;
    ada.types(&second.code().await);
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada);
    assert_eq!(arrived(&first).await, (second.server.address().to_string(), 2));
}

#[tokio::test]
async fn a_qr_code_leads_there() {
    let (mut first, mut second) = two().await;
    let phone = first.device(ADA, "Ada").await;
    let _there = second.device(ADA, "Ada").await;
    let mut ada = first.visitor("ada").await;
    ada.say(EntranceCommand::Qr);
    let (link, _) = ada.qr().await;
    second.server.honour_login_token(crate::stage::token_of(&link), ADA.into()).await.unwrap();
    first.server.move_account(ADA.into(), Some(2)).await.unwrap();
    phone.accept(&link).await;
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada);
    assert_eq!(arrived(&first).await, (second.server.address().to_string(), 2));
}

#[tokio::test]
async fn a_data_centre_that_nobody_knows_is_named() {
    let house = House::open().await;
    house.server.move_account(ADA.into(), Some(77)).await.unwrap();
    let mut ada = house.visitor("ada").await;
    ada.say(EntranceCommand::Phone(ADA.into()));
    let sentence = ada.refused().await;
    assert!(sentence.contains("data centre 77"), "{sentence}");
}

#[tokio::test]
async fn servers_that_send_us_round_are_left() {
    let house = House::open().await;
    // It is every data centre, and says that the account is in another one.
    house.server.move_account(ADA.into(), Some(3)).await.unwrap();
    let mut ada = house.visitor("ada").await;
    ada.say(EntranceCommand::Phone(ADA.into()));
    let sentence = ada.refused().await;
    assert!(sentence.contains("from one data centre to another"), "{sentence}");
}
