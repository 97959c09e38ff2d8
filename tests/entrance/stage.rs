//! A server with its codes, and people at its entrance.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use grammers_tl_types::{enums, functions, types};
use subrosa::cloud::link::{CALL_LIMIT, EVENT_CAPACITY, Link, LinkConfig, LinkEvent, Timing};
use subrosa::cloud::server_keys::ServerKeys;
use subrosa::cloud::sign_in::{self, Application, Outcome};
use subrosa::engine::entrance::{self, CodeSent, Entrance, EntranceCommand, EntranceEvent, Hidden, Stage};
use subrosa::engine::{self, EngineError, Person, ServerProfile};
use subrosa::mtproto::srp::{Algo, FRESH_SALT_LEN, Verifier};
use subrosa::server::rpc::{Data, DataCentre};
use subrosa::server::{Server, ServerConfig};
use subrosa::vault::{Vault, VaultError};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// No answer takes this long, even on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Making a key takes longer than a test.
const SERVER_KEY: &str = include_str!("../../assets/demo/server.pem");

pub const ADA: &str = "9996610001";
pub const BASIL: &str = "9996610002";

/// A server, and the codes it gives out.
pub struct House {
    pub server: Server,
    codes: mpsc::UnboundedReceiver<(String, String)>,
    pub home: TempDir,
}

impl House {
    pub async fn open() -> House {
        House::centre(1, Vec::new()).await
    }

    /// One data centre among others.
    pub async fn centre(dc_id: i32, others: Vec<DataCentre>) -> House {
        let (sender, codes) = mpsc::unbounded_channel();
        let on_code = Box::new(move |phone: &str, code: &str| {
            let _ = sender.send((phone.to_owned(), code.to_owned()));
        });
        let listen = "127.0.0.1:0".parse().unwrap();
        let config = ServerConfig { dc_id, others, ..ServerConfig::new(listen, Data::Memory, on_code) };
        let server = Server::start_as(config, SERVER_KEY).await.unwrap();
        House { server, codes, home: tempfile::tempdir().unwrap() }
    }

    pub fn profile(&self) -> ServerProfile {
        ServerProfile {
            address: self.server.address().to_string(),
            dc_id: 1,
            proxy: None,
            key: self.server.public_key_pem().to_owned(),
            key_source: "the test's key".to_owned(),
            api_id: 1,
            api_hash: String::new(),
        }
    }

    /// The next code that is given out, whoever it is for.
    pub async fn code(&mut self) -> String {
        timeout(PATIENCE, self.codes.recv()).await.expect("a code in time").unwrap().1
    }

    pub fn vault(&self, name: &str) -> Vault {
        engine::create_throwaway(&self.home.path().join(name)).unwrap()
    }

    /// The same as soon as the thread that had it has ended.
    pub async fn vault_when_free(&self, name: &str) -> Vault {
        let folder = self.home.path().join(name);
        let opened = async {
            loop {
                match engine::open_throwaway(&folder) {
                    Ok(vault) => return vault,
                    Err(EngineError::Vault(VaultError::Locked { .. })) => tokio::task::yield_now().await,
                    Err(fault) => panic!("{fault}"),
                }
            }
        };
        timeout(PATIENCE, opened).await.expect("a free profile")
    }

    /// Somebody at the entrance with a new profile, who is asked for a number.
    pub async fn visitor(&self, name: &str) -> Visitor {
        Visitor::enter(self.vault(name), self.profile(), false).await
    }

    /// A client without an engine that is signed in to a new or known account, as another device of the same person.
    pub async fn device(&mut self, phone: &str, name: &str) -> Device {
        let (told, events) = mpsc::channel(EVENT_CAPACITY);
        let config = LinkConfig {
            address: self.server.address().to_string(),
            dc_id: 1,
            keys: ServerKeys::from_pem("the test's key", self.server.public_key_pem()).unwrap(),
            proxy: None,
            session: None,
            api_id: 1,
            timing: Timing::default(),
        };
        let link = Link::start(config, told);
        link.online().await.unwrap();
        let application = Application { api_id: 1, api_hash: String::new() };
        let sent = sign_in::send_code(&link, &application, phone).await.unwrap().sent().unwrap();
        let code = self.code().await;
        if matches!(sign_in::sign_in(&link, &sent, &code).await.unwrap(), Outcome::SignUpRequired(_)) {
            sign_in::sign_up(&link, &sent, name, "").await.unwrap();
        }
        Device { link, _events: events }
    }
}

/// A signed-in client.
pub struct Device {
    pub link: Link,
    _events: mpsc::Receiver<LinkEvent>,
}

