//! Proxies of the environment: on the way to servers elsewhere, before none on this machine, and in nobody's profile.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use subrosa::vault::{Unlock, Vault};

use crate::process::world::World;
use crate::process::{Program, Stream};
use crate::scene::ADA;

/// Nobody listens there.
const PROXY: &str = "socks5://ada:sesame@127.0.0.1:9";
const HTTP: &[u8] = b"http://proxy:3128";
const SHOWN: &str = "SOCKS5 127.0.0.1:9";

/// Signs Ada in at a server with this address.
fn sign_in(world: &World, address: &str, variables: &[&str]) {
    let key = world.key().display().to_string();
    let (profile, phone) = (["--profile", "ada", "--key-file"], ["--phone", ADA, "--name", "Ada"]);
    let mut arguments = vec!["sign-in", "--server", address, "--key", &key];
    arguments.extend(profile.into_iter().chain(phone));
    let mut command = world.command(&arguments);
    command.envs(variables.iter().map(|name| (name, PROXY)));
    let mut program = Program::start(&world.script, "ada", &mut command);
    program.enter(&world.code(ADA, 0));
    program.expect_text("Signed in as Ada");
    assert_eq!(program.wait_exit(), Some(0));
}

#[test]
fn a_server_on_this_machine_is_reached_straight_and_nothing_of_it_is_kept() {
    let world = World::new();
    sign_in(&world, &world.address.to_string(), &["SUBROSA_PROXY", "ALL_PROXY", "all_proxy"]);
    let vault = Vault::open(&world.profile("ada"), &Unlock::KeyFile).unwrap();
    assert_eq!(vault.account().unwrap().unwrap().proxy, None);
}

#[test]
fn a_profile_without_a_proxy_goes_through_that_of_the_environment() {
    let world = World::new();
    // This machine, by an address that does not say so.
    sign_in(&world, &format!("0.0.0.0:{}", world.address.port()), &[]);
    let mut command = world.command(&["lines", "--profile", "ada"]);
    command.env("ALL_PROXY", PROXY);
    let mut lines = Program::start(&world.script, "ada", &mut command);
    lines.expect_text(SHOWN);
    lines.enter("/proxy socks5://127.0.0.1:10");
    lines.expect_text("SOCKS5 127.0.0.1:10");
    // Without one of its own it does not go straight.
    lines.enter("/proxy none");
    lines.expect_text(SHOWN);
    lines.quit();
    assert!(!world.script.to_string().contains("sesame"), "{}", world.script);
}

#[test]
fn what_is_signed_out_is_read_whatever_the_environment_says() {
    let world = World::new();
    sign_in(&world, &format!("0.0.0.0:{}", world.address.port()), &[]);
    let lines = |world: &World, proxy: &[u8]| {
        let mut command = world.command(&["lines", "--profile", "ada"]);
        command.env("ALL_PROXY", OsStr::from_bytes(proxy));
        Program::start(&world.script, "ada", &mut command)
    };
    for proxy in [HTTP, b"not \xff text"] {
        let mut refused = lines(&world, proxy);
        assert_eq!(refused.wait_exit(), Some(1));
        assert!(refused.said(Stream::Err).concat().contains("ALL_PROXY"), "{}", world.script);
    }
    let mut left = world.run("ada", &["profiles", "sign-out", "ada"]);
    left.expect_text("signed out");
    assert_eq!(left.wait_exit(), Some(0));
    let mut reader = lines(&world, HTTP);
    reader.expect_text("signed out");
    reader.quit();
}
