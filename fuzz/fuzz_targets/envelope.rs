//! Envelopes: forged, honest and damaged, and authentic ones with any content, in both directions.
#![no_main]

use grammers_crypto::aes::ige_encrypt;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use subrosa::secret::chat::Side;
use subrosa::secret::envelope;
use subrosa::secret::key::SharedKey;
use subrosa_fuzz::{KEY, rng, whole};

fuzz_target!(|data: &[u8]| {
    let key = SharedKey::new(&KEY);
    foreign(&key, data);
    let Some((&[mode, place, damage], content)) = data.split_first_chunk::<3>() else { return };
    let writer = if mode & 1 == 0 { Side::Originator } else { Side::Recipient };
    honest(&key, writer, whole(content, 4), usize::from(place), damage);
    authentic(&key, writer, whole(content, 16));
});

/// Bytes that did not come from here: an envelope opens in one direction at most.
fn foreign(key: &SharedKey, envelope: &[u8]) {
    let opened = [Side::Originator, Side::Recipient].map(|writer| envelope::open(key, writer, envelope));
    assert!(!opened.iter().all(Result::is_ok));
    if opened.iter().any(Result::is_ok) {
        assert!(envelope::possible(envelope));
        assert_eq!(envelope::named_key(envelope), Some(key.fingerprint()));
    }
}

/// What is sealed opens; damaged anywhere or sent back it does not.
fn honest(key: &SharedKey, writer: Side, payload: &[u8], place: usize, damage: u8) {
    if payload.is_empty() {
        return;
    }
    let mut envelope = envelope::seal(key, writer, payload, &mut rng(damage));
    assert_eq!(envelope::open(key, writer, &envelope).expect("what was sealed")[..], *payload);
    assert!(envelope::open(key, writer.other(), &envelope).is_err());
    let place = place * (envelope.len() - 1) / 255;
    envelope[place] ^= damage.max(1);
    assert!(envelope::open(key, writer, &envelope).is_err());
}

/// A peer has the key and writes what it likes: only a right length and a legal padding are accepted.
fn authentic(key: &SharedKey, writer: Side, plain: &[u8]) {
    let Some((length, rest)) = plain.split_first_chunk::<4>() else { return };
    let length = u32::from_le_bytes(*length) as usize;
    let padding = rest.len().checked_sub(length);
    let legal =
        length > 0 && length % 4 == 0 && padding.is_some_and(|padding| (12..=1024).contains(&padding));
    let opened = envelope::open(key, writer, &seal_any(key, writer, plain));
    assert_eq!(opened.is_ok(), legal);
    if let Ok(payload) = opened {
        assert_eq!(payload[..], rest[..length]);
    }
}

/// MTProto 2.0 by the book, around any plaintext.
fn seal_any(key: &SharedKey, writer: Side, plain: &[u8]) -> Vec<u8> {
    let x = if writer == Side::Originator { 0 } else { 8 };
    let hash = |parts: [&[u8]; 2]| -> [u8; 32] { Sha256::digest(parts.concat()).into() };
    let msg_key = &hash([&KEY[88 + x..120 + x], plain])[8..24];
    let a = hash([msg_key, &KEY[x..x + 36]]);
    let b = hash([&KEY[40 + x..76 + x], msg_key]);
    let mix = |outer: [u8; 32], inner: [u8; 32]| -> [u8; 32] {
        std::array::from_fn(|i| if (8..24).contains(&i) { inner[i] } else { outer[i] })
    };
    let mut sealed = plain.to_vec();
    ige_encrypt(&mut sealed, &mix(a, b), &mix(b, a));
    [&key.fingerprint().0, msg_key, &sealed].concat()
}
