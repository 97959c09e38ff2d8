//! Accounts over the wire: a device that signs in by a picture, is listed by its name, and is shut out; and what the operator does.

use grammers_tl_types::{RemoteCall, Serializable, enums, functions, types};
use subrosa::server::rpc::Delivery;

use crate::client::*;
use crate::stage::Stage;

const PHONE: &str = "+1 555 0001";

fn code_request() -> functions::auth::SendCode {
    let settings = types::CodeSettings {
        allow_flashcall: false,
        current_number: false,
        allow_app_hash: false,
        allow_missed_call: false,
        allow_firebase: false,
        unknown_number: false,
        logout_tokens: None,
        token: None,
        app_sandbox: None,
    };
    let (phone_number, api_hash) = (PHONE.to_owned(), String::new());
    functions::auth::SendCode { phone_number, api_id: 1, api_hash, settings: settings.into() }
}

/// A client that says what it is with its first request.
async fn introduced<R: RemoteCall>(stage: &Stage, model: &str, request: R) -> (Client, R::Return) {
    let mut client = Client::introduced(stage).await;
    let query = functions::InitConnection {
        api_id: 77,
        device_model: model.to_owned(),
        system_version: "Linux 6".to_owned(),
        app_version: "9.9".to_owned(),
        system_lang_code: "en".to_owned(),
        lang_pack: String::new(),
        lang_code: "en".to_owned(),
        proxy: None,
        params: None,
        query: request,
    };
    let wrapped = functions::InvokeWithLayer { layer: 230, query };
    let answer = client.call_raw(&wrapped.to_bytes()).await.unwrap();
    (client, read(&answer))
}

fn export() -> functions::auth::ExportLoginToken {
    functions::auth::ExportLoginToken { api_id: 77, api_hash: String::new(), except_ids: Vec::new() }
}

/// Ada, signed up.
async fn ada(stage: &Stage) -> Client {
    let (mut client, sent) = introduced(stage, "Desk", code_request()).await;
    let enums::auth::SentCode::Code(sent) = sent else { panic!("{sent:?}") };
    let sign_in = functions::auth::SignIn {
        phone_number: PHONE.to_owned(),
        phone_code_hash: sent.phone_code_hash.clone(),
        phone_code: Some(stage.last_code()),
        email_verification: None,
    };
    client.call(&sign_in).await.unwrap();
    let sign_up = functions::auth::SignUp {
        no_joined_notifications: false,
        phone_number: PHONE.to_owned(),
        phone_code_hash: sent.phone_code_hash,
        first_name: "Ada".to_owned(),
        last_name: String::new(),
    };
    client.call(&sign_up).await.unwrap();
    client
}

async fn next_updates(client: &mut Client) -> enums::Updates {
    let ids = [0x7ab8_4ab5u32, 0xe317_af7e, 0x78d4_dec1];
    client.next_that(|message| ids.contains(&message.id())).await.read()
}

async fn devices(client: &mut Client) -> Vec<types::Authorization> {
    let enums::account::Authorizations::Authorizations(all) =
        client.call(&functions::account::GetAuthorizations {}).await.unwrap();
    let one = |one| match one {
        enums::Authorization::Authorization(one) => one,
    };
    all.authorizations.into_iter().map(one).collect()
}

#[tokio::test]
async fn a_device_comes_by_a_picture_and_is_shut_out() {
    let stage = Stage::new().await;
    let mut ada = ada(&stage).await;
    let (mut new, token) = introduced(&stage, "Pocket", export()).await;
    let enums::auth::LoginToken::Token(token) = token else { panic!("{token:?}") };

    let accept = functions::auth::AcceptLoginToken { token: token.token };
    let enums::Authorization::Authorization(made) = ada.call(&accept).await.unwrap();
    assert_eq!((made.device_model.as_str(), made.api_id, made.ip.as_str()), ("Pocket", 77, "127.0.0.1"));
    let enums::Updates::UpdateShort(told) = next_updates(&mut new).await else { panic!("another container") };
    assert_eq!(told.update, enums::Update::LoginToken);
    assert!(matches!(new.call(&export()).await.unwrap(), enums::auth::LoginToken::Success(_)));

    let listed = devices(&mut ada).await;
    let seen: Vec<(&str, &str, bool)> =
        listed.iter().map(|one| (one.device_model.as_str(), one.platform.as_str(), one.current)).collect();
    assert!(
        seen.contains(&("Desk", "Linux", true)) && seen.contains(&("Pocket", "Linux", false)),
        "{seen:?}"
    );

    assert!(ada.call(&functions::account::ResetAuthorization { hash: made.hash }).await.unwrap());
    assert_eq!(next_updates(&mut new).await, enums::Updates::TooLong);
    let state = new.call(&functions::updates::GetState {}).await;
    assert_eq!(state.unwrap_err(), "401 SESSION_REVOKED");
    assert_eq!(devices(&mut ada).await.len(), 1);
    stage.server.stop().await;
}

#[tokio::test]
async fn the_operator_chooses_the_way_of_a_code_and_the_home_of_an_account() {
    let stage = Stage::new().await;
    let ways = vec![Delivery::MissedCall, Delivery::Email];
    stage.server.deliver_codes("15550001".to_owned(), ways).await.unwrap();
    let (mut client, sent) = introduced(&stage, "Desk", code_request()).await;
    let enums::auth::SentCode::Code(sent) = sent else { panic!("{sent:?}") };
    assert!(matches!(sent.r#type, enums::auth::SentCodeType::MissedCall(_)));
    let resend = functions::auth::ResendCode {
        phone_number: PHONE.to_owned(),
        phone_code_hash: sent.phone_code_hash,
        reason: None,
    };
    let again = client.call(&resend).await.unwrap();
    let enums::auth::SentCode::Code(again) = again else { panic!("{again:?}") };
    assert!(matches!(again.r#type, enums::auth::SentCodeType::EmailCode(_)));

    stage.server.move_account("15550001".to_owned(), Some(2)).await.unwrap();
    assert_eq!(client.call(&code_request()).await.unwrap_err(), "303 PHONE_MIGRATE_2");
    let stage = stage.restart().await;
    let mut client = Client::introduced(&stage).await;
    assert_eq!(client.call(&code_request()).await.unwrap_err(), "303 PHONE_MIGRATE_2", "it is written down");
    assert!(stage.server.honour_login_token(vec![1; 32], "15550001".to_owned()).await.is_err(), "nobody yet");
    stage.server.move_account("15550001".to_owned(), None).await.unwrap();
    assert!(client.call(&code_request()).await.is_ok());
    stage.server.stop().await;
}
