//! Passphrases: chosen at the first sign-in, wanted at every start, never guessed around.

use std::fs;

use subrosa::engine::{Person, Presence, TELEGRAM, TELEGRAM_ADDRESS, UserId};
use subrosa::vault::{Account, Seal, Vault};

use crate::process::world::World;
use crate::process::{Program, Stream};
use crate::scene::{ADA, Scene, texts};

const PASSPHRASE: &str = "correct horse";

fn with_passphrase(world: &World, name: &str, arguments: &[&str], passphrase: &str) -> Program {
    let mut command = world.command(arguments);
    command.env("SUBROSA_PASSPHRASE", passphrase);
    Program::start(&world.script, name, &mut command)
}

/// Ada signed in with a passphrase from the environment.
fn sealed() -> World {
    let world = World::new();
    let mut arguments = world.sign_in_arguments("ada", ADA);
    arguments.extend(["--name", "Ada"].map(String::from));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut program = with_passphrase(&world, "ada", &arguments, PASSPHRASE);
    let code = world.code(ADA, 0);
    program.enter(&code);
    program.expect_text("Signed in as Ada");
    assert_eq!(program.wait_exit(), Some(0));
    world
}

#[test]
fn a_wrong_passphrase_is_said_to_be_wrong_and_the_right_one_opens() {
    let world = sealed();
    let lines = ["lines", "--profile", "ada"];
    let mut wrong = with_passphrase(&world, "wrong", &lines, "incorrect horse");
    assert_eq!(wrong.wait_exit(), Some(1));
    let said = wrong.said(Stream::Err);
    assert!(
        said.len() == 1 && said[0].contains("wrong passphrase") && said[0].contains("try again"),
        "{said:?}"
    );
    let mut right = with_passphrase(&world, "ada", &lines, PASSPHRASE);
    right.expect_text("* signed in as Ada");
    right.expect_text("* online");
    right.quit();
    let all = world.script.to_string();
    assert!(!all.contains(PASSPHRASE), "it is never shown");
}

#[test]
fn a_passphrase_is_asked_for_or_brought_by_a_command() {
    let world = sealed();
    let mut asked = world.start_lines("ada");
    asked.enter(PASSPHRASE);
    asked.expect_text("* online");
    asked.quit();
    let command = format!("echo '{PASSPHRASE}'");
    let mut brought = world.run("ada", &["lines", "--profile", "ada", "--passphrase-command", &command]);
    brought.expect_text("* online");
    brought.quit();
    let mut silent = world.run("ada", &["lines", "--profile", "ada", "--passphrase-command", "exit 3"]);
    assert_eq!(silent.wait_exit(), Some(1));
    assert!(silent.said(Stream::Err)[0].contains("failed"), "{:?}", silent.said(Stream::Err));
    let mut nothing = world.start_lines("ada");
    nothing.end_input();
    assert_eq!(nothing.wait_exit(), Some(1));
}

#[test]
fn the_code_may_be_mistyped_once_and_the_name_is_asked_for() {
    let world = World::new();
    let mut arguments = world.sign_in_arguments("ada", ADA);
    arguments.push("--key-file".into());
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut program = world.run("ada", &arguments);
    let code = world.code(ADA, 0);
    program.enter(if code == "00000" { "00001" } else { "00000" });
    program.enter(&code);
    program.enter("Ada of the Town");
    program.expect_text("The code is wrong");
    program.expect_text("Signed in as Ada of the Town. Go on with: subrosa --profile ada");
    assert_eq!(program.wait_exit(), Some(0));
}

