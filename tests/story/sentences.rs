//! Every mistake on the way in has its sentence: what is wrong and what to do, in words, and never what nobody should read.
//!
//! One row a sentence, run as the real program without a terminal; what needs a server or a signed-in profile is in `errors`.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};

use tempfile::TempDir;

use crate::process::world::binary;

/// What is in every refused link.
const SECRET: &str = "abababababababababababababababab";

/// Runs the program to its end; what it said where errors are said.
fn said(home: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = binary(home, arguments);
    let Output { status, stdout, stderr } =
        command.envs(variables.iter().copied()).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert!(matches!(status.code(), Some(1 | 2)), "{arguments:?}: {status}\n{said}");
    assert!(stdout.is_empty(), "{arguments:?}");
    for never in ["os error", "panicked", "sesame", SECRET] {
        assert!(!said.contains(never), "{arguments:?}: {never:?} in {said}");
    }
    said
}

#[track_caller]
fn assert_says(home: &TempDir, arguments: &[&str], parts: &[&str]) {
    let said = said(home.path(), arguments, &[]);
    parts.iter().for_each(|part| assert!(said.contains(part), "{arguments:?}: {part:?} is not in {said}"));
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn arguments() {
    let home = home();
    let mtproxy = format!("tg://proxy?server=p.example&port=443&secret={SECRET}");
    let name = "a profile's name has 1 to 32 of the characters a-z, 0-9, _ and -";
    let address = "an address is a host and a port, as in 127.0.0.1:4443";
    let ways = ["--proxy -", "--proxy-file", "SUBROSA_PROXY", "the configuration file"];
    let application = ["SUBROSA_API_ID and SUBROSA_API_HASH", "the configuration file", "leave them out"];
    let rows: [(&[&str], &[&str]); 23] = [
        (&["lines", "--profile", "../x"], &[name]),
        (&["--profile", "Ada"], &[name]),
        (&["profiles", "delete", "A"], &[name]),
        (&["profiles", "rename", "a", "../x"], &[name]),
        (&["profiles", "rename", "a"], &["<TO>", "profiles rename <FROM> <TO>"]),
        (&["profiles", "remove", "a"], &["unrecognized subcommand", "Usage: subrosa profiles"]),
        (
            &["--profile", "a", "lines"],
            &["options stand after the command, as in: subrosa lines --profile NAME"],
        ),
        (&["serve", "--listen", "x"], &[address, "--listen"]),
        (&["sign-in", "--server", "here", "--key", "k"], &[address, "--server"]),
        (&["sign-in", "--server", "127.0.0.1:1"], &["not provided", "--key <FILE.pem>"]),
        (&["sign-in", "--key", "k"], &["not provided", "--server <ADDR:PORT>"]),
        (
            &["sign-in", "--server", "a:1", "--key", "k", "--dc", "0"],
            &["data centre is from 1", "your own has 1"],
        ),
        (&["sign-in", "--phone", "12ab"], &["country code", "5 to 15 digits"]),
        (&["sign-in", "--phone", "12345", "--qr"], &["cannot be used with '--qr'"]),
        (&["sign-in", "--key-file", "--passphrase-command", "x"], &["cannot be used with"]),
        (&["sign-in", "--api-hash", SECRET], &application),
        (&["sign-in", "--api-id", "5"], &application),
        (&["sign-in", "--proxy", "sesame"], &["socks5://host:port", "(not shown)"]),
        (&["sign-in", "--proxy", "http://ada:sesame@x:1"], &["only SOCKS5 proxies and MTProxies"]),
        (&["--proxy", "socks5://ada:sesame@x:1"], &ways),
        (&["sign-in", "--proxy", &mtproxy], &ways),
        (&["--proxy", "-", "--proxy-file", "f"], &["cannot be used with '--proxy-file"]),
        (&["demo", "--theme", "pink"], &["choose dark, light or mono"]),
    ];
    rows.iter().for_each(|(arguments, parts)| assert_says(&home, arguments, parts));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn places() {
    let home = home();
    let none = ["there is no profile in", "`subrosa sign-in` makes one", "`subrosa profiles` lists"];
    let file = home.path().join("file");
    fs::write(&file, [0xff, 0xfe]).unwrap();
    let file = file.to_str().unwrap();
    let folder = home.path().to_str().unwrap();
    let below = format!("{file}/data");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let key = |path| ["sign-in", "--server", "127.0.0.1:1", "--key", path];
    let named = "give the file that `subrosa serve` named";
    let private = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/server.pem");
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let spoilt = tempfile::tempdir().unwrap();
    fs::write(spoilt.path().join("files"), []).unwrap();
    let spoilt = spoilt.path().to_str().unwrap();
    let rows: [(&[&str], &[&str]); 19] = [
        (&["lines", "--profile", "nobody"], &none),
        (&["profiles", "rename", "a", "b"], &none),
        (&["profiles", "delete", "a"], &none),
        (&["profiles", "sign-out", "a"], &none),
        (&key("/nowhere.pem"), &["key file /nowhere.pem cannot be read (no such file", named]),
        (&key(folder), &["cannot be read (it is a folder)", named]),
        (&key(file), &["cannot be read (it is not text)", named]),
        (&key(private), &["the server's private key; give the public one"]),
        (&key(other), &["it is no PEM file; give the file server.pem"]),
        (
            &["sign-in", "--proxy-file", "/nowhere"],
            &["no such file", "--proxy-file wants one whose first line"],
        ),
        (&["serve", "--listen", &taken, "--data", folder], &["taken by another program", "--listen"]),
        (
            &["serve", "--listen", "192.0.2.1:1", "--data", folder],
            &["this machine has no such address", "--listen"],
        ),
        (
            &["serve", "--data", &below],
            &[&below, "a file is where a folder should be", "who owns the folder"],
        ),
        (
            &["serve", "--data", spoilt],
            &["folder for files cannot be used (", "something else of that name is there"],
        ),
        (&["serve", "--data", file], &["something else of that name is there"]),
        (&["sign-in", "--qr"], &["drawn on a terminal only", "sign in by --phone"]),
        (&["sign-in", "--phone", "12345"], &["SUBROSA_API_HASH", "my.telegram.org", "config.toml"]),
        (&[], &["not a terminal", "use `subrosa lines`"]),
        (&["demo"], &["the demo is a screen", "start it in a terminal"]),
    ];
    rows.iter().for_each(|(arguments, parts)| assert_says(&home, arguments, parts));
    assert!(!home.path().join("profiles").exists(), "no profile was made");
    for variable in [file, "/dev/null"] {
        let said = said(home.path(), &["profiles"], &[("SUBROSA_HOME", variable)]);
        assert!(said.contains("a file is where a folder should be"), "{said}");
    }
}

#[test]
fn the_configuration() {
    let home = home();
    let path = home.path().join("config.toml");
    let rows = [
        ("api_id =", "line 1: this is no TOML; a line goes KEY = VALUE, with quotes around a text"),
        ("proxy = \"sesame", "line 1: this is no TOML"),
        (
            "\napi_hush = \"sesame\"",
            "line 2: there is no key api_hush; the keys are api_id, api_hash and proxy",
        ),
        ("api_id = \"sesame\"", "line 1: expected a number, without quotes"),
        ("proxy = 5", "line 1: expected a text in quotes"),
        ("api_id = 5\napi_id = 6", "line 2: this key was set before"),
        ("api_id = 5", "only one of the two is set, and api_id and api_hash belong together"),
        ("api_id = 5\napi_hash = \"sesame\"", "an api_hash has 32 characters"),
        ("api_id = -5\napi_hash = \"x\"", "digits only"),
        ("proxy = \"http://ada:sesame@x:1\"", "only SOCKS5 proxies and MTProxies"),
    ];
    for (text, sentence) in rows {
        fs::write(&path, text).unwrap();
        let said = said(home.path(), &["sign-in", "--phone", "12345"], &[]);
        assert!(said.contains("config.toml") && said.contains(sentence), "{text:?}: {said}");
    }
    fs::write(&path, [0xff]).unwrap();
    assert_says(&home, &["sign-in"], &["cannot be read (it is not text)", "put it right, or move it away"]);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_says(&home, &["sign-in"], &["cannot be read (it is a folder)"]);
}

#[test]
fn the_environment() {
    let home = home();
    let rows: [(&[(&str, &str)], &str); 3] = [
        (&[("SUBROSA_API_ID", "5")], "SUBROSA_API_ID and SUBROSA_API_HASH: only one of the two is set"),
        (&[("SUBROSA_API_ID", "x"), ("SUBROSA_API_HASH", "sesame")], "digits only"),
        (&[("SUBROSA_HOME", "/dev/null/x")], "a file is where a folder should be"),
    ];
    for (variables, sentence) in rows {
        let said = said(home.path(), &["sign-in", "--phone", "12345"], variables);
        assert!(said.contains(sentence), "{variables:?}: {said}");
    }
}

#[test]
fn the_help_names_what_a_newcomer_needs() {
    let home = home();
    let rows: [(&[&str], &[&str]); 4] = [
        (&["--help"], &["subrosa demo", "sign-in", "SUBROSA_HOME", "config.toml"]),
        (
            &["sign-in", "--help"],
            &["my.telegram.org", "subrosa sign-in --profile ada", "--proxy-file", "--qr"],
        ),
        (&["profiles", "--help"], &["list", "rename", "sign-out", "delete"]),
        (&["profiles", "sign-out", "--help"], &["The profile to sign out", "the others are to be told"]),
    ];
    for (arguments, parts) in rows {
        let output = binary(home.path(), arguments).output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && !help.contains("--api-hash"), "{help}");
        parts.iter().for_each(|part| assert!(help.contains(part), "{part:?} is not in {help}"));
    }
}
