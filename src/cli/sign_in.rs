//! `subrosa sign-in`: the same conversation as on the screen, in plain lines.
//!
//! What the arguments do not say is asked for on standard error and read from standard input, so that a person and a script can both
//! answer. Codes and passwords are not shown where somebody types, and never an argument. The server's key is read and the profile opened
//! before anything is sent, so that a typing error costs no code.

use std::io::IsTerminal;

use super::args::SignIn as Arguments;
use super::config::{Config, ConfigFault};
use super::host;
use super::open::{OpenFault, open_or_create};
use super::prompt::{PromptFault, ask_line, ask_secret, show, somebody_types};
use crate::engine::entrance::{self, CodeSent, Entrance, EntranceCommand, EntranceEvent, Stage, Terms};
use crate::engine::{
    Connection, Person, ServerProfile, SignInError, TELEGRAM, TELEGRAM_ADDRESS, TELEGRAM_DC,
};
use crate::tui::text::safe_line;
use crate::tui::welcome::{check, qr};
use crate::tui::words::{self, sign_in as say, time};

/// What a server of one's own is told instead of an application's number, which it ignores.
const OWN_API_ID: i32 = 1;

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInFault {
    #[error("{0}")]
    Key(String),
    #[error(transparent)]
    Config(#[from] ConfigFault),
    #[error(transparent)]
    Open(#[from] OpenFault),
    #[error(transparent)]
    Prompt(#[from] PromptFault),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error("a QR code lets whoever has it in, so it is drawn on a terminal only: standard error is none")]
    QrNowhere,
    #[error("the server's link is too long for a QR code: sign in by phone number")]
    QrTooLong,
    #[error(
        "Telegram wants an application's number and hash: give --api-id and --api-hash, or set SUBROSA_API_ID and SUBROSA_API_HASH"
    )]
    NoApplication,
    #[error("the terms of service were declined: no account was made")]
    Declined,
    #[error("{0}")]
    Failed(String),
    #[error("the sign-in ended without giving a reason, which is a fault in this program; please report it")]
    Ended,
}

/// Signs in and says so.
///
/// # Errors
/// Everything that a newcomer can run into, as one sentence each.
pub fn run(arguments: Arguments) -> Result<(), SignInFault> {
    if arguments.qr && !std::io::stderr().is_terminal() {
        return Err(SignInFault::QrNowhere);
    }
    let server = server(&arguments)?;
    server.check().map_err(SignInError::Cloud)?;
    let vault = open_or_create(&arguments.profile, arguments.key_file)?;
    let mut entrance = entrance::open(vault, server, arguments.again)?;
    let outcome = Conversation::new(&mut entrance, &arguments).hold();
    entrance.end();
    let name = safe_line(&words::name(&*outcome?));
    println!("Signed in as {name}. Go on with: subrosa --profile {}", arguments.profile.name);
    Ok(())
}

/// An entrance, and who answers it.
struct Conversation<'a> {
    entrance: &'a mut Entrance,
    arguments: &'a Arguments,
    /// The number in the arguments, which is taken once.
    phone: Option<String>,
    /// A QR code is still to be asked for.
    qr: bool,
}

