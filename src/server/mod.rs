//! The embedded Telegram-compatible server: MTProto 2.0 over TCP, for the demo, the tests, and anyone who wants one at home.
//!
//! A connection cuts packets out of its stream (`connection`); unencrypted ones drive the key exchange (`handshake`), encrypted ones
//! go to their session (`session`, bound to key and connection by `live`). A session hands bare methods to the one `desk`, where
//! the office (`rpc`) executes them in order; what they cause is routed by the `hub`. The office keeps what it knows in the `store`,
//! and the bytes of files in the `depot`; keys that are made to be used for a while are in `temporary`, in memory alone. Session and
//! exchange are pure, the office is synchronous, and only this file, `connection` and `outbox` wait for anything. What the owner of the
//! handle may do to the people here is in `operator`.
//!
//! It thinks in one layer, the newest that this program knows; what goes to a client of an older one is put into that (`layers`).
//!
//! It is made for one machine or one household, not for the internet: there are bounds against broken and hostile clients, but no
//! defence against a crowd of them.

mod budget;
mod clock;
mod connection;
mod depot;
mod desk;
mod handshake;
mod hub;
mod identity;
pub mod layers;
mod live;
mod lobby;
mod operator;
mod outbox;
mod reader;
pub mod rpc;
mod session;
pub mod store;
mod temporary;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use self::connection::Shared;
use self::desk::{Desk, DeskFault, DeskThread};
use self::hub::Hub;
use self::identity::IdentityFault;
use self::lobby::Lobby;
use self::rpc::{Centres, CodeCallback, Data, DataCentre};
use crate::mtproto::rsa::{KeyFault, PrivateKey};
use crate::system::in_words;

/// Connections at a time; for a further one the oldest stranger has to go, or else it is closed at once.
const MAX_CONNECTIONS: usize = 1024;
/// A pause after the system refused a connection, usually for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How a server is to be started.
pub struct ServerConfig {
    /// Port 0 takes a free one; [`Server::address`] tells which.
    pub listen: SocketAddr,
    /// Where keys and accounts live.
    pub data: Data,
    /// Called with phone number and sign-in code, on the thread that executes methods: it must not block.
    pub on_code: CodeCallback,
    /// The id of this data centre, which new clients are told; [`Centres::DEFAULT_ID`] for a server on its own.
    pub dc_id: i32,
    /// Data centres that are other servers. Whatever other id a client looks for leads here.
    pub others: Vec<DataCentre>,
}

impl ServerConfig {
    /// A server on its own: every data centre that a client may believe in.
    pub fn new(listen: SocketAddr, data: Data, on_code: CodeCallback) -> ServerConfig {
        ServerConfig { listen, data, on_code, dc_id: Centres::DEFAULT_ID, others: Vec::new() }
    }
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{address} is taken by another program; stop that one, or choose another port with --listen")]
    PortTaken { address: SocketAddr },
    #[error("this user may not listen on {address}; choose a port above 1023 with --listen")]
    NotAllowed { address: SocketAddr },
    #[error(
        "cannot listen on {address} ({}): choose an address of this machine with --listen",
        in_words(source)
    )]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    #[error("the server's public key cannot be written as PEM: {0}")]
    PublicKey(#[from] KeyFault),
    #[error(transparent)]
    Desk(#[from] DeskFault),
    #[error("the server key could not be made: {0}; try again")]
    Interrupted(#[from] tokio::task::JoinError),
}

/// A running server. Dropping it without [`Server::stop`] closes its database at once, and its connections when the runtime next polls
/// them.
pub struct Server {
    address: SocketAddr,
    public_key_pem: String,
    fingerprint: i64,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
    desk: Desk,
    desk_thread: DeskThread,
}

impl Server {
    /// Binds the port, opens or makes the data, and begins to accept connections.
    pub async fn start(config: ServerConfig) -> Result<Server, ServeError> {
        let listener = bind(config.listen).await?;
        let data = config.data.clone();
        Server::open(config, listener, load_identity(data)).await
    }

    /// As [`Server::start`], with a private key (PKCS#1 PEM) that is given instead of made or read: for a server that has to be
    /// there at once.
    pub async fn start_as(config: ServerConfig, private_key_pem: &str) -> Result<Server, ServeError> {
        let listener = bind(config.listen).await?;
        let identity = std::future::ready(identity::given(private_key_pem).map_err(ServeError::from));
        Server::open(config, listener, identity).await
    }

    async fn open(
        config: ServerConfig,
        listener: TcpListener,
        identity: impl Future<Output = Result<PrivateKey, ServeError>>,
    ) -> Result<Server, ServeError> {
        let address =
            listener.local_addr().map_err(|source| ServeError::Listen { address: config.listen, source })?;
        let centres = Centres { id: config.dc_id, address, others: config.others };
        let hub = Arc::new(Hub::default());
        let route = {
            let hub = hub.clone();
            Box::new(move |push: &rpc::Push| hub.route(push))
        };
        let in_use = {
            let hub = hub.clone();
            Box::new(move |key_id| hub.knows(key_id))
        };
        let temporary = hub.temporary.clone();
        let (desk, desk_thread) =
            Desk::open(config.data, centres, config.on_code, route, in_use, temporary).await?;
        // Whoever has the database has the folder: two first starts at once must not make two keys.
        let (rsa, public_key_pem) = match identity.await.and_then(with_public_key) {
            Ok((rsa, pem)) => (Arc::new(rsa), pem),
            Err(error) => {
                close(desk_thread).await;
                return Err(error);
            }
        };
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared { hub, desk: desk.clone(), rsa: rsa.clone() });
        Ok(Server {
            address,
            public_key_pem,
            fingerprint: rsa.public().fingerprint(),
            stop,
            accepting: tokio::spawn(accept_all(
                listener,
                shared,
                Lobby::with_room_for(MAX_CONNECTIONS),
                stopped,
            )),
            desk,
            desk_thread,
        })
    }

    /// Where it listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client needs to trust this server: PKCS#1 PEM.
    pub fn public_key_pem(&self) -> &str {
        &self.public_key_pem
    }

    /// How the key exchange names the public key.
    pub fn fingerprint(&self) -> i64 {
        self.fingerprint
    }

    /// Closes every connection, finishes what is queued, closes the database. Returns when all of that is done.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if let Err(error) = self.accepting.await {
            tracing::error!("the accepting task ended badly: {error}");
        }
        close(self.desk_thread).await;
    }
}

