//! `subrosa sign-in`: the same conversation as on the screen, in plain lines.
//!
//! What the arguments do not say is asked for on standard error and read from standard input, so that a person and a script can both
//! answer. Codes and passwords are not shown where somebody types, and never an argument. The server's key is read and the profile opened
//! before anything is sent, so that a typing error costs no code.

use std::io::IsTerminal;
use std::path::PathBuf;

use super::args::SignIn as Arguments;
use super::config::{Config, ConfigFault};
use super::host;
use super::open::{OpenFault, create, open_if_there};
use super::paths::Paths;
use super::prompt::{PromptFault, ask_line, ask_secret, show, somebody_types};
use super::quiet::{self, Quiet};
use crate::cloud::fault::CloudError;
use crate::engine::entrance::{self, CodeSent, Entrance, EntranceCommand, EntranceEvent, Stage, Terms};
use crate::engine::{
    Connection, Person, Proxy, ServerProfile, SignInError, TELEGRAM, TELEGRAM_ADDRESS, TELEGRAM_DC,
};
use crate::tui::text::safe_line;
use crate::tui::welcome::{check, qr};
use crate::tui::words::{self, sign_in as say, time};
use crate::vault::{Account, Vault, VaultError};

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
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(
        "a QR code lets whoever has it in, so it is drawn on a terminal only, and standard error is none: sign in by --phone"
    )]
    QrNowhere,
    #[error("the server's link is too long for a QR code: sign in by phone number")]
    QrTooLong,
    #[error(
        "Telegram wants an application's number and hash (my.telegram.org): set SUBROSA_API_ID and SUBROSA_API_HASH, or put api_id and \
         api_hash into {}", .0.display()
    )]
    NoApplication(PathBuf),
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
    // From before the first question: the code is typed as soon as it comes.
    let quiet = Quiet::begin().map_err(PromptFault::from)?;
    let (vault, server) = prepare(&arguments)?;
    let own = server.key != TELEGRAM;
    let mut entrance = entrance::open(vault, server, arguments.again)?;
    let outcome = Conversation::new(&mut entrance, &arguments, own).hold();
    drop(entrance);
    drop(quiet);
    let name = safe_line(&words::name(&*outcome?));
    println!("Signed in as {name}. Go on with: subrosa --profile {}", arguments.profile.name);
    Ok(())
}

/// An entrance, and who answers it.
struct Conversation<'a> {
    entrance: &'a mut Entrance,
    arguments: &'a Arguments,
    /// It is a server of one's own, which shows its codes itself.
    own: bool,
    /// The number in the arguments, which is taken once.
    phone: Option<String>,
    /// A QR code is still to be asked for.
    qr: bool,
}

impl<'a> Conversation<'a> {
    fn new(entrance: &'a mut Entrance, arguments: &'a Arguments, own: bool) -> Conversation<'a> {
        let phone = arguments.phone.as_ref().map(|phone| phone.as_str().to_owned());
        Conversation { entrance, arguments, own, phone, qr: arguments.qr }
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
                // What follows from it is said with it.
                EntranceEvent::CodeExpired => {}
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
                let own = if self.own { say::OWN_SERVER_CODE } else { "" };
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
            let asked = || Ok(check::phone(&ask_line("Your phone number, with the country code: ")?));
            let digits = quiet::aloud(|| until_meant(asked))?;
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
    // In the terminal's own colours it would be a negative on every second background: none are sent only where they would be read as text.
    let colours = std::env::var_os("TERM").is_some_and(|term| term != "dumb");
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

/// The open profile and the server that it is to be signed in at: the one that is named, else the profile's own, else Telegram. A new
/// profile is made last, when everything else is known to be right.
fn prepare(arguments: &Arguments) -> Result<(Vault, ServerProfile), SignInFault> {
    let config = Config::read()?;
    let named = named(arguments, &config)?;
    if let Some(server) = &named {
        server.check().map_err(SignInError::Cloud)?;
    }
    let vault = open_if_there(&arguments.profile)?;
    let account = vault.as_ref().map(Vault::account).transpose()?.flatten();
    let server = match (named, account) {
        (Some(server), _) => server,
        (None, Some(account)) => again(arguments, &config, &account)?,
        (None, None) => telegram(&config, config.proxy(&arguments.way)?)?,
    };
    server.check().map_err(SignInError::Cloud)?;
    let vault = vault.map_or_else(|| create(&arguments.profile, arguments.key_file), Ok)?;
    Ok((vault, server))
}

/// The server in the arguments.
fn named(arguments: &Arguments, config: &Config) -> Result<Option<ServerProfile>, SignInFault> {
    let (Some(address), Some(path)) = (&arguments.server, &arguments.key) else { return Ok(None) };
    let key = host::server_key(&path.display().to_string()).map_err(SignInFault::Key)?;
    Ok(Some(ServerProfile {
        address: address.to_string(),
        dc_id: arguments.dc,
        proxy: config.proxy(&arguments.way)?,
        key: key.pem,
        key_source: key.source,
        api_id: OWN_API_ID,
        api_hash: String::new(),
    }))
}

/// The server that the profile was signed in to before, by the way it took then unless another is named.
fn again(arguments: &Arguments, config: &Config, account: &Account) -> Result<ServerProfile, SignInFault> {
    let name = &arguments.profile.name;
    if account.signed_in && !arguments.again {
        return Err(SignInError::Already(account.phone.clone()).into());
    }
    let mut server =
        host::server_of(account).map_err(|fault| SignInError::Cloud(CloudError::Proxy(fault)))?;
    if arguments.way.is_named() || server.proxy.is_none() {
        server.proxy = config.proxy(&arguments.way)?;
    }
    if server.key != TELEGRAM {
        line(&format!("The profile {name} belongs to the server at {}: signing in there.", server.address))?;
        return Ok(server);
    }
    line(&format!("The profile {name} belongs to Telegram: signing in there."))?;
    let (api_id, api_hash) = application(config)?;
    Ok(ServerProfile { api_id, api_hash, ..server })
}

fn telegram(config: &Config, proxy: Option<Proxy>) -> Result<ServerProfile, SignInFault> {
    let (api_id, api_hash) = application(config)?;
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

fn application(config: &Config) -> Result<(i32, String), SignInFault> {
    config.application()?.map_or_else(ask_application, Ok)
}

/// Asks for the application's number and hash, and says where to get them. A script is told what to set.
fn ask_application() -> Result<(i32, String), SignInFault> {
    if !somebody_types() {
        let place = Paths::find().map_err(OpenFault::from)?.config();
        return Err(SignInFault::NoApplication(place));
    }
    say::NUMBERS.iter().try_for_each(|sentence| line(sentence))?;
    let id = quiet::aloud(|| until_meant(|| Ok(check::api_id(&ask_line("api_id: ")?))))?;
    let hash = until_meant(|| Ok(check::api_hash(ask_secret("api_hash (not shown): ")?.expose())))?;
    Ok((id, hash))
}

/// Asks until the answer can be meant.
fn until_meant<T>(ask: impl Fn() -> Result<Result<T, check::Fault>, PromptFault>) -> Result<T, SignInFault> {
    loop {
        match ask()? {
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
