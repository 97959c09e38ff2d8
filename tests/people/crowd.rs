//! Five thousand contacts: one answer brings them, one transaction stores them, and at the next start they are there at once.

use std::time::Instant;

use subrosa::engine::Event;

use crate::town::{ADA, Town, resident};

const CROWD: usize = 5_000;

/// How many contacts a piece of news speaks of.
fn contacts(event: &Event) -> Option<usize> {
    match event {
        Event::People(people) => Some(people.iter().filter(|person| person.contact).count()),
        _ => None,
    }
}

#[tokio::test]
async fn a_crowd_of_contacts_arrives_and_stays() {
    let mut town = Town::new().await;
    let crowd: Vec<_> = (0..CROWD).map(|number| resident(number, "Someone")).collect();
    let phones: Vec<String> = crowd.iter().map(|resident| resident.phone.clone()).collect();
    town.settle(crowd).await;
    let mut ada = town.newcomer("Ada", ADA).await;
    town.house.server.introduce(phones, ADA.to_owned()).await.unwrap();

    let begun = Instant::now();
    ada.start();
    ada.until("all of them", |event| contacts(event).filter(|count| *count == CROWD)).await;
    println!("from the start to {CROWD} contacts off the server: {:?}", begun.elapsed());
    ada.stop().await;

    // Without a server the same people are told before anything else is.
    town.house.server.stop().await;
    let begun = Instant::now();
    ada.start();
    let mut before_restored = 0;
    ada.until("what is stored", |event| {
        before_restored += contacts(event).unwrap_or_default();
        (*event == Event::Restored).then_some(())
    })
    .await;
    println!("from the start to {CROWD} contacts out of the vault: {:?}", begun.elapsed());
    assert_eq!(before_restored, CROWD);
    ada.stop().await;

    let mut vault = ada.vault();
    let people: Vec<_> = vault.people().unwrap();
    let begun = Instant::now();
    vault.put_contact_list(&people, 0).unwrap();
    println!("storing {} people in one transaction: {:?}", people.len(), begun.elapsed());
}
