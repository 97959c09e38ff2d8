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

use super::budget::Share;
use crate::mtproto::framing::Encoder;

/// Packets and bytes that may wait for one client; parts of files are counted by their own budget.
const MAX_PACKETS: usize = 1024;
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// A client that takes nothing for so long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

enum Item {
    Packet(Vec<u8>),
    /// A packet whose bytes are paid for until it is written.
    Prepaid(Vec<u8>, Share),
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
pub fn outbox(connection: u64, encoder: Encoder) -> (Outbox, Writer) {
    let (sender, items) = mpsc::channel(MAX_PACKETS);
    let bytes = Arc::new(AtomicUsize::new(0));
    let outbox = Outbox { connection, items: sender, bytes: bytes.clone(), overflow: Arc::default() };
    (outbox, Writer { items, bytes, encoder })
}

impl Outbox {
    /// The number of the connection this leads to.
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// Queues a packet. If there is no room the connection is told to end, and the packet is lost. `share` is what its bytes took of a
    /// budget, if they did.
    pub fn send(&self, packet: Vec<u8>, share: Option<Share>) {
        match share {
            Some(share) => self.queue(Item::Prepaid(packet, share)),
            None => self.send_counted(packet),
        }
    }

    fn send_counted(&self, packet: Vec<u8>) {
        let len = packet.len();
        let waiting = self.bytes.fetch_add(len, Ordering::Relaxed);
        if waiting + len > MAX_BYTES || self.items.try_send(Item::Packet(packet)).is_err() {
            self.bytes.fetch_sub(len, Ordering::Relaxed);
            self.overflow.notify_one();
        }
    }

    pub fn send_error(&self, code: i32) {
        self.queue(Item::TransportError(code));
    }

    fn queue(&self, item: Item) {
        if self.items.try_send(item).is_err() {
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
            let (wire, share) = match item {
                Item::Packet(packet) => {
                    self.bytes.fetch_sub(packet.len(), Ordering::Relaxed);
                    (self.encoder.encode(&packet, &mut rand::rng()), None)
                }
                Item::Prepaid(packet, share) => (self.encoder.encode(&packet, &mut rand::rng()), Some(share)),
                Item::TransportError(code) => (self.encoder.encode_error(code), None),
            };
            if !matches!(timeout(WRITE_LIMIT, socket.write_all(&wire)).await, Ok(Ok(()))) {
                return;
            }
            drop(share);
        }
        // The client may be gone already; there is nothing left to tell it.
        let _ = timeout(WRITE_LIMIT, socket.shutdown()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::budget::Allowance;
    use super::*;
    use crate::mtproto::framing::Framing;

    #[tokio::test]
    async fn a_client_that_does_not_read_is_told_on() {
        let (outbox, _writer) = outbox(1, Encoder::new(Framing::Intermediate));
        outbox.send(vec![0; MAX_BYTES - 8], None);
        outbox.send(vec![0; 8], None);
        assert!(timeout(Duration::ZERO, outbox.overflown()).await.is_err());
        outbox.send(vec![0; 8], None);
        outbox.overflown().await;
    }

    #[tokio::test]
    async fn what_is_paid_for_is_given_back_when_it_is_written() {
        let allowance = Allowance::of_server().of_key(true).of_session();
        let freight = allowance.freight().unwrap();
        let (outbox, writer) = outbox(1, Encoder::new(Framing::Intermediate));
        for _ in 0..8 {
            let packet = vec![0; 1 << 20];
            let share = freight.take(packet.len());
            assert!(share.is_some());
            outbox.send(packet, share);
        }
        assert!(timeout(Duration::ZERO, outbox.overflown()).await.is_err());
        assert_eq!(freight.taken(), 8 << 20);
        drop(outbox);
        let mut wire = Vec::new();
        writer.run(&mut wire).await;
        assert_eq!((freight.taken(), wire.len()), (0, 8 * ((1 << 20) + 4)));
    }

    #[tokio::test]
    async fn what_is_queued_is_written_in_order() {
        let (outbox, writer) = outbox(1, Encoder::new(Framing::Abridged));
        outbox.send(vec![1; 4], None);
        outbox.send_error(-404);
        outbox.send(vec![2; 4], None);
        drop(outbox);
        let mut wire = Vec::new();
        writer.run(&mut wire).await;
        assert_eq!(wire, [1, 1, 1, 1, 1, 1, 0x6c, 0xfe, 0xff, 0xff, 1, 2, 2, 2, 2]);
    }
}
