//! Against the project's own server: from the key exchange to a sealed message that waits in the queue.

use std::net::SocketAddr;
use std::path::Path;

use grammers_tl_types::{enums, functions};
use subrosa::cloud::contacts::{self, ContactList};
use subrosa::cloud::link::DIFFERENCE_LIMIT;
use subrosa::cloud::sign_in::{self, Application, Outcome, SignedIn};
use subrosa::cloud::updates::{Gate, Inbound, Next, Verdict};
use subrosa::secret::exchange::{Offer, Vetting, vet};
use subrosa::server::rpc::Data;
use subrosa::server::{Server, ServerConfig};

use super::*;

/// A server, and the codes it hands out.
pub struct Home {
    pub server: Server,
    codes: mpsc::UnboundedReceiver<(String, String)>,
    /// How newcomers come, if not straight.
    way: Option<LinkConfig>,
}

impl Home {
    async fn start(listen: SocketAddr, data: Data) -> Home {
        let (sender, codes) = mpsc::unbounded_channel();
        let on_code = Box::new(move |phone: &str, code: &str| {
            let _ = sender.send((phone.to_owned(), code.to_owned()));
        });
        let server = Server::start(ServerConfig::new(listen, data, on_code)).await.unwrap();
        Home { server, codes, way: None }
    }

    pub async fn in_memory() -> Home {
        Home::start("127.0.0.1:0".parse().unwrap(), Data::Memory).await
    }

    async fn in_folder(listen: SocketAddr, folder: &Path) -> Home {
        Home::start(listen, Data::Folder(folder.to_owned())).await
    }

    pub fn config(&self) -> LinkConfig {
        let keys = ServerKeys::from_pem("home.pem", self.server.public_key_pem()).unwrap();
        LinkConfig { keys, ..config(&self.server.address().to_string()) }
    }

    pub fn reached_by(&mut self, way: LinkConfig) {
        self.way = Some(way);
    }

    /// A client with a new account of this number and first name.
    pub async fn newcomer(&mut self, phone: &str, name: &str) -> (Client, SignedIn) {
        let mut client = Client::start(self.way.clone().unwrap_or_else(|| self.config()));
        client.online().await;
        let application = Application { api_id: 1, api_hash: String::new() };
        let sent = sign_in::send_code(&client.link, &application, phone).await.unwrap().sent().unwrap();
        let wrong = sign_in::sign_in(&client.link, &sent, "no").await;
        assert_eq!(wrong, Err(CloudError::BadCode));
        let (_, code) = self.codes.recv().await.unwrap();
        let outcome = sign_in::sign_in(&client.link, &sent, &code).await.unwrap();
        assert_eq!(outcome, Outcome::SignUpRequired(None));
        let signed_in = sign_in::sign_up(&client.link, &sent, name, "").await.unwrap();
        (client, signed_in)
    }
}

/// The difference to its end.
async fn fetch(link: &Link, gate: &mut Gate) -> Vec<Inbound> {
    let mut all = vec![];
    loop {
        let answer = link.invoke(&gate.ask(), DIFFERENCE_LIMIT).await.unwrap();
        let fetched = gate.difference(answer);
        gate.committed(fetched.inbound.batch.marks);
        all.push(fetched.inbound);
        if fetched.next == Next::Done {
            return all;
        }
    }
}

impl Client {
    /// The next push that is worth a commit.
    async fn inbound(&mut self, gate: &mut Gate) -> Inbound {
        loop {
            match self.next().await {
                LinkEvent::Updates(updates) => match gate.offer(*updates) {
                    Verdict::Batch(inbound) => {
                        gate.committed(inbound.batch.marks);
                        return *inbound;
                    }
                    Verdict::Nothing => {}
                    Verdict::Difference => panic!("a hole"),
                },
                LinkEvent::State(state) => panic!("{state:?}"),
                LinkEvent::Session(_) | LinkEvent::Gap => {}
            }
        }
    }

