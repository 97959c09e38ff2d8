//! What the framings owe both ends: every split of a stream gives the same packets, and a hostile one costs no memory.

use proptest::prelude::*;

use super::*;
use crate::mtproto::obfuscated::{self, HEADER_LEN, Hidden};
use crate::mtproto::plain;

const ALL: [Framing; 4] =
    [Framing::Full, Framing::Abridged, Framing::Intermediate, Framing::PaddedIntermediate];

fn packet(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251) as u8 + 1).collect()
}

fn encode(encoder: &mut Encoder, packet: &[u8]) -> Vec<u8> {
    encoder.encode(packet, &mut rand::rng())
}

fn drain(decoder: &mut Decoder) -> Vec<Frame> {
    std::iter::from_fn(|| decoder.next_frame().unwrap()).collect()
}

fn cut(decoder: &mut Decoder, stream: &[u8], step: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    for piece in stream.chunks(step) {
        decoder.feed(piece);
        frames.extend(drain(decoder));
    }
    frames
}

#[test]
fn cuts_a_stream_however_it_arrives() {
    for framing in ALL {
        let mut encoder = Encoder::new(framing);
        // Sealed packets: 24 bytes and whole blocks. The second is the shortest that needs the long abridged header.
        let mut packets: Vec<_> = [40, 520, 4008].map(packet).to_vec();
        packets.push(plain::write(4, &packet(44)));
        if framing != Framing::PaddedIntermediate {
            packets.extend([8, 504, 508, 512].map(packet));
        }
        let stream: Vec<u8> = packets.iter().flat_map(|packet| encode(&mut encoder, packet)).collect();
        let expected: Vec<_> = packets.into_iter().map(Frame::Packet).collect();
        for step in [1, 3, 7, 1000, stream.len()] {
            let mut decoder = Decoder::new(framing, End::Server);
            assert_eq!(cut(&mut decoder, &stream, step), expected, "{framing:?} in steps of {step}");
        }
    }
}

#[test]
fn lays_bytes_out_as_documented() {
    assert_eq!(
        encode(&mut Encoder::new(Framing::Full), &[1, 2, 3, 4]),
        [16, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 66, 15, 181, 224].as_slice(),
    );
    assert_eq!(encode(&mut Encoder::new(Framing::Abridged), &packet(8))[..2], [2, 1]);
    assert_eq!(encode(&mut Encoder::new(Framing::Abridged), &packet(508))[..5], [0x7f, 127, 0, 0, 1]);
    assert_eq!(encode(&mut Encoder::new(Framing::Intermediate), &packet(8))[..5], [8, 0, 0, 0, 1]);
}

#[test]
fn the_padded_framing_adds_up_to_15_bytes_of_chance() {
    let mut encoder = Encoder::new(Framing::PaddedIntermediate);
    let mut lengths = [0; MAX_PADDING + 1];
    let mut last_bytes = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        let bytes = encode(&mut encoder, &packet(40));
        let stated = u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;
        assert_eq!((stated, &bytes[4..44]), (bytes.len() - 4, packet(40).as_slice()));
        lengths[stated - 40] += 1;
        last_bytes.insert(bytes.last().copied());
    }
    assert!(lengths.iter().all(|&times| times > 20), "{lengths:?}");
    assert!(last_bytes.len() > 100);
}

#[test]
fn padding_ends_where_the_packet_says() {
    let mut lie = plain::write(4, &packet(44));
    lie[16] = 200;
    let short = packet(20);
    for bytes in [lie, short, vec![0; 64], Vec::new()] {
        let mut decoder = Decoder::new(Framing::PaddedIntermediate, End::Server);
        decoder.feed(&(bytes.len() as u32).to_le_bytes());
        decoder.feed(&bytes);
        assert_eq!(decoder.next_frame(), Ok(Some(Frame::Packet(bytes))));
    }
}

#[test]
fn tells_the_framings_apart() {
    for framing in ALL {
        let mut encoder = Encoder::new(framing);
        let mut stream = encoder.tag().to_vec();
        let tag = stream.len();
        stream.extend(encode(&mut encoder, &packet(40)));
        for first in [&stream[..], &stream[..8]] {
            let Detection::Found(opening) = detect(first) else { panic!("{framing:?}") };
            assert_eq!((opening.framing, opening.len, opening.dc_id), (framing, tag, None));
        }
    }
    for short in [&[][..], &[0xee], &[0xee; 3], &[40, 0, 0, 0], &[40, 0, 0, 0, 0, 0, 0], &[1; 63]] {
        assert!(matches!(detect(short), Detection::NeedMore), "{short:?}");
    }
    for unknown in [
        &b"GET / HTTP/1.1"[..],
        b"HEAD",
        b"POST",
        b"OPTI",
        &[0x16, 3, 1, 2],
        &[11, 0, 0, 0, 0, 0, 0, 0],
        &[1; 64],
    ] {
        assert!(matches!(detect(unknown), Detection::Unknown), "{unknown:?}");
    }
}

