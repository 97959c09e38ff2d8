//! Packets that somebody on the way has recorded and sends again over a connection of their own.
//!
//! Whoever does so has no key and reads nothing; but a session whose output followed them would be deaf until its client spoke again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use grammers_tl_types::{Serializable, enums, functions};

use crate::client::{Client, Incoming, Received, msg_id_at};
use crate::redelivery::{Pair, UPDATES_TOO_LONG, acknowledge, names, settle};
use crate::requests::{init, send_code};
use crate::service::container;
use crate::stage::Stage;

fn nearest() -> Vec<u8> {
    functions::help::GetNearestDc {}.to_bytes()
}

/// What is said over this connection from now on until it ends.
async fn until_closed(mut client: Client) -> Vec<Received> {
    let mut said = Vec::new();
    loop {
        match client.receive().await {
            Incoming::Packet(packet) => said.extend(client.open(&packet)),
            Incoming::TransportError(code) => panic!("refused: {code}"),
            Incoming::Closed => return said,
        }
    }
}

/// Sends recorded packets over a connection of one's own, and waits until each was looked at.
async fn replay(pair: &Pair, packets: &[Vec<u8>]) -> Client {
    let mut thief = pair.ada.reconnected(pair.stage.address()).await;
    for packet in packets {
        thief.send_packet(packet).await;
        let enums::MsgsAck::Ack(_) = thief.next().await.read();
    }
    thief
}

/// A packet of Ada's, as somebody on the way sees it, and its id.
async fn overheard(ada: &mut Client, content: bool, body: &[u8]) -> (Vec<u8>, i64) {
    let (msg_id, seq_no) = (ada.next_msg_id(), ada.next_seq_no(content));
    let packet = ada.sealed(msg_id, seq_no, body);
    ada.send_packet(&packet).await;
    (packet, msg_id)
}

/// The message that was not accepted, and why.
async fn refused(client: &mut Client) -> (i64, i32) {
    match client.next().await.read() {
        enums::BadMsgNotification::Notification(refused) => (refused.bad_msg_id, refused.error_code),
        enums::BadMsgNotification::BadServerSalt(_) => panic!("another salt"),
    }
}

#[tokio::test]
async fn a_replay_does_not_turn_the_output_aside() {
    let mut pair = Pair::new().await;
    settle(&mut pair.ada).await;
    let (request, request_id) = overheard(&mut pair.ada, true, &nearest()).await;
    pair.ada.result_of(request_id).await.unwrap();
    let (ping, _) = overheard(&mut pair.ada, true, &functions::Ping { ping_id: 1 }.to_bytes()).await;
    let (inner, seq_no) = (pair.ada.next_msg_id(), pair.ada.next_seq_no(true));
    let packed = container(&[(inner, seq_no, nearest())]);
    let (packed, _) = overheard(&mut pair.ada, false, &packed).await;
    pair.ada.result_of(inner).await.unwrap();

    let thief = replay(&pair, &[request, ping, packed]).await;
    pair.push(77).await;
    pair.ada.next_that(|received| names(received, 77)).await;
    // Nor when the one that is written to ends: what it may have lost waits for whoever has something new to say.
    pair.push(78).await;
    let update = pair.ada.next_that(|received| names(received, 78)).await;
    let mut again = pair.ada.reconnected(pair.stage.address()).await;
    drop(pair.ada);
    assert!(again.ping().await.contains(&update));
    pair.stage.server.stop().await;
    assert_eq!(until_closed(thief).await, []);
}

#[tokio::test]
async fn replays_spend_nothing_of_what_waits_for_a_client_that_is_away() {
    let mut pair = Pair::new().await;
    settle(&mut pair.ada).await;
    let (request, request_id) = overheard(&mut pair.ada, true, &nearest()).await;
    let answer = pair.ada.next_that(|received| received.request() == Some(request_id)).await;
    pair.push(77).await;
    let update = pair.ada.next_that(|received| names(received, 77)).await;

    let mut again = pair.ada.reconnected(pair.stage.address()).await;
    let mut thieves = Vec::new();
    for _ in 0..5 {
        thieves.push(replay(&pair, std::slice::from_ref(&request)).await);
    }
    drop(std::mem::replace(&mut pair.ada, pair.boole.reconnected(pair.stage.address()).await));
    let come = again.ping().await;
    for kept in [&update, &answer] {
        assert_eq!(come.iter().filter(|received| *received == kept).count(), 1, "{come:?}");
    }
    assert!(!come.iter().any(|received| received.id() == UPDATES_TOO_LONG));
    acknowledge(&mut again, &[update.msg_id, answer.msg_id]).await;
    pair.stage.server.stop().await;
    for thief in thieves {
        assert_eq!(until_closed(thief).await, []);
    }
}

