//! Signing in by phone and code in a few calls, for programs that know what comes next.
//!
//! It takes the same steps as the [entrance](super::entrance), without a thread, a screen to keep informed, or any choice: the demo and
//! scripts sign people in by it. Each step takes the conversation and gives it back for as long as it goes on.

use super::entrance::passage::{Next, Passage};
use super::entrance::{CodeSent, Delivery, Hidden, Terms};
use super::server::ServerProfile;
use crate::cloud::fault::CloudError;
use crate::cloud::refusal::Refusal;
use crate::secret::record::Person;
use crate::system;
use crate::vault::{Vault, VaultError};

/// What can go wrong while signing in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(
        "this profile is signed in already, as +{0}: go on with it, or take another profile name; if the server does not know \
         this device any more, add --again, which ends the secret chats of this profile"
    )]
    Already(String),
    #[error("this profile belongs to +{0}: take another profile name for another account")]
    OtherAccount(String),
    #[error("this profile belongs to the server at {0}: take another profile name for another server")]
    OtherServer(String),
    #[error("no code is on its way: give the phone number first")]
    NoCode,
    #[error("the thread that signs in could not be started: {}", system::in_words(.0))]
    Thread(std::io::Error),
}

/// A sign-in under way: connected, a code was sent.
pub struct SignIn {
    passage: Passage,
    sent: CodeSent,
}

/// What the person has to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeWanted {
    /// Half a sentence: where the code was sent.
    pub by: &'static str,
    /// Its number of digits, where the server says so.
    pub length: Option<i32>,
}

/// What came of a code, a name or a password.
pub enum SignInStep {
    /// The code was wrong; it can be tried again.
    WrongCode(SignIn),
    /// The number has no account here, and whoever makes one is to agree to this: [`SignIn::agree`].
    TermsWanted(SignIn, Terms),
    /// The number has no account here: a name makes one.
    NameWanted(SignIn),
    /// The account has a password, of which its owner wrote this to be reminded (hostile text).
    PasswordWanted(SignIn, String),
    /// The password was wrong; it can be tried again.
    WrongPassword(SignIn),
    /// Signed in and stored.
    Done(Box<Person>),
}

impl SignIn {
    /// Connects and asks the server to send a code.
    ///
    /// # Errors
    /// [`SignInError::Already`] if the profile is signed in, unless `again` replaces that; [`SignInError::OtherAccount`] if it
    /// belongs to another number, [`SignInError::OtherServer`] if to another server; otherwise what the server or the vault says.
    pub async fn begin(
        vault: Vault,
        server: ServerProfile,
        phone: &str,
        again: bool,
    ) -> Result<SignIn, SignInError> {
        let mut passage = Passage::begin(vault, server, again, None)?;
        match passage.send_code(phone).await? {
            Next::Code(sent) => Ok(SignIn { passage, sent }),
            _ => Err(CloudError::Unexpected("signed in without a code").into()),
        }
    }

    /// How the code travels.
    pub fn code(&self) -> CodeWanted {
        CodeWanted { by: in_words(&self.sent.by), length: self.sent.length.map(i32::from) }
    }

    /// Tries a code.
    ///
    /// # Errors
    /// What the server or the vault says; a wrong code is not an error but [`SignInStep::WrongCode`].
    pub async fn try_code(mut self, code: &str) -> Result<SignInStep, SignInError> {
        match self.passage.try_code(&Hidden::new(code.to_owned())).await {
            Err(SignInError::Cloud(CloudError::BadCode)) => Ok(SignInStep::WrongCode(self)),
            next => self.on(next?),
        }
    }

    /// Agrees to the terms of service.
    pub fn agree(self) -> SignInStep {
        SignInStep::NameWanted(self)
    }

    /// Makes an account under this name, after the right code for a number that has none.
    ///
    /// # Errors
    /// What the server or the vault says.
    pub async fn sign_up(mut self, first_name: &str, last_name: &str) -> Result<SignInStep, SignInError> {
        let next = self.passage.sign_up(first_name, last_name).await?;
        self.on(next)
    }

    /// Tries the password of two-step verification.
    ///
    /// # Errors
    /// What the server or the vault says; a wrong password is not an error but [`SignInStep::WrongPassword`].
    pub async fn try_password(mut self, password: &Hidden) -> Result<SignInStep, SignInError> {
        match self.passage.try_password(password).await {
            Err(SignInError::Cloud(CloudError::SignIn(Refusal::WrongPassword))) => {
                Ok(SignInStep::WrongPassword(self))
            }
            next => self.on(next?),
        }
    }

    fn on(self, next: Next) -> Result<SignInStep, SignInError> {
        match next {
            Next::Done(me) => Ok(SignInStep::Done(me)),
            Next::Terms(terms) => Ok(SignInStep::TermsWanted(self, terms)),
            Next::Name => Ok(SignInStep::NameWanted(self)),
            Next::Password { hint } => Ok(SignInStep::PasswordWanted(self, hint)),
            Next::Code(_) | Next::Token { .. } | Next::Recovery { .. } => {
                Err(CloudError::Unexpected("another code").into())
            }
        }
    }
}

fn in_words(by: &Delivery) -> &'static str {
    match by {
        Delivery::App => "a message in the Telegram app of another device",
        Delivery::Sms => "an SMS",
        Delivery::Call => "a phone call",
        Delivery::FlashCall { .. } => "a missed call: the number that calls is the code",
        Delivery::MissedCall { .. } => "a missed call: the last digits are the code",
        Delivery::Email { .. } => "an e-mail",
        Delivery::Fragment { .. } => "a message at fragment.com",
        Delivery::Words { .. } => "an SMS with words",
        Delivery::Other => "something this version does not know",
    }
}
