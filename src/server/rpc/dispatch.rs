//! The table of methods: which constructor is answered by which handler, and who may call it.
//!
//! A handler's parameter says how its request is read, its result how it is written; the table adds only whether the caller
//! must be signed in. A request has to be read to its last byte: what is left over means that we misunderstood it.

use grammers_tl_types::functions::{account, auth, contacts as contact, help as info, messages as message};
use grammers_tl_types::functions::{updates as update, upload, users};
use grammers_tl_types::{Cursor, Deserializable, Identifiable, Serializable, name_for_id};

use super::fault::{Fault, bad, unauthorized};
use super::turn::Turn;
use super::{
    authorizations, chats, contacts, files, help, messages, people, presence, sign_in, updates, uploads,
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

        auth::SendCode::CONSTRUCTOR_ID => call.open(sign_in::send_code),
        auth::ResendCode::CONSTRUCTOR_ID => call.open(sign_in::resend_code),
        auth::CancelCode::CONSTRUCTOR_ID => call.open(sign_in::cancel_code),
        auth::SignIn::CONSTRUCTOR_ID => call.open(sign_in::sign_in),
        auth::SignUp::CONSTRUCTOR_ID => call.open(sign_in::sign_up),
        auth::BindTempAuthKey::CONSTRUCTOR_ID => Err(bad("ENCRYPTED_MESSAGE_INVALID")),
        auth::LogOut::CONSTRUCTOR_ID => call.member(sign_in::log_out),

        account::CheckUsername::CONSTRUCTOR_ID => call.member(people::check_username),
        account::UpdateUsername::CONSTRUCTOR_ID => call.member(people::update_username),
        account::UpdateProfile::CONSTRUCTOR_ID => call.member(people::update_profile),
        account::UpdateStatus::CONSTRUCTOR_ID => call.member(presence::update_status),
        account::GetPassword::CONSTRUCTOR_ID => call.member(sign_in::get_password),
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
        contact::Block::CONSTRUCTOR_ID => call.member(contacts::block),
        contact::Unblock::CONSTRUCTOR_ID => call.member(contacts::unblock),

        update::GetState::CONSTRUCTOR_ID => call.member(updates::get_state),
        update::GetDifference::CONSTRUCTOR_ID => call.member(updates::get_difference),

        message::GetDialogs::CONSTRUCTOR_ID => call.member(help::get_dialogs),
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
        self,
        handler: fn(&mut Turn<'b>, &Authorization, Q) -> Result<A, Fault>,
    ) -> Result<Vec<u8>, Fault>
    where
        Q: Deserializable,
        A: Serializable,
    {
        let Some(me) = self.turn.store.authorization(self.turn.auth_key_id)? else {
            let reason = self.turn.store.revoked(self.turn.auth_key_id)?;
            return Err(unauthorized(reason.as_deref().unwrap_or("AUTH_KEY_UNREGISTERED")));
        };
        if let Some(error) = self.turn.troubles.take(me.user_id, self.method) {
            return Err(Fault::Refused(error));
        }
        let request = parse(self.body)?;
        Ok(handler(self.turn, &me, request)?.to_bytes())
    }
}

fn parse<Q: Deserializable>(body: &[u8]) -> Result<Q, Fault> {
    let mut from = Cursor::from_slice(body);
    let request = Q::deserialize(&mut from).map_err(|_| bad("INPUT_REQUEST_INVALID"))?;
    if from.pos() == body.len() { Ok(request) } else { Err(bad("INPUT_REQUEST_INVALID")) }
}
