//! Temporary keys: made, bound to a permanent one, used in its place, ended.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use grammers_crypto::aes::ige_encrypt;
use grammers_tl_types::{Serializable, enums, functions, types};
use sha1::{Digest, Sha1};
use subrosa::mtproto::auth_key::AuthKey;
use subrosa::mtproto::exchange;
use subrosa::mtproto::framing::Framing;
use tokio::time::timeout;

use crate::client::{Client, Incoming, Padding, dh_request, half, msg_id_at};
use crate::requests::{contact, signed_up};
use crate::stage::Stage;

const DAY: i32 = 24 * 60 * 60;

/// What the client asks for: the inner data of `req_DH_params`.
#[derive(Clone, Copy)]
enum Kind {
    Permanent { dc: i32 },
    Temporary { expires_in: i32 },
    TemporaryOfDc { dc: i32, expires_in: i32 },
}

/// The whole exchange for a key of this kind; false if the server refuses.
async fn agree(client: &mut Client, stage: &Stage, kind: Kind) -> bool {
    let new_nonce: [u8; 32] = rand::random();
    let offer = client.ask_pq(rand::random()).await;
    let mut request = dh_request(&offer, new_nonce, &stage.public_key(), Padding::RsaPad);
    let (pq, p, q) = (offer.pq.clone(), request.p.clone(), request.q.clone());
    let (nonce, server_nonce) = (offer.nonce, offer.server_nonce);
    let inner: enums::PQInnerData = match kind {
        Kind::Permanent { dc } => {
            types::PQInnerDataDc { pq, p, q, nonce, server_nonce, new_nonce, dc }.into()
        }
        Kind::Temporary { expires_in } => {
            types::PQInnerDataTemp { pq, p, q, nonce, server_nonce, new_nonce, expires_in }.into()
        }
        Kind::TemporaryOfDc { dc, expires_in } => {
            types::PQInnerDataTempDc { pq, p, q, nonce, server_nonce, new_nonce, dc, expires_in }.into()
        }
    };
    let sealed = stage.public_key().encrypt_padded(&inner.to_bytes(), &mut rand::rng()).unwrap();
    request.encrypted_data = sealed.to_vec();
    client.send_plain(&request.to_bytes()).await;
    let packet = match client.receive().await {
        Incoming::Packet(packet) => packet,
        other => {
            assert_eq!(other, Incoming::TransportError(-404));
            return false;
        }
    };
    let params = crate::client::read(subrosa::mtproto::plain::read(&packet).unwrap().body);
    let enums::ServerDhParams::Ok(params) = params else { panic!("refused") };
    let (request, key) = half(&offer, new_nonce, &params, None);
    let enums::SetClientDhParamsAnswer::DhGenOk(_) = client.plain(&request).await else { panic!("no key") };
    client.salt = exchange::first_salt(&offer.server_nonce, &new_nonce);
    client.key = key;
    true
}

/// A connection with a new temporary key that is not bound.
async fn temporary(stage: &Stage, expires_in: i32) -> Client {
    let mut client = Client::connect(stage.address(), Framing::Intermediate).await;
    assert!(agree(&mut client, stage, Kind::TemporaryOfDc { dc: 2, expires_in }).await);
    client
}

/// Everything that goes into `auth.bindTempAuthKey`; each field may be spoiled.
#[derive(Clone)]
struct Binding {
    encrypted_with: AuthKey,
    perm_auth_key_id: i64,
    temp_auth_key_id: i64,
    temp_session_id: i64,
    expires_at: i32,
    nonce: i64,
    msg_id: i64,
    seq_no: i32,
    msg_len: i32,
    /// The message key is computed as it is not to be.
    covers_padding: bool,
}

