//! A running server with a folder of its own, and the sign-in codes it gave out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};

use rand::SeedableRng;
use rand::rngs::StdRng;
use subrosa::mtproto::rsa::{PrivateKey, PublicKey};
use subrosa::server::rpc::Data;
use subrosa::server::{Server, ServerConfig};
use tempfile::TempDir;

/// Made once: making one takes most of a second.
static SERVER_KEY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(&mut StdRng::seed_from_u64(42)));

pub struct Stage {
    pub server: Server,
    pub folder: TempDir,
    pub codes: Arc<Mutex<Vec<(String, String)>>>,
}

impl Stage {
    pub async fn new() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("server_key.pem"), SERVER_KEY.to_pem().unwrap().as_bytes())
            .unwrap();
        Stage::open(folder).await
    }

    async fn open(folder: TempDir) -> Stage {
        let codes: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let heard = codes.clone();
        let config = ServerConfig::new(
            "127.0.0.1:0".parse().unwrap(),
            Data::Folder(folder.path().to_path_buf()),
            Box::new(move |phone, code| heard.lock().unwrap().push((phone.into(), code.into()))),
        );
        Stage { server: Server::start(config).await.unwrap(), folder, codes }
    }

    /// Stops the server and starts another on the same folder.
    pub async fn restart(self) -> Stage {
        self.server.stop().await;
        Stage::open(self.folder).await
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_pem(self.server.public_key_pem()).unwrap()
    }

    pub fn last_code(&self) -> String {
        self.codes.lock().unwrap().last().unwrap().1.clone()
    }
}
