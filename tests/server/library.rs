//! The same server as a client library sees it that others wrote: its transport, its encryption, its session.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use grammers_crypto::DequeBuffer;
use grammers_mtproto::MsgId;
use grammers_mtproto::mtp::{Deserialization, Encrypted, Mtp};
use grammers_mtproto::transport::{Full, Transport};
use grammers_tl_types::{RemoteCall, enums, functions};
use subrosa::mtproto::framing::Framing;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Client, Padding, read};
use crate::files::{FILE_ID, PART, noise, pair, request, send};
use crate::stage::Stage;

struct Library {
    stream: TcpStream,
    transport: Full,
    mtp: Encrypted,
    salt_requests: u32,
}

impl Library {
    /// Sends requests in one go and yields their results, in the order of the requests.
    async fn call<R: RemoteCall>(&mut self, requests: &[R]) -> Vec<R::Return> {
        let mut ids = self.send(requests).await;
        let mut results: Vec<Option<R::Return>> = ids.iter().map(|_| None).collect();
        while results.iter().any(Option::is_none) {
            let mut refused = false;
            for event in self.receive().await {
                match event {
                    Deserialization::RpcResult(result) => {
                        if let Some(at) = ids.iter().position(|id| *id == result.msg_id) {
                            results[at] = Some(read(&result.body));
                        }
                    }
                    Deserialization::BadMessage(bad) => {
                        assert_eq!(bad.code, 48);
                        refused = true;
                    }
                    Deserialization::RpcError(error) => panic!("{:?}", error.error),
                    Deserialization::Failure(failure) => panic!("{:?}", failure.error),
                    Deserialization::Update(_) | Deserialization::OwnUpdate { .. } => {}
                }
            }
            if refused {
                ids = self.send(requests).await;
            }
        }
        results.into_iter().flatten().collect()
    }

    /// Queues requests until the library takes them: while it asks for salts it takes none.
    async fn send<R: RemoteCall>(&mut self, requests: &[R]) -> Vec<MsgId> {
        loop {
            let mut buffer = DequeBuffer::with_capacity(4096, 256);
            let ids: Option<Vec<_>> =
                requests.iter().map(|request| self.mtp.push(&mut buffer, &request.to_bytes())).collect();
            self.flush(buffer).await;
            if let Some(ids) = ids {
                return ids;
            }
            self.salt_requests += 1;
            self.receive().await;
        }
    }

    async fn flush(&mut self, mut buffer: DequeBuffer<u8>) {
        if self.mtp.finalize(&mut buffer).is_some() {
            self.transport.pack(&mut buffer);
            self.stream.write_all(&buffer[..]).await.unwrap();
        }
    }

    async fn receive(&mut self) -> Vec<Deserialization> {
        let mut wire = vec![0; 4];
        self.stream.read_exact(&mut wire).await.unwrap();
        let len = u32::from_le_bytes(wire[..4].try_into().unwrap()) as usize;
        wire.resize(len, 0);
        self.stream.read_exact(&mut wire[4..]).await.unwrap();
        let offset = self.transport.unpack(&mut wire).unwrap();
        self.mtp.deserialize(&mut wire[offset.data_range]).unwrap()
    }
}

#[tokio::test]
async fn it_talks_with_and_without_a_good_salt() {
    let stage = Stage::new().await;
    let mut introducer = Client::connect(stage.address(), Framing::Full).await;
    introducer.agree_key(&stage.public_key(), Padding::RsaPad).await;
    let key = *introducer.key.as_ref().unwrap().expose();
    for salt in [introducer.salt, 0] {
        let mut library = Library {
            stream: TcpStream::connect(stage.address()).await.unwrap(),
            transport: Full::new(),
            mtp: Encrypted::build().first_salt(salt).finish(key),
            salt_requests: 0,
        };
        for _ in 0..3 {
            let requests = [functions::help::GetNearestDc {}, functions::help::GetNearestDc {}];
            let answers = library.call(&requests).await;
            assert!(matches!(answers[..], [enums::NearestDc::Dc(_), enums::NearestDc::Dc(_)]));
        }
        let pongs = library.call(&[functions::Ping { ping_id: 9 }]).await;
        let enums::Pong::Pong(pong) = &pongs[0];
        assert_eq!(pong.ping_id, 9);
        assert_eq!(library.salt_requests, 1);
    }
    stage.server.stop().await;
}

#[tokio::test]
async fn parts_of_files_fit_through_it() {
    let stage = Stage::new().await;
    let mut people = pair(&stage).await;
    let bytes = noise(3 * PART + 16);
    let library = |client: &Client, stream| Library {
        stream,
        transport: Full::new(),
        mtp: Encrypted::build().first_salt(client.salt).finish(*client.key.as_ref().unwrap().expose()),
        salt_requests: 0,
    };
    let mut sender = library(&people.ada, TcpStream::connect(stage.address()).await.unwrap());
    let file_total_parts = 4;
    for (file_part, part) in (0..).zip(bytes.chunks(PART)) {
        let (file_id, bytes) = (FILE_ID, part.to_vec());
        let request = functions::upload::SaveBigFilePart { file_id, file_part, file_total_parts, bytes };
        assert_eq!(sender.call(&[request]).await, [true]);
    }
    let file = send(&mut people, file_total_parts).await;
    let mut receiver = library(&people.boole, TcpStream::connect(stage.address()).await.unwrap());
    let requests: Vec<_> = (0..4).map(|part| request(&file, part * PART, PART as i32)).collect();
    let mut whole = Vec::new();
    for answer in receiver.call(&requests).await {
        let enums::upload::File::File(file) = answer else { panic!("no file") };
        whole.extend(file.bytes);
    }
    assert!(whole == bytes);
    stage.server.stop().await;
}