#[tokio::test]
async fn what_was_said_before_a_restart_is_not_said_again_by_others() {
    let mut pair = Pair::new().await;
    settle(&mut pair.ada).await;
    pair.ada.send(&functions::GetFutureSalts { num: 1 }.to_bytes()).await;
    let enums::FutureSalts::Salts(salts) = pair.ada.next().await.read();
    pair.ada.salt = salts.salts.0[0].salt;
    // As if it had been some seconds ago: it is newer than all before it only for a server that remembers nothing.
    let early = pair.ada.reconnected(pair.stage.address()).await;
    let (msg_id, seq_no) = (msg_id_at(-10) & !3, 1);
    let request = send_code("+1 555 0009");
    let packet = early.sealed(msg_id, seq_no, &init(request).to_bytes());
    let stage = pair.stage.restart().await;
    let mut thief = pair.ada.reconnected(stage.address()).await;
    thief.send_packet(&packet).await;
    assert_eq!(refused(&mut thief).await, (msg_id, 16));
    let mut again = pair.ada.reconnected(stage.address()).await;
    again.call(&functions::help::GetNearestDc {}).await.unwrap();
    assert!(stage.codes.lock().unwrap().is_empty(), "nothing was done");
    stage.server.stop().await;
    assert_eq!(until_closed(thief).await, []);
}

#[tokio::test]
async fn what_a_session_took_that_is_forgotten_is_not_said_again_by_others() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let (request, destroyed) = overheard(&mut client, true, &init(send_code("+1 555 0009")).to_bytes()).await;
    client.result_of(destroyed).await.unwrap();
    let mut thief = client.reconnected(stage.address()).await;
    let session_id = client.session_id;
    client.session_id ^= 1;
    client.send(&functions::DestroySession { session_id }.to_bytes()).await;
    client.ping().await;
    thief.send_packet(&request).await;
    assert_eq!(refused(&mut thief).await, (destroyed, 16));

    // So many others that no room is left for this one.
    let (request, crowded_out) =
        overheard(&mut client, true, &init(send_code("+1 555 0008")).to_bytes()).await;
    client.result_of(crowded_out).await.unwrap();
    let mut again = client.reconnected(stage.address()).await;
    drop(client);
    thief.session_id = again.session_id;
    for _ in 0..8 {
        again.session_id ^= again.next_msg_id();
        again.ping().await;
        let next = again.reconnected(stage.address()).await;
        again = next;
    }
    thief.send_packet(&request).await;
    assert_eq!(refused(&mut thief).await, (crowded_out, 16));
    assert_eq!(stage.codes.lock().unwrap().len(), 2);
    stage.server.stop().await;
}

#[tokio::test]
async fn old_packets_take_no_room_from_a_client_that_is_away() {
    let mut pair = Pair::new().await;
    settle(&mut pair.ada).await;
    pair.push(77).await;
    let update = pair.ada.next_that(|received| names(received, 77)).await;
    let mut again = pair.ada.reconnected(pair.stage.address()).await;
    let mut thief = pair.ada.reconnected(pair.stage.address()).await;
    drop(std::mem::replace(&mut pair.ada, pair.boole.reconnected(pair.stage.address()).await));
    for session_id in 0..70 {
        thief.session_id = session_id;
        let msg_id = msg_id_at(-400) & !3;
        thief.send_numbered(msg_id, 1, &nearest()).await;
        assert_eq!(refused(&mut thief).await, (msg_id, 16));
    }
    assert!(again.ping().await.contains(&update));
    pair.stage.server.stop().await;
}

#[tokio::test]
async fn what_comes_late_over_another_connection_is_done_and_moves_nothing() {
    let mut pair = Pair::new().await;
    settle(&mut pair.ada).await;
    // Two connections of one client, the packets of which cross.
    let mut second = pair.ada.reconnected(pair.stage.address()).await;
    let (msg_id, seq_no) = (second.next_msg_id(), second.next_seq_no(true));
    pair.ada.number_after(&second);
    pair.ada.ping().await;
    second.send_numbered(msg_id, seq_no, &nearest()).await;
    pair.ada.result_of(msg_id).await.unwrap();
    pair.push(77).await;
    pair.ada.next_that(|received| names(received, 77)).await;
    // What is new and in order moves it.
    second.number_after(&pair.ada);
    second.ping().await;
    pair.push(78).await;
    second.next_that(|received| names(received, 78)).await;
    pair.stage.server.stop().await;
}