#[test]
fn tells_obfuscated_framings_apart_by_their_header() {
    for hidden in Hidden::ALL {
        let mut proposed = obfuscated::propose(hidden, -10_002, None, &mut rand::rng());
        let mut stream = proposed.header.to_vec();
        assert!(proposed.encoder.tag().is_empty());
        stream.extend(encode(&mut proposed.encoder, &packet(40)));
        assert!(matches!(detect(&stream[..HEADER_LEN - 1]), Detection::NeedMore));
        let Detection::Found(mut opening) = detect(&stream) else { panic!("{hidden:?}") };
        assert_eq!(
            (opening.framing, opening.len, opening.dc_id),
            (hidden.framing(), HEADER_LEN, Some(-10_002))
        );
        let frames = cut(&mut opening.decoder, &stream[HEADER_LEN..], 5);
        assert_eq!(frames, [Frame::Packet(packet(40))]);

        let answer = [encode(&mut opening.encoder, &packet(56)), opening.encoder.encode_error(-404)].concat();
        let expected = [Frame::Packet(packet(56)), Frame::TransportError(-404)];
        assert_eq!(cut(&mut proposed.decoder, &answer, 3), expected, "{hidden:?}");
    }
}

#[test]
fn a_transport_error_reaches_the_client() {
    for framing in ALL {
        let bytes = Encoder::new(framing).encode_error(AUTH_KEY_NOT_FOUND);
        if framing == Framing::Full {
            assert_eq!(bytes, [0x6c, 0xfe, 0xff, 0xff]);
        }
        let mut decoder = Decoder::new(framing, End::Client);
        decoder.feed(&bytes);
        assert_eq!(decoder.next_frame(), Ok(Some(Frame::TransportError(-404))));
        assert_eq!(decoder.next_frame(), Ok(None));
    }
    let mut padded = Decoder::new(Framing::PaddedIntermediate, End::Client);
    padded.feed(&[&[19, 0, 0, 0, 0x6c, 0xfe, 0xff, 0xff][..], &[7; 15]].concat());
    assert_eq!(padded.next_frame(), Ok(Some(Frame::TransportError(-404))));
}

#[test]
fn refuses_lengths_before_the_bytes_arrive() {
    let cases: [(Framing, &[u8]); 8] = [
        (Framing::Full, &[11, 0, 0, 0]),
        (Framing::Full, &[0xff; 4]),
        (Framing::Full, &[0, 0, 0, 0x7f]),
        (Framing::Abridged, &[0x7f, 0xff, 0xff, 0xff]),
        (Framing::Abridged, &[0xff, 0xff, 0xff, 0xff]),
        (Framing::Intermediate, &[0, 0, 0x20, 0]),
        (Framing::PaddedIntermediate, &[0, 0, 0x20, 0]),
        (Framing::PaddedIntermediate, &[0x10, 0x20, 0x10, 0]),
    ];
    for (framing, bytes) in cases {
        let mut decoder = Decoder::new(framing, End::Server);
        decoder.feed(bytes);
        assert!(matches!(decoder.next_frame(), Err(FramingFault::Length(_))), "{framing:?} {bytes:?}");
    }
    let mut longest = Decoder::new(Framing::PaddedIntermediate, End::Server);
    longest.feed(&((MAX_PACKET_LEN + MAX_PADDING) as u32).to_le_bytes());
    assert_eq!(longest.next_frame(), Ok(None));
}

#[test]
fn the_full_framing_checks_number_and_checksum() {
    let mut encoder = Encoder::new(Framing::Full);
    let first = encode(&mut encoder, &packet(8));
    let second = encode(&mut encoder, &packet(8));
    let mut decoder = Decoder::new(Framing::Full, End::Server);
    decoder.feed(&second);
    assert_eq!(decoder.next_frame(), Err(FramingFault::Sequence { expected: 0, got: 1 }));
    let mut damaged = first.clone();
    damaged[9] ^= 1;
    let mut decoder = Decoder::new(Framing::Full, End::Server);
    decoder.feed(&damaged);
    assert_eq!(decoder.next_frame(), Err(FramingFault::Checksum));
}

