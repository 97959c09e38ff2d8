//! Through a SOCKS5 proxy (RFC 1928), with a password if it wants one (RFC 1929).
//!
//! The conversation is short enough to be held here: written this way the password is wiped, names are resolved by the proxy and
//! never by us, and every way in which it can fail has a name, which decides whose fault a person is told it is.

use std::io;
use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

use super::Login;

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NOTHING_FITS: u8 = 0xff;
const LOGIN_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const SUCCEEDED: u8 = 0;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Why the proxy does not carry us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What answers is no SOCKS5 proxy, and why that is known.
    NotSocks(&'static str),
    LoginWanted,
    LoginRefused,
    /// The proxy works, but does not get there.
    Target(&'static str),
}

/// A connection that ends where an answer is due.
impl From<io::Error> for Refusal {
    fn from(_: io::Error) -> Self {
        Refusal::NotSocks("it closes the connection")
    }
}

/// Agrees on who we are.
pub async fn enter<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    login: Option<&Login>,
) -> Result<(), Refusal> {
    let greeting: &[u8] = match login {
        None => &[VERSION, 1, NO_LOGIN],
        Some(_) => &[VERSION, 2, NO_LOGIN, PASSWORD],
    };
    stream.write_all(greeting).await?;
    let [version, method] = read(stream).await?;
    match (version, method, login) {
        (b'H', b'T', _) => Err(Refusal::NotSocks("it answers as a web server")),
        (VERSION, NO_LOGIN, _) => Ok(()),
        (VERSION, PASSWORD, Some(login)) => log_in(stream, login).await,
        (VERSION, NOTHING_FITS, None) => Err(Refusal::LoginWanted),
        (VERSION, NOTHING_FITS, Some(_)) => Err(Refusal::LoginRefused),
        _ => Err(Refusal::NotSocks("its first answer is none")),
    }
}

async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, login: &Login) -> Result<(), Refusal> {
    let mut request = Zeroizing::new(Vec::with_capacity(3 + login.user.len() + login.password.len()));
    request.push(LOGIN_VERSION);
    for text in [login.user.as_str(), login.password.as_str()] {
        request.push(u8::try_from(text.len()).map_err(|_| Refusal::LoginRefused)?);
        request.extend_from_slice(text.as_bytes());
    }
    stream.write_all(&request).await?;
    // Some say no by hanging up.
    let [_, status] = read(stream).await.map_err(|_| Refusal::LoginRefused)?;
    if status == SUCCEEDED { Ok(()) } else { Err(Refusal::LoginRefused) }
}

/// Has the proxy connect; behind it the stream is the server's.
pub async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    host: &str,
    port: u16,
) -> Result<(), Refusal> {
    let mut request = vec![VERSION, CONNECT, 0];
    match host.parse() {
        Ok(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend(address.octets());
        }
        Err(_) => {
            request.push(NAME);
            request.push(u8::try_from(host.len()).map_err(|_| Refusal::Target("the name is too long"))?);
            request.extend(host.as_bytes());
        }
    }
    request.extend(port.to_be_bytes());
    stream.write_all(&request).await?;

    let [version, status, _, kind] = read(stream).await?;
    if version != VERSION {
        return Err(Refusal::NotSocks("its second answer is none"));
    }
    if status != SUCCEEDED {
        return Err(Refusal::Target(reason(status)));
    }
    // From where it connected does not matter, but has to be read past.
    let len = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(read::<1>(stream).await?[0]),
        _ => return Err(Refusal::NotSocks("its second answer is none")),
    };
    let mut bound = vec![0; len + 2];
    stream.read_exact(&mut bound).await?;
    Ok(())
}

