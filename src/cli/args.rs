//! The arguments of every command, and the help that goes with them.
//!
//! Here is only what was asked for, checked as far as it can be without touching anything; the commands do the rest. A secret
//! is never an argument, since other users of the machine can read the arguments of every process: who tries is told the other ways.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

use crate::engine::{Proxy, ProxyFault};
use crate::tui::term::{Palette, Wish};
use crate::tui::welcome::check;

/// Where `serve` listens unless told otherwise: this machine only.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:4443";

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
    /// Sign in by phone number or QR code, and make a profile that remembers it.
    ///
    /// What is not given is asked for: the number, the code, and the password of two-step verification if there is one. What the profile
    /// keeps (the only copy of your secret chats) is encrypted with a passphrase of your choice.
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
    /// The server to sign in to, as `subrosa serve` prints it. Left out, it is the one that the profile was signed in to before, and for a
    /// new profile Telegram itself.
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
    #[arg(long, hide = true, value_name = "NUMBER", value_parser = no_application)]
    pub api_id: Option<NoArgument>,
    #[arg(long, hide = true, value_name = "HASH", value_parser = no_application)]
    pub api_hash: Option<NoArgument>,
    #[command(flatten)]
    pub way: Way,
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
pub struct Profiles {
    #[command(subcommand)]
    pub command: Option<ProfilesCommand>,
}

#[derive(Debug, Subcommand)]
pub enum ProfilesCommand {
    /// List them; the same as no command.
    List,
    /// Give a profile another name.
    Rename { from: ProfileName, to: ProfileName },
    /// Sign this device out of the account; what was said stays readable.
    ///
    /// Open secret chats end with it. They are listed first, and you are asked whether to discard them properly.
    SignOut {
        name: ProfileName,
        /// A command that prints the passphrase.
        #[arg(long, value_name = "COMMAND")]
        passphrase_command: Option<String>,
        /// Discard the open secret chats without asking.
        #[arg(long)]
        discard: bool,
    },
    /// Destroy a profile and with it the only copy of its secret chats. It asks for the name once more.
    Delete { name: ProfileName },
}

#[derive(Debug, Args)]
pub struct Lines {
    #[command(flatten)]
    pub profile: Profile,
}

/// The way to the server of a new account.
#[derive(Debug, Default, Args)]
pub struct Way {
    /// A proxy for the account that is signed in: socks5://host:port, or `-` to be asked for any other link.
    ///
    /// Without it the proxy is taken from SUBROSA_PROXY, from the configuration file, or from ALL_PROXY. A link that holds a password or
    /// the secret of an MTProxy is not taken here, where other users of the machine can read it.
    #[arg(long, value_name = "LINK")]
    pub proxy: Option<ProxyLink>,
    /// A file whose first line is the link of the proxy, of any kind; it should be for your eyes only.
    #[arg(long, value_name = "FILE", conflicts_with = "proxy")]
    pub proxy_file: Option<PathBuf>,
}

impl Way {
    /// Whether a proxy was named, be it that there is to be none.
    pub fn is_named(&self) -> bool {
        self.proxy.is_some() || self.proxy_file.is_some()
    }
}

/// A proxy as an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyLink {
    /// It is to be asked for.
    Asked,
    Given(Proxy),
}

impl FromStr for ProxyLink {
    type Err = ProxyLinkFault;

