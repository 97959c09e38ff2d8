//! The way to the data centre in which a file lies.
//!
//! The server says of every file where it lies, and a data centre that does not have it names the one that does: it is followed once.
//! Another data centre does not know this account until the own one has vouched for it, and may forget it again. Whatever goes wrong
//! there ends a transfer in words; it says nothing about the account.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

use super::Halt;
use super::pipe::{Unanswered, persist, refusal};
use crate::cloud::branches::{Branch, Branches, Whither};
use crate::cloud::files::fetch;
use crate::cloud::link::{Link, LinkState};
use crate::secret::message::RemoteFile;
use crate::secret::step::CallError;

/// How long another data centre may be out of reach while the own one is not.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where calls go: home, or to another data centre.
#[derive(Clone)]
pub(super) struct Leg {
    home: Link,
    branch: Option<Arc<Branch>>,
}

impl Leg {
    pub fn home(link: &Link) -> Leg {
        Leg { home: link.clone(), branch: None }
    }

    fn link(&self) -> &Link {
        self.branch.as_ref().map_or(&self.home, |branch| &branch.link)
    }

    fn dc(&self) -> Option<i32> {
        self.branch.as_ref().map(|branch| branch.dc)
    }

    /// Waits until calls can be made again: as long as it takes for the own data centre, not for another one.
    ///
    /// # Errors
    /// [`Halt::Lost`] if the home link has ended; why the other data centre is out of reach.
    pub async fn back(&self) -> Result<(), Halt> {
        loop {
            if !self.home.up().await {
                return Err(Halt::Lost);
            }
            let Some(branch) = &self.branch else { return Ok(()) };
            branch.link.poke();
            match timeout(PATIENCE, branch.link.up()).await {
                Ok(true) => return Ok(()),
                _ if self.home.state() == LinkState::Online => return Err(out_of_reach(branch)),
                _ => {}
            }
        }
    }
}

/// The way to one file, shared by its pieces.
pub(super) struct Route {
    branches: Branches,
    place: RemoteFile,
    now: Mutex<Now>,
}

struct Now {
    leg: Leg,
    /// A data centre has named another one already.
    followed: bool,
}

impl Route {
    /// Begins where the file is said to lie; at home if nobody knows where that is.
    ///
    /// # Errors
    /// Why the file cannot be fetched there, in words.
    pub async fn to(place: RemoteFile, branches: Branches) -> Result<Route, Halt> {
        let leg = lead(&branches, place.dc_id).await?.unwrap_or_else(|| Leg::home(branches.home()));
        Ok(Route { branches, place, now: Mutex::new(Now { leg, followed: false }) })
    }

    /// Fetches a piece, from wherever it lies.
    ///
    /// # Errors
    /// [`Halt::Lost`] if the home link has ended; the refusal in words.
    pub async fn piece(&self, offset: u64) -> Result<Vec<u8>, Halt> {
        let mut entered_again = false;
        loop {
            let leg = self.now.lock().await.leg.clone();
            let entries = match &leg.branch {
                Some(branch) => *branch.entries().await,
                None => 0,
            };
            let fault = match persist(&leg, || fetch(leg.link(), &self.place, offset)).await {
                Ok(piece) => return Ok(piece),
                Err(Unanswered::Halted(halt)) => return Err(halt),
                Err(Unanswered::Refused(fault)) => fault,
            };
            match (&fault, &leg.branch) {
                (&CallError::Rpc { code: 303, value: Some(dc), .. }, _) => self.follow(&leg, dc).await?,
                (CallError::Rpc { code: 401, .. }, Some(branch)) if !entered_again => {
                    entered_again = true;
                    enter(&self.branches, branch, entries).await?;
                }
                (CallError::Rpc { code: 401, .. }, Some(branch)) => return Err(shut_out(branch, &fault)),
                _ => return Err(Halt::Failed(refusal(&fault))),
            }
        }
    }

    /// Goes where the data centre of a leg sends for the file, unless another piece has led everybody there.
    async fn follow(&self, from: &Leg, dc: u32) -> Result<(), Halt> {
        let mut now = self.now.lock().await;
        if now.leg.dc() != from.dc() {
            return Ok(());
        }
        if std::mem::replace(&mut now.followed, true) {
            return Err(Halt::failed(
                "the servers send this device from one data centre to another for this file: try again later",
            ));
        }
        let id = i32::try_from(dc).unwrap_or_default();
        now.leg = lead(&self.branches, id).await?.ok_or_else(|| unknown(dc))?;
        Ok(())
    }
}

/// Goes to a data centre and is let in there; `None` if nobody knows where it is.
async fn lead(branches: &Branches, dc: i32) -> Result<Option<Leg>, Halt> {
    let home = Leg::home(branches.home());
    let branch = match persist(&home, || branches.to(dc)).await.map_err(Unanswered::in_words)? {
        Whither::Home => return Ok(Some(home)),
        Whither::Nowhere => return Ok(None),
        Whither::Barred(fault) => {
            return Err(Halt::Failed(format!(
                "the file lies in data centre {dc}, and the way there is barred: {fault}"
            )));
        }
        Whither::Branch(branch) => branch,
    };
    enter(branches, &branch, 0).await?;
    Ok(Some(Leg { branch: Some(branch), ..home }))
}

/// Has the own data centre vouch for this device at another one, unless somebody has done so since there were so many `entries`.
/// What was vouched for is good once and soon stale, so a refusal may be the fault of a lost answer: that is done twice.
async fn enter(branches: &Branches, branch: &Arc<Branch>, entries: u32) -> Result<(), Halt> {
    let mut entered = branch.entries().await;
    if *entered > entries {
        return Ok(());
    }
    let home = Leg::home(branches.home());
    let there = Leg { branch: Some(branch.clone()), ..home.clone() };
    let shut_out = |unanswered| match unanswered {
        Unanswered::Refused(fault) => shut_out(branch, &fault),
        Unanswered::Halted(halt) => halt,
    };
    there.back().await?;
    let mut tried_again = false;
    loop {
        let exported = persist(&home, || branches.export(branch.dc)).await.map_err(shut_out)?;
        match persist(&there, || branch.import(&exported)).await {
            Ok(()) => break,
            Err(Unanswered::Refused(_)) if !tried_again => tried_again = true,
            Err(unanswered) => return Err(shut_out(unanswered)),
        }
    }
    *entered += 1;
    Ok(())
}

fn unknown(dc: u32) -> Halt {
    Halt::Failed(format!(
        "the file lies in data centre {dc}, and the server does not say where that is: check which server this is"
    ))
}

fn out_of_reach(branch: &Branch) -> Halt {
    let why = match branch.link.state() {
        LinkState::Waiting { why, .. } | LinkState::Refused(why) => why.to_string(),
        _ => "no answer in time".into(),
    };
    let dc = branch.dc;
    Halt::Failed(format!("the file lies in data centre {dc}, which is out of reach: {why}"))
}

fn shut_out(branch: &Branch, fault: &CallError) -> Halt {
    let dc = branch.dc;
    Halt::Failed(format!(
        "the file lies in data centre {dc}, which does not let this device in ({fault}): try again later"
    ))
}
