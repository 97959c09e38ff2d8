//! Writes the first corpus to `corpus/<target>/`: the project's test vectors, and one of everything a client or server says.

use std::path::Path;
use std::{fs, io};

use grammers_tl_types::{Identifiable, Serializable, enums, functions, types};
use serde_json::Value;
use subrosa::mtproto::framing::{Encoder, Framing};
use subrosa::mtproto::obfuscated::{self, Hidden};
use subrosa::mtproto::plain;
use subrosa::secret::content::{self, Content, Header, Said};
use subrosa::secret::message::Body;
use subrosa_fuzz::rng;
use subrosa_fuzz::server::session::parcel::{self, Message};

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(here.join("../tests/vectors/vectors.json"))?;
    let vectors: Value = serde_json::from_str(&text)?;
    for (target, seeds) in [
        ("envelope", envelope(&vectors)),
        ("wire", wire(&vectors)),
        ("content", contents(&vectors)),
        ("transport", transport(&vectors)),
        ("disguise", disguise()),
        ("session", session()),
        ("inspector", inspector()),
    ] {
        let folder = here.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:03}")), seed)?;
        }
        println!("{target}: {} seeds, {} bytes", seeds.len(), seeds.iter().map(Vec::len).sum::<usize>());
    }
    Ok(())
}

fn disguise() -> Vec<Vec<u8>> {
    let secret = "00112233445566778899aabbccddeeff";
    let links = [
        "socks5://ada:pass%20word@[::1]:1080".to_owned(),
        "tg://socks?server=example.org&port=1080&user=ada&pass=p".to_owned(),
        format!("tg://proxy?server=192.0.2.1&port=443&secret={secret}"),
        format!("https://t.me/proxy?server=example.org&port=443&secret=dd{secret}"),
        format!("tg://proxy?server=example.org&port=443&secret=ee{secret}6578616d706c652e6f7267"),
        "tg://proxy?server=example.org&port=443&secret=7gARIjNEVWZ3iJmqu8zd7v9leGFtcGxlLm9yZw".to_owned(),
    ];
    let mut seeds: Vec<Vec<u8>> = links.iter().map(|link| [&[0, 1][..], link.as_bytes()].concat()).collect();
    // A hello, the end of its handshake, and a record of noise, as a proxy answers; and an alert.
    let hello = [&[0x16, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3][..], &[9; 84]].concat();
    let answer = [&hello[..], &[0x14, 3, 3, 0, 1, 1, 0x17, 3, 3, 0, 8], &[5; 8]].concat();
    let alert = [0x15, 3, 3, 0, 2, 2, 40];
    for mode in [1, 2, 3] {
        seeds.push([&[mode, 7][..], &answer].concat());
        seeds.push([&[mode, 3][..], &answer[hello.len()..], &alert].concat());
    }
    seeds
}

/// Every value of this name, however deep, from hex.
fn all(value: &Value, name: &str, found: &mut Vec<Vec<u8>>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == name => found.extend(hex(text)),
                    _ => all(value, name, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| all(value, name, found)),
        _ => {}
    }
}

