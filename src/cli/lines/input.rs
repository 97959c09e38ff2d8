//! What is entered in line mode: lines of standard input, and the one answer among them that nobody may see.
//!
//! Standard input is read by a thread of its own, since a terminal gives its lines when it likes. That thread asks the hidden question
//! too: another one could not have the terminal while this one reads from it. It waits with it until what belongs before was said.

use std::io::BufRead;
use std::sync::mpsc as waiting;

use tokio::sync::mpsc;

use super::parse::{Line, parse};
use crate::cli::prompt::{ask_secret, somebody_types};
use crate::engine::entrance::Hidden;

/// Lines read ahead while the engine is busy.
const LINE_QUEUE: usize = 64;

/// The longest line taken from standard input, bytes; a message has at most 4096 characters.
const MAX_LINE: u64 = 64 * 1024;

const WHICH_PROXY: &str = "The link of another proxy (not shown; none goes without, Enter alone leaves it): ";

/// Something that was entered.
pub(super) enum Entered {
    Line(String),
    /// The link of a proxy, typed unseen; empty to leave everything as it is.
    Proxy(Hidden),
}

/// What is entered, and the word that lets the hidden question be asked.
pub(super) struct Input {
    pub entered: mpsc::Receiver<Entered>,
    pub ask: Ask,
}

/// The word that the hidden question may be asked now.
pub(super) struct Ask(waiting::Sender<()>);

impl Ask {
    pub fn now(&self) {
        // Without a terminal nobody waits for it.
        let _ = self.0.send(());
    }
}

/// Begins to read.
pub(super) fn read() -> Input {
    let (sender, entered) = mpsc::channel(LINE_QUEUE);
    let (ask, may_ask) = waiting::channel();
    std::thread::spawn(move || read_lines(&sender, &may_ask));
    Input { entered, ask: Ask(ask) }
}

/// Reads until the input or the session ends.
fn read_lines(sender: &mpsc::Sender<Entered>, may_ask: &waiting::Receiver<()>) {
    let mut input = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        match std::io::Read::take(&mut input, MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
        let asks = somebody_types() && parse(&line) == Ok(Line::Proxy(None));
        if sender.blocking_send(Entered::Line(line)).is_err() {
            return;
        }
        if asks {
            let Ok(()) = may_ask.recv() else { return };
            // Ctrl+D is the same as no answer.
            let link = ask_secret(WHICH_PROXY).unwrap_or_else(|_| Hidden::new(String::new()));
            if sender.blocking_send(Entered::Proxy(link)).is_err() {
                return;
            }
        }
    }
}
