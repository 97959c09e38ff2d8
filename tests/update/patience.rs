//! The welcome where something is in the way: pauses, codes that are over, waits, and pastes that went astray.

use crossterm::event::KeyCode;
use subrosa::cloud::fault::CloudError;
use subrosa::engine::entrance::{EntranceCommand, EntranceEvent, Stage};
use subrosa::tui::welcome::keys;
use subrosa::tui::welcome::model::{Ask, Given, Known};
use subrosa::tui::welcome::update::{Effect, Msg};

use crate::visitor::*;

#[test]
fn a_code_is_sent_again_when_its_time_has_come() {
    let mut visitor = Visitor::at_code();
    let offered =
        |visitor: &Visitor| keys::hints(&visitor.model).iter().any(|hint| hint.words == "send again");
    assert!(!offered(&visitor));
    assert!(visitor.alt('r').is_empty());
    visitor.now += 42_000;
    visitor.happens(Msg::Moment);
    assert!(offered(&visitor));
    visitor.types("12");
    assert_eq!(visitor.alt('r'), said(EntranceCommand::Resend));
    visitor.stage(Stage::Code(sent(90_000)));
    assert_eq!(visitor.text(0), "12", "a code of the same length leaves what was typed");
}

#[test]
fn a_code_is_sent_again_only_where_that_would_bring_one() {
    let offered =
        |visitor: &Visitor| keys::hints(&visitor.model).iter().any(|hint| hint.words == "send again");
    let mut visitor = Visitor::at_code();
    visitor.enter();
    assert!(!visitor.trouble().is_empty() && !offered(&visitor), "nothing was typed");
    visitor.says("12345");
    visitor.refused(&CloudError::BadCode.to_string(), None);
    assert!(!offered(&visitor), "the code is still the one that was sent");
    assert!(visitor.alt('r').is_empty());
    visitor.says("54321");
    visitor.told(EntranceEvent::CodeExpired);
    visitor.refused(&CloudError::CodeExpired.to_string(), None);
    assert!(offered(&visitor));
    visitor.types("1");
    assert!(offered(&visitor), "typing does not make it valid again");
    assert_eq!(visitor.alt('r'), said(EntranceCommand::Resend));
    visitor.refused("a pause", Some(NOW + 60_000));
    assert!(!offered(&visitor));
    visitor.now += 60_000;
    visitor.happens(Msg::Moment);
    assert_eq!(visitor.alt('r'), said(EntranceCommand::Resend));
    visitor.stage(Stage::Code(sent(160_000)));
    assert!(!offered(&visitor), "a new code has come");
}

#[test]
fn a_pause_on_a_number_stays_with_it() {
    let enter = |visitor: &Visitor| keys::hints(&visitor.model).iter().any(|hint| hint.keys == "Enter");
    let mut visitor = Visitor::inside();
    visitor.says("+49 170 1234567");
    visitor.enter();
    visitor.refused("too many tries", Some(NOW + 60_000));
    assert_eq!((visitor.asked(), visitor.trouble()), (&Ask::Phone, "too many tries"));
    assert!(!enter(&visitor) && visitor.enter().is_empty());
    assert_eq!((visitor.asked(), visitor.trouble()), (&Ask::Phone, "too many tries"));
    // Another number is another matter, and this one again is not.
    visitor.types("8");
    assert!(visitor.trouble().is_empty() && enter(&visitor));
    visitor.key(KeyCode::Backspace);
    assert_eq!((visitor.trouble(), visitor.model.barred_until()), ("too many tries", Some(NOW + 60_000)));
    // However the page is left and found again.
    visitor.key(KeyCode::Char('q'));
    visitor.stage(Stage::Qr { link: hidden("one"), expires_unix_ms: NOW });
    visitor.key(KeyCode::Esc);
    visitor.stage(Stage::Phone);
    assert_eq!((visitor.text(0), visitor.trouble()), ("+49 170 123 4567", "too many tries"));
    assert_eq!(visitor.key(KeyCode::Esc), [Effect::GiveUp]);
    visitor.key(KeyCode::Char('s'));
    visitor.happens(Msg::Entered(Ok(())));
    visitor.stage(Stage::Phone);
    assert_eq!(visitor.trouble(), "too many tries");
    visitor.now += 60_000;
    visitor.happens(Msg::Moment);
    assert!(enter(&visitor));
    visitor.enter();
    assert_eq!(visitor.enter(), said(EntranceCommand::Phone("491701234567".into())));
}

#[test]
fn a_pause_on_qr_codes_takes_the_offer_away() {
    let mut visitor = Visitor::inside();
    visitor.key(KeyCode::Char('q'));
    visitor.refused("wait", Some(NOW + 60_000));
    assert!(keys::hints(&visitor.model).iter().all(|hint| hint.words != "QR code"));
    visitor.says("+49 170 1234567");
    assert!(matches!(visitor.asked(), Ask::Sure(_)), "a number is another matter");
}

