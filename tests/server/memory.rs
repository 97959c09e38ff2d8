//! What a long file costs the server in memory: a process of its own, whose greatest extent the system knows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use subrosa::mtproto::framing::Framing;
use subrosa::mtproto::rsa::PublicKey;
use tempfile::TempDir;

use crate::client::{Client, Padding};
use crate::files::{PART, acquainted, fetched, noise, save, send, window};
use crate::requests::sign_up;

const FILE: usize = 24 << 20;
/// Requests that are under way at a time.
const AT_ONCE: usize = 2;
/// Bytes that the server may grow by; half of the file.
const GROWTH: usize = 12 << 20;

/// `subrosa serve`; killed at the end.
struct Process {
    child: Child,
    said: BufReader<ChildStdout>,
    address: String,
    folder: TempDir,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    fn start() -> Process {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_subrosa"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut process = Process { child, said, address: String::new(), folder };
        process.address = process.hear("listens on ");
        process.hear("Codes appear here");
        process
    }

    /// What follows these words, in the next line that has them.
    fn hear(&mut self, words: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "the server has ended");
            if let Some((_, rest)) = line.split_once(words) {
                return rest.trim().to_owned();
            }
        }
    }

    fn public_key(&self) -> PublicKey {
        let file: &Path = self.folder.path();
        PublicKey::from_pem(&std::fs::read_to_string(file.join("server.pem")).unwrap()).unwrap()
    }

    /// The most memory it has ever had, bytes.
    fn greatest_extent(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().trim().parse::<usize>().unwrap() * 1024
    }
}

async fn member(server: &mut Process, phone: &str) -> Client {
    let mut client = Client::connect(server.address.parse().unwrap(), Framing::Intermediate).await;
    client.agree_key(&server.public_key(), Padding::RsaPad).await;
    let announced = format!("code for +{phone}: ");
    sign_up(&mut client, phone, || server.hear(&announced)).await;
    client
}

#[tokio::test]
async fn a_long_file_costs_little_memory() {
    let mut server = Process::start();
    let ada = member(&mut server, "15550001").await;
    let boole = member(&mut server, "15550002").await;
    let mut pair = acquainted(ada, boole).await;
    let bytes = noise(FILE);
    let parts: Vec<i32> = (0..(FILE / PART) as i32).collect();
    let before = server.greatest_extent();

    for some in parts.chunks(AT_ONCE) {
        save(&mut pair.ada, &bytes, some).await;
    }
    let file = send(&mut pair, parts.len() as i32).await;
    for some in parts.chunks(AT_ONCE) {
        let mut waiting = Vec::new();
        for part in some {
            waiting.push(pair.boole.send(&window(&file, *part as usize * PART, PART as i32)).await);
        }
        for (msg_id, part) in waiting.into_iter().zip(some) {
            assert!(
                fetched(&mut pair.boole, msg_id).await.unwrap() == bytes[*part as usize * PART..][..PART]
            );
        }
    }
    let growth = server.greatest_extent() - before;
    assert!(growth < GROWTH, "{growth} bytes for {FILE}");
}
