//! What servers say against signing in, and answers that are lost on the way.

use subrosa::engine::entrance::{EntranceCommand, EntranceEvent, Stage};
use subrosa::engine::{Connection, ServerProfile};
use subrosa::server::rpc::{RpcError, Trouble};

use crate::line::Line;
use crate::stage::{ADA, House, PATIENCE, Visitor};

async fn trouble(house: &House, method: &str, code: i32, name: &str) {
    let error = RpcError { code, name: name.to_owned() };
    let trouble = Trouble { phone: ADA.into(), method: method.into(), error, calls: 1 };
    house.server.trouble(trouble).await.unwrap();
}

#[tokio::test]
async fn every_refusal_has_its_sentence() {
    let mut house = House::open().await;
    let _phone = house.device(ADA, "Ada").await;
    let mut ada = house.visitor("ada").await;
    let cases = [
        (400, "PHONE_NUMBER_BANNED", "banned"),
        (400, "PHONE_NUMBER_FLOOD", "too many codes"),
        (406, "PHONE_PASSWORD_FLOOD", "too many attempts"),
        (400, "API_ID_INVALID", "api_id"),
        (400, "API_ID_PUBLISHED_FLOOD", "was published"),
        (406, "UPDATE_APP_TO_LOGIN", "newer version"),
        (500, "AUTH_RESTART", "begun again"),
    ];
    for (code, name, words) in cases {
        trouble(&house, "auth.sendCode", code, name).await;
        ada.say(EntranceCommand::Phone(ADA.into()));
        let sentence = ada.refused().await;
        assert!(sentence.contains(words), "{name}: {sentence}");
    }
    // None of it is for ever, and what is not known has its name.
    trouble(&house, "auth.sendCode", 400, "SOMETHING_NEW").await;
    ada.say(EntranceCommand::Phone(ADA.into()));
    assert!(ada.refused().await.contains("SOMETHING_NEW"));
    ada.gives(ADA).await;
}

#[tokio::test]
async fn a_code_that_ran_out_is_asked_for_anew() {
    let mut house = House::open().await;
    let _phone = house.device(ADA, "Ada").await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    let first = house.code().await;
    trouble(&house, "auth.signIn", 400, "PHONE_CODE_EXPIRED").await;
    ada.types(&first);
    assert!(ada.refused().await.contains("ask for a new one"));
    ada.say(EntranceCommand::Resend);
    assert!(matches!(ada.stage().await, Stage::Code(_)));
    ada.types(&house.code().await);
    assert_eq!(ada.done().await.first_name, "Ada");
}

#[tokio::test]
async fn a_wait_that_the_server_orders_is_told_with_its_end() {
    let mut house = House::open().await;
    let _phone = house.device(ADA, "Ada").await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    let code = house.code().await;
    trouble(&house, "auth.signIn", 420, "FLOOD_WAIT_40").await;
    ada.types(&code);
    let (sentence, until) = ada.refused_until().await;
    assert!(sentence.contains("40 s"), "{sentence}");
    assert!(until.is_some_and(|until| until > crate::stage::unix_ms() + 20_000));
    ada.types(&code);
    assert_eq!(ada.done().await.first_name, "Ada");
}

#[tokio::test]
async fn whoever_was_let_in_unheard_is_in() {
    let mut house = House::open().await;
    let phone = house.device(ADA, "Ada").await;
    let line = Line::to(house.server.address()).await;
    let server = ServerProfile { address: line.address.to_string(), ..house.profile() };
    let mut ada = Visitor::enter(house.vault("ada"), server, false).await;
    ada.gives(ADA).await;
    line.down.hold_after(0);
    ada.types(&house.code().await);
    // The server has let us in, and its answer does not come through.
    let let_in = async { while phone.devices().await < 2 {} };
    tokio::time::timeout(PATIENCE, let_in).await.expect("the server to let us in");
    line.cut();
    let lost = |event: &EntranceEvent| {
        matches!(event, EntranceEvent::Connection(Connection::Waiting { .. } | Connection::Connecting))
            .then_some(())
    };
    ada.until("a broken connection", lost).await;
    line.down.release();
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada);
    let account = house.vault_when_free("ada").await.account().unwrap().unwrap();
    assert_eq!((account.signed_in, account.server), (true, line.address.to_string()));
}

#[tokio::test]
async fn an_offer_that_ran_out_is_asked_for_again_once() {
    let mut house = House::open().await;
    house.device(ADA, "Ada").await.set_password("horse", "").await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    ada.types(&house.code().await);
    assert_eq!(ada.stage().await, Stage::Password { hint: String::new() });
    for _ in 0..2 {
        trouble(&house, "auth.checkPassword", 400, "SRP_ID_INVALID").await;
    }
    ada.proves("horse");
    assert!(ada.refused().await.contains("run out"));
    trouble(&house, "auth.checkPassword", 400, "SRP_ID_INVALID").await;
    ada.proves("horse");
    assert_eq!(ada.done().await.first_name, "Ada");
}
