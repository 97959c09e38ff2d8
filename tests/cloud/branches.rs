//! Links to other data centres over real connections: what stands on the way there, and when they are closed.

use std::sync::Arc;

use subrosa::cloud::branches::{Branch, Branches, LOOK_EVERY, MAX_BRANCHES, Whither};
use subrosa::cloud::data_centres::DataCentres;
use subrosa::cloud::proxy::{Detours, Environment, ProxyFault};
use subrosa::server::rpc::{Data, DataCentre};
use subrosa::server::{Server, ServerConfig};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};

use super::socks::{KNOWN_ADDRESS, Socks};
use super::*;

const SERVER_KEY: &str = include_str!("../../assets/demo/server.pem");

/// More than this test's clock ever jumps: no ping is due then.
const NEVER: Duration = Duration::from_secs(100 * 24 * 3600);

/// A server with a clock of its own, whatever becomes of the test's.
struct House {
    address: std::net::SocketAddr,
    key: String,
    /// It ends when nobody has this any more.
    _open: oneshot::Sender<()>,
}

impl House {
    async fn open(others: Vec<DataCentre>) -> House {
        let (told, started) = oneshot::channel();
        let (open, closed) = oneshot::channel();
        let serve = async move {
            let listen = "127.0.0.1:0".parse().unwrap();
            let config = ServerConfig::new(listen, Data::Memory, Box::new(|_, _| ()));
            let server = Server::start_as(ServerConfig { others, ..config }, SERVER_KEY).await.unwrap();
            told.send((server.address(), server.public_key_pem().to_owned())).unwrap();
            let _: Result<(), _> = closed.await;
            server.stop().await;
        };
        std::thread::spawn(|| Builder::new_current_thread().enable_all().build().unwrap().block_on(serve));
        let (address, key) = started.await.unwrap();
        House { address, key, _open: open }
    }

    /// A link to it, and what it was made from.
    async fn link(&self, address: &str, proxy: Option<&str>) -> (Client, LinkConfig) {
        let config = LinkConfig {
            keys: ServerKeys::from_pem("server.pem", &self.key).unwrap(),
            timing: Timing { ping_every: NEVER, ..Timing::default() },
            proxy: proxy.map(|link| subrosa::cloud::proxy::Proxy::from_link(link).unwrap()),
            ..config(address)
        };
        let mut client = Client::start(config.clone());
        client.online().await;
        (client, config)
    }
}

/// The way to a server, which counts who is on it.
struct Door {
    address: std::net::SocketAddr,
    inside: watch::Receiver<usize>,
}

impl Door {
    async fn to(server: watch::Receiver<Option<std::net::SocketAddr>>) -> Door {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (count, inside) = watch::channel(0);
        let count = Arc::new(count);
        tokio::spawn(async move {
            while let Ok((mut guest, _)) = listener.accept().await {
                let (count, server) = (count.clone(), server.borrow().unwrap());
                tokio::spawn(async move {
                    count.send_modify(|inside| *inside += 1);
                    let mut server = TcpStream::connect(server).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut guest, &mut server).await;
                    count.send_modify(|inside| *inside -= 1);
                });
            }
        });
        Door { address, inside }
    }

    async fn until(&mut self, count: usize) {
        let there = self.inside.wait_for(|inside| *inside == count);
        timeout(PATIENCE, there).await.expect("in time").unwrap();
    }
}

/// A server and so many other data centres, numbered from 11, which are the same server behind doors.
async fn town(centres: usize) -> (House, Vec<Door>) {
    let (told, server) = watch::channel(None);
    let mut doors = Vec::new();
    for _ in 0..centres {
        doors.push(Door::to(server.clone()).await);
    }
    let others = doors.iter().zip(11..).map(|(door, id)| DataCentre { id, address: door.address });
    let house = House::open(others.collect()).await;
    told.send_replace(Some(house.address));
    (house, doors)
}

fn environment(variables: &'static [(&str, String)]) -> Environment {
    Environment::read(|wanted| {
        variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
    })
}

async fn branch(branches: &Branches, dc: i32) -> Arc<Branch> {
    match branches.to(dc).await.unwrap() {
        Whither::Branch(branch) => {
            timeout(PATIENCE, branch.link.up()).await.expect("the branch in time");
            branch
        }
        _ => panic!("no branch to {dc}"),
    }
}

