//! What a newcomer runs into: each time one clear sentence with the next step, a failure as exit code, and nothing lost.

use std::fs;

use crate::process::world::World;
use crate::process::{Program, Stream};
use crate::scene::{ADA, BASIL, Scene, texts};

/// What the program says when it gives up: its one sentence.
fn complaint(program: &mut Program) -> String {
    let code = program.wait_exit();
    assert!(matches!(code, Some(1 | 2)), "exit code {code:?}\n{}", program.script);
    let lines = program.said(Stream::Err);
    let of_program: Vec<&String> =
        lines.iter().filter(|line| line.contains("subrosa: ") || line.starts_with("error:")).collect();
    assert_eq!(of_program.len(), 1, "one sentence: {lines:?}");
    let sentence = of_program[0].clone();
    assert!(!sentence.contains("panicked"), "{sentence}");
    sentence
}

fn assert_says(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is not in {sentence:?}");
    }
}

fn sign_in(world: &World, profile: &str, phone: &str, more: &[&str]) -> Program {
    let mut arguments = world.sign_in_arguments(profile, phone);
    arguments.extend(more.iter().map(|&it| it.to_owned()));
    world.run(profile, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn the_port_is_taken() {
    let world = World::new();
    let listen = world.address.to_string();
    let data = world.home().join("second").display().to_string();
    let mut second = world.run("second", &["serve", "--listen", &listen, "--data", &data]);
    assert_says(&complaint(&mut second), &[&listen, "--listen"]);
}

#[test]
fn the_server_s_folder_is_in_use_or_unusable() {
    let world = World::new();
    let data = world.home().join("server").display().to_string();
    let mut second = world.run("second", &["serve", "--listen", "127.0.0.1:0", "--data", &data]);
    assert_says(&complaint(&mut second), &[&data]);
    let file = world.home().join("file");
    fs::write(&file, "in the way").unwrap();
    let below = file.join("data").display().to_string();
    let mut third = world.run("third", &["serve", "--listen", "127.0.0.1:0", "--data", &below]);
    assert_says(&complaint(&mut third), &[&below]);
    // The first one is none the worse.
    world.sign_in("ada", ADA, "Ada");
}

#[test]
fn the_profile_is_in_use() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    let pid = scene.ada.pid().to_string();
    let mut second = scene.world.start_lines("ada");
    assert_says(&complaint(&mut second), &["in use by process", &pid, "close that one first"]);
    let mut third = sign_in(&scene.world, "ada", ADA, &["--key-file"]);
    assert_says(&complaint(&mut third), &["in use by process", &pid]);
    scene.ada_says("still here");
    assert_eq!(texts(&mut scene.ada, &chat, "you"), ["still here"]);
}

#[test]
fn nobody_answers_at_the_address() {
    let world = World::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let key = world.key().display().to_string();
    let arguments =
        ["sign-in", "--profile", "ada", "--server", &free, "--key", &key, "--phone", ADA, "--key-file"];
    let mut program = world.run("ada", &arguments);
    assert_says(&complaint(&mut program), &["no server answers at", &free, "check the address"]);
    // The profile that was made meanwhile is no obstacle.
    world.sign_in("ada", ADA, "Ada");
    world.lines("ada").quit();
}

#[test]
fn the_key_is_another_server_s() {
    let (world, other) = (World::new(), World::new());
    let (server, key) = (world.address.to_string(), other.key().display().to_string());
    let arguments =
        ["sign-in", "--profile", "ada", "--server", &server, "--key", &key, "--phone", ADA, "--key-file"];
    let mut program = world.run("ada", &arguments);
    assert_says(&complaint(&mut program), &[&server, "does not hold the key in", &key]);
    world.sign_in("ada", ADA, "Ada");
}

#[test]
fn the_key_is_missing_or_garbage() {
    let world = World::new();
    let server = world.address.to_string();
    let key = world.home().join("some.pem");
    let path = key.display().to_string();
    let arguments =
        ["sign-in", "--profile", "ada", "--server", &server, "--key", &path, "--phone", ADA, "--key-file"];
    let mut program = world.run("ada", &arguments);
    assert_says(&complaint(&mut program), &["cannot be read", &path, "subrosa serve"]);
    for garbage in [
        "",
        "garbage\n",
        "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n",
        "\u{0}\u{1b}[2J",
    ] {
        fs::write(&key, garbage).unwrap();
        assert_says(&complaint(&mut world.run("ada", &arguments)), &["cannot be used", &path]);
    }
    fs::write(&key, [0xff, 0xfe]).unwrap();
    assert_says(&complaint(&mut world.run("ada", &arguments)), &["cannot be read", &path]);
}

#[test]
fn there_is_no_such_profile() {
    let world = World::new();
    let mut program = world.start_lines("nobody");
    assert_says(
        &complaint(&mut program),
        &["there is no profile in", "nobody", "`subrosa sign-in` makes one"],
    );
    assert!(!world.profile("nobody").exists(), "none was made");
}

#[test]
fn the_arguments_are_not_what_they_should_be() {
    let world = World::new();
    let mut bad_name = world.run("bad", &["lines", "--profile", "../ada"]);
    assert_says(&complaint(&mut bad_name), &["a-z, 0-9, _ and -"]);
    let mut bad_phone = sign_in(&world, "ada", "12ab", &[]);
    assert_says(&complaint(&mut bad_phone), &["country code"]);
    let mut bad_address = world.run("bad", &["serve", "--listen", "here"]);
    assert_says(&complaint(&mut bad_address), &["here", "--listen"]);
}

#[test]
fn the_profile_was_never_signed_in_or_is_already() {
    let world = World::new();
    let mut program = sign_in(&world, "ada", ADA, &["--key-file"]);
    world.code(ADA, 0);
    program.end_input();
    assert_says(&complaint(&mut program), &["the input ended before the question was answered"]);
    let mut lines = world.start_lines("ada");
    assert_says(&complaint(&mut lines), &["not signed in", "sign-in"]);
    world.sign_in("ada", ADA, "Ada");
    let mut again = sign_in(&world, "ada", ADA, &["--key-file"]);
    assert_says(&complaint(&mut again), &["already", ADA]);
    world.lines("ada").quit();
}

#[test]
fn the_code_is_wrong_three_times_and_then_right() {
    let world = World::new();
    let mut program = sign_in(&world, "ada", ADA, &["--key-file", "--name", "Ada"]);
    let code = world.code(ADA, 0);
    let wrong = if code == "00000" { "00001" } else { "00000" };
    for _ in 0..3 {
        program.enter(wrong);
        program.expect_text("The code is wrong");
    }
    program.enter(&code);
    program.expect_text("Signed in as Ada");
}

#[test]
fn somebody_unknown_is_said_to_be_unknown() {
    let mut scene = Scene::new();
    scene.ada.enter("/start @nobody_here");
    scene.ada.expect_text("nobody is known as @nobody_here");
    scene.ada.enter("/start +123456789");
    scene.ada.expect_text("nobody is known as +123456789");
    scene.ada.enter("/start Zoe");
    scene.ada.expect_text("! Zoe is not among the people known here: look them up with /find");
    scene.ada.enter("/accept 12345");
    scene.ada.expect_text("! there is no chat 12345; /chats lists them");
    scene.ada.enter("hello?");
    scene.ada.expect_text("! no chat is open: choose one with /open CHAT; /chats lists them");
    scene.ada.enter(&format!("/start +{ADA}"));
    scene
        .ada
        .expect("a refusal to talk to oneself", |line| line.starts_with("! ") || line.contains("failed"));
    scene.ada.enter(&format!("/start +{BASIL}"));
    scene.ada.expect_text("waiting for Basil to accept");
}

#[test]
fn a_damaged_database_is_named_and_left_alone() {
    let mut scene = Scene::new();
    let chat = scene.ready();
    scene.ada_says("precious");
    scene.ada.quit();
    let path = scene.world.profile("ada").join("vault.db");
    let whole = fs::read(&path).unwrap();
    let cases = [
        ("garbage", b"this is no database at all".repeat(400)),
        ("cut", whole[..whole.len() / 2 + 100].to_vec()),
        ("empty", Vec::new()),
        ("one bit", {
            let mut bytes = whole.clone();
            bytes[5000] ^= 1;
            bytes
        }),
    ];
    for (what, bytes) in cases {
        fs::write(&path, &bytes).unwrap();
        let mut lines = scene.world.start_lines("ada");
        let sentence = complaint(&mut lines);
        assert_says(&sentence, &[&path.display().to_string(), "backup"]);
        assert_eq!(fs::read(&path).unwrap(), bytes, "{what}: left as it was");
    }
    fs::remove_file(&path).unwrap();
    assert_says(&complaint(&mut scene.world.start_lines("ada")), &["missing", "backup"]);
    // What the backup would do.
    fs::write(&path, &whole).unwrap();
    scene.ada = scene.world.lines("ada");
    assert_eq!(texts(&mut scene.ada, &chat, "you"), ["precious"]);
}

#[test]
fn a_damaged_key_is_named_and_left_alone() {
    let mut scene = Scene::new();
    scene.ada.quit();
    let path = scene.world.profile("ada").join("vault.key");
    let whole = fs::read(&path).unwrap();
    for bytes in [&b""[..], b"{}", b"\x00\xff garbage", &whole[..whole.len() / 2]] {
        fs::write(&path, bytes).unwrap();
        assert_says(&complaint(&mut scene.world.start_lines("ada")), &["vault.key", "backup"]);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    fs::write(&path, &whole).unwrap();
    scene.world.lines("ada").quit();
}