    fn from_str(text: &str) -> Result<Self, ProxyLinkFault> {
        match text {
            "-" => Ok(ProxyLink::Asked),
            link => match Proxy::from_link(link)? {
                Proxy::Socks5 { login: Some(_), .. } => Err(ProxyLinkFault::Password),
                Proxy::Mtproto { .. } => Err(ProxyLinkFault::Secret),
                proxy => Ok(ProxyLink::Given(proxy)),
            },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyLinkFault {
    #[error(transparent)]
    Link(#[from] ProxyFault),
    #[error("a proxy's password {OTHER_WAYS}")]
    Password,
    #[error("an MTProxy link holds the proxy's secret, which {OTHER_WAYS}")]
    Secret,
}

/// What is said of every link that lets its reader in.
const OTHER_WAYS: &str = "is not for the command line, which others can read: write `--proxy -` and be asked for the link, name a file \
     that holds it with --proxy-file, or put it into SUBROSA_PROXY or the configuration file";

/// An argument that there is not: whoever tries it is told why.
#[derive(Clone, Debug)]
pub enum NoArgument {}

fn no_application(_: &str) -> Result<NoArgument, &'static str> {
    Err(
        "the api_hash is the application's secret and not for the command line, which others can read: set SUBROSA_API_ID and \
         SUBROSA_API_HASH, put both into the configuration file, or leave them out and be asked",
    )
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

/// An address to listen on; a host name is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl FromStr for Listen {
    type Err = check::Fault;

    fn from_str(text: &str) -> Result<Self, check::Fault> {
        let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
        found.map(Listen).ok_or(check::Fault::Address)
    }
}

/// A server to dial: a host name or address, and a port. It is looked up when it is dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort(String);

impl FromStr for HostPort {
    type Err = check::Fault;

    fn from_str(text: &str) -> Result<Self, check::Fault> {
        check::address(text).map(HostPort)
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A checked profile name: a safe name for a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileName(String);

impl ProfileName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProfileName {
    type Err = check::Fault;

    fn from_str(name: &str) -> Result<Self, check::Fault> {
        check::profile_name(name).map(ProfileName)
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
    type Err = check::Fault;

    fn from_str(number: &str) -> Result<Self, check::Fault> {
        check::phone(number).map(Phone)
    }
}

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
        assert_eq!(it.phone.map(|phone| phone.as_str().to_owned()).as_deref(), Some("9996610001"));
        assert_eq!((it.key_file, it.dc, it.qr), (false, 1, false));
    }

    #[test]
    fn what_belongs_together_is_given_together_and_the_rest_is_asked_for() {
        let missing = Some(ErrorKind::MissingRequiredArgument);
        let fault = |line: &str| parse(line).err();
        assert_eq!(fault("subrosa sign-in --phone 12345 --server 127.0.0.1:1"), missing);
        assert_eq!(fault("subrosa sign-in --key k.pem"), missing);
        assert_eq!(fault("subrosa sign-in"), None);
        assert_eq!(fault("subrosa sign-in --qr"), None);
        assert_eq!(fault("subrosa sign-in --qr --phone 12345"), Some(ErrorKind::ArgumentConflict));
        let wrong = fault("subrosa sign-in --server a:1 --key k --dc 0");
        assert_eq!(wrong, Some(ErrorKind::ValueValidation));
    }

    #[test]
    fn a_proxy_with_a_password_is_no_argument() {
        let proxy = |link: &str| link.parse::<ProxyLink>();
        assert_eq!(proxy("-"), Ok(ProxyLink::Asked));
        assert!(matches!(
            proxy("socks5://127.0.0.1:1080"),
            Ok(ProxyLink::Given(Proxy::Socks5 { port: 1080, .. }))
        ));
        let fault = proxy("socks5://ada:sesame@127.0.0.1:1080").unwrap_err();
        assert_eq!(fault, ProxyLinkFault::Password);
        assert!(!fault.to_string().contains("sesame"));
        let mtproxy = format!("tg://proxy?server=p.example&port=443&secret={}", "ab".repeat(16));
        assert_eq!(proxy(&mtproxy), Err(ProxyLinkFault::Secret));
        assert_eq!(parse("subrosa --proxy - --proxy-file f").err(), Some(ErrorKind::ArgumentConflict));
        assert_eq!(parse("subrosa --proxy nonsense").err(), Some(ErrorKind::ValueValidation));
    }

    #[test]
    fn addresses_have_a_host_and_a_port() {
        for good in ["127.0.0.1:4443", "localhost:1", "[::1]:443", "a.example:65535"] {
            assert_eq!(good.parse::<HostPort>().unwrap().to_string(), good);
        }
        for bad in ["", "here", "here:", ":443", "here:0", "here:65536", "here:port"] {
            assert_eq!(bad.parse::<HostPort>(), Err(check::Fault::Address), "{bad:?}");
        }
        assert!("localhost:4443".parse::<Listen>().unwrap().0.ip().is_loopback());
        assert_eq!("here".parse::<Listen>(), Err(check::Fault::Address));
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
            assert_eq!(bad.parse::<ProfileName>(), Err(check::Fault::ProfileName), "{bad:?}");
        }
        assert_eq!(parse("subrosa lines --profile ../x").err(), Some(ErrorKind::ValueValidation));
    }

    #[test]
    fn phone_numbers_are_digits() {
        assert_eq!("+49 (30) 123-456".parse::<Phone>().unwrap().as_str(), "4930123456");
        for bad in ["", "+", "1234", "1234567890123456", "12a45", "++12345", "１２３４５"] {
            assert_eq!(bad.parse::<Phone>(), Err(check::Fault::Phone), "{bad:?}");
        }
    }
}
