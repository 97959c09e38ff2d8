//! Whoever is killed comes back to what there was: either client while a handshake waits, and the server in mid-conversation.

use crate::process::Stream;
use crate::scene::{Scene, history, key, texts};

#[test]
fn killed_while_a_request_waits_both_sides_go_on_where_they_were() {
    let mut scene = Scene::new();
    let chat = scene.ask();
    scene.ada.kill9();
    scene.basil.kill9();
    scene.ada = scene.world.start_lines("ada");
    scene.ada.expect_text(&format!("chat {chat} with Basil"));
    scene.ada.expect_text("* online");
    scene.basil = scene.world.start_lines("basil");
    scene.basil.expect_text(&format!("chat {chat} with Ada"));
    scene.basil.enter(&format!("/accept {chat}"));
    scene.basil.expect_text("ready with Ada");
    scene.ada.expect_text("ready with Basil");
    assert_eq!(key(&mut scene.ada, &chat), key(&mut scene.basil, &chat));
}

#[test]
fn an_acceptance_reaches_the_one_who_was_killed_meanwhile() {
    let mut scene = Scene::new();
    let chat = scene.ask();
    scene.ada.kill9();
    scene.basil.enter(&format!("/accept {chat}"));
    scene.basil.expect_text("ready with Ada");
    scene.basil.enter(&format!("/say {chat} already here"));
    scene.basil.expect_text("with the server");
    scene.basil.kill9();
    scene.ada = scene.world.start_lines("ada");
    scene.ada.expect_text("waiting for Basil to accept");
    scene.ada.expect_text("ready with Basil");
    scene.ada.expect_text(": already here");
    scene.basil = scene.world.lines("basil");
    assert_eq!(key(&mut scene.ada, &chat), key(&mut scene.basil, &chat));
}

#[test]
fn a_killed_server_comes_back_and_nothing_is_lost_or_doubled() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.ada_says("ada 0");
    scene.basil.enter("basil 0");
    scene.ada.expect_text(": basil 0");
    for round in 1..=2 {
        // In the midst of it: these may reach the server or not.
        for n in 0..5 {
            scene.ada.enter(&format!("ada {round} {n}"));
            scene.basil.enter(&format!("basil {round} {n}"));
        }
        scene.world.kill_server();
        for person in [&mut scene.ada, &mut scene.basil] {
            person.expect_text("* next attempt in ");
        }
        scene.ada.enter(&format!("ada {round} alone"));
        scene.basil.enter(&format!("basil {round} alone"));
        scene.world.restart_server();
        scene.ada.expect_text(&format!(": basil {round} alone"));
        scene.basil.expect_text(&format!(": ada {round} alone"));
    }
    let of = |name: &str| {
        let mut all = vec![format!("{name} 0")];
        for round in 1..=2 {
            all.extend((0..5).map(|n| format!("{name} {round} {n}")));
            all.push(format!("{name} {round} alone"));
        }
        all
    };
    for (person, own, peer, peer_name) in
        [(&mut scene.ada, "ada", "basil", "Basil"), (&mut scene.basil, "basil", "ada", "Ada")]
    {
        assert_eq!(texts(person, &chat, "you"), of(own), "{}", person.script);
        assert_eq!(texts(person, &chat, peer_name), of(peer), "{}", person.script);
        let shown = person.said(Stream::Out);
        for text in of(peer) {
            // Once as news; once more in the history that was just asked for, and there for each of the two questions.
            let times = shown.iter().filter(|line| {
                line.contains(&format!(" {peer_name} m")) && line.ends_with(&format!(": {text}"))
            });
            assert_eq!(times.count(), 3, "{text}");
        }
        assert!(
            !shown.iter().any(|line| line.starts_with("! ") && !line.contains("too long")),
            "{}",
            person.script
        );
    }
}

#[test]
fn a_handshake_survives_the_death_of_the_server() {
    let mut scene = Scene::new();
    let chat = scene.ask();
    scene.world.kill_server();
    scene.basil.expect_text("* next attempt in ");
    scene.basil.enter(&format!("/accept {chat}"));
    scene.basil.expect_text("accepting the request of Ada");
    scene.world.restart_server();
    scene.basil.expect_text("ready with Ada");
    scene.ada.expect_text("ready with Basil");
    assert_eq!(key(&mut scene.ada, &chat), key(&mut scene.basil, &chat));
}

#[test]
fn what_is_wished_without_a_server_happens_when_it_is_back() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.world.kill_server();
    scene.ada.expect_text("* next attempt in ");
    scene.ada.enter("said to nobody yet");
    scene.ada.expect_text("[queued]: said to nobody yet");
    scene.ada.enter("/find @basil_b");
    scene.ada.expect_text("! there is no connection to the server: try again when it is back");
    scene.ada.enter("/username ada_a");
    scene.ada.expect_text("! there is no connection to the server: try again when it is back");
    scene.ada.quit();
    scene.ada = scene.world.start_lines("ada");
    scene.ada.expect_text("* next attempt in ");
    assert_eq!(texts(&mut scene.ada, &chat, "you"), ["said to nobody yet"]);
    scene.ada.enter(&format!("/close {chat} keep"));
    scene.ada.expect_text("closed by you");
    scene.world.restart_server();
    scene.basil.expect_text("closed by Ada");
    assert_eq!(history(&mut scene.ada, &chat).len(), 1);
}

#[test]
fn the_end_of_the_input_ends_line_mode_with_everything_stored() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.ada.enter("last words");
    scene.ada.end_input();
    assert_eq!(scene.ada.wait_exit(), Some(0));
    scene.ada = scene.world.lines("ada");
    scene.basil.expect_text(": last words");
    assert_eq!(texts(&mut scene.ada, &chat, "you"), ["last words"]);
}
