//! A server in memory or in a folder, a clock that the test moves, and the pushes it made.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::sync::{Arc, Mutex};

use grammers_tl_types::{Cursor, Deserializable, RemoteCall, enums, functions, types};
use subrosa::server::rpc::{Caller, Centres, Data, Push, Rpc};

use crate::layers;

pub const START: i32 = 1_800_000_000;

/// Auth keys of the cast: Ada at two devices (and a third for races), Boole, and Curie.
pub const ADA: i64 = 0x0a;
pub const ADA_2: i64 = 0x0a2;
pub const BOOLE: i64 = 0x0b;
pub const BOOLE_2: i64 = 0x0b2;
pub const BOOLE_3: i64 = 0x0b3;
pub const CURIE: i64 = 0x0c;

pub const ADA_PHONE: &str = "+1 555 0001";
pub const BOOLE_PHONE: &str = "+1 555 0002";
pub const CURIE_PHONE: &str = "+1 555 0003";

pub struct World {
    rpc: Rpc,
    codes: Arc<Mutex<Vec<(String, String)>>>,
    pushes: Vec<Push>,
    /// Who does not speak our own layer.
    others: Vec<i64>,
    pub now: i32,
}

/// A live chat as both ends name it.
#[derive(Clone, Copy)]
pub struct LiveChat {
    pub id: i32,
    pub ada: i64,
    pub boole: i64,
}

impl World {
    pub fn new() -> World {
        World::open(&Data::Memory)
    }

    pub fn in_folder(folder: &Path) -> World {
        World::open(&Data::Folder(folder.to_path_buf()))
    }

    fn open(data: &Data) -> World {
        World::open_as(data, Centres::alone("127.0.0.1:4430".parse().unwrap()))
    }

    /// In memory, as one data centre among others.
    pub fn as_centre(centres: Centres) -> World {
        World::open_as(&Data::Memory, centres)
    }

