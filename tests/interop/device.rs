//! A device of somebody whose client others wrote: what `python/*_account.py` and `node/gramjs_account.js` do when they are asked.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::foreign::Foreign;
use crate::library::Library;
use crate::process::world::World;

pub struct Device {
    pub foreign: Foreign,
}

/// What signing in has come to.
#[derive(Debug, PartialEq)]
pub enum Step {
    Done { user: i64 },
    NameWanted,
    PasswordWanted { hint: String },
}

impl Device {
    /// A device on which nobody is signed in yet, connected; `None` where the library cannot be run.
    pub fn new(test: &str, library: Library, world: &World) -> Option<Device> {
        Device::with(test, library, world, world.address, json!({}))
    }

    /// One that dials this address, with more settings of its connection.
    pub fn with(
        test: &str,
        library: Library,
        world: &World,
        address: SocketAddr,
        settings: Value,
    ) -> Option<Device> {
        let mut foreign = library.launch(test, world, address.port())?;
        let home = home(world);
        let mut connect = json!({
            "address": address.ip().to_string(), "port": address.port(),
            "key": world.key().display().to_string(), "home": home.display().to_string(),
        });
        connect.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        assert_eq!(foreign.ask("connect", connect)["signed_in"], false);
        Some(Device { foreign })
    }

    /// Asks for a code and waits until the server has made it.
    pub fn ask_code(&mut self, world: &World, phone: &str) -> String {
        let place = world.script.len();
        self.foreign.ask("ask_code", json!({ "phone": phone }));
        world.code(phone, place)
    }

    pub fn enter_code(&mut self, code: &str) -> Step {
        Step::from(&self.foreign.ask("enter_code", json!({ "code": code })))
    }

    pub fn enter_password(&mut self, password: &str) -> Step {
        Step::from(&self.foreign.ask("enter_password", json!({ "password": password })))
    }

    /// Signs in, and up under this name if the number is new.
    pub fn sign_in(&mut self, world: &World, phone: &str, name: &str) -> i64 {
        let code = self.ask_code(world, phone);
        let mut step = self.enter_code(&code);
        if step == Step::NameWanted {
            step = Step::from(&self.foreign.ask("enter_name", json!({ "name": name })));
        }
        match step {
            Step::Done { user } => user,
            other => panic!("signing in asks for more: {other:?}"),
        }
    }

    /// Sets, changes or removes the account's password.
    pub fn set_password(&mut self, new: Option<&str>, current: Option<&str>, hint: &str) {
        self.foreign.ask("set_password", json!({ "new": new, "current": current, "hint": hint }));
    }

    /// The token that this device shows to be signed in by.
    pub fn show_token(&mut self) -> String {
        let shown = self.foreign.ask("show_token", json!({}));
        let url = shown["url"].as_str().unwrap();
        url.strip_prefix("tg://login?token=").unwrap_or_else(|| panic!("no such link: {url}")).to_owned()
    }

    /// What signing in by the token came to.
    pub fn token_accepted(&mut self) -> Step {
        Step::from(&self.foreign.wait("token_accepted", |_| true))
    }

    pub fn me(&mut self) -> i64 {
        self.foreign.ask("me", json!({})).as_i64().unwrap()
    }
}

impl From<&Value> for Step {
    fn from(told: &Value) -> Step {
        match told["step"].as_str().unwrap() {
            "done" => Step::Done { user: told["user"].as_i64().unwrap() },
            "name" => Step::NameWanted,
            "password" => Step::PasswordWanted { hint: told["hint"].as_str().unwrap_or_default().to_owned() },
            other => panic!("an unknown step: {other}"),
        }
    }
}

/// A folder of the device's own.
fn home(world: &World) -> PathBuf {
    let all = world.home().join("devices");
    std::fs::create_dir_all(&all).unwrap();
    tempfile::tempdir_in(all).unwrap().keep()
}
