//! The welcome: keys and answers in, pages and effects out.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use subrosa::engine::entrance::{EntranceCommand, EntranceEvent, Stage};
use subrosa::engine::{Connection, TELEGRAM};
use subrosa::tui::welcome::host::{Keeping, Plan};
use subrosa::tui::welcome::keys;
use subrosa::tui::welcome::model::{Ask, Ending, Given, Known, Page};
use subrosa::tui::welcome::update::{Account, Effect, Msg};

use crate::visitor::*;

#[test]
fn the_three_ways_are_chosen_by_letters_or_arrows() {
    let mut visitor = Visitor::new();
    visitor.key(KeyCode::Char('t'));
    assert_eq!(visitor.model.ending, Some(Ending::Demo));
    let mut visitor = Visitor::new();
    visitor.key(KeyCode::Down);
    visitor.enter();
    assert_eq!(visitor.asked(), &Ask::Numbers);
    let mut visitor = Visitor::new();
    for _ in 0..9 {
        visitor.key(KeyCode::Down);
    }
    visitor.enter();
    assert_eq!(visitor.asked(), &Ask::Server(None));
}

#[test]
fn esc_and_q_leave_the_ways_and_esc_goes_back_elsewhere() {
    for code in [KeyCode::Esc, KeyCode::Char('q')] {
        let mut visitor = Visitor::new();
        visitor.key(code);
        assert_eq!(visitor.model.ending, Some(Ending::Left));
    }
    let mut visitor = Visitor::new();
    visitor.key(KeyCode::Char('u'));
    visitor.types("quiet:1");
    visitor.alt('p');
    assert_eq!(visitor.asked(), &Ask::Proxy);
    visitor.key(KeyCode::Esc);
    assert_eq!((visitor.asked(), visitor.text(0)), (&Ask::Server(None), "quiet:1"));
    visitor.key(KeyCode::Esc);
    assert!(matches!(visitor.model.page, Page::Choice(_)));
    assert_eq!(visitor.model.ending, None);
}

#[test]
fn telegrams_numbers_are_checked_before_anything_else() {
    let mut visitor = Visitor::new();
    visitor.key(KeyCode::Char('s'));
    visitor.says("12x");
    visitor.says(HASH);
    assert!(visitor.trouble().contains("api_id"), "{}", visitor.trouble());
    for _ in 0.."12x".len() {
        visitor.key(KeyCode::Backspace);
    }
    assert_eq!(visitor.trouble(), "", "what was said of the former text is not true of this one");
    visitor.says("12");
    visitor.enter();
    assert_eq!(visitor.asked(), &Ask::Profile { key_file: false });
}

#[test]
fn a_server_is_checked_its_key_read_and_the_profile_made() {
    let mut visitor = Visitor::new();
    visitor.key(KeyCode::Char('u'));
    visitor.says("nowhere");
    assert_eq!(visitor.says("k.pem"), [Effect::ReadKey("k.pem".into())], "seen when its field is left");
    visitor.enter();
    assert!(visitor.trouble().contains("host and a port"), "{}", visitor.trouble());
    visitor.types(":443");
    visitor.enter();
    visitor.enter();
    assert_eq!(visitor.enter(), [Effect::ReadKey("k.pem".into())]);
    let answer = Err("no key".to_owned());
    visitor.happens(Msg::ServerKey { typed: "k.pem".into(), answer });
    assert_eq!(visitor.trouble(), "no key");
    visitor.types("2");
    visitor.enter();
    assert_eq!(visitor.enter(), [Effect::ReadKey("k.pem2".into())]);
    visitor.happens(Msg::ServerKey { typed: "k.pem".into(), answer: Ok(server_key()) });
    assert_eq!(visitor.asked(), &Ask::Server(None), "an answer to another text");
    visitor.enter();
    visitor.happens(Msg::ServerKey { typed: "k.pem2".into(), answer: Ok(server_key()) });
    assert_eq!(visitor.asked(), &Ask::Profile { key_file: false });
    visitor.says("one");
    visitor.says("two");
    assert!(visitor.trouble().contains("not the same"), "{}", visitor.trouble());
    assert_eq!((visitor.text(1), visitor.text(2)), ("", ""));
    visitor.says("correct horse");
    let effects = visitor.says("correct horse");
    let [Effect::Enter(plan)] = effects.as_slice() else { panic!("{effects:?}") };
    let Plan { profile, keeping, server } = &**plan;
    assert_eq!((profile.as_str(), keeping), ("main", &Keeping::Passphrase(hidden("correct horse"))));
    assert_eq!((server.address.as_str(), server.dc_id, server.key.as_str()), ("nowhere:443", 1, "PEM"));
    assert!(!format!("{:?}", visitor.model).contains("horse"));
    visitor.happens(Msg::Entered(Ok(())));
    visitor.told(EntranceEvent::Connection(Connection::Refused("another key".into())));
    assert_eq!(visitor.key(KeyCode::Esc), [Effect::GiveUp]);
    visitor.key(KeyCode::Char('u'));
    let typed = [0, 1, 2].map(|field| visitor.text(field).to_owned());
    assert_eq!(typed, ["nowhere:443", "k.pem2", "1"], "what was wrong is mended, not typed anew");
    assert_eq!(visitor.asked(), &Ask::Server(Some(server_key())));
}