    fn open_as(data: &Data, centres: Centres) -> World {
        let codes = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&codes);
        let on_code = Box::new(move |phone: &str, code: &str| {
            heard.lock().unwrap().push((phone.to_owned(), code.to_owned()));
        });
        let rpc = Rpc::open_as(data, centres, on_code).unwrap();
        World { rpc, codes, pushes: Vec::new(), others: Vec::new(), now: START }
    }

    pub fn rpc(&mut self) -> &mut Rpc {
        &mut self.rpc
    }

    /// The answer, or `code NAME`.
    pub fn call<F: RemoteCall>(&mut self, key: i64, request: &F) -> Result<F::Return, String> {
        let bytes = self.raw(key, &request.to_bytes())?;
        Ok(whole(&bytes))
    }

    /// What is said is also looked at with the eyes of an old client.
    pub fn raw(&mut self, key: i64, request: &[u8]) -> Result<Vec<u8>, String> {
        let known = self.pushes.len();
        let answer = self.raw_as_it_is(key, request)?;
        layers::is_understood_by_the_oldest(&answer);
        let ours = self.pushes.iter().skip(known).filter(|push| !self.others.contains(&push.auth_key_id));
        ours.for_each(|push| layers::is_understood_by_the_oldest(&push.updates));
        Ok(answer)
    }

    /// For clients of other layers.
    pub fn raw_as_it_is(&mut self, key: i64, request: &[u8]) -> Result<Vec<u8>, String> {
        let outcome = self.rpc.answer(Caller { auth_key_id: key }, request, self.now);
        self.pushes.extend(outcome.pushes);
        outcome.result.map_err(|error| error.to_string())
    }

    /// The client behind a key says which layer it speaks.
    pub fn speaks(&mut self, key: i64, layer: i32) {
        self.others.push(key);
        self.rpc.speaks(Caller { auth_key_id: key }, layer);
    }

    /// What was pushed to an authorization since the last time it was asked, as it goes over the wire.
    pub fn pushed_raw(&mut self, key: i64) -> Vec<Vec<u8>> {
        let (own, rest) = std::mem::take(&mut self.pushes).into_iter().partition(|p| p.auth_key_id == key);
        self.pushes = rest;
        let own: Vec<Push> = own;
        own.into_iter().map(|push| push.updates).collect()
    }

    pub fn offline(&mut self, key: i64) {
        let pushes = self.rpc.offline(key, self.now);
        self.pushes.extend(pushes);
    }

    /// The updates pushed to an authorization since the last time it was asked.
    pub fn pushed(&mut self, key: i64) -> Vec<enums::Update> {
        self.pushed_raw(key)
            .iter()
            .flat_map(|updates| match whole(updates) {
                enums::Updates::UpdateShort(short) => vec![short.update],
                enums::Updates::Updates(all) => {
                    assert_eq!(all.seq, 0);
                    assert!(!all.users.is_empty());
                    all.updates
                }
                other => panic!("unexpected container {other:?}"),
            })
            .collect()
    }

    pub fn last_code(&self) -> (String, String) {
        self.codes.lock().unwrap().last().expect("a code was announced").clone()
    }

    pub fn send_code(&mut self, key: i64, phone: &str) -> Result<String, String> {
        let request = code_request(phone);
        match self.call(key, &request)? {
            enums::auth::SentCode::Code(sent) => Ok(sent.phone_code_hash),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    pub fn sign_in(
        &mut self,
        key: i64,
        phone: &str,
        hash: &str,
        code: &str,
    ) -> Result<enums::auth::Authorization, String> {
        let request = functions::auth::SignIn {
            phone_number: phone.to_owned(),
            phone_code_hash: hash.to_owned(),
            phone_code: Some(code.to_owned()),
            email_verification: None,
        };
        self.call(key, &request)
    }

    /// Signs in, signing up if the number is new, and returns the user as they see themselves.
    pub fn enter(&mut self, key: i64, phone: &str, name: &str) -> types::User {
        let hash = self.send_code(key, phone).unwrap();
        let code = self.last_code().1;
        let answer = match self.sign_in(key, phone, &hash, &code).unwrap() {
            enums::auth::Authorization::SignUpRequired(_) => {
                let request = functions::auth::SignUp {
                    no_joined_notifications: false,
                    phone_number: phone.to_owned(),
                    phone_code_hash: hash,
                    first_name: name.to_owned(),
                    last_name: String::new(),
                };
                self.call(key, &request).unwrap()
            }
            authorization => authorization,
        };
        match answer {
            enums::auth::Authorization::Authorization(done) => user(done.user),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    /// Ada at one device, Boole at three, Curie at one.
    pub fn with_cast() -> World {
        let mut world = World::new();
        world.enter_cast();
        world
    }

    pub fn enter_cast(&mut self) {
        self.enter(ADA, ADA_PHONE, "Ada");
        self.enter(BOOLE, BOOLE_PHONE, "Boole");
        self.enter(BOOLE_2, BOOLE_PHONE, "Boole");
        self.enter(BOOLE_3, BOOLE_PHONE, "Boole");
        self.enter(CURIE, CURIE_PHONE, "Curie");
    }

    /// The person with that number as the caller sees them.
    pub fn by_phone(&mut self, key: i64, phone: &str) -> types::User {
        let request = functions::contacts::ResolvePhone { phone: phone.to_owned() };
        let enums::contacts::ResolvedPeer::Peer(found) = self.call(key, &request).unwrap();
        user(found.users.into_iter().next().unwrap())
    }

    pub fn request(&mut self, key: i64, phone: &str, id: i32) -> Result<enums::EncryptedChat, String> {
        let user_id = input(&self.by_phone(key, phone));
        self.call(key, &functions::messages::RequestEncryption { user_id, random_id: id, g_a: g(1) })
    }

    pub fn accept(&mut self, key: i64, id: i32, access_hash: i64) -> Result<enums::EncryptedChat, String> {
        let request = functions::messages::AcceptEncryption {
            peer: types::InputEncryptedChat { chat_id: id, access_hash }.into(),
            g_b: g(2),
            key_fingerprint: 77,
        };
        self.call(key, &request)
    }

    pub fn discard(&mut self, key: i64, chat_id: i32, delete_history: bool) -> Result<bool, String> {
        self.call(key, &functions::messages::DiscardEncryption { delete_history, chat_id })
    }

    /// A chat between [`ADA`] and [`BOOLE`], its pushes taken away.
    pub fn live_chat(&mut self, id: i32) -> LiveChat {
        let enums::EncryptedChat::Waiting(waiting) = self.request(ADA, BOOLE_PHONE, id).unwrap() else {
            panic!("not waiting");
        };
        let updates = self.pushed(BOOLE);
        let Some(enums::EncryptedChat::Requested(requested)) = updates.last().map(chat_of) else {
            panic!("not requested: {updates:?}");
        };
        let boole = requested.access_hash;
        self.accept(BOOLE, id, boole).unwrap();
        for key in [ADA, BOOLE, BOOLE_2, BOOLE_3] {
            self.pushed(key);
        }
        LiveChat { id, ada: waiting.access_hash, boole }
    }

    /// Sends from [`ADA`]; the answer is the date.
    pub fn send(&mut self, chat: LiveChat, random_id: i64, data: Vec<u8>) -> Result<i32, String> {
        let peer = chat.as_ada();
        self.send_as(ADA, functions::messages::SendEncrypted { silent: false, peer, random_id, data })
    }

    pub fn send_as(&mut self, key: i64, request: functions::messages::SendEncrypted) -> Result<i32, String> {
        match self.call(key, &request)? {
            enums::messages::SentEncryptedMessage::Message(sent) => Ok(sent.date),
            other => panic!("unexpected answer {other:?}"),
        }
    }

    pub fn state(&mut self, key: i64) -> types::updates::State {
        let enums::updates::State::State(state) = self.call(key, &functions::updates::GetState {}).unwrap();
        state
    }

    pub fn difference(&mut self, key: i64, date: i32, qts: i32) -> enums::updates::Difference {
        let request = functions::updates::GetDifference {
            pts: 1,
            pts_limit: None,
            pts_total_limit: None,
            date,
            qts,
            qts_limit: None,
        };
        self.call(key, &request).unwrap()
    }

    /// The messages and updates of a difference that is neither empty nor a slice.
    pub fn missed(&mut self, key: i64, date: i32, qts: i32) -> types::updates::Difference {
        match self.difference(key, date, qts) {
            enums::updates::Difference::Difference(difference) => difference,
            other => panic!("not a whole difference: {other:?}"),
        }
    }
}

impl LiveChat {
    pub fn as_ada(self) -> enums::InputEncryptedChat {
        types::InputEncryptedChat { chat_id: self.id, access_hash: self.ada }.into()
    }

    pub fn as_boole(self) -> enums::InputEncryptedChat {
        types::InputEncryptedChat { chat_id: self.id, access_hash: self.boole }.into()
    }
}

/// What the disk holds while a server still runs is what it would find after being killed.
pub fn after_a_crash(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(folder, copy.path());
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy_folder(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

pub fn code_request(phone: &str) -> functions::auth::SendCode {
    let settings = types::CodeSettings {
        allow_flashcall: false,
        current_number: false,
        allow_app_hash: false,
        allow_missed_call: false,
        allow_firebase: false,
        unknown_number: false,
        logout_tokens: None,
        token: None,
        app_sandbox: None,
    };
    functions::auth::SendCode {
        phone_number: phone.to_owned(),
        api_id: 1,
        api_hash: String::new(),
        settings: settings.into(),
    }
}

/// Decodes all of it.
pub fn whole<T: Deserializable>(bytes: &[u8]) -> T {
    let mut from = Cursor::from_slice(bytes);
    let value = T::deserialize(&mut from).unwrap();
    assert_eq!(from.pos(), bytes.len(), "nothing is left over");
    value
}

pub fn user(user: enums::User) -> types::User {
    match user {
        enums::User::User(user) => user,
        enums::User::Empty(empty) => panic!("nobody has the id {}", empty.id),
    }
}

pub fn input(user: &types::User) -> enums::InputUser {
    types::InputUser { user_id: user.id, access_hash: user.access_hash.unwrap() }.into()
}

/// A public value in range, told apart by its last byte.
pub fn g(last: u8) -> Vec<u8> {
    let mut value = vec![0x5a; 256];
    value[255] = last;
    value
}

/// An envelope of the right shape.
pub fn envelope(fill: u8) -> Vec<u8> {
    vec![fill; 24 + 32]
}

pub fn chat_of(update: &enums::Update) -> enums::EncryptedChat {
    match update {
        enums::Update::Encryption(update) => update.chat.clone(),
        other => panic!("no updateEncryption: {other:?}"),
    }
}

pub fn discarded(id: i32, history_deleted: bool) -> enums::EncryptedChat {
    types::EncryptedChatDiscarded { history_deleted, id }.into()
}
