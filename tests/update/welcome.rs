//! The welcome: keys and answers in, pages and effects out.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use subrosa::cloud::fault::CloudError;
use subrosa::engine::entrance::{
    CodeSent, Delivery, EntranceCommand, EntranceEvent, Hidden, NextDelivery, Stage,
};
use subrosa::engine::{Connection, Person, PersonKind, Presence, TELEGRAM, UserId};
use subrosa::tui::welcome::host::{Keeping, Plan, ServerKey};
use subrosa::tui::welcome::keys;
use subrosa::tui::welcome::model::{Ask, Ending, Given, Known, Model, Page};
use subrosa::tui::welcome::update::{Account, Effect, Msg, update};

const NOW: i64 = 1_795_264_860_000;
const HASH: &str = "0123456789abcdef0123456789abcdef";

/// Somebody at the welcome.
struct Visitor {
    model: Model,
    now: i64,
}

impl Visitor {
    fn new() -> Visitor {
        Visitor::given(Given { profile: "main".into(), ..Given::default() })
    }

    fn given(given: Given) -> Visitor {
        Visitor { model: Model::new(given, (80, 24), NOW, TimeZone::UTC), now: NOW }
    }

    fn happens(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.model, msg, self.now)
    }

    fn key(&mut self, code: KeyCode) -> Vec<Effect> {
        self.happens(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    fn alt(&mut self, letter: char) -> Vec<Effect> {
        self.happens(Msg::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT)))
    }

    fn enter(&mut self) -> Vec<Effect> {
        self.key(KeyCode::Enter)
    }

    fn types(&mut self, text: &str) {
        for c in text.chars() {
            assert!(self.key(KeyCode::Char(c)).is_empty(), "{c:?} is no text here");
        }
    }

    /// Types a line and Enter.
    fn says(&mut self, text: &str) -> Vec<Effect> {
        self.types(text);
        self.enter()
    }

    fn told(&mut self, event: EntranceEvent) {
        assert!(self.happens(Msg::Entrance(event)).is_empty());
    }

    fn stage(&mut self, stage: Stage) {
        self.told(EntranceEvent::Stage(stage));
    }

    fn refused(&mut self, sentence: &str, until_unix_ms: Option<i64>) {
        self.told(EntranceEvent::Refused { sentence: sentence.into(), until_unix_ms });
    }

    #[track_caller]
    fn asked(&self) -> &Ask {
        match &self.model.page {
            Page::Form(form) => &form.ask,
            other => panic!("no form but {other:?}"),
        }
    }

    fn trouble(&self) -> &str {
        self.model.trouble.as_ref().map(|trouble| trouble.words.as_str()).unwrap_or_default()
    }

    fn text(&self, field: usize) -> &str {
        match &self.model.page {
            Page::Form(form) => form.text(field),
            _ => "",
        }
    }

    /// Through to the question for a number.
    fn inside() -> Visitor {
        let mut visitor = Visitor::given(Given {
            profile: "main".into(),
            application: Some((7, HASH.into())),
            ..Given::default()
        });
        visitor.key(KeyCode::Char('s'));
        visitor.says("sesame");
        assert!(matches!(visitor.says("sesame").as_slice(), [Effect::Enter(_)]));
        visitor.happens(Msg::Entered(Ok(())));
        visitor.stage(Stage::Phone);
        visitor
    }

    fn at_code() -> Visitor {
        let mut visitor = Visitor::inside();
        visitor.says("+49 170 1234567");
        visitor.enter();
        visitor.stage(Stage::Code(sent(42_000)));
        visitor
    }
}

fn sent(after_ms: i64) -> CodeSent {
    let next = Some((NextDelivery::Call, NOW + after_ms));
    CodeSent { phone: "491701234567".into(), by: Delivery::Sms, length: Some(5), next }
}

fn said(command: EntranceCommand) -> Vec<Effect> {
    vec![Effect::Say(command)]
}

fn hidden(text: &str) -> Hidden {
    Hidden::new(text.into())
}

fn server_key() -> ServerKey {
    ServerKey { pem: "PEM".into(), source: "server.pem".into(), fingerprint: 5 }
}

fn me() -> Box<Person> {
    Box::new(Person {
        id: UserId(1),
        access_hash: 0,
        first_name: "Ada".into(),
        last_name: String::new(),
        username: None,
        phone: None,
        contact: false,
        blocked: false,
        kind: PersonKind::Human,
        presence: Presence::Unknown,
    })
}

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
fn the_numbers_of_the_system_are_not_read_to_the_user() {
    let said = std::io::Error::from_raw_os_error(111).to_string();
    assert!(said.contains("os error 111"), "{said}");
    let mut visitor = Visitor::inside();
    visitor.told(EntranceEvent::Connection(Connection::Waiting { until_unix_ms: NOW, reason: said.clone() }));
    assert!(format!("{:?}", visitor.model.connection).contains("\"connection refused\""));
    visitor.refused(&said, None);
    assert_eq!(visitor.trouble(), "connection refused");
    visitor.told(EntranceEvent::Failed(format!("over ({said})")));
    assert!(matches!(&visitor.model.page, Page::Failed(why) if why == "over (connection refused)"));
    let mut visitor = Visitor::new();
    visitor.key(KeyCode::Char('u'));
    visitor.says("h:1");
    visitor.says("k.pem");
    let answer = Err("k.pem cannot be read (No such file or directory (os error 2)): look".to_owned());
    visitor.happens(Msg::ServerKey { typed: "k.pem".into(), answer });
    assert_eq!(visitor.trouble(), "k.pem cannot be read (not found): look");
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
