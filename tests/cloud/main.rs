//! The cloud room over TCP: against a scripted server that misbehaves, and against the project's own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod blocked;
mod branches;
mod clocks;
mod home;
mod mtproxy;
mod nesting;
mod proxies;
mod socks;
mod stub;
mod translation;

use std::time::Duration;

use grammers_tl_types::{Serializable, enums, functions, types};
use stub::{Flaw, Peer, Stub};
use subrosa::cloud::calls;
use subrosa::cloud::fault::CloudError;
use subrosa::cloud::link::{Link, LinkConfig, LinkEvent, LinkState, Timing};
use subrosa::cloud::server_keys::ServerKeys;
use subrosa::cloud::session::Session;
use subrosa::secret::record::ChatId;
use subrosa::secret::step::{Answer, Call, CallError, EncryptedChat};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Nothing here takes longer unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

fn config(address: &str) -> LinkConfig {
    LinkConfig {
        address: address.into(),
        dc_id: 1,
        proxy: None,
        keys: stub::keys(),
        session: None,
        api_id: 1,
        timing: Timing::default(),
    }
}

/// A link, and its events.
struct Client {
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
}

impl Client {
    fn start(config: LinkConfig) -> Client {
        let (sender, events) = mpsc::channel(64);
        Client { link: Link::start(config, sender), events }
    }

    async fn next(&mut self) -> LinkEvent {
        timeout(PATIENCE, self.events.recv()).await.expect("an event in time").expect("an event")
    }

    /// The next state, whatever else is told before.
    async fn state(&mut self) -> LinkState {
        loop {
            if let LinkEvent::State(state) = self.next().await {
                return state;
            }
        }
    }

    /// Why the attempt under way fails.
    async fn failure(&mut self) -> CloudError {
        loop {
            match self.state().await {
                LinkState::Waiting { why, .. } | LinkState::Refused(why) => return why,
                LinkState::Online => panic!("online"),
                LinkState::Connecting | LinkState::Offline => {}
            }
        }
    }

    async fn online(&mut self) -> Option<Session> {
        let mut learned = None;
        loop {
            match self.next().await {
                LinkEvent::Session(session) => learned = Some(session),
                LinkEvent::State(LinkState::Connecting) => {}
                LinkEvent::State(LinkState::Online) => return learned,
                other => panic!("not online: {other:?}"),
            }
        }
    }
}

/// A client and the peer it is online with.
async fn online(stub: &Stub) -> (Client, Peer) {
    online_with(stub, config(&stub.address())).await
}

async fn online_with(stub: &Stub, config: LinkConfig) -> (Client, Peer) {
    let mut client = Client::start(config);
    let peer = stub.accept_online().await;
    client.online().await;
    (client, peer)
}

fn state_bytes(pts: i32) -> Vec<u8> {
    let state = types::updates::State { pts, qts: 2, date: 3, seq: 4, unread_count: 0 };
    enums::updates::State::State(state).to_bytes()
}

fn short() -> enums::Updates {
    types::UpdateShort { update: types::UpdateEncryptedChatTyping { chat_id: 5 }.into(), date: 1 }.into()
}

#[tokio::test]
async fn a_contact_list_that_is_the_same_is_not_sent() {
    use subrosa::cloud::contacts;
    let stub = Stub::start().await;
    let (client, mut peer) = online(&stub).await;
    let hash = contacts::list_hash(2, [8, 7].map(subrosa::secret::record::UserId));
    let link = client.link.clone();
    let asked =
        tokio::spawn(async move { (contacts::list(&link, hash).await, contacts::list(&link, 0).await) });
    for wanted in [hash, 0] {
        let call = peer.call().await.unwrap();
        assert_eq!(call.body, functions::contacts::GetContacts { hash: wanted }.to_bytes());
        peer.answer(call.msg_id, &enums::contacts::Contacts::NotModified.to_bytes()).await;
    }
    let (same, never_sent) = asked.await.unwrap();
    assert_eq!(same, Ok(None));
    assert!(never_sent.is_err(), "a list that was never sent cannot be the same");
}

