//! What a lost connection may have lost is sent again over the next: results and updates, until they are acknowledged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use grammers_tl_types::{Serializable, enums, functions, types};

use crate::client::{Client, Received, msg_id_at};
use crate::requests::{contact, signed_up};
use crate::stage::Stage;

pub const UPDATES_TOO_LONG: u32 = 0xe317_af7e;

pub async fn acknowledge(client: &mut Client, ids: &[i64]) {
    let ack = enums::MsgsAck::Ack(types::MsgsAck { msg_ids: ids.to_vec() }).to_bytes();
    let (msg_id, seq_no) = (client.next_msg_id(), client.next_seq_no(false));
    client.send_numbered(msg_id, seq_no, &ack).await;
}

/// Acknowledges all that came so far.
pub async fn settle(client: &mut Client) {
    let come = client.ping().await;
    acknowledge(client, &come.iter().map(|received| received.msg_id).collect::<Vec<_>>()).await;
    client.ping().await;
}

fn is_content(received: &Received) -> bool {
    received.seq_no & 1 == 1
}

/// A stage on which Boole may send Ada requests for secret chats, which push her an update each.
pub struct Pair {
    pub stage: Stage,
    pub ada: Client,
    pub boole: Client,
    user: enums::InputUser,
}

impl Pair {
    pub async fn new() -> Pair {
        let stage = Stage::new().await;
        let (ada, _) = signed_up(&stage, "+1 555 0001").await;
        let (mut boole, _) = signed_up(&stage, "+1 555 0002").await;
        let found = boole.call(&contact("+1 555 0001")).await.unwrap();
        let enums::contacts::ImportedContacts::Contacts(found) = found;
        let Some(enums::User::User(peer)) = found.users.into_iter().next() else { panic!("nobody found") };
        let user = types::InputUser { user_id: peer.id, access_hash: peer.access_hash.unwrap() }.into();
        let mut pair = Pair { stage, ada, boole, user };
        pair.forget().await;
        pair
    }

    /// A new session for Ada, in which nothing waits to be acknowledged.
    async fn forget(&mut self) {
        let mut ada = self.ada.reconnected(self.stage.address()).await;
        ada.session_id = rand::random();
        ada.call(&functions::help::GetNearestDc {}).await.unwrap();
        let answers = ada.call(&functions::help::GetNearestDc {}).await;
        assert!(answers.is_ok());
        self.ada = ada;
    }

    pub async fn push(&mut self, random_id: i32) {
        let request = functions::messages::RequestEncryption {
            user_id: self.user.clone(),
            random_id,
            g_a: vec![0x5a; 256],
        };
        self.boole.call(&request).await.unwrap();
    }
}

