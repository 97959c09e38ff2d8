//! Changing the key: the `pfs` vectors against the table of steps, and the `transcript` against the whole machine, on both sides.

use crate::payloads::{BEFORE_HEADER, RANDOM_ID, meaning};
use std::collections::VecDeque;

use subrosa::secret::chat::{Chat, Ready, Stage};
use subrosa::secret::exchange::{ConstantTime, Exponentiation};
use subrosa::secret::layer;
use subrosa::secret::machine::Machine;
use subrosa::secret::record::{ChatId, Moment, Snapshot, UserId};
use subrosa::secret::rekey::{Broken, Keys, Means, Phase, RekeyFault};
use subrosa::secret::sequence::Counters;
use subrosa::secret::step::{Answer, Batch, Call, Change, Command, Commit, Effect, EncryptedMessage, Input};

use super::*;

const CHAT: ChatId = ChatId(7);
const ME: UserId = UserId(1);
const PEER: UserId = UserId(2);

fn means<'a>(params: &'a Params, arithmetic: &'a dyn Exponentiation, rng: &'a mut Fixed) -> Means<'a> {
    Means { params, arithmetic, rng, now_s: 1_700_000_000, next_number: 9 }
}

fn first_keys(vectors: &Value) -> Keys {
    Keys::first(key(&vectors["dh"]["vectors"][0]["key"]), 1_600_000_000)
}

#[test]
fn serialised_steps() {
    let vectors = vectors();
    let header = Header { layer: 144, in_seq_no: 0, out_seq_no: 1 };
    let actions = vectors["pfs"]["actions"].as_object().unwrap();
    assert_eq!(actions.len(), 5);
    for (name, action) in actions {
        let content = meaning(&format!("pfs_{name}"), &vectors);
        let written = content::write(header, RANDOM_ID, &content, &mut rand::rng());
        assert!(written.ends_with(&bytes(action)), "{name}");
    }
}

#[test]
fn crossing_requests() {
    let vectors = vectors();
    let rekey = &vectors["pfs"]["dh"];
    let params = params(int(&rekey["g"]));
    let cases = list(&vectors["pfs"]["concurrent"]);
    assert_eq!(cases.len(), 6);
    for case in cases {
        let (mine, theirs) = (case["mine"].as_i64().unwrap(), case["theirs"].as_i64().unwrap());
        let offer = Offer::from_stored(params.clone(), &bytes(&rekey["a"]), &bytes(&rekey["g_a"])).unwrap();
        let requested = Phase::Requested { exchange_id: mine, offer: Box::new(offer), at: 5, uses: 6 };
        let mut keys = Keys { phase: requested.clone(), ..first_keys(&vectors) };
        let request = Action::RequestKey { exchange_id: theirs, g_a: bytes(&rekey["g_a"]) };
        let reply =
            keys.step(request, means(&params, &ConstantTime, &mut Fixed(bytes(&rekey["b"])))).unwrap();
        let key_fingerprint = Fingerprint(bytes(&rekey["fingerprint_bytes"]).try_into().unwrap());
        let (expected, phase) = match case["outcome"].as_str().unwrap() {
            "ignore theirs, wait for AcceptKey" => (None, requested),
            "abandon both silently" => (None, Phase::Settled),
            "abandon mine, accept theirs" => (
                Some(Action::AcceptKey { exchange_id: theirs, g_b: bytes(&rekey["g_b"]), key_fingerprint }),
                Phase::Accepted { exchange_id: theirs, pending: key(&rekey["key"]) },
            ),
            other => panic!("what is {other}?"),
        };
        assert_eq!((reply, keys.phase), (expected, phase), "{case}");
    }
}

/// Whatever the exponent, the same power: every exchange makes the same key.
#[derive(Debug)]
struct OneExponent;

impl Exponentiation for OneExponent {
    fn power(&self, params: &Params, base: &[u8], _: &[u8; 256]) -> zeroize::Zeroizing<[u8; 256]> {
        ConstantTime.power(params, base, &[5; 256])
    }
}

