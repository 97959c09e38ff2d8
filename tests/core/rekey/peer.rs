//! A peer played by hand: it holds the real keys and says what the test wants, in the right numbers.

use rand::SeedableRng;
use rand::rngs::StdRng;
use subrosa::secret::chat::{Ready, Side, Stage};
use subrosa::secret::content::{self, Action, Content, Header, Incoming, Said};
use subrosa::secret::envelope;
use subrosa::secret::exchange::{Offer, Params};
use subrosa::secret::fault::{Closing, PeerFault};
use subrosa::secret::key::SharedKey;
use subrosa::secret::record::{Body, ChatId};
use subrosa::secret::rekey::{Keys, Phase};
use subrosa::secret::step::*;

use crate::world::{Device, World};

pub fn ready(device: &Device) -> &Ready {
    match device.stage() {
        Stage::Ready(ready) => ready,
        other => panic!("not ready: {other:?}"),
    }
}

pub fn keys(device: &Device) -> &Keys {
    &ready(device).keys
}

pub fn refusal(device: &Device) -> &PeerFault {
    match device.stage() {
        Stage::Closed(closed) => match &closed.closing {
            Closing::Refused(fault) => fault,
            other => panic!("{other:?}"),
        },
        other => panic!("not closed: {other:?}"),
    }
}

/// The exchange that the device is in.
pub fn exchange_of(device: &Device) -> i64 {
    match keys(device).phase {
        Phase::Requested { exchange_id, .. } | Phase::Accepted { exchange_id, .. } => exchange_id,
        _ => panic!("no exchange is under way"),
    }
}

pub fn text(words: &str) -> Content {
    Content::Message(Said::new(Body::text(words)))
}

/// Takes Alice's place (the originator's) towards Bob.
pub struct Peer {
    pub chat: ChatId,
    pub params: Params,
    /// All keys that it has; the last one is the one in use.
    pub keys: Vec<SharedKey>,
    /// The number of its next message, and how many of Bob's it has read.
    pub out: i32,
    pub read: i32,
    rng: StdRng,
}

impl Peer {
    /// Alice's stand-in in a world where nothing is under way.
    pub fn instead_of_alice(world: &World) -> Peer {
        let ready = ready(&world.alice);
        Peer {
            chat: world.alice.only_chat(),
            params: ready.params.clone(),
            keys: vec![ready.keys.current.clone()],
            out: ready.counters.my_out,
            read: ready.counters.my_in,
            rng: StdRng::seed_from_u64(77),
        }
    }

    pub fn offer(&mut self) -> Offer {
        self.params.offer(&[], &mut self.rng)
    }

    pub fn key(&self) -> SharedKey {
        self.keys.last().unwrap().clone()
    }

    /// The next message, under the key in use.
    pub fn says(&mut self, content: &Content) -> EncryptedMessage {
        self.says_under(&self.key(), content)
    }

    pub fn acts(&mut self, action: Action) -> EncryptedMessage {
        self.says(&Content::Action(action))
    }

    pub fn says_under(&mut self, key: &SharedKey, content: &Content) -> EncryptedMessage {
        self.out += 1;
        let header = Header { layer: 144, in_seq_no: 2 * self.read, out_seq_no: 2 * (self.out - 1) + 1 };
        let random_id = 10_000 + i64::from(self.out);
        let payload = content::write(header, random_id, content, &mut self.rng);
        let bytes = envelope::seal(key, Side::Originator, &payload, &mut self.rng);
        EncryptedMessage { random_id, chat: self.chat, date: 1_700_000_500, bytes, file: None }
    }

    /// Takes the message that Bob sends next, answering for the server: the number of the key it came under and what it says.
    pub fn hears_one(&mut self, bob: &mut Device) -> (usize, Content) {
        let call = bob.calls.pop_front().unwrap();
        let Call::SendEncrypted { data, .. } = &call else { panic!("{:?}", call.key()) };
        let named = envelope::named_key(data).unwrap();
        let under = self.keys.iter().position(|key| key.fingerprint() == named).expect("a known key");
        let payload = envelope::open(&self.keys[under], Side::Recipient, data).unwrap();
        let opened = content::read(&payload).unwrap();
        self.read = self.read.max(opened.header.out_seq_no / 2 + 1);
        bob.answer(&call, Ok(Answer::Sent { date: 1_700_000_600, file: None }));
        match opened.body {
            Incoming::Content(content) => (under, content),
            Incoming::Unsupported(_) => panic!("Bob speaks in riddles"),
        }
    }

    /// All that Bob sends until he has nothing more to say.
    pub fn hears(&mut self, bob: &mut Device) -> Vec<(usize, Content)> {
        let mut heard = Vec::new();
        while !bob.calls.is_empty() {
            heard.push(self.hears_one(bob));
        }
        heard
    }

    /// The same where only actions under the first key are expected.
    pub fn hears_actions(&mut self, bob: &mut Device) -> Vec<Action> {
        let action = |(under, content)| match (under, content) {
            (0, Content::Action(action)) => action,
            other => panic!("{other:?}"),
        };
        self.hears(bob).into_iter().map(action).collect()
    }

    /// Asks for another key and takes the answer; the exchange's id and CommitKey, still to be delivered.
    pub fn asks(&mut self, bob: &mut Device, exchange_id: i64) -> Action {
        let offer = self.offer();
        let request = self.acts(Action::RequestKey { exchange_id, g_a: offer.public().to_vec() });
        bob.deliver(request);
        let heard = self.hears_actions(bob);
        let [Action::AcceptKey { exchange_id: named, g_b, key_fingerprint }] = &heard[..] else {
            panic!("{heard:?}")
        };
        let key = offer.finish(g_b).unwrap();
        assert_eq!((*named, *key_fingerprint), (exchange_id, key.fingerprint()));
        let commit = Action::CommitKey { exchange_id, key_fingerprint: key.fingerprint() };
        self.keys.push(key);
        commit
    }

    /// Answers the request that Bob has stored, and has the new key.
    pub fn accepts(&mut self, bob: &Device) -> EncryptedMessage {
        let Phase::Requested { exchange_id, offer, .. } = &keys(bob).phase else {
            panic!("Bob has not asked")
        };
        let ours = self.offer();
        let g_b = ours.public().to_vec();
        let key = ours.finish(offer.public()).unwrap();
        let key_fingerprint = key.fingerprint();
        let message = self.acts(Action::AcceptKey { exchange_id: *exchange_id, g_b, key_fingerprint });
        self.keys.push(key);
        message
    }
}
