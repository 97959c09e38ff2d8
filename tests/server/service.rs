//! Salts, sessions, acknowledgements, containers: the service messages of the protocol.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use grammers_tl_types::{Identifiable, Serializable, enums, functions, types};

use crate::client::{Client, Incoming, Received, msg_id_at};
use crate::stage::Stage;

fn bad_message(received: &Received) -> (i64, i32) {
    match received.read() {
        enums::BadMsgNotification::Notification(bad) => (bad.bad_msg_id, bad.error_code),
        other => panic!("unexpected {other:?}"),
    }
}

pub fn container(messages: &[(i64, i32, Vec<u8>)]) -> Vec<u8> {
    let mut body = 0x73f1_f8dcu32.to_le_bytes().to_vec();
    body.extend((messages.len() as i32).to_le_bytes());
    for (msg_id, seq_no, content) in messages {
        body.extend(msg_id.to_le_bytes());
        body.extend(seq_no.to_le_bytes());
        body.extend((content.len() as i32).to_le_bytes());
        body.extend(content);
    }
    body
}

#[tokio::test]
async fn a_new_session_is_announced_once() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let msg_id = client.send(&functions::Ping { ping_id: 5 }.to_bytes()).await;
    let created = client.next().await;
    assert_eq!((created.msg_id & 3, created.seq_no & 1), (3, 1));
    let enums::NewSession::Created(created) = created.read();
    assert_eq!(created.first_msg_id, msg_id);
    client.salt = created.server_salt;
    let pong = client.next().await;
    assert_eq!((pong.msg_id & 3, pong.seq_no & 1), (1, 0));
    let enums::Pong::Pong(pong) = pong.read();
    assert_eq!((pong.msg_id, pong.ping_id), (msg_id, 5));
    assert_eq!(client.ping().await, []);
    stage.server.stop().await;
}

#[tokio::test]
async fn a_wrong_salt_is_corrected() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.salt = 0;
    let msg_id = client.send(&functions::Ping { ping_id: 5 }.to_bytes()).await;
    let enums::BadMsgNotification::BadServerSalt(bad) = client.next().await.read() else { panic!("no salt") };
    assert_eq!((bad.bad_msg_id, bad.bad_msg_seqno, bad.error_code), (msg_id, 1, 48));
    client.salt = bad.new_server_salt;
    let before = client.ping().await;
    assert_eq!(before.len(), 1);
    let enums::NewSession::Created(created) = before[0].read();
    assert_eq!(created.server_salt, bad.new_server_salt);
    stage.server.stop().await;
}

#[tokio::test]
async fn future_salts_come_bare_and_are_good() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    for (num, expected) in [(1, 2), (64, 64)] {
        let msg_id = client.send(&functions::GetFutureSalts { num }.to_bytes()).await;
        let enums::FutureSalts::Salts(salts) = client.next().await.read();
        assert_eq!((salts.req_msg_id, salts.salts.0.len()), (msg_id, expected));
        assert!(salts.salts.0[0].valid_since <= salts.now && salts.now < salts.salts.0[0].valid_until);
        client.salt = salts.salts.0[0].salt;
        client.ping().await;
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn ids_far_from_the_clock_are_refused() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let ping = functions::Ping { ping_id: 1 }.to_bytes();
    let clear = |msg_id: i64| msg_id & !3;
    for (msg_id, code) in [(msg_id_at(-400), 16), (msg_id_at(60), 17), (msg_id_at(0) | 1, 18)] {
        let msg_id = if code == 18 { msg_id } else { clear(msg_id) };
        client.send_numbered(msg_id, 1, &ping).await;
        assert_eq!(bad_message(&client.next().await), (msg_id, code));
    }
    client.ping().await;
    stage.server.stop().await;
}

