//! The steps of signing in, each a call and what it leads to.
//!
//! This is the one place where they are carried out; the conversation of a front end and the short one of a program are two voices
//! over it. It begins with an open profile and ends by storing account, key and the place in the update streams in one transaction.
//! Until then the profile has no account, and a sign-in that was broken off is simply begun again.

use tokio::sync::mpsc;
use zeroize::Zeroizing;

use super::way::Way;
use super::{CodeSent, EntranceEvent, Hidden, Terms};
use crate::cloud::contacts::phone_digits;
use crate::cloud::fault::CloudError;
use crate::cloud::login_token::{self, Token};
use crate::cloud::password::{self, Challenge};
use crate::cloud::recovery;
use crate::cloud::refusal::Refusal;
use crate::cloud::sign_in::{self, Application, Outcome, Sending, SignedIn};
use crate::engine::server::{ServerProfile, keep_session};
use crate::engine::sign_in::SignInError;
use crate::secret::machine::Machine;
use crate::secret::record::{Moment, Person, UserId};
use crate::secret::step::{CallError, Input};
use crate::vault::{Account, Vault, VaultError};

/// A profile on its way in.
pub(in crate::engine) struct Passage {
    vault: Vault,
    way: Way,
    application: Application,
    /// Whose profile it was before.
    former: Option<(UserId, String)>,
    code: Option<sign_in::CodeSent>,
}

/// What a step leads to.
pub(in crate::engine) enum Next {
    Code(CodeSent),
    Password {
        hint: String,
    },
    /// A code went to this mail address.
    Recovery {
        mail: String,
    },
    Terms(Terms),
    Name,
    Token {
        link: Hidden,
        /// Unix seconds, by this machine's clock.
        expires: i32,
    },
    Done(Box<Person>),
}

impl Passage {
    /// Dials.
    ///
    /// # Errors
    /// The profile belongs to another server, or is signed in already (unless `again`); the server's key cannot be used.
    pub fn begin(
        vault: Vault,
        server: ServerProfile,
        again: bool,
        told: Option<mpsc::UnboundedSender<EntranceEvent>>,
    ) -> Result<Passage, SignInError> {
        let former = former(&vault, &server, again)?;
        let application = Application { api_id: server.api_id, api_hash: server.api_hash.clone() };
        let way = Way::dial(server, told)?;
        Ok(Passage { vault, way, application, former, code: None })
    }

    /// The profile, which stays open.
    pub fn into_vault(self) -> Vault {
        self.vault
    }

    pub fn way(&mut self) -> &mut Way {
        &mut self.way
    }

    /// The code that is on its way.
    pub fn code(&self) -> Option<CodeSent> {
        self.code.as_ref().map(told)
    }

    /// Asks for a code.
    pub async fn send_code(&mut self, phone: &str) -> Result<Next, SignInError> {
        if let Some((_, number)) = &self.former
            && phone_digits(number) != phone_digits(phone)
        {
            return Err(SignInError::OtherAccount(number.clone()));
        }
        let application = self.application.clone();
        let sending = self.way.ask(|link| {
            let (application, phone) = (application.clone(), phone.to_owned());
            async move { sign_in::send_code(&link, &application, &phone).await }
        });
        let sending = sending.await?;
        self.sent(sending).await
    }

    /// Asks for the code once more, the next way.
    pub async fn resend(&mut self) -> Result<Next, SignInError> {
        let sent = self.sent_code()?;
        let sending = self.way.ask(|link| {
            let sent = sent.clone();
            async move { sign_in::resend_code(&link, &sent).await }
        });
        let sending = sending.await?;
        self.sent(sending).await
    }

    async fn sent(&mut self, sending: Sending) -> Result<Next, SignInError> {
        match sending {
            Sending::OnItsWay(sent) => {
                let told = told(&sent);
                self.code = Some(sent);
                Ok(Next::Code(told))
            }
            Sending::SignedIn(signed_in) => self.finish(signed_in).await,
        }
    }

    /// Gives up the code that is on its way. That the server hears it is not worth waiting for a connection.
    pub async fn cancel(&mut self) {
        let Some(sent) = self.code.take().filter(|_| self.way.is_online()) else { return };
        let cancelled = self.way.ask(|link| {
            let sent = sent.clone();
            async move { sign_in::cancel_code(&link, &sent).await }
        });
        if let Err(fault) = cancelled.await {
            tracing::info!(%fault, "a code could not be cancelled");
        }
    }