impl<'a> Conversation<'a> {
    fn new(entrance: &'a mut Entrance, arguments: &'a Arguments) -> Conversation<'a> {
        let phone = arguments.phone.as_ref().map(|phone| phone.as_str().to_owned());
        Conversation { entrance, arguments, phone, qr: arguments.qr }
    }

    /// Answers stage after stage, until somebody is signed in.
    fn hold(mut self) -> Result<Box<Person>, SignInFault> {
        let mut wanted = None;
        while let Some(event) = self.entrance.events.blocking_recv() {
            match event {
                EntranceEvent::Connection(connection) => tell(&connection)?,
                EntranceEvent::Stage(Stage::Done(person)) => return Ok(person),
                EntranceEvent::Stage(stage) => {
                    self.explain(&stage)?;
                    self.answer(&stage)?;
                    wanted = Some(stage);
                }
                EntranceEvent::Refused { sentence, until_unix_ms } => match &wanted {
                    // A script that gave its number has nothing else to say.
                    Some(Stage::Phone) if !somebody_types() => return Err(SignInFault::Failed(sentence)),
                    Some(stage) => {
                        line(&say::sentence(&sentence))?;
                        if let Some(until) = until_unix_ms {
                            line(&say::wait(&time::countdown(until, now_ms()).0))?;
                        }
                        self.answer(stage)?;
                    }
                    None => return Err(SignInFault::Failed(sentence)),
                },
                EntranceEvent::Failed(sentence) => return Err(SignInFault::Failed(sentence)),
            }
        }
        Err(SignInFault::Ended)
    }

    /// What has to be known before a stage is answered, once.
    fn explain(&self, stage: &Stage) -> Result<(), SignInFault> {
        match stage {
            Stage::Code(sent) => {
                let own = if self.arguments.server.is_some() { say::OWN_SERVER_CODE } else { "" };
                line(&format!("{}{own}", say::code(sent)))
            }
            Stage::Password { hint } => {
                line(say::PASSWORD)?;
                line(&say::hint(hint))?;
                line(say::FORGOTTEN)
            }
            Stage::Recovery { mail } => line(&say::recovery(mail)),
            Stage::Terms(terms) => {
                line(say::TERMS)?;
                terms.text.trim().lines().try_for_each(line)
            }
            _ => Ok(()),
        }
    }

    fn answer(&mut self, stage: &Stage) -> Result<(), SignInFault> {
        let command = match stage {
            Stage::Phone if std::mem::take(&mut self.qr) => EntranceCommand::Qr,
            Stage::Phone => EntranceCommand::Phone(self.number()?),
            Stage::Code(sent) => code(sent)?,
            Stage::Qr { link, .. } => return draw(link.expose()),
            Stage::Password { .. } => password()?,
            Stage::Recovery { .. } => recovery()?,
            Stage::Terms(terms) => agree(terms)?,
            Stage::Name => EntranceCommand::Name { first: self.name()?, last: String::new() },
            Stage::Done(_) => return Ok(()),
        };
        self.entrance.door.send(command);
        Ok(())
    }

    /// The number that was given, or one that is asked for and shown back.
    fn number(&mut self) -> Result<String, SignInFault> {
        if let Some(digits) = self.phone.take() {
            line(&format!("A code is asked for, for {}.", say::phone(&digits)))?;
            return Ok(digits);
        }
        loop {
            let digits = match check::phone(&ask_line("Your phone number, with the country code: ")?) {
                Ok(digits) => digits,
                Err(fault) => {
                    line(&format!("That is none: {fault}."))?;
                    continue;
                }
            };
            let question =
                format!("A code goes to {}. Enter sends it, n changes the number: ", say::phone(&digits));
            if !somebody_types() || ask_line(&question)?.is_empty() {
                return Ok(digits);
            }
        }
    }

    fn name(&self) -> Result<String, SignInFault> {
        match &self.arguments.name {
            Some(name) => Ok(name.clone()),
            None => Ok(ask_line("This number has no account yet. Your first name: ")?),
        }
    }
}

/// The code, or the wish that it be sent again.
fn code(sent: &CodeSent) -> Result<EntranceCommand, SignInFault> {
    let code = ask_secret(&question(sent, now_ms()))?;
    let empty = code.expose().trim().is_empty();
    Ok(if empty { EntranceCommand::Resend } else { EntranceCommand::Code(code) })
}

/// The password, or the word that it is forgotten.
fn password() -> Result<EntranceCommand, SignInFault> {
    let password = ask_secret("The password: ")?;
    let empty = password.expose().is_empty();
    Ok(if empty { EntranceCommand::Forgot } else { EntranceCommand::Password(password) })
}

/// The code of the e-mail, or the wish for another.
fn recovery() -> Result<EntranceCommand, SignInFault> {
    let code = ask_secret("The code of the e-mail (Enter alone: send another): ")?;
    let empty = code.expose().trim().is_empty();
    Ok(if empty { EntranceCommand::Forgot } else { EntranceCommand::Code(code) })
}

/// Agreeing takes a word, so that nobody does it by a key too many.
fn agree(terms: &Terms) -> Result<EntranceCommand, SignInFault> {
    loop {
        let answer = ask_line(&format!("{} yes or no: ", say::agree(terms.min_age)))?;
        match answer.to_lowercase().as_str() {
            "yes" => return Ok(EntranceCommand::Agree),
            "no" => return Err(SignInFault::Declined),
            _ => {}
        }
    }
}

