//! What clients ask for at their start though it does not exist here: the honest answer is an empty one.
//!
//! Stickers, themes, folders and the like belong to Telegram's cloud. A client that is refused such a list shows an error or asks again
//! and again; one that is told that the list is empty goes on. Only what really is empty here is answered so: what would be a wish
//! granted without anything happening stays refused.

use grammers_tl_types::functions::langpack;
use grammers_tl_types::functions::langpack::{GetDifference, GetLangPack};
use grammers_tl_types::functions::updates::GetChannelDifference;
use grammers_tl_types::{enums, types};

use super::fault::{Fault, bad};
use super::turn::Turn;
use super::wire::Ignored;
use super::{blank, updates};
use crate::server::store::Authorization;

/// When to ask again for what does not change while the server runs, seconds.
const ASK_AGAIN: i32 = 24 * 60 * 60;

/// Of every list that has none: nothing in it can be the same as something a client has.
const NO_HASH: i64 = 0;

type Answer<T> = Result<T, Fault>;

// Before anybody has signed in.

/// Nothing differs from what a client does by itself.
pub(super) fn app_config(_: &mut Turn<'_>, _: Ignored) -> Answer<enums::help::AppConfig> {
    let config = types::JsonObject { value: Vec::new() }.into();
    Ok(types::help::AppConfig { hash: 0, config }.into())
}

pub(super) fn app_update(_: &mut Turn<'_>, _: Ignored) -> Answer<enums::help::AppUpdate> {
    Ok(enums::help::AppUpdate::NoAppUpdate)
}

pub(super) fn terms_of_service(turn: &mut Turn<'_>, _: Ignored) -> Answer<enums::help::TermsOfServiceUpdate> {
    let expires = turn.now.saturating_add(ASK_AGAIN);
    Ok(types::help::TermsOfServiceUpdateEmpty { expires }.into())
}

pub(super) fn promo_data(turn: &mut Turn<'_>, _: Ignored) -> Answer<enums::help::PromoData> {
    Ok(types::help::PromoDataEmpty { expires: turn.now.saturating_add(ASK_AGAIN) }.into())
}

pub(super) fn countries(_: &mut Turn<'_>, _: Ignored) -> Answer<enums::help::CountriesList> {
    Ok(types::help::CountriesList { countries: Vec::new(), hash: 0 }.into())
}

pub(super) fn colors(_: &mut Turn<'_>, _: Ignored) -> Answer<enums::help::PeerColors> {
    Ok(types::help::PeerColors { hash: 0, colors: Vec::new() }.into())
}

pub(super) fn timezones(_: &mut Turn<'_>, _: Ignored) -> Answer<enums::help::TimezonesList> {
    Ok(types::help::TimezonesList { timezones: Vec::new(), hash: 0 }.into())
}

/// Clients have their own words.
pub(super) fn lang_pack(_: &mut Turn<'_>, request: GetLangPack) -> Answer<enums::LangPackDifference> {
    Ok(no_words(request.lang_code, 0))
}

pub(super) fn lang_difference(_: &mut Turn<'_>, request: GetDifference) -> Answer<enums::LangPackDifference> {
    Ok(no_words(request.lang_code, request.from_version))
}

fn no_words(lang_code: String, version: i32) -> enums::LangPackDifference {
    let strings = Vec::new();
    types::LangPackDifference { lang_code, from_version: version, version, strings }.into()
}

pub(super) fn lang_strings(_: &mut Turn<'_>, _: langpack::GetStrings) -> Answer<Vec<enums::LangPackString>> {
    Ok(Vec::new())
}

pub(super) fn languages(_: &mut Turn<'_>, _: Ignored) -> Answer<Vec<enums::LangPackLanguage>> {
    Ok(Vec::new())
}

// Of an account.

