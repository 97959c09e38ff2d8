//! Objects nested without end: over TCP, in every wrapping that brings them to a reader.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use grammers_tl_types::{Identifiable, Serializable, functions, types};
use subrosa::cloud::fault::CloudError;
use subrosa::cloud::link::LinkEvent;
use subrosa::secret::step::CallError;

use crate::stub::{Peer, Stub};
use crate::{Client, PATIENCE, online, short};

const VECTOR: u32 = 0x1cb5_c415;
const GZIP_PACKED: u32 = 0x3072_cfa1;
const NO_MEDIA: u32 = 0x3ded_6320;

/// `updateShort` with paid media in paid media, so many times.
fn nested(levels: usize) -> Vec<u8> {
    let head = [types::UpdateShort::CONSTRUCTOR_ID, types::UpdateMessageExtendedMedia::CONSTRUCTOR_ID];
    let peer =
        [types::PeerUser::CONSTRUCTOR_ID, 5, 0, 1, VECTOR, 1, types::MessageExtendedMedia::CONSTRUCTOR_ID];
    let round = [
        types::MessageMediaPaidMedia::CONSTRUCTOR_ID,
        0,
        0,
        VECTOR,
        1,
        types::MessageExtendedMedia::CONSTRUCTOR_ID,
    ];
    let rounds = round.iter().cycle().take(round.len() * levels);
    let tail = [NO_MEDIA, 7];
    let words = head.iter().chain(&peer).chain(rounds).chain(&tail);
    words.flat_map(|word| word.to_le_bytes()).collect()
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    let mut bytes = GZIP_PACKED.to_le_bytes().to_vec();
    encoder.finish().unwrap().serialize(&mut bytes);
    bytes
}

/// The client says whose fault it is, and comes back.
async fn is_refused(mut client: Client, stub: &Stub, peer: Peer) {
    let CloudError::NotTelegram { address, detail } = client.failure().await else { panic!("another fault") };
    assert_eq!((address, detail.as_str()), (stub.address(), "an object may be nested too deeply to be read"));
    let key = peer.key.clone();
    let mut peer = stub.accept().await;
    peer.key = key;
    peer.greet().await;
    client.online().await;
    peer.push(short()).await;
    assert!(matches!(client.next().await, LinkEvent::Updates(updates) if *updates == short()));
}

#[tokio::test]
async fn a_bottomless_update_ends_the_connection_not_the_client() {
    for body in [nested(40_000), packed(&nested(100_000))] {
        let stub = Stub::start().await;
        let (client, mut peer) = online(&stub).await;
        peer.message(3, &body).await;
        is_refused(client, &stub, peer).await;
    }
}

#[tokio::test]
async fn so_does_a_bottomless_answer() {
    for body in [nested(40_000), packed(&nested(100_000))] {
        let stub = Stub::start().await;
        let (client, mut peer) = online(&stub).await;
        let link = client.link.clone();
        let call = tokio::spawn(async move { link.invoke(&functions::updates::GetState {}, PATIENCE).await });
        let asked = peer.call().await.unwrap();
        peer.answer(asked.msg_id, &body).await;
        assert_eq!(call.await.unwrap(), Err(CallError::Lost));
        is_refused(client, &stub, peer).await;
    }
}

#[tokio::test]
async fn nesting_within_bounds_is_read() {
    let stub = Stub::start().await;
    let (mut client, mut peer) = online(&stub).await;
    for levels in [0, 1, 100, 1000] {
        let body = nested(levels);
        peer.message(3, &body).await;
        let LinkEvent::Updates(updates) = client.next().await else { panic!("no updates") };
        assert_eq!(updates.to_bytes(), body, "{levels}");
    }
}
