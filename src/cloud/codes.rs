//! Codes for signing in: asking for one, asking again in another way, giving one up.
//!
//! Servers have a dozen ways to send a code and choose one themselves; what the user has to look at differs with each, so none of them is
//! flattened here. Asking costs the server money and the user patience: nothing is asked for twice by itself.

use std::time::Duration;

use grammers_tl_types::{enums, functions, types};

use super::clock::unix_ms_in;
use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::people::phone_digits;
use super::refusal::{Refusal, refused};
use super::sign_in::{Application, SignedIn, account};

/// A server that sends the code by SMS takes its time.
const CODE_LIMIT: Duration = Duration::from_secs(30);

/// How a code travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// A message in the app of another device that is signed in.
    App,
    Sms,
    /// A voice says it.
    Call,
    /// The number that calls is the code; digits of it are known.
    FlashCall {
        pattern: String,
    },
    /// The last digits of the number that calls.
    MissedCall {
        prefix: String,
    },
    /// At fragment.com, where anonymous numbers are traded.
    Fragment {
        url: String,
    },
    Email {
        pattern: String,
    },
    /// A word or a phrase that begins so.
    Words {
        beginning: Option<String>,
    },
    /// A way this version does not know.
    Other,
}

/// What would be tried next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextDelivery {
    Sms,
    Call,
    FlashCall,
    MissedCall,
    Fragment,
}

/// A code is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSent {
    /// Digits, country code first.
    pub phone: String,
    pub by: Delivery,
    /// Characters, where the server says so.
    pub length: Option<u8>,
    /// How it would be sent next, and from when on (Unix milliseconds) that may be asked for.
    pub next: Option<(NextDelivery, i64)>,
    pub(super) code_hash: String,
}

/// What came of asking for a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    OnItsWay(CodeSent),
    /// The server knows this device and needs no code.
    SignedIn(SignedIn),
}

impl Sending {
    /// The code, for whoever signs in by nothing else.
    ///
    /// # Errors
    /// [`CloudError::Unexpected`] if there is none because none is needed.
    pub fn sent(self) -> Result<CodeSent, CloudError> {
        match self {
            Sending::OnItsWay(sent) => Ok(sent),
            Sending::SignedIn(_) => Err(CloudError::Unexpected("signed in without a code")),
        }
    }
}

/// Asks for a code. The number is international; how it is punctuated does not matter.
pub async fn send_code(link: &Link, application: &Application, phone: &str) -> Result<Sending, CloudError> {
    let phone = phone_digits(phone);
    let settings = types::CodeSettings {
        allow_flashcall: false,
        current_number: false,
        allow_app_hash: false,
        allow_missed_call: false,
        allow_firebase: false,
        unknown_number: false,
        logout_tokens: None,
        token: None,
        app_sandbox: None,
    };
    let call = functions::auth::SendCode {
        phone_number: phone.clone(),
        api_id: application.api_id,
        api_hash: application.api_hash.clone(),
        settings: enums::CodeSettings::Settings(settings),
    };
    let answer = link.invoke(&call, CODE_LIMIT).await.map_err(refused)?;
    match read(answer, phone)? {
        Read::Sent(sent) => Ok(Sending::OnItsWay(sent)),
        Read::SignedIn => account(link).await.map(Sending::SignedIn),
        // It was told that this is no phone; asked once more it takes the next way.
        Read::PhoneOnly { phone, code_hash } => ask_again(link, phone, code_hash).await,
    }
}

/// Asks for the code once more, the next way.
pub async fn resend_code(link: &Link, sent: &CodeSent) -> Result<Sending, CloudError> {
    ask_again(link, sent.phone.clone(), sent.code_hash.clone()).await
}

/// Gives up a code that is on its way.
pub async fn cancel_code(link: &Link, sent: &CodeSent) -> Result<(), CloudError> {
    let call = functions::auth::CancelCode {
        phone_number: sent.phone.clone(),
        phone_code_hash: sent.code_hash.clone(),
    };
    link.invoke(&call, CALL_LIMIT).await.map_err(refused)?;
    Ok(())
}

async fn ask_again(link: &Link, phone: String, code_hash: String) -> Result<Sending, CloudError> {
    let call =
        functions::auth::ResendCode { phone_number: phone.clone(), phone_code_hash: code_hash, reason: None };
    let answer = link.invoke(&call, CODE_LIMIT).await.map_err(refused)?;
    match read(answer, phone)? {
        Read::Sent(sent) => Ok(Sending::OnItsWay(sent)),
        Read::SignedIn => account(link).await.map(Sending::SignedIn),
        Read::PhoneOnly { .. } => Err(Refusal::PhoneOnly.into()),
    }
}

/// What an answer about a code says.
enum Read {
    Sent(CodeSent),
    SignedIn,
    /// It would be sent to an app that proves to run on a phone.
    PhoneOnly {
        phone: String,
        code_hash: String,
    },
}

fn read(answer: enums::auth::SentCode, phone: String) -> Result<Read, CloudError> {
    let sent = match answer {
        enums::auth::SentCode::Code(sent) => sent,
        enums::auth::SentCode::Success(_) => return Ok(Read::SignedIn),
        enums::auth::SentCode::PaymentRequired(_) => return Err(Refusal::Payment.into()),
    };
    let code_hash = sent.phone_code_hash;
    let Some((by, length)) = way(sent.r#type)? else { return Ok(Read::PhoneOnly { phone, code_hash }) };
    let wait = Duration::from_secs(sent.timeout.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0));
    let next = sent.next_type.map(|next| (next_way(&next), unix_ms_in(wait)));
    let length = length.and_then(|length| u8::try_from(length).ok());
    Ok(Read::Sent(CodeSent { phone, by, length, next, code_hash }))
}

