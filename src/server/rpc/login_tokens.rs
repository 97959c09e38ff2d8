//! Signing in by a picture: a device shows a token, another that is signed in accepts it.
//!
//! A token belongs to the key that asked for it. When another device accepts it, that key is told by `updateLoginToken` though nobody is
//! signed in with it yet; it asks for a token again, and is signed in instead. If the account lives in another data centre, it is told to
//! bring the token there. Tokens last half a minute and are never reused.

use grammers_tl_types::functions::auth::{AcceptLoginToken, ExportLoginToken, ImportLoginToken};
use grammers_tl_types::{enums, types};

use super::fault::{Fault, bad, flood_wait};
use super::turn::Turn;
use super::{authorizations, sign_in};
use crate::server::store::Authorization;

/// How long a token can be accepted, seconds.
const TOKEN_LIFETIME: i32 = 30;
/// How long one that was accepted can be redeemed, seconds.
const ACCEPTED_LIFETIME: i32 = 300;
/// How long it is known what has become of a token, seconds.
const MEMORY: i32 = 600;
/// Tokens that are remembered: strangers make them.
const MAX_TOKENS: usize = 2000;
/// And of one key: the one in the picture, and some that were there before.
const MAX_OF_KEY: usize = 4;
/// Users that a token may except.
const MAX_EXCEPTIONS: usize = 64;

/// The tokens of the last minutes, oldest first. Forgotten with the process.
#[derive(Default)]
pub(super) struct LoginTokens(Vec<LoginToken>);

#[derive(Clone)]
struct LoginToken {
    token: Vec<u8>,
    /// Who shows it; `None`: somebody in another data centre.
    auth_key_id: Option<i64>,
    made: i32,
    /// Users who do not want to be signed in there once more.
    except: Vec<i64>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Waiting,
    /// By this user; the authorization is going to have this hash.
    Accepted {
        user_id: i64,
        hash: i64,
        at: i32,
    },
    Redeemed,
}

impl LoginTokens {
    pub fn expire(&mut self, now: i32) {
        self.0.retain(|token| now.saturating_sub(token.made) <= MEMORY);
    }

    /// For one more token of a key; an error is the number of seconds until there may be room.
    fn make_room(&mut self, auth_key_id: i64, now: i32) -> Result<(), i32> {
        let own = |token: &LoginToken| token.auth_key_id == Some(auth_key_id);
        if self.0.iter().filter(|token| own(token)).count() >= MAX_OF_KEY
            && let Some(oldest) = self.0.iter().position(own)
        {
            self.0.remove(oldest);
        }
        if self.0.len() >= MAX_TOKENS {
            self.0.retain(|token| token.is_alive(now));
        }
        if self.0.len() < MAX_TOKENS { Ok(()) } else { Err(TOKEN_LIFETIME) }
    }

    fn find(&mut self, token: &[u8]) -> Option<&mut LoginToken> {
        self.0.iter_mut().find(|known| known.token == token)
    }

    /// Spends what a user has accepted and nobody has redeemed yet, or only what was going to have this hash; false if that is nothing.
    pub fn withdraw(&mut self, user_id: i64, hash: Option<i64>) -> bool {
        let mut any = false;
        for token in &mut self.0 {
            if let State::Accepted { user_id: by, hash: made, .. } = token.state
                && by == user_id
                && hash.is_none_or(|hash| hash == made)
            {
                token.state = State::Redeemed;
                any = true;
            }
        }
        any
    }

    /// The token of a key that was accepted and is to be redeemed.
    fn accepted(&self, auth_key_id: i64, now: i32) -> Option<LoginToken> {
        let own =
            |token: &&LoginToken| token.auth_key_id == Some(auth_key_id) && token.redeemer(now).is_some();
        self.0.iter().rev().find(own).cloned()
    }
}

impl LoginToken {
    fn redeemer(&self, now: i32) -> Option<(i64, i64)> {
        match self.state {
            State::Accepted { user_id, hash, at } if now.saturating_sub(at) <= ACCEPTED_LIFETIME => {
                Some((user_id, hash))
            }
            _ => None,
        }
    }

    fn expires(&self) -> i32 {
        self.made.saturating_add(TOKEN_LIFETIME)
    }

    /// Whether it can still be accepted or redeemed.
    fn is_alive(&self, now: i32) -> bool {
        match self.state {
            State::Waiting => now < self.expires(),
            State::Accepted { .. } => self.redeemer(now).is_some(),
            State::Redeemed => false,
        }
    }
}

