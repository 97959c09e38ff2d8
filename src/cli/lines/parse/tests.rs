//! Line by line: what people and scripts type, and what they are told when it is wrong.
//!
//! Beside its subject rather than inside it, so that the grammar stays on one screen.

use super::*;
use crate::cli::lines::names::{MAX_TIMER, message_name};

fn with(name: &str) -> ChatRef {
    ChatRef::With(Who::Username(name.into()))
}

fn complaint(line: &str) -> String {
    parse(line).unwrap_err().to_string()
}

#[test]
fn a_plain_line_is_said_in_the_open_chat() {
    let said = |text: &str| Ok(Line::Say { chat: ChatRef::Open, text: text.into() });
    assert_eq!(parse("hello there"), said("hello there"));
    assert_eq!(parse("  indented / slash"), said("  indented / slash"));
    assert_eq!(parse("//help is a command"), said("/help is a command"));
    assert_eq!(parse("  \t"), Ok(Line::Nothing));
}

#[test]
fn commands_without_arguments_want_none() {
    assert_eq!(parse("/help"), Ok(Line::Help));
    assert_eq!(parse("/Contacts "), Ok(Line::Contacts));
    assert_eq!(parse("/chats"), Ok(Line::Chats));
    assert_eq!(parse("/quit"), Ok(Line::Quit));
    assert_eq!(complaint("/quit now"), "nothing can follow this command, not \"now\"; it goes: /quit");
}

#[test]
fn people_are_named_by_username_phone_or_name() {
    assert_eq!(parse("/find @ada"), Ok(Line::Find(Who::Username("ada".into()))));
    assert_eq!(parse("/find +49 (30) 123-456"), Ok(Line::Find(Who::Phone("4930123456".into()))));
    assert_eq!(parse("/start Ada Lovelace"), Ok(Line::Start(Who::Name("Ada Lovelace".into()))));
    assert_eq!(complaint("/start"), "nobody is named; it goes: /start WHO");
    assert!(complaint("/find @a-b").starts_with("\"@a-b\" is no username"));
    assert!(complaint("/find +4x").starts_with("\"+4x\" is no phone number"));
}

#[test]
fn add_takes_a_name_for_a_phone() {
    let ada = || Who::Username("ada".into());
    assert_eq!(parse("/add @ada"), Ok(Line::Add { who: ada(), name: None }));
    let name = Some("Ada L.".into());
    assert_eq!(parse("/add +4930 Ada L."), Ok(Line::Add { who: Who::Phone("4930".into()), name }));
    assert!(complaint("/add Ada").contains("neither @username nor +phone"));
}

#[test]
fn chats_are_named_by_number_person_or_not_at_all() {
    assert_eq!(parse("/accept -1234"), Ok(Line::Accept(ChatRef::Id(-1234))));
    assert_eq!(parse("/decline @ada"), Ok(Line::Decline(with("ada"))));
    assert_eq!(parse("/leave"), Ok(Line::Leave(ChatRef::Open)));
    assert_eq!(parse("/key ."), Ok(Line::Key(ChatRef::Open)));
    assert_eq!(parse("/open +12345"), Ok(Line::Open(ChatRef::With(Who::Phone("12345".into())))));
    assert_eq!(parse("/verify 7"), Ok(Line::Verify { chat: ChatRef::Id(7), verified: true }));
    assert_eq!(parse("/unverify 7"), Ok(Line::Verify { chat: ChatRef::Id(7), verified: false }));
    assert_eq!(parse("/flush"), Ok(Line::Flush(ChatRef::Open)));
    assert_eq!(complaint("/open"), "no chat is named; it goes: /open CHAT");
}

#[test]
fn say_names_its_chat() {
    let text = "two  words".to_owned();
    assert_eq!(parse("/say 12 two  words"), Ok(Line::Say { chat: ChatRef::Id(12), text: text.clone() }));
    assert_eq!(parse("/say . two  words"), Ok(Line::Say { chat: ChatRef::Open, text }));
    assert_eq!(complaint("/say 12"), "there is nothing to say; it goes: /say CHAT TEXT");
}

#[test]
fn history_counts_after_a_chat() {
    let history = |chat, count| Ok(Line::History { chat, count });
    assert_eq!(parse("/history"), history(ChatRef::Open, HISTORY));
    assert_eq!(parse("/history 20"), history(ChatRef::Id(20), HISTORY));
    assert_eq!(parse("/history @ada 20"), history(with("ada"), 20));
    assert_eq!(parse("/history . 3"), history(ChatRef::Open, 3));
}

#[test]
fn timer_reads_times() {
    let timer = |chat, seconds| Ok(Line::Timer { chat, seconds });
    assert_eq!(parse("/timer off"), timer(ChatRef::Open, 0));
    assert_eq!(parse("/timer @ada 30"), timer(with("ada"), 30));
    assert_eq!(parse("/timer 5s"), timer(ChatRef::Open, 5));
    assert_eq!(parse("/timer 2h"), timer(ChatRef::Open, 7200));
    assert_eq!(parse("/timer 1w"), timer(ChatRef::Open, MAX_TIMER));
    for wrong in ["/timer", "/timer 0", "/timer -5", "/timer 2w", "/timer 5y", "/timer 99999999999d"] {
        assert!(complaint(wrong).ends_with("it goes: /timer [CHAT] off|TIME"), "{wrong}");
    }
}

