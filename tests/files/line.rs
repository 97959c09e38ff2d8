//! A line to the server that a test can hold and cut: bytes are counted, and stop where the test wants them to.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// One direction.
#[derive(Clone)]
pub struct Wire {
    passed: watch::Sender<u64>,
    /// No more than this many bytes pass.
    bound: watch::Sender<u64>,
}

pub struct Line {
    pub address: SocketAddr,
    pub up: Wire,
    pub down: Wire,
    /// Counts the cuts: connections older than the last one are dead.
    cut: watch::Sender<u32>,
}

impl Wire {
    fn new() -> Wire {
        Wire { passed: watch::Sender::new(0), bound: watch::Sender::new(u64::MAX) }
    }

    pub fn passed(&self) -> u64 {
        *self.passed.borrow()
    }

    /// Lets so many more bytes pass, and then none.
    pub fn hold_after(&self, bytes: u64) {
        self.bound.send_replace(self.passed() + bytes);
    }

    /// Waits until it holds.
    pub async fn held(&self) {
        let bound = *self.bound.borrow();
        self.passed.subscribe().wait_for(|passed| *passed >= bound).await.unwrap();
    }

    pub fn release(&self) {
        self.bound.send_replace(u64::MAX);
    }

    async fn carry(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 16 << 10];
        let mut bound = self.bound.subscribe();
        loop {
            let room = match bound.wait_for(|bound| *bound > self.passed()).await {
                Ok(bound) => bound.saturating_sub(self.passed()),
                Err(_) => return,
            };
            let most = buffer.len().min(usize::try_from(room).unwrap_or(usize::MAX));
            match from.read(&mut buffer[..most]).await {
                Ok(0) | Err(_) => return,
                Ok(read) => {
                    self.passed.send_modify(|passed| *passed += read as u64);
                    if to.write_all(&buffer[..read]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

impl Line {
    pub async fn to(server: SocketAddr) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (up, down, cut) = (Wire::new(), Wire::new(), watch::Sender::new(0));
        let wires = (up.clone(), down.clone(), cut.clone());
        tokio::spawn(async move {
            let (up, down, cut) = wires;
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else { continue };
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                let (up, down, mut cut) = (
                    up.clone().carry(from_client, to_server),
                    down.clone().carry(from_server, to_client),
                    cut.subscribe(),
                );
                tokio::spawn(async move {
                    tokio::select! {
                        () = up => {}
                        () = down => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Line { address, up, down, cut }
    }

    /// Breaks every connection there is; new ones are made.
    pub fn cut(&self) {
        self.cut.send_modify(|cuts| *cuts += 1);
    }
}
