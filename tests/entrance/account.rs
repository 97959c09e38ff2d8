//! What becomes of a signed-in device: its companions, its end, and the way to the server.

use grammers_tl_types::functions;
use subrosa::cloud::link::CALL_LIMIT;
use subrosa::engine::entrance::Hidden;
use subrosa::engine::{ChatState, Closing, Command, Connection, Event};

use crate::people::{Resident, chat_between};
use crate::stage::{ADA, BASIL, House};

#[tokio::test]
async fn devices_are_listed_and_ended() {
    let mut house = House::open().await;
    let mut ada = Resident::move_in(&mut house, "Ada", ADA).await;
    ada.say(Command::Devices);
    let alone = ada.devices().await;
    assert_eq!(alone.len(), 1);
    let own = &alone[0];
    assert!(own.own && own.hash == 0 && own.receives, "{own:?}");
    // Names the program and the system, and nobody's machine.
    assert_eq!((own.model.as_str(), own.app_version.as_str()), ("subrosa", env!("CARGO_PKG_VERSION")));
    assert!(own.created > 0 && own.active >= own.created);

    let phone = house.device(ADA, "Ada").await;
    ada.say(Command::Devices);
    let both = ada.devices().await;
    assert_eq!(both.iter().map(|device| device.own).collect::<Vec<_>>(), [true, false]);
    ada.say(Command::EndDevice(both[1].hash + 1));
    assert!(ada.refused().await.contains("not on the server's list"));
    ada.say(Command::EndDevice(both[1].hash));
    assert_eq!(ada.devices().await.len(), 1);
    assert!(phone.link.invoke(&functions::updates::GetState {}, CALL_LIMIT).await.is_err());
}

#[tokio::test]
async fn a_device_that_does_not_receive_is_not_asked() {
    let mut house = House::open().await;
    let mut ada = Resident::move_in(&mut house, "Ada", ADA).await;
    let mut desk = Resident::move_in(&mut house, "Basil", BASIL).await;
    let mut second = house.visitor("Basil's second").await;
    second.gives(BASIL).await;
    second.types(&house.code().await);
    second.done().await;
    let mut pocket = Resident::of(second, "Basil's second").await;

    desk.say(Command::Receive { device: 0, receive: false });
    assert!(!desk.devices().await[0].receives);
    ada.asks(BASIL).await;
    let asked = |state: &ChatState| matches!(state, ChatState::Requested { .. });
    let (first, _) = pocket.chat("the request", asked).await;
    pocket.say(Command::Decline(first));
    ada.chat("the answer", |state| matches!(state, ChatState::Closed(_))).await;

    desk.say(Command::Receive { device: 0, receive: true });
    assert!(desk.devices().await[0].receives);
    ada.asks(BASIL).await;
    // The first that it hears of is not the one it did not want.
    let (heard, _) = desk.chat("the request", asked).await;
    assert_ne!(heard, first);
}

#[tokio::test]
async fn being_ended_from_another_device_is_said_at_once() {
    let mut house = House::open().await;
    let mut ada = Resident::move_in(&mut house, "Ada", ADA).await;
    let mut basil = Resident::move_in(&mut house, "Basil", BASIL).await;
    let chat = chat_between(&mut ada, &mut basil, BASIL).await;
    house.server.revoke(ADA.into()).await.unwrap();
    // Nothing was asked for: the server's word is enough.
    let (ended, state) = ada.chat("the end of the chat", |state| matches!(state, ChatState::Closed(_))).await;
    assert_eq!((ended, state), (chat, ChatState::Closed(Closing::SignedOut)));
    assert!(ada.signed_out().await.contains("`subrosa sign-in`"));
    assert_eq!(ada.history(chat).await, 1);
    ada.say(Command::Devices);
    assert!(ada.refused().await.contains("`subrosa sign-in`"));
    ada.stop().await;
    let account = house.vault_when_free("Ada").await.account().unwrap().unwrap();
    assert!(!account.signed_in && account.auth_key.is_none());

    let mut ada = Resident::again(&house, "Ada").await;
    assert!(ada.signed_out().await.contains("`subrosa sign-in`"));
    assert_eq!(ada.history(chat).await, 1);
}

#[tokio::test]
async fn a_device_that_was_ended_while_away_hears_of_it_when_it_is_back() {
    let mut house = House::open().await;
    let ada = Resident::move_in(&mut house, "Ada", ADA).await;
    ada.stop().await;
    house.server.revoke(ADA.into()).await.unwrap();
    let mut ada = Resident::again(&house, "Ada").await;
    ada.signed_out().await;
}

