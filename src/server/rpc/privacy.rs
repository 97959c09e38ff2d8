//! What others may know of an account, as far as it can be chosen here.
//!
//! One thing can: whether everybody is told exactly when somebody was online, or nobody is. Of all else a client is told how it is
//! here, and a wish for something else is refused: a rule that is kept and not obeyed would be worse than none. The same goes for rules
//! that make exceptions, since presence is hidden from all alike.

use grammers_tl_types::functions::account::GetPrivacy;
use grammers_tl_types::{enums, types};

use super::fault::{Fault, bad};
use super::presence;
use super::turn::Turn;
use super::wire::SetPrivacy;
use crate::server::store::Authorization;

pub(super) fn get_privacy(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: GetPrivacy,
) -> Result<enums::account::PrivacyRules, Fault> {
    Ok(told(rule(turn, me, &request.key)?))
}

pub(super) fn set_privacy(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: SetPrivacy,
) -> Result<enums::account::PrivacyRules, Fault> {
    let wanted = request.rule.ok_or_else(|| bad("PRIVACY_VALUE_INVALID"))?;
    if rule(turn, me, &request.key)? != wanted {
        if !matches!(request.key, enums::InputPrivacyKey::StatusTimestamp) {
            return Err(bad("PRIVACY_VALUE_INVALID"));
        }
        presence::hide(turn, me.user_id, wanted == enums::PrivacyRule::PrivacyValueDisallowAll)?;
        tell(turn, me, &wanted)?;
    }
    Ok(told(wanted))
}

/// As it is: whoever knows an account's name or number finds it and sees what it tells of itself; nobody is called, added to groups or
/// quoted, for there is no such thing.
fn rule(
    turn: &Turn<'_>,
    me: &Authorization,
    key: &enums::InputPrivacyKey,
) -> Result<enums::PrivacyRule, Fault> {
    use enums::InputPrivacyKey as Key;
    let everybody = match key {
        Key::StatusTimestamp => !presence::is_hidden(turn, me.user_id)?,
        Key::PhoneNumber | Key::AddedByPhone => true,
        _ => false,
    };
    Ok(match everybody {
        true => enums::PrivacyRule::PrivacyValueAllowAll,
        false => enums::PrivacyRule::PrivacyValueDisallowAll,
    })
}

fn told(rule: enums::PrivacyRule) -> enums::account::PrivacyRules {
    types::account::PrivacyRules { rules: vec![rule], chats: Vec::new(), users: Vec::new() }.into()
}

/// Every device of the account hears of it.
fn tell(turn: &mut Turn<'_>, me: &Authorization, rule: &enums::PrivacyRule) -> Result<(), Fault> {
    let key = enums::PrivacyKey::StatusTimestamp;
    let update: enums::Update = types::UpdatePrivacy { key, rules: vec![rule.clone()] }.into();
    for device in turn.store.authorizations_of(me.user_id)? {
        turn.push(device.auth_key_id, update.clone());
    }
    Ok(())
}
