//! The table of methods: which constructor is answered by which handler, and who may call it.
//!
//! A handler's parameter says how its request is read, its result how it is written; the table adds only whether the caller
//! must be signed in. A request has to be read to its last byte: what is left over means that we misunderstood it.

use grammers_tl_types::functions::{account, auth, contacts as contact, help as info, messages as message};
use grammers_tl_types::functions::{channels, langpack, photos, updates as update, upload, users};
use grammers_tl_types::{Cursor, Deserializable, Identifiable, Serializable, name_for_id};

use super::fault::{Fault, bad, unauthorized};
use super::turn::Turn;
use super::{
    authorizations, blocks, centres, chats, codes, contacts, empty, files, help, login_tokens, messages,
    password, people, presence, privacy, recovery, sign_in, updates, uploads,
};
use crate::server::store::Authorization;

/// The longest request, bytes: a message of the greatest length and its frame fit well.
const MAX_REQUEST: usize = 64 * 1024;

/// The longest one that brings a part of a file, bytes: more than a part may have, so that the client learns what was too long.
const MAX_PART_REQUEST: usize = 1024 * 1024;

/// Reads the method, checks the caller, runs the handler, and serialises what it returns.
pub(super) fn dispatch(turn: &mut Turn<'_>, request: &[u8]) -> Result<Vec<u8>, Fault> {
    let Some((id, body)) = request.split_first_chunk() else { return Err(bad("INPUT_REQUEST_INVALID")) };
    let method = u32::from_le_bytes(*id);
    if request.len() > longest(method) {
        return Err(bad("INPUT_REQUEST_TOO_LONG"));
    }
    let call = Call { turn, method, body };
    match method {
        info::GetConfig::CONSTRUCTOR_ID => call.open(help::get_config),
        info::GetNearestDc::CONSTRUCTOR_ID => call.open(help::get_nearest_dc),
        info::GetAppConfig::CONSTRUCTOR_ID => call.open(empty::app_config),
        info::GetAppUpdate::CONSTRUCTOR_ID => call.open(empty::app_update),
        info::GetTermsOfServiceUpdate::CONSTRUCTOR_ID => call.open(empty::terms_of_service),
        info::GetPromoData::CONSTRUCTOR_ID => call.open(empty::promo_data),
        info::GetCountriesList::CONSTRUCTOR_ID => call.open(empty::countries),
        info::GetPeerColors::CONSTRUCTOR_ID => call.open(empty::colors),
        info::GetPeerProfileColors::CONSTRUCTOR_ID => call.open(empty::colors),
        info::GetTimezonesList::CONSTRUCTOR_ID => call.open(empty::timezones),
        langpack::GetLangPack::CONSTRUCTOR_ID => call.open(empty::lang_pack),
        langpack::GetDifference::CONSTRUCTOR_ID => call.open(empty::lang_difference),
        langpack::GetStrings::CONSTRUCTOR_ID => call.open(empty::lang_strings),
        langpack::GetLanguages::CONSTRUCTOR_ID => call.open(empty::languages),

        auth::SendCode::CONSTRUCTOR_ID => call.open(codes::send_code),
        auth::ResendCode::CONSTRUCTOR_ID => call.open(codes::resend_code),
        auth::CancelCode::CONSTRUCTOR_ID => call.open(codes::cancel_code),
        auth::SignIn::CONSTRUCTOR_ID => call.open(sign_in::sign_in),
        auth::SignUp::CONSTRUCTOR_ID => call.open(sign_in::sign_up),
        // Under a temporary key the transport answers it.
        auth::BindTempAuthKey::CONSTRUCTOR_ID => Err(bad("TEMP_AUTH_KEY_EMPTY")),
        // It is about keys of the transport, which answers it if it can be read.
        auth::DropTempAuthKeys::CONSTRUCTOR_ID => Err(bad("INPUT_REQUEST_INVALID")),
        auth::LogOut::CONSTRUCTOR_ID => call.member(sign_in::log_out),
        auth::ExportLoginToken::CONSTRUCTOR_ID => call.open(login_tokens::export_login_token),
        auth::ImportLoginToken::CONSTRUCTOR_ID => call.open(login_tokens::import_login_token),
        auth::AcceptLoginToken::CONSTRUCTOR_ID => call.member(login_tokens::accept_login_token),
        auth::ExportAuthorization::CONSTRUCTOR_ID => call.member(centres::export_authorization),
        auth::ImportAuthorization::CONSTRUCTOR_ID => call.open(centres::import_authorization),

        auth::CheckPassword::CONSTRUCTOR_ID => call.known(password::check_password),
        auth::RequestPasswordRecovery::CONSTRUCTOR_ID => call.known(recovery::request),
        auth::CheckRecoveryPassword::CONSTRUCTOR_ID => call.known(recovery::check),
        auth::RecoverPassword::CONSTRUCTOR_ID => call.known(recovery::recover),
        account::ResetPassword::CONSTRUCTOR_ID => call.known(password::no_reset),
        account::DeclinePasswordReset::CONSTRUCTOR_ID => Err(bad("RESET_REQUEST_MISSING")),
        account::GetTmpPassword::CONSTRUCTOR_ID => Err(bad("TMP_PASSWORD_DISABLED")),
        account::GetPassword::CONSTRUCTOR_ID => call.known(password::get_password),
        account::GetPasswordSettings::CONSTRUCTOR_ID => call.member(password::get_password_settings),
        account::UpdatePasswordSettings::CONSTRUCTOR_ID => call.member(password::update_password_settings),

        account::CheckUsername::CONSTRUCTOR_ID => call.member(people::check_username),
        account::UpdateUsername::CONSTRUCTOR_ID => call.member(people::update_username),
        account::UpdateProfile::CONSTRUCTOR_ID => call.member(people::update_profile),
        account::UpdateStatus::CONSTRUCTOR_ID => call.member(presence::update_status),
        account::GetAuthorizations::CONSTRUCTOR_ID => call.member(authorizations::get_authorizations),
        account::ChangeAuthorizationSettings::CONSTRUCTOR_ID => {
            call.member(authorizations::change_authorization)
        }
        account::ResetAuthorization::CONSTRUCTOR_ID => call.member(authorizations::reset_authorization),
        auth::ResetAuthorizations::CONSTRUCTOR_ID => call.member(authorizations::reset_authorizations),
        account::DeleteAccount::CONSTRUCTOR_ID => call.member(authorizations::delete_account),
        account::RegisterDevice::CONSTRUCTOR_ID
        | account::UnregisterDevice::CONSTRUCTOR_ID
        | account::UpdateDeviceLocked::CONSTRUCTOR_ID => call.member(help::nothing_to_do),

        account::GetNotifySettings::CONSTRUCTOR_ID => call.member(empty::notify_settings),
        account::GetPrivacy::CONSTRUCTOR_ID => call.member(privacy::get_privacy),
        account::SetPrivacy::CONSTRUCTOR_ID => call.member(privacy::set_privacy),
        account::GetContentSettings::CONSTRUCTOR_ID => call.member(empty::content_settings),
        account::GetThemes::CONSTRUCTOR_ID => call.member(empty::themes),
        account::GetWebAuthorizations::CONSTRUCTOR_ID => call.member(empty::web_authorizations),

        users::GetUsers::CONSTRUCTOR_ID => call.member(people::get_users),
        users::GetFullUser::CONSTRUCTOR_ID => call.member(people::get_full_user),

        contact::GetContacts::CONSTRUCTOR_ID => call.member(contacts::get_contacts),
        contact::GetStatuses::CONSTRUCTOR_ID => call.member(contacts::get_statuses),
        contact::ImportContacts::CONSTRUCTOR_ID => call.member(contacts::import_contacts),
        contact::AddContact::CONSTRUCTOR_ID | ADD_CONTACT_WITHOUT_NOTE => call.member(contacts::add_contact),
        contact::DeleteContacts::CONSTRUCTOR_ID => call.member(contacts::delete_contacts),
        contact::ResolveUsername::CONSTRUCTOR_ID => call.member(contacts::resolve_username),
        contact::ResolvePhone::CONSTRUCTOR_ID => call.member(contacts::resolve_phone),
        contact::Search::CONSTRUCTOR_ID => call.member(contacts::search),
        SEARCH_WITHOUT_KINDS => call.member(contacts::search_plainly),
        contact::DeleteByPhones::CONSTRUCTOR_ID => call.member(contacts::delete_by_phones),
        contact::GetContactIds::CONSTRUCTOR_ID => call.member(contacts::get_contact_ids),
        contact::GetSaved::CONSTRUCTOR_ID => call.member(contacts::get_saved),
        contact::GetTopPeers::CONSTRUCTOR_ID => call.member(contacts::get_top_peers),
        contact::GetBirthdays::CONSTRUCTOR_ID => call.member(contacts::get_birthdays),
        contact::ResetSaved::CONSTRUCTOR_ID
        | contact::ToggleTopPeers::CONSTRUCTOR_ID
        | contact::ResetTopPeerRating::CONSTRUCTOR_ID
        | contact::EditCloseFriends::CONSTRUCTOR_ID => call.member(contacts::nothing_saved),
        photos::GetUserPhotos::CONSTRUCTOR_ID => call.member(empty::user_photos),
        contact::Block::CONSTRUCTOR_ID => call.member(blocks::block),
        contact::Unblock::CONSTRUCTOR_ID => call.member(blocks::unblock),
        contact::SetBlocked::CONSTRUCTOR_ID => call.member(blocks::set_blocked),
        contact::GetBlocked::CONSTRUCTOR_ID => call.member(blocks::get_blocked),

        update::GetState::CONSTRUCTOR_ID => call.member(updates::get_state),
        update::GetDifference::CONSTRUCTOR_ID => call.member(updates::get_difference),

        update::GetChannelDifference::CONSTRUCTOR_ID => call.member(empty::channel_difference),

        message::GetDialogs::CONSTRUCTOR_ID => call.member(help::get_dialogs),
        message::GetPinnedDialogs::CONSTRUCTOR_ID => call.member(empty::pinned_dialogs),
        message::GetDialogFilters::CONSTRUCTOR_ID => call.member(empty::dialog_filters),
        message::GetSuggestedDialogFilters::CONSTRUCTOR_ID => call.member(empty::suggested_filters),
        message::GetDefaultHistoryTtl::CONSTRUCTOR_ID => call.member(empty::default_history_ttl),
        message::GetChats::CONSTRUCTOR_ID | channels::GetChannels::CONSTRUCTOR_ID => {
            call.member(empty::chats)
        }
        message::GetAllStickers::CONSTRUCTOR_ID
        | message::GetMaskStickers::CONSTRUCTOR_ID
        | message::GetEmojiStickers::CONSTRUCTOR_ID => call.member(empty::sticker_sets),
        message::GetStickers::CONSTRUCTOR_ID => call.member(empty::stickers),
        message::GetRecentStickers::CONSTRUCTOR_ID => call.member(empty::recent_stickers),
        message::GetFavedStickers::CONSTRUCTOR_ID => call.member(empty::faved_stickers),
        message::GetFeaturedStickers::CONSTRUCTOR_ID => call.member(empty::featured_stickers),
        message::GetSavedGifs::CONSTRUCTOR_ID => call.member(empty::saved_gifs),
        message::GetAvailableReactions::CONSTRUCTOR_ID => call.member(empty::reactions),
        message::GetAttachMenuBots::CONSTRUCTOR_ID => call.member(empty::menu_bots),

        message::GetDhConfig::CONSTRUCTOR_ID => call.member(chats::get_dh_config),
        message::RequestEncryption::CONSTRUCTOR_ID => call.member(chats::request_encryption),
        message::AcceptEncryption::CONSTRUCTOR_ID => call.member(chats::accept_encryption),
        message::DiscardEncryption::CONSTRUCTOR_ID => call.member(chats::discard_encryption),
        message::SendEncrypted::CONSTRUCTOR_ID => call.member(messages::send_encrypted),
        message::SendEncryptedService::CONSTRUCTOR_ID => call.member(messages::send_encrypted_service),
        message::SendEncryptedFile::CONSTRUCTOR_ID => call.member(messages::send_encrypted_file),
        message::UploadEncryptedFile::CONSTRUCTOR_ID => call.member(files::upload_encrypted_file),
        message::ReceivedQueue::CONSTRUCTOR_ID => call.member(messages::received_queue),
        message::ReadEncryptedHistory::CONSTRUCTOR_ID => call.member(messages::read_encrypted_history),
        message::SetEncryptedTyping::CONSTRUCTOR_ID => call.member(messages::set_encrypted_typing),
        message::ReportEncryptedSpam::CONSTRUCTOR_ID => call.member(messages::report_encrypted_spam),

        upload::SaveFilePart::CONSTRUCTOR_ID => call.member(uploads::save_file_part),
        upload::SaveBigFilePart::CONSTRUCTOR_ID => call.member(uploads::save_big_file_part),
        upload::GetFile::CONSTRUCTOR_ID => call.member(files::get_file),

        _ => Err(bad("METHOD_INVALID")),
    }
}

