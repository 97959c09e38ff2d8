//! The arguments of every command, and the help that goes with them.
//!
//! Here is only what was asked for, checked as far as it can be without touching anything; the commands do the rest. A
//! passphrase is never an argument, since other users of the machine can read the arguments of every process.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

use crate::tui::term::{Palette, Wish};

/// Where `serve` listens unless told otherwise: this machine only.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:4443";

/// The longest profile name; it becomes the name of a folder.
const MAX_PROFILE_NAME: usize = 32;

/// Digits of an international phone number: the standard allows 15; fewer than 5 are a typing error.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// A terminal messenger for Telegram secret chats.
///
/// Without a command it opens the messenger. `subrosa demo` shows it without an account.
#[derive(Debug, Parser)]
#[command(name = "subrosa", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    tui: Tui,
}

impl Cli {
    /// What is to be done; without a command that is the messenger.
    pub fn wanted(self) -> Command {
        self.command.unwrap_or(Command::Tui(self.tui))
    }
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
    /// Sign in with a phone number and make a profile that remembers it.
    ///
    /// The code is asked for. What the profile keeps (the only copy of your secret chats) is encrypted with a passphrase of
    /// your choice.
    SignIn(SignIn),
    /// Read and write in plain lines: for screen readers, for pipes, for any terminal.
    Lines(Lines),
}

#[derive(Debug, Args)]
pub struct Tui {
    #[command(flatten)]
    pub profile: Profile,
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
    /// The server to sign in to, as `subrosa serve` prints it. Left out, it is Telegram itself.
    #[arg(long, value_name = "ADDR:PORT", requires = "key")]
    pub server: Option<HostPort>,
    /// File with the server's public RSA key, as `subrosa serve` prints it (PEM).
    #[arg(long, value_name = "FILE.pem", requires = "server")]
    pub key: Option<PathBuf>,
    /// Your phone number with the country code.
    #[arg(long, value_name = "NUMBER")]
    pub phone: Phone,
    /// Your first name, if the number has no account yet; asked for when it is needed and not given.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The application's number from my.telegram.org; needed for Telegram itself.
    #[arg(long, value_name = "NUMBER", requires = "api_hash", required_unless_present = "server")]
    pub api_id: Option<i32>,
    /// The application's hash from my.telegram.org; needed for Telegram itself.
    #[arg(long, value_name = "HASH", requires = "api_id", required_unless_present = "server")]
    pub api_hash: Option<String>,
    /// Keep the key of the database in a file that only you can read, instead of sealing it with a passphrase.
    ///
    /// Whoever can read your files can then read your messages. Good for trying things out, and where the disk is encrypted anyway.
    #[arg(long, conflicts_with = "passphrase_command")]
    pub key_file: bool,
    /// Sign in anew with a profile that is signed in, because the server does not know this device any more.
    ///
    /// The secret chats of the profile end, since they were bound to the former sign-in; their history stays.
    #[arg(long)]
    pub again: bool,
}

#[derive(Debug, Args)]
pub struct Lines {
    #[command(flatten)]
    pub profile: Profile,
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

/// An address to listen on; a host name is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl FromStr for Listen {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        found.map(Listen).ok_or(AddressFault)
    }
}

/// A server to dial: a host name or address, and a port. It is looked up when it is dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort(String);

impl FromStr for HostPort {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        let (host, port) = text.rsplit_once(':').ok_or(AddressFault)?;
        let fits = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0);
        if fits { Ok(HostPort(text.to_owned())) } else { Err(AddressFault) }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address is a host and a port, as in 127.0.0.1:4443 or localhost:4443")]
pub struct AddressFault;

/// A checked profile name: a safe name for a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileName(String);

impl ProfileName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProfileName {
    type Err = ProfileNameFault;