impl Binding {
    fn of(temporary: &mut Client, permanent: &AuthKey) -> Binding {
        Binding {
            encrypted_with: permanent.clone(),
            perm_auth_key_id: permanent.id(),
            temp_auth_key_id: temporary.key.as_ref().unwrap().id(),
            temp_session_id: temporary.session_id,
            expires_at: (msg_id_at(0) >> 32) as i32 + DAY,
            nonce: rand::random(),
            msg_id: temporary.next_msg_id(),
            seq_no: 0,
            msg_len: 40,
            covers_padding: false,
        }
    }

    /// The method, with the binding message encrypted as MTProto 1.0 does.
    fn request(&self) -> functions::auth::BindTempAuthKey {
        let mut inner = rand::random::<[u8; 16]>().to_vec();
        inner.extend(self.msg_id.to_le_bytes());
        inner.extend(self.seq_no.to_le_bytes());
        inner.extend(self.msg_len.to_le_bytes());
        let message = types::BindAuthKeyInner {
            nonce: self.nonce,
            temp_auth_key_id: self.temp_auth_key_id,
            perm_auth_key_id: self.perm_auth_key_id,
            temp_session_id: self.temp_session_id,
            expires_at: self.expires_at,
        };
        inner.extend(enums::BindAuthKeyInner::Inner(message).to_bytes());
        assert_eq!(inner.len(), 72);
        let covered = inner.clone();
        inner.extend(rand::random::<[u8; 8]>());
        let covered = if self.covers_padding { &inner } else { &covered };
        let msg_key: [u8; 16] = Sha1::digest(covered)[4..20].try_into().unwrap();
        let key = self.encrypted_with.expose();
        let sha = |parts: [&[u8]; 3]| Sha1::digest(parts.concat()).to_vec();
        let a = sha([&msg_key, &key[..32], &[]]);
        let b = sha([&key[32..48], &msg_key, &key[48..64]]);
        let c = sha([&key[64..96], &msg_key, &[]]);
        let d = sha([&msg_key, &key[96..128], &[]]);
        let aes_key = [&a[..8], &b[8..20], &c[4..16]].concat().try_into().unwrap();
        let aes_iv = [&a[8..20], &b[..8], &c[16..20], &d[..8]].concat().try_into().unwrap();
        ige_encrypt(&mut inner, &aes_key, &aes_iv);
        functions::auth::BindTempAuthKey {
            perm_auth_key_id: self.perm_auth_key_id,
            nonce: self.nonce,
            expires_at: self.expires_at,
            encrypted_message: [&self.encrypted_with.id().to_le_bytes()[..], &msg_key, &inner].concat(),
        }
    }
}

async fn send_binding(
    client: &mut Client,
    msg_id: i64,
    request: &functions::auth::BindTempAuthKey,
) -> Result<bool, String> {
    let seq_no = client.next_seq_no(true);
    client.send_numbered(msg_id, seq_no, &request.to_bytes()).await;
    client.result_of(msg_id).await.map(|body| crate::client::read(&body))
}

async fn bind(client: &mut Client, permanent: &AuthKey) -> Result<bool, String> {
    let binding = Binding::of(client, permanent);
    send_binding(client, binding.msg_id, &binding.request()).await
}

/// A connection with a new temporary key that is bound to this one's key.
async fn bound(stage: &Stage, permanent: &Client) -> Client {
    let mut client = temporary(stage, DAY).await;
    assert_eq!(bind(&mut client, permanent.key.as_ref().unwrap()).await, Ok(true));
    client
}

fn myself() -> functions::users::GetUsers {
    functions::users::GetUsers { id: vec![enums::InputUser::UserSelf] }
}

/// Until the server no longer knows the key.
async fn is_forgotten(client: &mut Client) {
    let forgotten = async {
        loop {
            let _ = client.try_send(&functions::Ping { ping_id: 1 }.to_bytes()).await;
            match client.receive().await {
                Incoming::Packet(_) => {}
                other => break assert_eq!(other, Incoming::TransportError(-404)),
            }
        }
    };
    timeout(Duration::from_secs(20), forgotten).await.expect("the key is still good");
}

