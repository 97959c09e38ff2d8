//! Methods on their way through wrappers and compression, once and only once; updates; restarts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use grammers_tl_types::{Identifiable, Serializable, enums, functions, types};

use crate::client::{Client, read};
use crate::stage::Stage;

pub fn init<Q>(query: Q) -> functions::InvokeWithLayer<functions::InitConnection<Q>> {
    functions::InvokeWithLayer {
        layer: 230,
        query: functions::InitConnection {
            api_id: 1,
            device_model: "raw".into(),
            system_version: "1".into(),
            app_version: "1".into(),
            system_lang_code: "en".into(),
            lang_pack: String::new(),
            lang_code: "en".into(),
            proxy: None,
            params: None,
            query,
        },
    }
}

fn gzip_packed(packed: Vec<u8>) -> Vec<u8> {
    let mut body = 0x3072_cfa1u32.to_bytes();
    packed.serialize(&mut body);
    body
}

pub fn send_code(phone: &str) -> functions::auth::SendCode {
    functions::auth::SendCode {
        phone_number: phone.into(),
        api_id: 1,
        api_hash: "hash".into(),
        settings: types::CodeSettings {
            allow_flashcall: false,
            current_number: false,
            allow_app_hash: false,
            allow_missed_call: false,
            allow_firebase: false,
            unknown_number: false,
            logout_tokens: None,
            token: None,
            app_sandbox: None,
        }
        .into(),
    }
}

/// A new account on a new key; yields the client and the user.
pub async fn signed_up(stage: &Stage, phone: &str) -> (Client, types::User) {
    let mut client = Client::introduced(stage).await;
    let user = sign_up(&mut client, phone, || stage.last_code()).await;
    (client, user)
}

/// Signs up; `code` yields the last code that the server announced.
pub async fn sign_up(client: &mut Client, phone: &str, code: impl FnOnce() -> String) -> types::User {
    let sent = client.call(&init(send_code(phone))).await.unwrap();
    let enums::auth::SentCode::Code(sent) = sent else { panic!("{sent:?}") };
    let sign_in = functions::auth::SignIn {
        phone_number: phone.into(),
        phone_code_hash: sent.phone_code_hash.clone(),
        phone_code: Some(code()),
        email_verification: None,
    };
    client.call(&sign_in).await.unwrap();
    let sign_up = functions::auth::SignUp {
        no_joined_notifications: true,
        phone_number: phone.into(),
        phone_code_hash: sent.phone_code_hash,
        first_name: phone.into(),
        last_name: String::new(),
    };
    let done = client.call(&sign_up).await.unwrap();
    let enums::auth::Authorization::Authorization(done) = done else { panic!("{done:?}") };
    let enums::User::User(user) = done.user else { panic!("an empty user") };
    user
}

#[tokio::test]
async fn init_connection_and_its_fellows_are_taken_off() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let config = client.call(&init(functions::help::GetConfig {})).await.unwrap();
    let enums::Config::Config(config) = config;
    assert!(config.dc_options.iter().all(|enums::DcOption::Option(option)| {
        option.ip_address == "127.0.0.1" && option.port == i32::from(stage.address().port())
    }));
    let quiet = functions::InvokeWithoutUpdates { query: functions::help::GetNearestDc {} };
    assert!(client.call(&quiet).await.is_ok());
    stage.server.stop().await;
}

