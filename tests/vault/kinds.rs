//! Any row of any kind, for the tests that have to hold for all of them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use subrosa::secret::chat::{
    Accepting, Asking, Chat, Closed, Ready, Reply, Requested, Requesting, Side, Stage, Waiting,
};
use subrosa::secret::exchange::{ConfigFault, KNOWN_PRIME, Offer, Params};
use subrosa::secret::fault::{Closing, LocalFault, PeerFault};
use subrosa::secret::key::{Fingerprint, SharedKey};
use subrosa::secret::message::{Attachment, FileSecret, Kind};
use subrosa::secret::picture::KeyPicture;
use subrosa::secret::record::{
    Body, ChatId, Delivery, DhCache, Direction, Held, Marks, Message, Outgoing, Parked, Person, PersonKind,
    Presence, PrimeVerdict, RemoteFile, SentFile, UserId,
};
use subrosa::secret::rekey::{Keys, Phase, RekeyFault};
use subrosa::secret::sequence::{Counters, ResendFault};
use zeroize::Zeroizing;

fn bytes256() -> impl Strategy<Value = [u8; 256]> {
    vec(any::<u8>(), 256).prop_map(|bytes| bytes.try_into().unwrap())
}

fn params() -> impl Strategy<Value = Params> {
    (2i32..8).prop_map(|g| Params::from_stored(g, &KNOWN_PRIME).unwrap())
}

fn offer() -> impl Strategy<Value = Offer> {
    (params(), bytes256(), bytes256())
        .prop_map(|(params, secret, public)| Offer::from_stored(params, &secret, &public).unwrap())
}

fn key() -> impl Strategy<Value = SharedKey> {
    bytes256().prop_map(|bytes| SharedKey::new(&bytes))
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![Just(Reply::Undecided), Just(Reply::Left), Just(Reply::Accept)]
}

fn counters() -> impl Strategy<Value = Counters> {
    any::<(i32, i32, i32, i32, i32)>().prop_map(|(my_out, my_in, his_in, layer_seen, resend_end)| Counters {
        my_out,
        my_in,
        his_in,
        layer_seen,
        resend_end,
    })
}

/// An exchange has the parameters of its chat: they are stored once.
fn phase(params: Params) -> impl Strategy<Value = Phase> {
    prop_oneof![
        Just(Phase::Settled),
        (any::<i64>(), [bytes256(), bytes256()], any::<i32>(), any::<u32>()).prop_map(
            move |(exchange_id, [secret, public], at, uses)| {
                let offer = Offer::from_stored(params.clone(), &secret, &public).unwrap();
                Phase::Requested { exchange_id, offer: Box::new(offer), at, uses }
            }
        ),
        (any::<i64>(), key()).prop_map(|(exchange_id, pending)| Phase::Accepted { exchange_id, pending }),
        (key(), any::<i32>()).prop_map(|(previous, through)| Phase::Switched { previous, through }),
    ]
}

fn keys(params: Params) -> impl Strategy<Value = Keys> {
    (key(), phase(params), any::<i32>(), any::<[u32; 4]>(), any::<Option<i64>>()).prop_map(
        |(current, phase, since, [written, read, changes, rest_until], refused)| Keys {
            current,
            phase,
            since,
            written,
            read,
            changes,
            rest_until,
            refused,
        },
    )
}

fn ready() -> impl Strategy<Value = Stage> {
    let keyed = params().prop_flat_map(|params| (Just(params.clone()), keys(params)));
    (keyed, any::<bool>(), counters(), any::<[i32; 6]>()).prop_map(
        |(
            (params, keys),
            verified,
            counters,
            [peer_layer, notified_layer, ttl, seen, seen_told, read_by_peer],
        )| {
            Stage::Ready(Box::new(Ready {
                params,
                picture: KeyPicture::of(&keys.current),
                keys,
                verified,
                counters,
                peer_layer,
                notified_layer,
                ttl,
                seen,
                seen_told,
                read_by_peer,
            }))
        },
    )
}

