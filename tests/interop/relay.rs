//! A line to the server that can be cut, for clients that are to lose their connection.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Hands everything on, both ways, until it is cut.
pub struct Relay {
    pub address: SocketAddr,
    line: Arc<Mutex<Line>>,
}

#[derive(Default)]
struct Line {
    cut: bool,
    streams: Vec<TcpStream>,
}

impl Relay {
    pub fn new(to: SocketAddr) -> Relay {
        let listener = TcpListener::bind((to.ip(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let line = Arc::<Mutex<Line>>::default();
        let shared = Arc::clone(&line);
        // It ends with the process, as the listener does.
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| join(stream, to, &shared)));
        Relay { address, line }
    }

    /// Ends all connections, and every new one as soon as it is made.
    pub fn cut(&self) {
        let mut line = self.line.lock().unwrap();
        line.cut = true;
        line.streams.drain(..).for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
    }

    pub fn mend(&self) {
        self.line.lock().unwrap().cut = false;
    }

    /// Whether there is any connection that was made since it was cut.
    pub fn is_used(&self) -> bool {
        !self.line.lock().unwrap().streams.is_empty()
    }
}

fn join(from: TcpStream, to: SocketAddr, line: &Mutex<Line>) {
    let mut line = line.lock().unwrap();
    let Some(there) = (!line.cut).then(|| TcpStream::connect(to).ok()).flatten() else { return };
    for (from, to) in [(&from, &there), (&there, &from)] {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        line.streams.push(from.try_clone().unwrap());
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}
