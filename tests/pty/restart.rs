//! Two people on a server of their own, each with the messenger on a terminal: a chat both ways, and what a kill costs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rustix::process::Signal;
use tempfile::TempDir;

use super::screen::{CTRL_Q, ENTER, Screen, Start};

const ADA: &str = "9996620001";
const BASIL: &str = "9996620002";

/// A server and two people who are signed in there.
struct Town {
    home: TempDir,
    server: Screen,
}

impl Town {
    fn new() -> Town {
        let home = tempfile::tempdir().unwrap();
        let server = Start::binary(home.path(), &["serve", "--listen", "127.0.0.1:0"]).size(250, 60).run();
        let said = server.wait_for("Codes appear here");
        let address = said.split("listens on ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let town = Town { home, server };
        town.sign_in("ada", ADA, "Ada", &address);
        town.sign_in("basil", BASIL, "Basil", &address);
        town
    }

    fn sign_in(&self, profile: &str, phone: &str, name: &str, address: &str) {
        let key = self.home.path().join("server/server.pem");
        let key = key.to_str().unwrap();
        let arguments = [
            "sign-in",
            "--profile",
            profile,
            "--server",
            address,
            "--key",
            key,
            "--phone",
            phone,
            "--name",
            name,
            "--key-file",
        ];
        let mut screen = Start::binary(self.home.path(), &arguments).size(250, 20).run();
        let code = self.code(phone);
        screen.wait_for("The code (");
        screen.send(&format!("{code}\r"));
        assert_eq!(screen.end(), Ok(0), "{}", screen.contents());
        assert!(screen.contents().contains("Signed in as"), "{}", screen.contents());
    }

    fn code(&self, phone: &str) -> String {
        let mark = format!("code for +{phone}: ");
        let said = self.server.wait_for(&mark);
        said.split(&mark).nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
    }

    /// Puts Basil on Ada's list.
    fn acquaint(&self) {
        let mut lines = Start::binary(self.home.path(), &["lines", "--profile", "ada"]).size(250, 20).run();
        lines.wait_for("online");
        lines.send(&format!("/add +{BASIL} Basil\r"));
        lines.wait_for("found Basil");
        lines.send("/quit\r");
        assert_eq!(lines.end(), Ok(0), "{}", lines.contents());
    }

    fn open(&self, profile: &str) -> Screen {
        Start::binary(self.home.path(), &["--profile", profile]).run()
    }
}

#[test]
fn killed_while_the_request_waits_the_chat_is_there_again_and_completes() {
    let town = Town::new();
    town.acquaint();
    let mut ada = town.open("ada");
    ada.wait_for("Basil");
    ada.send("s");
    ada.wait_for("aiting for Basil");
    ada.signal(Signal::KILL);
    assert!(ada.end().is_err());

    let mut ada = town.open("ada");
    ada.wait_for("aiting for Basil");
    let mut basil = town.open("basil");
    basil.wait_for("asks for a secret chat");
    basil.send(ENTER);
    basil.send("a");

    // Ready on both sides, and each hears the other.
    for screen in [&mut ada, &mut basil] {
        screen.wait_for("not verified");
        screen.send(ENTER);
        screen.wait_for("Enter send");
    }
    ada.send("rose leaves\r");
    basil.wait_for("rose leaves");
    basil.send("under the bridge\r");
    ada.wait_for("under the bridge");

    for mut screen in [ada, basil] {
        screen.send(CTRL_Q);
        assert_eq!(screen.end(), Ok(0));
        screen.assert_restored();
    }
}
