//! The terminal is borrowed: on every way out it is as it was, and while it is ours nobody else writes to it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rustix::process::Signal;
use tempfile::TempDir;

use super::screen::{CTRL_L, CTRL_Q, CTRL_Z, F12, PROMPT, Screen, Start};

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The demo, with its screen up.
fn demo(home: &TempDir) -> Screen {
    let screen = Start::binary(home.path(), &["demo"]).run();
    up(&screen);
    screen
}

fn up(screen: &Screen) {
    screen.wait_for("subrosa");
    screen.wait("the alternate screen", |screen| screen.alternate_screen().then_some(()));
}

/// What the demo kept while it ran is gone.
#[track_caller]
fn assert_struck(home: &TempDir) {
    let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn leaving_gives_the_terminal_back() {
    let home = home();
    let mut screen = demo(&home);
    assert!(!screen.cooked());
    assert_eq!(screen.extras(|extras| extras.title.clone()).as_deref(), Some("subrosa"));
    screen.send(CTRL_Q);
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
    assert_eq!(screen.contents().trim(), "", "something was printed");
    assert_struck(&home);
}

#[test]
fn signals_that_end_the_program_give_the_terminal_back() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let home = home();
        let mut screen = demo(&home);
        screen.signal(signal);
        assert_eq!(screen.end(), Ok(0), "{signal:?}");
        screen.assert_restored();
        assert_struck(&home);
    }
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_says_where_it_was() {
    let home = home();
    let mut screen = Start::binary(home.path(), &["demo"]).env("SUBROSA_PANIC", "1").run();
    up(&screen);
    screen.send(F12);
    assert_eq!(screen.end(), Ok(101));
    screen.assert_restored();
    let said = screen.contents();
    assert!(said.contains("subrosa: a fault in this program at src/tui/runtime.rs:"), "{said}");
    assert!(!said.contains("wanted"), "the words of a panic may quote anything: {said}");
    assert_struck(&home);
}

#[test]
fn a_job_is_stopped_and_continued_like_any_other() {
    let home = home();
    let mut screen = Start::shell(home.path()).run();
    screen.wait_sent(PROMPT, 1);
    screen.send(&format!("{} demo\r", env!("CARGO_BIN_EXE_subrosa")));
    up(&screen);
    for times in 1..=2 {
        screen.send(CTRL_Z);
        // The shell's own words: it knows that the job has stopped.
        screen.wait_sent("Stopped", times);
        screen.wait_sent(PROMPT, times + 1);
        screen.assert_restored();
        screen.send("fg\r");
        up(&screen);
    }
    screen.send(CTRL_Q);
    screen.wait_sent(PROMPT, 4);
    screen.send("echo code $?\r");
    screen.wait_for("code 0");
    screen.assert_restored();
    screen.send("exit\r");
    assert_eq!(screen.end(), Ok(0));
}

#[test]
fn without_a_shell_to_continue_it_ctrl_z_only_draws_anew() {
    let home = home();
    let mut screen = demo(&home);
    screen.send(CTRL_Z);
    screen.wait_sent("\x1b[?1049h", 2);
    up(&screen);
    screen.send(CTRL_Q);
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
}

#[test]
fn continued_after_a_stop_from_outside_everything_is_drawn_anew() {
    let home = home();
    let mut screen = demo(&home);
    screen.signal(Signal::STOP);
    screen.wipe();
    screen.signal(Signal::CONT);
    up(&screen);
    screen.send(CTRL_Q);
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
}

#[test]
fn a_smudged_screen_is_drawn_anew_on_demand() {
    let home = home();
    let mut screen = demo(&home);
    screen.wipe();
    screen.send(CTRL_L);
    up(&screen);
}

#[test]
fn a_paste_that_never_ends_does_not_hold_the_program_up() {
    let home = home();
    let mut screen = demo(&home);
    screen.send("\x1b[200~ a paste without its end");
    screen.wipe();
    screen.resize(60, 20);
    up(&screen);
    screen.signal(Signal::TERM);
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
}

#[test]
fn no_colour_is_sent_where_none_is_wanted() {
    let home = home();
    let mut screen = Start::binary(home.path(), &["demo"]).env("NO_COLOR", "1").run();
    up(&screen);
    screen.wait_for("Basil");
    screen.send(CTRL_Q);
    assert_eq!(screen.end(), Ok(0));
    let sent = screen.transcript();
    let coloured = sent.split("\x1b[").skip(1).any(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
        let (parameters, command) = rest.split_at(end);
        command.starts_with('m')
            && parameters
                .split(';')
                .any(|number| matches!(number.parse::<u8>(), Ok(30..=38 | 40..=48 | 90..=97 | 100..=107)))
    });
    assert!(!coloured, "{sent:?}");
}

#[test]
fn where_there_is_no_screen_line_mode_is_named() {
    let home = home();
    let mut dumb = Start::binary(home.path(), &["demo"]).env("TERM", "dumb").run();
    assert_eq!(dumb.end(), Ok(1));
    assert!(dumb.contents().contains("subrosa lines"), "{}", dumb.contents());

    let piped = std::process::Command::new(env!("CARGO_BIN_EXE_subrosa"))
        .env("SUBROSA_HOME", home.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(piped.status.code(), Some(1));
    assert!(piped.stdout.is_empty());
    let said = String::from_utf8(piped.stderr).unwrap();
    assert!(said.contains("not a terminal") && said.contains("subrosa lines"), "{said}");
}

#[test]
fn a_theme_that_is_not_there_is_named_before_anything_starts() {
    let home = home();
    let mut screen = Start::binary(home.path(), &["demo"]).env("SUBROSA_THEME", "pink").run();
    assert_eq!(screen.end(), Ok(1));
    assert!(screen.contents().contains("dark, light or mono"), "{}", screen.contents());
}

#[test]
fn what_a_killed_run_left_on_the_screen_is_wiped() {
    let home = home();
    let mut screen = Start::binary(home.path(), &["demo"]).run();
    // A terminal that is in the alternate screen already keeps what is there; only the order to clear it helps.
    screen.wait_sent("\x1b[?1049h\x1b[2J", 1);
    screen.wait_for("CONTACTS");
    screen.send(CTRL_Q);
    assert_eq!(screen.end(), Ok(0));
}