    /// The next push that brings chats or messages.
    async fn chat_news(&mut self, gate: &mut Gate) -> Inbound {
        loop {
            let inbound = self.inbound(gate).await;
            if !inbound.batch.chats.is_empty() || !inbound.batch.messages.is_empty() {
                return inbound;
            }
        }
    }
}

#[tokio::test]
async fn signing_up_signing_in_again_and_out() {
    let mut home = Home::in_memory().await;
    let (first, ada) = home.newcomer("+49 170 1", "Ada").await;
    assert_eq!(ada.me.first_name, "Ada");
    assert_eq!(ada.me.phone.as_deref(), Some("491701"));
    assert!(ada.marks.pts > 0 && ada.marks.qts > 0 && ada.marks.date > 0, "{:?}", ada.marks);
    assert_eq!(sign_in::account(&first.link).await.unwrap().me.id, ada.me.id);

    let mut second = Client::start(home.config());
    second.online().await;
    assert_eq!(sign_in::account(&second.link).await, Err(CloudError::NotSignedIn));
    let application = Application { api_id: 1, api_hash: String::new() };
    let unknown = sign_in::send_code(&second.link, &application, "nonsense").await;
    assert_eq!(unknown, Err(CloudError::BadPhone));
    let sent = sign_in::send_code(&second.link, &application, "491701").await.unwrap().sent().unwrap();
    let (_, code) = home.codes.recv().await.unwrap();
    let outcome = sign_in::sign_in(&second.link, &sent, &code).await.unwrap();
    assert!(matches!(outcome, Outcome::SignedIn(again) if again.me.id == ada.me.id));
    sign_in::log_out(&second.link).await.unwrap();
    assert_eq!(sign_in::account(&second.link).await, Err(CloudError::NotSignedIn));
    sign_in::log_out(&second.link).await.unwrap();
    assert!(sign_in::account(&first.link).await.is_ok());
}

#[tokio::test]
async fn people_are_found_and_kept() {
    let mut home = Home::in_memory().await;
    let (ada, _) = home.newcomer("491701", "Ada").await;
    let (bob, bobs) = home.newcomer("491702", "Bob").await;
    let name = functions::account::UpdateUsername { username: "bob_the_b".into() };
    bob.link.invoke(&name, PATIENCE).await.unwrap();

    assert_eq!(contacts::list(&ada.link, 0).await, Ok(Some(ContactList::default())));
    let found = contacts::by_username(&ada.link, "@bob_the_b").await.unwrap();
    assert_eq!((found.id, found.username.as_deref()), (bobs.me.id, Some("bob_the_b")));
    let nobody = contacts::by_username(&ada.link, "@nobody_at_all").await;
    assert_eq!(nobody, Err(CloudError::NoSuchPerson("@nobody_at_all".into())));
    let searched = contacts::search(&ada.link, "bob_the", 10).await.unwrap();
    assert_eq!(searched.iter().map(|person| person.id).collect::<Vec<_>>(), [bobs.me.id]);
    assert_eq!(contacts::search(&ada.link, "b", 10).await, Ok(vec![]));

    contacts::add(&ada.link, &found).await.unwrap();
    let list = contacts::list(&ada.link, 0).await.unwrap().unwrap().people;
    assert_eq!(
        list.iter().map(|person| (person.id, person.contact)).collect::<Vec<_>>(),
        [(bobs.me.id, true)]
    );

    let off = contacts::delete(&ada.link, &found).await.unwrap();
    assert_eq!(
        off.iter().map(|person| (person.id, person.contact)).collect::<Vec<_>>(),
        [(bobs.me.id, false)]
    );
    assert_eq!(contacts::list(&ada.link, 0).await, Ok(Some(ContactList::default())));

    let imported = contacts::import(&bob.link, "491701", "Ada", "L").await.unwrap();
    assert_eq!((imported.first_name.as_str(), imported.last_name.as_str()), ("Ada", "L"));
    let nobody = contacts::import(&bob.link, "491799", "No", "Body").await;
    assert_eq!(nobody, Err(CloudError::NoSuchPerson("+491799".into())));
}

