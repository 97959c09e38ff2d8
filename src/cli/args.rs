//! The arguments of every command, and the help that goes with them.
//!
//! Here is only what was asked for, checked as far as it can be without touching anything; the commands do the rest. A secret
//! is never an argument, since other users of the machine can read the arguments of every process: who tries is told the other ways.

#[cfg(test)]
mod tests;
mod values;

use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Error, Parser, Subcommand};

use crate::tui::term::{Palette, Wish};
use crate::tui::welcome::check;

pub use values::{HostPort, Listen, NoArgument, Phone, ProfileName, ProxyLink, ProxyLinkFault};

/// Where `serve` listens unless told otherwise: this machine only.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:4443";

/// Where things are, at the end of the help.
const PLACES: &str = "Profiles and the server lie in ~/.local/share/subrosa, or in the folder that SUBROSA_HOME names. \
    What is set once and for all (api_id, api_hash, proxy) stands in ~/.config/subrosa/config.toml.";

const EXAMPLES: &str = "Examples:
  subrosa sign-in                        to Telegram; everything is asked for
  subrosa sign-in --qr                   to Telegram, by a phone that is signed in
  subrosa sign-in --profile ada --server 127.0.0.1:4443 --key server.pem
                                         to a server of your own
  subrosa sign-in --profile ada          once more, to where ada belongs";

/// A terminal messenger for Telegram secret chats.
///
/// Without a command it opens the messenger. `subrosa demo` shows it without an account.
#[derive(Debug, Parser)]
#[command(name = "subrosa", version, args_conflicts_with_subcommands = true, after_help = PLACES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    tui: Tui,
}

impl Cli {
    /// The arguments of this process. A mistake in them is said, and ends it.
    pub fn read() -> Cli {
        Cli::try_parse().unwrap_or_else(|mistake| put_clearly(mistake).exit())
    }

    /// What is to be done; without a command that is the messenger.
    pub fn wanted(self) -> Command {
        self.command.unwrap_or(Command::Tui(self.tui))
    }
}

/// A mistake as it may be read by everybody, and understood by a newcomer.
fn put_clearly(mut mistake: Error) -> Error {
    let named = |kind| match mistake.get(kind) {
        Some(ContextValue::String(named)) => named.clone(),
        _ => String::new(),
    };
    let (argument, command) = (named(ContextKind::InvalidArg), named(ContextKind::InvalidSubcommand));
    if ["--proxy ", "--api-hash "].iter().any(|secret| argument.starts_with(secret)) {
        mistake.insert(ContextKind::InvalidValue, ContextValue::String("(not shown)".into()));
    }
    if mistake.kind() == ErrorKind::ArgumentConflict && !command.is_empty() {
        let tip = format!("options stand after the command, as in: subrosa {command} --profile NAME");
        mistake.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    mistake
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the messenger; the same as no command at all.
    Tui(Tui),
    /// Try the messenger with people who are played: no account, no network, and nothing of it is kept.
    Demo(Demo),
    /// Run a small Telegram-compatible server on this machine, to try things out or to test.
    ///
    /// It prints its address, its public RSA key and the sign-in codes it would send. It is not meant for the internet.
    Serve(Serve),
    /// Sign in by phone number or QR code, and make a profile that remembers it.
    ///
    /// What is not given is asked for: the number, the code, and the password of two-step verification if there is one. What the profile
    /// keeps (the only copy of your secret chats) is encrypted with a passphrase of your choice. Telegram itself also wants an api_id and
    /// an api_hash, which you get at my.telegram.org: they come from SUBROSA_API_ID and SUBROSA_API_HASH, from the configuration file, from
    /// this program's build, or are asked for.
    #[command(after_help = EXAMPLES)]
    SignIn(SignIn),
    /// List the profiles of this device, rename them, sign them out, delete them.
    Profiles(Profiles),
    /// Read and write in plain lines: for screen readers, for pipes, for any terminal.
    Lines(Lines),
}

#[derive(Debug, Args)]
pub struct Tui {
    #[command(flatten)]
    pub profile: Profile,
    #[command(flatten)]
    pub way: Way,
    #[command(flatten)]
    pub looks: Looks,
}

#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    pub looks: Looks,
}

/// How the screen is to look.
#[derive(Clone, Copy, Debug, Args)]
pub struct Looks {
    /// dark, light or mono [default: SUBROSA_THEME, else what suits the terminal; mono wherever NO_COLOR is set].
    #[arg(long, value_name = "THEME")]
    pub theme: Option<Palette>,
    /// Symbols of plain ASCII only; on by itself where the locale is not UTF-8.
    #[arg(long)]
    pub ascii: bool,
}

