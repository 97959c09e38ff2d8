//! From nothing to the messenger by keyboard, and the same in plain lines.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;

use rustix::process::Signal;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::screen::{CTRL_Q, ENTER, ESC, Screen, Start, TAB};

#[allow(dead_code)]
#[path = "../entrance/stage.rs"]
mod stage;

use stage::{ADA, House};

pub const PASSWORD: &str = "corrêct horse";
/// The light modules of a QR code, as a terminal gets them.
const WHITE: &str = "38;5;231";

const HINT: &str = "the usual";

/// A server on a thread of its own, which ends with it.
pub struct Server {
    pub home: TempDir,
    pub address: String,
    codes: Receiver<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Where nobody has an account, or Ada has one with a password.
    pub fn open(protected: bool) -> Server {
        let (ready, opened) = channel();
        let (code, codes) = channel();
        let (stop, mut stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut house = House::open().await;
                let mut device = None;
                if protected {
                    let ada = house.device(ADA, "Ada").await;
                    ada.set_password(PASSWORD, HINT).await;
                    device = Some(ada);
                }
                let profile = house.profile();
                ready.send((profile.address, profile.key)).unwrap();
                loop {
                    tokio::select! {
                        given = house.code() => drop(code.send(given)),
                        _ = &mut stopped => break,
                    }
                }
                drop(device);
            });
        });
        let (address, key) = opened.recv().unwrap();
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("server.pem"), key).unwrap();
        Server { home, address, codes, stop: Some(stop), thread: Some(thread) }
    }

    pub fn key(&self) -> String {
        self.home.path().join("server.pem").display().to_string()
    }

    pub fn start(&self, arguments: &[&str]) -> Start {
        Start::binary(self.home.path(), arguments)
    }

    /// It goes, and its people lose it.
    pub fn close(&mut self) {
        self.stop = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }

    pub fn code(&self) -> String {
        self.codes.recv_timeout(stage::PATIENCE).unwrap()
    }

    /// From the ways in to the question for a number, by this server and a passphrase.
    fn up_to_the_number(&self, screen: &mut Screen) {
        screen.wait_for("Use another server");
        screen.send("u");
        screen.wait_for("Another server");
        screen.send(&self.address);
        screen.send(ENTER);
        screen.send(&self.key());
        screen.send(ENTER);
        screen.wait_for("fingerprint ");
        screen.send(ENTER);
        screen.wait_for("A place for your chats");
        screen.send("sesame");
        screen.send(ENTER);
        screen.send("sesame");
        screen.send(ENTER);
        screen.wait_for("Your phone number");
    }

    fn give_number(&self, screen: &mut Screen) {
        screen.send(&format!("+{ADA}"));
        screen.send(ENTER);
        screen.wait_for("+999 661 0001");
        screen.send(ENTER);
        screen.wait_for("The code for +999 661 0001");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}

fn leave(mut screen: Screen) -> Screen {
    screen.send(CTRL_Q);
    assert_eq!(screen.end(), Ok(0), "{}", screen.contents());
    screen.assert_restored();
    screen
}

#[test]
fn a_newcomer_comes_from_the_welcome_into_the_messenger_by_keyboard() {
    let server = Server::open(false);
    let mut screen = server.start(&[]).run();
    server.up_to_the_number(&mut screen);
    server.give_number(&mut screen);
    let code = server.code();
    let wrong = if code == "00000" { "11111" } else { "00000" };
    screen.send(wrong);
    screen.send(ENTER);
    screen.wait_for("The code is wrong");
    screen.send(&code);
    screen.send(ENTER);
    screen.wait_for("Your name");
    screen.send("Ada");
    screen.send(TAB);
    screen.send("Winter");
    screen.send(ENTER);
    screen.wait_for("nobody here yet");
    screen.wait_for("subrosa · main");
    let screen = leave(screen);
    let shown = screen.transcript();
    assert!(!shown.contains(&code) && !shown.contains("sesame"), "what is hidden was shown");
    // One terminal from beginning to end: it was taken once.
    assert_eq!(shown.matches("\x1b[?1049h").count(), 1);

    let mut again = server.start(&[]).run();
    again.wait_for("Passphrase of the profile main");
    again.send("sesame\r");
    again.wait_for("connected");
    leave(again);
}