#[test]
fn a_key_is_never_replaced_by_itself() {
    let params = params(3);
    let ours = || params.offer_by(&OneExponent, &[], &mut rand::rng());
    let (g_a, same) = (ours().public().to_vec(), ours().finish_by(&OneExponent, ours().public()).unwrap());
    let broken = |tell| Err(Broken { fault: RekeyFault::SameKey, tell: Some(tell) });

    let mut keys = Keys::first(same.clone(), 0);
    let request = Action::RequestKey { exchange_id: 5, g_a: g_a.clone() };
    let reply = keys.step(request.clone(), means(&params, &OneExponent, &mut Fixed(vec![])));
    assert_eq!(reply, broken(5), "no half that was drawn makes another one");

    let mut keys = Keys::first(same.clone(), 0);
    keys.request(means(&params, &OneExponent, &mut Fixed(vec![]))).unwrap();
    let Phase::Requested { exchange_id, .. } = keys.phase else { panic!() };
    let key_fingerprint = same.fingerprint();
    let accept = Action::AcceptKey { exchange_id, g_b: g_a, key_fingerprint };
    assert_eq!(keys.step(accept, means(&params, &OneExponent, &mut Fixed(vec![]))), broken(exchange_id));
    assert_eq!(keys.current, same);

    /// The same at the first draw only.
    #[derive(Debug)]
    struct SameAtFirst;
    impl Exponentiation for SameAtFirst {
        fn power(&self, params: &Params, base: &[u8], exponent: &[u8; 256]) -> zeroize::Zeroizing<[u8; 256]> {
            let exponent = if exponent[0] == 1 { &[5; 256] } else { &[6; 256] };
            ConstantTime.power(params, base, exponent)
        }
    }
    let mut keys = Keys::first(same.clone(), 0);
    let reply = keys.step(request, means(&params, &SameAtFirst, &mut Fixed(vec![1; 256])));
    assert!(matches!(reply, Ok(Some(Action::AcceptKey { exchange_id: 5, .. }))), "another half is drawn");
    let Phase::Accepted { pending, .. } = &keys.phase else { panic!() };
    assert_ne!(pending, &same);
}

/// Gives the exponent to who asks for 256 bytes, the ids in turn to who asks for 8, and zeros otherwise.
struct Script {
    exponent: Vec<u8>,
    ids: VecDeque<i64>,
}

impl TryRng for Script {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        match to.len() {
            256 => to.copy_from_slice(&self.exponent),
            8 => to.copy_from_slice(&self.ids.pop_front().unwrap().to_le_bytes()),
            _ => to.fill(0),
        }
        Ok(())
    }
}

impl TryCryptoRng for Script {}

/// One side of the transcript played by the machine, from after its layer notice.
struct Player {
    machine: Machine,
    rng: Script,
    steps: Vec<Value>,
    keys: [SharedKey; 2],
    side: Side,
    /// As committed last.
    chat: Option<Chat>,
    said: Vec<String>,
    calls: VecDeque<Call>,
}

impl Player {
    fn new(side: Side, exponent: &str, ids: &[i64]) -> Player {
        let vectors = vectors();
        let keys = [key(&vectors["dh"]["vectors"][0]["key"]), key(&vectors["pfs"]["dh"]["key"])];
        let ready = Ready {
            params: params(3),
            picture: KeyPicture::of(&keys[0]),
            keys: Keys::first(keys[0].clone(), 1_600_000_000),
            verified: false,
            counters: Counters { my_out: 1, ..Counters::default() },
            peer_layer: layer::FLOOR,
            notified_layer: layer::OWN,
            ttl: 0,
            seen: 0,
            seen_told: 0,
            read_by_peer: 0,
        };
        let stage = Stage::Ready(Box::new(ready));
        let chat = Chat { id: CHAT, user: PEER, side, date: 1, access_hash: 2, stage };
        let machine = Machine::restore(ME, Snapshot { chats: vec![chat], ..Snapshot::default() });
        let rng =
            Script { exponent: bytes(&vectors["pfs"]["dh"][exponent]), ids: ids.iter().copied().collect() };
        let steps = list(&vectors["transcript"]["steps"]).to_vec();
        let (chat, said, calls) = (None, vec![], VecDeque::new());
        let mut player = Player { machine, rng, steps, keys, side, chat, said, calls };
        player.handle(Input::Online);
        player
    }