#[tokio::test]
async fn compressed_requests_are_understood() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let request = init(functions::help::GetConfig {}).to_bytes();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&request).unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&request).unwrap();
    for packed in [gzip.finish().unwrap(), zlib.finish().unwrap()] {
        let answer = client.call_raw(&gzip_packed(packed)).await.unwrap();
        let enums::Config::Config(_) = read(&answer);
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn a_request_waits_for_the_one_it_names() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    // The one waited for arrives later than the one that waits.
    let (good, seq_no) = (client.next_msg_id(), client.next_seq_no(true));
    let after = functions::InvokeAfterMsg { msg_id: good, query: functions::help::GetNearestDc {} };
    let waiting = client.send(&after.to_bytes()).await;
    client.send_numbered(good, seq_no, &functions::help::GetNearestDc {}.to_bytes()).await;
    assert_eq!(client.next().await.request(), Some(good));
    assert!(client.result_of(waiting).await.is_ok());

    let failing = client.send(&[0x11, 0x22, 0x33, 0x44]).await;
    assert!(client.result_of(failing).await.is_err());
    let after =
        functions::InvokeAfterMsgs { msg_ids: vec![good, failing], query: functions::help::GetNearestDc {} };
    assert_eq!(client.call(&after).await.unwrap_err(), "400 MSG_WAIT_FAILED");
    stage.server.stop().await;
}

#[tokio::test]
async fn the_same_message_is_executed_once() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    let (msg_id, seq_no) = (client.next_msg_id(), client.next_seq_no(true));
    let body = init(send_code("+1 555 0001")).to_bytes();
    client.send_numbered(msg_id, seq_no, &body).await;
    let first = client.next().await;
    assert_eq!(first.request(), Some(msg_id));
    client.send_numbered(msg_id, seq_no, &body).await;
    assert_eq!(client.next().await, first);

    // A lost connection does not lose the answer. It waits for something new to be said: what came before may be anybody's copy.
    let mut again = client.reconnected(stage.address()).await;
    drop(client);
    again.send_numbered(msg_id, seq_no, &body).await;
    let come = again.ping().await;
    let enums::MsgsAck::Ack(arrived) = come[0].read();
    assert_eq!((arrived.msg_ids, come.last()), (vec![msg_id], Some(&first)));
    assert_eq!(come.iter().filter(|received| received.request().is_some()).count(), 1);
    assert_eq!(stage.codes.lock().unwrap().len(), 1);
    stage.server.stop().await;
}

#[tokio::test]
async fn an_unknown_method_is_an_error_and_nothing_more() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    for body in [&[0x11, 0x22, 0x33, 0x44][..], &[0; 400]] {
        let error = client.call_raw(body).await.unwrap_err();
        assert!(error.starts_with("400 "), "{error}");
    }
    client.ping().await;
    stage.server.stop().await;
}

#[tokio::test]
async fn oversized_requests_are_refused_one_by_one() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let long = vec![0x11; 64 * 1024 + 4];
    assert_eq!(client.call_raw(&long).await.unwrap_err(), "400 INPUT_REQUEST_TOO_LONG");
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = gzip_packed(bomb.finish().unwrap());
    let msg_id = client.send(&bomb).await;
    let enums::BadMsgNotification::Notification(bad) = client.next().await.read() else { panic!("salt") };
    assert_eq!((bad.bad_msg_id, bad.error_code), (msg_id, 64));
    let mut wrapped = functions::InvokeWithoutUpdates::<()>::CONSTRUCTOR_ID.to_bytes();
    wrapped.extend(bomb);
    assert_eq!(client.call_raw(&wrapped).await.unwrap_err(), "400 INPUT_FETCH_ERROR");
    client.ping().await;
    stage.server.stop().await;
}

