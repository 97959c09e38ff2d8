//! The bounded queue in front of a connection's socket, and the task that empties it.
//!
//! Answers and updates are produced by other tasks and threads, which must never wait for a slow client. What does not fit ends the
//! connection: the client comes back and fetches what it missed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use crate::mtproto::framing::{Encoder, Framing};

/// Packets and bytes that may wait for one client.
const MAX_PACKETS: usize = 1024;
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// A client that takes nothing for so long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

enum Item {
    Packet(Vec<u8>),
    TransportError(i32),
}

/// The sending half; cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    connection: u64,
    items: mpsc::Sender<Item>,
    bytes: Arc<AtomicUsize>,
    overflow: Arc<Notify>,
}

/// The writing half.
pub struct Writer {
    items: mpsc::Receiver<Item>,
    bytes: Arc<AtomicUsize>,
    encoder: Encoder,
}

/// A queue for the connection with this number.
pub fn outbox(connection: u64, framing: Framing) -> (Outbox, Writer) {
    let (sender, items) = mpsc::channel(MAX_PACKETS);
    let bytes = Arc::new(AtomicUsize::new(0));
    let outbox = Outbox { connection, items: sender, bytes: bytes.clone(), overflow: Arc::default() };
    (outbox, Writer { items, bytes, encoder: Encoder::new(framing) })
}

impl Outbox {
    /// The number of the connection this leads to.
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// Queues a packet. If there is no room the connection is told to end, and the packet is lost.
    pub fn send(&self, packet: Vec<u8>) {
        let len = packet.len();
        let waiting = self.bytes.fetch_add(len, Ordering::Relaxed);
        if waiting + len > MAX_BYTES || self.items.try_send(Item::Packet(packet)).is_err() {
            self.bytes.fetch_sub(len, Ordering::Relaxed);
            self.overflow.notify_one();
        }
    }

    pub fn send_error(&self, code: i32) {
        if self.items.try_send(Item::TransportError(code)).is_err() {
            self.overflow.notify_one();
        }
    }

    /// Completes when the connection has to end because its client does not read.
    pub async fn overflown(&self) {
        self.overflow.notified().await;
    }
}

impl Writer {
    /// Writes until every [`Outbox`] is gone or the socket fails, then closes it.
    pub async fn run(mut self, mut socket: impl AsyncWrite + Unpin) {
        while let Some(item) = self.items.recv().await {
            let wire = match item {
                Item::Packet(packet) => {
                    self.bytes.fetch_sub(packet.len(), Ordering::Relaxed);
                    self.encoder.encode(&packet)
                }
                Item::TransportError(code) => self.encoder.encode_error(code),
            };
            if !matches!(timeout(WRITE_LIMIT, socket.write_all(&wire)).await, Ok(Ok(()))) {
                return;
            }
        }
        // The client may be gone already; there is nothing left to tell it.
        let _ = timeout(WRITE_LIMIT, socket.shutdown()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_does_not_read_is_told_on() {
        let (outbox, _writer) = outbox(1, Framing::Intermediate);
        outbox.send(vec![0; MAX_BYTES - 8]);
        outbox.send(vec![0; 8]);
        assert!(timeout(Duration::ZERO, outbox.overflown()).await.is_err());
        outbox.send(vec![0; 8]);
        outbox.overflown().await;
    }

    #[tokio::test]
    async fn what_is_queued_is_written_in_order() {
        let (outbox, writer) = outbox(1, Framing::Abridged);
        outbox.send(vec![1; 4]);
        outbox.send_error(-404);
        outbox.send(vec![2; 4]);
        drop(outbox);
        let mut wire = Vec::new();
        writer.run(&mut wire).await;
        assert_eq!(wire, [1, 1, 1, 1, 1, 1, 0x6c, 0xfe, 0xff, 0xff, 1, 2, 2, 2, 2]);
    }
}
