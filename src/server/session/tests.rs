//! What a session decides that is hard to bring about over a wire: waiting, dropping, bounds.

use std::time::Instant;

use grammers_tl_types::{Deserializable, functions};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::mtproto::auth_key::AuthKey;

const NOW: Duration = Duration::from_secs(1_800_000_000);
const METHOD: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

struct Desk {
    session: Session,
    salts: Salts,
    sent: i64,
    /// The connection over which the client speaks.
    line: u64,
}

fn beginning() -> Beginning {
    Beginning { opened: Instant::now(), forgotten: 0 }
}

impl Desk {
    fn new() -> Desk {
        let allowance = Allowance::of_server().of_key(true).of_session();
        let salts = Salts::new(&AuthKey::new(&[1; 256]));
        let mut desk = Desk { session: Session::new(99, beginning(), allowance), salts, sent: 0, line: 1 };
        let announced = desk.send(&functions::Ping { ping_id: 1 }.to_bytes()).messages.remove(0);
        desk.session.acknowledge(announced.msg_id);
        desk
    }

    /// The id that the n-th message gets.
    fn id(n: i64) -> i64 {
        ((NOW.as_secs() as i64) << 32) + n * 4
    }

    fn send(&mut self, body: &[u8]) -> Reaction {
        self.sent += 1;
        self.send_as(self.sent, body)
    }

    fn send_as(&mut self, n: i64, body: &[u8]) -> Reaction {
        let packet = cipher::Message {
            salt: self.salts.current(NOW),
            session_id: 1,
            msg_id: Desk::id(n),
            seq_no: (n * 2 + 1) as i32,
            body: body.to_vec(),
        };
        self.session.receive(packet, Way { line: self.line, known: true }, &self.salts, NOW)
    }

    /// A request, answered with this.
    fn answered(&mut self, result: Vec<u8>) -> Message {
        let work = self.send(&METHOD).works.remove(0);
        self.session.answer(work.msg_id, Ok(result), NOW).messages.remove(0)
    }

    fn freight(&self) -> usize {
        self.session.allowance.freight().unwrap().taken()
    }

    fn last(&self) -> i64 {
        Desk::id(self.sent)
    }
}

/// The object inside the only message, which answers this request.
fn result(reaction: &Reaction, request: i64) -> &[u8] {
    assert_eq!(reaction.messages.len(), 1, "{reaction:?}");
    let mut reader = Reader::new(&reaction.messages[0].body);
    assert_eq!(reader.u32(), Some(RPC_RESULT));
    assert_eq!(reader.i64(), Some(request));
    reader.rest()
}

fn error_name(reaction: &Reaction, request: i64) -> String {
    let enums::RpcError::Error(error) = enums::RpcError::from_bytes(result(reaction, request)).unwrap();
    error.error_message
}

/// A query that is serialised already.
struct RawBytes(Vec<u8>);

impl Serializable for RawBytes {
    fn serialize(&self, buf: &mut impl Extend<u8>) {
        buf.extend(self.0.iter().copied());
    }
}

fn after(msg_id: i64) -> Vec<u8> {
    functions::InvokeAfterMsg { msg_id, query: functions::help::GetNearestDc {} }.to_bytes()
}

#[test]
fn a_long_answer_is_compressed_and_a_hopeless_one_replaced() {
    let mut desk = Desk::new();
    let work = desk.send(&METHOD).works.remove(0);
    assert_eq!((work.msg_id, work.method.as_slice()), (desk.last(), METHOD.as_slice()));
    let answer = vec![7; 50_000];
    let reaction = desk.session.answer(work.msg_id, Ok(answer.clone()), NOW);
    let mut reader = Reader::new(result(&reaction, work.msg_id));
    assert_eq!(reader.u32(), Some(parcel::GZIP_PACKED));
    let packed = reader.bytes().unwrap();
    assert!(packed.len() < 1000);
    assert_eq!(parcel::inflate(packed, &mut 100_000), Some(answer));

    let msg_id = desk.send(&METHOD).works.remove(0).msg_id;
    let reaction = desk.session.answer(msg_id, Ok(vec![7; MAX_ANSWER + 4]), NOW);
    assert_eq!(error_name(&reaction, msg_id), "ANSWER_TOO_LONG");
}