fn closing() -> impl Strategy<Value = Closing> {
    let fingerprint = || any::<[u8; 8]>().prop_map(Fingerprint);
    prop_oneof![
        Just(Closing::ByUs),
        Just(Closing::SignedOut),
        Just(Closing::DeclinedByUs),
        any::<bool>().prop_map(|history_deleted| Closing::ByPeer { history_deleted }),
        Just(Closing::DeclinedByPeer),
        Just(Closing::TakenOrWithdrawn),
        (fingerprint(), fingerprint())
            .prop_map(|(ours, theirs)| Closing::Refused(PeerFault::Fingerprint { ours, theirs })),
        any::<(i32, i32)>().prop_map(|(from, to)| Closing::Refused(PeerFault::LayerFell { from, to })),
        Just(Closing::Refused(PeerFault::Resend(ResendFault::TooLong))),
        any::<i64>().prop_map(|gap| Closing::Refused(PeerFault::Gap(gap))),
        (fingerprint(), fingerprint())
            .prop_map(|(ours, theirs)| RekeyFault::Fingerprint { ours, theirs })
            .prop_map(|fault| Closing::Refused(fault.into())),
        Just(Closing::Refused(RekeyFault::OutOfTurn.into())),
        any::<i32>().prop_map(|g| Closing::Failed(LocalFault::DhConfig(ConfigFault::Generator(g)))),
        (any::<i32>(), ".*").prop_map(|(code, name)| Closing::Failed(LocalFault::Rpc { code, name })),
    ]
}

fn closed() -> impl Strategy<Value = Stage> {
    (closing(), option::of(key()), any::<bool>(), option::of(any::<bool>())).prop_map(
        |(closing, key, verified, discard)| {
            let picture = key.as_ref().map(KeyPicture::of);
            Stage::Closed(Closed { closing, picture, verified, discard })
        },
    )
}

pub fn stage() -> impl Strategy<Value = Stage> {
    prop_oneof![
        any::<i64>().prop_map(|user_hash| Stage::Asking(Asking { user_hash })),
        (any::<i64>(), offer())
            .prop_map(|(user_hash, offer)| Stage::Requesting(Requesting { user_hash, offer })),
        offer().prop_map(|offer| Stage::Waiting(Waiting { offer })),
        (vec(any::<u8>(), 0..260), reply())
            .prop_map(|(g_a, reply)| Stage::Requested(Requested { g_a, reply })),
        (params(), bytes256(), bytes256(), key()).prop_map(|(params, g_a, g_b, key)| {
            Stage::Accepting(Accepting { params, g_a: g_a.into(), g_b: g_b.into(), key })
        }),
        ready(),
        closed(),
    ]
}

pub fn chat(id: impl Strategy<Value = i32>) -> impl Strategy<Value = Chat> {
    let side = prop_oneof![Just(Side::Originator), Just(Side::Recipient)];
    (id, any::<i64>(), side, any::<i32>(), any::<i64>(), stage()).prop_map(
        |(id, user, side, date, access_hash, stage)| Chat {
            id: ChatId(id),
            user: UserId(user),
            side,
            date,
            access_hash,
            stage,
        },
    )
}

/// A voice message, or a film that may be a video note.
fn spoken(round: bool, duration: i32) -> Body {
    let (width, height) = (duration, 1);
    let kind = match duration % 2 {
        0 => Kind::Voice { duration, waveform: vec![1, 2, 3] },
        _ => Kind::Video { width, height, duration, round },
    };
    Body::File(Box::new(Attachment {
        kind,
        name: "a".into(),
        mime: "b".into(),
        size: 7,
        caption: "c".into(),
        thumb: None,
        secret: FileSecret::new([1; 32], [2; 32]),
        place: None,
    }))
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        "(?s).*".prop_map(|text| Body::Text(text.into())),
        any::<i32>().prop_map(Body::TimerSet),
        Just(Body::Screenshot),
        (any::<bool>(), any::<i32>()).prop_map(|(round, duration)| spoken(round, duration)),
        vec(any::<u8>(), 0..40).prop_map(|raw| Body::Unsupported(raw.into())),
    ]
}

fn delivery() -> impl Strategy<Value = Delivery> {
    prop_oneof![
        Just(Delivery::Queued),
        Just(Delivery::Sent),
        Just(Delivery::Read),
        Just(Delivery::Failed),
        Just(Delivery::Unseen),
        Just(Delivery::Seen),
    ]
}

pub fn message(
    chat: impl Strategy<Value = i32>,
    random_id: impl Strategy<Value = i64>,
    date: impl Strategy<Value = i32>,
) -> impl Strategy<Value = Message> {
    let direction = prop_oneof![Just(Direction::In), Just(Direction::Out)];
    let more = (any::<[Option<i64>; 3]>(), any::<[bool; 2]>(), any::<Option<String>>());
    (chat, random_id, direction, date, any::<i32>(), delivery(), body(), more).prop_map(
        |(chat, random_id, direction, date, ttl, delivery, body, more)| {
            let ([reply_to, album, destruct_ms], [silent, opened], via_bot) = more;
            let new = Message::new(ChatId(chat), random_id, direction, date, body);
            Message { ttl, delivery, reply_to, album, destruct_ms, silent, opened, via_bot, ..new }
        },
    )
}

