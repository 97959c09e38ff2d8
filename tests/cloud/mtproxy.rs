//! An MTProxy that checks the secret and relays, written from the description of the protocol and with nothing of ours but the ciphers'
//! crates: what it accepts, others accept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

type Cipher = Ctr128BE<Aes256>;

pub const SECRET: [u8; 16] = *b"\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10";
pub const DOMAIN: &str = "front.example.org";

/// A proof may be so old, or so early, seconds.
const SKEW: u32 = 600;

/// What the proxy does with whoever does not know the secret.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Manners {
    HangsUp,
    FallsSilent,
    /// Talks as if the secret were right, which to the other side is noise.
    Talks,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Plain,
    Padded,
    Disguised,
}

/// What a client asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Guest {
    pub tag: [u8; 4],
    pub dc_id: i16,
}

/// A running proxy; it ends with the test.
pub struct MtProxy {
    pub address: SocketAddr,
    kind: Kind,
    pub guests: Arc<Mutex<Vec<Guest>>>,
}

#[derive(Clone)]
struct House {
    kind: Kind,
    manners: Manners,
    server: SocketAddr,
    guests: Arc<Mutex<Vec<Guest>>>,
}

impl MtProxy {
    pub async fn start(kind: Kind, manners: Manners, server: SocketAddr) -> MtProxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let guests: Arc<Mutex<Vec<Guest>>> = Arc::default();
        let house = House { kind, manners, server, guests: guests.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let house = house.clone();
                tokio::spawn(async move { house.serve(stream).await });
            }
        });
        MtProxy { address, kind, guests }
    }

    pub fn link(&self) -> String {
        self.link_with(&SECRET)
    }

    pub fn link_with(&self, secret: &[u8]) -> String {
        let bytes = match self.kind {
            Kind::Plain => secret.to_vec(),
            Kind::Padded => [&[0xdd], secret].concat(),
            Kind::Disguised => [&[0xee], secret, DOMAIN.as_bytes()].concat(),
        };
        let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("tg://proxy?server={}&port={}&secret={secret}", self.address.ip(), self.address.port())
    }

    pub fn guests(&self) -> Vec<Guest> {
        self.guests.lock().unwrap().clone()
    }
}

impl House {
    /// `None` when the client hangs up or is turned away.
    async fn serve(&self, mut client: TcpStream) -> Option<()> {
        if self.kind == Kind::Disguised {
            self.shake_hands(&mut client).await?;
        }
        let disguised = self.kind == Kind::Disguised;
        let (reader, writer) = client.into_split();
        let mut reader = Reader { socket: reader, disguised, begun: false, left: 0 };
        let mut writer = Writer { socket: writer, disguised };

        let mut header = [0; 64];
        reader.fill(&mut header).await?;
        let mut from_client = cipher(&header, Some(&SECRET));
        let mut plain = header;
        from_client.apply_keystream(&mut plain);
        let mut to_client = cipher(&turned(&header), Some(&SECRET));
        if plain[56..60] != [0xdd; 4] {
            match self.manners {
                Manners::HangsUp => return None,
                Manners::FallsSilent => while reader.read(&mut [0; 1024]).await? > 0 {},
                Manners::Talks => writer.send(&[0x5a; 400]).await?,
            }
            return None;
        }
        let dc_id = i16::from_le_bytes([plain[60], plain[61]]);
        self.guests.lock().unwrap().push(Guest { tag: [plain[56], plain[57], plain[58], plain[59]], dc_id });

        let (mut server_reader, mut server_writer) =
            TcpStream::connect(self.server).await.unwrap().into_split();
        let (header, mut to_server, mut from_server) = own_header();
        server_writer.write_all(&header).await.ok()?;
        let upwards = async {
            let mut bytes = [0; 3000];
            while let Some(len @ 1..) = reader.read(&mut bytes).await {
                let piece = &mut bytes[..len];
                from_client.apply_keystream(piece);
                to_server.apply_keystream(piece);
                if server_writer.write_all(piece).await.is_err() {
                    break;
                }
            }
        };
        let downwards = async {
            let mut bytes = vec![0; 5000];
            while let Ok(len @ 1..) = server_reader.read(&mut bytes).await {
                let mut piece = bytes[..len].to_vec();
                from_server.apply_keystream(&mut piece);
                to_client.apply_keystream(&mut piece);
                if writer.send(&piece).await.is_none() {
                    break;
                }
            }
        };
        tokio::select! {
            () = upwards => {}
            () = downwards => {}
        }
        Some(())
    }

