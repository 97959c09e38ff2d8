//! Every framing, plain and obfuscated, from the first byte to an answered method, and what a stranger's key gets.

use grammers_tl_types::{Serializable, enums, functions};
use subrosa::mtproto::auth_key::AuthKey;
use subrosa::mtproto::framing::Framing;
use subrosa::mtproto::obfuscated::{self, HEADER_LEN, Hidden};
use subrosa::mtproto::plain;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Client, Form, Incoming, Padding};
use crate::stage::Stage;

#[tokio::test]
async fn every_framing_and_both_paddings_lead_to_an_answer() {
    let stage = Stage::new().await;
    for form in Form::ALL {
        for padding in [Padding::RsaPad, Padding::Older] {
            let mut client = Client::connect(stage.address(), form).await;
            client.agree_key(&stage.public_key(), padding).await;
            let answer = client.call(&functions::help::GetNearestDc {}).await;
            assert!(matches!(answer, Ok(enums::NearestDc::Dc(_))), "{form:?} {padding:?}: {answer:?}");
        }
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn a_stream_in_single_bytes_is_understood() {
    let stage = Stage::new().await;
    for form in Form::ALL {
        let mut client = Client::connect(stage.address(), form).await;
        client.stream.set_nodelay(true).unwrap();
        let request = functions::ReqPqMulti { nonce: [7; 16] }.to_bytes();
        let wire = client.wire(&plain::write(4, &request));
        for byte in wire {
            client.send_bytes(&[byte]).await;
            tokio::task::yield_now().await;
        }
        assert!(matches!(client.receive().await, Incoming::Packet(_)), "{form:?}");
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn an_unknown_key_gets_404_and_the_door() {
    let stage = Stage::new().await;
    for form in Form::ALL {
        let mut client = Client::connect(stage.address(), form).await;
        client.key = Some(AuthKey::new(&[0x55; 256]));
        client.send(&[1, 2, 3, 4]).await;
        let expected: &[u8] = match form {
            Form::Plain(Framing::Full) => &[0x6c, 0xfe, 0xff, 0xff],
            Form::Plain(Framing::Abridged) => &[1, 0x6c, 0xfe, 0xff, 0xff],
            Form::Plain(Framing::Intermediate | Framing::PaddedIntermediate) => {
                &[4, 0, 0, 0, 0x6c, 0xfe, 0xff, 0xff]
            }
            Form::Hidden(_) => {
                assert_eq!(client.receive().await, Incoming::TransportError(-404), "{form:?}");
                &[]
            }
        };
        let mut wire = Vec::new();
        client.stream.read_to_end(&mut wire).await.unwrap();
        assert_eq!(wire, expected, "{form:?}");
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn a_header_for_a_proxy_with_a_secret_is_shown_the_door() {
    let stage = Stage::new().await;
    let header = obfuscated::propose(Hidden::PaddedIntermediate, 2, Some(&[7; 16]), &mut rand::rng()).header;
    let mut stream = TcpStream::connect(stage.address()).await.unwrap();
    stream.write_all(&header[..HEADER_LEN]).await.unwrap();
    assert_eq!(stream.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    stage.server.stop().await;
}
