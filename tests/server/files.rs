//! Files over the wire: long packets, many at once, across a restart; and what a device hears that is shut out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use grammers_tl_types::{Serializable, enums, functions, types};
use rand::Rng;
use subrosa::server::rpc::{RpcError, Trouble};

use crate::client::{Client, Form, Received, read, unpack};
use crate::requests::{contact, signed_up};
use crate::service::container;
use crate::stage::Stage;

const ADA: &str = "+1 555 0001";
const BOOLE: &str = "+1 555 0002";
pub const PART: usize = 512 * 1024;
pub const FILE_ID: i64 = -77;

/// Two people and an open chat between them.
pub struct Pair {
    pub ada: Client,
    pub boole: Client,
    pub peer: enums::InputEncryptedChat,
}

pub async fn pair(stage: &Stage) -> Pair {
    let (ada, _) = signed_up(stage, ADA).await;
    let (boole, _) = signed_up(stage, BOOLE).await;
    acquainted(ada, boole).await
}

/// `boole` is the one with the phone number [`BOOLE`].
pub async fn acquainted(mut ada: Client, mut boole: Client) -> Pair {
    let enums::contacts::ImportedContacts::Contacts(found) = ada.call(&contact(BOOLE)).await.unwrap();
    let Some(enums::User::User(peer)) = found.users.into_iter().next() else { panic!("nobody found") };
    let request = functions::messages::RequestEncryption {
        user_id: types::InputUser { user_id: peer.id, access_hash: peer.access_hash.unwrap() }.into(),
        random_id: 5,
        g_a: vec![0x5a; 256],
    };
    let enums::EncryptedChat::Waiting(waiting) = ada.call(&request).await.unwrap() else {
        panic!("not waiting");
    };
    let Some(enums::Update::Encryption(update)) = next_updates(&mut boole).await.into_iter().next() else {
        panic!("no request");
    };
    let enums::EncryptedChat::Requested(requested) = update.chat else { panic!("not requested") };
    let accept = functions::messages::AcceptEncryption {
        peer: types::InputEncryptedChat { chat_id: 5, access_hash: requested.access_hash }.into(),
        g_b: vec![0x5a; 256],
        key_fingerprint: 1,
    };
    boole.call(&accept).await.unwrap();
    let peer = types::InputEncryptedChat { chat_id: 5, access_hash: waiting.access_hash }.into();
    Pair { ada, boole, peer }
}

async fn next_updates(client: &mut Client) -> Vec<enums::Update> {
    match client.next_that(is_push).await.read() {
        enums::Updates::UpdateShort(short) => vec![short.update],
        enums::Updates::Updates(all) => all.updates,
        other => panic!("{other:?}"),
    }
}

fn is_push(received: &Received) -> bool {
    received.msg_id & 3 == 3 && received.id() != 0x9ec2_0908
}

pub fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// Sends these parts all at once; yields when all are answered.
pub async fn save(client: &mut Client, bytes: &[u8], parts: &[i32]) {
    let file_total_parts = bytes.len().div_ceil(PART) as i32;
    let mut waiting = Vec::new();
    for &file_part in parts {
        let bytes = bytes.chunks(PART).nth(file_part as usize).unwrap().to_vec();
        let (file_id, file_part) = (FILE_ID, file_part);
        let request = functions::upload::SaveBigFilePart { file_id, file_part, file_total_parts, bytes };
        waiting.push(client.send(&request.to_bytes()).await);
    }
    for msg_id in waiting {
        assert!(read::<bool>(&client.result_of(msg_id).await.unwrap()));
    }
}

/// Sends the uploaded file, and takes it out of the message that the other end gets.
pub async fn send(pair: &mut Pair, parts: i32) -> types::EncryptedFile {
    let (id, key_fingerprint) = (FILE_ID, 9);
    let request = functions::messages::SendEncryptedFile {
        silent: true,
        peer: pair.peer.clone(),
        random_id: 3,
        data: vec![1; 56],
        file: types::InputEncryptedFileBigUploaded { id, parts, key_fingerprint }.into(),
    };
    let answer = pair.ada.call(&request).await.unwrap();
    let enums::messages::SentEncryptedMessage::SentEncryptedFile(sent) = answer else { panic!("{answer:?}") };
    let updates = next_updates(&mut pair.boole).await;
    let [enums::Update::NewEncryptedMessage(update)] = &updates[..] else { panic!("{updates:?}") };
    let enums::EncryptedMessage::Message(message) = &update.message else { panic!("{update:?}") };
    assert_eq!(message.file, sent.file);
    let enums::EncryptedFile::File(file) = sent.file else { panic!("no file") };
    file
}

