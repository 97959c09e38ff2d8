//! Signing in on the demo's server: a profile in the demo's folder, and the code that the server gives out in this process.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::DemoFault;
use crate::engine::{self, Engine, ServerProfile, SignIn, SignInStep};
use crate::server::rpc::CodeCallback;

/// The latest sign-in code of every phone number. The server calls back before it answers that a code was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Codes(Arc<Mutex<HashMap<String, String>>>);

impl Codes {
    /// What the server is to call.
    pub fn listener(&self) -> CodeCallback {
        let codes = self.clone();
        Box::new(move |phone, code| {
            let mut codes = codes.0.lock().unwrap_or_else(PoisonError::into_inner);
            codes.insert(phone.to_owned(), code.to_owned());
        })
    }

    /// The code for this number, once.
    pub fn take(&self, phone: &str) -> Result<String, DemoFault> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.remove(phone).ok_or(DemoFault::NoCode)
    }
}

/// Where people sign in.
#[derive(Clone, Debug)]
pub(super) struct House {
    pub server: ServerProfile,
    pub codes: Codes,
    /// Each profile is a folder in it, named by the phone number.
    pub folder: PathBuf,
}

impl House {
    /// Makes a profile, signs it in to an account that is there, and starts its engine.
    pub async fn move_in(&self, phone: &str) -> Result<Engine, DemoFault> {
        let folder = self.folder.join(phone);
        let sign_in =
            SignIn::begin(engine::create_throwaway(&folder)?, self.server.clone(), phone, false).await?;
        match sign_in.try_code(&self.codes.take(phone)?).await? {
            SignInStep::Done(_) => Ok(engine::start(engine::open_throwaway(&folder)?)?),
            _ => Err(DemoFault::NoCode),
        }
    }
}
