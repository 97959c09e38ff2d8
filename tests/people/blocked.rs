//! More blocked people than anybody reads in one go: the one whom nobody would find on the first ten thousand places is blocked all the same.

use std::time::Instant;

use subrosa::engine::{Command, Event};
use subrosa::server::rpc::{RpcError, Trouble};

use crate::town::{ADA, Town, resident};

/// More than a hundred full answers hold.
const CROWD: usize = 10_150;

#[tokio::test]
async fn nobody_is_forgotten_at_the_end_of_a_long_list() {
    let mut town = Town::new().await;
    let crowd: Vec<_> = (0..CROWD).map(|number| resident(number, "Someone")).collect();
    let phones: Vec<String> = crowd.iter().map(|resident| resident.phone.clone()).collect();
    town.settle(crowd).await;
    let mut ada = town.newcomer("Ada", ADA).await;
    town.house.server.introduce(vec![phones[0].clone()], ADA.to_owned()).await.unwrap();
    // The latest come first, so the contact is the last one.
    for phone in &phones {
        town.house.server.block(phone.clone(), ADA.to_owned()).await.unwrap();
    }
    // Once on the way the server wants a pause.
    let error = RpcError { code: 420, name: "FLOOD_WAIT_1".to_owned() };
    let method = "contacts.getBlocked".to_owned();
    town.house.server.trouble(Trouble { phone: ADA.to_owned(), method, error, calls: 1 }).await.unwrap();
    let begun = Instant::now();
    ada.start();
    let last = ada.until_person("the last one", |person| person.contact && person.blocked).await;
    println!("{CROWD} blocked people, and a pause of a second: {:?}", begun.elapsed());
    ada.send(Command::Start(last.id));
    assert!(ada.until_refused().await.contains("you have blocked them"));
    ada.stop().await;

    // What is stored is told at once, and the next list changes nothing about it.
    ada.start();
    let mut told = 0;
    ada.until("a connection", |event| match event {
        Event::People(people) => {
            told += people.iter().filter(|person| person.blocked).count();
            None
        }
        event => (*event == Event::Restored).then_some(()),
    })
    .await;
    assert_eq!(told, CROWD);
    ada.stop().await;
}
