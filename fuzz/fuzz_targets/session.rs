//! A session at the server: whatever its client sends, and in whatever order it is answered, each request is executed once.
#![no_main]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use subrosa::mtproto::auth_key::AuthKey;
use subrosa::mtproto::cipher::Message;
use subrosa::server::rpc::RpcError;
use subrosa_fuzz::server::budget::Allowance;
use subrosa_fuzz::server::session::request::MAX_REQUEST_LEN;
use subrosa_fuzz::server::session::history::Beginning;
use subrosa_fuzz::server::session::salts::Salts;
use subrosa_fuzz::server::session::{Reaction, Session, Way, Work, parcel};
use subrosa_fuzz::{KEY, whole};

/// When it all happens, unix seconds.
const NOW: u64 = 1_800_000_000;

fuzz_target!(|data: &[u8]| {
    let key = AuthKey::new(&KEY);
    let allowance = Allowance::of_server().of_key(true).of_session();
    let mut play = Play {
        salts: Salts::new(&key),
        session: Session::new(7, Beginning { opened: Instant::now(), forgotten: 0 }, allowance),
        now: Duration::from_secs(NOW),
        works: Vec::new(),
        held: Vec::new(),
        executed: HashSet::new(),
    };
    let mut rest = data;
    while let Some((&[act, a, b, c], tail)) = rest.split_first_chunk::<4>() {
        let length = usize::from(u16::from_le_bytes([b, c])).min(tail.len());
        let takes_bytes = act % 8 < 4;
        let (bytes, tail) = tail.split_at(if takes_bytes { length } else { 0 });
        play.act(act, a, bytes);
        rest = tail;
    }
});

struct Play {
    salts: Salts,
    session: Session,
    now: Duration,
    works: Vec<Work>,
    held: Vec<i64>,
    executed: HashSet<i64>,
}

impl Play {
    fn act(&mut self, act: u8, number: u8, bytes: &[u8]) {
        let reaction = match act % 8 {
            0..=2 => {
                let way = Way { line: u64::from(number & 1), known: number & 2 == 0 };
                self.session.receive(self.packet(act, number, bytes), way, &self.salts, self.now)
            }
            // Updates have a constructor at least.
            3 => match whole(bytes, 4) {
                [] => return,
                updates => self.session.push(updates, self.now),
            },
            4 | 5 => match self.works.pop() {
                Some(work) => self.session.answer(work.msg_id, result(number), self.now),
                None => return,
            },
            6 => match self.held.pop() {
                Some(msg_id) => self.session.expire(msg_id, self.now),
                None => return,
            },
            _ => {
                self.now += Duration::from_secs(u64::from(number));
                return;
            }
        };
        self.react(reaction);
    }

    /// Like a client's, with the numbers of a client most of the time.
    fn packet(&self, act: u8, number: u8, bytes: &[u8]) -> Message {
        let mut body = bytes.to_vec();
        body.resize(body.len().next_multiple_of(4).max(4), 0);
        let salt = if act & 0x80 == 0 { self.salts.current(self.now) } else { 1 };
        let seconds = self.now.as_secs() as i64;
        let msg_id = (seconds << 32) + (i64::from(act >> 3 & 0xf) << 12) + (i64::from(number) << 2);
        Message { salt, session_id: 1, msg_id, seq_no: i32::from(number), body }
    }

    fn react(&mut self, reaction: Reaction) {
        for work in reaction.works {
            assert!(work.method.len() <= MAX_REQUEST_LEN);
            assert!(self.executed.insert(work.msg_id), "a request is executed once");
            self.works.push(work);
        }
        self.held.extend(reaction.held);
        for message in &reaction.messages {
            assert_eq!(message.body.len() % 4, 0);
        }
        let sent: usize = reaction.messages.len();
        let packed = self.session.pack(reaction.messages, self.now);
        let unpacked: usize =
            packed.iter().map(|it| parcel::open_container(&it.body).map_or(1, |inner| inner.len())).sum();
        assert!(unpacked >= sent);
    }
}

fn result(number: u8) -> Result<Vec<u8>, RpcError> {
    if number & 1 == 0 {
        Ok(vec![number; 4 * (1 + usize::from(number) * 4)])
    } else {
        Err(RpcError { code: 400, name: "NO".into() })
    }
}
