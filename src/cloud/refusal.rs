//! What servers say against signing in, as sentences.
//!
//! Each of Telegram's refusals has a sentence of its own, for most of them leave something to do. They come up in this conversation
//! only; what any call may be answered with (a flood wait, another data centre, no authorization) is [`CloudError`]'s.

use super::fault::CloudError;
use crate::secret::step::CallError;

/// Why a step of signing in was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "this number is banned from the service: its operators alone can lift that (at Telegram: recover@telegram.org)"
    )]
    Banned,
    #[error("too many codes were asked for with this number: wait some hours, or sign in by QR code")]
    NumberFlood,
    #[error("too many attempts to sign in with this number: wait some hours before the next one")]
    PasswordFlood,
    #[error(
        "the server does not know this api_id and api_hash: compare them with what my.telegram.org shows"
    )]
    Application,
    #[error("this api_id was published and is shut out: make one of your own at my.telegram.org")]
    PublishedApplication,
    #[error(
        "the server sends no further code in another way: use the one that came, or begin again with the number"
    )]
    NoOtherWay,
    #[error(
        "the server wants to be paid for sending a code: sign in with an official app first, or by QR code"
    )]
    Payment,
    #[error(
        "the server wants an e-mail address for this account before it sends codes: set one with an official app, or sign in by QR code"
    )]
    MailFirst,
    #[error(
        "the server sends this code only to official apps of a phone: ask for it in another way, or sign in by QR code"
    )]
    PhoneOnly,
    #[error("the server could not send the code: try again, or sign in by QR code")]
    NotSent,
    #[error(
        "the server lets nobody make a new account with this program: make it with an official app first"
    )]
    NoSignUp,
    #[error("the number has an account by now: begin again with the number")]
    Occupied,
    #[error("the server wants the sign-in begun again: give the number once more")]
    Again,
    #[error("the server wants a newer version of this program")]
    OldProgram,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("the server's offer for checking the password has run out: give the password again")]
    StaleOffer,
    #[error(
        "the account has no e-mail address for recovering its password: an app that is still signed in can reset it \
         (Settings, Two-Step Verification, \"Forgot password?\"), which takes a week"
    )]
    NoRecovery,
    #[error("the code of the e-mail is not valid any more: have another one sent")]
    RecoveryExpired,
    #[error("the account's password is kept in a way that this version does not know")]
    UnknownPassword,
    #[error("what the server offers for checking the password is not safe ({0}): the password was not used")]
    UnsafePassword(&'static str),
    #[error("the QR code has run out: a new one is needed")]
    StaleToken,
}

/// The sentence for an error of a call that signs in.
pub(super) fn refused(error: CallError) -> CloudError {
    let CallError::Rpc { name, .. } = &error else { return error.into() };
    let refusal = match name.as_str() {
        "PHONE_NUMBER_INVALID" => return CloudError::BadPhone,
        "PHONE_CODE_INVALID"
        | "PHONE_CODE_EMPTY"
        | "CODE_INVALID"
        | "CODE_EMPTY"
        | "EMAIL_VERIFICATION_INVALID" => {
            return CloudError::BadCode;
        }
        "PHONE_CODE_EXPIRED" | "PHONE_CODE_HASH_EMPTY" | "CODE_EXPIRED" | "EMAIL_VERIFY_EXPIRED" => {
            return CloudError::CodeExpired;
        }
        "FIRSTNAME_INVALID" => return CloudError::BadName("a first name is needed"),
        "LASTNAME_INVALID" => return CloudError::BadName("the last name does not suit the server"),
        "PHONE_NUMBER_BANNED" => Refusal::Banned,
        "PHONE_NUMBER_FLOOD" => Refusal::NumberFlood,
        "PHONE_PASSWORD_FLOOD" | "PHONE_PASSWORD_PROTECTED" => Refusal::PasswordFlood,
        "API_ID_INVALID" => Refusal::Application,
        "API_ID_PUBLISHED_FLOOD" => Refusal::PublishedApplication,
        "SEND_CODE_UNAVAILABLE" => Refusal::NoOtherWay,
        "SMS_CODE_CREATE_FAILED" => Refusal::NotSent,
        "PHONE_NUMBER_APP_SIGNUP_FORBIDDEN" | "SIGN_UP_FORBIDDEN" => Refusal::NoSignUp,
        "PHONE_NUMBER_OCCUPIED" => Refusal::Occupied,
        "AUTH_RESTART" => Refusal::Again,
        "UPDATE_APP_TO_LOGIN" => Refusal::OldProgram,
        "PASSWORD_HASH_INVALID" => Refusal::WrongPassword,
        "SRP_ID_INVALID" | "SRP_PASSWORD_CHANGED" => Refusal::StaleOffer,
        "PASSWORD_RECOVERY_NA" => Refusal::NoRecovery,
        "PASSWORD_RECOVERY_EXPIRED" => Refusal::RecoveryExpired,
        "AUTH_TOKEN_EXPIRED"
        | "AUTH_TOKEN_INVALID"
        | "AUTH_TOKEN_INVALIDX"
        | "AUTH_TOKEN_ALREADY_ACCEPTED" => Refusal::StaleToken,
        _ => return error.into(),
    };
    refusal.into()
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
            ("PHONE_NUMBER_BANNED", Refusal::Banned.into()),
            ("API_ID_PUBLISHED_FLOOD", Refusal::PublishedApplication.into()),
            ("PASSWORD_HASH_INVALID", Refusal::WrongPassword.into()),
            ("PASSWORD_RECOVERY_NA", Refusal::NoRecovery.into()),
            ("PASSWORD_RECOVERY_EXPIRED", Refusal::RecoveryExpired.into()),
            ("CODE_INVALID", CloudError::BadCode),
        ];
        for (name, expected) in cases {
            assert_eq!(refused(rpc_error(400, name)), expected);
        }
        assert_eq!(refused(rpc_error(401, "SESSION_PASSWORD_NEEDED")), CloudError::PasswordNeeded);
        assert_eq!(refused(rpc_error(303, "USER_MIGRATE_2")), CloudError::Elsewhere(2));
        assert_eq!(refused(CallError::Lost), CloudError::Call(CallError::Lost));
    }
}
