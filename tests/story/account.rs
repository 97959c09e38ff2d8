//! The account in plain lines: its devices, whether they are asked for secret chats, and leaving.

use crate::process::Stream;
use crate::scene::{ADA, BASIL, Scene, texts};

#[test]
fn devices_are_listed_switched_and_ended() {
    let mut scene = Scene::new();
    scene.world.sign_in("second", ADA, "Ada");
    let mut second = scene.world.lines("second");
    scene.ada.enter("/devices");
    scene.ada.expect_text("device 1 subrosa (this device): receives secret chats");
    scene.ada.expect_text("device 2 subrosa: receives secret chats");
    scene.ada.enter("/receive off 2");
    scene.ada.expect_text("device 2 subrosa: receives no secret chats");
    scene.ada.enter("/receive off");
    scene.ada.expect_text("device 1 subrosa (this device): receives no secret chats");
    scene.ada.enter("/receive on");
    scene.ada.expect_text("device 1 subrosa (this device): receives secret chats");
    scene.ada.enter("/end-device 7");
    scene.ada.expect_text("there is no device 7; /devices lists them");
    scene.ada.enter("/end-device 2");
    second.expect_text("sign in again");
    second.quit();
}

#[test]
fn a_device_that_receives_none_is_not_asked() {
    let mut scene = Scene::new();
    scene.basil.enter("/receive off");
    scene.basil.expect_text("receives no secret chats");
    scene.ada.enter(&format!("/start +{BASIL}"));
    scene.ada.expect_text("waiting for Basil to accept");
    scene.basil.enter("/receive on");
    scene.basil.expect_text(": receives secret chats");
    assert!(!scene.basil.said(Stream::Out).iter().any(|line| line.contains("asks for a secret chat")));
}

#[test]
fn signing_out_names_what_ends_and_tells_the_other_side() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.ada_says("remember this");
    scene.ada.enter("/sign-out");
    scene.ada.expect_text(&format!("chat {chat} with Basil: ready"));
    scene.ada.expect_text("/sign-out close tells the other side first");
    scene.ada.enter("/sign-out close");
    scene.basil.expect_text("closed by Ada");
    scene.ada.expect_text("signed out");
    assert!(texts(&mut scene.ada, &chat, "you").contains(&"remember this".to_owned()));
    scene.ada.enter("/start @anybody");
    scene.ada.expect_text("sign in again");
}

#[test]
fn a_profile_is_signed_out_from_the_command_line() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.ada.quit();
    let leave = ["profiles", "sign-out", "ada"];
    let mut asked = scene.world.run("stays", &leave);
    asked.enter("no");
    assert_eq!(asked.wait_exit(), Some(1));
    assert!(
        asked.said(Stream::Err).concat().contains("this secret chat: Basil"),
        "{:?}",
        asked.said(Stream::Err)
    );
    let mut done = scene.world.run("leaves", &leave);
    done.enter("d");
    assert_eq!(done.wait_exit(), Some(0), "{:?}", done.said(Stream::Err));
    scene.basil.expect_text("closed by Ada");
    let mut again = scene.world.start_lines("ada");
    again.expect_text("sign in again");
    again.enter("/chats");
    again.expect_text(&format!("chat {chat}"));
    again.quit();
}
