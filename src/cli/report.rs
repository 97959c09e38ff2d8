//! The end of every command: an exit code, and where something went wrong one clear sentence.

use std::io::Write;
use std::process::ExitCode;

use super::args::{Cli, Command};
use super::quiet;
use crate::tui::text;

/// Runs the command and says in one sentence why it could not be done, if so.
pub fn run(cli: Cli) -> ExitCode {
    let _life = quiet::Life;
    let outcome = match cli.wanted() {
        Command::Tui(arguments) => super::tui::run(&arguments).map_err(|fault| fault.to_string()),
        Command::Demo(arguments) => super::tui::demo(&arguments).map_err(|fault| fault.to_string()),
        Command::Serve(arguments) => super::serve::run(arguments).map_err(|fault| fault.to_string()),
        Command::SignIn(arguments) => super::sign_in::run(arguments).map_err(|fault| fault.to_string()),
        Command::Profiles(arguments) => super::profiles::run(arguments).map_err(|fault| fault.to_string()),
        Command::Lines(arguments) => super::lines::run(&arguments).map_err(|fault| fault.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // A server's words may be in it.
            let _ = writeln!(std::io::stderr(), "subrosa: {}", text::safe_line(&sentence));
            ExitCode::FAILURE
        }
    }
}

/// A panic inside a dependency ends the connection it happened in, not the program. It is said where it was, but not with what:
/// the message may quote what nobody is to read.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        say_fault(panic.location().map(|at| format!("{}:{}", at.file(), at.line())).as_deref());
    }));
}

/// Says that there was a fault in the program, and where.
pub fn say_fault(place: Option<&str>) {
    let place = place.map_or_else(String::new, |place| format!(" at {place}"));
    let _ = writeln!(std::io::stderr(), "subrosa: a fault in this program{place}; please report it");
}
