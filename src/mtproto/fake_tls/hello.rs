//! The client's hello with its proof, and the check of the server's.
//!
//! The hello is what a usual browser sends, with its extensions in random order as browsers have them, and 517 bytes long: some
//! proxies look for exactly that. Where TLS has 32 random bytes stands `HMAC-SHA256(secret, hello)`, computed with zeros in that
//! place and the time mixed into its end; the server proves itself by the same over our proof and its answer.

use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use rand::seq::SliceRandom;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, RECORD_HEADER, TlsFault, VERSION, point};
use crate::mtproto::obfuscated::Secret;

/// The longest name that leaves the hello at its usual length, bytes.
pub const MAX_DOMAIN_LEN: usize = 182;

const HELLO_LEN: usize = 517;
/// The random bytes of either hello: behind record header, handshake header and version.
const RANDOM: std::ops::Range<usize> = 11..43;
/// The last of them carry the time.
const TIME: std::ops::Range<usize> = 28..32;
/// An answer has a hello and a certificate's worth of noise: real ones stay well below.
const MAX_ANSWER: usize = 64 * 1024;

/// What a client sends first.
pub struct ClientHello {
    bytes: Vec<u8>,
    secret: Zeroizing<Secret>,
}

impl ClientHello {
    /// `domain`: at most [`MAX_DOMAIN_LEN`] bytes; what is longer is cut off.
    pub fn new(domain: &str, secret: &Secret, unix_seconds: u32, rng: &mut impl Rng) -> ClientHello {
        let domain = domain.as_bytes().get(..MAX_DOMAIN_LEN).unwrap_or(domain.as_bytes());
        let mut bytes = hello(domain, rng);
        let mut proof = digest(secret, &[&bytes]);
        for (byte, time) in proof[TIME].iter_mut().zip(unix_seconds.to_le_bytes()) {
            *byte ^= time;
        }
        bytes[RANDOM].copy_from_slice(&proof);
        ClientHello { bytes, secret: Zeroizing::new(*secret) }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Looks at what came so far: how many bytes of it are the server's answer, `None` if it is not complete.
    ///
    /// # Errors
    /// What came can no longer become the answer of a proxy with this secret.
    pub fn check(&self, received: &[u8]) -> Result<Option<usize>, TlsFault> {
        let mut len = 0;
        for kind in [HANDSHAKE, CHANGE_CIPHER_SPEC, APPLICATION_DATA] {
            match record_len(received.get(len..).unwrap_or_default(), kind)? {
                Some(record) => len += record,
                None if received.len() > MAX_ANSWER => return Err(TlsFault::NotTls),
                None => return Ok(None),
            }
        }
        let Some(answer) = received.get(..len) else { return Ok(None) };
        let mut answer = answer.to_vec();
        let Some(place) = answer.get_mut(RANDOM) else { return Err(TlsFault::NotTls) };
        let proof = place.to_vec();
        place.fill(0);
        let expected = digest(&self.secret, &[&self.bytes[RANDOM], &answer]);
        if bool::from(expected.ct_eq(proof.as_slice())) { Ok(Some(len)) } else { Err(TlsFault::WrongProof) }
    }
}

/// The length of the record at the beginning, header included; `None` if not even the header is there.
fn record_len(bytes: &[u8], kind: u8) -> Result<Option<usize>, TlsFault> {
    let expected = [kind, VERSION[0], VERSION[1]];
    if !expected.iter().zip(bytes).all(|(expected, byte)| expected == byte) {
        return Err(TlsFault::NotTls);
    }
    let Some([_, _, _, high, low]) = bytes.first_chunk::<RECORD_HEADER>() else { return Ok(None) };
    Ok(Some(RECORD_HEADER + usize::from(u16::from_be_bytes([*high, *low]))))
}

fn digest(secret: &Secret, parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; the empty one is never used.
    let mac = Hmac::<Sha256>::new_from_slice(secret).map(|mac| parts.iter().fold(mac, Mac::chain_update));
    mac.map(|mac| mac.finalize().into_bytes().into()).unwrap_or_default()
}

/// The hello with zeros where the proof will be.
fn hello(domain: &[u8], rng: &mut impl Rng) -> Vec<u8> {
    let grease = Grease::new(rng);
    let mut out = vec![HANDSHAKE, 3, 1];
    block(&mut out, |record| {
        record.extend([1, 0]);
        block(record, |hello| {
            hello.extend(VERSION);
            hello.extend([0; 32]);
            let mut session = [0; 32];
            rng.fill_bytes(&mut session);
            hello.push(32);
            hello.extend(session);
            block(hello, |suites| {
                suites.extend(grease.suite);
                suites.extend(CIPHER_SUITES.iter().flat_map(|suite| suite.to_be_bytes()));
            });
            // One way of compression: none.
            hello.extend([1, 0]);
            let room = HELLO_LEN.saturating_sub(hello.len() + 2);
            block(hello, |all| extensions(all, room, domain, &grease, rng));
        });
    });
    out
}

const CIPHER_SUITES: [u16; 15] = [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
    0x002f, 0x0035,
];
const SIGNATURES: [u16; 8] = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
const X25519: u16 = 0x001d;
const GROUPS: [u16; 3] = [X25519, 0x0017, 0x0018];
const TLS_VERSIONS: [u16; 2] = [0x0304, 0x0303];

/// Extensions by their registered numbers.
mod number {
    pub const SERVER_NAME: u16 = 0;
    pub const STATUS_REQUEST: u16 = 5;
    pub const SUPPORTED_GROUPS: u16 = 10;
    pub const EC_POINT_FORMATS: u16 = 11;
    pub const SIGNATURE_ALGORITHMS: u16 = 13;
    pub const ALPN: u16 = 16;
    pub const SIGNED_CERTIFICATE_TIMESTAMP: u16 = 18;
    pub const PADDING: u16 = 21;
    pub const EXTENDED_MASTER_SECRET: u16 = 23;
    pub const COMPRESS_CERTIFICATE: u16 = 27;
    pub const SESSION_TICKET: u16 = 35;
    pub const SUPPORTED_VERSIONS: u16 = 43;
    pub const PSK_KEY_EXCHANGE_MODES: u16 = 45;
    pub const KEY_SHARE: u16 = 51;
    pub const APPLICATION_SETTINGS: u16 = 17513;
    pub const RENEGOTIATION_INFO: u16 = 65281;
}

/// All extensions, padded to `len` bytes: what is always first and last, the others shuffled between.
fn extensions(out: &mut Vec<u8>, len: usize, domain: &[u8], grease: &Grease, rng: &mut impl Rng) {
    let end = out.len() + len;
    out.extend(grease.first);
    out.extend([0, 0]);
    let mut shuffled = [
        extension(number::SERVER_NAME, |body| {
            block(body, |list| {
                list.push(0);
                block(list, |name| name.extend(domain));
            });
        }),
        extension(number::STATUS_REQUEST, |body| body.extend([1, 0, 0, 0, 0])),
        extension(number::SUPPORTED_GROUPS, |body| {
            block(body, |groups| {
                groups.extend(grease.group);
                groups.extend(GROUPS.iter().flat_map(|group| group.to_be_bytes()));
            });
        }),
        extension(number::EC_POINT_FORMATS, |body| body.extend([1, 0])),
        extension(number::SIGNATURE_ALGORITHMS, |body| {
            block(body, |list| list.extend(SIGNATURES.iter().flat_map(|it| it.to_be_bytes())));
        }),
        extension(number::ALPN, |body| block(body, |list| list.extend(b"\x02h2\x08http/1.1"))),
        extension(number::SIGNED_CERTIFICATE_TIMESTAMP, |_| {}),
        extension(number::EXTENDED_MASTER_SECRET, |_| {}),
        extension(number::COMPRESS_CERTIFICATE, |body| body.extend([2, 0, 2])),
        extension(number::SESSION_TICKET, |_| {}),
        extension(number::SUPPORTED_VERSIONS, |body| {
            body.push(2 + 2 * TLS_VERSIONS.len() as u8);
            body.extend(grease.version);
            body.extend(TLS_VERSIONS.iter().flat_map(|version| version.to_be_bytes()));
        }),
        extension(number::PSK_KEY_EXCHANGE_MODES, |body| body.extend([1, 1])),
        extension(number::KEY_SHARE, |body| {
            block(body, |shares| {
                shares.extend(grease.group);
                block(shares, |share| share.push(0));
                shares.extend(X25519.to_be_bytes());
                block(shares, |share| share.extend(point::random_share(rng)));
            });
        }),
        extension(number::APPLICATION_SETTINGS, |body| block(body, |list| list.extend(b"\x02h2"))),
        extension(number::RENEGOTIATION_INFO, |body| body.push(0)),
    ];
    shuffled.shuffle(rng);
    out.extend(shuffled.concat());
    out.extend(grease.last);
    out.extend([0, 1, 0]);
    let room = end.saturating_sub(out.len() + 4);
    out.extend(extension(number::PADDING, |body| body.extend(std::iter::repeat_n(0, room))));
}

fn extension(number: u16, fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = number.to_be_bytes().to_vec();
    block(&mut out, fill);
    out
}

/// What `fill` adds, behind two bytes of its length. Nothing in a hello is near 65536 bytes.
fn block(out: &mut Vec<u8>, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend([0, 0]);
    fill(out);
    let len = (out.len() - start - 2) as u16;
    out[start..start + 2].copy_from_slice(&len.to_be_bytes());
}

/// Values that mean nothing (RFC 8701): a browser throws them in so that servers do not break at what is new.
struct Grease {
    suite: [u8; 2],
    group: [u8; 2],
    version: [u8; 2],
    first: [u8; 2],
    last: [u8; 2],
}

impl Grease {
    fn new(rng: &mut impl Rng) -> Grease {
        let mut drawn = [0; 5];
        rng.fill_bytes(&mut drawn);
        let [suite, group, version, first, mut last] = drawn.map(|byte| byte & 0xf0 | 0x0a);
        // One extension must not stand there twice.
        if first == last {
            last ^= 0x10;
        }
        let [suite, group, version, first, last] = [suite, group, version, first, last].map(|byte| [byte; 2]);
        Grease { suite, group, version, first, last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: Secret = [7; 16];

    fn client_hello(domain: &str) -> ClientHello {
        ClientHello::new(domain, &SECRET, 0x6543_2101, &mut rand::rng())
    }

    /// An answer as a proxy with this secret gives it.
    fn answer(hello: &ClientHello, secret: &Secret) -> Vec<u8> {
        let mut answer = vec![0x16, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3];
        answer.extend([0; 84]);
        answer.extend([0x14, 3, 3, 0, 1, 1, 0x17, 3, 3, 1, 0]);
        answer.extend([9; 256]);
        let proof = digest(secret, &[&hello.bytes[RANDOM], &answer]);
        answer[RANDOM].copy_from_slice(&proof);
        answer
    }

    /// The extensions of a hello by number, with lengths checked on the way down.
    fn extensions_of(bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
        let word = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        assert_eq!((bytes[0], usize::from(word(3))), (0x16, bytes.len() - 5));
        assert_eq!((bytes[5], bytes[6], usize::from(word(7))), (1, 0, bytes.len() - 9));
        assert_eq!((bytes[43], word(76)), (32, 32));
        assert_eq!((bytes[110], bytes[111], usize::from(word(112))), (1, 0, bytes.len() - 114));
        let (mut at, mut found) = (114, Vec::new());
        while at < bytes.len() {
            let len = usize::from(word(at + 2));
            found.push((word(at), bytes[at + 4..at + 4 + len].to_vec()));
            at += 4 + len;
        }
        assert_eq!(at, bytes.len());
        found
    }

    #[test]
    fn a_hello_is_well_formed_and_always_as_long() {
        let longest = "x".repeat(MAX_DOMAIN_LEN);
        let longer = "y".repeat(MAX_DOMAIN_LEN + 50);
        for domain in ["a.b", "www.example.org", &longest, &longer] {
            let hello = client_hello(domain);
            assert_eq!(hello.bytes().len(), HELLO_LEN, "{domain}");
            assert_eq!(hello.bytes()[..11], *b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
            let found = extensions_of(hello.bytes());
            let name = &found.iter().find(|(number, _)| *number == number::SERVER_NAME).unwrap().1;
            assert_eq!(name[5..], domain.as_bytes()[..domain.len().min(MAX_DOMAIN_LEN)]);
            assert_eq!(found.last().unwrap().0, number::PADDING);
            let mut numbers: Vec<u16> = found.iter().map(|(number, _)| *number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), found.len());
        }
    }

    #[test]
    fn no_two_hellos_are_alike() {
        let order = |hello: &ClientHello| -> Vec<u16> {
            extensions_of(hello.bytes())[1..16].iter().map(|(number, _)| *number).collect()
        };
        let hellos: Vec<_> = (0..5).map(|_| client_hello("a.b")).collect();
        assert!(hellos.windows(2).all(|pair| order(&pair[0]) != order(&pair[1])));
        assert!(hellos.windows(2).all(|pair| pair[0].bytes[44..76] != pair[1].bytes[44..76]));
    }

    #[test]
    fn the_proof_carries_the_time() {
        let hello = client_hello("a.b");
        let mut zeroed = hello.bytes.clone();
        zeroed[RANDOM].fill(0);
        let expected = digest(&SECRET, &[&zeroed]);
        let mixed: Vec<u8> = hello.bytes[RANDOM].iter().zip(expected).map(|(a, b)| a ^ b).collect();
        assert_eq!(mixed, [&[0; 28][..], &[0x01, 0x21, 0x43, 0x65]].concat());
    }

    #[test]
    fn an_answer_is_taken_when_it_is_whole_and_proves_the_secret() {
        let hello = client_hello("a.b");
        let good = answer(&hello, &SECRET);
        for len in 0..good.len() {
            assert_eq!(hello.check(&good[..len]), Ok(None), "{len}");
        }
        let more = [&good[..], &[0x17, 3, 3]].concat();
        assert_eq!(hello.check(&more), Ok(Some(good.len())));

        assert_eq!(hello.check(&answer(&hello, &[8; 16])), Err(TlsFault::WrongProof));
        assert_eq!(hello.check(&answer(&client_hello("a.b"), &SECRET)), Err(TlsFault::WrongProof));
        let mut damaged = good.clone();
        damaged[200] ^= 1;
        assert_eq!(hello.check(&damaged), Err(TlsFault::WrongProof));
        assert_eq!(hello.check(b"HTTP/1.1 400 Bad Request"), Err(TlsFault::NotTls));
        assert_eq!(hello.check(&[0x15, 3, 3, 0, 2, 2, 40]), Err(TlsFault::NotTls));
        // Too short to hold a proof.
        let short = [&[0x16, 3, 3, 0, 0][..], &[0x14, 3, 3, 0, 1, 1], &[0x17, 3, 3, 0, 0]].concat();
        assert_eq!(hello.check(&short), Err(TlsFault::NotTls));
    }
}
