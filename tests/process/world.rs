//! A server, a data folder, and the people who sign in there.
//!
//! Everything lies in a folder that goes away with the test. The server can be killed and started again in the same place.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use tempfile::TempDir;

use super::{Program, Script, Stream};

pub struct World {
    pub script: Script,
    home: TempDir,
    server: Mutex<Program>,
    pub address: SocketAddr,
}

impl World {
    pub fn new() -> World {
        let script = Script::new();
        let home = tempfile::tempdir().unwrap();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = serve(&script, home.path(), any);
        let said = server.expect_text("listens on ");
        let address = said.rsplit(' ').next().unwrap().parse().unwrap();
        server.expect_text("Codes appear here");
        World { script, home, server: Mutex::new(server), address }
    }

    pub fn kill_server(&self) {
        self.server.lock().unwrap().kill9();
    }

    /// Starts the server again, on the same port and folder.
    pub fn restart_server(&self) {
        let mut server = serve(&self.script, self.home.path(), self.address);
        server.expect_text("Codes appear here");
        *self.server.lock().unwrap() = server;
    }

    pub fn key(&self) -> PathBuf {
        self.home.path().join("server/server.pem")
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn profile(&self, name: &str) -> PathBuf {
        self.home.path().join("profiles").join(name)
    }

    /// The binary with this world's data folder and nothing of the tester's own settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        binary(self.home.path(), arguments)
    }

    pub fn run(&self, name: &str, arguments: &[&str]) -> Program {
        self.run_script(&self.script, name, arguments)
    }

    pub fn run_script(&self, script: &Script, name: &str, arguments: &[&str]) -> Program {
        Program::start(script, name, &mut self.command(arguments))
    }

    /// The arguments of a sign-in with a key file.
    pub fn sign_in_arguments<'a>(&self, profile: &'a str, phone: &'a str) -> Vec<String> {
        let (server, key) = (self.address.to_string(), self.key().display().to_string());
        ["sign-in", "--profile", profile, "--server", &server, "--key", &key, "--phone", phone]
            .map(String::from)
            .to_vec()
    }

    /// Makes a profile, under this name if the number is new.
    pub fn sign_in(&self, profile: &str, phone: &str, name: &str) {
        self.sign_in_script(&self.script, profile, phone, name);
    }

    pub fn sign_in_script(&self, script: &Script, profile: &str, phone: &str, name: &str) {
        let mut arguments = self.sign_in_arguments(profile, phone);
        arguments.extend(["--name", name, "--key-file"].map(String::from));
        let place = self.script.len();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut program = self.run_script(script, profile, &arguments);
        let code = self.code(phone, place);
        program.enter(&code);
        program.expect_text("Signed in as ");
        assert_eq!(program.wait_exit(), Some(0), "{script}");
    }

    /// The code that the server printed for a number after a place in the script.
    pub fn code(&self, phone: &str, place: usize) -> String {
        let mark = format!("code for +{phone}: ");
        self.script
            .wait(|entries| {
                let heard = entries.iter().skip(place).filter(|it| it.stream == Stream::Out);
                heard.filter_map(|it| it.text.strip_prefix(&mark)).map(str::to_owned).next()
            })
            .unwrap_or_else(|| panic!("no code came for {phone}\n{}", self.script))
    }

    /// Line mode, up and connected.
    pub fn lines(&self, profile: &str) -> Program {
        let mut program = self.start_lines(profile);
        program.expect_text("* online");
        program
    }

    pub fn start_lines(&self, profile: &str) -> Program {
        self.run(profile, &["lines", "--profile", profile])
    }
}

/// The binary with a data folder and nothing of the tester's own settings.
pub fn binary(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subrosa"));
    for own in [
        "SUBROSA_PROXY",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        "SUBROSA_API_ID",
        "SUBROSA_API_HASH",
    ] {
        command.env_remove(own);
    }
    command
        .args(arguments)
        .env("SUBROSA_HOME", home)
        .env_remove("SUBROSA_PASSPHRASE")
        .env_remove("SUBROSA_LOG")
        .env_remove("SUBROSA_DIE_AT")
        .env("TZ", "UTC");
    command
}

fn serve(script: &Script, home: &Path, listen: SocketAddr) -> Program {
    let (data, listen) = (home.join("server").display().to_string(), listen.to_string());
    Program::start(script, "server", &mut binary(home, &["serve", "--listen", &listen, "--data", &data]))
}