    /// Tries a code.
    pub async fn try_code(&mut self, code: &Hidden) -> Result<Next, SignInError> {
        let sent = self.sent_code()?;
        let tried = self.way.ask(|link| {
            let (sent, code) = (sent.clone(), code.clone());
            async move { sign_in::sign_in(&link, &sent, code.expose()).await }
        });
        match tried.await {
            Ok(Outcome::SignedIn(signed_in)) => self.finish(signed_in).await,
            Ok(Outcome::SignUpRequired(terms)) => Ok(terms.map_or(Next::Name, Next::Terms)),
            Err(fault) => self.password_or(fault).await,
        }
    }

    /// Makes an account under this name, after the right code for a number that has none.
    pub async fn sign_up(&mut self, first: &str, last: &str) -> Result<Next, SignInError> {
        let sent = self.sent_code()?;
        let made = self.way.ask(|link| {
            let (sent, first, last) = (sent.clone(), first.to_owned(), last.to_owned());
            async move { sign_in::sign_up(&link, &sent, &first, &last).await }
        });
        match made.await {
            Ok(signed_in) => self.finish(signed_in).await,
            Err(fault) => self.password_or(fault).await,
        }
    }

    /// Proves the password. An offer of the server that has run out is asked for again once.
    pub async fn try_password(&mut self, password: &Hidden) -> Result<Next, SignInError> {
        let mut proved = self.prove(password).await;
        if proved == Err(Refusal::StaleOffer.into()) {
            proved = self.prove(password).await;
        }
        match proved {
            Ok(signed_in) => self.finish(signed_in).await,
            Err(fault) => self.signed_in_all_the_same(fault).await,
        }
    }

    async fn prove(&mut self, password: &Hidden) -> Result<SignedIn, CloudError> {
        let proved = self.way.ask(|link| {
            let password = Zeroizing::new(password.expose().to_owned());
            async move {
                let challenge = password::challenge(&link).await?;
                let challenge = challenge.ok_or(CloudError::Unexpected("a password that is not there"))?;
                password::check_password(&link, challenge, password).await
            }
        });
        proved.await
    }

    /// Has a code sent that stands in for the password.
    pub async fn forgot(&mut self) -> Result<Next, SignInError> {
        if !self.challenge().await?.has_recovery {
            return Err(CloudError::from(Refusal::NoRecovery).into());
        }
        let mail = self.way.ask(|link| async move { recovery::request(&link).await }).await?;
        Ok(Next::Recovery { mail })
    }

    /// Signs in by the code that stands in for the password.
    pub async fn recover(&mut self, code: &Hidden) -> Result<Next, SignInError> {
        let recovered = self.way.ask(|link| {
            let code = Zeroizing::new(code.expose().to_owned());
            async move { recovery::recover(&link, code).await }
        });
        match recovered.await {
            Ok(signed_in) => self.finish(signed_in).await,
            Err(fault) => self.signed_in_all_the_same(fault).await,
        }
    }

    async fn challenge(&mut self) -> Result<Challenge, CloudError> {
        let challenge = self.way.ask(|link| async move { password::challenge(&link).await }).await?;
        challenge.ok_or(CloudError::Unexpected("a password that is not there"))
    }

    /// Asks for a token to be shown, or what became of the one that was.
    pub async fn token(&mut self) -> Result<Next, SignInError> {
        self.way.connected().await?;
        self.way.token_accepted = false;
        let application = self.application.clone();
        let exported = self.way.ask(|link| {
            let application = application.clone();
            async move { login_token::export(&link, &application).await }
        });
        match exported.await {
            Ok(token) => self.follow(token).await,
            Err(fault) => self.password_or(fault).await,
        }
    }

    /// A token may have been accepted in another data centre, and there once more.
    async fn follow(&mut self, token: Token) -> Result<Next, SignInError> {
        match token {
            Token::Shown { link, expires } => {
                let ahead = self.way.session.as_ref().map_or(0, |session| session.time_offset);
                let link = Hidden::new(link.to_string());
                Ok(Next::Token { link, expires: expires.saturating_sub(ahead) })
            }
            Token::SignedIn(signed_in) => self.finish(signed_in).await,
            Token::Elsewhere { dc, token } => {
                self.way.move_to(u32::try_from(dc).unwrap_or_default()).await?;
                let imported = self.way.ask(|link| {
                    let token = token.clone();
                    async move { login_token::import(&link, &token).await }
                });
                match imported.await {
                    Ok(Token::SignedIn(signed_in)) => self.finish(signed_in).await,
                    Ok(Token::Elsewhere { .. }) => Err(CloudError::InCircles.into()),
                    // What it knows of the old token is nothing; the next one is of its own.
                    Ok(Token::Shown { .. }) => Err(CloudError::from(Refusal::StaleToken).into()),
                    Err(fault) => self.password_or(fault).await,
                }
            }
        }
    }