#[tokio::test]
async fn a_key_is_made_and_calls_are_answered() {
    let stub = Stub::start().await;
    let mut client = Client::start(config(&stub.address()));
    let mut peer = stub.accept().await;
    peer.make_key(Flaw::None).await.unwrap();
    peer.greet().await;
    let session = client.online().await.expect("a session to store");
    assert_eq!(session.auth_key.id(), peer.key.as_ref().unwrap().id());
    assert_eq!(session.first_salt, peer.salt);
    assert!(session.time_offset.abs() <= 1);
    assert_eq!(client.link.state(), LinkState::Online);

    let link = client.link.clone();
    let call = tokio::spawn(async move { link.invoke(&functions::updates::GetState {}, PATIENCE).await });
    let asked = peer.call().await.unwrap();
    assert!(asked.is::<functions::updates::GetState>());
    peer.answer(asked.msg_id, &state_bytes(9)).await;
    let enums::updates::State::State(state) = call.await.unwrap().unwrap();
    assert_eq!(state.pts, 9);

    let link = client.link.clone();
    let call = tokio::spawn(async move { link.invoke(&functions::updates::GetState {}, PATIENCE).await });
    let asked = peer.call().await.unwrap();
    peer.refuse(asked.msg_id, 420, "FLOOD_WAIT_17").await;
    let refused = CallError::Rpc { code: 420, name: "FLOOD_WAIT".into(), value: Some(17) };
    assert_eq!(call.await.unwrap(), Err(refused));
}

#[tokio::test]
async fn a_stored_session_needs_no_new_key() {
    let stub = Stub::start().await;
    let (first, peer) = online(&stub).await;
    drop(first);
    let key = peer.key.clone().unwrap();
    let session = Session { auth_key: key.clone(), first_salt: peer.salt, time_offset: 0 };
    let mut client = Client::start(LinkConfig { session: Some(session), ..config(&stub.address()) });
    let mut peer = stub.accept().await;
    peer.key = Some(key);
    peer.salt += 1;
    peer.greet().await;
    let changed = client.online().await.expect("the new salt");
    assert_eq!(changed.first_salt, peer.salt);
}

#[tokio::test]
async fn a_server_with_another_clock_is_followed() {
    let mut stub = Stub::start().await;
    stub.ahead = 7200;
    let mut client = Client::start(config(&stub.address()));
    let mut peer = stub.accept().await;
    peer.make_key(Flaw::None).await.unwrap();
    let greeting = peer.call().await.unwrap();
    let by_message = (greeting.msg_id >> 32) - stub::now();
    assert!((7198..=7202).contains(&by_message), "{by_message}");
    peer.answer(greeting.msg_id, &[0; 4]).await;
    let session = client.online().await.unwrap();
    assert!((7198..=7202).contains(&session.time_offset), "{}", session.time_offset);
}

#[tokio::test]
async fn every_flaw_of_the_exchange_is_refused() {
    let flaws = [
        Flaw::Nonce,
        Flaw::ServerNonce,
        Flaw::InnerNonce,
        Flaw::AnswerHash,
        Flaw::Prime,
        Flaw::Generator,
        Flaw::PublicValue,
        Flaw::OtherKey,
        Flaw::HardNumber,
    ];
    for flaw in flaws {
        let stub = Stub::start().await;
        let mut client = Client::start(config(&stub.address()));
        stub.accept().await.make_key(flaw).await;
        let fault = client.failure().await;
        assert!(matches!(fault, CloudError::UnsafeExchange { .. }), "{flaw:?}: {fault:?}");
        assert!(matches!(client.link.state(), LinkState::Refused(_)), "{flaw:?}");
    }
    for (flaw, refused) in [(Flaw::Fail, true), (Flaw::Unreadable, false)] {
        let stub = Stub::start().await;
        let mut client = Client::start(config(&stub.address()));
        stub.accept().await.make_key(flaw).await;
        let fault = client.failure().await;
        assert_eq!(matches!(fault, CloudError::ExchangeRefused { .. }), refused, "{fault:?}");
        assert_eq!(matches!(fault, CloudError::NotTelegram { .. }), !refused, "{fault:?}");
    }
}

#[tokio::test]
async fn a_retry_is_another_exchange() {
    let stub = Stub::start().await;
    let mut client = Client::start(config(&stub.address()));
    let mut peer = stub.accept().await;
    peer.make_key(Flaw::Retry).await.unwrap();
    peer.make_key(Flaw::None).await.unwrap();
    peer.greet().await;
    assert!(client.online().await.is_some());
}