    fn from_str(name: &str) -> Result<Self, ProfileNameFault> {
        let fits = (1..=MAX_PROFILE_NAME).contains(&name.len())
            && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        if fits { Ok(ProfileName(name.to_owned())) } else { Err(ProfileNameFault) }
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a profile's name has 1 to {MAX_PROFILE_NAME} of the characters a-z, 0-9, _ and -")]
pub struct ProfileNameFault;

/// A phone number: digits only, country code first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// The digits, without a `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Phone {
    type Err = PhoneFault;

    fn from_str(number: &str) -> Result<Self, PhoneFault> {
        let number = number.strip_prefix('+').unwrap_or(number);
        let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
        let fits = PHONE_DIGITS.contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if fits { Ok(Phone(digits)) } else { Err(PhoneFault) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a phone number is the country code and the number: {} to {} digits", PHONE_DIGITS.start(), PHONE_DIGITS.end())]
pub struct PhoneFault;

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use clap::error::ErrorKind;

    fn parse(line: &str) -> Result<Command, ErrorKind> {
        Cli::try_parse_from(line.split(' ')).map(Cli::wanted).map_err(|error| error.kind())
    }

    #[test]
    fn the_definitions_are_consistent() {
        <Cli as CommandFactory>::command().debug_assert();
    }

    #[test]
    fn without_a_command_the_messenger_opens() {
        for line in ["subrosa --profile ada --theme light", "subrosa tui --profile ada --theme light"] {
            let Ok(Command::Tui(tui)) = parse(line) else { panic!("not the messenger: {line}") };
            assert_eq!(tui.profile.name.as_str(), "ada");
            assert_eq!(tui.looks.wish(), Wish { palette: Some(Palette::Light), ascii: false });
        }
        let Ok(Command::Tui(tui)) = parse("subrosa") else { panic!("not the messenger") };
        assert_eq!(tui.profile.name.as_str(), "main");
        assert_eq!(tui.looks.wish(), Wish::default());
    }

    #[test]
    fn the_demo_takes_looks_and_no_profile() {
        let Ok(Command::Demo(demo)) = parse("subrosa demo --ascii --theme mono") else {
            panic!("not the demo")
        };
        assert_eq!(demo.looks.wish(), Wish { palette: Some(Palette::Mono), ascii: true });
        assert_eq!(parse("subrosa demo --profile ada").err(), Some(ErrorKind::UnknownArgument));
        assert_eq!(parse("subrosa demo --theme pink").err(), Some(ErrorKind::ValueValidation));
    }

    #[test]
    fn a_flag_before_a_command_is_no_flag_of_the_command() {
        assert_eq!(parse("subrosa --profile ada lines").err(), Some(ErrorKind::ArgumentConflict));
    }

    #[test]
    fn serve_has_defaults() {
        let Ok(Command::Serve(serve)) = parse("subrosa serve") else { panic!("not serve") };
        assert_eq!(serve.listen.0.to_string(), DEFAULT_LISTEN);
        assert!(serve.listen.0.ip().is_loopback());
        assert_eq!(serve.data, None);
    }

    #[test]
    fn sign_in_to_a_server_of_ones_own() {
        let line =
            "subrosa sign-in --profile ada --server 127.0.0.1:4443 --key server.pem --phone +99966-10001";
        let Ok(Command::SignIn(it)) = parse(line) else { panic!("not sign-in") };
        assert_eq!(it.profile.name.as_str(), "ada");
        assert_eq!(it.server, Some(HostPort("127.0.0.1:4443".into())));
        assert_eq!(it.key, Some(PathBuf::from("server.pem")));
        assert_eq!(it.phone.as_str(), "9996610001");
        assert!(!it.key_file);
    }

    #[test]
    fn server_and_key_go_together_and_telegram_wants_its_numbers() {
        let missing = Some(ErrorKind::MissingRequiredArgument);
        let fault = |line: &str| parse(line).err();
        assert_eq!(fault("subrosa sign-in --phone 12345 --server 127.0.0.1:1"), missing);
        assert_eq!(fault("subrosa sign-in --phone 12345 --key k.pem --api-id 1 --api-hash x"), missing);
        assert_eq!(fault("subrosa sign-in --phone 12345"), missing);
        assert_eq!(fault("subrosa sign-in --phone 12345 --api-id 1"), missing);
        assert_eq!(fault("subrosa sign-in --phone 12345 --api-id 1 --api-hash x"), None);
    }

    #[test]
    fn addresses_have_a_host_and_a_port() {
        for good in ["127.0.0.1:4443", "localhost:1", "[::1]:443", "a.example:65535"] {
            assert_eq!(good.parse::<HostPort>().unwrap().to_string(), good);
        }
        for bad in ["", "here", "here:", ":443", "here:0", "here:65536", "here:port"] {
            assert_eq!(bad.parse::<HostPort>(), Err(AddressFault), "{bad:?}");
        }
        assert!("localhost:4443".parse::<Listen>().unwrap().0.ip().is_loopback());
        assert_eq!("here".parse::<Listen>(), Err(AddressFault));
    }

    #[test]
    fn a_key_file_needs_no_passphrase() {
        let line =
            "subrosa sign-in --phone 12345 --server 127.0.0.1:1 --key k --key-file --passphrase-command x";
        assert_eq!(parse(line).err(), Some(ErrorKind::ArgumentConflict));
    }

    #[test]
    fn profile_names_are_safe_for_folders() {
        for good in ["a", "main", "work_2", "x-y", &"n".repeat(32)] {
            assert_eq!(good.parse::<ProfileName>().unwrap().to_string(), good);
        }
        for bad in ["", "Ada", "..", "a/b", "a b", "ä", "a.b", &"n".repeat(33)] {
            assert_eq!(bad.parse::<ProfileName>(), Err(ProfileNameFault), "{bad:?}");
        }
        assert_eq!(parse("subrosa lines --profile ../x").err(), Some(ErrorKind::ValueValidation));
    }

    #[test]
    fn phone_numbers_are_digits() {
        assert_eq!("+49 (30) 123-456".parse::<Phone>().unwrap().as_str(), "4930123456");
        for bad in ["", "+", "1234", "1234567890123456", "12a45", "++12345", "１２３４５"] {
            assert_eq!(bad.parse::<Phone>(), Err(PhoneFault), "{bad:?}");
        }
    }
}