pub(super) fn export_login_token(
    turn: &mut Turn<'_>,
    request: ExportLoginToken,
) -> Result<enums::auth::LoginToken, Fault> {
    let (key, now) = (turn.auth_key_id, turn.now);
    if let Some(token) = turn.passing.tokens.accepted(key, now) {
        return redeem(turn, &token);
    }
    let token = turn.fresh_bytes::<32>();
    let tokens = &mut turn.passing.tokens;
    tokens.make_room(key, now).map_err(flood_wait)?;
    let new = LoginToken {
        token,
        auth_key_id: Some(key),
        made: now,
        except: exceptions(&request.except_ids),
        state: State::Waiting,
    };
    let answer = types::auth::LoginToken { expires: new.expires(), token: new.token.clone() };
    tokens.0.push(new);
    Ok(answer.into())
}

/// Copied, since a list that is only cut short keeps the room of the whole.
fn exceptions(given: &[i64]) -> Vec<i64> {
    given.iter().copied().take(MAX_EXCEPTIONS).collect()
}

/// Signs in with a token that was accepted. Everybody it is refused to (a password is missing) has used it up as well.
fn redeem(turn: &mut Turn<'_>, token: &LoginToken) -> Result<enums::auth::LoginToken, Fault> {
    let (user_id, hash) = token.redeemer(turn.now).ok_or_else(|| bad("AUTH_TOKEN_EXPIRED"))?;
    let user = turn.store.user(user_id)?.filter(|user| !user.deleted);
    let home = user.as_ref().map_or(Ok(None), |user| turn.store.home(&user.phone))?;
    if let Some(dc_id) = home {
        return Ok(types::auth::LoginTokenMigrateTo { dc_id, token: token.token.clone() }.into());
    }
    if let Some(known) = turn.passing.tokens.find(&token.token) {
        known.state = State::Redeemed;
    }
    if user.is_none() {
        return Err(bad("AUTH_TOKEN_INVALID"));
    }
    let authorization = sign_in::admit(turn, user_id, Some(hash))?;
    Ok(types::auth::LoginTokenSuccess { authorization }.into())
}

/// A token that was shown for another data centre and accepted there, or one of the caller's own. Everybody near the picture can read
/// it, so the token alone is no proof: what one key shows, no other redeems.
pub(super) fn import_login_token(
    turn: &mut Turn<'_>,
    request: ImportLoginToken,
) -> Result<enums::auth::LoginToken, Fault> {
    let (key, now) = (turn.auth_key_id, turn.now);
    let token = turn.passing.tokens.find(&request.token);
    let token = token.filter(|token| token.auth_key_id.is_none_or(|shows| shows == key)).cloned();
    let token = token.ok_or_else(|| bad("AUTH_TOKEN_INVALID"))?;
    match token.state {
        State::Redeemed => Err(bad("AUTH_TOKEN_ALREADY_ACCEPTED")),
        State::Accepted { .. } => redeem(turn, &token),
        State::Waiting if now >= token.expires() => Err(bad("AUTH_TOKEN_EXPIRED")),
        State::Waiting => Ok(types::auth::LoginToken { expires: token.expires(), token: token.token }.into()),
    }
}

/// Lets whoever shows the token sign in as the caller, and tells them.
pub(super) fn accept_login_token(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: AcceptLoginToken,
) -> Result<enums::Authorization, Fault> {
    let (now, hash) = (turn.now, turn.fresh_hash());
    let token = turn.passing.tokens.find(&request.token).ok_or_else(|| bad("AUTH_TOKEN_INVALID"))?;
    match token.state {
        State::Waiting if now >= token.expires() => return Err(bad("AUTH_TOKEN_EXPIRED")),
        State::Waiting if token.except.contains(&me.user_id) => return Err(bad("AUTH_TOKEN_EXCEPTION")),
        State::Waiting => {}
        State::Accepted { .. } | State::Redeemed => return Err(bad("AUTH_TOKEN_ALREADY_ACCEPTED")),
    }
    token.state = State::Accepted { user_id: me.user_id, hash, at: now };
    let waiting = token.auth_key_id;
    if let Some(waiting) = waiting {
        turn.push(waiting, enums::Update::LoginToken);
    }
    let password_pending = turn.store.password(me.user_id)?.is_some();
    let device = authorizations::device(turn, waiting.unwrap_or_default())?;
    Ok(types::Authorization { hash, password_pending, date_created: now, date_active: now, ..device }.into())
}

/// Makes a token that was shown in another data centre and accepted there by the user of this one good here.
pub(super) fn honour(turn: &mut Turn<'_>, token: Vec<u8>, user_id: i64) {
    let (made, hash) = (turn.now, turn.fresh_hash());
    let state = State::Accepted { user_id, hash, at: made };
    turn.passing.tokens.0.push(LoginToken { token, auth_key_id: None, made, except: Vec::new(), state });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_exceptions_takes_no_more_room_than_is_kept_of_it() {
        let kept = exceptions(&vec![1; 8000]);
        assert_eq!((kept.len(), kept.capacity()), (MAX_EXCEPTIONS, MAX_EXCEPTIONS));
    }
}
