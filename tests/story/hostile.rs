//! Text from strangers that would take the terminal over, if it came through.

use crate::process::world::World;
use crate::process::{Program, Stream};
use crate::scene::{ADA, BASIL, history, number};

/// A colour, an OSC 52 that writes the clipboard, a title, bidi overrides and isolates, zero-width marks, a C1 control, a bell.
const HOSTILE: &str = "M\u{1b}[31m\u{1b}]52;c;ZXZpbA==\u{7}\u{1b}]0;owned\u{7}al\u{202e}lory\u{2066}x\u{2069}\u{200b}\u{200f}\u{9b}31m\u{feff}\u{8}\u{7f}";

fn is_safe(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn check(person: &Program) {
    for stream in [Stream::Out, Stream::Err] {
        for line in person.said(stream) {
            assert!(line.chars().all(is_safe), "{:?}", line);
        }
    }
}

#[test]
fn hostile_names_and_messages_come_out_as_plain_lines() {
    let world = World::new();
    world.sign_in("ada", ADA, "Ada");
    world.sign_in("mallory", BASIL, HOSTILE);
    let (mut ada, mut mallory) = (world.lines("ada"), world.lines("mallory"));
    mallory.enter(&format!("/start +{ADA}"));
    let asked = ada.expect_text("asks for a secret chat");
    assert!(asked.contains("al") && asked.contains("lory"), "the name is still legible: {asked:?}");
    let chat = number(&asked);
    ada.enter(&format!("/accept {chat}"));
    ada.expect_text("ready with");
    mallory.expect_text("ready with");
    mallory.enter(&format!("/say {chat} {HOSTILE} 1"));
    mallory.enter(&format!("/say {chat} a\rb\u{b}c\u{c}d\u{85}e\u{2028}f\u{2029}g 2"));
    mallory.enter(&format!("/say {chat} {} 3", "z\u{300}".repeat(50)));
    let message = ada.expect_text("lory");
    assert!(message.contains("]52;c;ZXZpbA=="), "shown as what it is: {message:?}");
    ada.expect_text("g 2");
    ada.expect("the third", |line| line.ends_with(" 3"));
    assert_eq!(history(&mut ada, &chat).len(), 3);
    ada.enter("/chats");
    ada.enter(&format!("/find +{BASIL}"));
    ada.expect_text("found ");
    ada.enter(&format!("/key {chat}"));
    ada.expect_text("then /verify");
    mallory.enter(&format!("/close {chat} keep"));
    ada.expect_text("closed by ");
    ada.enter(&format!("/start Eve{HOSTILE}"));
    ada.expect_text("is not among the people known here");
    ada.enter(&format!("/{HOSTILE}"));
    ada.expect_text("! there is no command");
    ada.quit();
    check(&ada);
    mallory.quit();
    check(&mallory);
}
