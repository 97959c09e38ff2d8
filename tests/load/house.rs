//! The server in a process of its own, what it prints, and what the system knows of it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use subrosa::engine::ServerProfile;
use tempfile::TempDir;
use tokio::sync::watch;

/// Making a key takes longer than the rest of a start.
const SERVER_KEY: &str = include_str!("../../assets/demo/server.pem");

/// A running server.
pub struct House {
    child: Child,
    process: String,
    /// Goes with the house.
    _home: TempDir,
    entrance: Entrance,
}

/// What somebody needs to move in.
#[derive(Clone)]
pub struct Entrance {
    pub profile: ServerProfile,
    /// Where profiles lie.
    pub profiles: PathBuf,
    codes: watch::Receiver<Vec<String>>,
}

impl Entrance {
    /// The code that was given out for a phone number.
    pub async fn code(&mut self, phone: &str) -> String {
        let mark = format!("code for +{phone}: ");
        let find =
            |lines: &Vec<String>| lines.iter().find_map(|line| line.strip_prefix(&mark).map(str::to_owned));
        let lines = self.codes.wait_for(|lines| find(lines).is_some()).await.expect("the server has gone");
        find(&lines).unwrap()
    }
}

impl House {
    pub fn open() -> House {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("server");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("server_key.pem"), SERVER_KEY).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_subrosa"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .env("SUBROSA_HOME", home.path())
            .env_remove("SUBROSA_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address =
            lines.find_map(|line| line.split_once("listens on ").map(|(_, address)| address.to_owned()));
        let address = address.expect("the server tells where it listens");
        lines.find(|line| line.starts_with("Codes appear here")).unwrap();
        let (tell, codes) = watch::channel(Vec::new());
        thread::spawn(move || lines.for_each(|line| tell.send_modify(|lines| lines.push(line))));
        let profile = ServerProfile {
            address,
            dc_id: 1,
            proxy: None,
            key: std::fs::read_to_string(data.join("server.pem")).unwrap(),
            key_source: "the server's file".to_owned(),
            api_id: 1,
            api_hash: String::new(),
        };
        let profiles = home.path().join("profiles");
        std::fs::create_dir(&profiles).unwrap();
        let process = child.id().to_string();
        House { _home: home, child, process, entrance: Entrance { profile, profiles, codes } }
    }

    pub fn entrance(&self) -> Entrance {
        self.entrance.clone()
    }

    /// As the system lists it.
    pub fn process(&self) -> &str {
        &self.process
    }

    /// Sockets that lead from the server to somebody: established, with its port as their own.
    pub fn connections(&self) -> usize {
        let port = self.entrance.profile.address.rsplit(':').next().unwrap().parse::<u16>().unwrap();
        let own = format!(":{port:04X}");
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let sockets = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
        sockets.filter(|words| words[1].ends_with(&own) && words[3] == "01").count()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The memory that a process has now, MiB.
pub fn memory(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}
