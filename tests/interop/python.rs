//! The interpreter that has the clients, or a line that says why there is none.
//!
//! `SUBROSA_INTEROP_PYTHON` names it; whoever sets that wants the tests to run, so there nothing is skipped. Without it the virtual
//! environment that the project's checks make is looked for.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const VARIABLE: &str = "SUBROSA_INTEROP_PYTHON";
const ENVIRONMENT: &str = "target/interop-venv/bin/python";

/// Compares what is installed with the pinned versions: prints what differs.
const CHECK: &str = r"
import importlib.metadata, sys
for line in open(sys.argv[1]):
    name, pinned, version = line.split('#')[0].strip().partition('==')
    if pinned:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found = 'not installed'
        if found != version:
            print(f'{name} {version} is needed: {found}')
";

/// The folder of this test.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop")
}

/// The interpreter; `None`, after a line that says why, if the test is to be skipped.
pub fn interpreter(test: &str) -> Option<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match FOUND.get_or_init(find) {
        Ok(python) => Some(python.clone()),
        Err(reason) if std::env::var_os(VARIABLE).is_some() => panic!("{VARIABLE} is set, but {reason}"),
        Err(reason) => skip(test, reason),
    }
}

/// Says that a test is skipped, and why.
pub fn skip<T>(test: &str, reason: &str) -> Option<T> {
    // Not by a macro of printing, whose output is shown for failed tests only.
    let line = format!("SKIPPED {test}: {reason}\n");
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
    None
}

/// A driver of the folder `python`.
pub fn script(python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    let script = folder().join("python").join(name).with_extension("py");
    // -B: nothing is written beside the sources. -I is no choice: it takes the folder with the shared part off the path.
    command.args(["-B", "-u"]).arg(script).env_remove("PYTHONPATH").env_remove("PYTHONSTARTUP");
    command
}

fn find() -> Result<PathBuf, String> {
    let python = match std::env::var_os(VARIABLE) {
        Some(named) => PathBuf::from(named),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(ENVIRONMENT),
    };
    if !python.exists() {
        return Err(format!(
            "there is no {}; `.ci/run` makes it, or set {VARIABLE} to a Python that has tests/interop/requirements.txt",
            python.display()
        ));
    }
    let check = Command::new(&python).args(["-c", CHECK]).arg(folder().join("requirements.txt")).output();
    match check {
        Err(error) => Err(format!("{} does not run: {error}", python.display())),
        Ok(output) if !output.status.success() => {
            Err(format!("{} does not run: {}", python.display(), String::from_utf8_lossy(&output.stderr)))
        }
        Ok(output) if !output.stdout.is_empty() => {
            let differs = String::from_utf8_lossy(&output.stdout).trim().replace('\n', "; ");
            Err(format!("{} lacks packages: {differs}", python.display()))
        }
        Ok(_) => Ok(python),
    }
}
