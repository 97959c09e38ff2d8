//! The one who falsifies the exchange: a client without an engine that answers every request with two halves that do not belong together.
//!
//! It plays somebody in the middle who has swapped the public value on its way: the fingerprint is of the key that the peer made, the
//! `g_b` beside it is another. Everything is in range, so the server passes it on; only the client that asked can notice.

use std::collections::HashSet;
use std::time::Duration;

use grammers_tl_types::{enums, functions, types};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::DemoFault;
use super::accounts::House;
use crate::cloud::fault::CloudError;
use crate::cloud::link::{CALL_LIMIT, EVENT_CAPACITY, Link, LinkConfig, LinkEvent, Timing};
use crate::cloud::server_keys::ServerKeys;
use crate::cloud::sign_in::{self, Application, Outcome, Sending};
use crate::engine::SignInError;
use crate::secret::exchange::{Params, Vetting, vet};

/// Long enough for a person to see that the request waits.
const HESITATION: Duration = Duration::from_millis(1_500);

/// Random bytes that are asked for with the group, as every client does.
const RANDOM_LEN: i32 = 256;

/// A signed-in client of the tamperer.
pub(super) struct Tamperer {
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    params: Params,
}

impl Tamperer {
    /// Signs in to an account that is there, and fetches the group.
    pub async fn arrive(house: &House, phone: &str) -> Result<Tamperer, DemoFault> {
        let (told, events) = mpsc::channel(EVENT_CAPACITY);
        let link = Link::start(config(house).map_err(SignInError::from)?, told);
        link.online().await.map_err(SignInError::from)?;
        let application = Application { api_id: house.server.api_id, api_hash: String::new() };
        let sending = sign_in::send_code(&link, &application, phone).await;
        let sent = sending.and_then(Sending::sent).map_err(SignInError::from)?;
        let code = house.codes.take(phone)?;
        match sign_in::sign_in(&link, &sent, &code).await.map_err(SignInError::from)? {
            Outcome::SignedIn(_) => {
                let params = group(&link).await.map_err(SignInError::from)?;
                Ok(Tamperer { link, events, params })
            }
            Outcome::SignUpRequired(_) => Err(DemoFault::NoCode),
        }
    }

    /// Answers every request falsely until the curtain falls; `refused` is called whenever one of the victims has ended a chat.
    pub async fn play(mut self, refused: impl Fn(), mut curtain: watch::Receiver<bool>) {
        let mut falsified = HashSet::new();
        let mut answers = JoinSet::new();
        loop {
            let event = tokio::select! {
                event = self.events.recv() => event,
                _ = curtain.wait_for(|fallen| *fallen) => None,
                Some(_) = answers.join_next() => continue,
            };
            let Some(event) = event else { return };
            for chat in chats(event) {
                match chat {
                    enums::EncryptedChat::Requested(request) if falsified.insert(request.id) => {
                        answers.spawn(falsify(self.link.clone(), self.params.clone(), request));
                    }
                    enums::EncryptedChat::Discarded(chat) if falsified.contains(&chat.id) => refused(),
                    _ => {}
                }
            }
        }
    }
}

fn config(house: &House) -> Result<LinkConfig, CloudError> {
    Ok(LinkConfig {
        address: house.server.address.clone(),
        dc_id: 1,
        proxy: None,
        keys: ServerKeys::from_pem(&house.server.key_source, &house.server.key)?,
        session: None,
        api_id: house.server.api_id,
        timing: Timing::default(),
    })
}

async fn group(link: &Link) -> Result<Params, CloudError> {
    let call = functions::messages::GetDhConfig { version: 0, random_length: RANDOM_LEN };
    let enums::messages::DhConfig::Config(config) = link.invoke(&call, CALL_LIMIT).await? else {
        return Err(CloudError::Unexpected("a group that was never sent"));
    };
    match vet(config.g, &config.p, &[]) {
        Ok(Vetting::Good(params)) => Ok(params),
        _ => Err(CloudError::Unexpected("a group that nobody knows")),
    }
}

/// The secret chats that a push is about.
fn chats(event: LinkEvent) -> Vec<enums::EncryptedChat> {
    let LinkEvent::Updates(updates) = event else { return Vec::new() };
    let updates = match *updates {
        enums::Updates::Updates(push) => push.updates,
        enums::Updates::UpdateShort(push) => vec![push.update],
        _ => return Vec::new(),
    };
    let chat = |update| match update {
        enums::Update::Encryption(update) => Some(update.chat),
        _ => None,
    };
    updates.into_iter().filter_map(chat).collect()
}

/// Accepts with the fingerprint of one key and the public value of another.
async fn falsify(link: Link, params: Params, request: types::EncryptedChatRequested) {
    tokio::time::sleep(HESITATION).await;
    let (honest, swapped) = (params.offer(&[], &mut rand::rng()), params.offer(&[], &mut rand::rng()));
    let Ok(key) = honest.finish(&request.g_a) else { return };
    let peer = types::InputEncryptedChat { chat_id: request.id, access_hash: request.access_hash };
    let call = functions::messages::AcceptEncryption {
        peer: enums::InputEncryptedChat::Chat(peer),
        g_b: swapped.public().to_vec(),
        key_fingerprint: key.fingerprint().to_i64(),
    };
    if let Err(error) = link.invoke(&call, CALL_LIMIT).await {
        // The request may have been withdrawn meanwhile.
        tracing::info!(%error, "a falsified answer was not taken");
    }
}
