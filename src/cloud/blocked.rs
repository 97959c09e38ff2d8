//! Whom the account has blocked, page by page.
//!
//! A server gives the list in pages that are counted from its beginning, and knows no mark to go on from: whoever is unblocked while it is
//! read moves everybody behind them up by one, and one of them falls between two pages. So a list whose length changed on the way is read
//! anew. What could not be read to its end says so, for then nothing follows from somebody's absence.

use std::time::Duration;

use grammers_tl_types::{enums, functions};
use tokio::time::sleep;

use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::people::persons;
use crate::secret::record::{Person, UserId};

/// Blocked people in one answer; more are not given.
const PAGE: i32 = 100;

/// No more are read: ten times what one account is likely to have. A page took 60 ms where client and server shared one machine, neither
/// of them optimised; so many people are a minute of that, and some tens of megabytes.
const MOST: i32 = 100_000;

/// How often the list is begun anew because it changed.
const ATTEMPTS: usize = 3;

/// A pause that the server asks for between two pages is made, unless it is longer. So many pages at once are seldom liked.
const LONGEST_PAUSE: u32 = 60;

/// Whom the account has blocked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocked {
    pub ids: Vec<UserId>,
    /// Those of them who were described.
    pub people: Vec<Person>,
    /// Whether these are all: then who is missing is not blocked.
    pub whole: bool,
}

/// Everybody whom the account has blocked.
pub async fn blocked(link: &Link) -> Result<Blocked, CloudError> {
    let mut list = Blocked::default();
    for _ in 0..ATTEMPTS {
        let end;
        (list, end) = read(link).await?;
        match end {
            End::Reached => return Ok(Blocked { whole: true, ..list }),
            End::TooFar => break,
            End::Shifted => {}
        }
    }
    tracing::info!(read = list.ids.len(), "the list of those who are blocked could not be read to its end");
    Ok(list)
}

/// Where reading ended.
enum End {
    Reached,
    /// It is longer than anything that is read.
    TooFar,
    /// It changed on the way.
    Shifted,
}

async fn read(link: &Link) -> Result<(Blocked, End), CloudError> {
    let mut all = Blocked::default();
    let (mut offset, mut length) = (0_i32, None);
    while offset < MOST {
        let page = page(link, offset).await?;
        if length.replace(page.length).is_some_and(|before| before != page.length) {
            return Ok((all, End::Shifted));
        }
        offset = offset.saturating_add(i32::try_from(page.peers).unwrap_or(i32::MAX));
        all.ids.extend(page.ids);
        all.people.extend(page.people);
        if page.peers == 0 || offset >= page.length {
            return Ok((all, End::Reached));
        }
    }
    Ok((all, End::TooFar))
}

struct Page {
    /// Of the whole list.
    length: i32,
    /// Everybody on this page, persons or not.
    peers: usize,
    ids: Vec<UserId>,
    people: Vec<Person>,
}

async fn page(link: &Link, offset: i32) -> Result<Page, CloudError> {
    let call = functions::contacts::GetBlocked { my_stories_from: false, offset, limit: PAGE };
    let answer = loop {
        match link.invoke(&call, CALL_LIMIT).await.map_err(CloudError::from) {
            Err(CloudError::Flood { seconds }) if seconds <= LONGEST_PAUSE => {
                sleep(Duration::from_secs(seconds.into())).await;
            }
            answer => break answer?,
        }
    };
    let (length, peers, users) = match answer {
        enums::contacts::Blocked::Blocked(rest) => {
            let last = i32::try_from(rest.blocked.len()).unwrap_or(i32::MAX);
            (offset.saturating_add(last), rest.blocked, rest.users)
        }
        enums::contacts::Blocked::Slice(slice) => (slice.count, slice.blocked, slice.users),
    };
    let count = peers.len();
    let user = |enums::PeerBlocked::Blocked(peer)| match peer.peer_id {
        enums::Peer::User(user) => Some(UserId(user.user_id)),
        enums::Peer::Chat(_) | enums::Peer::Channel(_) => None,
    };
    let ids = peers.into_iter().filter_map(user).collect();
    Ok(Page { length, peers: count, ids, people: persons(users) })
}
