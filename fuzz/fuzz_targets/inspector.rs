//! What a hostile server sends its client, inside a sealed frame: wrapping and nesting without end.
#![no_main]

use grammers_tl_types::{Serializable, enums};
use libfuzzer_sys::fuzz_target;
use subrosa::mtproto::auth_key::AuthKey;
use subrosa::mtproto::cipher::{self, Direction, Message};
use subrosa_fuzz::cloud::inspector::{Forged, Inspector};
use subrosa_fuzz::cloud::{nesting, parcel};
use subrosa_fuzz::{KEY, rng, whole};

fuzz_target!(|data: &[u8]| {
    let mut inspector = Inspector::new(AuthKey::new(&KEY));
    assert!(inspector.look(data).is_err(), "nobody seals without the key");
    let Some((&kind, bytes)) = data.split_first() else { return };
    match kind % 4 {
        0 => frames(&mut inspector, bytes),
        1 => object::<enums::Updates>(bytes),
        2 => object::<enums::updates::Difference>(bytes),
        _ => drop(parcel::walk(bytes)),
    }
});

/// One frame after the other, each an answer or a push; a repeated one is no news.
fn frames(inspector: &mut Inspector, bytes: &[u8]) {
    let key = AuthKey::new(&KEY);
    for piece in bytes.split(|&byte| byte == 0xa5) {
        let Some((&number, body)) = piece.split_first() else { continue };
        let body = whole(body, 4);
        if body.is_empty() {
            continue;
        }
        let message = Message {
            salt: 1,
            session_id: 2,
            msg_id: (1_800_000_000 << 32) + i64::from(number),
            seq_no: 1,
            body: body.to_vec(),
        };
        let frame = cipher::seal(&key, Direction::ToClient, &message, &mut rng(number));
        match inspector.look(&frame) {
            Ok(Some(seen)) => {
                assert_eq!((seen.salt, number & 1), (1, 1));
                assert!(parcel::walk(body).is_ok());
                assert_eq!(inspector.look(&frame), Ok(None));
            }
            Ok(None) => assert_eq!(number & 1, 1),
            Err(Forged::Reflected) => assert_eq!(number & 1, 0),
            Err(_) => assert!(parcel::walk(body).is_err()),
        }
    }
}

/// What passed the look is read, written and read again.
fn object<T: grammers_tl_types::Deserializable + Serializable + Send>(bytes: &[u8]) {
    if nesting::check(bytes).is_err() {
        assert!(nesting::read::<T>(bytes).is_err());
        return;
    }
    let Ok(object) = nesting::read::<T>(bytes) else { return };
    let written = object.to_bytes();
    let Ok(again) = nesting::read::<T>(&written) else { panic!("what was written is not read") };
    assert!(again.to_bytes() == written);
}
