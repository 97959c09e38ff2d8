//! What both ends of a connection read before there is a session: framings, unencrypted messages, sealed packets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use subrosa::mtproto::auth_key::AuthKey;
use subrosa::mtproto::cipher::{self, Direction, Message};
use subrosa::mtproto::framing::{self, Decoder, Detection, Encoder, End, Frame, Framing, FramingFault};
use subrosa::mtproto::obfuscated::{self, Hidden};
use subrosa::mtproto::{padding, plain};
use subrosa_fuzz::{KEY, rng, whole};

const FRAMINGS: [Framing; 4] =
    [Framing::Full, Framing::Abridged, Framing::Intermediate, Framing::PaddedIntermediate];

fuzz_target!(|data: &[u8]| {
    let Some((&[mode, step], bytes)) = data.split_first_chunk::<2>() else { return };
    match mode % 9 {
        0 => any_client(bytes, step),
        mode @ 1..=4 => any_server(FRAMINGS[usize::from(mode) - 1], bytes, step),
        5 => framed(bytes),
        6 => unencrypted(bytes),
        7 => sealed(bytes, step),
        _ => foreign(bytes),
    }
});

/// A stream from a client, whose framing its first bytes tell.
fn any_client(stream: &[u8], step: u8) {
    let opened = || match framing::detect(stream) {
        Detection::Found(opening) => Some((opening.decoder, &stream[opening.len..])),
        _ => None,
    };
    in_pieces(opened, step);
}

fn any_server(framing: Framing, stream: &[u8], step: u8) {
    in_pieces(|| Some((Decoder::new(framing, End::Client), stream)), step);
}

/// However a stream is cut by the network, the same frames come out, and the same fault.
fn in_pieces<'a>(open: impl Fn() -> Option<(Decoder, &'a [u8])>, step: u8) {
    if let (Some((one, stream)), Some((other, _))) = (open(), open()) {
        let whole = cut(one, stream, stream.len().max(1));
        assert!(cut(other, stream, usize::from(step).max(1)) == whole);
    }
}

fn cut(mut decoder: Decoder, stream: &[u8], step: usize) -> (Vec<Frame>, Option<FramingFault>) {
    let mut frames = Vec::new();
    for piece in stream.chunks(step) {
        decoder.feed(piece);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(fault) => return (frames, Some(fault)),
            }
        }
    }
    (frames, None)
}

/// Packets of any content and length come out as they went in, at either end, hidden or not.
fn framed(bytes: &[u8]) {
    let chance = &mut rng(bytes.len() as u8);
    for framing in FRAMINGS {
        let packets: Vec<Vec<u8>> = bytes
            .split(|&byte| byte == 0xa5)
            .map(|packet| whole(packet, 4))
            .filter(|it| it.len() > 4)
            .map(|packet| plain::write(4, packet))
            .collect();
        let expected: Vec<Frame> = packets.iter().cloned().map(Frame::Packet).collect();
        let mut encoder = Encoder::new(framing);
        let mut stream = encoder.tag().to_vec();
        let tag = stream.len();
        packets.iter().for_each(|packet| stream.extend(encoder.encode(packet, chance)));
        for end in [End::Client, End::Server] {
            assert!(cut(Decoder::new(framing, end), &stream[tag..], 7) == (expected.clone(), None));
        }
        if stream.len() >= 8 {
            let Detection::Found(opening) = framing::detect(&stream) else { panic!("not detected") };
            assert_eq!((opening.framing, opening.len), (framing, tag));
        }
        let Some(hidden) = Hidden::ALL.into_iter().find(|hidden| hidden.framing() == framing) else {
            continue;
        };
        let mut proposed = obfuscated::propose(hidden, 2, None, chance);
        let mut stream = proposed.header.to_vec();
        packets.iter().for_each(|packet| stream.extend(proposed.encoder.encode(packet, chance)));
        let Detection::Found(opening) = framing::detect(&stream) else { panic!("not detected") };
        assert!(cut(opening.decoder, &stream[opening.len..], 7) == (expected, None));
    }
}

fn unencrypted(packet: &[u8]) {
    let _ = padding::Hashed::split(packet).map(|hashed| hashed.confirm(packet.len() / 2));
    if let Ok(message) = plain::read(packet) {
        let written = plain::write(message.msg_id, message.body);
        assert!(packet.starts_with(&written) && packet.len() - written.len() < 16);
        assert_eq!(plain::read(&written), Ok(message));
    }
}

/// What is sealed opens at the other end only, and damaged not at all.
fn sealed(bytes: &[u8], damage: u8) {
    let Some((&[place], body)) = bytes.split_first_chunk::<1>() else { return };
    let body = whole(body, 4);
    if body.is_empty() {
        return;
    }
    let key = AuthKey::new(&KEY);
    let message = Message { salt: 1, session_id: 2, msg_id: 3, seq_no: 4, body: body.to_vec() };
    for (way, back) in
        [(Direction::ToServer, Direction::ToClient), (Direction::ToClient, Direction::ToServer)]
    {
        let mut packet = cipher::seal(&key, way, &message, &mut rng(damage));
        assert!(cipher::open(&key, way, &packet) == Ok(message.clone()));
        assert!(cipher::open(&key, back, &packet).is_err());
        let place = usize::from(place) * (packet.len() - 1) / 255;
        packet[place] ^= damage.max(1);
        assert!(cipher::open(&key, way, &packet).is_err());
    }
}

fn foreign(packet: &[u8]) {
    let key = AuthKey::new(&KEY);
    let named = [&key.id().to_le_bytes()[..], packet].concat();
    for way in [Direction::ToServer, Direction::ToClient] {
        assert!(cipher::open(&key, way, packet).is_err());
        assert!(cipher::open(&key, way, &named).is_err());
    }
}
