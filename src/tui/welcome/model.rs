//! What the welcome knows: the page one is on, what was chosen so far, and the way to the server.
//!
//! Plain data, so that every page can be built by hand in a test. Pages that were left stay on the trail with what was typed into
//! them, and Esc goes back there; once there is a conversation with a server it leads, and the trail begins anew.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::field::{Field, Manner};
use super::host::{Keeping, ServerKey};
use super::terms::Reading;
use crate::engine::entrance::{CodeSent, Hidden};
use crate::engine::{Connection, Proxy};
use crate::tui::words::sign_in::phone;

/// What is being done, where a pause or a hint depends on it.
pub const CONNECTING: &str = "Connecting ...";
pub const OPENING: &str = "Opening the profile ...";
pub const ASKING_FOR_QR: &str = "Asking for a QR code ...";
pub const ASKING_AGAIN: &str = "Asking for the code again ...";

/// Longest code that is counted digit by digit; a longer one would not fit on a line.
const MOST_COUNTED: u8 = 12;

/// What is known before the first key is pressed.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The profile that was asked for.
    pub profile: String,
    /// The profiles that are there.
    pub profiles: Vec<Known>,
    /// The profile that was asked for is there without an account, and this opens it.
    pub unfinished: Option<Keeping>,
    /// A passphrase from a command or the environment, for whichever profile is opened.
    pub passphrase: Option<Hidden>,
    /// The application's number and hash, from wherever they were found.
    pub application: Option<(i32, String)>,
    pub proxy: Option<Proxy>,
}

/// A profile that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    /// It wants a passphrase.
    pub sealed: bool,
}

/// What was chosen on the pages before.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Made or about to be.
    pub profile: Option<(String, Keeping)>,
    /// A server of one's own; without it, Telegram.
    pub server: Option<OwnServer>,
    pub application: Option<(i32, String)>,
    pub proxy: Option<Proxy>,
    /// The number that was given last, digits.
    pub phone: String,
    /// Where a code for a forgotten password went.
    pub recovery: Option<String>,
}

/// A server of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnServer {
    pub address: String,
    pub dc_id: i32,
    pub key: ServerKey,
    /// What was typed for the key: a path, or the key itself.
    pub typed: String,
}

/// Everything that is on the screen.
#[derive(Debug)]
pub struct Model {
    /// Columns and rows.
    pub size: (u16, u16),
    /// Unix milliseconds.
    pub now_ms: i64,
    pub zone: TimeZone,
    pub given: Given,
    pub chosen: Chosen,
    pub page: Page,
    /// The pages before, the last one last.
    pub trail: Vec<Page>,
    /// The way to the server, once there is one.
    pub connection: Option<Connection>,
    pub trouble: Option<Trouble>,
    /// The code that was sent is of no use any more, and another one can be had at any time.
    pub stale: bool,
    /// Pauses that a server wants, by its address and the number that it wants them for.
    pub pauses: BTreeMap<(String, String), Trouble>,
    /// What is being done and awaited.
    pub busy: Option<&'static str>,
    pub ending: Option<Ending>,
}

/// What did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub words: String,
    /// The same is not taken before this time, Unix milliseconds.
    pub until_ms: Option<i64>,
    /// What was being done.
    pub of: Option<&'static str>,
}

impl Trouble {
    pub fn new(words: String) -> Trouble {
        Trouble { words, until_ms: None, of: None }
    }
}

/// Where one is.
#[derive(Debug)]
pub enum Page {
    /// The ways in; the selected one.
    Choice(usize),
    Form(Form),
    /// A profile is made, a server is dialled.
    Waiting,
    /// A link for another device's camera.
    Qr {
        link: Hidden,
        expires_ms: i64,
    },
    /// What a newcomer is to agree to.
    Terms(Reading),
    /// It cannot go on, and why.
    Failed(String),
}

/// A page that asks for something.
#[derive(Debug)]
pub struct Form {
    pub ask: Ask,
    pub fields: Vec<Field>,
    /// The field that is typed into.
    pub focus: usize,
}

/// What a form asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The passphrase of a profile that is there.
    Unlock(String),
    /// A server of one's own; its key, once it was read.
    Server(Option<ServerKey>),
    /// The application's number and hash.
    Numbers,
    Proxy,
    /// A name and a passphrase for a new profile, or no passphrase but a file.
    Profile {
        key_file: bool,
    },
    Phone,
    /// Whether this number is the right one.
    Sure(String),
    Code(CodeSent),
    /// The hint is as it came.
    Password {
        hint: String,
    },
    /// The code that stands in for a forgotten password; the mail address as it came.
    Recovery {
        mail: String,
    },
    Name,
}

impl Ask {
    /// What the server does with the answer, sooner or later; empty where no server is asked.
    pub fn doing(&self) -> &'static str {
        match self {
            Ask::Phone | Ask::Sure(_) => "Asking for a code ...",
            Ask::Code(_) | Ask::Recovery { .. } => "Checking the code ...",
            Ask::Password { .. } => "Checking the password ...",
            Ask::Name => "Making the account ...",
            _ => "",
        }
    }
}

/// One of the ways in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A profile that is there, by its place.
    Open(usize),
    Demo,
    Telegram,
    OtherServer,
}

/// How the welcome ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Left,
    Demo,
    /// The entrance is done.
    SignedIn,
    /// A profile that was there is open.
    Opened,
}

