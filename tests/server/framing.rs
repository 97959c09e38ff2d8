//! Every framing, from the first byte to an answered method, and what a stranger's key gets.

use grammers_tl_types::{enums, functions};
use subrosa::mtproto::auth_key::AuthKey;
use subrosa::mtproto::framing::Framing;
use tokio::io::AsyncReadExt;

use crate::client::{Client, Incoming, Padding};
use crate::stage::Stage;

const FRAMINGS: [Framing; 3] = [Framing::Full, Framing::Abridged, Framing::Intermediate];

#[tokio::test]
async fn every_framing_and_both_paddings_lead_to_an_answer() {
    let stage = Stage::new().await;
    for framing in FRAMINGS {
        for padding in [Padding::RsaPad, Padding::Older] {
            let mut client = Client::connect(stage.address(), framing).await;
            client.agree_key(&stage.public_key(), padding).await;
            let answer = client.call(&functions::help::GetNearestDc {}).await;
            assert!(matches!(answer, Ok(enums::NearestDc::Dc(_))), "{framing:?} {padding:?}: {answer:?}");
        }
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn a_stream_in_single_bytes_is_understood() {
    let stage = Stage::new().await;
    let mut client = Client::connect(stage.address(), Framing::Full).await;
    client.stream.set_nodelay(true).unwrap();
    let request = grammers_tl_types::Serializable::to_bytes(&functions::ReqPqMulti { nonce: [7; 16] });
    let packet = subrosa::mtproto::plain::write(4, &request);
    let wire = subrosa::mtproto::framing::Encoder::new(Framing::Full).encode(&packet);
    for byte in wire {
        client.send_bytes(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert!(matches!(client.receive().await, Incoming::Packet(_)));
    stage.server.stop().await;
}

#[tokio::test]
async fn an_unknown_key_gets_404_and_the_door() {
    let stage = Stage::new().await;
    for framing in FRAMINGS {
        let mut client = Client::connect(stage.address(), framing).await;
        client.key = Some(AuthKey::new(&[0x55; 256]));
        client.send(&[1, 2, 3, 4]).await;
        let mut wire = Vec::new();
        client.stream.read_to_end(&mut wire).await.unwrap();
        let expected: &[u8] = match framing {
            Framing::Full => &[0x6c, 0xfe, 0xff, 0xff],
            Framing::Abridged => &[1, 0x6c, 0xfe, 0xff, 0xff],
            Framing::Intermediate => &[4, 0, 0, 0, 0x6c, 0xfe, 0xff, 0xff],
        };
        assert_eq!(wire, expected, "{framing:?}");
    }
    stage.server.stop().await;
}
