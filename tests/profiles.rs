//! `subrosa profiles` as it is typed: the real binary, with answers on its standard input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use subrosa::engine::{create_throwaway, open_throwaway};
use tempfile::TempDir;

/// A home with these profiles in it.
fn home(names: &[&str]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for name in names {
        drop(create_throwaway(&home.path().join("profiles").join(name)).unwrap());
    }
    home
}

fn profiles(home: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_subrosa"))
        .arg("profiles")
        .args(arguments)
        .env("SUBROSA_HOME", home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without having read anything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn without_a_profile_the_way_to_one_is_named() {
    let output = profiles(home(&[]).path(), &[], "");
    assert!(output.status.success());
    assert!(said(&output).0.contains("subrosa sign-in --profile NAME"));
}

#[test]
fn profiles_are_listed_in_order_with_how_they_stand() {
    let home = home(&["work", "ada"]);
    std::fs::create_dir(home.path().join("profiles/nothing")).unwrap();
    let held = open_throwaway(&home.path().join("profiles/work")).unwrap();
    let output = profiles(home.path(), &["list"], "");
    let (lines, _) = said(&output);
    let lines: Vec<Vec<&str>> = lines.lines().map(|line| line.split('\t').take(2).collect()).collect();
    let [ada, work] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(*ada, ["ada", "not sealed: its key lies beside it"]);
    assert_eq!(work[0], "work");
    assert!(work[1].contains(&format!("in use by process {}", std::process::id())), "{work:?}");
    drop(held);
}

#[test]
fn a_profile_gets_another_name() {
    let home = home(&["ada", "work"]);
    assert!(profiles(home.path(), &["rename", "ada", "home"], "").status.success());
    drop(open_throwaway(&home.path().join("profiles/home")).unwrap());
    assert!(!home.path().join("profiles/ada").exists());
    let taken = profiles(home.path(), &["rename", "home", "work"], "");
    assert!(!taken.status.success());
    assert!(said(&taken).1.contains("already holds a profile"), "{:?}", said(&taken));
    let gone = profiles(home.path(), &["rename", "ada", "x"], "");
    assert!(!gone.status.success());
    assert!(said(&gone).1.contains("there is no profile"), "{:?}", said(&gone));
}

#[test]
fn only_the_name_typed_once_more_deletes() {
    let home = home(&["ada"]);
    let place = home.path().join("profiles/ada");
    for answer in ["", "yes\n", "work\n"] {
        let output = profiles(home.path(), &["delete", "ada"], answer);
        assert!(!output.status.success(), "{answer:?}");
        assert!(said(&output).1.contains("the only copy of its secret chats"));
        assert!(place.join("vault.db").exists(), "{answer:?}");
    }
    let held = open_throwaway(&place).unwrap();
    assert!(!profiles(home.path(), &["delete", "ada"], "ada\n").status.success());
    drop(held);
    let output = profiles(home.path(), &["delete", "ada"], "ada\n");
    assert!(output.status.success());
    assert_eq!(said(&output).0, "ada is deleted.\n");
    assert!(!place.exists());
}
