//! What nobody may see is never seen: not while it is asked for, not before, not between two questions, and not after.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpListener;

use rustix::process::Signal;

use super::screen::{CTRL_C, CTRL_Q, PROMPT, Screen, Start};
use super::welcome::{PASSWORD, Server};

/// Typed when nobody has asked.
const AHEAD: &str = "typed-before-the-question";

/// A server that accepts connections and never says anything, and a sign-in that waits for it in silence.
fn waiting() -> (TcpListener, Server, Screen) {
    let server = Server::open(false);
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, key) = (mute.local_addr().unwrap().to_string(), server.key());
    let arguments = ["sign-in", "--server", &address, "--key", &key, "--phone", "9996610001", "--key-file"];
    let screen = server.start(&arguments).size(250, 50).run();
    screen.wait_silent();
    (mute, server, screen)
}

/// The end by Ctrl+C, as a shell has to see it to end what it is doing, too.
fn interrupted() -> Result<u32, String> {
    Err("Interrupt".to_owned())
}

#[track_caller]
fn assert_unseen(screen: &Screen) {
    let shown = screen.transcript();
    assert!(!shown.contains("typed") && !shown.contains(PASSWORD), "{shown}");
}

#[test]
fn what_is_typed_before_the_first_question_is_not_seen_and_ctrl_c_gives_the_terminal_back() {
    let (_mute, _server, mut screen) = waiting();
    screen.send(&format!("{AHEAD}\r{AHEAD}"));
    screen.send(CTRL_C);
    assert_eq!(screen.end(), interrupted(), "{}", screen.contents());
    assert!(screen.contents().contains("subrosa: cancelled"), "{}", screen.contents());
    screen.assert_restored();
    assert_unseen(&screen);
}

#[test]
fn signals_from_outside_give_the_terminal_back() {
    let by = |name: &str| Err(name.to_owned());
    // What SIGQUIT is for, an image of the memory, holds what is secret.
    for (signal, end) in
        [(Signal::TERM, by("Terminated")), (Signal::HUP, by("Hangup")), (Signal::QUIT, Ok(131))]
    {
        let (_mute, _server, mut screen) = waiting();
        screen.signal(signal);
        assert_eq!(screen.end(), end, "{signal:?}");
        screen.assert_restored();
    }
}

#[test]
fn a_signal_ends_line_mode_as_it_ends_any_program() {
    let server = Server::open(false);
    sealed(&server);
    let mut screen = server.start(&["lines"]).size(250, 50).run();
    screen.wait_for("Passphrase of the profile main");
    screen.send("sesame\r");
    screen.wait_for("* online");
    screen.send(CTRL_C);
    assert_eq!(screen.end(), interrupted(), "{}", screen.contents());
    screen.assert_restored();
}

#[test]
fn what_is_typed_between_two_hidden_questions_is_neither_seen_nor_an_answer() {
    let server = Server::open(true);
    let mut screen = server.sign_in(&["--key-file"]);
    screen.wait_for("The code (");
    screen.send(&format!("{}\r{PASSWORD}\r", server.code()));
    screen.wait_sent("The password: ", 1);
    // Had the right one been taken, this one would not be asked for.
    screen.send("no\r");
    screen.wait_for("The password is wrong");
    screen.wait_sent("The password: ", 2);
    screen.send(&format!("{PASSWORD}\r"));
    assert_eq!(screen.end(), Ok(0), "{}", screen.contents());
    screen.assert_restored();
    assert_unseen(&screen);
}

#[test]
fn what_was_typed_unseen_is_no_answer_to_a_question_that_shows_it() {
    let server = Server::open(false);
    let mut screen = server.sign_in(&[]);
    screen.wait_for("Choose a passphrase");
    // Twice at once: the second is asked for all the same.
    screen.send("sesame\rsesame\r");
    screen.wait_for("Once more: ");
    screen.send("sesame\r");
    screen.wait_for("The code (");
    screen.send(&format!("{}\r{AHEAD}\r", server.code()));
    screen.wait_for("Your first name: ");
    screen.send("Ada\r");
    assert_eq!(screen.end(), Ok(0), "{}", screen.contents());
    assert!(screen.contents().contains("Your first name: Ada"), "it may be seen: {}", screen.contents());
    assert!(screen.contents().contains("Signed in as Ada."), "{}", screen.contents());
    assert!(!screen.transcript().contains("sesame"));
    assert_unseen(&screen);
}

#[test]
fn what_may_be_seen_may_be_typed_ahead() {
    let server = Server::open(false);
    let key = server.key();
    let arguments = ["sign-in", "--server", &server.address, "--key", &key, "--key-file"];
    let mut screen = server.start(&arguments).size(250, 50).run();
    screen.wait_for("Your phone number");
    screen.send("12\r9996610001\r");
    screen.wait_for("A code goes to +999 661 0001");
    screen.send(CTRL_C);
    assert_eq!(screen.end(), interrupted());
    screen.assert_restored();
}