fn longest(method: u32) -> usize {
    match method {
        upload::SaveFilePart::CONSTRUCTOR_ID | upload::SaveBigFilePart::CONSTRUCTOR_ID => MAX_PART_REQUEST,
        _ => MAX_REQUEST,
    }
}

/// What the log calls a request.
pub(super) fn name(request: &[u8]) -> &'static str {
    request.first_chunk().map_or("(cut off)", |id| name_for_id(u32::from_le_bytes(*id)))
}

/// `contacts.addContact` as it was before notes existed: the same fields.
const ADD_CONTACT_WITHOUT_NOTE: u32 = 0xe8f4_63d0;

/// `contacts.search` as it was before the kinds of what is searched could be named.
const SEARCH_WITHOUT_KINDS: u32 = 0x11f8_12d8;

/// A method that was found in the table.
struct Call<'a, 'b> {
    turn: &'a mut Turn<'b>,
    method: u32,
    body: &'a [u8],
}

impl<'b> Call<'_, 'b> {
    /// For everybody who has an auth key.
    fn open<Q, A>(self, handler: fn(&mut Turn<'b>, Q) -> Result<A, Fault>) -> Result<Vec<u8>, Fault>
    where
        Q: Deserializable,
        A: Serializable,
    {
        let request = parse(self.body)?;
        Ok(handler(self.turn, request)?.to_bytes())
    }

    /// For those who are signed in.
    fn member<Q, A>(
        mut self,
        handler: fn(&mut Turn<'b>, &Authorization, Q) -> Result<A, Fault>,
    ) -> Result<Vec<u8>, Fault>
    where
        Q: Deserializable,
        A: Serializable,
    {
        let me = self.me()?;
        let request = parse(self.body)?;
        Ok(handler(self.turn, &me, request)?.to_bytes())
    }

    /// For those who are signed in, or would be if they had given the password; the handler gets the user's id.
    fn known<Q, A>(mut self, handler: fn(&mut Turn<'b>, i64, Q) -> Result<A, Fault>) -> Result<Vec<u8>, Fault>
    where
        Q: Deserializable,
        A: Serializable,
    {
        let since = self.turn.now.saturating_sub(password::HALF_SIGNED_IN_LIFETIME);
        let user_id = match self.turn.store.half_signed_in(self.turn.auth_key_id, since)? {
            Some(user_id) => self.untroubled(user_id)?,
            None => self.me()?.user_id,
        };
        let request = parse(self.body)?;
        Ok(handler(self.turn, user_id, request)?.to_bytes())
    }

    /// Who calls, unless the operator makes trouble for them.
    fn me(&mut self) -> Result<Authorization, Fault> {
        let Some(me) = self.turn.store.authorization(self.turn.auth_key_id)? else {
            let reason = self.turn.store.revoked(self.turn.auth_key_id)?;
            return Err(unauthorized(reason.as_deref().unwrap_or("AUTH_KEY_UNREGISTERED")));
        };
        self.untroubled(me.user_id)?;
        Ok(me)
    }

    fn untroubled(&mut self, user_id: i64) -> Result<i64, Fault> {
        self.turn.troubles.take(user_id, self.method).map_or(Ok(user_id), |error| Err(Fault::Refused(error)))
    }
}

fn parse<Q: Deserializable>(body: &[u8]) -> Result<Q, Fault> {
    let mut from = Cursor::from_slice(body);
    let request = Q::deserialize(&mut from).map_err(|_| bad("INPUT_REQUEST_INVALID"))?;
    if from.pos() == body.len() { Ok(request) } else { Err(bad("INPUT_REQUEST_INVALID")) }
}
