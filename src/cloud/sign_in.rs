//! Signing in with a phone number and a code, signing up where the server allows it, and logging out.
//!
//! Codes are used up by being tried, so nothing here is repeated by itself. Signing in ends with the account's person and
//! its place in the update streams, to be stored together: without that place the first messages would be missed.

use std::fmt;

use grammers_tl_types::{enums, functions, types};
use zeroize::Zeroize;

use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::people::person;
use super::refusal::{Refusal, refused};
use super::terms::{self, Terms};
use crate::secret::record::{Marks, Person};
use crate::secret::step::CallError;

pub use super::codes::{CodeSent, Delivery, NextDelivery, Sending, cancel_code, resend_code, send_code};

/// What identifies the application at Telegram (my.telegram.org). Other servers ignore it.
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    pub api_id: i32,
    pub api_hash: String,
}

/// The hash is for Telegram alone to see.
impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application").field("api_id", &self.api_id).finish_non_exhaustive()
    }
}

/// What came of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    SignedIn(SignedIn),
    /// The number has no account yet: [`sign_up`], after agreeing to the terms if there are any. On Telegram only its own apps can do
    /// that.
    SignUpRequired(Option<Terms>),
}

/// The account, and where its update streams stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub me: Person,
    pub marks: Marks,
}

/// Signs in with the code that was sent. [`CloudError::PasswordNeeded`] asks for the password on top.
pub async fn sign_in(link: &Link, sent: &CodeSent, code: &str) -> Result<Outcome, CloudError> {
    let code = typed(&sent.by, code);
    let by_mail = matches!(sent.by, Delivery::Email { .. });
    let (phone_code, mail) = if by_mail { (None, Some(code)) } else { (Some(code), None) };
    let mut call = functions::auth::SignIn {
        phone_number: sent.phone.clone(),
        phone_code_hash: sent.code_hash.clone(),
        phone_code,
        email_verification: mail.map(|code| types::EmailVerificationCode { code }.into()),
    };
    let answer = link.invoke(&call, CALL_LIMIT).await;
    wipe(&mut call);
    match answer {
        Ok(enums::auth::Authorization::Authorization(_)) => account(link).await.map(Outcome::SignedIn),
        Ok(enums::auth::Authorization::SignUpRequired(required)) => {
            Ok(Outcome::SignUpRequired(required.terms_of_service.and_then(terms::read)))
        }
        Err(CallError::Rpc { name, .. }) if name == "PHONE_NUMBER_UNOCCUPIED" => {
            Ok(Outcome::SignUpRequired(None))
        }
        Err(error) => Err(refused(error)),
    }
}

/// As the server wants it: without what people put between digits, words as they are.
fn typed(by: &Delivery, code: &str) -> String {
    let code = code.trim();
    // Never moved by growing: what it leaves behind could not be wiped.
    let mut kept = String::with_capacity(code.len());
    kept.extend(code.chars().filter(|c| match by {
        Delivery::Words { .. } | Delivery::Other => true,
        Delivery::FlashCall { .. } | Delivery::MissedCall { .. } => c.is_ascii_digit(),
        _ => !c.is_whitespace() && *c != '-',
    }));
    kept
}

fn wipe(call: &mut functions::auth::SignIn) {
    call.phone_code.zeroize();
    if let Some(enums::EmailVerification::Code(mail)) = &mut call.email_verification {
        mail.code.zeroize();
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
        enums::auth::Authorization::SignUpRequired(_) => Err(Refusal::NoSignUp.into()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_application_is_not_printed() {
        let application = Application { api_id: 7, api_hash: "0123abcd".into() };
        assert_eq!(format!("{application:?}"), "Application { api_id: 7, .. }");
    }

    #[test]
    fn a_code_is_sent_without_what_people_put_between() {
        assert_eq!(typed(&Delivery::Sms, " 12-3 45\n"), "12345");
        assert_eq!(typed(&Delivery::FlashCall { pattern: String::new() }, "+1 (555) 01"), "155501");
        assert_eq!(typed(&Delivery::Words { beginning: None }, " red car "), "red car");
    }
}