#[test]
fn a_profile_that_the_server_forgot_is_told_so_and_signed_in_again_with_its_history() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.ada_says("before");
    scene.world.kill_server();
    for file in fs::read_dir(scene.world.home().join("server")).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().contains("sqlite")
            || file.file_name().to_string_lossy().contains(".db")
        {
            fs::remove_file(file.path()).unwrap();
        }
    }
    scene.world.restart_server();
    scene.ada.expect_text("does not know this device any more: sign in again");
    scene.ada.quit();
    // The profile knows its server.
    let mut arguments = vec!["sign-in", "--profile", "ada", "--phone", ADA];
    let mut refused = scene.world.run("ada", &arguments);
    refused.expect_text("signed in already");
    assert_eq!(refused.wait_exit(), Some(1));
    arguments.extend(["--again", "--name", "Ada"]);
    let place = scene.world.script.len();
    let mut program = scene.world.run("ada", &arguments);
    let code = scene.world.code(ADA, place);
    program.enter(&code);
    program.expect_text("Signed in as Ada");
    assert_eq!(program.wait_exit(), Some(0));
    scene.ada = scene.world.lines("ada");
    assert_eq!(texts(&mut scene.ada, &chat, "you"), ["before"]);
    scene.ada.enter(&format!("/say {chat} after"));
    scene.ada.expect_text("not ready");
}

/// Signs Ada in again by the name of her profile alone.
fn sign_in_again(scene: &Scene) {
    let place = scene.world.script.len();
    let mut program = scene.world.run("ada", &["sign-in", "--profile", "ada", "--phone", ADA]);
    let said = format!("The profile ada belongs to the server at {}: signing in there.", scene.world.address);
    program.expect_text(&said);
    program.enter(&scene.world.code(ADA, place));
    program.expect_text("Signed in as Ada");
    assert_eq!(program.wait_exit(), Some(0), "{}", scene.world.script);
}

#[test]
fn a_profile_that_was_signed_out_knows_its_server() {
    let mut scene = Scene::new();
    scene.ada.enter("/sign-out leave");
    scene.ada.expect_text("Sign in again: subrosa sign-in --profile ada");
    scene.ada.quit();
    sign_in_again(&scene);
    scene.world.lines("ada").quit();
}

#[test]
fn a_profile_that_was_revoked_knows_its_server() {
    let mut scene = Scene::new();
    scene.world.sign_in("second", ADA, "Ada");
    let mut second = scene.world.lines("second");
    second.enter("/devices");
    second.expect_text("device 2 ");
    second.enter("/end-device 2");
    scene.ada.expect_text("Sign in again: subrosa sign-in --profile ada");
    scene.ada.quit();
    sign_in_again(&scene);
    scene.world.lines("ada").quit();
}

#[test]
fn the_server_that_is_named_goes_before_the_profile_s_own() {
    let (mut scene, other) = (Scene::new(), World::new());
    scene.ada.enter("/sign-out leave");
    scene.ada.expect_text("Sign in again");
    scene.ada.quit();
    let arguments = other.sign_in_arguments("ada", ADA);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut program = scene.world.run("ada", &arguments);
    program.expect_text(&format!("this profile belongs to the server at {}", scene.world.address));
    assert_eq!(program.wait_exit(), Some(1));
}

#[test]
fn a_profile_of_telegram_s_wants_the_application_again_and_nothing_else() {
    let world = World::new();
    let me = Person {
        id: UserId(7),
        access_hash: 1,
        first_name: "Ada".into(),
        last_name: String::new(),
        username: None,
        phone: Some(ADA.into()),
        contact: false,
        blocked: false,
        kind: Default::default(),
        presence: Presence::Unknown,
    };
    let account = Account {
        server: TELEGRAM_ADDRESS.into(),
        dc_id: 4,
        proxy: None,
        rsa_key: TELEGRAM.into(),
        auth_key: None,
        salt: 0,
        time_offset: 0,
        phone: ADA.into(),
        api_id: 5,
        me: Some(me),
        signed_in: false,
    };
    let mut vault = Vault::create(&world.profile("ada"), &Seal::KeyFile).unwrap();
    vault.sign_in(&account, Default::default()).unwrap();
    drop(vault);
    // Nobody sits there, and nothing is sent before it is known by which application.
    let mut program = world.run("ada", &["sign-in", "--profile", "ada", "--phone", ADA]);
    program.end_input();
    program.expect_text("The profile ada belongs to Telegram: signing in there.");
    program.expect_text("set SUBROSA_API_ID and SUBROSA_API_HASH");
    assert_eq!(program.wait_exit(), Some(1));
}