/// Returns when what is queued is done and the database closed.
async fn close(thread: DeskThread) {
    let ended = tokio::task::spawn_blocking(|| thread.end()).await;
    if !matches!(ended, Ok(true)) {
        tracing::error!("the thread that executes methods ended badly");
    }
}

fn with_public_key(identity: PrivateKey) -> Result<(PrivateKey, String), ServeError> {
    let pem = identity.public().to_pem()?;
    Ok((identity, pem))
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortTaken { address },
        io::ErrorKind::PermissionDenied => ServeError::NotAllowed { address },
        _ => ServeError::Listen { address, source },
    })
}

/// Making a key takes a second: off this thread.
async fn load_identity(data: Data) -> Result<PrivateKey, ServeError> {
    let loaded = match data {
        Data::Memory => tokio::task::spawn_blocking(|| Ok(identity::generate())).await?,
        Data::Folder(folder) => {
            tokio::task::spawn_blocking(move || identity::load_or_create(&folder)).await?
        }
    };
    Ok(loaded?)
}

/// Accepts until told to stop, then waits for every connection to end.
async fn accept_all(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut lobby: Lobby,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|&stop| stop) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => match lobby.admit() {
                Some(guest) => {
                    tracing::info!(%peer, "connected");
                    connections.spawn(connection::serve(stream, peer, guest, shared.clone(), stop.clone()));
                }
                None if lobby.may_warn(Instant::now()) => {
                    tracing::warn!(%peer, "refused: as many clients are signed in as there is room for");
                }
                None => {}
            },
            Err(error) => {
                if lobby.may_warn(Instant::now()) {
                    tracing::warn!("a connection could not be accepted: {error}");
                }
                lobby.make_room();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn silent_strangers_do_not_keep_others_out() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let hub: Arc<Hub> = Arc::default();
        let (route, in_use) = (Box::new(|_: &rpc::Push| ()), Box::new(|_| false));
        let on_code = Box::new(|_: &str, _: &str| ());
        let centres = Centres::alone(address);
        let (desk, thread) =
            Desk::open(Data::Memory, centres, on_code, route, in_use, hub.temporary.clone()).await.unwrap();
        let shared = Arc::new(Shared { hub, desk: desk.clone(), rsa: Arc::new(identity::generate()) });
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept_all(listener, shared, Lobby::with_room_for(2), stopped));
        // One says nothing at all, one only how it would frame what it does not say.
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut framed = TcpStream::connect(address).await.unwrap();
        framed.write_all(&[0xee; 4]).await.unwrap();
        let limit = Duration::from_secs(20);
        let mut later = Vec::new();
        for stranger in [&mut silent, &mut framed] {
            later.push(TcpStream::connect(address).await.unwrap());
            let read = timeout(limit, stranger.read(&mut [0; 4])).await.expect("it is still connected");
            assert_eq!(read.unwrap_or(0), 0);
        }
        stop.send(true).unwrap();
        accepting.await.unwrap();
        close(thread).await;
    }
}