    fn handle(&mut self, input: Input) {
        let now = Moment { unix_ms: 1_600_000_100_000, mono_ms: 100_000 };
        let step = self.machine.handle(input, now, &mut self.rng);
        for change in step.commit.unwrap_or(Commit { changes: vec![] }).changes {
            match change {
                Change::Chat(chat) => self.chat = Some(*chat),
                Change::Message(message) => {
                    self.said.extend(message.body.words().map(|text| text.plain.clone()))
                }
                _ => {}
            }
        }
        self.calls.extend(step.effects.into_iter().filter_map(|effect| match effect {
            Effect::Invoke(call) => Some(call),
            _ => None,
        }));
    }

    /// The peer's envelope of this step arrives, byte for byte.
    fn receives(&mut self, n: usize) {
        let bytes = bytes(&self.steps[n - 1]["envelope"]);
        let message = EncryptedMessage { random_id: 1, chat: CHAT, date: 5, bytes, file: None };
        self.handle(Input::Batch(Batch { messages: vec![message], ..Batch::default() }));
    }

    /// What is sent next is this step: the same key, numbers, id and content.
    fn sends(&mut self, n: usize) {
        let call = self.calls.pop_front().unwrap();
        let Call::SendEncrypted { data, .. } = &call else { panic!("{:?}", call.key()) };
        let step = &self.steps[n - 1];
        let key = &self.keys[usize::from(step["key"] != "initial")];
        let payload = envelope::open(key, self.side, data).unwrap();
        let theirs = bytes(&step["payload"]);
        match content::read(&payload).unwrap() {
            // Our own texts forbid a preview, which the vectors leave open: that flag is the one difference.
            said @ Opened { body: Incoming::Content(Content::Message(_)), .. } => {
                assert_eq!(said, content::read(&theirs).unwrap(), "step {n}");
            }
            _ => assert!(payload.ends_with(&theirs[BEFORE_HEADER..]), "step {n}"),
        }
        self.handle(Input::Answer { to: call.key(), outcome: Ok(Answer::Sent { date: 6, file: None }) });
        assert!(self.calls.is_empty(), "nothing else is sent after step {n}");
    }

    fn says(&mut self, text: &str) {
        let draft = Box::new(Body::text(text).into());
        self.handle(Input::Command(Command::Send { chat: CHAT, draft }));
    }

    fn keys(&self) -> &Keys {
        match &self.chat.as_ref().unwrap().stage {
            Stage::Ready(ready) => &ready.keys,
            other => panic!("{other:?}"),
        }
    }

    fn ends(&self, said: &[&str]) {
        assert_eq!(self.said, said);
        let keys = self.keys();
        assert_eq!((&keys.current, &keys.phase, keys.changes), (&self.keys[1], &Phase::Settled, 1));
        assert!(self.rng.ids.is_empty());
    }
}

#[test]
fn the_transcript_as_the_one_who_is_asked() {
    let mut creator = Player::new(Side::Originator, "b", &[1002, 1003, 1004]);
    creator.receives(2);
    creator.says("one");
    creator.sends(3);
    creator.receives(4);
    creator.sends(5);
    creator.receives(6);
    creator.sends(7);
    let previous = creator.keys[0].clone();
    assert_eq!(creator.keys().phase, Phase::Switched { previous, through: -1 });
    creator.receives(8);
    creator.ends(&["one", "two"]);
}

#[test]
fn the_transcript_as_the_one_who_asks() {
    let exchange_id = vectors()["pfs"]["exchange_id"].as_i64().unwrap();
    let mut participant = Player::new(Side::Recipient, "a", &[exchange_id, 2002, 2003, 2004]);
    participant.receives(1);
    participant.receives(3);
    participant.handle(Input::Command(Command::ChangeKey(CHAT)));
    participant.sends(4);
    participant.receives(5);
    let previous = participant.keys[0].clone();
    assert_eq!(participant.keys().phase, Phase::Switched { previous, through: 2 });
    participant.sends(6);
    participant.receives(7);
    participant.says("two");
    participant.sends(8);
    participant.ends(&["one", "two"]);
}
