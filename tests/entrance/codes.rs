//! Phone numbers, codes and names.

use std::ops::RangeBounds;

use subrosa::engine::entrance::{Delivery, EntranceCommand, EntranceEvent, NextDelivery, Stage};
use subrosa::engine::{Connection, Event};
use subrosa::server::rpc;

use crate::stage::{ADA, Answer, BASIL, House, soon};

#[tokio::test]
async fn a_new_number_signs_up_and_the_engine_runs() {
    let mut house = House::open().await;
    let mut ada = house.visitor("ada").await;
    let sent = ada.gives("+999 661-0001").await;
    assert_eq!((sent.phone.as_str(), &sent.by, sent.length), (ADA, &Delivery::Sms, Some(5)));
    let code = house.code().await;
    // As people write codes down.
    ada.types(&format!(" {} {}", &code[..2], &code[2..]));
    assert_eq!(ada.stage().await, Stage::Name);
    ada.say(EntranceCommand::Name { first: " ".into(), last: String::new() });
    assert!(ada.refused().await.contains("first name"));
    ada.say(EntranceCommand::Name { first: "Ada".into(), last: "L".into() });
    let me = ada.done().await;
    assert_eq!((me.first_name.as_str(), me.phone.as_deref()), ("Ada", Some(ADA)));

    let mut engine = ada.entrance.engine(None).unwrap();
    let mut who = None;
    loop {
        match engine.events.recv().await.expect("it runs") {
            Event::Me(me) => who = Some(me.id),
            Event::Connection(Connection::Online) => break,
            Event::Stopped(why) => panic!("{why:?}"),
            _ => {}
        }
    }
    assert_eq!(who, Some(me.id));
}

#[tokio::test]
async fn a_known_number_signs_in_by_a_message_to_its_other_device() {
    let mut house = House::open().await;
    let _phone = house.device(ADA, "Ada").await;
    let mut ada = house.visitor("ada").await;
    let sent = ada.gives(ADA).await;
    assert_eq!(sent.by, Delivery::App);
    ada.types(&house.code().await);
    assert_eq!(ada.done().await.first_name, "Ada");
    drop(ada.entrance.engine(None).unwrap());
}

#[tokio::test]
async fn a_wrong_code_can_be_corrected_until_it_is_spent() {
    let mut house = House::open().await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    let code = house.code().await;
    ada.types("no");
    assert!(ada.refused().await.contains("wrong"));
    ada.types(&code);
    assert_eq!(ada.stage().await, Stage::Name);

    let mut basil = house.visitor("basil").await;
    basil.gives(BASIL).await;
    let spent = house.code().await;
    for _ in 0..5 {
        basil.types("no");
        assert!(basil.refused().await.contains("wrong"));
    }
    basil.types(&spent);
    basil.until("the end of the code", |event| (*event == EntranceEvent::CodeExpired).then_some(())).await;
    assert!(basil.refused().await.contains("not valid any more"));
    // A new one is one word away, without the number and without waiting.
    basil.say(EntranceCommand::Resend);
    assert!(matches!(basil.stage().await, Stage::Code(sent) if sent.phone == BASIL));
    basil.types(&house.code().await);
    assert_eq!(basil.stage().await, Stage::Name);
}

#[tokio::test]
async fn every_way_is_told_as_it_is() {
    use rpc::Delivery as Way;
    let mut house = House::open().await;
    house.server.deliver_codes(ADA.into(), Way::ALL.to_vec()).await.unwrap();
    let mut told = Vec::new();
    for way in Way::ALL {
        house.server.deliver_codes(ADA.into(), vec![way]).await.unwrap();
        let mut ada = house.visitor(&format!("{way:?}")).await;
        let sent = ada.gives(ADA).await;
        assert_eq!(sent.next, None);
        told.push(sent.by);
        let code = house.code().await;
        ada.types(&code);
        assert_eq!(ada.stage().await, Stage::Name, "by {way:?}");
        ada.leave().await;
    }
    assert!(
        matches!(
            &told[..],
            [
                Delivery::App,
                Delivery::Sms,
                Delivery::Call,
                Delivery::FlashCall { pattern },
                Delivery::MissedCall { prefix },
                Delivery::Fragment { url },
                Delivery::Email { pattern: mail },
                Delivery::Words { beginning: Some(_) },
                Delivery::Words { beginning: Some(_) },
            ] if pattern.ends_with("*****") && !prefix.is_empty() && url.starts_with("https://fragment.com") && mail.contains('@')
        ),
        "{told:?}"
    );
}

