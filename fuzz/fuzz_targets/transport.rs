//! What both ends of a connection read before there is a session: framings, unencrypted messages, sealed packets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use subrosa::mtproto::auth_key::AuthKey;
use subrosa::mtproto::cipher::{self, Direction, Message};
use subrosa::mtproto::framing::{self, Decoder, Detection, Encoder, End, Frame, Framing, FramingFault};
use subrosa::mtproto::{padding, plain};
use subrosa_fuzz::{KEY, rng, whole};

const FRAMINGS: [Framing; 3] = [Framing::Full, Framing::Abridged, Framing::Intermediate];

fuzz_target!(|data: &[u8]| {
    let Some((&[mode, step], bytes)) = data.split_first_chunk::<2>() else { return };
    match mode % 8 {
        0 => any_client(bytes, step),
        1..=3 => any_server(FRAMINGS[usize::from(mode % 8) - 1], bytes, step),
        4 => framed(bytes),
        5 => unencrypted(bytes),
        6 => sealed(bytes, step),
        _ => foreign(bytes),
    }
});

/// A stream from a client, whose framing its first bytes tell.
fn any_client(stream: &[u8], step: u8) {
    if let Detection::Found { framing, tag_len } = framing::detect(stream) {
        in_pieces(framing, End::Server, &stream[tag_len..], step);
    }
}

fn any_server(framing: Framing, stream: &[u8], step: u8) {
    in_pieces(framing, End::Client, stream, step);
}

/// However a stream is cut by the network, the same frames come out, and the same fault.
fn in_pieces(framing: Framing, end: End, stream: &[u8], step: u8) {
    let whole = cut(framing, end, stream, stream.len().max(1));
    assert!(cut(framing, end, stream, usize::from(step).max(1)) == whole);
}

fn cut(framing: Framing, end: End, stream: &[u8], step: usize) -> (Vec<Frame>, Option<FramingFault>) {
    let mut decoder = Decoder::new(framing, end);
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

/// Packets of any content and length come out as they went in, at either end.
fn framed(bytes: &[u8]) {
    for framing in FRAMINGS {
        let mut encoder = Encoder::new(framing);
        let packets: Vec<&[u8]> = bytes
            .split(|&byte| byte == 0xa5)
            .map(|packet| whole(packet, 4))
            .filter(|it| it.len() > 4)
            .collect();
        let mut stream = encoder.tag().to_vec();
        packets.iter().for_each(|packet| stream.extend(encoder.encode(packet)));
        let expected: Vec<Frame> = packets.iter().map(|packet| Frame::Packet(packet.to_vec())).collect();
        let tag = encoder.tag().len();
        for end in [End::Client, End::Server] {
            assert!(cut(framing, end, &stream[tag..], 7) == (expected.clone(), None));
        }
        if stream.len() >= 8 {
            assert_eq!(framing::detect(&stream), Detection::Found { framing, tag_len: tag });
        }
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
