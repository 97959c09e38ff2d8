//! Clocks that are wrong by hours: ours, the server's, and the difference that an earlier run stored.

use grammers_tl_types::functions;

use super::home::Home;
use super::*;

const HOURS: i32 = 5 * 3600;

/// Longer than a correction takes, which may need one more connection, and shorter than a second back-off.
const SOON: Duration = Duration::from_secs(5);

/// The client online, and the last session it told by then.
async fn online_at_last(client: &mut Client) -> Option<Session> {
    let mut learned = None;
    loop {
        match client.next().await {
            LinkEvent::Session(session) => learned = Some(session),
            LinkEvent::State(LinkState::Online) => return learned,
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_stored_difference_that_is_wrong_by_hours_is_corrected() {
    let home = Home::in_memory().await;
    let mut client = Client::start(home.config());
    let session = client.online().await.unwrap();
    drop(client);
    for wrong in [-HOURS, HOURS] {
        let stored = Session { time_offset: wrong, ..session.clone() };
        let mut client = Client::start(LinkConfig { session: Some(stored), ..home.config() });
        let learned = timeout(SOON, online_at_last(&mut client)).await.expect("online soon").unwrap();
        assert!(learned.time_offset.abs() <= 1, "{wrong}: {}", learned.time_offset);
        assert_eq!(learned.auth_key.id(), session.auth_key.id());
        let answer = client.link.invoke(&functions::help::GetNearestDc {}, PATIENCE).await;
        assert!(answer.is_ok(), "{wrong}: {answer:?}");
        assert_eq!(client.link.state(), LinkState::Online);
    }
}

/// As if somebody set our clock while we were online: the server finds our messages too old, or from the future.
#[tokio::test]
async fn a_clock_that_changes_on_a_living_connection_is_followed() {
    for (code, ahead) in [(16, i64::from(HOURS)), (17, -i64::from(HOURS))] {
        let stub = Stub::start().await;
        let (mut client, mut peer) = online(&stub).await;
        let key = peer.key.clone();
        peer.set_ahead(ahead);
        let link = client.link.clone();
        let limit = Duration::from_secs(2);
        let call = tokio::spawn(async move { link.invoke(&functions::updates::GetState {}, limit).await });
        let asked = peer.call().await.unwrap();
        peer.bad_msg(asked.msg_id, code).await;
        if code == 16 {
            // Ids may grow: the same connection goes on.
            let again = peer.call().await.unwrap();
            assert!(again.is::<functions::updates::GetState>());
            let by_message = (again.msg_id >> 32) - stub::now() - ahead;
            assert!(by_message.abs() <= 2, "{by_message}");
            peer.answer(again.msg_id, &state_bytes(1)).await;
            assert!(call.await.unwrap().is_ok());
            continue;
        }
        // Ids may not shrink: the session has to be another one.
        assert_eq!(call.await.unwrap(), Err(CallError::Lost));
        let mut peer = stub.accept().await;
        peer.key = key;
        peer.set_ahead(ahead);
        let greeting = peer.call().await.unwrap();
        let by_message = (greeting.msg_id >> 32) - stub::now() - ahead;
        assert!(by_message.abs() <= 2, "{by_message}");
        peer.answer(greeting.msg_id, &[0; 4]).await;
        let learned = timeout(SOON, online_at_last(&mut client)).await.expect("online soon").unwrap();
        assert!((i64::from(learned.time_offset) - ahead).abs() <= 2, "{}", learned.time_offset);
    }
}

#[tokio::test]
async fn a_corrected_clock_is_told_as_the_reason() {
    let stub = Stub::start().await;
    let (mut client, mut peer) = online(&stub).await;
    let link = client.link.clone();
    tokio::spawn(async move { link.invoke(&functions::updates::GetState {}, PATIENCE).await });
    let asked = peer.call().await.unwrap();
    peer.bad_msg(asked.msg_id, 17).await;
    let fault = client.failure().await;
    assert!(matches!(fault, CloudError::Clock { .. }), "{fault:?}");
}