impl Looks {
    pub fn wish(self) -> Wish {
        Wish { palette: self.theme, ascii: self.ascii }
    }
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port to listen on; an address other than 127.0.0.1 lets other machines in.
    #[arg(long, value_name = "ADDR:PORT", default_value = DEFAULT_LISTEN)]
    pub listen: Listen,
    /// Folder for the server's key and database [default: `server` in subrosa's data folder].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct SignIn {
    #[command(flatten)]
    pub profile: Profile,
    /// The server to sign in to, as `subrosa serve` prints it [default: where the profile belongs; for a new one Telegram].
    #[arg(long, value_name = "ADDR:PORT", requires = "key")]
    pub server: Option<HostPort>,
    /// File with the server's public RSA key, as `subrosa serve` prints it (PEM).
    #[arg(long, value_name = "FILE.pem", requires = "server")]
    pub key: Option<PathBuf>,
    /// Number of the server's data centre.
    #[arg(long, value_name = "NUMBER", requires = "server", default_value_t = 1, value_parser = data_centre)]
    pub dc: i32,
    /// Your phone number with the country code; asked for when it is not given.
    #[arg(long, value_name = "NUMBER", conflicts_with = "qr")]
    pub phone: Option<Phone>,
    /// Sign in by a QR code, which another device that is signed in scans from this terminal.
    #[arg(long)]
    pub qr: bool,
    /// Your first name, if the number has no account yet; asked for when it is needed and not given.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Refused, with the ways that are better.
    #[arg(long, hide = true, value_name = "NUMBER", value_parser = values::no_application)]
    pub api_id: Option<NoArgument>,
    #[arg(long, hide = true, value_name = "HASH", value_parser = values::no_application)]
    pub api_hash: Option<NoArgument>,
    #[command(flatten)]
    pub way: Way,
    /// Keep the key of the database in a file that only you can read, instead of sealing it with a passphrase.
    ///
    /// Whoever can read your files can then read your messages. Good for trying things out, and where the disk is encrypted anyway.
    #[arg(long, conflicts_with = "passphrase_command")]
    pub key_file: bool,
    /// Sign in anew with a profile that counts as signed in, because the server does not know this device any more.
    ///
    /// The secret chats of the profile end, since they were bound to the former sign-in; their history stays.
    #[arg(long)]
    pub again: bool,
}

#[derive(Debug, Args)]
pub struct Profiles {
    #[command(subcommand)]
    pub command: Option<ProfilesCommand>,
}

#[derive(Debug, Subcommand)]
pub enum ProfilesCommand {
    /// List them; the same as no command.
    List,
    /// Give a profile another name.
    Rename {
        /// The name it has.
        from: ProfileName,
        /// The name it gets: 1 to 32 of a-z, 0-9, _ and -.
        to: ProfileName,
    },
    /// Sign this device out of the account; what was said stays readable.
    ///
    /// Open secret chats end with it. They are listed first, and you are asked whether the others are to be told that the chats are over.
    /// `subrosa sign-in --profile NAME` signs in again.
    SignOut {
        /// The profile to sign out.
        name: ProfileName,
        /// A command that prints the passphrase.
        #[arg(long, value_name = "COMMAND")]
        passphrase_command: Option<String>,
        /// End the open secret chats properly, so that the others are told, without asking.
        #[arg(long)]
        discard: bool,
    },
    /// Destroy a profile and with it the only copy of its secret chats. It asks for the name once more.
    Delete {
        /// The profile to destroy.
        name: ProfileName,
    },
}

#[derive(Debug, Args)]
pub struct Lines {
    #[command(flatten)]
    pub profile: Profile,
}

/// The way to the server of a new account.
#[derive(Debug, Default, Args)]
pub struct Way {
    /// A proxy on the way to the server: socks5://host:port, or `-` to be asked for any other link. The profile keeps it.
    ///
    /// Without it the proxy is taken from SUBROSA_PROXY, from the configuration file, or from ALL_PROXY. A link that holds a password or
    /// the secret of an MTProxy is not taken here, where other users of the machine can read it.
    #[arg(long, value_name = "LINK")]
    pub proxy: Option<ProxyLink>,
    /// The same from a file whose first line is the link, of any kind; let nobody else read that file.
    #[arg(long, value_name = "FILE", conflicts_with = "proxy")]
    pub proxy_file: Option<PathBuf>,
}

impl Way {
    /// Whether a proxy was named, be it that there is to be none.
    pub fn is_named(&self) -> bool {
        self.proxy.is_some() || self.proxy_file.is_some()
    }
}

fn data_centre(typed: &str) -> Result<i32, check::Fault> {
    check::data_centre(typed)
}

/// Which profile, and how its passphrase is got at.
#[derive(Debug, Args)]
pub struct Profile {
    /// The profile's name: 1 to 32 of a-z, 0-9, _ and -. Each profile is one account.
    #[arg(id = "profile", long, value_name = "NAME", default_value = "main")]
    pub name: ProfileName,
    /// A command that prints the passphrase, for example `pass show subrosa`.
    ///
    /// Without it the passphrase is taken from the environment variable SUBROSA_PASSPHRASE if that is set, and asked for otherwise.
    #[arg(long, value_name = "COMMAND")]
    pub passphrase_command: Option<String>,
}