#[test]
fn an_empty_passphrase_is_refused_and_a_key_file_needs_none() {
    let mut visitor = Visitor::given(Given {
        profile: "main".into(),
        application: Some((7, HASH.into())),
        ..Given::default()
    });
    visitor.key(KeyCode::Char('s'));
    visitor.enter();
    visitor.enter();
    assert!(visitor.trouble().contains("protects nothing"), "{}", visitor.trouble());
    visitor.alt('k');
    assert_eq!(visitor.asked(), &Ask::Profile { key_file: true });
    let effects = visitor.enter();
    let [Effect::Enter(plan)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(
        (&plan.keeping, plan.server.key.as_str(), plan.server.api_id),
        (&Keeping::KeyFile, TELEGRAM, 7)
    );
}

#[test]
fn profiles_that_are_there_are_opened_and_not_made_again() {
    let mut visitor = Visitor::given(Given {
        profile: "main".into(),
        profiles: vec![
            Known { name: "ada".into(), sealed: true },
            Known { name: "work".into(), sealed: false },
        ],
        application: Some((7, HASH.into())),
        ..Given::default()
    });
    visitor.enter();
    assert_eq!(visitor.asked(), &Ask::Unlock("ada".into()));
    let keeping = Keeping::Passphrase(hidden("sesame"));
    assert_eq!(visitor.says("sesame"), [Effect::Open { profile: "ada".into(), keeping }]);
    visitor.happens(Msg::Opened(Err("wrong passphrase".into())));
    assert_eq!((visitor.trouble(), visitor.text(0)), ("wrong passphrase", ""));
    visitor.key(KeyCode::Esc);
    visitor.key(KeyCode::Down);
    assert_eq!(visitor.enter(), [Effect::Open { profile: "work".into(), keeping: Keeping::KeyFile }]);
    visitor.happens(Msg::Opened(Ok(Account::There)));
    assert_eq!((&visitor.model.ending, visitor.model.profile()), (&Some(Ending::Opened), Some("work")));
}

#[test]
fn a_passphrase_that_was_given_is_tried_and_then_asked_for() {
    let mut visitor = Visitor::given(Given {
        profile: "main".into(),
        profiles: vec![Known { name: "ada".into(), sealed: true }],
        passphrase: Some(hidden("sesame")),
        ..Given::default()
    });
    let open =
        |text: &str| [Effect::Open { profile: "ada".into(), keeping: Keeping::Passphrase(hidden(text)) }];
    assert_eq!(visitor.enter(), open("sesame"));
    visitor.happens(Msg::Opened(Err("wrong passphrase".into())));
    assert_eq!((visitor.asked(), visitor.trouble()), (&Ask::Unlock("ada".into()), "wrong passphrase"));
    assert_eq!(visitor.says("open"), open("open"));
    visitor.happens(Msg::Opened(Ok(Account::There)));
    assert_eq!(visitor.model.ending, Some(Ending::Opened));
}

#[test]
fn a_profile_without_an_account_goes_on_to_signing_in() {
    let mut visitor = Visitor::given(Given {
        profile: "main".into(),
        profiles: vec![Known { name: "ada".into(), sealed: false }],
        application: Some((7, HASH.into())),
        ..Given::default()
    });
    visitor.enter();
    visitor.happens(Msg::Opened(Ok(Account::Missing)));
    assert_eq!(visitor.model.ways().len(), 3);
    let effects = visitor.key(KeyCode::Char('s'));
    let [Effect::Enter(plan)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((plan.profile.as_str(), &plan.keeping), ("ada", &Keeping::KeyFile));
}

#[test]
fn what_cannot_be_entered_is_said_where_it_can_be_mended() {
    let mut visitor = Visitor::given(Given {
        profile: "main".into(),
        application: Some((7, HASH.into())),
        ..Given::default()
    });
    visitor.key(KeyCode::Char('s'));
    visitor.says("sesame");
    visitor.says("sesame");
    assert!(matches!(visitor.model.page, Page::Waiting));
    assert!(visitor.key(KeyCode::Esc).is_empty(), "a profile that is being made is not left half made");
    visitor.happens(Msg::Entered(Err("the disk is full".into())));
    assert_eq!((visitor.asked(), visitor.trouble()), (&Ask::Profile { key_file: false }, "the disk is full"));
}

#[test]
fn a_number_is_shown_back_before_anything_is_sent() {
    let mut visitor = Visitor::inside();
    assert!(visitor.says("+49 170").is_empty());
    assert!(matches!(visitor.asked(), Ask::Sure(digits) if digits == "49170"));
    visitor.key(KeyCode::Esc);
    assert_eq!(visitor.text(0), "+49 170");
    visitor.says(" 1234567");
    assert_eq!(visitor.enter(), said(EntranceCommand::Phone("491701234567".into())));
    assert!(visitor.enter().is_empty(), "the answer is awaited");
    visitor.refused("this number is banned", None);
    assert_eq!((visitor.asked(), visitor.trouble()), (&Ask::Phone, "this number is banned"));
}

#[test]
fn what_is_no_number_is_not_sent() {
    let mut visitor = Visitor::inside();
    assert!(visitor.says("12").is_empty());
    assert!(visitor.trouble().contains("country code"), "{}", visitor.trouble());
}

#[test]
fn a_code_is_tried_and_typed_anew_when_it_is_wrong() {
    let mut visitor = Visitor::at_code();
    assert_eq!(visitor.says("1234567"), said(EntranceCommand::Code(hidden("12345"))));
    visitor.types("9");
    assert_eq!(visitor.text(0), "12345", "the answer is awaited");
    visitor.refused("the code is wrong", None);
    assert_eq!((visitor.text(0), visitor.trouble()), ("", "the code is wrong"));
    assert_eq!(visitor.says("54321"), said(EntranceCommand::Code(hidden("54321"))));
    visitor.stage(Stage::Done(me()));
    assert_eq!(visitor.model.ending, Some(Ending::SignedIn));
}

#[test]
fn esc_takes_back_what_was_said_to_the_server() {
    let mut visitor = Visitor::at_code();
    assert_eq!(visitor.key(KeyCode::Esc), said(EntranceCommand::Restart));
    visitor.stage(Stage::Phone);
    assert_eq!(visitor.text(0), "+49 170 123 4567");
    assert_eq!(visitor.key(KeyCode::Esc), [Effect::GiveUp]);
    assert!(matches!(visitor.model.page, Page::Choice(_)));
    assert_eq!(visitor.model.profile(), Some("main"), "it was made, and is not made again");
    assert!(matches!(visitor.key(KeyCode::Char('s')).as_slice(), [Effect::Enter(_)]));
}

#[test]
fn a_password_is_typed_anew_when_it_is_wrong() {
    let mut visitor = Visitor::at_code();
    visitor.stage(Stage::Password { hint: "pet".into() });
    assert!(visitor.enter().is_empty());
    assert_eq!(visitor.says("q r"), said(EntranceCommand::Password(hidden("q r"))));
    visitor.refused("the password is wrong", None);
    assert_eq!(visitor.text(0), "");
    assert!(!format!("{:?}", visitor.model).contains("q r"));
}

#[test]
fn a_new_account_has_a_name() {
    let mut visitor = Visitor::at_code();
    visitor.stage(Stage::Name);
    visitor.enter();
    visitor.enter();
    assert!(visitor.trouble().contains("first name"), "{}", visitor.trouble());
    visitor.says("Ada");
    let name = EntranceCommand::Name { first: "Ada".into(), last: "Winter".into() };
    assert_eq!(visitor.says("Winter"), said(name));
}

#[test]
fn a_qr_code_is_asked_for_replaced_and_left() {
    let mut visitor = Visitor::inside();
    assert_eq!(visitor.key(KeyCode::Char('q')), said(EntranceCommand::Qr));
    for token in ["one", "two"] {
        let link = hidden(token);
        visitor.stage(Stage::Qr { link: link.clone(), expires_unix_ms: NOW });
        assert!(matches!(&visitor.model.page, Page::Qr { link: shown, .. } if *shown == link));
    }
    assert!(!format!("{:?}", visitor.model).contains("two"));
    assert_eq!(visitor.key(KeyCode::Esc), said(EntranceCommand::Restart));
}

#[test]
fn r_dials_only_while_there_is_something_to_wait_for() {
    let mut visitor = Visitor::inside();
    assert!(visitor.key(KeyCode::Char('r')).is_empty());
    visitor.key(KeyCode::Backspace);
    let until_unix_ms = NOW + 9_000;
    visitor.told(EntranceEvent::Connection(Connection::Waiting { until_unix_ms, reason: "refused".into() }));
    assert_eq!(visitor.key(KeyCode::Char('r')), said(EntranceCommand::Dial));
    assert_eq!(keys::hints(&visitor.model).iter().filter(|hint| hint.words == "dial now").count(), 1);
}

#[test]
fn what_failed_begins_again() {
    let mut visitor = Visitor::inside();
    visitor.told(EntranceEvent::Failed("the disk is full".into()));
    assert!(matches!(&visitor.model.page, Page::Failed(why) if why == "the disk is full"));
    assert_eq!(visitor.enter(), [Effect::GiveUp]);
    assert!(matches!(visitor.model.page, Page::Choice(0)));
}

#[test]
fn a_pasted_key_keeps_its_lines_and_a_signal_ends() {
    let mut visitor = Visitor::new();
    visitor.key(KeyCode::Char('u'));
    visitor.says("a:1");
    visitor.happens(Msg::Paste("-----BEGIN\nMII\n".to_owned().into()));
    assert_eq!(visitor.text(1), "-----BEGIN\nMII");
    visitor.happens(Msg::Terminate);
    assert_eq!(visitor.model.ending, Some(Ending::Left));
}

#[test]
fn a_proxy_goes_into_the_plan() {
    let mut visitor = Visitor::given(Given {
        profile: "main".into(),
        application: Some((7, HASH.into())),
        ..Given::default()
    });
    visitor.key(KeyCode::Char('p'));
    visitor.says("nonsense");
    assert!(visitor.trouble().contains("socks5://"), "{}", visitor.trouble());
    visitor.happens(Msg::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    visitor.says("socks5://127.0.0.1:1080");
    assert!(matches!(visitor.model.page, Page::Choice(_)));
    visitor.key(KeyCode::Char('s'));
    visitor.says("sesame");
    let effects = visitor.says("sesame");
    let [Effect::Enter(plan)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(plan.server.proxy.as_ref().map(ToString::to_string).as_deref(), Some("SOCKS5 127.0.0.1:1080"));
}