#[test]
fn a_password_is_asked_for_after_the_code_and_esc_goes_back_to_the_number() {
    let server = Server::open(true);
    let mut screen = server.start(&[]).run();
    server.up_to_the_number(&mut screen);
    server.give_number(&mut screen);
    screen.send(ESC);
    screen.wait_for("Your phone number");
    screen.wait_for("+999 661 0001");
    // The code that was given up is not the next one.
    server.code();
    screen.send(ENTER);
    screen.wait_for("Is this your number?");
    screen.send(ENTER);
    screen.wait_for("The code for");
    screen.send(&server.code());
    screen.send(ENTER);
    screen.wait_for("Your hint: the usual");
    screen.send("no");
    screen.send(ENTER);
    screen.wait_for("password is wrong");
    screen.send(PASSWORD);
    screen.send(ENTER);
    screen.wait_for("nobody here yet");
    let screen = leave(screen);
    assert!(!screen.transcript().contains(PASSWORD));
}

#[test]
fn a_sign_in_that_was_broken_off_goes_on_with_its_profile() {
    let server = Server::open(false);
    let mut screen = server.start(&[]).run();
    server.up_to_the_number(&mut screen);
    let _ = leave(screen);
    let mut screen = server.start(&[]).run();
    screen.wait_for("Passphrase of the profile main");
    screen.send("sesame\r");
    screen.wait_for("a sign-in was broken off");
    screen.send("u");
    screen.wait_for("Another server");
    screen.send(&format!("{}\r{}\r", server.address, server.key()));
    screen.wait_for("fingerprint");
    screen.send(ENTER);
    screen.wait_for("Your phone number");
    // Back to the ways in, and in again: the profile is free by then, and the server need not be typed anew.
    screen.send(ESC);
    screen.wait_for("a sign-in was broken off");
    screen.send("u");
    screen.wait_for("Another server");
    screen.wait_for("fingerprint");
    screen.send("\r\r\r");
    screen.wait_for("Your phone number");
    screen.send("q");
    screen.wait_for("Scan this");
    screen.resize(40, 12);
    screen.wait_for("needs a pane of");
    screen.send(ESC);
    screen.wait_for("Your phone number");
    screen.signal(Signal::TERM);
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
}

#[test]
fn the_demo_is_one_key_away_and_leaving_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Start::binary(home.path(), &[]).run();
    screen.wait_for("Try it here");
    screen.send("q");
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);

    let mut screen = Start::binary(home.path(), &["--profile", "elsewhere"]).run();
    screen.wait_for("Try it here");
    screen.send("t");
    screen.wait_for("subrosa · demo");
    screen.wait_for("Basil");
    leave(screen);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn other_profiles_are_offered_where_the_wanted_one_is_not() {
    let server = Server::open(false);
    let mut lines = server.sign_in(&["--profile", "ada", "--name", "Ada", "--key-file"]);
    lines.wait_for("The code (");
    lines.send(&format!("{}\r", server.code()));
    assert_eq!(lines.end(), Ok(0), "{}", lines.contents());
    let mut screen = server.start(&[]).run();
    screen.wait_for("There is no profile main yet");
    screen.wait_for("Open ada");
    screen.send(ENTER);
    screen.wait_for("subrosa · ada");
    screen.wait_for("connected");
    leave(screen);
}

#[test]
fn a_mistake_in_the_key_is_said_before_anything_is_sent() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Start::binary(home.path(), &[]).run();
    screen.wait_for("Use another server");
    screen.send("u");
    screen.wait_for("Another server");
    screen.send("127.0.0.1:1\r/nowhere.pem\r");
    screen.wait_for("The key file /nowhere.pem cannot be read");
    let _ = leave(screen);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

impl Server {
    /// `subrosa sign-in` on a terminal.
    pub fn sign_in(&self, more: &[&str]) -> Screen {
        let key = self.key();
        let arguments = ["sign-in", "--server", &self.address, "--key", &key, "--phone", ADA];
        self.start(&[&arguments[..], more].concat()).size(250, 50).run()
    }
}