/// Our half, made from what the server says.
async fn offer(client: &Client) -> Offer {
    let call = Call::GetDhConfig { version: 0, random_length: 256 };
    let answer = calls::perform(&client.link, call).await.unwrap();
    let Answer::DhConfig { g, p, random, .. } = answer else { panic!("{answer:?}") };
    assert_eq!(random.len(), 256);
    match vet(g, &p, &[]) {
        Ok(Vetting::Good(params)) => params.offer(&random, &mut rand::rng()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_secret_chat_is_carried_from_end_to_end() {
    let mut home = Home::in_memory().await;
    let (mut ada, adas) = home.newcomer("491701", "Ada").await;
    let (mut bob, bobs) = home.newcomer("491702", "Bob").await;
    let mut ada_gate = Gate::new(adas.marks);
    let mut bob_gate = Gate::new(bobs.marks);
    let found = contacts::import(&ada.link, "491702", "Bob", "").await.unwrap();

    let chat = ChatId(77);
    let ours = offer(&ada).await;
    let g_a = ours.public().to_vec();
    let request =
        Call::RequestEncryption { user: found.id, user_hash: found.access_hash, chat, g_a: g_a.clone() };
    let answer = calls::perform(&ada.link, request.clone()).await.unwrap();
    assert!(matches!(answer, Answer::Chat(EncryptedChat::Waiting { id, .. }) if id == chat), "{answer:?}");

    let asked = bob.chat_news(&mut bob_gate).await;
    let EncryptedChat::Requested { id, access_hash, admin, g_a: received, .. } = &asked.batch.chats[0] else {
        panic!("{asked:?}")
    };
    assert_eq!((*id, *admin), (chat, adas.me.id));
    assert_eq!(*received, g_a);
    assert_eq!(asked.people.iter().map(|person| person.id).filter(|id| *id == adas.me.id).count(), 1);

    let theirs = offer(&bob).await;
    let g_b = theirs.public().to_vec();
    let key = theirs.finish(received).unwrap();
    let key_fingerprint = key.fingerprint().to_i64();
    let accept =
        Call::AcceptEncryption { chat, access_hash: *access_hash, g_b: g_b.clone(), key_fingerprint };
    let answer = calls::perform(&bob.link, accept).await.unwrap();
    assert!(matches!(answer, Answer::Chat(EncryptedChat::Chat { .. })), "{answer:?}");

    let ready = ada.chat_news(&mut ada_gate).await;
    let EncryptedChat::Chat { g_a_or_b, key_fingerprint: told, access_hash: adas_hash, .. } =
        &ready.batch.chats[0]
    else {
        panic!("{ready:?}")
    };
    assert_eq!((g_a_or_b, *told), (&g_b, key_fingerprint));
    assert_eq!(ours.finish(g_a_or_b).unwrap().fingerprint().to_i64(), *told);

    let data = [&key_fingerprint.to_le_bytes()[..], &[9; 80]].concat();
    let send = Call::SendEncrypted {
        chat,
        access_hash: *adas_hash,
        random_id: 123,
        data: data.clone(),
        service: false,
        silent: false,
        file: None,
    };
    let sent = calls::perform(&ada.link, send.clone()).await.unwrap();
    assert!(matches!(sent, Answer::Sent { date, .. } if date > 0));
    assert!(calls::perform(&ada.link, send).await.is_ok(), "the same again");
    let got = bob.chat_news(&mut bob_gate).await;
    assert_eq!(got.batch.messages.len(), 1);
    assert_eq!((got.batch.messages[0].random_id, &got.batch.messages[0].bytes), (123, &data));
    assert_eq!(got.batch.marks.qts, bobs.marks.qts + 1);

    // Whoever lost it before the commit gets it again, until it is acknowledged.
    let mut forgetful = Gate::new(bobs.marks);
    let again = fetch(&bob.link, &mut forgetful).await;
    let messages = again.iter().flat_map(|inbound| &inbound.batch.messages);
    assert_eq!(messages.map(|message| message.random_id).collect::<Vec<_>>(), [123]);
    assert!(again.iter().any(|inbound| !inbound.batch.chats.is_empty()));
    calls::acknowledge(&bob.link, forgetful.marks().qts).await.unwrap();
    let rest = fetch(&bob.link, &mut forgetful).await;
    assert!(rest.iter().all(|inbound| inbound.batch.messages.is_empty()));

    let discard = Call::DiscardEncryption { chat, delete_history: true };
    assert_eq!(calls::perform(&bob.link, discard.clone()).await, Ok(Answer::Done));
    let gone = ada.chat_news(&mut ada_gate).await;
    let discarded = EncryptedChat::Discarded { id: chat, history_deleted: true };
    assert_eq!(gone.batch.chats[0], discarded);
    let refused = calls::perform(&bob.link, discard).await;
    assert!(
        matches!(&refused, Err(CallError::Rpc { name, .. }) if name == "ENCRYPTION_ALREADY_DECLINED"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_restarted_server_finds_its_clients_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut home = Home::in_folder("127.0.0.1:0".parse().unwrap(), folder.path()).await;
    let address = home.server.address();
    let (mut client, ada) = home.newcomer("491701", "Ada").await;
    home.server.stop().await;
    client.failure().await;
    let call = client.link.invoke(&functions::updates::GetState {}, PATIENCE);
    assert_eq!(call.await, Err(CallError::Lost));

    let home = Home::in_folder(address, folder.path()).await;
    client.link.poke();
    while client.state().await != LinkState::Online {}
    assert_eq!(sign_in::account(&client.link).await.unwrap().me.id, ada.me.id);
    let mut gate = Gate::new(ada.marks);
    fetch(&client.link, &mut gate).await;
    let enums::updates::State::State(state) =
        client.link.invoke(&functions::updates::GetState {}, PATIENCE).await.unwrap();
    assert_eq!((gate.marks().pts, gate.marks().qts), (state.pts, state.qts));
    home.server.stop().await;
}

#[tokio::test]
async fn a_server_that_lost_its_data_does_not_know_the_device() {
    let home = Home::in_memory().await;
    let mut client = Client::start(home.config());
    let session = client.online().await.unwrap();
    drop(client);
    let other = Home::in_memory().await;
    let mut client = Client::start(LinkConfig { session: Some(session), ..other.config() });
    let fault = client.failure().await;
    assert!(matches!(fault, CloudError::UnknownDevice { .. }), "{fault:?}");
}

#[tokio::test]
async fn the_key_of_another_server_is_refused_by_name() {
    let home = Home::in_memory().await;
    let mut client = Client::start(LinkConfig { keys: stub::keys(), ..home.config() });
    let fault = client.failure().await;
    assert!(
        matches!(&fault, CloudError::WrongKey { source_name, .. } if source_name == "stub.pem"),
        "{fault:?}"
    );
}

#[tokio::test]
async fn many_calls_at_once_are_all_answered() {
    let mut home = Home::in_memory().await;
    let (client, ada) = home.newcomer("491701", "Ada").await;
    let mut calls = tokio::task::JoinSet::new();
    // The server runs at most 128 of one session.
    for _ in 0..100 {
        let link = client.link.clone();
        calls.spawn(async move { sign_in::account(&link).await });
    }
    for answer in calls.join_all().await {
        assert_eq!(answer.unwrap().me.id, ada.me.id);
    }
    assert_eq!(client.link.state(), LinkState::Online);
}
