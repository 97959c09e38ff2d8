//! The stage: one thread that holds the server and the cast, and clears everything away when the curtain falls.
//!
//! The user's engine is handed out as soon as it is signed in; the cast arrives one after the other behind it, so that the processor
//! is free for the first frame. Dropping the [`Stage`] is the end in every case, a panic that unwinds included: engines stop and are
//! waited for, the server stops, the folder is removed.

use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::accounts::{Codes, House};
use super::cast::{self, Part, Role, USER_PHONE};
use super::script::{Performance, Props};
use super::tamperer::Tamperer;
use super::{Demo, DemoFault, photo, player};
use crate::engine::{Command, Engine, Handle, ServerProfile};
use crate::server::rpc::Data;
use crate::server::{Server, ServerConfig};

/// The demo server's RSA key: making one would take longer than everything else together.
const SERVER_KEY: &str = include_str!("../../assets/demo/server.pem");

/// How long the end waits for the user's engine, whose front end may be in a bad way.
const PATIENCE: Duration = Duration::from_secs(3);

/// How far the cast has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many of the cast are signed in, and how many there are.
    pub arrived: usize,
    pub expected: usize,
    /// How many chats with the one who tampers the user's client has ended.
    pub refused: usize,
    /// Who could not come, and why; a sentence.
    pub faults: Vec<String>,
}

/// Server, cast and folder; all of it ends when this is dropped.
#[derive(Debug)]
pub struct Stage {
    curtain: watch::Sender<bool>,
    progress: watch::Receiver<Progress>,
    /// `Some` until it is joined.
    thread: Option<JoinHandle<()>>,
    /// Removed after the thread has ended.
    folder: TempDir,
}

impl Stage {
    /// How far the cast has come, and what it has seen.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Where everything of the demo lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.curtain.send_replace(true);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the demo's thread ended badly");
        }
    }
}

/// Opens the stage and signs the user in.
pub(super) fn open() -> Result<Demo, DemoFault> {
    let folder = tempfile::Builder::new().prefix("subrosa-demo-").tempdir().map_err(DemoFault::Folder)?;
    let runtime = Builder::new_current_thread().enable_all().build().map_err(DemoFault::Thread)?;
    let (curtain, fallen) = watch::channel(false);
    let (news, progress) = watch::channel(Progress { expected: cast::cast().count(), ..Progress::default() });
    let (ready, opened) = mpsc::channel();
    let company = Company { folder: folder.path().to_owned(), news, fallen };
    let thread = std::thread::Builder::new()
        .name("demo".into())
        .spawn(move || company.perform(&runtime, &ready))
        .map_err(DemoFault::Thread)?;
    let stage = Stage { curtain, progress, thread: Some(thread), folder };
    let engine = opened.recv().unwrap_or(Err(DemoFault::Ended))?;
    Ok(Demo { engine, stage })
}

/// What the stage's thread works with.
struct Company {
    folder: std::path::PathBuf,
    news: watch::Sender<Progress>,
    fallen: watch::Receiver<bool>,
}

impl Company {
    /// From the server's start to its end; the outcome of the first part is told through `ready`.
    fn perform(self, runtime: &Runtime, ready: &mpsc::Sender<Result<Engine, DemoFault>>) {
        runtime.block_on(async {
            let (server, house) = match self.build().await {
                Ok(built) => built,
                Err(fault) => return drop(ready.send(Err(fault))),
            };
            match house.move_in(USER_PHONE).await {
                Ok(engine) => {
                    let user = engine.handle.clone();
                    if ready.send(Ok(engine)).is_ok() {
                        self.play(&server, &house).await;
                    }
                    end(&user).await;
                }
                Err(fault) => drop(ready.send(Err(fault))),
            }
            server.stop().await;
        });
    }