/// Time passes here and not at the server.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_branch_is_closed_when_nobody_has_used_it_for_a_while() {
    let (house, mut doors) = town(1).await;
    let (home, config) = house.link(&house.address.to_string(), None).await;
    let branches = Branches::of(home.link.clone(), &config, DataCentres::default(), Detours::default());
    let used = branch(&branches, 11).await;
    doors[0].until(1).await;
    for _ in 0..3 {
        pass(LOOK_EVERY).await;
    }
    // Whoever uses it keeps it, and finds it again.
    assert!(Arc::ptr_eq(&used, &branch(&branches, 11).await));
    assert_eq!(*doors[0].inside.borrow(), 1);
    drop(used);
    assert_eq!(*doors[0].inside.borrow(), 1, "for whoever comes next");
    pass(LOOK_EVERY).await;
    doors[0].until(0).await;
    // The next one is new.
    assert_eq!(*branch(&branches, 11).await.entries().await, 0);
    doors[0].until(1).await;
}

#[tokio::test]
async fn the_oldest_that_nobody_uses_makes_room() {
    let (house, mut doors) = town(MAX_BRANCHES + 2).await;
    let (home, config) = house.link(&house.address.to_string(), None).await;
    let branches = Branches::of(home.link.clone(), &config, DataCentres::default(), Detours::default());
    let mut used = vec![branch(&branches, 11).await];
    for dc in (12..).take(MAX_BRANCHES - 1) {
        let opened = branch(&branches, dc).await;
        // The third is not held.
        if dc != 13 {
            used.push(opened);
        }
    }
    let next = 11 + MAX_BRANCHES as i32;
    used.push(branch(&branches, next).await);
    doors[2].until(0).await;
    for (place, door) in doors.iter_mut().enumerate().take(MAX_BRANCHES + 1) {
        door.until(usize::from(place != 2)).await;
    }
    // All are in use: the oldest leaves the list, and stays for who has it.
    used.push(branch(&branches, next + 1).await);
    doors[0].until(1).await;
    assert!(!Arc::ptr_eq(&used[0], &branch(&branches, 11).await), "it is made anew");
    doors[0].until(2).await;
    drop(used);
}

#[tokio::test]
async fn a_branch_goes_through_the_proxy_of_its_own_address() {
    let known = KNOWN_ADDRESS;
    let far = DataCentre { id: 11, address: format!("{known}:443").parse().unwrap() };
    let house = House::open(vec![far]).await;
    let socks = Socks::start(None, house.address).await;
    let proxy = format!("socks5://{}", socks.address);
    let (home, config) = house.link(&house.address.to_string(), None).await;
    let all = vec![("ALL_PROXY", proxy)].leak();
    let detours = Detours { profile: None, environment: environment(all) };
    let branches = Branches::of(home.link.clone(), &config, DataCentres::default(), detours);
    branch(&branches, 11).await;
    // The server at home is on this machine: no proxy stands before it, but one does before the other data centre.
    assert_eq!(socks.asked(), [format!("{known}:443")]);
}

#[tokio::test]
async fn a_branch_nearby_is_reached_straight_though_home_is_not() {
    let (house, mut doors) = town(1).await;
    let socks = Socks::start(None, house.address).await;
    let proxy = format!("socks5://{}", socks.address);
    let (home, config) = house.link(&format!("{KNOWN_ADDRESS}:443"), Some(&proxy)).await;
    let all = vec![("ALL_PROXY", proxy.clone())].leak();
    let detours = Detours { profile: None, environment: environment(all) };
    let branches = Branches::of(home.link.clone(), &config, DataCentres::default(), detours);
    branch(&branches, 11).await;
    doors[0].until(1).await;
    assert_eq!(socks.asked(), [format!("{KNOWN_ADDRESS}:443")], "the way home alone");
    // The profile's own proxy counts everywhere.
    let own = subrosa::cloud::proxy::Proxy::from_link(&proxy).ok();
    let detours = Detours { profile: own, environment: Environment::default() };
    let branches = Branches::of(home.link.clone(), &config, DataCentres::default(), detours);
    branch(&branches, 11).await;
    assert_eq!(socks.asked()[1..], [doors[0].address.to_string()]);
}

#[tokio::test]
async fn a_branch_does_not_go_past_a_proxy_that_cannot_be_used() {
    let far = DataCentre { id: 11, address: format!("{KNOWN_ADDRESS}:443").parse().unwrap() };
    let house = House::open(vec![far]).await;
    let (home, config) = house.link(&house.address.to_string(), None).await;
    let all = vec![("ALL_PROXY", "http://proxy:3128".to_owned())].leak();
    let detours = Detours { profile: None, environment: environment(all) };
    let branches = Branches::of(home.link.clone(), &config, DataCentres::default(), detours);
    let barred = CloudError::ProxyVariable { variable: "ALL_PROXY", fault: ProxyFault::Kind };
    assert!(matches!(branches.to(11).await.unwrap(), Whither::Barred(fault) if fault == barred));
}
