//! Whatever is dropped is over: no thread of an engine, an entrance or a server outlives it.
//!
//! SQLCipher and OpenSSL clear their memory when a process ends. A thread that still uses a database at that moment is torn out of
//! it, and the process ends by a signal, with an image of its memory on the disk where that is the custom. So the owners wait.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command as Process, Output};

use subrosa::engine::entrance::{self, EntranceEvent};
use subrosa::engine::{self, Engine, Event, ServerProfile, SignIn, SignInStep};
use subrosa::server::rpc::Data;
use subrosa::server::{Server, ServerConfig};
use subrosa::vault::Vault;
use tokio::sync::mpsc;

/// Making a key takes longer than a test.
const SERVER_KEY: &str = include_str!("../assets/demo/server.pem");

/// As many that all end at once leave a process that does not wait little chance.
const CROWD: usize = 8;

/// How often a process is ended.
const ENDS: usize = 4;

/// A server with its database in a folder, and the codes that it gives out.
async fn server(home: &Path) -> (Server, mpsc::UnboundedReceiver<String>) {
    let (sender, codes) = mpsc::unbounded_channel();
    let on_code = Box::new(move |_: &str, code: &str| drop(sender.send(code.to_owned())));
    let data = Data::Folder(home.join("server"));
    let config = ServerConfig::new(SocketAddr::from(([127, 0, 0, 1], 0)), data, on_code);
    (Server::start_as(config, SERVER_KEY).await.unwrap(), codes)
}

fn profile(server: &Server) -> ServerProfile {
    ServerProfile {
        address: server.address().to_string(),
        dc_id: 1,
        proxy: None,
        key: server.public_key_pem().to_owned(),
        key_source: "the test's key".to_owned(),
        api_id: 1,
        api_hash: String::new(),
    }
}

/// A profile of a new account.
async fn account(
    folder: &Path,
    number: usize,
    server: &Server,
    codes: &mut mpsc::UnboundedReceiver<String>,
) -> Vault {
    let vault = engine::create_throwaway(folder).unwrap();
    let phone = format!("99966100{number:02}");
    let sign_in = SignIn::begin(vault, profile(server), &phone, false).await.unwrap();
    let code = codes.recv().await.unwrap();
    let SignInStep::NameWanted(sign_in) = sign_in.try_code(&code).await.unwrap() else { panic!("known") };
    let SignInStep::Done(_) = sign_in.sign_up("Ada", "").await.unwrap() else { panic!("no account") };
    engine::open_throwaway(folder).unwrap()
}

async fn until_restored(engine: &mut Engine) {
    while engine.events.recv().await.unwrap() != Event::Restored {}
}

#[tokio::test]
async fn an_engine_that_is_dropped_has_closed_its_profile() {
    let home = tempfile::tempdir().unwrap();
    let (server, mut codes) = server(home.path()).await;
    let folder = home.path().join("ada");
    let mut vault = account(&folder, 1, &server, &mut codes).await;
    for _ in 0..20 {
        let mut engine = engine::start(vault).unwrap();
        until_restored(&mut engine).await;
        // Somebody may hold the way to it longer than the engine is wanted.
        let handle = engine.handle.clone();
        drop(engine);
        vault = engine::open_throwaway(&folder).unwrap();
        assert!(!handle.send(engine::Command::Quit), "there is nobody to give it to");
    }
}

#[tokio::test]
async fn an_entrance_that_is_dropped_has_closed_its_profile() {
    let home = tempfile::tempdir().unwrap();
    let (server, _codes) = server(home.path()).await;
    let folder = home.path().join("ada");
    let mut vault = engine::create_throwaway(&folder).unwrap();
    for _ in 0..20 {
        let mut entrance = entrance::open(vault, profile(&server), false).unwrap();
        while !matches!(entrance.events.recv().await.unwrap(), EntranceEvent::Stage(_)) {}
        drop(entrance);
        vault = engine::open_throwaway(&folder).unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_dropped_has_closed_its_database() {
    let home = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        drop(server(home.path()).await);
    }
}

#[tokio::test]
#[ignore = "run by another test, in a process of its own"]
async fn a_house_full_of_people() {
    let home = tempfile::tempdir().unwrap();
    let (server, mut codes) = server(home.path()).await;
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        let vault = account(&home.path().join(number.to_string()), number, &server, &mut codes).await;
        crowd.push(engine::start(vault).unwrap());
    }
    for engine in &mut crowd {
        until_restored(engine).await;
    }
}

#[test]
fn a_process_ends_well_in_the_middle_of_everything() {
    for end in 0..ENDS {
        let mut again = Process::new(std::env::current_exe().unwrap());
        again.args(["--exact", "a_house_full_of_people", "--ignored"]);
        let Output { status, stdout, stderr } = again.output().unwrap();
        let told = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(status.success(), "end {end}: {status}\n{told}");
        assert!(told.contains("1 passed"), "end {end}: {told}");
    }
}