    /// The hello of a client that knows the secret is answered; to others this is the host whose name they say.
    async fn shake_hands(&self, client: &mut TcpStream) -> Option<()> {
        let mut hello = vec![0; 5];
        client.read_exact(&mut hello).await.ok()?;
        assert_eq!(hello[..3], [0x16, 3, 1]);
        let len = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
        assert_eq!(len, 512, "the length that all proxies take");
        hello.resize(5 + len, 0);
        client.read_exact(&mut hello[5..]).await.ok()?;
        assert_eq!(hello[5..11], [1, 0, 1, 0xfc, 3, 3]);
        let name = [&[0, 0], &(DOMAIN.len() as u16 + 5).to_be_bytes()[..]].concat();
        let at = hello.windows(4).position(|window| window == name).expect("a server name");
        assert_eq!(hello[at + 9..at + 9 + DOMAIN.len()], *DOMAIN.as_bytes());

        let random: [u8; 32] = hello[11..43].try_into().unwrap();
        let mut zeroed = hello.clone();
        zeroed[11..43].fill(0);
        let mixed: Vec<u8> = random.iter().zip(hmac(&[&zeroed])).map(|(a, b)| a ^ b).collect();
        let time = u32::from_le_bytes(mixed[28..].try_into().unwrap());
        let known = mixed[..28] == [0; 28] && (super::stub::now() as u32).abs_diff(time) < SKEW;

        let session = &hello[43..76];
        let mut body = vec![3, 3];
        body.extend([0; 32]);
        body.extend(session);
        body.extend([0x13, 1, 0, 0, 46, 0, 0x33, 0, 0x24, 0, 0x1d, 0, 0x20]);
        body.extend([9; 32]);
        body.extend([0, 0x2b, 0, 2, 3, 4]);
        let mut answer = vec![0x16, 3, 3];
        answer.extend((body.len() as u16 + 4).to_be_bytes());
        answer.extend([2, 0]);
        answer.extend((body.len() as u16).to_be_bytes());
        answer.extend(body);
        answer.extend([0x14, 3, 3, 0, 1, 1, 0x17, 3, 3, 0x08, 0]);
        answer.extend(vec![0xc4; 2048]);
        let proof = if known { hmac(&[&random, &answer]) } else { [0x77; 32] };
        answer[11..43].copy_from_slice(&proof);
        // In two pieces: an answer need not come at once.
        client.write_all(&answer[..100]).await.ok()?;
        client.flush().await.ok()?;
        client.write_all(&answer[100..]).await.ok()?;
        known.then_some(())
    }
}

fn hmac(parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

fn cipher(header: &[u8; 64], secret: Option<&[u8]>) -> Cipher {
    let key: [u8; 32] = match secret {
        Some(secret) => Sha256::new().chain_update(&header[8..40]).chain_update(secret).finalize().into(),
        None => header[8..40].try_into().unwrap(),
    };
    let iv: [u8; 16] = header[40..56].try_into().unwrap();
    Cipher::new((&key).into(), (&iv).into())
}

fn turned(header: &[u8; 64]) -> [u8; 64] {
    let mut turned = *header;
    turned[8..56].reverse();
    turned
}

/// The header that this proxy sends to the server, and the ciphers of both directions.
fn own_header() -> ([u8; 64], Cipher, Cipher) {
    let mut header: [u8; 64] = std::array::from_fn(|_| rand::random());
    // A beginning that is nothing else.
    header[..8].copy_from_slice(&[0x42; 8]);
    header[56..60].fill(0xdd);
    let from_server = cipher(&turned(&header), None);
    let mut to_server = cipher(&header, None);
    let mut encrypted = header;
    to_server.apply_keystream(&mut encrypted);
    header[56..].copy_from_slice(&encrypted[56..]);
    (header, to_server, from_server)
}

/// The client's side of the stream, out of its records if it is disguised.
struct Reader {
    socket: OwnedReadHalf,
    disguised: bool,
    begun: bool,
    left: usize,
}

impl Reader {
    async fn fill(&mut self, mut bytes: &mut [u8]) -> Option<()> {
        while !bytes.is_empty() {
            let len = self.read(bytes).await.filter(|&len| len > 0)?;
            bytes = &mut bytes[len..];
        }
        Some(())
    }

    async fn read(&mut self, bytes: &mut [u8]) -> Option<usize> {
        if !self.disguised {
            return self.socket.read(bytes).await.ok();
        }
        while self.left == 0 {
            let mut header = [0; 5];
            self.socket.read_exact(&mut header).await.ok()?;
            if !std::mem::replace(&mut self.begun, true) {
                assert_eq!(header, [0x14, 3, 3, 0, 1], "what ends a handshake comes first");
                self.socket.read_exact(&mut [0]).await.ok()?;
                continue;
            }
            assert_eq!(header[..3], [0x17, 3, 3]);
            self.left = usize::from(u16::from_be_bytes([header[3], header[4]]));
            assert!(self.left <= 16_384, "longer than TLS allows");
        }
        let wanted = self.left.min(bytes.len());
        let len = self.socket.read(&mut bytes[..wanted]).await.ok()?;
        self.left -= len;
        Some(len)
    }
}

struct Writer {
    socket: OwnedWriteHalf,
    disguised: bool,
}

impl Writer {
    async fn send(&mut self, bytes: &[u8]) -> Option<()> {
        if !self.disguised {
            return self.socket.write_all(bytes).await.ok();
        }
        for piece in bytes.chunks(1357) {
            let mut record = vec![0x17, 3, 3];
            record.extend((piece.len() as u16).to_be_bytes());
            record.extend(piece);
            self.socket.write_all(&record).await.ok()?;
        }
        Some(())
    }
}