pub fn window(file: &types::EncryptedFile, offset: usize, limit: i32) -> Vec<u8> {
    request(file, offset, limit).to_bytes()
}

pub fn request(file: &types::EncryptedFile, offset: usize, limit: i32) -> functions::upload::GetFile {
    let location = types::InputEncryptedFileLocation { id: file.id, access_hash: file.access_hash }.into();
    let offset = offset as i64;
    functions::upload::GetFile { precise: false, cdn_supported: false, location, offset, limit }
}

pub async fn fetched(client: &mut Client, msg_id: i64) -> Result<Vec<u8>, String> {
    let enums::upload::File::File(file) = read(&client.result_of(msg_id).await?) else { panic!("no file") };
    Ok(file.bytes)
}

#[tokio::test]
async fn megabytes_travel_in_every_framing_and_many_at_once() {
    let stage = Stage::new().await;
    let mut pair = pair(&stage).await;
    let bytes = noise((7 << 20) + 12_345 * 16);
    let parts: Vec<i32> = (0..bytes.len().div_ceil(PART) as i32).collect();
    save(&mut pair.ada, &bytes, &parts).await;
    let file = send(&mut pair, parts.len() as i32).await;
    assert_eq!((file.size, file.key_fingerprint), (bytes.len() as i64, 9));

    for form in Form::ALL {
        let mut client = pair.boole.reconnected(stage.address()).await;
        client.session_id = rand::random();
        client.form = form;
        let mut client = client.reconnected(stage.address()).await;
        let mut waiting = Vec::new();
        for offset in (0..bytes.len()).step_by(1 << 20) {
            waiting.push(client.send(&window(&file, offset, 1 << 20)).await);
        }
        assert_eq!(waiting.len(), 8);
        let mut whole = Vec::new();
        for msg_id in waiting {
            whole.extend(fetched(&mut client, msg_id).await.unwrap());
        }
        assert!(whole == bytes, "{form:?}");
    }
    stage.server.stop().await;
}

/// After a restart the salt of the key exchange is no longer known: the server says which one is.
async fn resumed(client: &Client, stage: &Stage) -> Client {
    let mut client = client.reconnected(stage.address()).await;
    client.send(&functions::Ping { ping_id: 1 }.to_bytes()).await;
    let enums::BadMsgNotification::BadServerSalt(bad) = client.next().await.read() else { panic!("no salt") };
    client.salt = bad.new_server_salt;
    client
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let stage = Stage::new().await;
    let Pair { mut ada, boole, peer } = pair(&stage).await;
    let bytes = noise(5 * PART + 32);
    save(&mut ada, &bytes, &[0, 1, 3]).await;
    let stage = stage.restart().await;
    let mut ada = resumed(&ada, &stage).await;
    let mut boole = resumed(&boole, &stage).await;
    boole.call(&functions::updates::GetState {}).await.unwrap();
    save(&mut ada, &bytes, &[5, 4, 2]).await;
    let mut pair = Pair { ada, boole, peer };
    let file = send(&mut pair, 6).await;
    let stage = stage.restart().await;
    let mut boole = pair.boole.reconnected(stage.address()).await;
    boole.ping().await;
    let mut whole = Vec::new();
    for offset in (0..bytes.len()).step_by(PART) {
        let msg_id = boole.send(&window(&file, offset, PART as i32)).await;
        whole.extend(fetched(&mut boole, msg_id).await.unwrap());
    }
    assert!(whole == bytes);

    let (mut curie, _) = signed_up(&stage, "+1 555 0003").await;
    let msg_id = curie.send(&window(&file, 0, 4096)).await;
    assert_eq!(fetched(&mut curie, msg_id).await.unwrap_err(), "400 LOCATION_INVALID");
    stage.server.stop().await;
}

