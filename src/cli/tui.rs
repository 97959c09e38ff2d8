//! `subrosa` and `subrosa demo`: the messenger on a profile, the welcome where there is none, and the messenger on a stage.
//!
//! Whatever can go wrong is found out, and whatever has to be asked is asked, while the terminal is still an ordinary one: after
//! that nobody but the screen writes to it. The demo is the other way round, because it asks nothing and its stage takes a moment:
//! the screen is up first and the stage is set behind it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tracing_subscriber::EnvFilter;

use super::args::{Demo, Tui};
use super::config::{Config, ConfigFault};
use super::host::Program;
use super::open::{OpenFault, open_by};
use super::paths::{self, PathFault, Paths, make_private};
use super::profiles::ProfilesFault;
use super::prompt::{self, PromptFault};
use super::quiet::{self, Quiet};
use super::report;
use crate::demo;
use crate::engine::entrance::Hidden;
use crate::engine::{self, Command, Engine, EngineError};
use crate::system::in_words;
use crate::tui::runtime::{self, Promise, RunFault, promise};
use crate::tui::term::{self, Look, LookFault, Seat, TermFault};
use crate::tui::welcome;
use crate::tui::welcome::host::Keeping;
use crate::tui::welcome::model::Given;
use crate::tui::welcome::runtime::Outcome;
use crate::vault::VaultError;

/// The environment variable that asks for a log and says how much of it.
const LOG_VARIABLE: &str = "SUBROSA_LOG";

/// The log's name in the folder for state.
const LOG_FILE: &str = "subrosa.log";

/// The name in the header of a demo.
const DEMO_NAME: &str = "demo";

/// What the messenger's first frame says after the welcome.
const OPENING: &str = "Opening ...";

/// What the first frame of a demo says.
const DEMO_AWAITED: &str = "Setting the stage ...";