    /// The server, and everybody's account.
    async fn build(&self) -> Result<(Server, House), DemoFault> {
        let codes = Codes::default();
        let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let config = ServerConfig::new(listen, Data::Memory, codes.listener());
        let server = Server::start_as(config, SERVER_KEY).await?;
        server.settle(cast::residents(unix_seconds())).await?;
        introduce(&server, cast::extras()).await?;
        put_out_of_reach(&server).await?;
        let profile = ServerProfile {
            address: server.address().to_string(),
            dc_id: 1,
            proxy: None,
            key: server.public_key_pem().to_owned(),
            key_source: "the demo's key".to_owned(),
            api_id: 1,
            api_hash: String::new(),
        };
        let house = House { server: profile, codes, folder: self.folder.clone() };
        Ok((server, house))
    }

    /// Brings the cast in and waits for the curtain. Each is put on the user's list once they are there: a request reaches only
    /// those who were signed in when it was made.
    async fn play(&self, server: &Server, house: &House) {
        let props = Props { user_phone: USER_PHONE, photo: self.folder.join("bridge.jpg") };
        if let Err(error) = photo::paint(&props.photo) {
            self.news
                .send_modify(|progress| progress.faults.push(format!("there is no photo to send: {error}")));
        }
        let mut players = JoinSet::new();
        let mut listed = Vec::new();
        for role in cast::cast() {
            if *self.fallen.borrow() {
                break;
            }
            let mut arrived = self.bring_in(role, house, &props, &mut players).await;
            if arrived.is_ok() && role.contact {
                listed.push(role.phone.to_owned());
                arrived = introduce(server, vec![role.phone.to_owned()]).await;
            }
            self.news.send_modify(|progress| match arrived {
                Ok(()) => progress.arrived += 1,
                Err(fault) => progress.faults.push(format!("{} cannot come: {fault}", role.name())),
            });
        }
        // Again, all at once: a contact list that the user's engine was fetching meanwhile may lack some of them.
        if let Err(fault) = introduce(server, listed).await {
            self.news.send_modify(|progress| progress.faults.push(fault.to_string()));
        }
        while players.join_next().await.is_some() {}
        let _ = self.fallen.clone().wait_for(|fallen| *fallen).await;
    }

    async fn bring_in(
        &self,
        role: &Role,
        house: &House,
        props: &Props,
        players: &mut JoinSet<()>,
    ) -> Result<(), DemoFault> {
        match role.part {
            Part::Plays(script) => {
                let engine = house.move_in(role.phone).await?;
                let performance = Performance::new(script, props.clone());
                players.spawn(player::play(engine, performance, self.fallen.clone()));
            }
            Part::Tampers => {
                let tamperer = Tamperer::arrive(house, role.phone).await?;
                let news = self.news.clone();
                let refused = move || news.send_modify(|progress| progress.refused += 1);
                players.spawn(tamperer.play(refused, self.fallen.clone()));
            }
            Part::Extra | Part::Bot | Part::Deleted | Part::Blocked => {}
        }
        Ok(())
    }
}

/// Puts people on the user's contact list.
async fn introduce(server: &Server, whom: Vec<String>) -> Result<(), DemoFault> {
    Ok(server.introduce(whom, USER_PHONE.to_owned()).await?)
}

/// Makes those what they are with whom no secret chat can be had.
async fn put_out_of_reach(server: &Server) -> Result<(), DemoFault> {
    for role in cast::out_of_reach() {
        let phone = role.phone.to_owned();
        match role.part {
            Part::Bot => server.make_bot(phone).await?,
            Part::Deleted => server.delete_account(phone).await?,
            Part::Blocked => server.block(phone, USER_PHONE.to_owned()).await?,
            Part::Plays(_) | Part::Tampers | Part::Extra => {}
        }
    }
    Ok(())
}

/// The user's engine, if it is still there, has its profile in the folder that is about to go.
async fn end(user: &Handle) {
    user.send(Command::Quit);
    if tokio::time::timeout(PATIENCE, user.stopped()).await.is_err() {
        tracing::error!("the user's engine did not stop in time");
    }
}

fn unix_seconds() -> i32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i32::try_from(since.as_secs()).unwrap_or(i32::MAX)
}
