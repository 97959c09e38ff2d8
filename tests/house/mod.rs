//! A server of this project with the codes it gives out, and profiles that were signed up at it.
//!
//! Most tests of whole engines begin with the same few lines; these are they. Whoever moves in does so as a person would: by a number,
//! the code that was sent to it, and a name.

#![allow(dead_code, reason = "no test needs everything")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use subrosa::engine::{self, ServerProfile, SignIn, SignInStep};
use subrosa::server::rpc::Data;
use subrosa::server::{Server, ServerConfig};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// No answer takes this long, even on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Making a key takes longer than a test.
pub const SERVER_KEY: &str = include_str!("../../assets/demo/server.pem");

pub struct House {
    pub server: Server,
    pub home: TempDir,
    codes: mpsc::UnboundedReceiver<String>,
}

impl House {
    /// A house that is forgotten with its server.
    pub async fn open() -> House {
        House::found(tempfile::tempdir().unwrap(), Data::Memory, |config| config).await
    }

    /// One whose server has a database in this folder.
    pub async fn kept_in(home: TempDir) -> House {
        let data = Data::Folder(home.path().join("server"));
        House::found(home, data, |config| config).await
    }

    /// One that is something else than usual.
    pub async fn found(
        home: TempDir,
        data: Data,
        change: impl FnOnce(ServerConfig) -> ServerConfig,
    ) -> House {
        let (sender, codes) = mpsc::unbounded_channel();
        let on_code = Box::new(move |_: &str, code: &str| drop(sender.send(code.to_owned())));
        let config = ServerConfig::new("127.0.0.1:0".parse().unwrap(), data, on_code);
        House { server: Server::start_as(change(config), SERVER_KEY).await.unwrap(), home, codes }
    }

    /// What a client has to know of the server.
    pub fn profile(&self) -> ServerProfile {
        ServerProfile {
            address: self.server.address().to_string(),
            dc_id: 1,
            proxy: None,
            key: self.server.public_key_pem().to_owned(),
            key_source: "the test's key".to_owned(),
            api_id: 1,
            api_hash: String::new(),
        }
    }

    /// The next code that is given out, whoever it is for.
    pub async fn code(&mut self) -> String {
        timeout(PATIENCE, self.codes.recv()).await.expect("a code in time").unwrap()
    }

    /// Somebody moves in, with a new account unless the number has one; where their profile lies, free to be opened.
    pub async fn move_in(&mut self, name: &str, phone: &str, folder: impl AsRef<Path>) -> PathBuf {
        let profile = self.profile();
        self.move_in_by(profile, name, phone, folder).await
    }

    /// The same on another way to the server.
    pub async fn move_in_by(
        &mut self,
        profile: ServerProfile,
        name: &str,
        phone: &str,
        folder: impl AsRef<Path>,
    ) -> PathBuf {
        let folder = self.home.path().join(folder);
        let vault = engine::create_throwaway(&folder).unwrap();
        let sign_in = SignIn::begin(vault, profile, phone, false).await.unwrap();
        let code = self.code().await;
        match sign_in.try_code(&code).await.unwrap() {
            SignInStep::NameWanted(sign_in) => match sign_in.sign_up(name, "").await.unwrap() {
                SignInStep::Done(_) => {}
                _ => panic!("{name} has no account"),
            },
            SignInStep::Done(_) => {}
            _ => panic!("the code is right, and there is no password"),
        }
        folder
    }
}