#[tokio::test]
async fn updates_reach_the_sessions_that_want_them() {
    let stage = Stage::new().await;
    let (mut ada, _) = signed_up(&stage, "+1 555 0001").await;
    let (mut boole, _) = signed_up(&stage, "+1 555 0002").await;
    let enums::contacts::ImportedContacts::Contacts(imported) =
        ada.call(&contact("+1 555 0002")).await.unwrap();
    let Some(enums::User::User(peer)) = imported.users.into_iter().next() else { panic!("nobody found") };

    let mut quiet = boole.reconnected(stage.address()).await;
    quiet.session_id ^= 1;
    let nearest = functions::InvokeWithoutUpdates { query: functions::help::GetNearestDc {} };
    quiet.call(&nearest).await.unwrap();

    let mut g_a = vec![0x5a; 256];
    g_a[0] = 0x5a;
    let request = functions::messages::RequestEncryption {
        user_id: types::InputUser { user_id: peer.id, access_hash: peer.access_hash.unwrap() }.into(),
        random_id: 77,
        g_a,
    };
    ada.call(&request).await.unwrap();
    let push = boole.next().await;
    assert_eq!((push.msg_id & 3, push.seq_no & 1), (3, 1));
    let updates: enums::Updates = push.read();
    let updates = match updates {
        enums::Updates::UpdateShort(short) => vec![short.update],
        enums::Updates::Updates(all) => all.updates,
        other => panic!("{other:?}"),
    };
    let requested = updates.iter().any(|update| {
        matches!(update, enums::Update::Encryption(types::UpdateEncryption {
            chat: enums::EncryptedChat::Requested(chat), ..
        }) if chat.id == 77)
    });
    assert!(requested, "{updates:?}");
    assert_eq!(quiet.ping().await, []);
    stage.server.stop().await;
}

pub fn contact(phone: &str) -> functions::contacts::ImportContacts {
    let contact = types::InputPhoneContact {
        client_id: 1,
        phone: phone.into(),
        first_name: "Friend".into(),
        last_name: String::new(),
        note: None,
    };
    functions::contacts::ImportContacts { contacts: vec![contact.into()] }
}

/// The presence that the next update tells.
async fn next_status(client: &mut Client) -> enums::UserStatus {
    loop {
        let updates = match client.next_that(|received| received.msg_id & 3 == 3).await.read() {
            enums::Updates::UpdateShort(short) => vec![short.update],
            enums::Updates::Updates(all) => all.updates,
            other => panic!("{other:?}"),
        };
        for update in updates {
            if let enums::Update::UserStatus(update) = update {
                return update.status;
            }
        }
    }
}

#[tokio::test]
async fn the_end_of_the_last_connection_is_seen_by_friends() {
    let stage = Stage::new().await;
    let (mut ada, _) = signed_up(&stage, "+1 555 0001").await;
    let (mut boole, _) = signed_up(&stage, "+1 555 0002").await;
    ada.call(&contact("+1 555 0002")).await.unwrap();
    boole.call(&contact("+1 555 0001")).await.unwrap();
    let mut second = boole.reconnected(stage.address()).await;
    second.session_id ^= 1;
    second.ping().await;
    boole.call(&functions::account::UpdateStatus { offline: false }).await.unwrap();
    assert!(matches!(next_status(&mut ada).await, enums::UserStatus::Online(_)));

    // The first of two connections is not the last.
    drop(boole);
    second.call(&functions::account::UpdateStatus { offline: false }).await.unwrap();
    assert!(!ada.ping().await.iter().any(|received| is_offline(&received.body)));
    drop(second);
    assert!(matches!(next_status(&mut ada).await, enums::UserStatus::Offline(_)));
    stage.server.stop().await;
}

fn is_offline(body: &[u8]) -> bool {
    let offline = types::UserStatusOffline::CONSTRUCTOR_ID.to_le_bytes();
    body.windows(4).any(|window| window == offline)
}

#[tokio::test]
async fn keys_and_salts_outlive_a_restart() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let before = client.ping().await;
    let enums::NewSession::Created(created) = before[0].read();
    let fingerprint = stage.server.fingerprint();
    let stage = stage.restart().await;
    assert_eq!(stage.server.fingerprint(), fingerprint);
    let mut again = client.reconnected(stage.address()).await;
    again.salt = created.server_salt;
    let announced = again.ping().await;
    let enums::NewSession::Created(anew) = announced[0].read();
    assert_ne!(anew.unique_id, created.unique_id);
    assert!(again.call(&functions::help::GetNearestDc {}).await.is_ok());
    stage.server.stop().await;
}
