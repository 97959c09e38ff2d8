//! The key exchange with clients that are wrong, in every step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use grammers_tl_types::{Serializable, enums, functions, types};
use subrosa::mtproto::auth_key::{AuthKey, Verdict};
use subrosa::mtproto::framing::Framing;
use subrosa::mtproto::rsa::{PrivateKey, PublicKey};

use crate::client::{Client, Incoming, Padding, dh_request, half};
use crate::stage::Stage;

const NEW_NONCE: [u8; 32] = [9; 32];

async fn offered(stage: &Stage) -> (Client, types::ResPq) {
    let mut client = Client::connect(stage.address(), Framing::Intermediate).await;
    let offer = client.ask_pq([7; 16]).await;
    (client, offer)
}

async fn refused(mut client: Client, body: &[u8]) {
    client.send_plain(body).await;
    assert_eq!(client.receive().await, Incoming::TransportError(-404));
    assert_eq!(client.receive().await, Incoming::Closed);
}

#[tokio::test]
async fn the_older_request_is_answered_too() {
    let stage = Stage::new().await;
    let mut client = Client::connect(stage.address(), Framing::Intermediate).await;
    let enums::ResPq::Pq(answer) = client.plain(&functions::ReqPq { nonce: [3; 16] }).await;
    assert_eq!((answer.nonce, answer.pq.len()), ([3; 16], 8));
    stage.server.stop().await;
}

type Spoil = fn(&mut functions::ReqDhParams);

#[tokio::test]
async fn a_wrong_request_for_parameters_ends_the_connection() {
    let stage = Stage::new().await;
    let spoils: [(&str, Spoil); 7] = [
        ("nonce", |request| request.nonce[0] ^= 1),
        ("server nonce", |request| request.server_nonce[0] ^= 1),
        ("p", |request| request.p[0] ^= 1),
        ("q longer than any number", |request| request.q = vec![1; 9]),
        ("fingerprint", |request| request.public_key_fingerprint ^= 1),
        ("cipher text", |request| request.encrypted_data[200] ^= 1),
        ("length", |request| request.encrypted_data.truncate(255)),
    ];
    for (name, spoil) in spoils {
        let (client, offer) = offered(&stage).await;
        let mut request = dh_request(&offer, NEW_NONCE, &stage.public_key(), Padding::RsaPad);
        spoil(&mut request);
        println!("{name}");
        refused(client, &request.to_bytes()).await;
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn another_servers_key_is_refused() {
    let stage = Stage::new().await;
    let (client, offer) = offered(&stage).await;
    let other: PublicKey = PrivateKey::generate(&mut rand::rng()).public().clone();
    let mut request = dh_request(&offer, NEW_NONCE, &other, Padding::Older);
    request.public_key_fingerprint = stage.public_key().fingerprint();
    refused(client, &request.to_bytes()).await;
    stage.server.stop().await;
}

#[tokio::test]
async fn steps_out_of_order_are_refused() {
    let stage = Stage::new().await;
    let set =
        functions::SetClientDhParams { nonce: [7; 16], server_nonce: [8; 16], encrypted_data: vec![0; 48] };
    let (client, _) = offered(&stage).await;
    refused(client, &set.to_bytes()).await;
    let client = Client::connect(stage.address(), Framing::Intermediate).await;
    refused(client, &set.to_bytes()).await;
    let client = Client::connect(stage.address(), Framing::Intermediate).await;
    refused(client, &functions::Ping { ping_id: 1 }.to_bytes()).await;
    stage.server.stop().await;
}

#[tokio::test]
async fn a_public_value_out_of_range_gets_dh_gen_fail_and_no_key() {
    let stage = Stage::new().await;
    for g_b in [vec![], vec![1], vec![0xff; 256], vec![0xff; 200], vec![1; 257]] {
        let (mut client, offer) = offered(&stage).await;
        let request = dh_request(&offer, NEW_NONCE, &stage.public_key(), Padding::RsaPad);
        let enums::ServerDhParams::Ok(params) = client.plain(&request).await else { panic!("refused") };
        let (request, _) = half(&offer, NEW_NONCE, &params, Some(g_b));
        let answer = client.plain(&request).await;
        let enums::SetClientDhParamsAnswer::DhGenFail(fail) = answer else { panic!("{answer:?}") };
        let no_key = AuthKey::new(&[0; 256]);
        assert_eq!(fail.new_nonce_hash3, no_key.new_nonce_hash(&NEW_NONCE, Verdict::Fail));
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn a_damaged_half_is_refused() {
    let stage = Stage::new().await;
    let (mut client, offer) = offered(&stage).await;
    let request = dh_request(&offer, NEW_NONCE, &stage.public_key(), Padding::RsaPad);
    let enums::ServerDhParams::Ok(params) = client.plain(&request).await else { panic!("refused") };
    let (mut request, _) = half(&offer, NEW_NONCE, &params, None);
    request.encrypted_data[40] ^= 1;
    refused(client, &request.to_bytes()).await;
    stage.server.stop().await;
}

#[tokio::test]
async fn endless_exchanges_end() {
    let stage = Stage::new().await;
    let mut client = Client::connect(stage.address(), Framing::Abridged).await;
    for _ in 0..32 {
        client.ask_pq([1; 16]).await;
    }
    refused(client, &functions::ReqPqMulti { nonce: [1; 16] }.to_bytes()).await;
    stage.server.stop().await;
}
