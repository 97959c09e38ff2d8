//! What can become of a request: declined, left, withdrawn, taken by another device.

use crate::process::Stream;
use crate::process::world::World;
use crate::scene::{ADA, BASIL, Scene, key, number};

#[test]
fn a_declined_request_is_told_and_can_be_followed_by_another() {
    let mut scene = Scene::new();
    let chat = scene.ask();
    scene.basil.enter(&format!("/decline {chat}"));
    scene.basil.expect_text("you declined the request of Ada");
    scene.ada.expect_text("Basil declined");
    assert_ne!(scene.ask(), chat);
}

#[test]
fn a_request_that_was_left_can_still_be_accepted_after_a_restart() {
    let mut scene = Scene::new();
    let chat = scene.ask();
    scene.basil.enter(&format!("/leave {chat}"));
    scene.basil.expect_text("Ada asks for a secret chat; left for another device");
    scene.basil.quit();
    scene.basil = scene.world.start_lines("basil");
    scene.basil.expect_text("Ada asks for a secret chat; left for another device");
    scene.basil.enter(&format!("/accept {chat}"));
    scene.basil.expect_text("ready with Ada");
    scene.ada.expect_text("ready with Basil");
    assert_eq!(key(&mut scene.ada, &chat), key(&mut scene.basil, &chat));
}

#[test]
fn a_withdrawn_request_cannot_be_accepted() {
    let mut scene = Scene::new();
    let chat = scene.ask();
    scene.ada.enter(&format!("/close {chat}"));
    scene.ada.expect_text("closed by you");
    scene.basil.expect_text("Ada withdrew the request, or another of your devices took it");
    scene.basil.enter(&format!("/accept {chat}"));
    scene.basil.expect_text("this chat is not an open request");
}

#[test]
fn a_request_accepted_on_one_device_is_over_on_the_other() {
    let mut scene = Scene::new();
    scene.world.sign_in("basils-phone", BASIL, "");
    let mut phone = scene.world.lines("basils-phone");
    let chat = scene.ask();
    phone.expect_text("Ada asks for a secret chat");
    phone.enter(&format!("/accept {chat}"));
    phone.expect_text("ready with Ada");
    scene.basil.expect_text("another of your devices took it");
    scene.ada.expect_text("ready with Basil");
    scene.ada.enter(&format!("/say {chat} to the phone"));
    phone.expect_text(": to the phone");
    phone.enter(&format!("/say {chat} from the phone"));
    scene.ada.expect_text(": from the phone");
    assert_eq!(key(&mut scene.ada, &chat), key(&mut phone, &chat));
    assert!(!scene.basil.said(Stream::Out).iter().any(|line| line.contains("the phone")));
}

#[test]
fn only_one_chat_with_a_person_is_started_at_a_time() {
    let mut scene = Scene::new();
    scene.ask();
    scene.ada.enter("/start Basil");
    scene.ada.expect_text("! there is already a secret chat with this person");
}

#[test]
fn people_are_found_added_and_listed() {
    let mut scene = Scene::new();
    scene.ada.enter("/contacts");
    scene.ada.expect_text("* no contacts yet");
    // Strangers are found by what they are called in public only.
    scene.ada.enter("/find Basil");
    scene.ada.expect_text("! nobody is known as Basil");
    scene.basil.enter("/username basil_b");
    scene.basil.expect_text("(@basil_b");
    scene.ada.enter("/find basil");
    scene.ada.expect_text("found Basil (@basil_b)");
    scene.ada.enter(&format!("/add +{BASIL} Basil of Town"));
    scene.ada.expect_text("found Basil of Town");
    scene.ada.enter("/contacts");
    scene.ada.expect_text("contact Basil of Town (@basil_b, +9996610002)");
    scene.ada.enter("/find @nobody_at_all");
    scene.ada.expect_text("nobody is known as @nobody_at_all");
    scene.ada.enter("/start Cecil");
    scene.ada.expect_text("! Cecil is not among the people known here: look them up with /find");
    scene.ada.quit();
    scene.ada = scene.world.lines("ada");
    scene.ada.enter("/contacts");
    scene.ada.expect_text("contact Basil of Town");
}

#[test]
fn somebody_in_the_contacts_is_no_stranger() {
    let mut scene = Scene::new();
    scene.basil.enter(&format!("/add +{ADA} Ada"));
    scene.basil.expect_text("found Ada");
    scene.ada.enter(&format!("/start +{BASIL}"));
    let line = scene.basil.expect_text("Ada asks for a secret chat");
    assert!(!line.contains("not in your contacts"), "{line}");
    assert_eq!(number(&line), number(&scene.ada.expect_text("asking Basil")));
}

#[test]
fn nothing_is_said_before_there_is_a_key() {
    let mut scene = Scene::new();
    let chat = scene.ask();
    for person in [&mut scene.ada, &mut scene.basil] {
        person.enter(&format!("/say {chat} too early"));
        person.expect_text(&format!("! {chat} this chat is not ready: nothing can be sent in it"));
        person.enter(&format!("/key {chat}"));
        person.expect_text("! this chat has no key yet");
        person.enter(&format!("/history {chat}"));
        person.expect_text("* no messages in this chat");
    }
    scene.basil.enter(&format!("/accept {chat}"));
    scene.basil.expect_text("ready with Ada");
    scene.basil.enter(&format!("/say {chat} in time"));
    scene.ada.expect_text(": in time");
    assert!(!scene.basil.said(Stream::Out).iter().any(|line| line.contains("too early")));
}

#[test]
fn a_request_waits_for_somebody_who_is_away() {
    let world = World::new();
    world.sign_in("ada", ADA, "Ada");
    world.sign_in("basil", BASIL, "Basil");
    let mut ada = world.lines("ada");
    ada.enter(&format!("/start +{BASIL}"));
    ada.expect_text("waiting for Basil to accept");
    ada.quit();
    let mut basil = world.start_lines("basil");
    basil.expect_text("Ada asks for a secret chat");
    basil.enter("/accept Ada");
    basil.expect_text("ready with Ada");
    basil.enter("/say Ada are you there?");
    basil.expect_text("with the server");
    basil.quit();
    let mut ada = world.start_lines("ada");
    ada.expect_text(": are you there?");
}
