//! A SOCKS5 proxy as the standards describe it (RFC 1928, RFC 1929), which really relays; written from them and not from our side.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// The one name that the proxy can resolve; nobody else can.
pub const KNOWN_NAME: &str = "server.invalid";

/// The one address that the proxy alone reaches (it is kept for documents), as it does the name.
pub const KNOWN_ADDRESS: &str = "198.51.100.7";

/// A running proxy; it ends with the test.
pub struct Socks {
    pub address: SocketAddr,
    /// What it was asked to connect to.
    pub asked: Arc<Mutex<Vec<String>>>,
}

struct Rules {
    login: Option<(String, String)>,
    behind_the_name: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Socks {
    /// Lets in whoever knows the login, or everybody; [`KNOWN_NAME`] stands for `behind_the_name`.
    pub async fn start(login: Option<(&str, &str)>, behind_the_name: SocketAddr) -> Socks {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
        let rules = Arc::new(Rules { login, behind_the_name, asked: asked.clone() });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let rules = rules.clone();
                tokio::spawn(async move { rules.serve(stream).await });
            }
        });
        Socks { address, asked }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Rules {
    /// `None` when the client hangs up or is turned away.
    async fn serve(&self, mut client: TcpStream) -> Option<()> {
        let [version, count] = read(&mut client).await?;
        assert_eq!(version, 5);
        let mut methods = vec![0; usize::from(count)];
        client.read_exact(&mut methods).await.ok()?;
        let method = if self.login.is_some() { 2 } else { 0 };
        if !methods.contains(&method) {
            client.write_all(&[5, 0xff]).await.ok()?;
            return None;
        }
        client.write_all(&[5, method]).await.ok()?;
        if let Some((user, password)) = &self.login {
            let [version, len] = read(&mut client).await?;
            assert_eq!(version, 1);
            let named = text(&mut client, len).await?;
            let [len] = read(&mut client).await?;
            let given = text(&mut client, len).await?;
            let fits = named == *user && given == *password;
            client.write_all(&[1, u8::from(!fits)]).await.ok()?;
            if !fits {
                return None;
            }
        }

        let [version, command, reserved, kind] = read(&mut client).await?;
        assert_eq!((version, command, reserved), (5, 1, 0));
        let (host, resolved) = match kind {
            1 => {
                let address = Ipv4Addr::from(read::<4>(&mut client).await?);
                (address.to_string(), Some(address.into()))
            }
            4 => {
                let address = Ipv6Addr::from(read::<16>(&mut client).await?);
                (format!("[{address}]"), Some(address.into()))
            }
            3 => {
                let [len] = read(&mut client).await?;
                (text(&mut client, len).await?, None)
            }
            other => panic!("address type {other}"),
        };
        let port = u16::from_be_bytes(read(&mut client).await?);
        self.asked.lock().unwrap().push(format!("{host}:{port}"));
        let target = match resolved {
            Some(_) if host == KNOWN_ADDRESS => Some(self.behind_the_name),
            Some(ip) => Some(SocketAddr::new(ip, port)),
            None => (host == KNOWN_NAME).then_some(self.behind_the_name),
        };
        let Some(target) = target else {
            client.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
            return None;
        };
        let Ok(mut server) = TcpStream::connect(target).await else {
            client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
            return None;
        };
        // Where we connected from, given as a name, as it may be.
        client.write_all(b"\x05\x00\x00\x03\x05bound\x12\x34").await.ok()?;
        copy_bidirectional(&mut client, &mut server).await.ok()?;
        Some(())
    }
}

async fn read<const N: usize>(stream: &mut TcpStream) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

async fn text(stream: &mut TcpStream, len: u8) -> Option<String> {
    let mut bytes = vec![0; usize::from(len)];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(String::from_utf8(bytes).unwrap())
}
