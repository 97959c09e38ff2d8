//! Broken and hostile peers: each is shown the door, and the others do not notice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use grammers_tl_types::{Serializable, enums, functions, types};
use rand::RngExt;
use subrosa::mtproto::framing::{Encoder, Framing};
use subrosa::server::rpc::{Data, Rpc};
use subrosa::server::{ServeError, Server, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Client, Incoming, msg_id_at};
use crate::requests::signed_up;
use crate::stage::Stage;

/// Sends bytes; true once the server has closed the connection.
async fn is_closed_after(stage: &Stage, bytes: &[u8]) -> bool {
    let mut stream = TcpStream::connect(stage.address()).await.unwrap();
    // The server may close while we still write.
    let _ = stream.write_all(bytes).await;
    let mut rest = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await.is_ok()
}

#[tokio::test]
async fn noise_is_shown_the_door_and_the_others_stay() {
    let stage = Stage::new().await;
    let mut honest = Client::introduced(&stage).await;
    honest.ping().await;
    let mut bad_checksum = Encoder::new(Framing::Full).encode(&[0; 24], &mut rand::rng());
    bad_checksum[12] ^= 1;
    let streams: [&[u8]; 9] = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        &[0xdd; 64],
        &[0; 64],
        &[0xff; 64],
        &bad_checksum,
        &[0xef, 0x7f, 0xff, 0xff, 0xff],
        &[0xee, 0xee, 0xee, 0xee, 0xff, 0xff, 0xff, 0x7f],
        &[0xef, 0x01, 1, 2, 3, 4],
        &[0xee, 0xee, 0xee, 0xee, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    for bytes in streams {
        assert!(is_closed_after(&stage, bytes).await, "{bytes:?}");
    }
    for _ in 0..50 {
        let mut noise = vec![0; 200];
        rand::rng().fill(&mut noise[..]);
        noise[..4].copy_from_slice(&[0xee; 4]);
        noise[4..8].copy_from_slice(&192u32.to_le_bytes());
        assert!(is_closed_after(&stage, &noise).await);
    }
    assert!(honest.call(&functions::help::GetNearestDc {}).await.is_ok());
    stage.server.stop().await;
}

#[tokio::test]
async fn a_packet_that_does_not_decrypt_ends_its_connection_only() {
    let stage = Stage::new().await;
    let mut honest = Client::introduced(&stage).await;
    honest.ping().await;
    let mut forger = honest.reconnected(stage.address()).await;
    let mut packet = honest.key.as_ref().unwrap().id().to_le_bytes().to_vec();
    packet.extend([0x17; 16 + 64]);
    forger.send_packet(&packet).await;
    assert_eq!(forger.receive().await, Incoming::Closed);
    assert!(honest.call(&functions::help::GetNearestDc {}).await.is_ok());
    stage.server.stop().await;
}

#[tokio::test]
async fn random_bodies_never_hurt() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    let constructors: [u32; 16] = [
        0x73f1_f8dc,
        0x3072_cfa1,
        0x62d6_b459,
        0xda69_fb52,
        0x7d86_1a08,
        0x8610_baeb,
        0xb921_bd04,
        0x7abe_77ec,
        0xe751_2126,
        0x58e4_a740,
        0xda9b_0d0d,
        0xc1cd_5ea9,
        0xcb9f_372d,
        0x3dc4_b4f0,
        0xbf94_59b7,
        0x9299_359f,
    ];
    let mut rng = rand::rng();
    for round in 0..400 {
        let mut body = vec![0; 4 + 4 * rng.random_range(0..40)];
        rng.fill(&mut body[..]);
        body[..4].copy_from_slice(&constructors[round % constructors.len()].to_le_bytes());
        client.send(&body).await;
    }
    let mut fresh = client.reconnected(stage.address()).await;
    fresh.session_id ^= 1;
    assert!(fresh.call(&functions::help::GetNearestDc {}).await.is_ok());
    stage.server.stop().await;
}

/// Uses so many more sessions; the next is too much.
async fn has_sessions(client: &mut Client, most: i64) {
    for session in 0..most {
        client.session_id = session;
        client.ping().await;
    }
    client.session_id = most;
    client.send_numbered(msg_id_at(0) & !3, 1, &[1, 2, 3, 4]).await;
    assert_eq!(client.receive().await, Incoming::Closed);
}