#[tokio::test]
async fn sequence_numbers_are_checked() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let ping = functions::Ping { ping_id: 1 }.to_bytes();
    let first = msg_id_at(0) & !3;
    client.send_numbered(first, 21, &ping).await;
    client.next_that(|received| received.id() == types::Pong::CONSTRUCTOR_ID).await;
    client.send_numbered(first + 8, 21, &ping).await;
    assert_eq!(bad_message(&client.next().await), (first + 8, 32));
    client.send_numbered(first - 8, 21, &ping).await;
    assert_eq!(bad_message(&client.next().await), (first - 8, 33));
    let method = functions::help::GetNearestDc {}.to_bytes();
    client.send_numbered(first + 12, 22, &method).await;
    assert_eq!(bad_message(&client.next().await), (first + 12, 35));
    client.send_numbered(first + 16, 23, &container(&[(first + 4, 21, ping)])).await;
    assert_eq!(bad_message(&client.next().await), (first + 16, 34));
    stage.server.stop().await;
}

#[tokio::test]
async fn a_container_is_unpacked_in_order() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    let (ack_id, ping_id, method_id) = (client.next_msg_id(), client.next_msg_id(), client.next_msg_id());
    let messages = [
        (
            ack_id,
            client.next_seq_no(false),
            enums::MsgsAck::Ack(types::MsgsAck { msg_ids: vec![1, 5] }).to_bytes(),
        ),
        (ping_id, client.next_seq_no(true), functions::Ping { ping_id: 77 }.to_bytes()),
        (method_id, client.next_seq_no(true), functions::help::GetNearestDc {}.to_bytes()),
    ];
    let (outer, seq_no) = (client.next_msg_id(), client.next_seq_no(false));
    client.send_numbered(outer, seq_no, &container(&messages)).await;
    let enums::Pong::Pong(pong) = client.next().await.read();
    assert_eq!((pong.msg_id, pong.ping_id), (ping_id, 77));
    assert!(client.result_of(method_id).await.is_ok());

    client.send_numbered(outer, seq_no, &container(&messages)).await;
    assert_eq!(bad_message(&client.next().await), (outer, 19));
    stage.server.stop().await;
}

#[tokio::test]
async fn broken_containers_are_refused_and_nothing_else_is_lost() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    let ping = functions::Ping { ping_id: 1 }.to_bytes();
    let mut cut = container(&[(4, 1, ping.clone())]);
    cut.truncate(cut.len() - 4);
    let mut many = container(&[]);
    many[4..8].copy_from_slice(&i32::MAX.to_le_bytes());
    for body in [cut, many, container(&[])] {
        let (msg_id, seq_no) = (client.next_msg_id(), client.next_seq_no(false));
        client.send_numbered(msg_id, seq_no, &body).await;
        assert_eq!(bad_message(&client.next().await), (msg_id, 64));
    }
    let inner = client.next_msg_id();
    let nested = container(&[(inner, 0, container(&[(inner - 4, 1, ping)]))]);
    let (msg_id, seq_no) = (client.next_msg_id(), client.next_seq_no(false));
    client.send_numbered(msg_id, seq_no, &nested).await;
    assert_eq!(bad_message(&client.next().await), (inner, 64));
    client.ping().await;
    stage.server.stop().await;
}

#[tokio::test]
async fn a_client_that_stops_pinging_is_disconnected() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.send(&functions::PingDelayDisconnect { ping_id: 3, disconnect_delay: 1 }.to_bytes()).await;
    let pong = client.next_that(|received| received.id() == types::Pong::CONSTRUCTOR_ID).await;
    let enums::Pong::Pong(pong) = pong.read();
    assert_eq!(pong.ping_id, 3);
    assert_eq!(client.receive().await, Incoming::Closed);
    stage.server.stop().await;
}

#[tokio::test]
async fn the_state_of_messages_is_told() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let method = client.send(&functions::help::GetNearestDc {}.to_bytes()).await;
    client.result_of(method).await.unwrap();
    let request = types::MsgsStateReq { msg_ids: vec![method, method - 400, method + (1 << 32)] };
    let msg_id = client.send(&enums::MsgsStateReq::Req(request).to_bytes()).await;
    let enums::MsgsStateInfo::Info(info) = client.next().await.read();
    assert_eq!((info.req_msg_id, info.info), (msg_id, vec![4 | 32 | 64, 2, 3]));
    stage.server.stop().await;
}