#[tokio::test]
async fn whatever_data_centre_is_named_it_is_this_one() {
    let stage = Stage::new().await;
    for dc in [0, 1, 5, 10_002, -2, -10_002, i32::MIN, i32::MAX] {
        for kind in [Kind::Permanent { dc }, Kind::TemporaryOfDc { dc, expires_in: DAY }] {
            let mut client = Client::connect(stage.address(), Framing::Abridged).await;
            assert!(agree(&mut client, &stage, kind).await, "{dc}");
            assert!(client.call(&functions::help::GetNearestDc {}).await.is_ok());
        }
    }
    let mut client = Client::connect(stage.address(), Framing::Abridged).await;
    assert!(agree(&mut client, &stage, Kind::Temporary { expires_in: i32::MAX }).await);
    assert!(client.call(&functions::help::GetNearestDc {}).await.is_ok());
    stage.server.stop().await;
}

#[tokio::test]
async fn a_bound_key_acts_for_its_permanent_key() {
    let stage = Stage::new().await;
    let (mut ada, user) = signed_up(&stage, "+1 555 0001").await;
    let mut client = temporary(&stage, DAY).await;
    assert!(client.call(&functions::help::GetConfig {}).await.is_ok());
    assert!(client.call(&functions::help::GetNearestDc {}).await.is_ok());
    assert_eq!(client.call(&myself()).await.unwrap_err(), "401 AUTH_KEY_PERM_EMPTY");
    assert_eq!(bind(&mut client, ada.key.as_ref().unwrap()).await, Ok(true));
    let users = client.call(&myself()).await.unwrap();
    assert!(matches!(&users[..], [enums::User::User(me)] if me.id == user.id));

    // Updates reach it, beside and without the permanent key.
    let (mut boole, _) = signed_up(&stage, "+1 555 0002").await;
    let found = boole.call(&contact("+1 555 0001")).await.unwrap();
    let enums::contacts::ImportedContacts::Contacts(found) = found;
    let Some(enums::User::User(peer)) = found.users.into_iter().next() else { panic!("nobody found") };
    let user_id: enums::InputUser =
        types::InputUser { user_id: peer.id, access_hash: peer.access_hash.unwrap() }.into();
    let request = |random_id| functions::messages::RequestEncryption {
        user_id: user_id.clone(),
        random_id,
        g_a: vec![0x5a; 256],
    };
    boole.call(&request(77)).await.unwrap();
    assert_eq!(client.next_that(|received| received.msg_id & 3 == 3).await.msg_id & 3, 3);
    assert_eq!(ada.next_that(|received| received.msg_id & 3 == 3).await.msg_id & 3, 3);
    drop(ada);
    boole.call(&request(78)).await.unwrap();
    let pushed = client.next_that(|received| received.msg_id & 3 == 3).await;
    assert!(pushed.body.windows(4).any(|window| window == 78i32.to_le_bytes()));

    // Over another connection it is bound still.
    let mut again = client.reconnected(stage.address()).await;
    drop(client);
    assert!(again.call(&myself()).await.is_ok());
    stage.server.stop().await;
}

/// A request with what clients put around their first.
fn introduced<Q>(query: Q) -> functions::InvokeWithLayer<functions::InitConnection<Q>> {
    functions::InvokeWithLayer {
        layer: 198,
        query: functions::InitConnection {
            api_id: 7,
            device_model: "temporary".into(),
            system_version: "1".into(),
            app_version: "1".into(),
            system_lang_code: "en".into(),
            lang_pack: String::new(),
            lang_code: "en".into(),
            proxy: None,
            params: None,
            query,
        },
    }
}