#[test]
fn a_running_request_is_not_run_again_and_may_be_dropped() {
    let mut desk = Desk::new();
    let running = desk.send(&METHOD).works.remove(0).msg_id;
    let again = desk.send_as(desk.sent, &METHOD);
    assert!(again.works.is_empty());
    let enums::MsgsAck::Ack(ack) = enums::MsgsAck::from_bytes(&again.messages[0].body).unwrap();
    assert_eq!(ack.msg_ids, [running]);

    let dropping = desk.send(&functions::RpcDropAnswer { req_msg_id: running }.to_bytes());
    let dropped = enums::RpcDropAnswer::RpcAnswerDroppedRunning.to_bytes();
    assert_eq!(result(&dropping, desk.last()), dropped);
    let reaction = desk.session.answer(running, Ok(vec![1; 4]), NOW);
    assert_eq!(result(&reaction, running), dropped);
}

#[test]
fn waiting_ends_with_success_failure_or_time() {
    let mut desk = Desk::new();
    let first = desk.send(&METHOD).works.remove(0).msg_id;
    let waits = desk.send(&after(first));
    assert!(waits.works.is_empty() && waits.messages.is_empty());
    assert_eq!(waits.held, [desk.last()]);
    let second = desk.last();
    assert!(desk.send(&after(second)).works.is_empty());
    let third = desk.last();

    let released = desk.session.answer(first, Ok(vec![1; 4]), NOW);
    assert_eq!(released.works.iter().map(|work| work.msg_id).collect::<Vec<_>>(), [second]);
    let failed = desk.session.answer(second, Err(error(400, "NO")), NOW);
    assert_eq!(failed.messages.len(), 2);
    let last = Reaction { messages: failed.messages[1..].to_vec(), ..Reaction::default() };
    assert_eq!(error_name(&last, third), "MSG_WAIT_FAILED");

    desk.send(&after(Desk::id(1000)));
    let reaction = desk.session.expire(desk.last(), NOW);
    assert_eq!(error_name(&reaction, desk.last()), "MSG_WAIT_TIMEOUT");
    assert!(desk.session.expire(desk.last(), NOW).messages.is_empty());
    assert_eq!(desk.session.running, 0);
}

/// What is noted of a client is work as well, and a request that is refused keeps no room for it.
#[test]
fn a_client_whose_request_is_refused_is_not_introduced_by_it() {
    let init = |query: Vec<u8>| {
        let text = String::new;
        let init = functions::InitConnection {
            api_id: 1,
            device_model: text(),
            system_version: text(),
            app_version: text(),
            system_lang_code: text(),
            lang_pack: text(),
            lang_code: text(),
            proxy: None,
            params: None,
            query: RawBytes(query),
        };
        init.to_bytes()
    };
    let mut desk = Desk::new();
    let failed = desk.send(&METHOD).works.remove(0).msg_id;
    desk.session.answer(failed, Err(error(400, "NO")), NOW);
    let refused = desk.send(&init(after(failed)));
    assert_eq!(error_name(&refused, desk.last()), "MSG_WAIT_FAILED");
    assert!(refused.device.is_none());
    assert!(desk.send(&init(METHOD.to_vec())).device.is_some());
}

#[test]
fn a_client_that_floods_is_told_to_wait() {
    let mut desk = Desk::new();
    for _ in 0..turn::MAX_RUNNING {
        assert_eq!(desk.send(&METHOD).works.len(), 1);
    }
    let reaction = desk.send(&METHOD);
    assert!(reaction.works.is_empty());
    assert_eq!(error_name(&reaction, desk.last()), "FLOOD_WAIT_1");
    desk.session.answer(Desk::id(2), Ok(vec![1; 4]), NOW);
    assert_eq!(desk.send(&METHOD).works.len(), 1);
}

