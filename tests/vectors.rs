//! The core's primitives against `vectors/vectors.json`, which an independent implementation made.
//!
//! Every value is compared byte for byte: what two apps have to agree on is decided here, not by our own round trips.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "vectors/rekey.rs"]
mod rekey;

use std::convert::Infallible;

use rand::rand_core::{TryCryptoRng, TryRng};
use serde_json::Value;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subrosa::secret::chat::Side;
use subrosa::secret::content::{self, Action, Content, Header, Incoming, Opened, Said, Unreadable};
use subrosa::secret::envelope::{self, OpenFault};
use subrosa::secret::exchange::{self, KNOWN_PRIME, Offer, Params, Vetting};
use subrosa::secret::key::{Fingerprint, SharedKey};
use subrosa::secret::picture::{self, KeyPicture};
use subrosa::secret::record::{Body, PrimeVerdict};
use subrosa::secret::wire::{self, enums};

const RANDOM_ID: i64 = 0x0123456789abcdef;

fn said(text: &str, ttl: i32, silent: bool) -> Content {
    Content::Message(Said { ttl, silent, ..Said::new(Body::text(text)) })
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

/// What each payload says, `None` for what is not shown yet.
fn meaning(name: &str, vectors: &Value) -> Option<Content> {
    let text = |text: &str| said(text, 0, false);
    let rekey = &vectors["pfs"]["dh"];
    let exchange_id = vectors["pfs"]["exchange_id"].as_i64().unwrap();
    let key_fingerprint = Fingerprint(bytes(&rekey["fingerprint_bytes"]).try_into().unwrap());
    let action = match name {
        "text" => return Some(text("hello secret")),
        "text_all_flags" => {
            return Some(said("bold and spoiler", 30, true));
        }
        "webpage" => return Some(text("https://example.org/")),
        "set_ttl" => Action::SetTimer(60),
        "read_messages" => Action::ReadMessages(vec![1, -1]),
        "delete_messages" => Action::DeleteMessages(vec![1, -1]),
        "screenshot" => Action::ScreenshotMessages(vec![]),
        "flush_history" => Action::FlushHistory,
        "resend" => Action::Resend { start: 4, end: 8 },
        "notify_layer" | "notify_layer_legacy_wrapper" => Action::NotifyLayer(144),
        "typing" => Action::Typing,
        "self_delete_placeholder" => return Some(Content::placeholder(RANDOM_ID)),
        "pfs_request" => Action::RequestKey { exchange_id, g_a: bytes(&rekey["g_a"]) },
        "pfs_accept" => Action::AcceptKey { exchange_id, g_b: bytes(&rekey["g_b"]), key_fingerprint },
        "pfs_commit" => Action::CommitKey { exchange_id, key_fingerprint },
        "pfs_abort" => Action::AbortKey { exchange_id },
        "pfs_noop" => Action::Noop,
        _ => return None,
    };
    Some(Content::Action(action))
}

/// Received forms that we would write otherwise: richer than what is written yet, or of an old layer.
const READ_ONLY: [&str; 3] = ["text_all_flags", "webpage", "notify_layer_legacy_wrapper"];

/// Constructor and 15 random bytes; what follows is decided by header and content alone.
const BEFORE_HEADER: usize = 4 + 16;

#[test]
fn payloads() {
    let vectors = vectors();
    let mut understood = 0;
    for (name, payload) in vectors["tl_payloads"].as_object().unwrap() {
        let payload = bytes(payload);
        let parsed: enums::DecryptedMessageLayer = wire::read_whole(&payload).unwrap();
        assert_eq!(wire::write(&parsed)[..], payload, "{name} through the wire types");

        let layer = if name == "document46" { 101 } else { 144 };
        let header = Header { layer, in_seq_no: 0, out_seq_no: 1 };
        let body = match meaning(name, &vectors) {
            Some(content) => Incoming::Content(content),
            None => Incoming::Unsupported(payload[BEFORE_HEADER + 12..].to_vec()),
        };
        let opened = content::read(&payload);
        assert_eq!(opened, Ok(Opened { header, random_id: RANDOM_ID, body }), "{name}");

        if let Some(content) = meaning(name, &vectors) {
            understood += 1;
            let written = content::write(header, RANDOM_ID, &content, &mut rand::rng());
            let same = written.ends_with(&payload[BEFORE_HEADER..]);
            assert_eq!(same, !READ_ONLY.contains(&name.as_str()), "{name} as we write it");
        }
    }
    assert_eq!(understood, 18);
}

#[test]
fn malformed_payloads() {
    for vector in list(&vectors()["tl_malformed"]) {
        let payload = bytes(&vector["payload"]);
        let opened = content::read(&payload);
        let unsupported = |random_id| {
            let header = Header { layer: 144, in_seq_no: 0, out_seq_no: 1 };
            let body = Incoming::Unsupported(payload[BEFORE_HEADER + 12..].to_vec());
            Ok(Opened { header, random_id, body })
        };
        match name(vector) {
            "empty" | "unknown_outer_constructor" | "bare_decryptedMessage_without_layer" => {
                assert_eq!(opened, Err(Unreadable::Wrapper));
            }
            "random_bytes_14" | "random_bytes_empty" => assert_eq!(opened, Err(Unreadable::RandomBytes)),
            "unknown_inner_constructor" => assert_eq!(opened, unsupported(0)),
            "truncated_by_4"
            | "trailing_4_zero_bytes"
            | "string_length_overruns"
            | "vector_count_huge"
            | "vector_count_negative" => assert_eq!(opened, unsupported(RANDOM_ID)),
            "invalid_utf8_text" => {
                let text = said("\u{fffd}", 0, false);
                assert_eq!(opened.unwrap().body, Incoming::Content(text));
            }
            other => panic!("what is to be expected of {other}?"),
        }
    }
}

#[test]
fn transcript() {
    let vectors = vectors();
    let first = key(&vectors["dh"]["vectors"][0]["key"]);
    let second = key(&vectors["pfs"]["dh"]["key"]);
    let text = |text: &str| said(text, 0, false);
    let rekey = |step| meaning(step, &vectors).unwrap();
    let said = [
        (1001, Content::Action(Action::NotifyLayer(144))),
        (2001, Content::Action(Action::NotifyLayer(144))),
        (1002, text("one")),
        (2002, rekey("pfs_request")),
        (1003, rekey("pfs_accept")),
        (2003, rekey("pfs_commit")),
        (1004, rekey("pfs_noop")),
        (2004, text("two")),
    ];
    let steps = list(&vectors["transcript"]["steps"]);
    assert_eq!(steps.len(), said.len());
    for (step, (random_id, content)) in steps.iter().zip(said) {
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
        assert!(written.ends_with(&payload[BEFORE_HEADER..]), "step {}", step["n"]);
        assert_eq!(
            content::read(&payload),
            Ok(Opened { header, random_id, body: Incoming::Content(content) }),
            "step {}",
            step["n"]
        );
    }
}