/// Nobody has settings of their own: the clients' defaults hold.
pub(super) fn notify_settings(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::PeerNotifySettings> {
    Ok(blank::notify_settings().into())
}

pub(super) fn content_settings(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::account::ContentSettings> {
    Ok(types::account::ContentSettings { sensitive_enabled: false, sensitive_can_change: false }.into())
}

pub(super) fn themes(_: &mut Turn<'_>, _: &Authorization, _: Ignored) -> Answer<enums::account::Themes> {
    Ok(types::account::Themes { hash: NO_HASH, themes: Vec::new() }.into())
}

pub(super) fn web_authorizations(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::account::WebAuthorizations> {
    let (authorizations, users) = (Vec::new(), Vec::new());
    Ok(types::account::WebAuthorizations { authorizations, users }.into())
}

pub(super) fn user_photos(_: &mut Turn<'_>, _: &Authorization, _: Ignored) -> Answer<enums::photos::Photos> {
    Ok(types::photos::Photos { photos: Vec::new(), users: Vec::new() }.into())
}

// Of cloud chats, groups and channels, of which there are none.

pub(super) fn chats(_: &mut Turn<'_>, _: &Authorization, _: Ignored) -> Answer<enums::messages::Chats> {
    Ok(types::messages::Chats { chats: Vec::new() }.into())
}

pub(super) fn dialog_filters(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::messages::DialogFilters> {
    Ok(types::messages::DialogFilters { tags_enabled: false, filters: Vec::new() }.into())
}

pub(super) fn suggested_filters(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<Vec<enums::DialogFilterSuggested>> {
    Ok(Vec::new())
}

pub(super) fn pinned_dialogs(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: Ignored,
) -> Answer<enums::messages::PeerDialogs> {
    let state = updates::state(me.qts, turn.now);
    let (dialogs, messages, chats, users) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    Ok(types::messages::PeerDialogs { dialogs, messages, chats, users, state }.into())
}

/// No period: cloud messages, had there been any, would stay.
pub(super) fn default_history_ttl(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::DefaultHistoryTtl> {
    Ok(types::DefaultHistoryTtl { period: 0 }.into())
}

pub(super) fn channel_difference(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<<GetChannelDifference as grammers_tl_types::RemoteCall>::Return> {
    Err(bad("CHANNEL_INVALID"))
}

// Of stickers and what goes with them.

pub(super) fn sticker_sets(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::messages::AllStickers> {
    Ok(types::messages::AllStickers { hash: NO_HASH, sets: Vec::new() }.into())
}

pub(super) fn stickers(_: &mut Turn<'_>, _: &Authorization, _: Ignored) -> Answer<enums::messages::Stickers> {
    Ok(types::messages::Stickers { hash: NO_HASH, stickers: Vec::new() }.into())
}

pub(super) fn recent_stickers(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::messages::RecentStickers> {
    let (packs, stickers, dates) = (Vec::new(), Vec::new(), Vec::new());
    Ok(types::messages::RecentStickers { hash: NO_HASH, packs, stickers, dates }.into())
}

pub(super) fn faved_stickers(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::messages::FavedStickers> {
    Ok(types::messages::FavedStickers { hash: NO_HASH, packs: Vec::new(), stickers: Vec::new() }.into())
}

pub(super) fn featured_stickers(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::messages::FeaturedStickers> {
    let (sets, unread) = (Vec::new(), Vec::new());
    Ok(types::messages::FeaturedStickers { premium: false, hash: NO_HASH, count: 0, sets, unread }.into())
}

pub(super) fn saved_gifs(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::messages::SavedGifs> {
    Ok(types::messages::SavedGifs { hash: NO_HASH, gifs: Vec::new() }.into())
}

pub(super) fn reactions(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Answer<enums::messages::AvailableReactions> {
    Ok(types::messages::AvailableReactions { hash: 0, reactions: Vec::new() }.into())
}

pub(super) fn menu_bots(_: &mut Turn<'_>, _: &Authorization, _: Ignored) -> Answer<enums::AttachMenuBots> {
    Ok(types::AttachMenuBots { hash: NO_HASH, bots: Vec::new(), users: Vec::new() }.into())
}