#[test]
fn what_requests_keep_is_bounded_and_given_back() {
    let mut desk = Desk::new();
    let zeros = parcel::gzip_packed(&[METHOD.as_slice(), &[0; 60_000]].concat());
    let held = functions::InvokeAfterMsg { msg_id: Desk::id(1000), query: RawBytes(zeros) }.to_bytes();
    assert!(held.len() < 1000);
    let mut waiting = Vec::new();
    for _ in 0..turn::MAX_RUNNING {
        let reaction = desk.send(&held);
        match reaction.held.first() {
            Some(&msg_id) => waiting.push(msg_id),
            None => assert_eq!(error_name(&reaction, desk.last()), "FLOOD_WAIT_1"),
        }
    }
    assert_eq!(waiting.len(), (1 << 20) / 61_100);
    let kept: usize = desk.session.held.iter().map(|held| held.work.method.capacity()).sum();
    assert!(
        kept <= desk.session.allowance.requests.taken() && desk.session.allowance.requests.taken() <= 1 << 20,
        "{kept}"
    );
    for msg_id in waiting {
        desk.session.expire(msg_id, NOW);
    }
    assert_eq!(desk.session.allowance.requests.taken(), 0);
    assert_eq!(desk.send(&held).held, [desk.last()]);
}

#[test]
fn updates_come_only_to_those_who_asked() {
    let mut desk = Desk::new();
    assert!(desk.session.push(&[1; 8], NOW).messages.is_empty());
    let quiet = functions::InvokeWithoutUpdates { query: functions::help::GetNearestDc {} };
    desk.send(&quiet.to_bytes());
    assert!(desk.session.push(&[1; 8], NOW).messages.is_empty());
    desk.send(&METHOD);
    let reaction = desk.session.push(&[1; 8], NOW);
    let message = &reaction.messages[0];
    assert_eq!((message.msg_id & 3, message.seq_no & 1, message.body.as_slice()), (3, 1, [1; 8].as_slice()));
}

#[test]
fn several_messages_travel_in_one_container_if_they_are_small() {
    let mut desk = Desk::new();
    let mut content = |len: usize| desk.session.content(Kind::Answer, vec![1; len], NOW);
    let small: Vec<Message> = (0..2).map(|_| content(4)).collect();
    let large: Vec<Message> = (0..2).map(|_| content(MAX_TOGETHER_LEN)).collect();
    let many: Vec<Message> = (0..MAX_TOGETHER + 1).map(|_| content(4)).collect();

    let packed = desk.session.pack(small.clone(), NOW);
    assert_eq!((packed.len(), packed[0].seq_no & 1), (1, 0));
    assert!(packed[0].msg_id > small[1].msg_id);
    assert_eq!(parcel::open_container(&packed[0].body), Some(small.clone()));
    assert_eq!(desk.session.pack(small[..1].to_vec(), NOW), small[..1]);
    assert_eq!(desk.session.pack(large.clone(), NOW), large);
    let packed = desk.session.pack(many.clone(), NOW);
    assert_eq!(parcel::open_container(&packed[0].body).unwrap().len(), MAX_TOGETHER);
    assert_eq!(packed[1..], many[MAX_TOGETHER..]);
    assert_eq!(desk.session.pack(Vec::new(), NOW), []);
}

#[test]
fn one_packet_cannot_have_everything_repeated() {
    let mut desk = Desk::new();
    let request = desk.send(&METHOD).works.remove(0).msg_id;
    let mut incompressible = vec![0; 900_000];
    StdRng::seed_from_u64(1).fill_bytes(&mut incompressible);
    let answer = desk.session.answer(request, Ok(incompressible), NOW).messages.remove(0);
    assert!(answer.body.len() > 600_000);
    let again = types::MsgResendReq { msg_ids: vec![answer.msg_id; 64] };
    let reaction = desk.send(&enums::MsgResendReq::Req(again).to_bytes());
    assert_eq!(reaction.messages.len(), 1);
    assert!(enums::MsgsStateInfo::from_bytes(&reaction.messages[0].body).is_ok());
    let again = types::MsgResendReq { msg_ids: vec![answer.msg_id; 2] };
    let reaction = desk.send(&enums::MsgResendReq::Req(again).to_bytes());
    assert_eq!(reaction.messages, [answer.clone(), answer]);
}

/// What no compression makes shorter.
fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    StdRng::seed_from_u64(1).fill_bytes(&mut bytes);
    bytes
}

fn ids(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|message| message.msg_id).collect()
}