impl Model {
    pub fn new(given: Given, size: (u16, u16), now_ms: i64, zone: TimeZone) -> Model {
        let chosen = Chosen {
            profile: given.unfinished.clone().map(|keeping| (given.profile.clone(), keeping)),
            proxy: given.proxy.clone(),
            application: given.application.clone(),
            ..Chosen::default()
        };
        Model {
            size,
            now_ms,
            zone,
            given,
            chosen,
            page: Page::Choice(0),
            trail: Vec::new(),
            connection: None,
            trouble: None,
            stale: false,
            pauses: BTreeMap::new(),
            busy: None,
            ending: None,
        }
    }

    /// The ways in, as they are listed.
    pub fn ways(&self) -> Vec<Way> {
        let open = if self.chosen.profile.is_none() { self.given.profiles.len() } else { 0 };
        let anew = [Way::Demo, Way::Telegram, Way::OtherServer];
        (0..open).map(Way::Open).chain(anew).collect()
    }

    /// The time before which what was refused is not taken again, if it has not come yet.
    pub fn barred_until(&self) -> Option<i64> {
        self.trouble.as_ref()?.until_ms.filter(|until| *until > self.now_ms)
    }

    /// Whether a pause is wanted before this is tried again.
    pub fn barred(&self, doing: &str) -> bool {
        let same = self.trouble.as_ref().is_some_and(|trouble| trouble.of == Some(doing));
        same && self.barred_until().is_some()
    }

    /// A profile is being opened that was picked: it is, or it is not, and nothing else is begun meanwhile.
    pub fn opening(&self) -> bool {
        self.busy == Some(OPENING) && !matches!(self.page, Page::Waiting)
    }

    /// The place of a number among the pauses.
    pub fn pause_of(&self, digits: &str) -> (String, String) {
        let server = self.chosen.server.as_ref().map(|server| server.address.clone());
        (server.unwrap_or_default(), digits.to_owned())
    }

    /// The name of the profile that this is about, once it is chosen.
    pub fn profile(&self) -> Option<&str> {
        self.chosen.profile.as_ref().map(|(name, _)| name.as_str())
    }
}

impl Form {
    fn new(ask: Ask, fields: Vec<Field>) -> Form {
        Form { ask, fields, focus: 0 }
    }

    pub fn unlock(profile: &str) -> Form {
        let fields = vec![Field::new("passphrase", Manner::Hidden)];
        Form::new(Ask::Unlock(profile.to_owned()), fields)
    }

    /// With what was chosen before, so that a wrong address is mended and not typed anew.
    pub fn server(chosen: Option<&OwnServer>) -> Form {
        let address = Field::new("address", Manner::Open).or("host:port, as in 127.0.0.1:4443");
        let key = Field::new("key", Manner::Open).or("path of server.pem, or the key itself");
        let dc = Field::new("data centre", Manner::Open);
        let Some(OwnServer { address: known, dc_id, key: read, typed }) = chosen else {
            return Form::new(Ask::Server(None), vec![address, key, dc.with("1")]);
        };
        let fields = vec![address.with(known), key.with(typed), dc.with(&dc_id.to_string())];
        Form::new(Ask::Server(Some(read.clone())), fields)
    }

    pub fn numbers() -> Form {
        let fields = vec![
            Field::new("api_id", Manner::Open).or("digits"),
            Field::new("api_hash", Manner::Open).or("32 characters, 0-9 and a-f"),
        ];
        Form::new(Ask::Numbers, fields)
    }

    pub fn proxy() -> Form {
        Form::new(Ask::Proxy, vec![Field::new("link", Manner::Hidden).or("none")])
    }

    pub fn profile(name: &str, key_file: bool) -> Form {
        let mut fields = vec![Field::new("profile", Manner::Open).with(name)];
        if !key_file {
            fields.push(Field::new("passphrase", Manner::Hidden));
            fields.push(Field::new("once more", Manner::Hidden));
        }
        let focus = usize::from(!key_file);
        Form { focus, ..Form::new(Ask::Profile { key_file }, fields) }
    }

    pub fn phone(digits: &str) -> Form {
        let field = Field::new("number", Manner::Open).or("+49 170 1234567");
        let field = if digits.is_empty() { field } else { field.with(&phone(digits)) };
        Form::new(Ask::Phone, vec![field])
    }

    pub fn sure(digits: String) -> Form {
        Form::new(Ask::Sure(digits), Vec::new())
    }

    pub fn code(sent: CodeSent) -> Form {
        let counted = sent.length.filter(|length| (1..=MOST_COUNTED).contains(length));
        let manner = counted.map_or(Manner::Hidden, Manner::Counted);
        Form::new(Ask::Code(sent), vec![Field::new("code", manner)])
    }

    pub fn password(hint: String) -> Form {
        Form::new(Ask::Password { hint }, vec![Field::new("password", Manner::Hidden)])
    }

    pub fn recovery(mail: String) -> Form {
        Form::new(Ask::Recovery { mail }, vec![Field::new("code", Manner::Hidden)])
    }

    pub fn name() -> Form {
        let fields = vec![
            Field::new("first name", Manner::Open),
            Field::new("last name", Manner::Open).or("optional"),
        ];
        Form::new(Ask::Name, fields)
    }

    /// What was typed into a field; nothing where there is none.
    pub fn text(&self, field: usize) -> &str {
        self.fields.get(field).map(Field::text).unwrap_or_default()
    }

    /// The field that is typed into.
    pub fn focused(&mut self) -> Option<&mut Field> {
        self.fields.get_mut(self.focus)
    }
}
