//! A server in the test's own process, which can be made to trouble its people, and two of them on terminals with a chat between them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use subrosa::server::rpc::{Data, RpcError, Trouble};
use subrosa::server::{Server, ServerConfig};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::screen::{CTRL_Q, ENTER, Screen, Start};

pub const ADA: &str = "9996630001";
pub const BASIL: &str = "9996630002";

/// Making a key takes longer than a test.
const SERVER_KEY: &str = include_str!("../../assets/demo/server.pem");

pub struct Town {
    pub ada: Screen,
    pub basil: Screen,
    home: TempDir,
    house: House,
}

/// What the server is to do to its people.
enum Order {
    Introduce,
    Trouble(Trouble),
    Revoke,
}

/// The server, on a thread of its own that ends with it.
struct House {
    address: String,
    key: String,
    codes: Receiver<String>,
    orders: Option<UnboundedSender<Order>>,
    carried_out: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl House {
    fn new() -> House {
        let (ready, opened) = channel();
        let (code, codes) = channel();
        let (orders, taken) = unbounded_channel();
        let (done, carried_out) = channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let on_code = Box::new(move |_: &str, it: &str| drop(code.send(it.to_owned())));
                let listen = "127.0.0.1:0".parse().unwrap();
                let config = ServerConfig::new(listen, Data::Memory, on_code);
                let server = Server::start_as(config, SERVER_KEY).await.unwrap();
                ready.send((server.address().to_string(), server.public_key_pem().to_owned())).unwrap();
                obey(&server, taken, &done).await;
                server.stop().await;
            });
        });
        let (address, key) = opened.recv().unwrap();
        House { address, key, codes, orders: Some(orders), carried_out, thread: Some(thread) }
    }

    /// Waits until it is done.
    fn order(&self, order: Order) {
        assert!(self.orders.as_ref().unwrap().send(order).is_ok());
        self.carried_out.recv().unwrap();
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

async fn obey(server: &Server, mut orders: UnboundedReceiver<Order>, done: &Sender<()>) {
    while let Some(order) = orders.recv().await {
        let outcome = match order {
            Order::Introduce => server.introduce(vec![BASIL.to_owned()], ADA.to_owned()).await,
            Order::Trouble(trouble) => server.trouble(trouble).await,
            Order::Revoke => server.revoke(ADA.to_owned()).await,
        };
        outcome.unwrap();
        let _ = done.send(());
    }
}

impl Town {
    /// Ada and Basil in the composers of a chat that is ready.
    pub fn new() -> Town {
        let house = House::new();
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("server.pem"), &house.key).unwrap();
        let nobody = || Start::shell(home.path()).run();
        let (ada, basil) = (nobody(), nobody());
        let mut town = Town { ada, basil, home, house };
        town.sign_in("ada", ADA, "Ada");
        town.sign_in("basil", BASIL, "Basil");
        town.house.order(Order::Introduce);
        town.ada = town.open("ada");
        town.basil = town.open("basil");
        town.meet();
        town
    }

    fn sign_in(&self, profile: &str, phone: &str, name: &str) {
        let key = self.home.path().join("server.pem");
        let (key, address) = (key.to_str().unwrap(), &self.house.address);
        let whom = ["--profile", profile, "--phone", phone, "--name", name, "--key-file"];
        let arguments = ["sign-in", "--server", address, "--key", key].into_iter().chain(whom);
        let arguments: Vec<&str> = arguments.collect();
        let mut screen = Start::binary(self.home.path(), &arguments).size(250, 20).run();
        screen.wait_for("The code (");
        let code = self.house.codes.recv().unwrap();
        screen.send(&format!("{code}\r"));
        assert_eq!(screen.end(), Ok(0), "{}", screen.contents());
    }

    pub fn open(&self, profile: &str) -> Screen {
        Start::binary(self.home.path(), &["--profile", profile]).size(100, 30).run()
    }

    fn meet(&mut self) {
        self.ada.wait_for("Basil");
        self.ada.wait_for("connected");
        self.ada.send("s");
        self.basil.wait_for("asks for a secret chat");
        self.basil.send(ENTER);
        self.basil.wait_for("accept here");
        self.basil.send("a");
        for screen in [&mut self.ada, &mut self.basil] {
            screen.wait_for("not verified");
            screen.send(ENTER);
            screen.wait_for("Enter send");
        }
    }

    /// Ada writes something, and Basil sees it.
    pub fn ada_says(&mut self, text: &str, shown: &str) {
        self.ada.send(&format!("{text}\r"));
        self.basil.wait_for(shown);
    }

    /// The next calls of a method by Ada are answered with an error.
    pub fn trouble(&self, method: &str, code: i32, name: &str, calls: u32) {
        let error = RpcError { code, name: name.to_owned() };
        let trouble = Trouble { phone: ADA.to_owned(), method: method.to_owned(), error, calls };
        self.house.order(Order::Trouble(trouble));
    }

    /// Ada's device is shut out.
    pub fn revoke(&self) {
        self.house.order(Order::Revoke);
    }

    /// A file of this machine.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn leave(self) {
        for mut screen in [self.ada, self.basil] {
            screen.send(CTRL_Q);
            assert_eq!(screen.end(), Ok(0));
            screen.assert_restored();
        }
    }
}

/// The row of a screen that has these words in it.
pub fn row(screen: &Screen, words: &str) -> String {
    let contents = screen.wait_for(words);
    contents.lines().find(|line| line.contains(words)).unwrap_or_default().to_owned()
}