#[tokio::test]
async fn a_reader_who_wants_too_much_at_once_is_told_to_wait() {
    let stage = Stage::new().await;
    let mut pair = pair(&stage).await;
    let bytes = noise(2 * PART);
    save(&mut pair.ada, &bytes, &[0, 1]).await;
    let file = send(&mut pair, 2).await;

    let mut waiting = Vec::new();
    for _ in 0..60 {
        waiting.push(pair.boole.send(&window(&file, 0, 1 << 20)).await);
    }
    let (mut served, mut refused) = (0, 0);
    while !waiting.is_empty() {
        let answer = pair.boole.next_that(|received| received.request().is_some()).await;
        waiting.retain(|msg_id| Some(*msg_id) != answer.request());
        match unpack(&answer.body[12..]) {
            Ok(body) => {
                let enums::upload::File::File(file) = read(&body) else { panic!("no file") };
                assert!(file.bytes == bytes);
                served += 1;
            }
            Err(error) => {
                assert_eq!(error, "420 FLOOD_WAIT_1");
                refused += 1;
            }
        }
    }
    // Twelve mebibytes are kept, and what the system takes meanwhile.
    assert!(served >= 8 && refused > 0, "{served} {refused}");
    // Nothing of it is still counted.
    for _ in 0..2 {
        let eight = [0; 8].map(|_| window(&file, 0, 1 << 20));
        let mut waiting = Vec::new();
        for request in &eight {
            waiting.push(pair.boole.send(request).await);
        }
        for msg_id in waiting {
            assert!(fetched(&mut pair.boole, msg_id).await.unwrap() == bytes);
        }
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn the_same_request_is_served_again() {
    let stage = Stage::new().await;
    let mut pair = pair(&stage).await;
    let bytes = noise(PART);
    save(&mut pair.ada, &bytes, &[0]).await;
    let file = send(&mut pair, 1).await;
    let (msg_id, seq_no) = (pair.boole.next_msg_id(), pair.boole.next_seq_no(true));
    let request = window(&file, 0, PART as i32);
    for _ in 0..2 {
        pair.boole.send_numbered(msg_id, seq_no, &request).await;
        assert!(fetched(&mut pair.boole, msg_id).await.unwrap() == bytes);
    }
    let mut again = pair.boole.reconnected(stage.address()).await;
    // Alone over another connection it may be a copy: the client is made to ask anew.
    again.send_numbered(msg_id, seq_no, &request).await;
    let enums::BadMsgNotification::BadServerSalt(salt) = again.next().await.read() else { panic!("no salt") };
    assert_eq!((salt.bad_msg_id, salt.error_code), (msg_id, 48));
    let mut once_more = again.reconnected(stage.address()).await;
    once_more.salt = salt.new_server_salt;
    let anew = once_more.send(&request).await;
    assert!(fetched(&mut once_more, anew).await.unwrap() == bytes);
    let mut again = once_more.reconnected(stage.address()).await;
    let repeated = container(&[(msg_id, seq_no, request)]);
    let (container_id, seq_no) = (again.next_msg_id(), again.next_seq_no(false));
    again.send_numbered(container_id, seq_no, &repeated).await;
    assert!(fetched(&mut again, msg_id).await.unwrap() == bytes);
    stage.server.stop().await;
}

#[tokio::test]
async fn the_operator_shuts_out_and_makes_trouble() {
    let stage = Stage::new().await;
    let mut pair = pair(&stage).await;
    let error = RpcError { code: 420, name: "FLOOD_WAIT_2".to_owned() };
    let method = "updates.getState".to_owned();
    let trouble = Trouble { phone: "15550001".to_owned(), method, error, calls: 1 };
    stage.server.trouble(trouble).await.unwrap();
    let state = functions::updates::GetState {};
    assert_eq!(pair.ada.call(&state).await.unwrap_err(), "420 FLOOD_WAIT_2");
    assert!(pair.ada.call(&state).await.is_ok());

    stage.server.revoke("15550002".to_owned()).await.unwrap();
    let told = pair.boole.next_that(is_push).await;
    assert_eq!(told.read::<enums::Updates>(), enums::Updates::TooLong);
    assert_eq!(pair.boole.call(&state).await.unwrap_err(), "401 SESSION_REVOKED");
    let updates = next_updates(&mut pair.ada).await;
    assert!(matches!(&updates[..], [enums::Update::Encryption(update)]
        if matches!(&update.chat, enums::EncryptedChat::Discarded(chat) if chat.id == 5)));

    stage.server.delete_account("15550001".to_owned()).await.unwrap();
    assert_eq!(pair.ada.next_that(is_push).await.read::<enums::Updates>(), enums::Updates::TooLong);
    assert_eq!(pair.ada.call(&state).await.unwrap_err(), "401 USER_DEACTIVATED");
    assert!(stage.server.revoke("15550001".to_owned()).await.is_err());
    stage.server.stop().await;
}