impl Device {
    /// Gives the account a password.
    pub async fn set_password(&self, password: &str, hint: &str) {
        let call = functions::account::GetPassword {};
        let enums::account::Password::Password(now) = self.link.invoke(&call, CALL_LIMIT).await.unwrap();
        let enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algo) = now.new_algo
        else {
            panic!("an unknown algorithm")
        };
        let algo = Algo { salt1: algo.salt1, salt2: algo.salt2, g: algo.g, p: algo.p };
        let algo = algo.with_fresh_salt(&[7; FRESH_SALT_LEN]);
        let verifier = Verifier::of_password(password.as_bytes(), &algo).unwrap();
        let new_algo = types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow {
            salt1: algo.salt1,
            salt2: algo.salt2,
            g: algo.g,
            p: algo.p,
        };
        let new_settings = types::account::PasswordInputSettings {
            new_algo: Some(new_algo.into()),
            new_password_hash: Some(verifier.expose().to_vec()),
            hint: Some(hint.to_owned()),
            email: None,
            new_secure_settings: None,
        };
        let call = functions::account::UpdatePasswordSettings {
            password: enums::InputCheckPasswordSrp::InputCheckPasswordEmpty,
            new_settings: new_settings.into(),
        };
        assert!(self.link.invoke(&call, CALL_LIMIT).await.unwrap());
    }

    /// How many devices the account has.
    pub async fn devices(&self) -> usize {
        let call = functions::account::GetAuthorizations {};
        let enums::account::Authorizations::Authorizations(list) =
            self.link.invoke(&call, CALL_LIMIT).await.unwrap();
        list.authorizations.len()
    }

    /// Scans a QR code.
    pub async fn accept(&self, link: &Hidden) {
        let call = functions::auth::AcceptLoginToken { token: token_of(link) };
        self.link.invoke(&call, CALL_LIMIT).await.unwrap();
    }
}

/// What is behind a `tg://login` link.
pub fn token_of(link: &Hidden) -> Vec<u8> {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let text = link.expose().strip_prefix("tg://login?token=").expect("a login link");
    Base64UrlUnpadded::decode_vec(text).unwrap()
}

/// Somebody at the entrance.
pub struct Visitor {
    pub entrance: Entrance,
    /// Everything that was told, for the reader of a failure.
    told: Vec<String>,
}

/// What a command was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Stage(Stage),
    Refused(String, Option<i64>),
}

impl Visitor {
    pub async fn enter(vault: Vault, server: ServerProfile, again: bool) -> Visitor {
        let entrance = entrance::open(vault, server, again).unwrap();
        let mut visitor = Visitor { entrance, told: Vec::new() };
        assert_eq!(visitor.answer().await, Answer::Stage(Stage::Phone));
        visitor
    }

    pub fn say(&self, command: EntranceCommand) {
        assert!(self.entrance.door.send(command), "the entrance has ended");
    }

    /// Takes in events until one fits.
    pub async fn until<T>(&mut self, what: &str, mut fits: impl FnMut(&EntranceEvent) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = timeout(left, self.entrance.events.recv()).await;
            let Ok(event) = event else { panic!("in vain for {what}\n{}", self.told.join("\n")) };
            let event = event.unwrap_or_else(|| panic!("ended before {what}\n{}", self.told.join("\n")));
            self.told.push(format!("{event:?}"));
            if let Some(found) = fits(&event) {
                return found;
            }
        }
    }

    /// The next stage or refusal.
    pub async fn answer(&mut self) -> Answer {
        self.until("an answer", |event| match event {
            EntranceEvent::Stage(stage) => Some(Answer::Stage(stage.clone())),
            EntranceEvent::Refused { sentence, until_unix_ms } => {
                Some(Answer::Refused(sentence.clone(), *until_unix_ms))
            }
            EntranceEvent::Failed(sentence) => panic!("{sentence}"),
            EntranceEvent::Connection(_) | EntranceEvent::CodeExpired => None,
        })
        .await
    }

    pub async fn stage(&mut self) -> Stage {
        match self.answer().await {
            Answer::Stage(stage) => stage,
            refused => panic!("{refused:?}"),
        }
    }

    pub async fn refused(&mut self) -> String {
        self.refused_until().await.0
    }

    pub async fn refused_until(&mut self) -> (String, Option<i64>) {
        match self.answer().await {
            Answer::Refused(sentence, until) => (sentence, until),
            stage => panic!("{stage:?}"),
        }
    }

    pub async fn gives(&mut self, phone: &str) -> CodeSent {
        self.say(EntranceCommand::Phone(phone.to_owned()));
        match self.stage().await {
            Stage::Code(sent) => sent,
            other => panic!("{other:?}"),
        }
    }

    pub fn types(&self, code: &str) {
        self.say(EntranceCommand::Code(Hidden::new(code.to_owned())));
    }

    pub fn proves(&self, password: &str) {
        self.say(EntranceCommand::Password(Hidden::new(password.to_owned())));
    }

    pub async fn done(&mut self) -> Person {
        match self.stage().await {
            Stage::Done(me) => *me,
            other => panic!("{other:?}"),
        }
    }

    pub async fn qr(&mut self) -> (Hidden, i64) {
        match self.stage().await {
            Stage::Qr { link, expires_unix_ms } => (link, expires_unix_ms),
            other => panic!("{other:?}"),
        }
    }

    /// Goes away; the profile is free when this returns.
    pub async fn leave(mut self) {
        self.say(EntranceCommand::Quit);
        while self.entrance.events.recv().await.is_some() {}
        let gone = self.entrance.engine(None);
        assert!(gone.is_err(), "nobody was signed in");
    }
}

pub fn soon(seconds: i64) -> impl Debug + std::ops::RangeBounds<i64> {
    let now = unix_ms();
    now + (seconds - 10) * 1000..=now + (seconds + 1) * 1000
}

pub fn unix_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
