//! `subrosa serve`: the embedded server in a shell of its own.
//!
//! It says what a newcomer needs next, in the order of need: where it listens, the file with its key, and the codes that a real
//! server would send by SMS. It ends by Ctrl-C or SIGTERM, with everything stored.

use std::io::{self, Write};
use std::path::PathBuf;

use super::args::Serve;
use super::paths::{PathFault, Paths, make_private};
use crate::server::rpc::Data;
use crate::server::{ServeError, Server, ServerConfig};
use crate::system::in_words;

/// The file in the data folder that clients are given.
const PUBLIC_KEY_FILE: &str = "server.pem";

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServeFault {
    #[error(transparent)]
    Path(#[from] PathFault),
    #[error(transparent)]
    Server(#[from] ServeError),
    #[error("the public key cannot be written to {} ({}): look at who owns the folder", path.display(), in_words(error))]
    KeyFile { path: PathBuf, error: io::Error },
    #[error("the runtime could not be started: {}", in_words(.0))]
    Runtime(io::Error),
    #[error("standard output cannot be written: {}", in_words(.0))]
    Output(io::Error),
}

/// Serves until it is told to stop.
///
/// # Errors
/// The port is taken, the folder cannot be used, and what else [`ServeError`] knows.
pub fn run(arguments: Serve) -> Result<(), ServeFault> {
    let data = match arguments.data {
        Some(folder) => folder,
        None => Paths::find()?.server(),
    };
    make_private(&data)?;
    log_to_stderr();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeFault::Runtime)?;
    runtime.block_on(async {
        let on_code = Box::new(|phone: &str, code: &str| {
            // Nobody reading any more is no reason to stop serving.
            let _ = say(&format!("code for +{phone}: {code}"));
        });
        let config = ServerConfig::new(arguments.listen.0, Data::Folder(data.clone()), on_code);
        let server = Server::start(config).await?;
        let key_file = data.join(PUBLIC_KEY_FILE);
        std::fs::write(&key_file, server.public_key_pem())
            .map_err(|error| ServeFault::KeyFile { path: key_file.clone(), error })?;
        introduce(&server, &key_file).map_err(ServeFault::Output)?;
        told_to_stop().await;
        server.stop().await;
        Ok(())
    })
}

fn introduce(server: &Server, key_file: &std::path::Path) -> io::Result<()> {
    let address = server.address();
    let reach = if address.ip().is_loopback() {
        "It listens to this machine only. It is made for trials and tests and is not meant for the internet."
    } else {
        "OTHER MACHINES CAN REACH IT. It is made for trials and tests and is not meant for the internet."
    };
    say(&format!(
        "subrosa's server listens on {address}\n\
         key file     {}\n\
         fingerprint  {:016x}\n\
         {}\n\
         {reach}\n\
         Sign in from another shell with: subrosa sign-in --profile NAME --server {address} --key {} --phone NUMBER\n\
         Codes appear here. Ctrl-C stops it; what it knows stays in its folder.",
        key_file.display(),
        server.fingerprint().cast_unsigned(),
        server.public_key_pem().trim_end(),
        key_file.display(),
    ))
}

fn say(lines: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{lines}")?;
    output.flush()
}

/// Refusals and broken clients are a line each on standard error; `SUBROSA_LOG` chooses more or less.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SUBROSA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,subrosa::server=info"));
    // A second subscriber in one process keeps the first one's settings.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
}

/// Ctrl-C or a terminate signal.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