#[test]
fn a_wish_for_a_quick_acknowledgement_is_read_past() {
    let mut decoder = Decoder::new(Framing::Abridged, End::Server);
    decoder.feed(&[0x82, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(decoder.next_frame(), Ok(Some(Frame::Packet(vec![1, 2, 3, 4, 5, 6, 7, 8]))));
    for framing in [Framing::Intermediate, Framing::PaddedIntermediate] {
        let mut decoder = Decoder::new(framing, End::Server);
        decoder.feed(&[8, 0, 0, 0x80, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(decoder.next_frame(), Ok(Some(Frame::Packet(vec![1, 2, 3, 4, 5, 6, 7, 8]))));
    }
}

/// A packet as the protocol makes them: unencrypted or sealed.
fn any_packet() -> impl Strategy<Value = Vec<u8>> {
    let body = prop::collection::vec(any::<[u8; 4]>(), 1..200).prop_map(|words| words.concat());
    let sealed = (1..=u64::MAX, prop::collection::vec(any::<[u8; 16]>(), 1..100))
        .prop_map(|(key, blocks)| [&key.to_le_bytes()[..], &[7; 16], &blocks.concat()].concat());
    prop_oneof![body.prop_map(|body| plain::write(4, &body)), sealed]
}

proptest! {
    /// Whatever the network does to a client's stream, the server finds framing and packets.
    #[test]
    fn a_whole_conversation_survives_any_split(
        packets in prop::collection::vec(any_packet(), 1..6),
        form in 0..7_usize,
        cuts in prop::collection::vec(1..90_usize, 1..200),
        mut chance in any::<[u8; 32]>().prop_map(<rand::rngs::StdRng as rand::SeedableRng>::from_seed),
    ) {
        let (mut stream, mut encoder, mut answers) = match (ALL.get(form), Hidden::ALL.get(form.saturating_sub(4))) {
            (Some(&framing), _) => {
                let encoder = Encoder::new(framing);
                (encoder.tag().to_vec(), encoder, Decoder::new(framing, End::Client))
            }
            (None, hidden) => {
                let proposed = obfuscated::propose(*hidden.unwrap(), 2, None, &mut chance);
                (proposed.header.to_vec(), proposed.encoder, proposed.decoder)
            }
        };
        stream.extend(packets.iter().flat_map(|packet| encoder.encode(packet, &mut chance)).collect::<Vec<_>>());

        let mut first = Vec::new();
        let mut opening: Option<Box<Opening>> = None;
        let mut frames = Vec::new();
        let mut rest = stream.as_slice();
        for len in cuts.into_iter().cycle() {
            let (piece, tail) = rest.split_at(len.min(rest.len()));
            rest = tail;
            match &mut opening {
                Some(opening) => opening.decoder.feed(piece),
                None => {
                    first.extend(piece);
                    match detect(&first) {
                        Detection::Found(mut found) => {
                            found.decoder.feed(&first[found.len..]);
                            opening = Some(found);
                        }
                        Detection::NeedMore => {}
                        Detection::Unknown => panic!("not detected"),
                    }
                }
            }
            if let Some(opening) = &mut opening {
                frames.extend(drain(&mut opening.decoder));
            }
            if rest.is_empty() {
                break;
            }
        }
        let expected: Vec<Frame> = packets.iter().cloned().map(Frame::Packet).collect();
        prop_assert_eq!(&frames, &expected);

        let mut opening = opening.unwrap();
        for packet in &packets {
            answers.feed(&opening.encoder.encode(packet, &mut chance));
        }
        prop_assert_eq!(drain(&mut answers), expected);
    }

    #[test]
    fn noise_is_cut_the_same_however_it_arrives(noise in prop::collection::vec(any::<u8>(), 0..300), step in 1..50_usize) {
        for framing in ALL {
            for end in [End::Client, End::Server] {
                let ends = [noise.len().max(1), step].map(|step| {
                    let mut decoder = Decoder::new(framing, end);
                    let mut seen = Vec::new();
                    'pieces: for piece in noise.chunks(step) {
                        decoder.feed(piece);
                        loop {
                            match decoder.next_frame() {
                                Ok(None) => break,
                                Ok(Some(frame)) => seen.push(Ok(frame)),
                                Err(fault) => {
                                    seen.push(Err(fault));
                                    break 'pieces;
                                }
                            }
                        }
                    }
                    seen
                });
                prop_assert_eq!(&ends[0], &ends[1]);
            }
        }
    }
}