#[test]
fn what_is_too_much_to_send_again_is_named() {
    let mut desk = Desk::new();
    desk.session.bind(Some(1));
    let answers: Vec<Message> = (0..3).map(|_| desk.answered(noise(900_000))).collect();
    let requests: Vec<i64> = (2..5).map(Desk::id).collect();
    let update = desk.session.push(&noise(400_000), NOW).messages.remove(0);
    assert!(desk.session.send_again(NOW).messages.is_empty());

    desk.line = 2;
    desk.session.lose(1);
    desk.session.bind(Some(2));
    let again = desk.session.send_again(NOW).messages;
    assert!(again[..2] == answers[..2]);
    let named: Vec<_> =
        again[2..].iter().map(|message| enums::MsgDetailedInfo::from_bytes(&message.body).unwrap()).collect();
    let bytes = answers[2].body.len() as i32;
    let (msg_id, answer_msg_id) = (requests[2], answers[2].msg_id);
    let answer = types::MsgDetailedInfo { msg_id, answer_msg_id, bytes, status: 0 };
    let (answer_msg_id, bytes) = (update.msg_id, 400_000);
    let update = types::MsgNewDetailedInfo { answer_msg_id, bytes, status: 0 };
    assert_eq!(named, [answer.into(), update.into()]);
    assert!(desk.session.send_again(NOW).messages.is_empty(), "once for each connection");

    // So it is with requests that come again in one packet.
    let mut repeated: Vec<Message> = Vec::new();
    for (msg_id, n) in requests.iter().zip(2..) {
        repeated.push(Message { msg_id: *msg_id, seq_no: n * 2 + 1, body: METHOD.to_vec() });
    }
    let packet = cipher::Message {
        salt: desk.salts.current(NOW),
        session_id: 1,
        msg_id: Desk::id(100),
        seq_no: 0,
        body: parcel::container(&repeated),
    };
    let again = desk.session.receive(packet, Way { line: desk.line, known: true }, &desk.salts, NOW).messages;
    assert_eq!(ids(&again[..2]), ids(&answers[..2]));
    assert!(matches!(
        enums::MsgDetailedInfo::from_bytes(&again[2].body),
        Ok(enums::MsgDetailedInfo::Info(info)) if info.answer_msg_id == answers[2].msg_id
    ));
}

#[test]
fn that_the_session_is_new_is_said_until_it_is_heard() {
    let mut desk = Desk::new();
    desk.session = Session::new(98, beginning(), desk.session.allowance.clone());
    let announced = desk.send(&functions::Ping { ping_id: 1 }.to_bytes()).messages.remove(0);
    assert!(enums::NewSession::from_bytes(&announced.body).is_ok());
    desk.session.lose(1);
    desk.session.bind(Some(2));
    assert_eq!(desk.session.send_again(NOW).messages, [announced]);
}

#[test]
fn what_is_too_old_is_not_sent_again() {
    let mut desk = Desk::new();
    let work = desk.send(&METHOD).works.remove(0);
    desk.session.bind(None);
    let answer = desk.session.answer(work.msg_id, Ok(vec![1; 4]), NOW).messages.remove(0);
    let update = desk.session.push(&[1; 8], NOW).messages.remove(0);
    desk.session.bind(Some(1));
    let limit = NOW + Duration::from_secs(240);
    assert_eq!(desk.session.send_again(limit).messages, [answer.clone(), update]);
    desk.session.lose(2);
    assert!(desk.session.send_again(limit).messages.is_empty(), "another connection");
    desk.session.lose(1);
    let again = desk.session.send_again(limit + Duration::from_secs(2)).messages;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].body, enums::Updates::TooLong.to_bytes());
    assert_eq!(desk.send_as(2, &METHOD).messages, [answer], "to the request it is still the answer");
}

#[test]
fn nothing_waits_for_a_client_that_wants_no_updates() {
    let mut desk = Desk::new();
    desk.session.bind(None);
    for _ in 0..1000 {
        desk.session.push(&[1; 8], NOW);
    }
    desk.session.bind(Some(1));
    assert!(desk.session.send_again(NOW).messages.is_empty());
    desk.send(&METHOD);
    desk.session.bind(None);
    for _ in 0..1000 {
        desk.session.push(&[1; 8], NOW);
    }
    desk.session.bind(Some(2));
    let again = desk.session.send_again(NOW).messages;
    assert_eq!(again.len(), 257);
    assert_eq!(again[256].body, enums::Updates::TooLong.to_bytes());
}

