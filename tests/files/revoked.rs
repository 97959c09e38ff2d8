//! A device that was signed out: what it has stays readable, and everything else says what to do.

use std::fs;

use subrosa::engine::{ChatEvent, ChatState, Closing, Command, Connection, Event};
use subrosa::vault::Account;

use crate::stage::Stage;

#[tokio::test]
async fn what_a_signed_out_device_has_stays_readable() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let random_id = stage.ada_sends(&stage.file("a.txt", b"kept")).await;
    let here = stage.basil_fetches(random_id).await;
    stage.basil.stop().await;
    let mut vault = stage.basil.vault();
    let account = vault.account().unwrap().unwrap();
    vault.put_account(&Account { signed_in: false, ..account }).unwrap();
    drop(vault);

    stage.basil.start_alone();
    let refused = |event: &Event| match event {
        Event::Connection(Connection::Refused(words)) => Some(words.clone()),
        Event::Connection(other) => panic!("{other:?}"),
        Event::Refused(words) => Some(words.clone()),
        _ => None,
    };
    let over = stage.basil.until("the end of the chat", |event| match event {
        Event::Chat(ChatEvent::Chat(view)) if matches!(view.state, ChatState::Closed(_)) => {
            Some(view.state.clone())
        }
        _ => None,
    });
    assert_eq!(over.await, ChatState::Closed(Closing::SignedOut));
    let words = stage.basil.until("the state of the connection", refused).await;
    assert!(words.contains("signed out") && words.contains("`subrosa sign-in`"), "{words}");
    assert_eq!(stage.basil.history(chat).await.len(), 1);
    assert_eq!(fs::read(here).unwrap(), b"kept");
    for command in [Command::Find("@ada".into()), Command::Dial, Command::Download { chat, random_id }] {
        stage.basil.send(command);
        let words = stage.basil.until("a refusal", refused).await;
        assert!(words.contains("`subrosa sign-in`"), "{words}");
    }
    // Whoever talks to it hears nothing, and it waits for nobody.
    stage.basil.stop().await;
}