#[tokio::test]
async fn a_server_without_the_key_is_named() {
    let stub = Stub::start().await;
    let mut client = Client::start(LinkConfig { keys: ServerKeys::telegram(), ..config(&stub.address()) });
    stub.accept().await.make_key(Flaw::None).await;
    let fault = client.failure().await;
    assert!(matches!(fault, CloudError::WrongKey { .. }), "{fault:?}");
    let sentence = fault.to_string();
    assert!(
        sentence.contains(&stub.address()) && sentence.contains("Telegram's published key"),
        "{sentence}"
    );
}

#[tokio::test]
async fn nobody_there_and_somebody_silent() {
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let mut client = Client::start(config(&unused));
    assert!(matches!(client.failure().await, CloudError::NoServer { .. }));
    assert!(matches!(client.link.online().await, Err(CloudError::NoServer { .. })));
    let call = client.link.invoke(&functions::updates::GetState {}, PATIENCE);
    assert_eq!(call.await, Err(CallError::Lost));

    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let timing = Timing { exchange: Duration::from_millis(100), ..Timing::default() };
    let mut client =
        Client::start(LinkConfig { timing, ..config(&silent.local_addr().unwrap().to_string()) });
    let fault = client.failure().await;
    assert!(
        matches!(&fault, CloudError::Mute { behaviour, .. } if behaviour.contains("said nothing")),
        "{fault:?}"
    );
    assert!(fault.to_string().contains("if it is an MTProxy, enter its link"), "{fault}");
}