/// The question for a code: how another can be had, and from when on.
fn question(sent: &CodeSent, now_ms: i64) -> String {
    let wait = |from| format!(", in {}", time::countdown(from, now_ms).0);
    let (wait, by) = match sent.next {
        Some((by, from)) if from > now_ms => (wait(from), format!("again {}", say::next(by))),
        Some((by, _)) => (String::new(), format!("again {}", say::next(by))),
        None => (String::new(), "send another".into()),
    };
    format!("The code (Enter alone{wait}: {by}): ")
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A sentence on standard error; a server's words may be in it.
fn line(sentence: &str) -> Result<(), SignInFault> {
    Ok(show(&format!("{}\n", safe_line(sentence)))?)
}

/// The way to the server, where it needs patience or help.
fn tell(connection: &Connection) -> Result<(), SignInFault> {
    match connection {
        Connection::Waiting { reason, .. } => line(&format!("No connection ({reason}); trying again.")),
        Connection::Refused(sentence) => Err(SignInFault::Failed(sentence.clone())),
        _ => Ok(()),
    }
}

/// The code for another device's camera. Its link is never printed.
fn draw(link: &str) -> Result<(), SignInFault> {
    let colours = std::env::var_os("NO_COLOR").is_none();
    // A terminal that does not know its size is taken for large enough.
    let size = crossterm::terminal::size().ok().filter(|&(columns, rows)| columns > 0 && rows > 0);
    let (columns, rows) = size.unwrap_or((u16::MAX, u16::MAX));
    match qr::lines(link, colours, (columns.into(), rows.into())) {
        Some(Ok(lines)) => {
            show(&format!("\n{}\n", lines.join("\n")))?;
            line(say::QR)?;
        }
        Some(Err((columns, rows))) => line(&say::qr_too_small(columns, rows))?,
        None => return Err(SignInFault::QrTooLong),
    }
    line(say::QR_RENEWS)
}

fn server(arguments: &Arguments) -> Result<ServerProfile, SignInFault> {
    let config = Config::read()?;
    let proxy = config.proxy(arguments.way.proxy.as_ref())?;
    if let (Some(address), Some(path)) = (&arguments.server, &arguments.key) {
        let key = host::server_key(&path.display().to_string()).map_err(SignInFault::Key)?;
        return Ok(ServerProfile {
            address: address.to_string(),
            dc_id: arguments.dc,
            proxy,
            key: key.pem,
            key_source: key.source,
            api_id: arguments.api_id.unwrap_or(OWN_API_ID),
            api_hash: arguments.api_hash.clone().unwrap_or_default(),
        });
    }
    let given = arguments.api_id.zip(arguments.api_hash.clone());
    let (api_id, api_hash) = match given.map_or_else(|| config.application(), |given| Ok(Some(given)))? {
        Some(application) => application,
        None => ask_application()?,
    };
    Ok(ServerProfile {
        address: TELEGRAM_ADDRESS.into(),
        dc_id: TELEGRAM_DC,
        proxy,
        key: TELEGRAM.into(),
        key_source: String::new(),
        api_id,
        api_hash,
    })
}

/// Asks for the application's number and hash, and says where to get them. A script is told what to set.
fn ask_application() -> Result<(i32, String), SignInFault> {
    if !somebody_types() {
        return Err(SignInFault::NoApplication);
    }
    say::NUMBERS.iter().try_for_each(|sentence| line(sentence))?;
    let id = ask_checked("api_id: ", check::api_id)?;
    let hash = ask_checked("api_hash: ", check::api_hash)?;
    Ok((id, hash))
}

/// Asks until the answer can be meant.
fn ask_checked<T>(question: &str, check: impl Fn(&str) -> Result<T, check::Fault>) -> Result<T, SignInFault> {
    loop {
        match check(&ask_line(question)?) {
            Ok(checked) => return Ok(checked),
            Err(fault) => line(&format!("That is none: {fault}."))?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::entrance::{Delivery, NextDelivery};

    #[test]
    fn the_question_for_a_code_says_when_it_can_be_had_again() {
        let sent = |next| CodeSent { phone: "4930".into(), by: Delivery::App, length: None, next };
        let next = Some((NextDelivery::Sms, 100_000));
        assert_eq!(question(&sent(None), 0), "The code (Enter alone: send another): ");
        assert_eq!(question(&sent(next), 40_000), "The code (Enter alone, in 1:00: again by SMS): ");
        assert_eq!(question(&sent(next), 100_000), "The code (Enter alone: again by SMS): ");
    }
}