pub fn names(received: &Received, chat: i32) -> bool {
    received.msg_id & 3 == 3 && received.body.windows(4).any(|window| window == chat.to_le_bytes())
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_over_the_next_connection() {
    let mut pair = Pair::new().await;
    pair.push(77).await;
    let update = pair.ada.next_that(|received| names(received, 77)).await;
    let method = pair.ada.send(&functions::help::GetNearestDc {}.to_bytes()).await;
    let answer = pair.ada.next_that(|received| received.request() == Some(method)).await;
    let done = pair.ada.send(&functions::help::GetNearestDc {}.to_bytes()).await;
    let done = pair.ada.next_that(|received| received.request() == Some(done)).await;
    acknowledge(&mut pair.ada, &[done.msg_id]).await;
    pair.ada.ping().await;

    let mut again = pair.ada.reconnected(pair.stage.address()).await;
    let come: Vec<_> = again.ping().await;
    assert!(come.contains(&update) && come.contains(&answer) && !come.contains(&done), "{come:?}");
    assert!(come.is_sorted_by_key(|received| received.msg_id));
    // Once for each connection.
    assert_eq!(again.ping().await, []);
    pair.ada.number_after(&again);
    assert_eq!(pair.ada.ping().await, []);
    again.number_after(&pair.ada);

    // What is acknowledged comes no more, though it be in the first packet that it is.
    let ids: Vec<i64> = come.iter().map(|received| received.msg_id).collect();
    let mut third = again.reconnected(pair.stage.address()).await;
    acknowledge(&mut third, &ids).await;
    assert!(!third.ping().await.iter().any(|received| ids.contains(&received.msg_id)));
    pair.stage.server.stop().await;
}

#[tokio::test]
async fn updates_wait_for_a_client_that_is_away() {
    let mut pair = Pair::new().await;
    settle(&mut pair.ada).await;
    let mut again = pair.ada.reconnected(pair.stage.address()).await;
    let (gone, mut boole_ids) = (pair.ada, Vec::new());
    drop(gone);
    pair.ada = pair.boole.reconnected(pair.stage.address()).await;
    for chat in [101, 102, 103] {
        pair.push(chat).await;
        boole_ids.push(chat);
    }
    let come = again.ping().await;
    let chats: Vec<i32> =
        boole_ids.iter().copied().filter(|&chat| come.iter().any(|received| names(received, chat))).collect();
    assert_eq!(chats, boole_ids, "{come:?}");
    assert!(come.iter().filter(|received| names(received, 101)).all(is_content));
    pair.stage.server.stop().await;
}

#[tokio::test]
async fn a_client_that_breaks_on_a_message_is_not_sent_it_for_ever() {
    let mut pair = Pair::new().await;
    pair.push(77).await;
    let update = pair.ada.next_that(|received| names(received, 77)).await;
    let mut times = 1;
    let mut told = false;
    for _ in 0..5 {
        let mut again = pair.ada.reconnected(pair.stage.address()).await;
        let come = again.ping().await;
        times += come.iter().filter(|received| received.msg_id == update.msg_id).count();
        told |= come.iter().any(|received| received.id() == UPDATES_TOO_LONG);
        pair.ada = again;
    }
    assert_eq!((times, told), (3, true));
    pair.stage.server.stop().await;
}

#[tokio::test]
async fn a_repeated_request_is_answered_once_over_the_new_connection() {
    let mut pair = Pair::new().await;
    settle(&mut pair.ada).await;
    let (msg_id, seq_no) = (pair.ada.next_msg_id(), pair.ada.next_seq_no(true));
    let body = functions::help::GetNearestDc {}.to_bytes();
    pair.ada.send_numbered(msg_id, seq_no, &body).await;
    let answer = pair.ada.next().await;
    assert_eq!(answer.request(), Some(msg_id));
    let mut again = pair.ada.reconnected(pair.stage.address()).await;
    again.send_numbered(msg_id, seq_no, &body).await;
    let come = again.ping().await;
    assert_eq!(
        come.iter().filter(|received| received.request() == Some(msg_id)).collect::<Vec<_>>(),
        [&answer]
    );
    pair.stage.server.stop().await;
}

#[tokio::test]
async fn of_two_connections_the_other_takes_what_one_may_have_lost() {
    let mut pair = Pair::new().await;
    settle(&mut pair.ada).await;
    let mut second = pair.ada.reconnected(pair.stage.address()).await;
    second.ping().await;
    // Back to the first, which is written to from now on.
    pair.ada.number_after(&second);
    pair.ada.ping().await;
    pair.push(77).await;
    let update = pair.ada.next_that(|received| names(received, 77)).await;
    drop(std::mem::replace(&mut pair.ada, pair.boole.reconnected(pair.stage.address()).await));
    assert_eq!(second.next_that(|received| names(received, 77)).await, update);
    pair.push(78).await;
    second.next_that(|received| names(received, 78)).await;
    pair.stage.server.stop().await;
}

#[tokio::test]
async fn an_update_is_sent_again_when_asked_for_and_a_forgotten_one_is_not() {
    let mut pair = Pair::new().await;
    pair.push(77).await;
    let update = pair.ada.next_that(|received| names(received, 77)).await;
    let ask = |ids: Vec<i64>| enums::MsgResendReq::Req(types::MsgResendReq { msg_ids: ids }).to_bytes();
    pair.ada.send(&ask(vec![update.msg_id])).await;
    assert_eq!(pair.ada.next().await, update);
    acknowledge(&mut pair.ada, &[update.msg_id]).await;
    let asked = pair.ada.send(&ask(vec![update.msg_id, msg_id_at(0) | 3])).await;
    let enums::MsgsStateInfo::Info(info) = pair.ada.next().await.read();
    assert_eq!((info.req_msg_id, info.info), (asked, vec![1, 1]));
    pair.stage.server.stop().await;
}