fn remote_file() -> impl Strategy<Value = RemoteFile> {
    (any::<[i64; 3]>(), any::<[i32; 2]>()).prop_map(|([id, access_hash, size], [dc_id, key_fingerprint])| {
        RemoteFile { id, access_hash, size, dc_id, key_fingerprint }
    })
}

fn sent_file() -> impl Strategy<Value = SentFile> {
    prop_oneof![
        (any::<i64>(), any::<[i32; 2]>(), any::<bool>()).prop_map(|(id, [parts, key_fingerprint], big)| {
            SentFile::Uploaded { id, parts, key_fingerprint, big }
        }),
        any::<[i64; 2]>().prop_map(|[id, access_hash]| SentFile::There { id, access_hash }),
        Just(SentFile::Missing),
    ]
}

fn payload() -> impl Strategy<Value = Zeroizing<Vec<u8>>> {
    vec(any::<u8>(), 0..60).prop_map(Zeroizing::new)
}

pub fn outgoing(
    chat: impl Strategy<Value = i32>,
    number: impl Strategy<Value = i32>,
) -> impl Strategy<Value = Outgoing> {
    (chat, number, any::<i64>(), payload(), any::<[bool; 5]>(), option::of(sent_file())).prop_map(
        |(chat, number, random_id, payload, [service, rewritable, answered, silent, told], file)| Outgoing {
            told,
            silent,
            file,
            chat: ChatId(chat),
            number,
            random_id,
            payload,
            service,
            rewritable,
            answered,
        },
    )
}

pub fn parked(
    chat: impl Strategy<Value = i32>,
    number: impl Strategy<Value = i32>,
) -> impl Strategy<Value = Parked> {
    (chat, number, any::<i32>(), any::<[u8; 8]>(), any::<bool>(), payload(), option::of(remote_file()))
        .prop_map(|(chat, number, date, fingerprint, executed, payload, file)| Parked {
            file,
            chat: ChatId(chat),
            number,
            date,
            fingerprint,
            executed,
            payload,
        })
}

pub fn held(
    chat: impl Strategy<Value = i32>,
    random_id: impl Strategy<Value = i64>,
) -> impl Strategy<Value = Held> {
    (chat, random_id, any::<i32>(), vec(any::<u8>(), 0..60), option::of(remote_file())).prop_map(
        |(chat, random_id, date, envelope, file)| Held {
            chat: ChatId(chat),
            random_id,
            date,
            envelope,
            file,
        },
    )
}

pub fn dh() -> impl Strategy<Value = DhCache> {
    (any::<i32>(), any::<i32>(), bytes256()).prop_map(|(version, g, p)| DhCache { version, g, p: p.into() })
}

pub fn prime(p: impl Strategy<Value = u8>) -> impl Strategy<Value = PrimeVerdict> {
    (p, any::<bool>()).prop_map(|(p, good)| PrimeVerdict { p: vec![p; 256], good })
}

pub fn marks() -> impl Strategy<Value = Marks> {
    any::<[i32; 4]>().prop_map(|[pts, qts, seq, date]| Marks { pts, qts, seq, date })
}

fn presence() -> impl Strategy<Value = Presence> {
    prop_oneof![
        Just(Presence::Unknown),
        any::<i32>().prop_map(|until| Presence::Online { until }),
        any::<i32>().prop_map(Presence::LastSeen),
        Just(Presence::Recently),
        Just(Presence::LastWeek),
        Just(Presence::LastMonth),
    ]
}

pub fn person(id: impl Strategy<Value = i64>) -> impl Strategy<Value = Person> {
    let any_text = "(?s).{0,12}";
    (
        id,
        any::<i64>(),
        any_text,
        any_text,
        option::of(any_text),
        option::of(any_text),
        any::<(bool, bool)>(),
        proptest::sample::select(vec![PersonKind::Human, PersonKind::Bot, PersonKind::Deleted]),
        presence(),
    )
        .prop_map(|(id, access_hash, first_name, last_name, username, phone, flags, kind, presence)| {
            let (contact, blocked) = flags;
            let id = UserId(id);
            Person {
                id,
                access_hash,
                first_name,
                last_name,
                username,
                phone,
                contact,
                blocked,
                kind,
                presence,
            }
        })
}