#[tokio::test]
async fn garbage_ends_a_connection_and_nothing_else() {
    let pieces: [&[u8]; 5] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        &[0; 64],
        &[0xff; 64],
        &i32::MIN.to_le_bytes(),
        &[16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    for piece in pieces {
        let stub = Stub::start().await;
        let mut client = Client::start(config(&stub.address()));
        stub.accept().await.raw(piece).await;
        let fault = client.failure().await;
        let lost = matches!(fault, CloudError::NotTelegram { .. } | CloudError::Mute { .. });
        assert!(lost, "{piece:?}: {fault:?}");
    }
}

#[tokio::test]
async fn an_unknown_device_is_told_and_never_given_a_new_key() {
    let stub = Stub::start().await;
    let (client, peer) = online(&stub).await;
    let session = Session { auth_key: peer.key.clone().unwrap(), first_salt: 1, time_offset: 0 };
    drop((client, peer));
    let mut client = Client::start(LinkConfig { session: Some(session), ..config(&stub.address()) });
    let mut peer = stub.accept().await;
    peer.frame().await.unwrap();
    peer.raw(&(-404_i32).to_le_bytes()).await;
    assert!(matches!(client.failure().await, CloudError::UnknownDevice { .. }));
    assert!(matches!(client.link.state(), LinkState::Refused(_)));
    client.link.poke();
    let mut peer = stub.accept().await;
    let again = peer.frame().await.unwrap();
    assert_ne!(again[..8], [0; 8], "an unencrypted message would begin a new exchange");
}

#[tokio::test]
async fn updates_are_passed_on_once_and_doubt_is_a_gap() {
    let stub = Stub::start().await;
    let (mut client, mut peer) = online(&stub).await;
    let packet = peer.sealed(3, &short().to_bytes());
    peer.packet(&packet).await;
    peer.packet(&packet).await;
    peer.message(3, &[0xee; 12]).await;
    peer.push(short()).await;
    let created = types::NewSessionCreated { first_msg_id: 1, unique_id: 2, server_salt: peer.salt };
    peer.message(1, &enums::NewSession::Created(created).to_bytes()).await;
    assert!(matches!(client.next().await, LinkEvent::Updates(updates) if *updates == short()));
    assert!(matches!(client.next().await, LinkEvent::Gap));
    assert!(matches!(client.next().await, LinkEvent::Updates(updates) if *updates == short()));
    assert!(matches!(client.next().await, LinkEvent::Gap));
    assert_eq!(client.link.state(), LinkState::Online);
}

#[tokio::test]
async fn a_reader_that_does_not_keep_up_loses_the_connection_not_updates() {
    let stub = Stub::start().await;
    let (sender, mut events) = mpsc::channel(3);
    let link = Link::start(config(&stub.address()), sender);
    let mut peer = stub.accept().await;
    peer.make_key(Flaw::None).await.unwrap();
    peer.greet().await;
    link.online().await.unwrap();
    for _ in 0..3 {
        peer.push(short()).await;
    }
    assert!(peer.call().await.is_none(), "the client hangs up");
    let mut overrun = false;
    while !overrun {
        match timeout(PATIENCE, events.recv()).await.unwrap().unwrap() {
            LinkEvent::State(LinkState::Waiting { why, .. }) => {
                assert_eq!(why, CloudError::Overrun);
                overrun = true;
            }
            LinkEvent::State(LinkState::Refused(why)) => panic!("{why}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_panic_below_ends_the_connection_and_the_link_comes_back() {
    let stub = Stub::start().await;
    let (mut client, mut peer) = online(&stub).await;
    let link = client.link.clone();
    let call = tokio::spawn(async move { link.invoke(&functions::updates::GetState {}, PATIENCE).await });
    peer.call().await.unwrap();
    let poison = types::FutureSalt { valid_since: 1, valid_until: 2, salt: 3 };
    peer.message(1, &enums::FutureSalt::Salt(poison).to_bytes()).await;
    assert_eq!(call.await.unwrap(), Err(CallError::Lost));
    assert_eq!(client.failure().await, CloudError::Crashed);
    let key = peer.key.clone();
    let mut peer = stub.accept().await;
    peer.key = key;
    peer.greet().await;
    client.online().await;
}

#[tokio::test]
async fn a_swallowed_call_is_lost_and_a_missing_pong_ends_the_connection() {
    let stub = Stub::start().await;
    let timing = Timing { pong_within: Duration::from_millis(100), ..Timing::default() };
    let (mut client, mut peer) = online_with(&stub, LinkConfig { timing, ..config(&stub.address()) }).await;
    let link = client.link.clone();
    let limit = Duration::from_millis(50);
    let call = tokio::spawn(async move { link.invoke(&functions::updates::GetState {}, limit).await });
    assert!(peer.call().await.unwrap().is::<functions::updates::GetState>());
    assert_eq!(call.await.unwrap(), Err(CallError::Lost));
    assert!(peer.call().await.unwrap().is::<functions::Ping>());
    let fault = client.failure().await;
    assert!(matches!(fault, CloudError::TimedOut { .. }), "{fault:?}");
}

#[tokio::test]
async fn the_pulse_keeps_a_living_connection() {
    let stub = Stub::start().await;
    let timing = Timing { ping_every: Duration::from_millis(20), ..Timing::default() };
    let (client, mut peer) = online_with(&stub, LinkConfig { timing, ..config(&stub.address()) }).await;
    for _ in 0..4 {
        let ping = peer.call().await.unwrap();
        assert!(ping.is::<functions::Ping>());
        peer.pong(&ping).await;
    }
    assert_eq!(client.link.state(), LinkState::Online);
}

#[tokio::test]
async fn a_wrong_salt_is_corrected_and_circles_end() {
    let stub = Stub::start().await;
    let mut client = Client::start(config(&stub.address()));
    let mut peer = stub.accept().await;
    peer.make_key(Flaw::None).await.unwrap();
    let greeting = peer.call().await.unwrap();
    peer.salt = 77;
    peer.bad_salt(greeting.msg_id, 77).await;
    peer.greet().await;
    client.online().await;

    let mut circling = Client::start(config(&stub.address()));
    let mut peer = stub.accept().await;
    peer.make_key(Flaw::None).await.unwrap();
    while let Some(call) = peer.call().await {
        peer.bad_salt(call.msg_id, 78).await;
    }
    assert!(matches!(circling.failure().await, CloudError::NotTelegram { .. }));

    let mut starving = Client::start(config(&stub.address()));
    let mut peer = stub.accept().await;
    peer.make_key(Flaw::None).await.unwrap();
    while let Some(call) = peer.any_call().await {
        peer.salts(call.msg_id, 1).await;
    }
    assert!(matches!(starving.failure().await, CloudError::NotTelegram { .. }));
}

#[tokio::test]
async fn dropping_the_handle_hangs_up() {
    let stub = Stub::start().await;
    let (client, mut peer) = online(&stub).await;
    let Client { link, mut events } = client;
    drop(link);
    assert!(peer.call().await.is_none());
    let last = timeout(PATIENCE, events.recv()).await.unwrap();
    assert!(matches!(last, Some(LinkEvent::State(LinkState::Offline))), "{last:?}");
    assert!(timeout(PATIENCE, events.recv()).await.unwrap().is_none());
}
