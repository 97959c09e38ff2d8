//! `subrosa` and `subrosa demo`: the messenger on a profile, and on a stage.
//!
//! Whatever can go wrong is found out, and whatever has to be asked is asked, while the terminal is still an ordinary one: after
//! that nobody but the screen writes to it. The demo is the other way round, because it asks nothing and its stage takes a moment:
//! the screen is up first and the stage is set behind it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread::JoinHandle;

use tracing_subscriber::EnvFilter;

use super::args::{Demo, ProfileName, Tui};
use super::open::{OpenFault, open};
use super::paths::{self, PathFault, Paths, make_private};
use super::report;
use crate::demo;
use crate::engine::{self, EngineError};
use crate::tui::runtime::{self, Promise, RunFault, promise};
use crate::tui::term::{self, Look, LookFault, TermFault};
use crate::vault::VaultError;

/// The environment variable that asks for a log and says how much of it.
const LOG_VARIABLE: &str = "SUBROSA_LOG";

/// The log's name in the folder for state.
const LOG_FILE: &str = "subrosa.log";

/// The name in the header of a demo.
const DEMO_NAME: &str = "demo";

/// What the first frame of a demo says.
const DEMO_AWAITED: &str = "Setting the stage ...";

/// Why the messenger did not open, or closed by itself.
#[derive(Debug, thiserror::Error)]
pub enum TuiFault {
    #[error(transparent)]
    Look(#[from] LookFault),
    #[error(transparent)]
    Term(#[from] TermFault),
    #[error(
        "there is no profile {0} yet: make one with `subrosa sign-in --profile {0}`, or look around without an account: `subrosa demo`"
    )]
    NoProfile(ProfileName),
    #[error(transparent)]
    Open(OpenFault),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Run(#[from] RunFault),
    #[error(transparent)]
    Path(#[from] PathFault),
    #[error("the log {} cannot be written ({error}): look at who owns it, or unset {LOG_VARIABLE}", path.display())]
    Log { path: PathBuf, error: io::Error },
    #[error("the stage of the demo could not be prepared: {0}")]
    Thread(io::Error),
}

/// Opens the messenger on a profile, until the user leaves.
///
/// # Errors
/// There is no terminal; the profile cannot be opened or is not signed in; the engine stopped by itself.
pub fn run(arguments: &Tui) -> Result<(), TuiFault> {
    term::usable()?;
    let look = Look::decide(arguments.looks.wish())?;
    log()?;
    let vault = open(&arguments.profile).map_err(|fault| match fault {
        OpenFault::Vault(VaultError::NoProfile { .. }) => TuiFault::NoProfile(arguments.profile.name.clone()),
        other => TuiFault::Open(other),
    })?;
    let engine = engine::start_saving_in(vault, paths::downloads())?;
    let outcome = runtime::run(engine, arguments.profile.name.as_str(), look);
    say_contained();
    Ok(outcome?)
}

/// Opens the messenger on the demo's stage, until the user leaves.
///
/// # Errors
/// There is no terminal, or the stage could not be set.
pub fn demo(arguments: &Demo) -> Result<(), TuiFault> {
    term::usable()?;
    let look = Look::decide(arguments.looks.wish())?;
    log()?;
    let (promise, coming) = promise();
    let stage = Setting::begin(promise).map_err(TuiFault::Thread)?;
    let outcome = runtime::run_promised(coming, DEMO_AWAITED, DEMO_NAME, look);
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
