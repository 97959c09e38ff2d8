//! Everything that can go wrong between here and the server, as sentences for the person in front of the screen.
//!
//! One enum for the whole room. Each sentence says what happened, whose fault it is and what to do next; whether the link
//! may help itself by dialling again is a property of the fault, not of the place where it was noticed.

use super::proxy::ProxyFault;
use super::refusal::Refusal;
use crate::secret::step::CallError;

/// A failure of the connection, of the exchange, or of something the user asked the server for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    #[error("no server answers at {address} ({reason}): check the address, and that the server is running")]
    NoServer { address: String, reason: String },
    #[error(
        "the server at {address} stayed silent for {seconds} s {during}: it is overloaded, or no Telegram server"
    )]
    TimedOut { address: String, during: &'static str, seconds: u64 },
    #[error(
        "what answers at {address} {behaviour}: it is overloaded, or no Telegram server \
         (if it is an MTProxy, enter its link as the proxy)"
    )]
    Mute { address: String, behaviour: String },
    #[error(
        "this device's clock and that of {address} have come apart: the connection starts over with the server's"
    )]
    Clock { address: String },
    #[error("the connection to {address} was lost")]
    Disconnected { address: String },
    #[error(
        "what answers at {address} does not speak Telegram's protocol ({detail}): check address and port"
    )]
    NotTelegram { address: String, detail: String },
    #[error(
        "the server at {address} does not hold the key in {source_name} (it offers {offered}): \
         use the key file that this server printed, or check the address"
    )]
    WrongKey { address: String, source_name: String, offered: String },
    #[error("the key exchange with {address} failed its check: {check}; do not go on with this server")]
    UnsafeExchange { address: String, check: &'static str },
    #[error("the server at {address} refused to make a key with this device: try again")]
    ExchangeRefused { address: String },
    #[error(
        "the server at {address} does not know this device any more: sign in again, or check that this is the right server"
    )]
    UnknownDevice { address: String },
    #[error(
        "the server at {address} says that there are too many connections from here: it is tried again later"
    )]
    TooManyConnections { address: String },
    #[error("the server at {address} refused this program: {name} ({code})")]
    Refused { address: String, code: i32, name: String },
    #[error(
        "more arrived than could be stored in time; the connection starts over and fetches what is missing"
    )]
    Overrun,
    #[error("the connection ended by a fault in this program; it starts over")]
    Crashed,
    #[error("there is no connection to the server: try again when it is back")]
    Offline,
    #[error("the key in {source_name} cannot be used: {reason}")]
    BadKey { source_name: String, reason: String },
    #[error("the proxy of this profile cannot be used: {0}")]
    Proxy(ProxyFault),
    #[error("the proxy in the environment variable {variable} cannot be used: {fault}")]
    ProxyVariable { variable: &'static str, fault: ProxyFault },
    #[error("no proxy answers at {proxy} ({reason}): check the proxy's address, and that it is running")]
    NoProxy { proxy: String, reason: String },
    #[error(
        "what answers at {proxy} is no SOCKS5 proxy ({detail}): check its address and port; an MTProxy is entered by its link"
    )]
    NotAProxy { proxy: String, detail: &'static str },
    #[error("the SOCKS5 proxy at {proxy} wants a user and a password: put them into the proxy's address")]
    ProxyLoginWanted { proxy: String },
    #[error("the SOCKS5 proxy at {proxy} refused user and password: check them")]
    ProxyLoginRefused { proxy: String },
    #[error(
        "the SOCKS5 proxy at {proxy} works, but does not reach the server at {address} ({reason}): \
         check the server's address, or use another proxy"
    )]
    BeyondProxy { proxy: String, address: String, reason: String },
    #[error(
        "what answers at {proxy} is not the MTProxy of this secret ({detail}): ask whoever runs it for a new link"
    )]
    ProxySecret { proxy: String, detail: String },
    #[error(
        "the MTProxy at {proxy} {behaviour}: its secret is another one, or it does not reach Telegram; \
         check the link, or use another proxy"
    )]
    ProxyMute { proxy: String, behaviour: String },
    #[error("this device is not signed in, or was signed out from another one: sign in again")]
    NotSignedIn,
    #[error("the account has a password (two-step verification): give it to go on")]
    PasswordNeeded,
    #[error(transparent)]
    SignIn(#[from] Refusal),
    #[error(
        "the server lets devices end others only when they have been signed in for a day: try again tomorrow"
    )]
    TooFresh,
    #[error("this device is not on the server's list any more")]
    NoSuchDevice,
    #[error(
        "the server does not take this phone number: write it in full, with the country code, as in +49 170 ..."
    )]
    BadPhone,
    #[error("the code is wrong: look at it again")]
    BadCode,
    #[error("the code is not valid any more: ask for a new one")]
    CodeExpired,
    #[error("the name is not taken: {0}")]
    BadName(&'static str),
    #[error("nobody is known as {0}: check the spelling, or they hide it")]
    NoSuchPerson(String),
    #[error("{0} belongs to a group or a channel: a secret chat is with one person")]
    NoPerson(String),
    #[error("{0} leads to no person: a link to one ends in their @name or phone number")]
    NoLinkToAPerson(String),
    #[error(
        "the account lives in data centre {0}, and the server does not say where that is: check which server this is"
    )]
    Elsewhere(u32),
    #[error("the server sends this device from one data centre to another and back: try again later")]
    InCircles,
    #[error("the server asks to wait {seconds} s before this is tried again")]
    Flood { seconds: u32 },
    #[error("the server answered something that this version does not understand ({0})")]
    Unexpected(&'static str),
    #[error("{0}")]
    Call(CallError),
}

