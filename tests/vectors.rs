//! The core's primitives against `vectors/vectors.json`, which an independent implementation made.
//!
//! Every value is compared byte for byte: what two apps have to agree on is decided here, not by our own round trips.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "vectors/payloads.rs"]
mod payloads;
#[path = "vectors/rekey.rs"]
mod rekey;
#[path = "vectors/sequence.rs"]
mod sequence;

use std::convert::Infallible;

use rand::rand_core::{TryCryptoRng, TryRng};
use serde_json::Value;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subrosa::secret::chat::Side;
use subrosa::secret::content::{self, Action, Content, Header, Incoming, Opened, Said};
use subrosa::secret::envelope::{self, OpenFault};
use subrosa::secret::exchange::{self, KNOWN_PRIME, Offer, Params, Vetting};
use subrosa::secret::key::{Fingerprint, SharedKey};
use subrosa::secret::picture::{self, KeyPicture};
use subrosa::secret::record::{Body, PrimeVerdict};

fn said(text: &str) -> Content {
    Content::Message(Said::new(Body::text(text)))
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/vectors.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let hex = value.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn int(value: &Value) -> i32 {
    value.as_i64().unwrap().try_into().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

fn key(value: &Value) -> SharedKey {
    SharedKey::from_slice(&bytes(value)).unwrap()
}

/// The side whose crypto x is given.
fn writer(x: &Value) -> Side {
    if int(x) == 0 { Side::Originator } else { Side::Recipient }
}

fn params(g: i32) -> Params {
    Params::from_stored(g, &KNOWN_PRIME).unwrap()
}

/// A generator that gives these bytes first and then zeros.
struct Fixed(Vec<u8>);

impl TryRng for Fixed {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        to.fill_with(|| if self.0.is_empty() { 0 } else { self.0.remove(0) });
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

#[test]
fn fingerprint_of_the_key() {
    let vector = &vectors()["key"];
    let key = key(&vector["hex"]);
    let by_rule: Vec<u8> = (0..256).map(|i| (37 * i + 11) as u8).collect();
    assert_eq!(key.expose()[..], by_rule);
    assert_eq!(Sha1::digest(key.expose())[..], bytes(&vector["sha1"]));
    assert_eq!(Sha256::digest(key.expose())[..], bytes(&vector["sha256"]));
    assert_eq!(key.fingerprint().0[..], bytes(&vector["fingerprint_bytes"]));
    assert_eq!(key.fingerprint().to_i64(), vector["fingerprint_i64"].as_i64().unwrap());
    assert_eq!(Fingerprint::from_i64(key.fingerprint().to_i64()), key.fingerprint());
}

#[test]
fn pictures() {
    let vectors = vectors();
    let (key, vector) = (key(&vectors["key"]["hex"]), &vectors["visualisation"]);
    let picture = KeyPicture::of(&key);
    assert_eq!(picture.hash()[..], bytes(&vector["key_hash_36"]));
    let palette = picture::PALETTE.map(|(r, g, b)| format!("{r:02X}{g:02X}{b:02X}"));
    assert_eq!(list(&vector["palette"]), palette);
    let rows = picture.cells().map(|row| row.map(|cell| cell.to_string()).concat());
    assert_eq!(list(&vector["rows_12x12"]), rows);
    assert_eq!(list(&vector["hex_lines"]), picture.hex_lines());
    assert_eq!(KeyPicture::from_hash(picture.hash()), Some(picture));
}

#[test]
fn sealed_messages() {
    let vectors = vectors();
    let key = key(&vectors["key"]["hex"]);
    for vector in list(&vectors["mtproto2_messages"]) {
        let payload = bytes(&vector["payload"]);
        let padding = bytes(&vector["padded_plaintext"]).split_off(4 + payload.len());
        let writer = writer(&vector["x"]);
        let envelope = envelope::seal_padded(&key, writer, &payload, &padding).unwrap();
        assert_eq!(envelope, bytes(&vector["envelope"]), "{}", name(vector));
        assert_eq!(envelope::open(&key, writer, &envelope).unwrap()[..], payload, "{}", name(vector));
        assert_eq!(
            envelope::open(&key, writer.other(), &envelope),
            Err(OpenFault::Damaged),
            "{}",
            name(vector)
        );
    }
}

#[test]
fn forged_envelopes() {
    let vectors = vectors();
    let key = key(&vectors["key"]["hex"]);
    for vector in list(&vectors["mtproto2_invalid"]["cases"]) {
        let envelope = bytes(&vector["envelope"]);
        let by_originator = vector["expect"] != "reject_if_receiver_is_creator";
        let expected_writer = if by_originator { Side::Originator } else { Side::Recipient };
        let expected = match name(vector) {
            "fingerprint_flip" => OpenFault::UnknownKey,
            "truncated_to_unaligned" | "extra_trailing_5_bytes" | "only_header_24_bytes" | "only_7_bytes" => {
                OpenFault::Size
            }
            _ => OpenFault::Damaged,
        };
        assert_eq!(envelope::open(&key, expected_writer, &envelope), Err(expected), "{}", name(vector));
    }
    let old = bytes(&vectors["mtproto1_message"]["envelope"]);
    for writer in [Side::Originator, Side::Recipient] {
        assert_eq!(envelope::open(&key, writer, &old), Err(OpenFault::Damaged));
    }
}

#[test]
fn exchanges() {
    let vectors = vectors();
    assert_eq!(bytes(&vectors["dh"]["prime"]), KNOWN_PRIME);
    let mut leading_zeros = 0;
    for vector in list(&vectors["dh"]["vectors"]).iter().chain([&vectors["pfs"]["dh"]]) {
        let (g, key) = (int(&vector["g"]), key(&vector["key"]));
        let (g_a, g_b) = (bytes(&vector["g_a"]), bytes(&vector["g_b"]));
        let ours = params(g).offer(&[], &mut Fixed(bytes(&vector["a"])));
        let theirs = params(g).offer(&[], &mut Fixed(bytes(&vector["b"])));
        assert_eq!(ours.expose_secret()[..], bytes(&vector["a"]));
        assert_eq!((&ours.public()[..], &theirs.public()[..]), (&g_a[..], &g_b[..]), "{vector}");
        let stripped: Vec<u8> = g_b.iter().copied().skip_while(|&byte| byte == 0).collect();
        assert_eq!(ours.clone().finish(&stripped).unwrap(), key, "{vector}");
        assert_eq!(ours.finish(&g_b).unwrap(), key, "{vector}");
        assert_eq!(theirs.finish(&g_a).unwrap(), key, "{vector}");
        assert_eq!(key.fingerprint().0[..], bytes(&vector["fingerprint_bytes"]));
        assert_eq!(key.fingerprint().to_i64(), vector["fingerprint_i64"].as_i64().unwrap());
        leading_zeros += int(&vector["leading_zero_bytes"]);
    }
    assert!(leading_zeros >= 3, "keys with one and with two leading zero bytes belong to the vectors");
}

#[test]
fn public_values() {
    let offer = params(3).offer(&[], &mut Fixed(vec![7; 256]));
    for vector in list(&vectors()["dh_range"]) {
        let value = bytes(&vector["value"]);
        let accept = vector["accept"].as_bool().unwrap();
        assert_eq!(params(3).check_public(&value).is_ok(), accept, "{}", name(vector));
        assert_eq!(offer.clone().finish(&value).is_ok(), accept, "{}", name(vector));
    }
    for length in [0, 257, 300] {
        assert!(params(3).check_public(&vec![1; length]).is_err(), "{length} bytes");
    }
    let stored = Offer::from_stored(params(3), offer.expose_secret(), offer.public());
    assert_eq!(stored, Some(offer));
}

#[test]
fn offered_groups() {
    let mut verdicts: Vec<PrimeVerdict> = Vec::new();
    for vector in list(&vectors()["dh_config_checks"]) {
        let (g, p) = (int(&vector["g"]), bytes(&vector["p"]));
        let mut verdict = exchange::vet(g, &p, &verdicts);
        if verdict == Ok(Vetting::UnknownPrime) {
            let good = exchange::is_safe_prime(&p, &mut rand::rng());
            verdicts.push(PrimeVerdict { p: p.clone(), good });
            verdict = exchange::vet(g, &p, &verdicts);
        }
        let accepted = match verdict {
            Ok(Vetting::Good(params)) => (params.g(), &params.p()[..]) == (g, &p[..]),
            Ok(Vetting::UnknownPrime) => panic!("a verdict was not remembered"),
            Err(_) => false,
        };
        assert_eq!(accepted, vector["accept"].as_bool().unwrap(), "{}", name(vector));
    }
    let goods: Vec<bool> = verdicts.iter().map(|verdict| verdict.good).collect();
    assert_eq!(goods, [true, false, false], "each unknown prime is computed once");
}

#[test]
fn transcript() {
    let vectors = vectors();
    let first = key(&vectors["dh"]["vectors"][0]["key"]);
    let second = key(&vectors["pfs"]["dh"]["key"]);
    let rekey = |step| payloads::meaning(step, &vectors);
    let steps_say = [
        (1001, Content::Action(Action::NotifyLayer(144))),
        (2001, Content::Action(Action::NotifyLayer(144))),
        (1002, said("one")),
        (2002, rekey("pfs_request")),
        (1003, rekey("pfs_accept")),
        (2003, rekey("pfs_commit")),
        (1004, rekey("pfs_noop")),
        (2004, said("two")),
    ];
    let steps = list(&vectors["transcript"]["steps"]);
    assert_eq!(steps.len(), steps_say.len());
    for (step, (random_id, content)) in steps.iter().zip(steps_say) {
        let writer = if step["sender"] == "creator" { Side::Originator } else { Side::Recipient };
        let (key, other) = if step["key"] == "initial" { (&first, &second) } else { (&second, &first) };
        let envelope = bytes(&step["envelope"]);
        assert_eq!(envelope::named_key(&envelope), Some(key.fingerprint()));
        assert_eq!(envelope::open(other, writer, &envelope), Err(OpenFault::UnknownKey));
        let payload = envelope::open(key, writer, &envelope).unwrap();
        assert_eq!(payload[..], bytes(&step["payload"]));
        let padding = bytes(&step["padded_plaintext"]).split_off(4 + payload.len());
        assert_eq!(envelope::seal_padded(key, writer, &payload, &padding), Some(envelope));

        let header = Header {
            layer: int(&step["layer"]),
            in_seq_no: int(&step["in_seq_no"]),
            out_seq_no: int(&step["out_seq_no"]),
        };
        let written = content::write(header, random_id, &content, &mut rand::rng());
        assert!(written.ends_with(&payloads::as_we_write(&payload)), "step {}", step["n"]);
        assert_eq!(
            content::read(&payload),
            Ok(Opened { header, random_id, body: Incoming::Content(content) }),
            "step {}",
            step["n"]
        );
    }
}