/// Why the messenger did not open, or closed by itself.
#[derive(Debug, thiserror::Error)]
pub enum TuiFault {
    #[error(transparent)]
    Look(#[from] LookFault),
    #[error(transparent)]
    Term(#[from] TermFault),
    #[error(transparent)]
    Config(#[from] ConfigFault),
    #[error(transparent)]
    Profiles(#[from] ProfilesFault),
    #[error(transparent)]
    Open(#[from] OpenFault),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Run(#[from] RunFault),
    #[error(transparent)]
    Path(#[from] PathFault),
    #[error("the log {} cannot be written ({}): look at who owns it, or unset {LOG_VARIABLE}", path.display(), in_words(error))]
    Log { path: PathBuf, error: io::Error },
    #[error(
        "the demo is a screen, and standard input or output is no terminal: start it in a terminal, without a pipe"
    )]
    DemoNowhere,
    #[error("the stage of the demo could not be prepared: {}", in_words(.0))]
    Thread(io::Error),
}

/// Opens the messenger on a profile, until the user leaves. Where there is no profile, or none with an account, the welcome comes first.
///
/// # Errors
/// There is no terminal; the profile cannot be opened; the engine stopped by itself.
pub fn run(arguments: &Tui) -> Result<(), TuiFault> {
    term::usable()?;
    let look = Look::decide(arguments.looks.wish())?;
    log()?;
    let quiet = Quiet::begin().map_err(PromptFault::from).map_err(OpenFault::from)?;
    let unfinished = match open_by(&arguments.profile) {
        Ok((vault, keeping)) => match engine::start_saving_in(vault, paths::downloads()) {
            Ok(engine) => return messenger(engine, arguments, look, quiet),
            Err(EngineError::NotSignedIn) => Some(keeping),
            Err(fault) => return Err(fault.into()),
        },
        Err(OpenFault::Vault(VaultError::NoProfile { .. })) => None,
        Err(fault) => return Err(fault.into()),
    };
    welcome(arguments, unfinished, look, quiet)
}

fn messenger(engine: Engine, arguments: &Tui, look: Look, quiet: Quiet) -> Result<(), TuiFault> {
    if arguments.way.is_named() {
        let proxy = Config::read()?.proxy(&arguments.way)?;
        let link = proxy.map(|proxy| proxy.to_link().to_string()).unwrap_or_default();
        engine.handle.send(Command::SetProxy(Hidden::new(link)));
    }
    hand_over(quiet);
    let outcome = runtime::run(engine, arguments.profile.name.as_str(), look);
    say_contained();
    Ok(outcome?)
}

/// The first start, and what the user chooses there. `unfinished` opens the profile that has no account yet.
fn welcome(arguments: &Tui, unfinished: Option<Keeping>, look: Look, quiet: Quiet) -> Result<(), TuiFault> {
    let program = Program::new(Paths::find()?);
    let config = Config::read()?;
    let profiles = if unfinished.is_none() { program.profiles()? } else { Vec::new() };
    let passphrase = if profiles.iter().any(|known| known.sealed) { given(arguments)? } else { None };
    let given = Given {
        profile: arguments.profile.name.to_string(),
        profiles,
        unfinished,
        passphrase,
        application: config.application()?,
        proxy: config.proxy(&arguments.way)?,
    };
    hand_over(quiet);
    let outcome = match welcome::runtime::run(Arc::new(program), given, look) {
        Ok(Outcome::Left) => Ok(()),
        Ok(Outcome::Demo(seat)) => return on_stage(Some(seat), look),
        Ok(Outcome::Messenger { seat, profile, coming }) => {
            runtime::go_on(seat, coming, OPENING, &profile, look)
        }
        Err(fault) => Err(fault),
    };
    say_contained();
    Ok(outcome?)
}

/// Everything was asked: from here on the terminal and the signals are the screen's.
fn hand_over(quiet: Quiet) {
    quiet::leave_signals();
    drop(quiet);
}

/// The passphrase that nobody has to type. A command that prints one may ask for something itself, so it runs before the screen is up.
fn given(arguments: &Tui) -> Result<Option<Hidden>, OpenFault> {
    Ok(prompt::given(arguments.profile.passphrase_command.as_deref())?)
}

/// Opens the messenger on the demo's stage, until the user leaves.
///
/// # Errors
/// There is no terminal, or the stage could not be set.
pub fn demo(arguments: &Demo) -> Result<(), TuiFault> {
    term::usable().map_err(|fault| match fault {
        TermFault::NoTerminal => TuiFault::DemoNowhere,
        other => other.into(),
    })?;
    let look = Look::decide(arguments.looks.wish())?;
    log()?;
    on_stage(None, look)
}

/// The demo, on a terminal that was taken before or on one that it takes.
fn on_stage(seat: Option<Seat>, look: Look) -> Result<(), TuiFault> {
    let (promise, coming) = promise();
    let stage = Setting::begin(promise).map_err(TuiFault::Thread)?;
    let outcome = match seat {
        Some(seat) => runtime::go_on(seat, coming, DEMO_AWAITED, DEMO_NAME, look),
        None => runtime::run_promised(coming, DEMO_AWAITED, DEMO_NAME, look),
    };
    drop(stage);
    say_contained();
    Ok(outcome?)
}

/// A stage that is being set by a thread of its own, and stands until this is dropped. A stage half set is waited for and cleared
/// away too, even by a panic: it has files and threads.
struct Setting(Option<JoinHandle<Option<demo::Stage>>>);

impl Setting {
    fn begin(promise: Promise) -> io::Result<Setting> {
        let set = move || match demo::start() {
            Ok(demo::Demo { engine, stage }) => {
                promise.keep(Ok(engine));
                Some(stage)
            }
            Err(fault) => {
                promise.keep(Err(fault.to_string()));
                None
            }
        };
        std::thread::Builder::new().name("stage".into()).spawn(set).map(|thread| Setting(Some(thread)))
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        // A panic in there was kept by the panic hook.
        drop(self.0.take().map(JoinHandle::join));
    }
}

/// What would have been printed over the screen.
fn say_contained() {
    term::contained().iter().for_each(|place| report::say_fault(Some(place)));
}

/// Nothing is logged unless it is asked for, and then never to the terminal.
fn log() -> Result<(), TuiFault> {
    let Ok(filter) = EnvFilter::try_from_env(LOG_VARIABLE) else { return Ok(()) };
    let folder = Paths::find()?.state().to_owned();
    make_private(&folder)?;
    let path = folder.join(LOG_FILE);
    let file = private_file(&path).map_err(|error| TuiFault::Log { path, error })?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
    // A second subscriber in one process keeps the first one's settings.
    let _ = subscriber.with_writer(Mutex::new(file)).try_init();
    Ok(())
}

/// A file to append to, for nobody else to read.
fn private_file(path: &std::path::Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_log_is_appended_to_and_for_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOG_FILE);
        private_file(&path).unwrap().write_all(b"one\n").unwrap();
        private_file(&path).unwrap().write_all(b"two\n").unwrap();
        let mut text = String::new();
        File::open(&path).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one\ntwo\n");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