#[tokio::test]
async fn an_answer_is_sent_again_until_it_is_acknowledged() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let method = client.send(&functions::help::GetNearestDc {}.to_bytes()).await;
    let answer = client.next_that(|received| received.request() == Some(method)).await;
    let again = enums::MsgResendReq::Req(types::MsgResendReq { msg_ids: vec![answer.msg_id] }).to_bytes();
    client.send(&again).await;
    assert_eq!(client.next().await, answer);
    let ack = enums::MsgsAck::Ack(types::MsgsAck { msg_ids: vec![answer.msg_id] }).to_bytes();
    let (msg_id, seq_no) = (client.next_msg_id(), client.next_seq_no(false));
    client.send_numbered(msg_id, seq_no, &ack).await;
    let asked = client.send(&again).await;
    let enums::MsgsStateInfo::Info(info) = client.next().await.read();
    assert_eq!(info.req_msg_id, asked);
    stage.server.stop().await;
}

#[tokio::test]
async fn a_dropped_answer_is_forgotten() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    let method = client.send(&functions::help::GetNearestDc {}.to_bytes()).await;
    let answer = client.next_that(|received| received.request() == Some(method)).await;
    let dropped = client.call(&functions::RpcDropAnswer { req_msg_id: method }).await;
    let Ok(enums::RpcDropAnswer::RpcAnswerDropped(dropped)) = dropped else { panic!("{dropped:?}") };
    assert_eq!((dropped.msg_id, dropped.seq_no), (answer.msg_id, answer.seq_no));
    let unknown = client.call(&functions::RpcDropAnswer { req_msg_id: method }).await;
    assert!(matches!(unknown, Ok(enums::RpcDropAnswer::RpcAnswerUnknown)), "{unknown:?}");
    stage.server.stop().await;
}

#[tokio::test]
async fn another_session_can_be_destroyed() {
    let stage = Stage::new().await;
    let mut old = Client::introduced(&stage).await;
    old.ping().await;
    let mut client = old.reconnected(stage.address()).await;
    client.session_id ^= 1;
    client.ping().await;
    let request = functions::DestroySession { session_id: old.session_id }.to_bytes();
    for existed in [true, false] {
        client.send(&request).await;
        let answer: enums::DestroySessionRes = client.next().await.read();
        assert_eq!(matches!(answer, enums::DestroySessionRes::DestroySessionOk(_)), existed);
    }
    assert!(
        old.ping().await.iter().any(|received| received.id() == types::NewSessionCreated::CONSTRUCTOR_ID)
    );
    stage.server.stop().await;
}

#[tokio::test]
async fn nothing_of_a_destroyed_session_is_left() {
    let stage = Stage::new().await;
    let mut old = Client::introduced(&stage).await;
    let method = old.send(&functions::help::GetNearestDc {}.to_bytes()).await;
    let answer = old.next_that(|received| received.request() == Some(method)).await;
    let after = functions::InvokeAfterMsg { msg_id: method + 4, query: functions::help::GetNearestDc {} };
    let waiting = old.send(&after.to_bytes()).await;
    old.ping().await;
    let mut client = old.reconnected(stage.address()).await;
    client.session_id ^= 1;
    client.ping().await;
    client.send(&functions::DestroySession { session_id: old.session_id }.to_bytes()).await;
    let destroyed: enums::DestroySessionRes = client.next().await.read();
    assert!(matches!(destroyed, enums::DestroySessionRes::DestroySessionOk(_)));

    let before = old.ping().await;
    assert!(before.iter().all(|received| received.id() == types::NewSessionCreated::CONSTRUCTOR_ID));
    let resend = types::MsgResendReq { msg_ids: vec![answer.msg_id] };
    old.send(&enums::MsgResendReq::Req(resend).to_bytes()).await;
    let enums::MsgsStateInfo::Info(info) = old.next().await.read();
    assert_eq!(info.info, [1]);
    let state = types::MsgsStateReq { msg_ids: vec![method, waiting] };
    old.send(&enums::MsgsStateReq::Req(state).to_bytes()).await;
    let enums::MsgsStateInfo::Info(info) = old.next().await.read();
    assert_eq!(info.info, [2, 2]);
    stage.server.stop().await;
}

