//! Sign-in codes: sending them in one way after another, and finding the one that a client means.
//!
//! The first way is the one that costs least, a message to another device of the account, if there is one; then come SMS and a call. Who
//! runs the server may choose others for a number. What can be asked for is limited by number, by key and in all, and so is guessing.

use std::collections::HashMap;
use std::fmt::Write;

use grammers_tl_types::functions::auth::{CancelCode, ResendCode, SendCode};
use grammers_tl_types::{Identifiable, enums, types};

use super::delivery::Delivery;
use super::fault::{Fault, bad, flood_wait, not_acceptable};
use super::people;
use super::turn::Turn;
use crate::server::store::Code;

/// A code is good for this long, seconds.
pub(super) const CODE_LIFETIME: i32 = 300;

/// So many wrong codes spend it.
const MAX_ATTEMPTS: i32 = 5;

/// So many wrong codes for one number, whichever code they were for, and it gets no more codes until those have expired.
const MAX_GUESSES: i64 = 15;

/// Codes for one number within a minute.
const MAX_CODES_PER_MINUTE: i64 = 10;

/// The ways that the operator chose, by phone number. Forgotten with the process.
pub(super) type Ways = HashMap<String, Vec<Delivery>>;

pub(super) fn send_code(turn: &mut Turn<'_>, request: SendCode) -> Result<enums::auth::SentCode, Fault> {
    let phone = people::phone(&request.phone_number).ok_or_else(|| bad("PHONE_NUMBER_INVALID"))?;
    turn.untroubled(&phone, SendCode::CONSTRUCTOR_ID)?;
    turn.at_home(&phone, "PHONE")?;
    send(turn, phone, 0)
}

/// Sends another code in the next way.
pub(super) fn resend_code(turn: &mut Turn<'_>, request: ResendCode) -> Result<enums::auth::SentCode, Fault> {
    let code = find_code(turn, &request.phone_number, &request.phone_code_hash)?;
    turn.untroubled(&code.phone, ResendCode::CONSTRUCTOR_ID)?;
    turn.store.spend_code(&code.hash)?;
    send(turn, code.phone, code.step.saturating_add(1))
}

pub(super) fn cancel_code(turn: &mut Turn<'_>, request: CancelCode) -> Result<bool, Fault> {
    let code = find_code(turn, &request.phone_number, &request.phone_code_hash)?;
    turn.store.spend_code(&code.hash)?;
    Ok(true)
}

fn send(turn: &mut Turn<'_>, phone: String, step: i32) -> Result<enums::auth::SentCode, Fault> {
    let ways = ways(turn, &phone)?;
    let mut coming = ways.into_iter().skip(usize::try_from(step).unwrap_or(usize::MAX));
    let delivery = coming.next().ok_or_else(|| not_acceptable("SEND_CODE_UNAVAILABLE"))?;
    let next = coming.next();
    if turn.store.codes_guessed(&phone, turn.now.saturating_sub(CODE_LIFETIME))? >= MAX_GUESSES {
        return Err(bad("PHONE_NUMBER_FLOOD"));
    }
    if turn.store.codes_sent(&phone, turn.now.saturating_sub(60))? >= MAX_CODES_PER_MINUTE {
        return Err(flood_wait(60));
    }
    turn.recent_codes.count(turn.auth_key_id, turn.now).map_err(flood_wait)?;
    let code = Code {
        hash: fresh_hash(turn),
        code: delivery.draw(turn.rng),
        phone,
        created: turn.now,
        attempts: 0,
        confirmed: false,
        delivery: delivery.number(),
        step,
    };
    turn.store.add_code(&code)?;
    let sent = types::auth::SentCode {
        r#type: delivery.sent(&code.phone, &code.code),
        phone_code_hash: code.hash,
        next_type: next.and_then(Delivery::next_type),
        timeout: next.and(delivery.timeout()),
    };
    turn.code = Some((code.phone, code.code));
    Ok(sent.into())
}

/// One after another.
fn ways(turn: &Turn<'_>, phone: &str) -> Result<Vec<Delivery>, Fault> {
    if let Some(chosen) = turn.passing.ways.get(phone) {
        return Ok(chosen.clone());
    }
    let mut ways = vec![Delivery::Sms, Delivery::Call];
    if let Some(user) = turn.store.user_by_phone(phone)? {
        let devices = turn.store.authorizations_of(user.id)?;
        if devices.iter().any(|one| one.auth_key_id != turn.auth_key_id) {
            ways.insert(0, Delivery::App);
        }
    }
    Ok(ways)
}

fn fresh_hash(turn: &mut Turn<'_>) -> String {
    turn.fresh_bytes::<16>().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The live code of that number and hash.
pub(super) fn find_code(turn: &Turn<'_>, phone: &str, hash: &str) -> Result<Code, Fault> {
    let phone = people::phone(phone).ok_or_else(|| bad("PHONE_NUMBER_INVALID"))?;
    if hash.is_empty() {
        return Err(bad("PHONE_CODE_HASH_EMPTY"));
    }
    let code = turn.store.code(hash)?.filter(|code| code.phone == phone);
    code.filter(|code| code.attempts < MAX_ATTEMPTS && turn.now.saturating_sub(code.created) <= CODE_LIFETIME)
        .ok_or_else(|| bad("PHONE_CODE_EXPIRED"))
}
