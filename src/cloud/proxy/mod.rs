//! What may stand between this device and its server: a SOCKS5 proxy or an MTProxy.
//!
//! Proxies come as links, from the profile or from the environment, and are stored as links. They hold passwords and secrets,
//! so their text is wiped, and what is shown of a proxy is its kind and where it stands.
//!
//! ```text
//! link         as people write it and as it is stored     socks      through a SOCKS5 proxy
//! environment  whose word counts when nobody chose        mtproxy    into an MTProxy, disguised or not
//! exception    what NO_PROXY names
//! ```

mod environment;
mod exception;
mod link;
pub(super) mod mtproxy;
pub(super) mod socks;

use std::fmt;

use zeroize::Zeroizing;

pub use environment::{Detours, Environment, resolve};

/// A proxy on the way to the server.
#[derive(Clone, PartialEq, Eq)]
pub enum Proxy {
    /// It carries any connection; host names are resolved there.
    Socks5 { host: String, port: u16, login: Option<Login> },
    /// It carries Telegram's protocol alone, and only for those who know its secret.
    Mtproto { host: String, port: u16, secret: Secret },
}

/// Who we are to a SOCKS5 proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// 1 to 255 bytes.
    pub user: String,
    /// At most 255 bytes.
    pub password: Zeroizing<String>,
}

/// What an MTProxy lets in by.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    Plain(Zeroizing<[u8; 16]>),
    /// `dd`: packets are padded to random lengths.
    Padded(Zeroizing<[u8; 16]>),
    /// `ee`: disguised as TLS with this host.
    Tls {
        secret: Zeroizing<[u8; 16]>,
        domain: String,
    },
}

/// Why a text names no proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyFault {
    #[error(
        "a proxy is written as socks5://host:port, socks5://user:password@host:port, or a tg://proxy link"
    )]
    Unknown,
    #[error("a proxy of this kind cannot carry the connection: only SOCKS5 proxies and MTProxies can")]
    Kind,
    #[error("the address of the proxy is not a host and a port")]
    Address,
    #[error(
        "user and password of a SOCKS5 proxy have at most 255 bytes each, and no password goes without a user"
    )]
    Login,
    #[error("the secret of the MTProxy link is neither 16 bytes, nor dd or ee and what follows them")]
    Secret,
}

impl Proxy {
    /// Reads `socks5://[user:password@]host:port`, `socks5h://...`, `tg://socks?...`, `tg://proxy?...` and the same under
    /// `https://t.me/`.
    ///
    /// # Errors
    /// What about the text is not understood; never the text itself, which may hold a password.
    pub fn from_link(link: &str) -> Result<Proxy, ProxyFault> {
        link::read(link)
    }

    /// As it is stored: [`Proxy::from_link`] reads it again.
    pub fn to_link(&self) -> Zeroizing<String> {
        link::write(self)
    }

    /// `host:port`, to be dialled.
    pub(super) fn address(&self) -> String {
        let (Proxy::Socks5 { host, port, .. } | Proxy::Mtproto { host, port, .. }) = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// Kind and place, never what lets us in.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Proxy::Socks5 { .. } => "SOCKS5",
            Proxy::Mtproto { .. } => "MTProxy",
        };
        write!(f, "{kind} {}", self.address())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Secret {
    fn key(&self) -> &[u8; 16] {
        let (Secret::Plain(key) | Secret::Padded(key) | Secret::Tls { secret: key, .. }) = self;
        key
    }
}