#[tokio::test]
async fn what_a_client_says_of_itself_belongs_to_its_permanent_key() {
    let stage = Stage::new().await;
    let (mut ada, _) = signed_up(&stage, "+1 555 0001").await;
    let mut client = temporary(&stage, DAY).await;
    client.call(&introduced(functions::help::GetConfig {})).await.unwrap();
    assert_eq!(bind(&mut client, ada.key.as_ref().unwrap()).await, Ok(true));
    let models = async |client: &mut Client| {
        let all = client.call(&functions::account::GetAuthorizations {}).await.unwrap();
        let enums::account::Authorizations::Authorizations(all) = all;
        let model = |one: enums::Authorization| {
            let enums::Authorization::Authorization(one) = one;
            one.device_model
        };
        all.authorizations.into_iter().map(model).collect::<Vec<_>>()
    };
    assert_eq!(models(&mut ada).await, ["raw"], "it was not bound when it said so");
    client.call(&introduced(functions::help::GetConfig {})).await.unwrap();
    assert_eq!(models(&mut ada).await, ["temporary"]);
    stage.server.stop().await;
    let db = rusqlite::Connection::open(stage.folder.path().join("server.sqlite")).unwrap();
    for table in ["layers", "devices"] {
        let sql = format!("SELECT auth_key_id FROM {table}");
        let keys: Vec<i64> =
            db.prepare(&sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(keys, [ada.key.as_ref().unwrap().id()], "{table}");
    }
}

type Spoil = fn(&mut Binding);
type Garble = fn(&mut functions::auth::BindTempAuthKey);

#[tokio::test]
async fn a_binding_that_is_not_proven_is_refused() {
    let stage = Stage::new().await;
    let (ada, _) = signed_up(&stage, "+1 555 0001").await;
    let permanent = ada.key.as_ref().unwrap();
    let mut client = temporary(&stage, DAY).await;
    let spoils: [(&str, Spoil); 11] = [
        ("another key", |binding| binding.encrypted_with = AuthKey::new(&[7; 256])),
        ("an unknown key", |binding| {
            binding.encrypted_with = AuthKey::new(&[7; 256]);
            binding.perm_auth_key_id = binding.encrypted_with.id();
        }),
        ("permanent id", |binding| binding.perm_auth_key_id = binding.temp_auth_key_id),
        ("temporary id", |binding| binding.temp_auth_key_id ^= 1),
        ("session", |binding| binding.temp_session_id ^= 1),
        ("id", |binding| binding.msg_id += 4),
        ("sequence number", |binding| binding.seq_no = 1),
        ("length", |binding| binding.msg_len = 44),
        ("what the message key covers", |binding| binding.covers_padding = true),
        ("expired", |binding| binding.expires_at -= 2 * DAY),
        ("never", |binding| binding.expires_at = i32::MIN),
    ];
    let invalid = Err("400 ENCRYPTED_MESSAGE_INVALID".to_string());
    for (name, spoil) in spoils {
        let mut binding = Binding::of(&mut client, permanent);
        let msg_id = binding.msg_id;
        spoil(&mut binding);
        assert_eq!(send_binding(&mut client, msg_id, &binding.request()).await, invalid, "{name}");
    }
    let garble: [(&str, Garble); 8] = [
        ("nonce", |request| request.nonce ^= 1),
        ("expiry", |request| request.expires_at += 1),
        ("key id", |request| request.encrypted_message[0] ^= 1),
        ("message key", |request| request.encrypted_message[8] ^= 1),
        ("first byte", |request| request.encrypted_message[24] ^= 1),
        ("a block more", |request| request.encrypted_message.extend([0; 16])),
        ("a block less", |request| request.encrypted_message.truncate(88)),
        ("nothing", |request| request.encrypted_message.clear()),
    ];
    for (name, garble) in garble {
        let binding = Binding::of(&mut client, permanent);
        let mut request = binding.request();
        garble(&mut request);
        assert_eq!(send_binding(&mut client, binding.msg_id, &request).await, invalid, "{name}");
    }
    let mut cut = Binding::of(&mut client, permanent).request().to_bytes();
    cut.truncate(20);
    assert!(client.call_raw(&cut).await.unwrap_err().starts_with("400 "));
    assert_eq!(client.call(&myself()).await.unwrap_err(), "401 AUTH_KEY_PERM_EMPTY");
    assert_eq!(bind(&mut client, permanent).await, Ok(true));
    stage.server.stop().await;
}

#[tokio::test]
async fn a_key_is_bound_to_one_only() {
    let stage = Stage::new().await;
    let mut ada = Client::introduced(&stage).await;
    let boole = Client::introduced(&stage).await;
    let (hers, his) = (ada.key.clone().unwrap(), boole.key.clone().unwrap());
    let mut client = bound(&stage, &ada).await;
    assert_eq!(bind(&mut client, &hers).await, Ok(true));
    assert_eq!(bind(&mut client, &his).await.unwrap_err(), "400 TEMP_AUTH_KEY_ALREADY_BOUND");
    // A permanent key cannot be bound, nor a temporary one to a temporary one.
    assert_eq!(bind(&mut ada, &his).await.unwrap_err(), "400 TEMP_AUTH_KEY_EMPTY");
    let mut other = temporary(&stage, DAY).await;
    let error = bind(&mut other, &client.key.clone().unwrap()).await.unwrap_err();
    assert_eq!(error, "400 ENCRYPTED_MESSAGE_INVALID");
    stage.server.stop().await;
}

#[tokio::test]
async fn an_expired_key_is_unknown() {
    let stage = Stage::new().await;
    for expires_in in [0, -1, i32::MIN] {
        let mut client = Client::connect(stage.address(), Framing::Intermediate).await;
        assert!(!agree(&mut client, &stage, Kind::Temporary { expires_in }).await);
    }
    let mut client = temporary(&stage, 1).await;
    is_forgotten(&mut client).await;
    let mut again = client.reconnected(stage.address()).await;
    is_forgotten(&mut again).await;

    // The binding may name an earlier end.
    let (ada, _) = signed_up(&stage, "+1 555 0001").await;
    let mut client = temporary(&stage, DAY).await;
    let mut binding = Binding::of(&mut client, ada.key.as_ref().unwrap());
    binding.expires_at -= DAY - 3;
    assert_eq!(send_binding(&mut client, binding.msg_id, &binding.request()).await, Ok(true));
    is_forgotten(&mut client).await;
    stage.server.stop().await;
}

#[tokio::test]
async fn a_restart_leaves_no_temporary_key_and_the_permanent_one_as_it_was() {
    let stage = Stage::new().await;
    let (ada, _) = signed_up(&stage, "+1 555 0001").await;
    let client = bound(&stage, &ada).await;
    let stage = stage.restart().await;
    let mut again = client.reconnected(stage.address()).await;
    is_forgotten(&mut again).await;
    let mut other = bound(&stage, &ada).await;
    assert!(other.call(&myself()).await.is_ok());
    stage.server.stop().await;
}

#[tokio::test]
async fn whoever_is_connected_under_a_temporary_key_is_here() {
    let stage = Stage::new().await;
    let (mut ada, _) = signed_up(&stage, "+1 555 0001").await;
    let (mut boole, _) = signed_up(&stage, "+1 555 0002").await;
    ada.call(&contact("+1 555 0002")).await.unwrap();
    boole.call(&contact("+1 555 0001")).await.unwrap();
    let mut client = bound(&stage, &boole).await;
    boole.call(&functions::account::UpdateStatus { offline: false }).await.unwrap();
    drop(boole);
    client.call(&functions::account::UpdateStatus { offline: false }).await.unwrap();
    let offline = 0x008c_703fu32.to_le_bytes();
    let is_offline = |body: &[u8]| body.windows(4).any(|window| window == offline);
    assert!(!ada.ping().await.iter().any(|received| is_offline(&received.body)));
    drop(client);
    ada.next_that(|received| is_offline(&received.body)).await;
    stage.server.stop().await;
}

#[tokio::test]
async fn sessions_of_one_authorization_are_destroyed_under_any_of_its_keys() {
    let stage = Stage::new().await;
    let (mut ada, _) = signed_up(&stage, "+1 555 0001").await;
    let (mut stranger, mut client) = (temporary(&stage, DAY).await, bound(&stage, &ada).await);
    let request = functions::DestroySession { session_id: ada.session_id }.to_bytes();
    let answered = async |client: &mut Client| {
        client.ping().await;
        client.send(&request).await;
        client.next().await.read::<enums::DestroySessionRes>()
    };
    let session_id = ada.session_id;
    let none = types::DestroySessionNone { session_id }.into();
    let ok = types::DestroySessionOk { session_id }.into();
    assert_eq!(answered(&mut stranger).await, none);
    assert_eq!(answered(&mut client).await, ok);
    assert_eq!(answered(&mut client).await, none);
    assert!(ada.call(&myself()).await.is_ok());
    stage.server.stop().await;
}

#[tokio::test]
async fn a_key_is_destroyed_with_all_that_hangs_on_it() {
    let stage = Stage::new().await;
    let (mut ada, _) = signed_up(&stage, "+1 555 0001").await;
    let (mut first, mut second) = (bound(&stage, &ada).await, bound(&stage, &ada).await);
    let destroy = functions::DestroyAuthKey {}.to_bytes();
    let answered = async |client: &mut Client| {
        client.send(&destroy).await;
        let ids = [0xf660_e1d4, 0x0a9f_2259, 0xea10_9b13];
        client.next_that(|received| ids.contains(&received.id())).await.read::<enums::DestroyAuthKeyRes>()
    };
    // The temporary one alone.
    assert_eq!(answered(&mut first).await, enums::DestroyAuthKeyRes::DestroyAuthKeyOk);
    is_forgotten(&mut first).await;
    assert!(ada.call(&myself()).await.is_ok() && second.call(&myself()).await.is_ok());
    // The permanent one, and with it the other.
    assert_eq!(answered(&mut ada).await, enums::DestroyAuthKeyRes::DestroyAuthKeyOk);
    is_forgotten(&mut ada).await;
    is_forgotten(&mut second).await;
    let mut again = ada.reconnected(stage.address()).await;
    is_forgotten(&mut again).await;
    let stage = stage.restart().await;
    let mut again = ada.reconnected(stage.address()).await;
    is_forgotten(&mut again).await;
    stage.server.stop().await;
}

#[tokio::test]
async fn a_client_drops_the_temporary_keys_that_it_no_longer_uses() {
    let stage = Stage::new().await;
    let (mut ada, _) = signed_up(&stage, "+1 555 0001").await;
    let (boole, _) = signed_up(&stage, "+1 555 0002").await;
    let (mut first, mut second) = (bound(&stage, &ada).await, bound(&stage, &ada).await);
    let mut other = bound(&stage, &boole).await;
    let spare = |client: &Client| functions::auth::DropTempAuthKeys {
        except_auth_keys: vec![client.key.as_ref().unwrap().id()],
    };
    // Under a temporary key that is bound as well as under the permanent one.
    assert_eq!(first.call(&spare(&first)).await, Ok(true));
    is_forgotten(&mut second).await;
    assert!(first.call(&myself()).await.is_ok() && other.call(&myself()).await.is_ok());
    assert_eq!(ada.call(&functions::auth::DropTempAuthKeys { except_auth_keys: vec![] }).await, Ok(true));
    is_forgotten(&mut first).await;
    assert!(ada.call(&myself()).await.is_ok() && other.call(&myself()).await.is_ok());
    let mut stranger = temporary(&stage, DAY).await;
    assert_eq!(stranger.call(&spare(&other)).await.unwrap_err(), "401 AUTH_KEY_PERM_EMPTY");
    stage.server.stop().await;
}