    /// What is to be asked next if the account has a password, else the fault; a call that got no answer may have been carried out.
    async fn password_or(&mut self, fault: CloudError) -> Result<Next, SignInError> {
        if fault != CloudError::PasswordNeeded {
            return self.signed_in_all_the_same(fault).await;
        }
        Ok(Next::Password { hint: self.challenge().await?.hint })
    }

    /// The server may have let us in and the answer be lost: then the account is there.
    async fn signed_in_all_the_same(&mut self, fault: CloudError) -> Result<Next, SignInError> {
        if fault == CloudError::Call(CallError::Lost)
            && let Ok(signed_in) = self.way.ask(|link| async move { sign_in::account(&link).await }).await
        {
            return self.finish(signed_in).await;
        }
        Err(fault.into())
    }

    fn sent_code(&self) -> Result<sign_in::CodeSent, SignInError> {
        self.code.clone().ok_or(SignInError::NoCode)
    }

    /// Stores account, key and marks together. Who was let in is known only now when nobody gave a number.
    async fn finish(&mut self, signed_in: SignedIn) -> Result<Next, SignInError> {
        if let Some((id, phone)) = &self.former
            && *id != signed_in.me.id
        {
            let phone = phone.clone();
            let left = self.way.ask(|link| async move { sign_in::log_out(&link).await }).await;
            if let Err(fault) = left {
                tracing::warn!(%fault, "the authorization of another account could not be ended");
            }
            // A code belongs to the key that it was asked for with.
            self.code = None;
            self.way.start_over()?;
            return Err(SignInError::OtherAccount(phone));
        }
        let typed = self.code.take().map(|sent| sent.phone);
        let phone = typed.or_else(|| signed_in.me.phone.clone()).unwrap_or_default();
        let mut account = Account {
            server: self.way.server.address.clone(),
            dc_id: self.way.server.dc_id,
            proxy: self.way.server.proxy.as_ref().map(|proxy| proxy.to_link()),
            rsa_key: self.way.server.key.clone(),
            auth_key: None,
            salt: 0,
            time_offset: 0,
            phone,
            api_id: self.way.server.api_id,
            me: Some(signed_in.me.clone()),
            signed_in: true,
        };
        if let Some(session) = &self.way.session {
            keep_session(&mut account, session);
        }
        self.end_former_chats()?;
        self.vault.sign_in(&account, signed_in.marks)?;
        Ok(Next::Done(Box::new(signed_in.me)))
    }

    /// The chats of a former authorization are dead: they were bound to it, and its keys go with them. Their history stays.
    fn end_former_chats(&mut self) -> Result<(), VaultError> {
        let Some((me, _)) = self.former else { return Ok(()) };
        let mut machine = Machine::restore(me, self.vault.load()?);
        let now = Moment { unix_ms: 0, mono_ms: 0 };
        let step = machine.handle(Input::SignedOut, now, &mut rand::rng());
        step.commit.map_or(Ok(()), |commit| self.vault.commit(&commit))
    }
}

/// Whose profile it was, if it may be signed in (again).
pub(super) fn former(
    vault: &Vault,
    server: &ServerProfile,
    again: bool,
) -> Result<Option<(UserId, String)>, SignInError> {
    let Some(account) = vault.account()? else { return Ok(None) };
    let Some(me) = account.me else { return Ok(None) };
    if account.rsa_key.trim() != server.key.trim() {
        return Err(SignInError::OtherServer(account.server));
    }
    // The number may have changed since somebody signed in with it.
    let phone = me.phone.unwrap_or(account.phone);
    if account.signed_in && !again {
        return Err(SignInError::Already(phone));
    }
    Ok(Some((me.id, phone)))
}

fn told(sent: &sign_in::CodeSent) -> CodeSent {
    CodeSent { phone: sent.phone.clone(), by: sent.by.clone(), length: sent.length, next: sent.next }
}
