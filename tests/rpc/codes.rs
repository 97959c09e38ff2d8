//! The ways of a code, one after another, and the limits of asking and guessing.

use grammers_tl_types::{enums, functions, types};
use subrosa::server::rpc::Delivery;

use crate::world::*;

fn sent(answer: enums::auth::SentCode) -> types::auth::SentCode {
    match answer {
        enums::auth::SentCode::Code(sent) => sent,
        other => panic!("unexpected answer {other:?}"),
    }
}

fn send(world: &mut World, key: i64, phone: &str) -> Result<types::auth::SentCode, String> {
    let request = code_request(phone);
    world.call(key, &request).map(sent)
}

fn resend(world: &mut World, key: i64, phone: &str, hash: &str) -> Result<types::auth::SentCode, String> {
    let (phone_number, phone_code_hash) = (phone.to_owned(), hash.to_owned());
    world.call(key, &functions::auth::ResendCode { phone_number, phone_code_hash, reason: None }).map(sent)
}

#[test]
fn a_new_number_gets_an_sms_and_then_a_call() {
    let mut world = World::new();
    let first = send(&mut world, ADA, ADA_PHONE).unwrap();
    let old = world.last_code().1;
    assert_eq!(first.r#type, types::auth::SentCodeTypeSms { length: 5 }.into());
    assert_eq!((first.next_type, first.timeout), (Some(enums::auth::CodeType::Call), Some(60)));
    let second = resend(&mut world, ADA, ADA_PHONE, &first.phone_code_hash).unwrap();
    assert_eq!(second.r#type, types::auth::SentCodeTypeCall { length: 5 }.into());
    assert_eq!((second.next_type, second.timeout), (None, None));
    let code = world.last_code().1;
    let hash = &second.phone_code_hash;
    assert_eq!(resend(&mut world, ADA, ADA_PHONE, hash).unwrap_err(), "406 SEND_CODE_UNAVAILABLE");
    let stale = world.sign_in(ADA, ADA_PHONE, &first.phone_code_hash, &old).unwrap_err();
    assert_eq!(stale, "400 PHONE_CODE_EXPIRED");
    assert!(world.sign_in(ADA, ADA_PHONE, hash, &code).is_ok(), "what could not be replaced is still good");
}

#[test]
fn another_device_of_the_account_gets_the_code_first() {
    let mut world = World::new();
    world.enter(ADA, ADA_PHONE, "Ada");
    let first = send(&mut world, ADA_2, ADA_PHONE).unwrap();
    assert_eq!(first.r#type, types::auth::SentCodeTypeApp { length: 5 }.into());
    assert_eq!((first.next_type, first.timeout), (Some(enums::auth::CodeType::Sms), None));
    let second = resend(&mut world, ADA_2, ADA_PHONE, &first.phone_code_hash).unwrap();
    assert_eq!(second.r#type, types::auth::SentCodeTypeSms { length: 5 }.into());
    let own = send(&mut world, ADA, ADA_PHONE).unwrap();
    assert_eq!(own.r#type, types::auth::SentCodeTypeSms { length: 5 }.into(), "there is no other device");
}

#[test]
fn every_way_can_be_chosen_and_signed_in_by() {
    let mut world = World::new();
    let ada = world.enter(ADA, ADA_PHONE, "Ada");
    world.rpc().deliver_codes("15550001", Delivery::ALL.to_vec());
    let mut now = send(&mut world, ADA, ADA_PHONE).unwrap();
    let mut seen = Vec::new();
    for (step, way) in Delivery::ALL.into_iter().enumerate() {
        let (_, code) = world.last_code();
        let kind = format!("{:?}", now.r#type);
        seen.push(kind.split('(').next().unwrap().to_owned());
        match &now.r#type {
            enums::auth::SentCodeType::FlashCall(call) => {
                let (start, rest) = code.split_at(call.pattern.trim_end_matches('*').len());
                assert_eq!(format!("{start}{}", "*".repeat(rest.len())), call.pattern);
            }
            enums::auth::SentCodeType::MissedCall(call) => assert_eq!(call.length as usize, code.len()),
            enums::auth::SentCodeType::FragmentSms(sms) => assert!(sms.url.ends_with("15550001")),
            enums::auth::SentCodeType::SmsWord(word) => {
                assert!(code.starts_with(word.beginning.as_deref().unwrap()) && !code.contains(' '));
            }
            enums::auth::SentCodeType::SmsPhrase(phrase) => {
                assert_eq!(code.split(' ').next(), phrase.beginning.as_deref());
            }
            _ => assert_eq!(code.len(), 5),
        }
        let typed = match way {
            Delivery::FlashCall => format!("+{code}"),
            Delivery::Word | Delivery::Phrase => format!(" {} ", code.to_uppercase()),
            _ => code,
        };
        let by_mail = way == Delivery::Email;
        let request = functions::auth::SignIn {
            phone_number: ADA_PHONE.to_owned(),
            phone_code_hash: now.phone_code_hash.clone(),
            phone_code: (!by_mail).then(|| typed.clone()),
            email_verification: by_mail.then(|| types::EmailVerificationCode { code: typed }.into()),
        };
        let key = 100 + step as i64;
        let enums::auth::Authorization::Authorization(done) = world.call(key, &request).unwrap() else {
            panic!("{way:?}");
        };
        assert_eq!(user(done.user).id, ada.id);
        // The code is used up, so the way to the next one begins anew.
        world.now += 61;
        now = send(&mut world, ADA, ADA_PHONE).unwrap();
        for _ in 0..=step {
            if step + 1 < Delivery::ALL.len() {
                now = resend(&mut world, ADA, ADA_PHONE, &now.phone_code_hash).unwrap();
            }
        }
    }
    let kinds =
        ["App", "Sms", "Call", "FlashCall", "MissedCall", "FragmentSms", "EmailCode", "SmsWord", "SmsPhrase"];
    assert_eq!(seen, kinds);
    world.rpc().deliver_codes("15550001", Vec::new());
    world.now += 61;
    let usual = send(&mut world, ADA, ADA_PHONE).unwrap();
    assert_eq!(usual.r#type, types::auth::SentCodeTypeApp { length: 5 }.into());
}

#[test]
fn a_cancelled_code_is_no_good() {
    let mut world = World::new();
    let hash = world.send_code(ADA, ADA_PHONE).unwrap();
    let code = world.last_code().1;
    let cancel = |hash: &str| functions::auth::CancelCode {
        phone_number: ADA_PHONE.to_owned(),
        phone_code_hash: hash.to_owned(),
    };
    assert_eq!(world.call(ADA, &cancel("")).unwrap_err(), "400 PHONE_CODE_HASH_EMPTY");
    assert!(world.call(ADA, &cancel(&hash)).unwrap());
    assert_eq!(world.call(ADA, &cancel(&hash)).unwrap_err(), "400 PHONE_CODE_EXPIRED");
    assert_eq!(world.sign_in(ADA, ADA_PHONE, &hash, &code).unwrap_err(), "400 PHONE_CODE_EXPIRED");
}

#[test]
fn guessing_for_a_number_ends_its_codes_for_a_while() {
    let mut world = World::new();
    for _ in 0..3 {
        let hash = world.send_code(ADA, ADA_PHONE).unwrap();
        for _ in 0..5 {
            assert_eq!(world.sign_in(ADA, ADA_PHONE, &hash, "x").unwrap_err(), "400 PHONE_CODE_INVALID");
        }
    }
    assert_eq!(world.send_code(BOOLE, ADA_PHONE).unwrap_err(), "400 PHONE_NUMBER_FLOOD");
    world.send_code(BOOLE, BOOLE_PHONE).unwrap();
    world.now += 301;
    world.send_code(BOOLE, ADA_PHONE).unwrap();
}

#[test]
fn a_token_of_another_service_is_no_proof_of_a_mail() {
    let mut world = World::new();
    let hash = world.send_code(ADA, ADA_PHONE).unwrap();
    let request = functions::auth::SignIn {
        phone_number: ADA_PHONE.to_owned(),
        phone_code_hash: hash,
        phone_code: None,
        email_verification: Some(types::EmailVerificationGoogle { token: "t".to_owned() }.into()),
    };
    assert_eq!(world.call(ADA, &request).unwrap_err(), "400 EMAIL_VERIFICATION_INVALID");
}
