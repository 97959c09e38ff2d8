//! What becomes of people: renamed, put on the list and taken off it, here and on another device.

use subrosa::engine::Command;

use crate::town::{ADA, Town, resident};

#[tokio::test]
async fn a_contact_is_added_and_deleted_here_and_elsewhere() {
    let mut town = Town::new().await;
    town.settle(vec![resident(1, "Basil")]).await;
    let mut ada = town.newcomer("Ada", ADA).await;
    let mut other = town.device("Ada", ADA, "elsewhere").await;
    ada.start();
    ada.until_online().await;
    let basil = ada.finds("tg://resolve?domain=basil_1").await[0];
    ada.send(Command::AddContact(basil));
    ada.until_person("a contact", |person| person.id == basil && person.contact).await;

    other.start();
    other.until_online().await;
    other.until_person("the contact", |person| person.id == basil && person.contact).await;
    other.send(Command::DeleteContact(basil));
    other.until_person("no contact", |person| person.id == basil && !person.contact).await;
    other.stop().await;

    // What another device did is noticed with the next connection at the latest.
    ada.stop().await;
    ada.start();
    ada.until_person("no contact here", |person| person.id == basil && !person.contact).await;
    ada.send(Command::DeleteContact(basil));
    ada.send(Command::AddContact(basil));
    ada.until_person("a contact again", |person| person.id == basil && person.contact).await;
    ada.stop().await;
    let stored = ada.vault().people().unwrap();
    assert!(stored.iter().any(|person| person.id == basil && person.contact), "{}", ada.told.join("\n"));
}

#[tokio::test]
async fn a_block_outlives_what_the_server_says_of_the_person() {
    let mut town = Town::new().await;
    town.settle(vec![resident(1, "Basil")]).await;
    let mut ada = town.newcomer("Ada", ADA).await;
    ada.start();
    ada.until_online().await;
    let basil = ada.finds("@basil_1").await[0];
    ada.send(Command::Block(basil));
    ada.until_person("a block", |person| person.id == basil && person.blocked).await;
    ada.send(Command::AddContact(basil));
    let added = ada.until_person("a contact", |person| person.id == basil && person.contact).await;
    assert!(added.blocked, "the server's description says nothing of the block");
    ada.finds("basil").await;
    ada.stop().await;
    let stored = ada.vault().people().unwrap();
    assert!(stored.iter().any(|person| person.id == basil && person.blocked));
}

#[tokio::test]
async fn whom_another_device_blocks_is_blocked_here() {
    let mut town = Town::new().await;
    town.settle(vec![resident(1, "Basil"), resident(2, "Clara")]).await;
    let mut ada = town.newcomer("Ada", ADA).await;
    let mut other = town.device("Ada", ADA, "elsewhere").await;
    other.start();
    other.until_online().await;
    let (basil, clara) = (other.finds("@basil_1").await[0], other.finds("@clara_2").await[0]);
    other.send(Command::Block(basil));
    other.until_person("a block", |person| person.id == basil && person.blocked).await;

    // By the list, which describes somebody who was never met here.
    ada.start();
    ada.until_person("the block", |person| person.id == basil && person.blocked).await;
    let update = ada.finds("@clara_2").await;
    assert_eq!(update, [clara]);
    // By an update.
    other.send(Command::Block(clara));
    ada.until_person("the second block", |person| person.id == clara && person.blocked).await;
    ada.stop().await;
    // By a name that is missing on the list.
    other.send(Command::Unblock(basil));
    other.until_person("no block", |person| person.id == basil && !person.blocked).await;
    other.stop().await;
    ada.start();
    ada.until_online().await;
    ada.until_person("no block here", |person| person.id == basil && !person.blocked).await;
    ada.stop().await;
}