#[tokio::test]
async fn signing_out_tells_the_chats_first() {
    let mut house = House::open().await;
    let mut ada = Resident::move_in(&mut house, "Ada", ADA).await;
    let mut basil = Resident::move_in(&mut house, "Basil", BASIL).await;
    let chat = chat_between(&mut ada, &mut basil, BASIL).await;
    ada.say(Command::SignOut { discard: true });
    let (closed, state) = ada.chat("the end", |state| matches!(state, ChatState::Closed(_))).await;
    assert_eq!((closed, state), (chat, ChatState::Closed(Closing::ByUs)));
    let sentence = ada.signed_out().await;
    assert!(sentence.contains("history stays"), "{sentence}");
    let (ended, state) = basil.chat("the end", |state| matches!(state, ChatState::Closed(_))).await;
    assert_eq!((ended, state), (chat, ChatState::Closed(Closing::ByPeer { history_deleted: false })));
    assert_eq!(ada.history(chat).await, 1);
    ada.stop().await;

    let account = house.vault_when_free("Ada").await.account().unwrap().unwrap();
    assert!(!account.signed_in && account.auth_key.is_none() && account.me.is_some());
    // The server has forgotten it, too.
    let elsewhere = house.device(ADA, "Ada").await;
    assert_eq!(elsewhere.devices().await, 1);
}

#[tokio::test]
async fn a_request_for_other_devices_survives_signing_out() {
    let mut house = House::open().await;
    let mut ada = Resident::move_in(&mut house, "Ada", ADA).await;
    let mut desk = Resident::move_in(&mut house, "Basil", BASIL).await;
    let mut second = house.visitor("Basil's second").await;
    second.gives(BASIL).await;
    second.types(&house.code().await);
    second.done().await;
    let mut pocket = Resident::of(second, "Basil's second").await;
    ada.asks(BASIL).await;
    let asked = |state: &ChatState| matches!(state, ChatState::Requested { .. });
    let (chat, _) = desk.chat("the request", asked).await;
    pocket.chat("the request", asked).await;
    desk.say(Command::SignOut { discard: true });
    desk.signed_out().await;
    pocket.say(Command::Accept(chat));
    let (ready, _) = ada.chat("a chat", |state| matches!(state, ChatState::Ready { .. })).await;
    assert_eq!(ready, chat);
}

#[tokio::test]
async fn signing_out_needs_the_server() {
    let mut house = House::open().await;
    let mut ada = Resident::move_in(&mut house, "Ada", ADA).await;
    house.server.stop().await;
    ada.until("a broken connection", |event| {
        matches!(event, Event::Connection(Connection::Waiting { .. })).then_some(())
    })
    .await;
    ada.say(Command::SignOut { discard: true });
    assert!(ada.refused().await.contains("cannot be told"));
    ada.say(Command::Devices);
    assert!(ada.refused().await.contains("no connection"));
    ada.stop().await;
    let folder = house.home.path().join("Ada");
    let account = subrosa::engine::open_throwaway(&folder).unwrap().account().unwrap().unwrap();
    assert!(account.signed_in && account.auth_key.is_some());
}

#[tokio::test]
async fn another_way_to_the_server_is_kept() {
    let mut house = House::open().await;
    let mut ada = Resident::move_in(&mut house, "Ada", ADA).await;
    let proxy = |event: &Event| match event {
        Event::Proxy(shown) => Some(shown.clone()),
        _ => None,
    };
    ada.say(Command::SetProxy(Hidden::new("nonsense with a secret".into())));
    let sentence = ada.refused().await;
    assert!(sentence.contains("proxy") && !sentence.contains("secret"), "{sentence}");
    ada.say(Command::SetProxy(Hidden::new("socks5://127.0.0.1:9".into())));
    assert_eq!(ada.until("the proxy", proxy).await.as_deref(), Some("SOCKS5 127.0.0.1:9"));
    ada.stop().await;
    let mut ada = Resident::again(&house, "Ada").await;
    assert_eq!(ada.until("the proxy", proxy).await.as_deref(), Some("SOCKS5 127.0.0.1:9"));
    ada.say(Command::SetProxy(Hidden::new(String::new())));
    assert_eq!(ada.until("no proxy", proxy).await, None);
    ada.online().await;
}