#[test]
fn in_lines_codes_and_passwords_are_asked_for_and_not_shown() {
    let server = Server::open(true);
    let mut lines = server.sign_in(&["--key-file"]);
    lines.wait_for("The code for +999 661 0001");
    lines.wait_for("The code (");
    let code = server.code();
    lines.send(&format!("{code}\r"));
    lines.wait_for("Your hint: the usual");
    lines.wait_sent("The password: ", 1);
    lines.send("no\r");
    lines.wait_for("The password is wrong");
    lines.wait_sent("The password: ", 2);
    lines.send(&format!("{PASSWORD}\r"));
    assert_eq!(lines.end(), Ok(0), "{}", lines.contents());
    let shown = lines.contents();
    assert!(shown.contains("Signed in as Ada. Go on with: subrosa --profile main"), "{shown}");
    assert!(!shown.contains(&code) && !shown.contains(PASSWORD), "{shown}");
    lines.assert_restored();
}

#[test]
fn in_lines_a_number_is_asked_for_and_shown_back() {
    let server = Server::open(false);
    let key = server.key();
    let arguments = ["sign-in", "--server", &server.address, "--key", &key, "--key-file"];
    let mut lines = server.start(&arguments).size(250, 50).run();
    lines.wait_for("Your phone number");
    lines.send("12\r");
    lines.wait_for("a phone number is the country code");
    lines.send(&format!("{ADA}\r"));
    lines.wait_for("A code goes to +999 661 0001");
    lines.send(ENTER);
    lines.wait_for("The code (");
    lines.send(&format!("{}\r", server.code()));
    lines.wait_for("Your first name");
    lines.send("Ada\r");
    assert_eq!(lines.end(), Ok(0), "{}", lines.contents());
}

#[test]
fn in_a_pipe_a_script_answers_line_by_line() {
    let server = Server::open(true);
    let key = server.key();
    let arguments = ["sign-in", "--server", &server.address, "--key", &key, "--phone", ADA, "--key-file"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_subrosa"));
    command.args(arguments).env("SUBROSA_HOME", server.home.path());
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}\n{PASSWORD}", server.code()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "Signed in as Ada. Go on with: subrosa --profile main\n"
    );
    assert!(!said.contains(PASSWORD), "{said}");
}

#[test]
fn a_qr_code_is_white_and_black_where_no_colours_are_wanted() {
    let server = Server::open(false);
    let mut screen = server.start(&[]).env("NO_COLOR", "1").run();
    server.up_to_the_number(&mut screen);
    screen.wait_for("connected");
    assert!(!screen.transcript().contains("38;5;"), "{}", screen.transcript());
    screen.send("q");
    screen.wait_for("Scan this");
    assert!(screen.transcript().contains(WHITE), "{}", screen.transcript());
    leave(screen);
}

#[test]
fn a_qr_code_is_drawn_on_a_terminal_and_its_link_never_printed() {
    let server = Server::open(false);
    let key = server.key();
    let arguments = ["sign-in", "--server", &server.address, "--key", &key, "--key-file", "--qr"];
    let mut lines = server.start(&arguments).size(100, 40).env("NO_COLOR", "1").run();
    lines.wait_for("Link Desktop Device");
    assert!(lines.contents().contains('▀'), "{}", lines.contents());
    assert!(lines.transcript().contains(WHITE), "a picture for a camera has its colours whatever is wanted");
    assert!(!lines.transcript().contains("tg://"));
    lines.signal(Signal::INT);
    let _ = lines.end();

    let mut command = Command::new(env!("CARGO_BIN_EXE_subrosa"));
    command.args(arguments).env("SUBROSA_HOME", server.home.path()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("on a terminal only"), "{said}");
}

#[test]
fn without_an_application_a_script_is_told_what_to_set() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("config.toml"), "api_id = 5\napi_hsah = \"x\"\n").unwrap();
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_subrosa"));
        command.args(["sign-in", "--phone", ADA]).env("SUBROSA_HOME", home.path()).stdin(Stdio::null());
        for variable in ["SUBROSA_API_ID", "SUBROSA_API_HASH", "SUBROSA_PROXY", "ALL_PROXY", "all_proxy"] {
            command.env_remove(variable);
        }
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    let said = run();
    assert!(said.contains("config.toml, line 2") && said.contains("api_hsah"), "{said}");
    std::fs::remove_file(home.path().join("config.toml")).unwrap();
    let said = run();
    assert!(said.contains("SUBROSA_API_ID"), "{said}");
    assert!(!home.path().join("profiles").exists(), "nothing is made before everything is known");
}