impl CloudError {
    /// Whether dialling again soon is of no use: somebody has to do something first.
    pub fn needs_a_person(&self) -> bool {
        matches!(
            self,
            CloudError::WrongKey { .. }
                | CloudError::UnsafeExchange { .. }
                | CloudError::UnknownDevice { .. }
                | CloudError::Refused { .. }
                | CloudError::BadKey { .. }
                | CloudError::Proxy(_)
                | CloudError::ProxyVariable { .. }
                | CloudError::NotAProxy { .. }
                | CloudError::ProxyLoginWanted { .. }
                | CloudError::ProxyLoginRefused { .. }
                | CloudError::ProxySecret { .. }
        )
    }
}

/// What the server's refusals mean wherever they come up; what belongs to one call only is translated beside that call.
impl From<CallError> for CloudError {
    fn from(error: CallError) -> Self {
        let CallError::Rpc { code, name, value } = &error else { return CloudError::Call(error) };
        match (*code, name.as_str(), *value) {
            (401, "SESSION_PASSWORD_NEEDED", _) => CloudError::PasswordNeeded,
            (401, ..) => CloudError::NotSignedIn,
            (303, _, Some(elsewhere)) => CloudError::Elsewhere(elsewhere),
            (420, _, Some(seconds)) => CloudError::Flood { seconds },
            _ => CloudError::Call(error),
        }
    }
}

/// Reads `rpc_error`: the first number in the name is cut out, so that names can be compared.
pub(super) fn rpc_error(code: i32, message: &str) -> CallError {
    let mut value = None;
    let kept: Vec<&str> = message
        .split('_')
        .filter(|word| match (value, word.parse()) {
            (None, Ok(number)) => {
                value = Some(number);
                false
            }
            _ => true,
        })
        .collect();
    CallError::Rpc { code, name: kept.join("_"), value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_cut_out_of_the_name() {
        let cases = [
            ("FLOOD_WAIT_42", "FLOOD_WAIT", Some(42)),
            ("FILE_PART_3_MISSING", "FILE_PART_MISSING", Some(3)),
            ("CHAT_ID_INVALID", "CHAT_ID_INVALID", None),
            ("A_1_2", "A_2", Some(1)),
            ("", "", None),
        ];
        for (message, name, value) in cases {
            assert_eq!(rpc_error(420, message), CallError::Rpc { code: 420, name: name.into(), value });
        }
    }

    #[test]
    fn refusals_are_translated() {
        assert_eq!(CloudError::from(rpc_error(401, "SESSION_PASSWORD_NEEDED")), CloudError::PasswordNeeded);
        assert_eq!(CloudError::from(rpc_error(401, "AUTH_KEY_UNREGISTERED")), CloudError::NotSignedIn);
        assert_eq!(CloudError::from(rpc_error(303, "PHONE_MIGRATE_4")), CloudError::Elsewhere(4));
        assert_eq!(CloudError::from(rpc_error(420, "FLOOD_WAIT_9")), CloudError::Flood { seconds: 9 });
        assert_eq!(CloudError::from(CallError::Lost), CloudError::Call(CallError::Lost));
    }
}