#[test]
fn delete_reads_the_names_of_messages() {
    for random_id in [0, 1, -1, 0x5f3a, i64::MIN, i64::MAX] {
        let line = format!("/delete {}", message_name(random_id));
        assert_eq!(parse(&line), Ok(Line::Delete { chat: ChatRef::Open, random_ids: vec![random_id] }));
    }
    assert_eq!(
        parse("/delete -3 m1 mff"),
        Ok(Line::Delete { chat: ChatRef::Id(-3), random_ids: vec![1, 255] })
    );
    assert_eq!(complaint("/delete 12"), "no message is named; it goes: /delete [CHAT] MESSAGE...");
    assert!(parse("/delete m+1").is_err());
}

#[test]
fn close_keeps_unless_told_to_delete() {
    let close = |chat, delete_history| Ok(Line::Close { chat, delete_history });
    assert_eq!(parse("/close"), close(ChatRef::Open, false));
    assert_eq!(parse("/close delete"), close(ChatRef::Open, true));
    assert_eq!(parse("/close 5 keep"), close(ChatRef::Id(5), false));
    assert_eq!(parse("/close @ada delete"), close(with("ada"), true));
}

#[test]
fn an_unknown_command_is_told_and_never_said() {
    assert_eq!(parse("/fing @ada"), Err(LineFault::Unknown("fing".into())));
    assert!(complaint("/fing @ada").contains("/help lists them all"));
}

#[test]
fn the_help_names_every_command_once() {
    let help = help();
    for command in COMMANDS {
        let lines = help.lines().filter(|line| line.split(' ').next() == Some(&format!("/{}", command.name)));
        assert_eq!(lines.count(), 1, "{}", command.name);
    }
    assert!(help.contains("/close [CHAT] [keep|delete]"));
}

#[test]
fn messages_are_answered_in_the_open_chat_or_another() {
    let answer = |chat, text: &str| Line::SaySo { chat, text: text.into(), how: How::Answering(0x5f) };
    assert_eq!(parse("/reply m5f yes  please"), Ok(answer(ChatRef::Open, "yes  please")));
    assert_eq!(parse("/reply @ada m5f yes"), Ok(answer(with("ada"), "yes")));
    assert_eq!(complaint("/reply m5f"), "there is nothing to say; it goes: /reply [CHAT] MESSAGE TEXT");
    assert!(complaint("/reply @ada yes").starts_with("no message is named"));
    let silent = Line::SaySo { chat: with("ada"), text: "psst".into(), how: How::Silently };
    assert_eq!(parse("/silent @ada psst"), Ok(silent));
}

#[test]
fn files_and_contents() {
    let path = "/tmp/a b.jpg".to_owned();
    assert_eq!(parse("/file /tmp/a b.jpg "), Ok(Line::File { path: path.clone(), as_document: false }));
    assert_eq!(parse("/document /tmp/a b.jpg"), Ok(Line::File { path, as_document: true }));
    assert_eq!(complaint("/file "), "no file is named; it goes: /file PATH");
    let content = |chat, what| Ok(Line::Content { chat, random_id: 0x5f, what });
    assert_eq!(parse("/get m5f"), content(ChatRef::Open, What::Get));
    assert_eq!(parse("/view @ada m5f"), content(with("ada"), What::View));
    assert_eq!(parse("/pause . m5f"), content(ChatRef::Open, What::Pause));
    assert!(complaint("/cancel 12").starts_with("no message is named"));
    assert_eq!(parse("/rekey"), Ok(Line::Rekey(ChatRef::Open)));
    assert_eq!(parse("/info @ada"), Ok(Line::Info(with("ada"))));
}

#[test]
fn the_account_has_lines_of_its_own() {
    let cases = [
        ("/devices", Line::Devices),
        ("/receive on", Line::Receive { receive: true, device: None }),
        ("/receive off 2", Line::Receive { receive: false, device: Some(2) }),
        ("/end-device 3", Line::EndDevice(3)),
        ("/sign-out", Line::SignOut(None)),
        ("/sign-out close", Line::SignOut(Some(true))),
        ("/sign-out leave", Line::SignOut(Some(false))),
        ("/proxy", Line::Proxy(None)),
        ("/proxy none", Line::Proxy(Some(crate::engine::entrance::Hidden::new(String::new())))),
        ("/delete-contact @ada", Line::DeleteContact(Who::Username("ada".into()))),
    ];
    for (line, parsed) in cases {
        assert_eq!(parse(line), Ok(parsed), "{line}");
    }
    for line in ["/receive", "/receive maybe", "/end-device", "/end-device 0", "/sign-out now", "/devices x"]
    {
        assert!(parse(line).is_err(), "{line}");
    }
}
