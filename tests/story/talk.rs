//! The whole path: found, asked, accepted, compared, talked, and ended.

use crate::process::Stream;
use crate::scene::{Scene, history, key, texts};

/// How much each side says in the long conversation.
const MANY: usize = 50;

#[test]
fn two_people_meet_by_username_compare_the_key_and_talk() {
    let mut scene = Scene::new();
    scene.basil.enter("/username basil_b");
    scene.basil.expect_text("* signed in as Basil (@basil_b, +9996610002)");
    scene.ada.enter("/find @basil_b");
    scene.ada.expect_text("found Basil (@basil_b");
    scene.ada.enter("/start @basil_b");
    let asking = scene.ada.expect_text("asking Basil");
    let chat = crate::scene::number(&asking);
    scene.ada.expect_text("waiting for Basil to accept");
    scene
        .basil
        .expect_text(&format!("chat {chat} with Ada: Ada asks for a secret chat, not in your contacts"));
    scene.basil.enter("/accept Ada");
    scene.ada.expect_text(&format!("chat {chat} with Basil (@basil_b"));
    scene.basil.expect_text("ready with Ada, not verified");

    assert_eq!(key(&mut scene.ada, &chat), key(&mut scene.basil, &chat));
    scene.ada.enter(&format!("/verify {chat}"));
    scene.ada.expect_text("ready with Basil, verified");
    scene.ada.quit();
    scene.ada = scene.world.start_lines("ada");
    scene.ada.expect_text("ready with Basil, verified");
    scene.ada.expect_text("* online");

    scene.ada.enter("/open basil");
    scene.ada.expect_text(&format!("* open: chat {chat} with Basil"));
    scene.ada_says("good evening");
    scene.basil.enter("/say @ada nobody");
    scene.basil.expect_text("! @ada is not among the people known here");
    scene.basil.enter("/say ada good evening to you");
    scene.ada.expect_text("Basil m");
    assert_eq!(texts(&mut scene.ada, &chat, "Basil"), ["good evening to you"]);
}

#[test]
fn a_long_conversation_keeps_its_order_on_both_sides() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    for n in 0..MANY {
        scene.ada.enter(&format!("ada {n}"));
        scene.basil.enter(&format!("basil {n}"));
    }
    let last = MANY - 1;
    scene.ada.expect_text(&format!(": basil {last}"));
    scene.basil.expect_text(&format!(": ada {last}"));
    let of = |name: &str| (0..MANY).map(|n| format!("{name} {n}")).collect::<Vec<_>>();
    for (person, own, peer, peer_name) in
        [(&mut scene.ada, "ada", "basil", "Basil"), (&mut scene.basil, "basil", "ada", "Ada")]
    {
        assert_eq!(texts(person, &chat, "you"), of(own));
        assert_eq!(texts(person, &chat, peer_name), of(peer));
        let shown: Vec<String> = person
            .said(Stream::Out)
            .iter()
            .filter(|line| line.contains(&format!(" {peer_name} m")))
            .map(|line| line.split_once(": ").unwrap().1.to_owned())
            .take(MANY)
            .collect();
        assert_eq!(shown, of(peer), "as they arrived");
    }
}

#[test]
fn what_was_read_is_marked_and_stays_marked() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.ada_says("first");
    scene.basil.enter("/read");
    scene.ada.expect_text("Basil read everything up to");
    // Within the same second the mark of the server cannot tell them apart; the second one must be told all the same.
    scene.ada_says("second");
    scene.basil.enter("/read");
    scene.ada.expect_text("Basil read everything up to");
    scene.ada.quit();
    scene.ada = scene.world.lines("ada");
    let lines = history(&mut scene.ada, &chat);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.contains("[read]")), "{lines:?}");
}

#[test]
fn unread_messages_are_counted_at_the_next_start_until_they_are_read() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.basil.quit();
    for text in ["a", "b"] {
        scene.ada.enter(text);
        scene.ada.expect_text("with the server");
    }
    scene.basil = scene.world.start_lines("basil");
    scene.basil.expect_text(": b");
    scene.basil.quit();
    scene.basil = scene.world.start_lines("basil");
    scene.basil.expect_text(&format!("{chat} 2 unread from Ada; /history shows them"));
    scene.basil.enter(&format!("/read {chat}"));
    scene.ada.expect_text("Basil read everything up to");
    scene.basil.quit();
    scene.basil = scene.world.lines("basil");
    assert!(!scene.basil.said(Stream::Out).iter().any(|line| line.contains("unread")));
}

#[test]
fn the_timer_is_told_and_carried() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.ada.enter("/timer 1m");
    scene.basil.expect_text("the timer for new messages was set to 1 min");
    scene.ada_says(
        "not for long (burns 1 min after reading)".trim_end_matches(" (burns 1 min after reading)"),
    );
    let lines = history(&mut scene.basil, &chat);
    assert!(lines.last().unwrap().ends_with(": not for long (burns 1 min after reading)"), "{lines:?}");
    scene.basil.enter("/timer off");
    scene.ada.expect_text("the timer for new messages was switched off");
    scene.ada_says("for good");
    let lines = history(&mut scene.basil, &chat);
    assert!(lines.last().unwrap().ends_with(": for good"), "{lines:?}");
}

#[test]
fn deleted_messages_are_gone_on_both_sides() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    let doomed = scene.ada_says("forget this");
    scene.ada_says("keep this");
    scene.basil.enter("mine");
    scene.ada.expect_text(": mine");
    scene.ada.enter(&format!("/delete {doomed}"));
    scene.ada.expect_text(&format!("{chat} deleted: {doomed}"));
    scene.basil.expect_text(&format!("{chat} deleted: {doomed}"));
    assert_eq!(texts(&mut scene.basil, &chat, "Ada"), ["keep this"]);
    assert_eq!(texts(&mut scene.ada, &chat, "you"), ["keep this"]);

    scene.basil.enter("/flush");
    scene.basil.expect_text("the history was deleted");
    scene.ada.expect_text("the history was deleted");
    scene.ada_says("a new leaf");
    for person in [&mut scene.ada, &mut scene.basil] {
        assert_eq!(history(person, &chat).len(), 1);
    }
}

#[test]
fn a_closed_chat_keeps_its_messages_unless_they_are_to_go() {
    for (how, kept) in [("keep", 2), ("delete", 0)] {
        let mut scene = Scene::new();
        let chat = scene.ready();
        scene.ada_says("farewell");
        scene.basil.enter("farewell to you");
        scene.ada.expect_text(": farewell to you");
        scene.ada.enter(&format!("/close {chat} {how}"));
        scene.ada.expect_text("closed by you");
        scene.basil.expect_text("closed by Ada");
        for person in [&mut scene.ada, &mut scene.basil] {
            person.enter("too late");
            person.expect_text("this chat is not ready: nothing can be sent in it");
            assert_eq!(history(person, &chat).len(), kept, "{how}\n{}", person.script);
        }
        // A new one can be started at once.
        let again = scene.ask();
        assert_ne!(again, chat);
    }
}