#[test]
fn a_profile_that_is_being_opened_is_waited_for() {
    for sealed in [true, false] {
        let mut visitor = Visitor::given(Given {
            profile: "main".into(),
            profiles: vec![Known { name: "ada".into(), sealed }],
            ..Given::default()
        });
        visitor.enter();
        if sealed {
            visitor.says("sesame");
        }
        let page = format!("{:?}", visitor.model.page);
        for code in
            [KeyCode::Enter, KeyCode::Down, KeyCode::Char('t'), KeyCode::Char('s'), KeyCode::Char('u')]
        {
            assert!(visitor.key(code).is_empty());
        }
        if sealed {
            assert!(visitor.key(KeyCode::Esc).is_empty());
        }
        assert_eq!((format!("{:?}", visitor.model.page), &visitor.model.ending), (page, &None));
        assert!(keys::hints(&visitor.model).iter().all(|hint| hint.words == "leave"));
        visitor.happens(Msg::Opened(Err("wrong passphrase".into())));
        assert!(!visitor.enter().is_empty() || sealed);
    }
}

#[test]
fn a_key_that_comes_late_ends_no_other_wait() {
    let mut visitor = Visitor::given(Given {
        profile: "main".into(),
        profiles: vec![Known { name: "ada".into(), sealed: false }],
        ..Given::default()
    });
    visitor.key(KeyCode::Char('u'));
    visitor.says("h:1");
    visitor.says("k.pem");
    assert_eq!(visitor.enter(), [Effect::ReadKey("k.pem".into())]);
    visitor.key(KeyCode::Esc);
    visitor.enter();
    visitor.happens(Msg::ServerKey { typed: "k.pem".into(), answer: Ok(server_key()) });
    assert!(visitor.enter().is_empty(), "the profile is still being opened");
}

#[test]
fn a_number_is_pasted_as_it_is_found() {
    for pasted in
        [" +49 170 1234567\n", "0049-170-1234567", "\u{202a}+49 170 123 45 67\u{202c}", "tel:+491701234567"]
    {
        let mut visitor = Visitor::inside();
        visitor.happens(Msg::Paste(pasted.to_owned().into()));
        visitor.enter();
        assert!(matches!(visitor.asked(), Ask::Sure(digits) if digits == "491701234567"), "{pasted:?}");
    }
    let mut visitor = Visitor::inside();
    visitor.says("0170 1234567");
    assert!(visitor.trouble().contains("no country code"), "{}", visitor.trouble());
}

#[test]
fn the_link_of_a_proxy_finds_its_field() {
    let link = "tg://proxy?server=h&port=443&secret=00112233445566778899aabbccddeeff";
    let paste = |visitor: &mut Visitor| visitor.happens(Msg::Paste(format!(" {link}\n").into()));
    for fields in [None, Some(0), Some(1)] {
        let mut visitor = Visitor::new();
        if let Some(below) = fields {
            visitor.key(KeyCode::Char('u'));
            (0..below).for_each(|_| drop(visitor.key(KeyCode::Down)));
        }
        paste(&mut visitor);
        assert_eq!((visitor.asked(), visitor.text(0)), (&Ask::Proxy, link), "{fields:?}");
        visitor.enter();
        assert!(visitor.model.chosen.proxy.is_some());
        assert_ne!(format!("{:?}", visitor.model.page), "", "back where it was pasted");
    }
    // Where a passphrase is typed, anything may be one.
    let mut visitor = Visitor::given(Given { application: Some((7, HASH.into())), ..Given::default() });
    visitor.key(KeyCode::Char('s'));
    visitor.key(KeyCode::Down);
    paste(&mut visitor);
    assert_eq!((visitor.asked(), visitor.text(1)), (&Ask::Profile { key_file: false }, link));
    // A connection is made on a way that was chosen before.
    let mut visitor = Visitor::inside();
    paste(&mut visitor);
    assert_eq!((visitor.asked(), visitor.text(0)), (&Ask::Phone, ""));
    assert!(visitor.trouble().contains("link of a proxy"), "{}", visitor.trouble());
}

#[test]
fn a_pause_is_kept_and_ends() {
    let mut visitor = Visitor::at_code();
    visitor.says("12345");
    visitor.refused("wait", Some(NOW + 5_000));
    let goes_on = |visitor: &Visitor| keys::hints(&visitor.model).iter().any(|hint| hint.keys == "Enter");
    assert!(!goes_on(&visitor) && visitor.says("12345").is_empty());
    assert_eq!(visitor.trouble(), "wait");
    visitor.now += 5_000;
    assert_eq!(visitor.enter(), said(EntranceCommand::Code(hidden("12345"))));
}