fn named(vectors: &Value, name: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    all(vectors, name, &mut found);
    found
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    (digits.len() % 2 == 0).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn envelope(vectors: &Value) -> Vec<Vec<u8>> {
    let mut seeds = named(vectors, "envelope");
    for (mode, plain) in named(vectors, "padded_plaintext").iter().enumerate() {
        seeds.push([&[mode as u8, 100, 1][..], plain].concat());
    }
    seeds
}

fn payloads(vectors: &Value) -> Vec<Vec<u8>> {
    let mut payloads = named(vectors, "payload");
    let named = vectors["tl_payloads"].as_object();
    payloads.extend(named.into_iter().flatten().filter_map(|(_, value)| hex(value.as_str()?)));
    payloads.extend([253, 254, 255, 300].map(text));
    payloads
}

/// A text message of this many bytes: the form of a length changes at 254.
fn text(length: usize) -> Vec<u8> {
    let header = Header { layer: 144, in_seq_no: 0, out_seq_no: 1 };
    let text = Content::Message(Said::new(Body::text("r".repeat(length))));
    content::write(header, 1, &text, &mut rng(1)).to_vec()
}

/// What stands behind the layer's wrapper, its random bytes and its three numbers.
fn body(payload: &[u8]) -> Option<&[u8]> {
    let random_bytes = usize::from(*payload.get(4)?);
    payload.get(4 + (1 + random_bytes).next_multiple_of(4) + 12..)
}

fn wire(vectors: &Value) -> Vec<Vec<u8>> {
    let tagged = |which: u8, bytes: &[u8]| [&[which][..], bytes].concat();
    let payloads = payloads(vectors);
    let mut seeds: Vec<Vec<u8>> = payloads.iter().map(|payload| tagged(0, payload)).collect();
    for body in payloads.iter().filter_map(|payload| body(payload)) {
        seeds.push(tagged(1, body));
        // A service message is constructor, random_id, action.
        seeds.extend(body.get(12..).map(|action| tagged(2, action)));
    }
    seeds
}

fn contents(vectors: &Value) -> Vec<Vec<u8>> {
    let payloads = payloads(vectors);
    let bodies: Vec<Vec<u8>> = payloads.iter().filter_map(|it| body(it)).map(<[u8]>::to_vec).collect();
    [payloads, bodies].concat()
}

fn transport(vectors: &Value) -> Vec<Vec<u8>> {
    let packets: Vec<Vec<u8>> =
        named(vectors, "payload").into_iter().filter(|it| it.len() % 4 == 0).collect();
    let mut seeds = Vec::new();
    let chance = &mut rng(7);
    for hidden in Hidden::ALL {
        let mut proposed = obfuscated::propose(hidden, 2, None, chance);
        let frames: Vec<u8> =
            packets.iter().take(5).flat_map(|packet| proposed.encoder.encode(packet, chance)).collect();
        seeds.push([&[0, 5][..], &proposed.header, &frames].concat());
    }
    let framings = [Framing::Full, Framing::Abridged, Framing::Intermediate, Framing::PaddedIntermediate];
    for (mode, framing) in (1..).zip(framings) {
        let mut encoder = Encoder::new(framing);
        let tag = encoder.tag().to_vec();
        let frames: Vec<u8> =
            packets.iter().take(5).flat_map(|packet| encoder.encode(packet, chance)).collect();
        seeds.push([&[0, 5][..], &tag, &frames].concat());
        seeds.push([&[mode, 3][..], &frames].concat());
        seeds.push([&[mode, 1][..], &encoder.encode_error(-404)].concat());
    }
    let question = functions::ReqPqMulti { nonce: [7; 16] }.to_bytes();
    seeds.push([&[6, 0][..], &plain::write(1, &question)].concat());
    for mode in [5, 7, 8] {
        seeds.extend(packets.iter().take(4).map(|packet| [&[mode, 9][..], packet].concat()));
    }
    seeds
}

/// One of every message that a session knows, alone and together.
fn session() -> Vec<Vec<u8>> {
    let greeting = functions::InvokeWithLayer {
        layer: 1,
        query: functions::InitConnection {
            api_id: 1,
            device_model: "a".into(),
            system_version: "b".into(),
            app_version: "c".into(),
            system_lang_code: "d".into(),
            lang_pack: "e".into(),
            lang_code: "f".into(),
            proxy: None,
            params: Some(enums::Jsonvalue::JsonNull),
            query: functions::help::GetConfig {},
        },
    };
    let after = functions::InvokeAfterMsg { msg_id: 4, query: functions::help::GetNearestDc {} };
    let all_after =
        functions::InvokeAfterMsgs { msg_ids: vec![4, 8], query: functions::help::GetNearestDc {} };
    let silent = functions::InvokeWithoutUpdates { query: functions::help::GetNearestDc {} };
    let bodies = [
        greeting.to_bytes(),
        after.to_bytes(),
        all_after.to_bytes(),
        silent.to_bytes(),
        functions::Ping { ping_id: 1 }.to_bytes(),
        functions::PingDelayDisconnect { ping_id: 1, disconnect_delay: 75 }.to_bytes(),
        functions::GetFutureSalts { num: 64 }.to_bytes(),
        functions::DestroySession { session_id: 3 }.to_bytes(),
        functions::RpcDropAnswer { req_msg_id: 4 }.to_bytes(),
        enums::MsgsAck::Ack(types::MsgsAck { msg_ids: vec![4, 8] }).to_bytes(),
        enums::MsgsStateReq::Req(types::MsgsStateReq { msg_ids: vec![4, 8] }).to_bytes(),
        enums::MsgResendReq::Req(types::MsgResendReq { msg_ids: vec![4, 8] }).to_bytes(),
        enums::HttpWait::Wait(types::HttpWait { max_delay: 1, wait_after: 2, max_wait: 3 }).to_bytes(),
    ];
    let messages: Vec<Message> = (1_800_000_000_i64 << 32..)
        .step_by(4)
        .zip(&bodies)
        .map(|(msg_id, body)| Message { msg_id, seq_no: 1, body: body.clone() })
        .collect();
    let container = parcel::container(&messages);
    let receive =
        |number: u8, body: &[u8]| [&[0, number][..], &(body.len() as u16).to_le_bytes(), body].concat();
    let answer = [4, 2, 0, 0];
    let mut seeds: Vec<Vec<u8>> = bodies.iter().map(|body| receive(1, body)).collect();
    seeds
        .extend(bodies.iter().map(|body| [receive(1, &parcel::gzip_packed(body)), answer.to_vec()].concat()));
    seeds.push(receive(40, &container));
    seeds.push([receive(40, &parcel::gzip_packed(&container)), answer.to_vec()].concat());
    let numbered = (0..).zip(&bodies).flat_map(|(number, body)| receive(2 * number + 1, body));
    seeds.push(numbered.chain(answer).chain([6, 0, 0, 0]).chain(answer).collect());
    seeds
}

/// What a server says: pushes, answers and differences; and nested, what only a hostile one says.
fn inspector() -> Vec<Vec<u8>> {
    let message = types::EncryptedMessage {
        random_id: 1,
        chat_id: 2,
        date: 3,
        bytes: vec![7; 40],
        file: enums::EncryptedFile::Empty,
    };
    let update = types::UpdateNewEncryptedMessage { message: message.clone().into(), qts: 9 };
    let short: enums::Updates = types::UpdateShort { update: update.clone().into(), date: 1 }.into();
    let many = types::Updates {
        updates: vec![update.into(), types::UpdateEncryptedChatTyping { chat_id: 5 }.into()],
        users: vec![types::UserEmpty { id: 4 }.into()],
        chats: Vec::new(),
        date: 1,
        seq: 2,
    };
    let many: enums::Updates = many.into();
    let state = types::updates::State { pts: 1, qts: 2, date: 3, seq: 4, unread_count: 0 };
    let difference: enums::updates::Difference = types::updates::Difference {
        new_messages: vec![types::MessageEmpty { id: 1, peer_id: None }.into()],
        new_encrypted_messages: vec![message.into()],
        other_updates: Vec::new(),
        chats: Vec::new(),
        users: Vec::new(),
        state: state.into(),
    }
    .into();
    let bodies = [short.to_bytes(), many.to_bytes(), nested(3), nested(40)];
    let created = types::NewSessionCreated { first_msg_id: 1, unique_id: 2, server_salt: 3 };
    let created = enums::NewSession::Created(created).to_bytes();
    let answer =
        [&0xf35c_6d01_u32.to_le_bytes()[..], &[1; 8], &parcel::gzip_packed(&difference.to_bytes())].concat();
    let together: Vec<Message> =
        [created, answer, short.to_bytes()].map(|body| Message { msg_id: 5, seq_no: 1, body }).to_vec();
    let container = parcel::container(&together);
    let mut seeds: Vec<Vec<u8>> = vec![
        [&[2][..], &difference.to_bytes()].concat(),
        [&[0, 1][..], &container].concat(),
        [&[3][..], &container].concat(),
        [&[0, 3][..], &parcel::gzip_packed(&container)].concat(),
    ];
    for body in bodies {
        seeds.push([&[1][..], &body].concat());
        seeds.push([&[0, 1][..], &body, &[0xa5, 3], &body].concat());
    }
    seeds
}

/// `updateShort` with paid media in paid media, so many times.
fn nested(levels: usize) -> Vec<u8> {
    let round = [
        types::MessageMediaPaidMedia::CONSTRUCTOR_ID,
        0,
        0,
        0x1cb5_c415,
        1,
        types::MessageExtendedMedia::CONSTRUCTOR_ID,
    ];
    let head = [types::UpdateShort::CONSTRUCTOR_ID, types::UpdateMessageExtendedMedia::CONSTRUCTOR_ID];
    let peer = [types::PeerUser::CONSTRUCTOR_ID, 5, 0, 1, 0x1cb5_c415, 1, round[5]];
    let rounds = round.iter().cycle().take(round.len() * levels);
    let tail = [0x3ded_6320, 7];
    head.iter().chain(&peer).chain(rounds).chain(&tail).flat_map(|word| word.to_le_bytes()).collect()
}
