//! `subrosa sign-in`: a phone number, a code, perhaps a name, and a profile that remembers them.
//!
//! The server's key is read and the profile opened before anything is sent, so that a typing error costs no code.

use std::path::PathBuf;

use super::args::SignIn as Arguments;
use super::open::{OpenFault, open_or_create};
use super::prompt::{PromptFault, ask_line};
use crate::engine::{ServerProfile, SignIn, SignInError, SignInStep, TELEGRAM, TELEGRAM_ADDRESS};
use crate::tui::{text, words};

/// How often a code may be mistyped; servers end a code after a few tries.
const CODE_TRIES: usize = 3;

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInFault {
    #[error("the key file {} cannot be read ({error}): give the file that `subrosa serve` named", path.display())]
    KeyFile { path: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Open(#[from] OpenFault),
    #[error(transparent)]
    Prompt(#[from] PromptFault),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error("the code was wrong {CODE_TRIES} times: run the command again for a new one")]
    WrongCode,
    #[error("the runtime could not be started: {0}")]
    Runtime(std::io::Error),
}

/// Signs in and says so.
///
/// # Errors
/// Everything that a newcomer can run into, as one sentence each.
pub fn run(arguments: Arguments) -> Result<(), SignInFault> {
    let server = server(&arguments)?;
    server.check().map_err(SignInError::Cloud)?;
    let vault = open_or_create(&arguments.profile, arguments.key_file)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(SignInFault::Runtime)?;
    let person = runtime.block_on(async {
        let sign_in = SignIn::begin(vault, server, arguments.phone.as_str(), arguments.again).await?;
        let mut step = enter_code(sign_in, arguments.server.is_some()).await?;
        if let SignInStep::NameWanted(sign_in) = step {
            let name = match arguments.name.clone() {
                Some(name) => name,
                None => ask_line("This number has no account yet. Your first name: ")?,
            };
            step = sign_in.sign_up(&name, "").await?;
        }
        match step {
            SignInStep::Done(person) => Ok(person),
            SignInStep::WrongCode(_) | SignInStep::NameWanted(_) => Err(SignInFault::WrongCode),
        }
    })?;
    let name = text::safe_line(&words::name(&person));
    println!("Signed in as {name}. Go on with: subrosa --profile {}", arguments.profile.name);
    Ok(())
}

/// `own`: a server of one's own, which prints its codes instead of sending them.
async fn enter_code(mut sign_in: SignIn, own: bool) -> Result<SignInStep, SignInFault> {
    for _ in 0..CODE_TRIES {
        let by = if own { "which `subrosa serve` prints where it runs" } else { sign_in.code().by };
        let code = ask_line(&format!("The code, {by}: "))?;
        match sign_in.try_code(&code).await? {
            SignInStep::WrongCode(again) => {
                eprintln!("That code was wrong.");
                sign_in = again;
            }
            step => return Ok(step),
        }
    }
    Err(SignInFault::WrongCode)
}

fn server(arguments: &Arguments) -> Result<ServerProfile, SignInFault> {
    let (address, key, key_source) = match (&arguments.server, &arguments.key) {
        (Some(address), Some(path)) => {
            let pem = std::fs::read_to_string(path)
                .map_err(|error| SignInFault::KeyFile { path: path.clone(), error })?;
            (address.to_string(), pem, path.display().to_string())
        }
        _ => (TELEGRAM_ADDRESS.into(), TELEGRAM.into(), String::new()),
    };
    Ok(ServerProfile {
        address,
        key,
        key_source,
        api_id: arguments.api_id.unwrap_or(1),
        api_hash: arguments.api_hash.clone().unwrap_or_default(),
    })
}