#[tokio::test]
async fn another_way_is_asked_for_when_it_is_time() {
    use rpc::Delivery as Way;
    let mut house = House::open().await;
    // A message to another device may be followed at once, an SMS after a minute.
    house.server.deliver_codes(ADA.into(), vec![Way::App, Way::Sms, Way::Call]).await.unwrap();
    let mut ada = house.visitor("ada").await;
    let sent = ada.gives(ADA).await;
    assert!(matches!(sent.next, Some((NextDelivery::Sms, from)) if soon(0).contains(&from)), "{sent:?}");
    let first = house.code().await;
    ada.say(EntranceCommand::Resend);
    let Stage::Code(sent) = ada.stage().await else { panic!("no code") };
    assert_eq!(sent.by, Delivery::Sms);
    assert!(matches!(sent.next, Some((NextDelivery::Call, from)) if soon(60).contains(&from)), "{sent:?}");
    let second = house.code().await;
    ada.say(EntranceCommand::Resend);
    let (sentence, until) = ada.refused_until().await;
    assert!(sentence.contains("wait"), "{sentence}");
    assert_eq!(until, sent.next.map(|(_, from)| from));
    if first != second {
        ada.types(&first);
        assert!(ada.refused().await.contains("wrong"));
    }
    ada.types(&second);
    assert_eq!(ada.stage().await, Stage::Name);
}

#[tokio::test]
async fn the_last_way_has_no_next() {
    let mut house = House::open().await;
    house.server.deliver_codes(ADA.into(), vec![rpc::Delivery::Sms]).await.unwrap();
    let mut ada = house.visitor("ada").await;
    assert_eq!(ada.gives(ADA).await.next, None);
    ada.say(EntranceCommand::Resend);
    assert!(ada.refused().await.contains("no further code"));
    ada.types(&house.code().await);
    assert_eq!(ada.stage().await, Stage::Name);
}

#[tokio::test]
async fn restarting_gives_the_code_up() {
    let mut house = House::open().await;
    let mut ada = house.visitor("ada").await;
    ada.gives(ADA).await;
    let given_up = house.code().await;
    ada.say(EntranceCommand::Restart);
    assert_eq!(ada.stage().await, Stage::Phone);
    ada.types(&given_up);
    assert!(ada.refused().await.contains("number first"));
    ada.gives(BASIL).await;
    ada.types(&house.code().await);
    assert_eq!(ada.stage().await, Stage::Name);
}

#[tokio::test]
async fn a_flood_has_an_end() {
    let mut house = House::open().await;
    let mut ada = house.visitor("ada").await;
    for _ in 0..10 {
        ada.gives(ADA).await;
        house.code().await;
    }
    ada.say(EntranceCommand::Phone(ADA.into()));
    let (sentence, until) = ada.refused_until().await;
    assert!(sentence.contains("wait"), "{sentence}");
    assert!(until.is_some_and(|until| soon(60).contains(&until)), "{until:?}");
}

#[tokio::test]
async fn what_is_said_out_of_place_is_refused() {
    let mut house = House::open().await;
    let mut ada = house.visitor("ada").await;
    ada.proves("secret");
    assert!(ada.refused().await.contains("number first"));
    ada.say(EntranceCommand::Resend);
    assert!(ada.refused().await.contains("number first"));
    ada.say(EntranceCommand::Phone("nonsense".into()));
    assert!(ada.refused().await.contains("country code"));
    ada.gives(ADA).await;
    house.code().await;
    ada.say(EntranceCommand::Name { first: "Ada".into(), last: String::new() });
    assert!(ada.refused().await.contains("code"));
    ada.leave().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_and_tried_again() {
    let house = House::open().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap().to_string();
    drop(free);
    let server = subrosa::engine::ServerProfile { address: nobody.clone(), ..house.profile() };
    let mut ada = crate::stage::Visitor::enter(house.vault("ada"), server, false).await;
    for _ in 0..2 {
        ada.say(EntranceCommand::Phone(ADA.into()));
        match ada.answer().await {
            Answer::Refused(sentence, None) => assert!(sentence.contains(&nobody), "{sentence}"),
            other => panic!("{other:?}"),
        }
    }
    ada.leave().await;
}
