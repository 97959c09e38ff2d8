//! Plain-line sign-in as a job of a shell: stopped, continued, begun where it has no terminal, and ended from there.
//!
//! A job in the background that sets the terminal is stopped by the system. One that does so while it ends would never end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpListener;

use rustix::process::{Pid, Signal, kill_process};

use super::screen::{PROMPT, Screen, Start};
use super::welcome::Server;

/// A shell, and what it runs to sign in at a server that never says anything.
struct Desk {
    screen: Screen,
    sign_in: String,
    server: Server,
    _mute: TcpListener,
}

impl Desk {
    fn new() -> Desk {
        let server = Server::open(false);
        let mute = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, key) = (mute.local_addr().unwrap(), server.key());
        let binary = env!("CARGO_BIN_EXE_subrosa");
        let sign_in =
            format!("{binary} sign-in --server {address} --key {key} --phone 9996610001 --key-file");
        let screen = Start::shell(server.home.path()).size(250, 50).run();
        screen.wait_sent(PROMPT, 1);
        Desk { screen, sign_in, server, _mute: mute }
    }

    /// The job waits in silence, and is stopped from outside.
    fn stopped() -> Desk {
        let mut desk = Desk::new();
        desk.screen.send(&format!("sh -c 'echo $$ > pid; exec {}'\r", desk.sign_in));
        desk.screen.wait_silent();
        let pid = std::fs::read_to_string(desk.server.home.path().join("pid")).unwrap();
        let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        kill_process(pid, Signal::STOP).unwrap();
        desk.screen.wait_sent("Stopped", 1);
        desk
    }

    fn run(&mut self, line: &str, said: &str) {
        self.screen.send(&format!("{line}\r"));
        self.screen.wait_for(said);
    }
}

/// What a shell says of a job that was stopped because it set the terminal: 128 and the signal.
const OUT_OF_TURN: &str = "state 150";
const TERMINATED: &str = "state 143";

#[test]
fn a_stopped_job_ends_when_it_is_told_to() {
    let mut desk = Desk::stopped();
    desk.run("kill %1; bg; wait %1; echo state $?", TERMINATED);
}

#[test]
fn a_job_that_begins_in_the_background_waits_for_its_turn_and_can_be_ended() {
    let mut desk = Desk::new();
    let sign_in = desk.sign_in.clone();
    desk.run(&format!("{sign_in} & wait %1; echo state $?"), OUT_OF_TURN);
    desk.run("kill %1; bg; wait %1; echo state $?", TERMINATED);
}

#[test]
fn a_job_that_goes_on_is_silent_again() {
    let mut desk = Desk::stopped();
    // As shells with an editor of their own do it.
    desk.run("stty sane; echo sane $?", "sane 0");
    assert!(desk.screen.cooked());
    desk.screen.send("fg\r");
    desk.screen.wait_silent();
}