async fn read<const N: usize>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn reason(status: u8) -> &'static str {
    match status {
        2 => "its rules do not allow it",
        3 => "the network is unreachable",
        4 => "the host is unreachable",
        5 => "connection refused",
        6 => "the way is too long",
        7 => "it does not make connections",
        8 => "it does not know this kind of address",
        _ => "it does not say why",
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    /// What the client says when it is answered so, and what comes of it.
    async fn asked(login: Option<&Login>, answers: &[u8]) -> (Vec<u8>, Result<(), Refusal>) {
        let (mut ours, mut theirs) = duplex(1024);
        theirs.write_all(answers).await.unwrap();
        let result = enter(&mut ours, login).await;
        drop(ours);
        let mut said = Vec::new();
        theirs.read_to_end(&mut said).await.unwrap();
        (said, result)
    }

    async fn connected(host: &str, answer: &[u8]) -> (Vec<u8>, Result<(), Refusal>, Vec<u8>) {
        let (mut ours, mut theirs) = duplex(1024);
        theirs.write_all(answer).await.unwrap();
        theirs.shutdown().await.unwrap();
        let result = connect(&mut ours, host, 443).await;
        let mut rest = Vec::new();
        let _ = ours.read_to_end(&mut rest).await;
        drop(ours);
        let mut said = Vec::new();
        theirs.read_to_end(&mut said).await.unwrap();
        (said, result, rest)
    }

    fn login() -> Login {
        Login { user: "ada".into(), password: Zeroizing::new("pä".into()) }
    }

    #[tokio::test]
    async fn a_login_is_offered_only_if_there_is_one_and_given_only_if_wanted() {
        assert_eq!(asked(None, &[5, 0]).await, (vec![5, 1, 0], Ok(())));
        assert_eq!(asked(Some(&login()), &[5, 0]).await, (vec![5, 2, 0, 2], Ok(())));
        let given = b"\x05\x02\x00\x02\x01\x03ada\x03p\xc3\xa4".to_vec();
        assert_eq!(asked(Some(&login()), &[5, 2, 1, 0]).await, (given.clone(), Ok(())));
        assert_eq!(asked(Some(&login()), &[5, 2, 1, 1]).await, (given, Err(Refusal::LoginRefused)));
        assert_eq!(asked(None, &[5, 0xff]).await.1, Err(Refusal::LoginWanted));
        assert_eq!(asked(Some(&login()), &[5, 0xff]).await.1, Err(Refusal::LoginRefused));
        for noise in [b"HT", &[4, 0], &[5, 2], &[5, 1]] {
            assert!(matches!(asked(None, noise).await.1, Err(Refusal::NotSocks(_))), "{noise:?}");
        }
    }

    #[tokio::test]
    async fn names_and_addresses_go_to_the_proxy_as_they_are() {
        let done = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01after";
        let (said, result, rest) = connected("1.2.3.4", done).await;
        assert_eq!(
            (said.as_slice(), result, rest.as_slice()),
            (&b"\x05\x01\x00\x01\x01\x02\x03\x04\x01\xbb"[..], Ok(()), &b"after"[..])
        );
        let named = b"\x05\x00\x00\x03\x02ab\x00\x01after";
        let (said, result, rest) = connected("tg.example", named).await;
        assert_eq!(
            (said.as_slice(), result, rest.as_slice()),
            (&b"\x05\x01\x00\x03\x0atg.example\x01\xbb"[..], Ok(()), &b"after"[..])
        );
        let six = [&[5, 0, 0, 4][..], &[0; 18], b"after"].concat();
        let (said, result, rest) = connected("::1", &six).await;
        assert_eq!((said[3], said.len(), result, rest.as_slice()), (4, 22, Ok(()), &b"after"[..]));

        for (status, why) in (1..=9).map(|status| (status, reason(status))) {
            let (_, result, _) = connected("x", &[5, status, 0, 1, 0, 0, 0, 0, 0, 0]).await;
            assert_eq!(result, Err(Refusal::Target(why)));
        }
        for noise in [&[4, 0, 0, 1][..], &[5, 0, 0, 9], &[5, 0, 0, 1, 1], &[]] {
            assert!(matches!(connected("x", noise).await.1, Err(Refusal::NotSocks(_))), "{noise:?}");
        }
        let (said, result, _) = connected(&"x".repeat(256), &[]).await;
        assert_eq!((said.len(), result), (0, Err(Refusal::Target("the name is too long"))));
    }
}
