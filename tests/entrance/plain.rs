//! `subrosa sign-in` as it is typed: what is asked beyond number and code, by the real program.

use subrosa::server::rpc::Terms;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::process::world::binary;
use crate::process::{Program, Script, Stream};
use crate::stage::{ADA, House};

/// Begins to sign Ada in and gives the code, which is asked for by the way.
fn begun(house: &mut House, script: &Script, profile: &str) -> Program {
    let home = house.home.path().to_owned();
    let key = home.join("server.pem");
    std::fs::write(&key, house.server.public_key_pem()).unwrap();
    let (server, key) = (house.server.address().to_string(), key.display().to_string());
    let arguments = ["sign-in", "--profile", profile, "--server", &server, "--key", &key, "--phone", ADA];
    let more = ["--key-file"];
    let arguments: Vec<&str> = arguments.into_iter().chain(more).collect();
    let mut program = Program::start(script, profile, &mut binary(&home, &arguments));
    let code = Handle::current().block_on(house.code());
    program.enter(&code);
    program
}

/// The program is waited for on a thread of its own: the server is on this one.
async fn on_a_thread(work: impl FnOnce() + Send + 'static) {
    spawn_blocking(work).await.unwrap();
}

#[tokio::test]
async fn terms_are_read_and_agreed_to_by_a_word() {
    let mut house = House::open().await;
    let text = "Be kind.\n\u{1b}[2JBe brief.".to_owned();
    let terms = Terms { text, min_age: Some(16), ..Terms::default() };
    house.server.require_terms(Some(terms)).await.unwrap();
    on_a_thread(move || {
        let script = Script::new();
        let mut ada = begun(&mut house, &script, "declined");
        ada.expect_text("agree to this:");
        ada.expect_text("Be kind.");
        let line = ada.expect_text("Be brief.");
        assert_eq!(line, "␛[2JBe brief.", "a server does not clear the screen");
        // Neither an empty line nor a letter is a word.
        for answer in ["", "y", "no"] {
            ada.enter(answer);
        }
        ada.expect_text("declined: no account was made");
        assert_ne!(ada.wait_exit(), Some(0), "{script}");
        let asked = ada.said(Stream::Err).join("\n");
        assert_eq!(asked.matches("at least 16 years old?").count(), 3, "{script}");

        let mut ada = begun(&mut house, &script, "agreed");
        ada.expect_text("Be brief.");
        ada.enter("Yes");
        ada.enter("Ada");
        ada.expect_text("Signed in as Ada");
        assert_eq!(ada.wait_exit(), Some(0), "{script}");
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_password_is_one_empty_line_away() {
    let mut house = House::open().await;
    house.device(ADA, "Ada").await.set_password("corrêct horse", "").await;
    on_a_thread(move || {
        let script = Script::new();
        let mut ada = begun(&mut house, &script, "ada");
        ada.expect_text("Enter alone says that it is forgotten");
        ada.enter("");
        ada.expect_text("no e-mail address");
        let address = Some("ada@rosa.example".to_owned());
        Handle::current().block_on(house.server.set_recovery_address(ADA.into(), address)).unwrap();
        ada.enter("");
        ada.expect_text("on its way to a***@rosa.example");
        let code = Handle::current().block_on(house.code());
        ada.enter(&code);
        ada.expect_text("Signed in as Ada");
        assert_eq!(ada.wait_exit(), Some(0), "{script}");
    })
    .await;
}