#[test]
fn a_key_that_is_no_character_spoils_no_passphrase() {
    let server = Server::open(false);
    let mut screen = server.sign_in(&[]);
    screen.wait_for("Choose a passphrase");
    screen.send("sesa\x1b[Dme\r");
    screen.wait_for("a key that is no character");
    screen.wait_sent("Choose a passphrase", 2);
    screen.send("sesamo\x7fe\r");
    screen.wait_for("Once more: ");
    screen.send("sesame\r");
    screen.wait_for("The code (");
    screen.send(CTRL_C);
    assert_eq!(screen.end(), interrupted());
    screen.assert_restored();
}

/// Ada's profile, sealed.
fn sealed(server: &Server) {
    let mut screen = server.sign_in(&["--name", "Ada"]);
    screen.wait_for("Choose a passphrase");
    screen.send("sesame\r");
    screen.wait_for("Once more: ");
    screen.send("sesame\r");
    screen.wait_for("The code (");
    screen.send(&format!("{}\r", server.code()));
    assert_eq!(screen.end(), Ok(0), "{}", screen.contents());
}

#[test]
fn an_error_and_the_end_of_the_input_give_the_terminal_back() {
    const CTRL_D: &str = "\x04";
    let server = Server::open(false);
    sealed(&server);
    for (typed, sentence) in [("wrong\r", "wrong passphrase"), (CTRL_D, "subrosa: cancelled")] {
        let mut screen = server.start(&["lines"]).size(250, 50).run();
        screen.wait_for("Passphrase of the profile main");
        screen.send(typed);
        assert_eq!(screen.end(), Ok(1), "{typed:?}");
        assert!(screen.contents().contains(sentence), "{}", screen.contents());
        screen.assert_restored();
    }
}

#[test]
fn the_messenger_asks_for_passphrase_and_proxy_in_one_silence_and_answers_to_signals_itself() {
    let server = Server::open(false);
    sealed(&server);
    let mut screen = server.start(&["--proxy", "-"]).run();
    screen.wait_for("Passphrase of the profile main");
    screen.send(&format!("sesame\r{AHEAD}\r"));
    screen.wait_for("The link of the proxy");
    screen.send("socks5://ada:typed@127.0.0.1:9\r");
    screen.wait_for("subrosa · main");
    screen.signal(Signal::TERM);
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
    assert_unseen(&screen);
    let mut screen = server.start(&[]).run();
    screen.wait_for("Passphrase of the profile main");
    screen.send("sesame\r");
    screen.wait_for("subrosa · main");
    screen.send(CTRL_Q);
    assert_eq!(screen.end(), Ok(0));
}

#[test]
fn in_line_mode_a_proxy_is_asked_for_unseen() {
    let server = Server::open(false);
    sealed(&server);
    let mut screen = Start::binary(server.home.path(), &["lines"]).size(250, 50).run();
    screen.wait_for("Passphrase of the profile main");
    screen.send("sesame\r");
    screen.wait_for("* online");
    screen.send("/proxy\r");
    screen.wait_for("the way to the server");
    screen.wait_for("The link of another proxy");
    screen.wait_silent();
    screen.send("socks5://ada:typed@127.0.0.1:9\r");
    screen.wait_for("SOCKS5 127.0.0.1:9");
    assert_unseen(&screen);
    // Lines are shown again, and what should not be on the screen is said to be.
    screen.send("/proxy\r");
    screen.wait_sent("The link of another proxy", 2);
    screen.send("\r");
    screen.wait_for("left as it is");
    screen.send("/proxy socks5://ada:seen@127.0.0.1:10\r");
    screen.wait_for("it stands on this screen");
    screen.wait_for("SOCKS5 127.0.0.1:10");
    screen.send("/quit\r");
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
}

#[test]
fn a_question_that_nobody_waits_for_any_more_leaves_the_terminal_as_it_was() {
    let mut server = Server::open(false);
    let mut screen = server.sign_in(&["--name", "Ada", "--key-file"]);
    screen.wait_for("The code (");
    screen.send(&format!("{}\r", server.code()));
    assert_eq!(screen.end(), Ok(0), "{}", screen.contents());
    let mut screen = Start::shell(server.home.path()).size(250, 50).run();
    screen.wait_sent(PROMPT, 1);
    // Whoever reads the lines goes, and the next one cannot be written.
    let reader = "sed '/the way to the server/q'";
    screen.send(&format!("{} lines | {reader}\r", env!("CARGO_BIN_EXE_subrosa")));
    screen.wait_for("* online");
    screen.send("/proxy\r");
    screen.wait_for("The link of another proxy");
    screen.wait_silent();
    server.close();
    screen.wait_for("standard output cannot be written");
    screen.wait_sent(PROMPT, 2);
    screen.assert_restored();
}
