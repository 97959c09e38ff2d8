//! The values that arguments may have, each checked while it is read.
//!
//! What cannot be meant is refused with a sentence before anything is done; and so is what lets its reader in, since other users of the
//! machine can read the arguments of every process.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use crate::engine::{Proxy, ProxyFault};
use crate::tui::welcome::check;

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

pub(super) fn no_application(_: &str) -> Result<NoArgument, &'static str> {
    Err(
        "the api_hash is the application's secret and not for the command line, which others can read: set SUBROSA_API_ID and \
         SUBROSA_API_HASH, put both into the configuration file, or leave them out and be asked",
    )
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
pub struct HostPort(pub(super) String);

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