#[tokio::test]
async fn the_answer_of_a_request_under_way_is_dropped() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    let (first, seq_no) = (client.next_msg_id(), client.next_seq_no(true));
    let after = functions::InvokeAfterMsg { msg_id: first, query: functions::help::GetConfig {} };
    let waiting = client.send(&after.to_bytes()).await;
    let state = types::MsgsStateReq { msg_ids: vec![first, waiting] };
    client.send(&enums::MsgsStateReq::Req(state).to_bytes()).await;
    let enums::MsgsStateInfo::Info(info) = client.next().await.read();
    assert_eq!(info.info, [2, 4 | 32]);
    let running = Ok(enums::RpcDropAnswer::RpcAnswerDroppedRunning);
    assert_eq!(client.call(&functions::RpcDropAnswer { req_msg_id: waiting }).await, running);
    client.send_numbered(first, seq_no, &functions::help::GetNearestDc {}.to_bytes()).await;
    let dropped = client.result_of(waiting).await.unwrap();
    assert_eq!(dropped, enums::RpcDropAnswer::RpcAnswerDroppedRunning.to_bytes());
    stage.server.stop().await;
}

#[tokio::test]
async fn lists_that_are_too_long_or_broken_are_left_alone() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    let list = |count: i32, ids: usize| {
        let mut list = 0x1cb5_c415u32.to_le_bytes().to_vec();
        list.extend(count.to_le_bytes());
        list.extend(vec![4; ids * 8]);
        list
    };
    let lists = [
        list(8193, 8193),
        list(i32::MAX, 4),
        list(-1, 4),
        list(i32::MIN, 0),
        list(2, 1),
        vec![0; 4],
        Vec::new(),
    ];
    for constructor in [0x62d6_b459u32, 0xda69_fb52, 0x7d86_1a08, 0x8610_baeb] {
        for list in &lists {
            client.send(&[&constructor.to_le_bytes()[..], list].concat()).await;
            assert_eq!(client.ping().await, []);
        }
    }
    let whole = types::MsgsStateReq { msg_ids: vec![4; 8192] };
    client.send(&enums::MsgsStateReq::Req(whole).to_bytes()).await;
    let enums::MsgsStateInfo::Info(info) = client.next().await.read();
    assert_eq!(info.info, vec![2; 8192]);
    stage.server.stop().await;
}

#[tokio::test]
async fn what_wants_no_answer_gets_none() {
    let stage = Stage::new().await;
    let mut client = Client::introduced(&stage).await;
    client.ping().await;
    let (info, msg_ids) = (vec![4; 3], vec![1, 5, 9]);
    let wait = types::HttpWait { max_delay: 0, wait_after: 0, max_wait: 25_000 };
    let detail = types::MsgDetailedInfo { msg_id: 1, answer_msg_id: 5, bytes: 9, status: 0 };
    let new_detail = types::MsgNewDetailedInfo { answer_msg_id: 5, bytes: 9, status: 0 };
    let messages = [
        enums::HttpWait::Wait(wait).to_bytes(),
        enums::MsgsAllInfo::Info(types::MsgsAllInfo { msg_ids, info: info.clone() }).to_bytes(),
        enums::MsgsStateInfo::Info(types::MsgsStateInfo { req_msg_id: 1, info }).to_bytes(),
        enums::MsgDetailedInfo::Info(detail).to_bytes(),
        enums::MsgDetailedInfo::MsgNewDetailedInfo(new_detail).to_bytes(),
    ];
    for body in messages {
        let (msg_id, seq_no) = (client.next_msg_id(), client.next_seq_no(false));
        client.send_numbered(msg_id, seq_no, &body).await;
    }
    assert_eq!(client.ping().await, []);
    stage.server.stop().await;
}
