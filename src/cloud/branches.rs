//! Links to other data centres, for files alone.
//!
//! A file lies where its sender's account lives, and only the servers there give it out. Each branch is a link of its own with a key of
//! its own, made when somebody wants it and never stored; it is let in by what the account's own data centre vouches for. Branches end
//! with the link they belong to, and when nobody uses them. The updates that come over them are not listened to: the account's own
//! link brings them all. What stands on the way home need not stand on the way to another address, so that is asked for each branch.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use grammers_tl_types::{enums, functions, types};
use tokio::sync::{Mutex, MutexGuard, mpsc};
use tokio::time::sleep;

use super::data_centres::DataCentres;
use super::fault::CloudError;
use super::link::{CALL_LIMIT, EVENT_CAPACITY, Link, LinkConfig, LinkState};
use super::proxy::Detours;
use crate::secret::step::CallError;

/// As many as Telegram has data centres. For a further one the oldest that nobody uses is closed.
pub const MAX_BRANCHES: usize = 5;

/// How often it is looked whether a branch is in use. One that is not is closed: making it again takes a second.
pub const LOOK_EVERY: Duration = Duration::from_secs(180);

/// Where a data centre is.
pub enum Whither {
    /// It is the account's own.
    Home,
    Branch(Arc<Branch>),
    /// The proxy that would be on the way there cannot be used.
    Barred(CloudError),
    /// The server does not say.
    Nowhere,
}

/// All branches of one link; clones share them.
#[derive(Clone)]
pub struct Branches {
    home: Link,
    /// The home link's, without its key.
    config: LinkConfig,
    by_heart: DataCentres,
    detours: Detours,
    open: Arc<Mutex<Vec<Arc<Branch>>>>,
}

/// A link to another data centre.
pub struct Branch {
    pub dc: i32,
    pub link: Link,
    /// How often it was let in.
    entries: Mutex<u32>,
}

impl Branches {
    /// Of a link and the configuration it was made from, whose proxy is that of `home` alone. `by_heart`: what to fall back on when the
    /// server lists no address.
    pub fn of(home: Link, config: &LinkConfig, by_heart: DataCentres, detours: Detours) -> Branches {
        let config = LinkConfig { session: None, proxy: None, ..config.clone() };
        Branches { home, config, by_heart, detours, open: Arc::default() }
    }

    /// The account's own link.
    pub fn home(&self) -> &Link {
        &self.home
    }

    /// The way to a data centre, begun if there is none yet. Whether it leads there shows later, and nobody is let in yet.
    ///
    /// # Errors
    /// Those of asking the server for its addresses.
    pub async fn to(&self, dc: i32) -> Result<Whither, CallError> {
        if dc == self.config.dc_id {
            return Ok(Whither::Home);
        }
        if let Some(branch) = find(&mut *self.open.lock().await, dc) {
            return Ok(Whither::Branch(branch));
        }
        let (here, listed) = DataCentres::ask_for_files(&self.home).await?;
        if dc == here {
            return Ok(Whither::Home);
        }
        let ipv6 = self.config.address.parse::<SocketAddr>().is_ok_and(|address| address.is_ipv6());
        let Some(address) = listed.address(dc, ipv6).or_else(|| self.by_heart.address(dc, ipv6)) else {
            return Ok(Whither::Nowhere);
        };
        Ok(match self.detours.to(&address) {
            Ok(proxy) => Whither::Branch(
                self.open(LinkConfig { address, dc_id: dc, proxy, ..self.config.clone() }).await,
            ),
            Err(fault) => Whither::Barred(fault),
        })
    }

    async fn open(&self, config: LinkConfig) -> Arc<Branch> {
        let dc = config.dc_id;
        let mut open = self.open.lock().await;
        if let Some(branch) = find(&mut open, dc) {
            return branch;
        }
        if open.len() >= MAX_BRANCHES {
            let unused = open.iter().position(|branch| Arc::strong_count(branch) == 1);
            open.remove(unused.unwrap_or(0));
        }
        tracing::info!(dc, address = %config.address, "a file lies in another data centre");
        let (told, mut unheard) = mpsc::channel(EVENT_CAPACITY);
        let link = Link::start(config, told);
        tokio::spawn(async move { while unheard.recv().await.is_some() {} });
        let branch = Arc::new(Branch { dc, link, entries: Mutex::new(0) });
        open.push(branch.clone());
        tokio::spawn(close_unused(Arc::downgrade(&self.open), Arc::downgrade(&branch)));
        branch
    }

    /// What the account's own data centre vouches for, to be shown to another one within a minute, once.
    ///
    /// # Errors
    /// The own data centre's.
    pub async fn export(&self, dc: i32) -> Result<types::auth::ExportedAuthorization, CallError> {
        let call = functions::auth::ExportAuthorization { dc_id: dc };
        let enums::auth::ExportedAuthorization::Authorization(exported) =
            self.home.invoke(&call, CALL_LIMIT).await?;
        Ok(exported)
    }
}

impl Branch {
    /// Shows what the account's own data centre vouches for.
    ///
    /// # Errors
    /// The other data centre's; they say nothing about the account.
    pub async fn import(&self, exported: &types::auth::ExportedAuthorization) -> Result<(), CallError> {
        let types::auth::ExportedAuthorization { id, bytes } = exported.clone();
        let call = functions::auth::ImportAuthorization { id, bytes };
        self.link.invoke(&call, CALL_LIMIT).await.map(drop)
    }

    /// How often it was let in, for whoever has read it to change. Waits for somebody who is about to.
    pub async fn entries(&self) -> MutexGuard<'_, u32> {
        self.entries.lock().await
    }
}

/// The branch to a data centre. One whose key is not taken there any more is forgotten.
fn find(open: &mut Vec<Arc<Branch>>, dc: i32) -> Option<Arc<Branch>> {
    open.retain(|branch| branch.dc != dc || !matches!(branch.link.state(), LinkState::Refused(_)));
    open.iter().find(|branch| branch.dc == dc).cloned()
}

/// Closes a branch when nobody has it but the list.
async fn close_unused(open: Weak<Mutex<Vec<Arc<Branch>>>>, branch: Weak<Branch>) {
    while branch.strong_count() > 0 {
        sleep(LOOK_EVERY).await;
        let Some(open) = open.upgrade() else { return };
        open.lock().await.retain(|one| !(Arc::as_ptr(one) == branch.as_ptr() && Arc::strong_count(one) == 1));
    }
}
