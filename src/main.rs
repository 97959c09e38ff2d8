//! The binary: arguments in, exit code out; everything else is the library.

use std::process::ExitCode;

use subrosa::cli;

fn main() -> ExitCode {
    cli::report::quiet_panics();
    cli::report::run(cli::args::Cli::read())
}