/// `None` if it is for apps of a phone alone.
fn way(kind: enums::auth::SentCodeType) -> Result<Option<(Delivery, Option<i32>)>, CloudError> {
    use enums::auth::SentCodeType as Kind;
    Ok(Some(match kind {
        Kind::App(app) => (Delivery::App, Some(app.length)),
        Kind::Sms(sms) => (Delivery::Sms, Some(sms.length)),
        Kind::Call(call) => (Delivery::Call, Some(call.length)),
        Kind::FlashCall(call) => (Delivery::FlashCall { pattern: call.pattern }, None),
        Kind::MissedCall(call) => (Delivery::MissedCall { prefix: call.prefix }, Some(call.length)),
        Kind::EmailCode(mail) => (Delivery::Email { pattern: mail.email_pattern }, Some(mail.length)),
        Kind::FragmentSms(sms) => (Delivery::Fragment { url: sms.url }, Some(sms.length)),
        Kind::SmsWord(word) => (Delivery::Words { beginning: word.beginning }, None),
        Kind::SmsPhrase(phrase) => (Delivery::Words { beginning: phrase.beginning }, None),
        Kind::FirebaseSms(_) => return Ok(None),
        Kind::SetUpEmailRequired(_) => return Err(Refusal::MailFirst.into()),
    }))
}

fn next_way(next: &enums::auth::CodeType) -> NextDelivery {
    use enums::auth::CodeType as Kind;
    match next {
        Kind::Sms => NextDelivery::Sms,
        Kind::Call => NextDelivery::Call,
        Kind::FlashCall => NextDelivery::FlashCall,
        Kind::MissedCall => NextDelivery::MissedCall,
        Kind::FragmentSms => NextDelivery::Fragment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(r#type: impl Into<enums::auth::SentCodeType>) -> Result<Read, CloudError> {
        let sent = types::auth::SentCode {
            r#type: r#type.into(),
            phone_code_hash: "hash".into(),
            next_type: Some(enums::auth::CodeType::Call),
            timeout: Some(60),
        };
        read(sent.into(), "49170".into())
    }

    #[test]
    fn every_way_keeps_what_the_user_needs() {
        use types::auth as kind;
        let cases: Vec<(enums::auth::SentCodeType, Delivery, Option<u8>)> = vec![
            (kind::SentCodeTypeApp { length: 5 }.into(), Delivery::App, Some(5)),
            (kind::SentCodeTypeSms { length: 6 }.into(), Delivery::Sms, Some(6)),
            (kind::SentCodeTypeSms { length: -6 }.into(), Delivery::Sms, None),
            (kind::SentCodeTypeCall { length: 5 }.into(), Delivery::Call, Some(5)),
            (
                kind::SentCodeTypeFlashCall { pattern: "1**".into() }.into(),
                Delivery::FlashCall { pattern: "1**".into() },
                None,
            ),
            (
                kind::SentCodeTypeMissedCall { prefix: "155".into(), length: 5 }.into(),
                Delivery::MissedCall { prefix: "155".into() },
                Some(5),
            ),
            (
                kind::SentCodeTypeFragmentSms { url: "https://f".into(), length: 5 }.into(),
                Delivery::Fragment { url: "https://f".into() },
                Some(5),
            ),
            (
                kind::SentCodeTypeSmsPhrase { beginning: Some("red".into()) }.into(),
                Delivery::Words { beginning: Some("red".into()) },
                None,
            ),
        ];
        for (kind, by, length) in cases {
            let Ok(Read::Sent(sent)) = sent(kind) else { panic!("no code by {by:?}") };
            assert_eq!((sent.by, sent.length), (by, length));
            let Some((NextDelivery::Call, from)) = sent.next else { panic!("no next way") };
            assert!(
                from > unix_ms_in(Duration::from_secs(50)) && from <= unix_ms_in(Duration::from_secs(60))
            );
        }
    }

    #[test]
    fn what_cannot_be_had_is_said() {
        let mail = types::auth::SentCodeTypeSetUpEmailRequired {
            apple_signin_allowed: false,
            google_signin_allowed: false,
        };
        assert!(matches!(sent(mail), Err(CloudError::SignIn(Refusal::MailFirst))));
        let firebase = types::auth::SentCodeTypeFirebaseSms {
            nonce: None,
            play_integrity_project_id: None,
            play_integrity_nonce: None,
            receipt: None,
            push_timeout: None,
            length: 5,
        };
        assert!(matches!(sent(firebase), Ok(Read::PhoneOnly { .. })));
        let payment = types::auth::SentCodePaymentRequired {
            store_product: String::new(),
            phone_code_hash: String::new(),
            support_email_address: String::new(),
            support_email_subject: String::new(),
            premium_days: 1,
            currency: "EUR".into(),
            amount: 1,
        };
        assert!(matches!(read(payment.into(), String::new()), Err(CloudError::SignIn(Refusal::Payment))));
    }
}
