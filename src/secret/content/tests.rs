//! Round trips, old forms, and bodies that nobody should send.
//!
//! The bytes that other apps agree on are checked by the vectors; here it is that nothing is lost, and nothing breaks.

mod bodies;
mod files;
mod hostile;
mod layers;

use super::*;
use crate::secret::key::Fingerprint;
use proptest::prelude::*;

fn header() -> impl Strategy<Value = Header> {
    any::<(i32, i32, i32)>().prop_map(|(layer, in_seq_no, out_seq_no)| Header {
        layer,
        in_seq_no,
        out_seq_no,
    })
}

fn action() -> impl Strategy<Value = Action> {
    let ids = || proptest::collection::vec(any::<i64>(), 0..50);
    let public = || proptest::collection::vec(any::<u8>(), 0..300);
    let key_fingerprint = || any::<i64>().prop_map(Fingerprint::from_i64);
    prop_oneof![
        any::<i32>().prop_map(Action::NotifyLayer),
        ids().prop_map(Action::ReadMessages),
        ids().prop_map(Action::DeleteMessages),
        ids().prop_map(Action::ScreenshotMessages),
        Just(Action::FlushHistory),
        (0..=MAX_TTL).prop_map(Action::SetTimer),
        any::<(i32, i32)>().prop_map(|(start, end)| Action::Resend { start, end }),
        (any::<i64>(), public()).prop_map(|(exchange_id, g_a)| Action::RequestKey { exchange_id, g_a }),
        (any::<i64>(), public(), key_fingerprint()).prop_map(|(exchange_id, g_b, key_fingerprint)| {
            Action::AcceptKey { exchange_id, g_b, key_fingerprint }
        }),
        (any::<i64>(), key_fingerprint())
            .prop_map(|(exchange_id, key_fingerprint)| Action::CommitKey { exchange_id, key_fingerprint }),
        any::<i64>().prop_map(|exchange_id| Action::AbortKey { exchange_id }),
        Just(Action::Noop),
        Just(Action::Typing),
    ]
}

fn said(text: &str, ttl: i32, silent: bool) -> Content {
    Content::Message(Said { ttl, silent, ..Said::new(Body::text(text)) })
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        ("[^\\p{Cc}\u{202e}]{0,300}", 0..=MAX_TTL, any::<bool>())
            .prop_map(|(text, ttl, silent)| said(&text, ttl, silent)),
        action().prop_map(Content::Action),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read(header in header(), random_id: i64, content in content()) {
        let payload = write(header, random_id, &content, &mut rand::rng());
        prop_assert_eq!(payload.len() % 4, 0);
        let body = Incoming::Content(content);
        prop_assert_eq!(read(&payload), Ok(Opened { header, random_id, body }));
    }

    #[test]
    fn any_damage_is_survived(
        header in header(), content in content(),
        cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte: u8,
    ) {
        let mut payload = write(header, 7, &content, &mut rand::rng()).to_vec();
        let at = at.index(payload.len());
        payload[at] = byte;
        payload.truncate(cut.index(payload.len() + 1));
        let _ = read(&payload);
    }
}

/// A payload with the given body, written by hand.
fn wrapped(body: &[u8]) -> Vec<u8> {
    let mut payload = 0x1be31789u32.to_le_bytes().to_vec();
    payload.push(15);
    payload.extend([9; 15]);
    for number in [144, 0, 1] {
        payload.extend(i32::to_le_bytes(number));
    }
    payload.extend(body);
    payload
}

fn delete(ids: i32) -> Vec<u8> {
    let mut body = 0x73164160u32.to_le_bytes().to_vec();
    body.extend(77i64.to_le_bytes());
    body.extend(0x65614304u32.to_le_bytes());
    body.extend(0x1cb5c415u32.to_le_bytes());
    body.extend(ids.to_le_bytes());
    body
}

#[test]
fn a_hundred_thousand_deletions_are_read() {
    let mut body = delete(100_000);
    (0..100_000i64).for_each(|id| body.extend(id.to_le_bytes()));
    let opened = read(&wrapped(&body)).unwrap();
    let expected = Action::DeleteMessages((0..100_000).collect());
    assert_eq!(opened.body, Incoming::Content(Content::Action(expected)));
}

#[test]
fn an_unreadable_body_keeps_its_header_and_name() {
    for count in [1, -1, i32::MAX] {
        let body = delete(count);
        let opened = read(&wrapped(&body)).unwrap();
        assert_eq!(opened.header, Header { layer: 144, in_seq_no: 0, out_seq_no: 1 });
        assert_eq!(opened.random_id, 77);
        assert_eq!(opened.body, Incoming::Unsupported(body));
    }
    assert_eq!(read(&wrapped(&[])).unwrap().body, Incoming::Unsupported(Vec::new()));
}

#[test]
fn no_longer_typing_is_no_action() {
    let typing = |action| types::DecryptedMessageActionTyping { action }.into();
    for (wire, read_as) in [
        (enums::SendMessageAction::SendMessageCancelAction, Action::Noop),
        (enums::SendMessageAction::SendMessageUploadRoundAction, Action::Typing),
    ] {
        assert_eq!(Action::from_wire(typing(wire)), read_as);
    }
}

#[test]
fn times_are_brought_into_their_range() {
    for (wire, read_as) in [(-5, 0), (60, 60), (i32::MAX, MAX_TTL), (i32::MIN, 0)] {
        let header = Header { layer: 144, in_seq_no: 0, out_seq_no: 1 };
        let timer = |seconds| Content::Action(Action::SetTimer(seconds));
        let text = |ttl| said("x", ttl, true);
        for (written, expected) in [(timer(wire), timer(read_as)), (text(wire), text(read_as))] {
            let payload = write(header, 1, &written, &mut rand::rng());
            assert_eq!(read(&payload).unwrap().body, Incoming::Content(expected));
        }
    }
}

#[test]
fn random_bytes_vary_in_length() {
    let header = Header { layer: 73, in_seq_no: 0, out_seq_no: 0 };
    let lengths: std::collections::BTreeSet<u8> =
        (0..500).map(|_| write(header, 1, &Content::Action(Action::Noop), &mut rand::rng())[4]).collect();
    assert_eq!(lengths.first(), Some(&15));
    assert_eq!(lengths.last(), Some(&31));
}

#[test]
fn debug_prints_no_text() {
    let text = said("rose", 5, false);
    assert_eq!(format!("{text:?}"), "Said { body: Text(..), ttl: 5, silent: false, .. }");
    assert!(!format!("{:?}", Incoming::Unsupported(b"rose".to_vec())).contains("114"));
}