#[tokio::test]
async fn sessions_of_a_key_are_bounded() {
    let stage = Stage::new().await;
    let (mut member, _) = signed_up(&stage, "+1 555 0001").await;
    // Beside the one that signed up.
    has_sessions(&mut member, 63).await;
    let mut stranger = Client::introduced(&stage).await;
    has_sessions(&mut stranger, 8).await;
    // Those of the closed connection make room.
    for client in [member, stranger] {
        client.reconnected(stage.address()).await.ping().await;
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn connections_of_a_key_are_bounded() {
    let stage = Stage::new().await;
    let mut clients = vec![Client::introduced(&stage).await];
    for _ in 1..64 {
        let mut client = clients.last().unwrap().reconnected(stage.address()).await;
        client.ping().await;
        clients.push(client);
    }
    let mut further = clients.last().unwrap().reconnected(stage.address()).await;
    further.send(&functions::Ping { ping_id: 1 }.to_bytes()).await;
    assert_eq!(further.receive().await, Incoming::Closed);
    let mut stranger = Client::introduced(&stage).await;
    stranger.ping().await;
    clients.last_mut().unwrap().ping().await;
    stage.server.stop().await;
}

#[tokio::test]
async fn a_connection_does_not_go_back_and_forth_between_keys_for_ever() {
    let stage = Stage::new().await;
    let (mut client, mut other) = (Client::introduced(&stage).await, Client::introduced(&stage).await);
    let mut answered = 0;
    loop {
        std::mem::swap(&mut client.key, &mut other.key);
        std::mem::swap(&mut client.salt, &mut other.salt);
        let _ = client.try_send(&functions::Ping { ping_id: 1 }.to_bytes()).await;
        match client.receive().await {
            Incoming::Packet(_) => answered += 1,
            end => break assert_eq!(end, Incoming::Closed),
        }
    }
    assert_eq!(answered, 256);
    stage.server.stop().await;
}

#[tokio::test]
async fn stopping_closes_every_connection() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    let mut silent = TcpStream::connect(stage.address()).await.unwrap();
    let address = stage.address();
    stage.server.stop().await;
    assert_eq!(client.receive().await, Incoming::Closed);
    assert_eq!(silent.read(&mut [0; 4]).await.unwrap_or(0), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_taken_port_is_one_clear_sentence() {
    let stage = Stage::new().await;
    let config = ServerConfig::new(stage.address(), Data::Memory, Box::new(|_, _| {}));
    let error = Server::start(config).await.err().unwrap();
    assert!(matches!(error, ServeError::PortTaken { .. }));
    assert_eq!(
        error.to_string(),
        format!(
            "{} is taken by another program; stop that one, or choose another port with --listen",
            stage.address()
        ),
    );
    stage.server.stop().await;
}

#[tokio::test]
async fn a_folder_in_use_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = Data::Folder(folder.path().to_path_buf());
    let config = || ServerConfig::new("127.0.0.1:0".parse().unwrap(), data.clone(), Box::new(|_, _| {}));
    let key = folder.path().join("server_key.pem");
    let other = Rpc::open(&data, "127.0.0.1:1".parse().unwrap(), Box::new(|_, _| {})).unwrap();
    let error = Server::start(config()).await.err().unwrap();
    assert!(error.to_string().contains("in use by another server"), "{error}");
    assert!(!key.exists(), "a key was made for a folder of somebody else");
    drop(other);

    std::fs::write(&key, "damaged").unwrap();
    let error = Server::start(config()).await.err().unwrap();
    assert!(matches!(error, ServeError::Identity(_)), "{error}");
    // The failed start has let go of the folder.
    Rpc::open(&data, "127.0.0.1:1".parse().unwrap(), Box::new(|_, _| {})).unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected() {
    let stage = Stage::new().await;
    let mut honest = Client::introduced(&stage).await;
    honest.ping().await;
    let mut deaf = honest.reconnected(stage.address()).await;
    deaf.session_id ^= 1;
    // Each of these is answered by some eight thousand bytes.
    let request = types::MsgsStateReq { msg_ids: vec![4; 7500] };
    let request = enums::MsgsStateReq::Req(request).to_bytes();
    let disconnected =
        timeout(Duration::from_secs(60), async { while deaf.try_send(&request).await.is_ok() {} });
    disconnected.await.expect("it may fill the server's memory");
    assert!(honest.call(&functions::help::GetNearestDc {}).await.is_ok());
    stage.server.stop().await;
}
