//! Signing in with a phone number and a code, signing up where the server allows it, and logging out.
//!
//! Codes are used up by being tried, so nothing here is repeated by itself. Signing in ends with the account's person and
//! its place in the update streams, to be stored together: without that place the first messages would be missed.

use std::time::Duration;

use grammers_tl_types::{enums, functions, types};

use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::people::{person, phone_digits};
use crate::secret::record::{Marks, Person};
use crate::secret::step::CallError;

/// A server that sends the code by SMS takes its time.
const CODE_LIMIT: Duration = Duration::from_secs(30);

/// What identifies the application at Telegram (my.telegram.org). Other servers ignore it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    pub api_id: i32,
    pub api_hash: String,
}

/// A code is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSent {
    pub phone: String,
    /// Where to look for it, as half a sentence: "sent as ...".
    pub by: &'static str,
    /// Digits, where the server says so.
    pub length: Option<i32>,
    code_hash: String,
}

/// What came of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    SignedIn(SignedIn),
    /// The number has no account yet: [`sign_up`]. On Telegram only its own apps can do that.
    SignUpRequired,
}

/// The account, and where its update streams stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub me: Person,
    pub marks: Marks,
}

/// Asks for a code. The number is international; how it is punctuated does not matter.
pub async fn send_code(link: &Link, application: &Application, phone: &str) -> Result<CodeSent, CloudError> {
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
    match link.invoke(&call, CODE_LIMIT).await.map_err(refused)? {
        enums::auth::SentCode::Code(sent) => {
            let (by, length) = way(&sent.r#type);
            Ok(CodeSent { phone, by, length, code_hash: sent.phone_code_hash })
        }
        enums::auth::SentCode::Success(_) => Err(CloudError::Unexpected("signed in without a code")),
        enums::auth::SentCode::PaymentRequired(_) => Err(CloudError::Unexpected(
            "it wants to be paid for the code: sign in with an official app first",
        )),
    }
}

/// Signs in with the code that was sent.
pub async fn sign_in(link: &Link, sent: &CodeSent, code: &str) -> Result<Outcome, CloudError> {
    let call = functions::auth::SignIn {
        phone_number: sent.phone.clone(),
        phone_code_hash: sent.code_hash.clone(),
        phone_code: Some(code.trim().into()),
        email_verification: None,
    };
    match link.invoke(&call, CALL_LIMIT).await {
        Ok(enums::auth::Authorization::Authorization(_)) => account(link).await.map(Outcome::SignedIn),
        Ok(enums::auth::Authorization::SignUpRequired(_)) => Ok(Outcome::SignUpRequired),
        Err(CallError::Rpc { name, .. }) if name == "PHONE_NUMBER_UNOCCUPIED" => Ok(Outcome::SignUpRequired),
        Err(error) => Err(refused(error)),
    }
}

/// Makes an account for a number that has none, after [`sign_in`] with the right code.
pub async fn sign_up(
    link: &Link,
    sent: &CodeSent,
    first_name: &str,
    last_name: &str,
) -> Result<SignedIn, CloudError> {
    let call = functions::auth::SignUp {
        no_joined_notifications: true,
        phone_number: sent.phone.clone(),
        phone_code_hash: sent.code_hash.clone(),
        first_name: first_name.into(),
        last_name: last_name.into(),
    };
    match link.invoke(&call, CALL_LIMIT).await.map_err(refused)? {
        enums::auth::Authorization::Authorization(_) => account(link).await,
        enums::auth::Authorization::SignUpRequired(_) => {
            Err(CloudError::Unexpected("sign-up led to sign-up"))
        }
    }
}

/// The account of this key. Fails with [`CloudError::NotSignedIn`] if there is none.
pub async fn account(link: &Link) -> Result<SignedIn, CloudError> {
    let call = functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] };
    let me = link.invoke(&call, CALL_LIMIT).await?.into_iter().find_map(person);
    let me = me.ok_or(CloudError::Unexpected("it does not say who we are"))?;
    Ok(SignedIn { me, marks: state(link).await? })
}

/// Where the server's update streams stand now. To be stored at sign-in only: later this would skip what was not fetched.
pub async fn state(link: &Link) -> Result<Marks, CloudError> {
    let enums::updates::State::State(state) =
        link.invoke(&functions::updates::GetState {}, CALL_LIMIT).await?;
    Ok(Marks { pts: state.pts, qts: state.qts, seq: state.seq, date: state.date })
}

/// Ends this device's authorization on the server. What is stored here is not touched.
pub async fn log_out(link: &Link) -> Result<(), CloudError> {
    match link.invoke(&functions::auth::LogOut {}, CALL_LIMIT).await.map_err(CloudError::from) {
        Ok(_) | Err(CloudError::NotSignedIn) => Ok(()),
        Err(error) => Err(error),
    }
}

fn refused(error: CallError) -> CloudError {
    let CallError::Rpc { name, .. } = &error else { return error.into() };
    match name.as_str() {
        "PHONE_NUMBER_INVALID" | "PHONE_NUMBER_BANNED" => CloudError::BadPhone,
        "PHONE_CODE_INVALID" | "PHONE_CODE_EMPTY" => CloudError::BadCode,
        "PHONE_CODE_EXPIRED" | "PHONE_CODE_HASH_EMPTY" => CloudError::CodeExpired,
        "FIRSTNAME_INVALID" => CloudError::BadName("a first name is needed"),
        "LASTNAME_INVALID" => CloudError::BadName("the last name does not suit the server"),
        _ => error.into(),
    }
}

fn way(kind: &enums::auth::SentCodeType) -> (&'static str, Option<i32>) {
    use enums::auth::SentCodeType as Kind;
    match kind {
        Kind::App(app) => ("a message in the Telegram app of another device", Some(app.length)),
        Kind::Sms(sms) => ("an SMS", Some(sms.length)),
        Kind::Call(call) => ("a phone call", Some(call.length)),
        Kind::FlashCall(_) => ("a missed call: the number that calls is the code", None),
        Kind::MissedCall(call) => ("a missed call: the last digits are the code", Some(call.length)),
        Kind::EmailCode(mail) => ("an e-mail", Some(mail.length)),
        Kind::FragmentSms(sms) => ("a message at fragment.com", Some(sms.length)),
        _ => ("something this version does not know", None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::rpc_error;
    use super::*;

    #[test]
    fn refusals_say_what_to_do() {
        let cases = [
            ("PHONE_NUMBER_INVALID", CloudError::BadPhone),
            ("PHONE_CODE_INVALID", CloudError::BadCode),
            ("PHONE_CODE_EXPIRED", CloudError::CodeExpired),
        ];
        for (name, expected) in cases {
            assert_eq!(refused(rpc_error(400, name)), expected);
        }
        assert_eq!(refused(rpc_error(401, "SESSION_PASSWORD_NEEDED")), CloudError::PasswordNeeded);
        assert_eq!(refused(rpc_error(303, "USER_MIGRATE_2")), CloudError::Elsewhere(2));
        assert_eq!(refused(CallError::Lost), CloudError::Call(CallError::Lost));
    }
}
