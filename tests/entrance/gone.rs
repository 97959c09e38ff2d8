//! A device that its server does not know any more, by what a scripted server says.

use grammers_tl_types::functions;
use subrosa::engine::{self, Connection, Engine, Event, Person, PersonKind, Presence, UserId};
use subrosa::secret::record::Marks;
use subrosa::vault::Account;
use tempfile::TempDir;

use crate::people::Resident;
use crate::stage::ADA;
use crate::stub::{Flaw, Peer, Stub};

/// An engine of a profile that was signed in at the stub, and its folder.
fn resident(stub: &Stub, home: &TempDir) -> Resident {
    let mut vault = engine::create_throwaway(&home.path().join("ada")).unwrap();
    let me = Person {
        id: UserId(1),
        access_hash: 2,
        first_name: "Ada".into(),
        last_name: String::new(),
        username: None,
        phone: Some(ADA.into()),
        contact: false,
        blocked: false,
        kind: PersonKind::Human,
        presence: Presence::Unknown,
    };
    let account = Account {
        server: stub.address(),
        dc_id: 1,
        proxy: None,
        rsa_key: crate::stub::rsa().public().to_pem().unwrap(),
        auth_key: None,
        salt: 0,
        time_offset: 0,
        phone: ADA.into(),
        api_id: 1,
        me: Some(me),
        signed_in: true,
    };
    vault.sign_in(&account, Marks { pts: 1, qts: 1, seq: 0, date: 1 }).unwrap();
    let engine: Engine = engine::start(vault).unwrap();
    Resident::with(engine, "ada")
}

/// The greeting of a client that has just made a key.
async fn greeted(stub: &Stub) -> (Peer, i64) {
    let mut peer = stub.accept().await;
    peer.make_key(Flaw::None).await.unwrap();
    let greeting = peer.call().await.unwrap();
    (peer, greeting.msg_id)
}

#[tokio::test]
async fn a_greeting_may_be_the_end() {
    for (code, name) in [(401, "AUTH_KEY_UNREGISTERED"), (406, "AUTH_KEY_DUPLICATED")] {
        let (stub, home) = (Stub::start().await, tempfile::tempdir().unwrap());
        let mut ada = resident(&stub, &home);
        let (mut peer, greeting) = greeted(&stub).await;
        peer.refuse(greeting, code, name).await;
        assert!(ada.signed_out().await.contains("`subrosa sign-in`"), "{name}");
    }
}

#[tokio::test]
async fn other_refusals_of_a_greeting_are_not() {
    let (stub, home) = (Stub::start().await, tempfile::tempdir().unwrap());
    let mut ada = resident(&stub, &home);
    let (mut peer, greeting) = greeted(&stub).await;
    peer.refuse(greeting, 401, "SOMETHING_ELSE").await;
    let words = refused(&mut ada).await;
    assert!(words.contains("SOMETHING_ELSE"), "{words}");
    ada.stop().await;
    let account = engine::open_throwaway(&home.path().join("ada")).unwrap().account().unwrap().unwrap();
    assert!(account.signed_in);
}

/// Anybody on the path can write these four bytes: they must not cost anybody their chats.
#[tokio::test]
async fn a_status_that_nobody_signed_ends_nothing() {
    let (stub, home) = (Stub::start().await, tempfile::tempdir().unwrap());
    let mut ada = resident(&stub, &home);
    let (mut peer, greeting) = greeted(&stub).await;
    peer.answer(greeting, &[0; 4]).await;
    let difference = peer.call().await.unwrap();
    assert!(difference.is::<functions::updates::GetDifference>());
    peer.raw(&(-404_i32).to_le_bytes()).await;
    let words = refused(&mut ada).await;
    assert!(words.contains("does not know this device"), "{words}");
    ada.stop().await;
    let account = engine::open_throwaway(&home.path().join("ada")).unwrap().account().unwrap().unwrap();
    assert!(account.signed_in && account.auth_key.is_some());
}

async fn refused(ada: &mut Resident) -> String {
    ada.until("a refusal", |event| match event {
        Event::Connection(Connection::Refused(words)) => Some(words.clone()),
        Event::SignedOut(_) => panic!("it was believed"),
        _ => None,
    })
    .await
}