/// A part of a file of this length, as the desk answers with it.
fn file(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    StdRng::seed_from_u64(7).fill_bytes(&mut bytes);
    let r#type = enums::storage::FileType::FileUnknown;
    enums::upload::File::File(types::upload::File { r#type, mtime: 1, bytes }).to_bytes()
}

fn get_file() -> Vec<u8> {
    let location = types::InputEncryptedFileLocation { id: 1, access_hash: 2 }.into();
    let (precise, cdn_supported, offset, limit) = (false, false, 0, 1 << 20);
    functions::upload::GetFile { precise, cdn_supported, location, offset, limit }.to_bytes()
}

#[test]
fn a_part_of_a_file_is_served_again_and_never_kept() {
    let mut desk = Desk::new();
    let work = desk.send(&get_file()).works.remove(0);
    let answer = file(1 << 20);
    let reaction = desk.session.answer(work.msg_id, Ok(answer.clone()), NOW);
    assert_eq!(result(&reaction, work.msg_id), answer, "neither refused nor compressed");
    assert!(desk.session.answers.to_request(work.msg_id).is_none());
    let after = desk.send(&after(work.msg_id));
    assert_eq!(after.works.len(), 1, "it has succeeded");

    let again = desk.send_as(2, &get_file());
    assert_eq!(again.works.iter().map(|work| work.msg_id).collect::<Vec<_>>(), [work.msg_id]);
    let reaction = desk.session.answer(work.msg_id, Ok(answer.clone()), NOW);
    assert_eq!(result(&reaction, work.msg_id), answer);
}

#[test]
fn parts_of_files_have_room_of_their_own() {
    let mut desk = Desk::new();
    let mut works = Vec::new();
    for _ in 0..turn::MAX_RUNNING {
        let mut reaction = desk.send(&get_file());
        match reaction.works.pop() {
            Some(work) => works.push(work),
            None => assert_eq!(error_name(&reaction, desk.last()), "FLOOD_WAIT_1"),
        }
        if reaction.works.is_empty() && works.len() < desk.sent as usize - 1 {
            break;
        }
    }
    assert!((8..12).contains(&works.len()), "{}", works.len());
    assert!(works.iter().all(|work| work.covers_answer));
    let freight = desk.freight();
    assert!(freight >= works.len() << 20 && freight <= 12 << 20, "{freight}");
    assert_eq!(desk.send(&METHOD).works.len(), 1, "messages go on");
    works.clear();
    assert_eq!(desk.freight(), 0);
    let part = functions::upload::SaveFilePart { file_id: 1, file_part: 0, bytes: vec![0; 512 << 10] };
    let work = desk.send(&part.to_bytes()).works.remove(0);
    assert!(desk.freight() >= 512 << 10 && !work.covers_answer);
}

#[test]
fn strangers_have_no_freight() {
    let mut desk = Desk::new();
    desk.session.allowance.set_member(false);
    let part = functions::upload::SaveFilePart { file_id: 1, file_part: 0, bytes: vec![0; 300 << 10] };
    let part =
        functions::InvokeAfterMsg { msg_id: Desk::id(1000), query: RawBytes(part.to_bytes()) }.to_bytes();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        waiting.extend(desk.send(&part).held);
    }
    assert_eq!(waiting.len(), 3, "as much as of any request");
    assert_eq!(error_name(&desk.send(&part), desk.last()), "FLOOD_WAIT_1");
    let work = desk.send(&get_file()).works.remove(0);
    assert!(!work.covers_answer, "the answer is a refusal");
    drop(work);
    for msg_id in waiting {
        desk.session.expire(msg_id, NOW);
    }
    assert_eq!(desk.session.allowance.requests.taken(), 0);

    desk.session.allowance.set_member(true);
    assert_eq!(desk.freight(), 0);
    for _ in 0..8 {
        assert_eq!(desk.send(&part).held, [desk.last()]);
    }
    assert!(desk.freight() >= 8 * (300 << 10));
    assert_eq!(desk.session.allowance.requests.taken(), 0);
}
