//! The link of a sign-in, which follows the account to the data centre that it lives in.
//!
//! A server that is not the account's names the one that is; then there is a new link with a new key, and the call is made once more
//! there. What the link tells meanwhile is heard while a call is waited for, so that nothing else has to be polled for it.

use std::future::Future;
use std::net::SocketAddr;

use tokio::sync::mpsc;

use super::EntranceEvent;
use crate::cloud::data_centres::DataCentres;
use crate::cloud::fault::CloudError;
use crate::cloud::link::{EVENT_CAPACITY, Link, LinkEvent, LinkState};
use crate::cloud::session::Session;
use crate::engine::server::{ServerProfile, TELEGRAM};
use crate::engine::sync::in_words;
use grammers_tl_types::enums;

/// One call is sent from one data centre to another this often; servers that send it round in circles do not want it.
const MAX_HOPS: usize = 3;

/// A link, and what has been heard on it.
pub(in crate::engine) struct Way {
    /// Where it leads by now.
    pub server: ServerProfile,
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    /// The key made with that server, once there is one.
    pub session: Option<Session>,
    /// Who wants to know how the connection stands.
    told: Option<mpsc::UnboundedSender<EntranceEvent>>,
    /// A login token may have been accepted, and nobody has asked about it since.
    pub token_accepted: bool,
}

impl Way {
    /// Dials.
    ///
    /// # Errors
    /// The server's key or the proxy cannot be used.
    pub fn dial(
        server: ServerProfile,
        told: Option<mpsc::UnboundedSender<EntranceEvent>>,
    ) -> Result<Way, CloudError> {
        let (sender, events) = mpsc::channel(EVENT_CAPACITY);
        let link = Link::start(server.link_config()?, sender);
        Ok(Way { server, link, events, session: None, told, token_accepted: false })
    }

    /// Skips a wait.
    pub fn poke(&self) {
        self.link.poke();
    }

    /// Whether calls can be made at once.
    pub fn is_online(&self) -> bool {
        self.link.state() == LinkState::Online
    }

    fn is_resting(&self) -> bool {
        matches!(self.link.state(), LinkState::Waiting { .. } | LinkState::Refused(_))
    }

    /// The same server, with a new key.
    ///
    /// # Errors
    /// Those of [`Way::dial`].
    pub fn start_over(&mut self) -> Result<(), CloudError> {
        *self = Way::dial(self.server.clone(), self.told.take())?;
        Ok(())
    }

    /// Makes a call, here or where the account lives, waiting for a connection first.
    ///
    /// # Errors
    /// Why there is no connection, or what the call failed by.
    pub async fn ask<T, F>(&mut self, call: impl Fn(Link) -> F) -> Result<T, CloudError>
    where
        F: Future<Output = Result<T, CloudError>>,
    {
        for _ in 0..MAX_HOPS {
            self.connected().await?;
            let answer = call(self.link.clone());
            match self.hear_while(answer).await {
                Err(CloudError::Elsewhere(dc)) => self.move_to(dc).await?,
                other => return other,
            }
        }
        Err(CloudError::InCircles)
    }

    /// Goes to another data centre of the same server, with a new key.
    ///
    /// # Errors
    /// [`CloudError::Elsewhere`] if nobody knows where that is.
    pub async fn move_to(&mut self, dc: u32) -> Result<(), CloudError> {
        let link = self.link.clone();
        let telegram = self.server.key == TELEGRAM;
        let id = i32::try_from(dc).map_err(|_| CloudError::Elsewhere(dc))?;
        let ipv6 = self.server.address.parse::<SocketAddr>().is_ok_and(|address| address.is_ipv6());
        let told = self.hear_while(async move { DataCentres::ask(&link).await }).await.unwrap_or_default();
        let by_heart = || DataCentres::telegram().address(id, ipv6).filter(|_| telegram);
        let address = told.address(id, ipv6).or_else(by_heart).ok_or(CloudError::Elsewhere(dc))?;
        tracing::info!(dc, %address, "the account lives in another data centre");
        self.server = ServerProfile { address, dc_id: id, ..self.server.clone() };
        self.start_over()
    }

    /// Waits until calls can be made; a wait under way is cut short, for somebody wants something now.
    ///
    /// # Errors
    /// Why the attempt failed.
    pub async fn connected(&mut self) -> Result<(), CloudError> {
        while let Ok(event) = self.events.try_recv() {
            self.hear(event);
        }
        if self.is_resting() {
            self.link.poke();
        }
        while self.is_resting() {
            if self.next().await.is_none() {
                return Err(CloudError::Offline);
            }
        }
        let link = self.link.clone();
        self.hear_while(async move { link.online().await }).await
    }

    /// Waits for something to happen on the link and hears it; `None` when the link has ended.
    pub async fn next(&mut self) -> Option<()> {
        let event = self.events.recv().await?;
        self.hear(event);
        Some(())
    }

    async fn hear_while<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => {
                    while let Ok(event) = self.events.try_recv() {
                        self.hear(event);
                    }
                    return done;
                }
                Some(event) = self.events.recv() => self.hear(event),
            }
        }
    }

    fn hear(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::State(state) => {
                self.token_accepted |= state == LinkState::Online;
                if let Some(told) = &self.told {
                    // Whoever does not listen any more has left.
                    let _ = told.send(EntranceEvent::Connection(online_is_enough(state)));
                }
            }
            LinkEvent::Session(session) => self.session = Some(session),
            LinkEvent::Updates(updates) => self.token_accepted |= is_token(&updates),
            // An update that was missed may have been the one that is waited for.
            LinkEvent::Gap => self.token_accepted = true,
        }
    }
}

/// Before there is an account there is nothing to catch up with.
fn online_is_enough(state: LinkState) -> crate::engine::Connection {
    match state {
        LinkState::Online => crate::engine::Connection::Online,
        other => in_words(other),
    }
}

fn is_token(updates: &enums::Updates) -> bool {
    let one = |update: &enums::Update| matches!(update, enums::Update::LoginToken);
    match updates {
        enums::Updates::UpdateShort(short) => one(&short.update),
        enums::Updates::Updates(several) => several.updates.iter().any(one),
        enums::Updates::Combined(several) => several.updates.iter().any(one),
        _ => false,
    }
}
