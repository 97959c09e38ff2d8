//! With whom a secret chat cannot be had, and that the server is never asked about it.

use subrosa::engine::{ChatEvent, Command, Event, PersonKind, UserId};

use crate::town::{ADA, Town, resident};

#[tokio::test]
async fn bots_the_deleted_the_blocked_and_oneself_are_refused_in_words() {
    let mut town = Town::new().await;
    let residents = [resident(1, "Basil"), resident(2, "Clara"), resident(3, "Helper")];
    let phones = residents.iter().map(|resident| resident.phone.clone()).collect();
    town.settle(residents.to_vec()).await;
    let mut ada = town.newcomer("Ada", ADA).await;
    town.house.server.introduce(phones, ADA.to_owned()).await.unwrap();
    ada.start();
    let me = ada
        .until("who we are", |event| match event {
            Event::Me(me) => Some(me.id),
            _ => None,
        })
        .await;
    ada.until_online().await;
    let [basil, clara, helper] = {
        let mut people = Vec::new();
        for name in ["@basil_1", "https://t.me/clara_2", "+99966000003"] {
            people.push(ada.finds(name).await[0]);
        }
        people.try_into().unwrap()
    };
    town.house.server.make_bot(resident(3, "").phone).await.unwrap();
    ada.until_person("a bot", |person| person.id == helper && person.kind == PersonKind::Bot).await;
    town.house.server.delete_account(resident(2, "").phone).await.unwrap();
    ada.send(Command::Block(basil));
    ada.until_person("the block", |person| person.id == basil && person.blocked).await;
    // That an account is deleted comes with the next connection at the latest.
    ada.stop().await;
    ada.start();
    ada.until_person("nobody", |person| person.id == clara && person.kind == PersonKind::Deleted).await;

    for (user, words) in [
        (helper, "bots hold no keys"),
        (clara, "this account is deleted"),
        (me, "this is you"),
        (basil, "unblock them first"),
        (UserId(5), "find them first"),
    ] {
        ada.send(Command::Start(user));
        let said = ada.until_refused().await;
        assert!(said.contains(words), "{said}");
    }
    ada.send(Command::Unblock(basil));
    ada.until_person("no block", |person| person.id == basil && !person.blocked).await;
    ada.send(Command::Start(basil));
    let chat = ada
        .until("a chat", |event| match event {
            Event::Chat(ChatEvent::Chat(view)) => Some(view.user),
            _ => None,
        })
        .await;
    assert_eq!(chat, basil);
    ada.stop().await;
}

#[tokio::test]
async fn who_is_not_found_is_said_with_the_reason() {
    let mut town = Town::new().await;
    let mut ada = town.newcomer("Ada", ADA).await;
    ada.start();
    ada.until_online().await;
    let cases = [
        ("@nobody_at_all", "nobody is known as @nobody_at_all"),
        ("t.me/nobody_at_all", "nobody is known as @nobody_at_all"),
        ("+99966000077", "nobody is known as +99966000077"),
        ("https://t.me/+AbCdEf", "leads to no person"),
        ("zzzz", "nobody is known as zzzz"),
    ];
    for (query, words) in cases {
        ada.send(Command::Find(query.into()));
        let said = ada.until_refused().await;
        assert!(said.contains(words), "{query}: {said}");
    }
    ada.stop().await;
}
