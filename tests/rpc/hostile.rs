//! Requests that nobody decent sends: cut off, too long, endlessly nested, random.

use grammers_tl_types::{Identifiable, Serializable, enums, functions, types};
use proptest::prelude::*;

use crate::world::*;

const INVALID: &str = "400 INPUT_REQUEST_INVALID";

#[test]
fn every_byte_of_a_request_has_to_fit() {
    let mut world = World::with_cast();
    let user_id = input(&world.by_phone(ADA, BOOLE_PHONE));
    let good = functions::messages::RequestEncryption { user_id, random_id: 3, g_a: g(1) }.to_bytes();
    for length in (4..good.len()).step_by(4) {
        assert_eq!(world.raw(ADA, &good[..length]).unwrap_err(), INVALID, "{length}");
    }
    let mut longer = good.clone();
    longer.extend([0; 4]);
    assert_eq!(world.raw(ADA, &longer).unwrap_err(), INVALID);
    world.raw(ADA, &good).unwrap();
    let huge = [good, vec![0; 64 * 1024]].concat();
    assert_eq!(world.raw(ADA, &huge).unwrap_err(), "400 INPUT_REQUEST_TOO_LONG");
}

#[test]
fn peers_nested_in_peers_are_not_followed() {
    let mut world = World::with_cast();
    let level = types::InputPeerUserFromMessage::CONSTRUCTOR_ID.to_le_bytes();
    let nest: Vec<u8> = level.iter().copied().cycle().take(60_000).collect();
    let user_from_message = types::InputUserFromMessage::CONSTRUCTOR_ID.to_bytes();
    let one_user = [1i32.to_bytes(), user_from_message.clone(), nest.clone()].concat();
    let vector = [0x1cb5_c415u32.to_bytes(), one_user].concat();
    let flags = 0i32.to_bytes();
    for request in [
        [functions::users::GetUsers::CONSTRUCTOR_ID.to_bytes(), vector.clone()],
        [functions::contacts::DeleteContacts::CONSTRUCTOR_ID.to_bytes(), vector],
        [functions::users::GetFullUser::CONSTRUCTOR_ID.to_bytes(), [&*user_from_message, &nest].concat()],
        [functions::contacts::Block::CONSTRUCTOR_ID.to_bytes(), [&*flags, &nest].concat()],
        [
            functions::contacts::AddContact::CONSTRUCTOR_ID.to_bytes(),
            [&*flags, &user_from_message, &nest].concat(),
        ],
        [
            functions::messages::RequestEncryption::CONSTRUCTOR_ID.to_bytes(),
            [&*user_from_message, &nest].concat(),
        ],
    ] {
        assert_eq!(world.raw(ADA, &request.concat()).unwrap_err(), INVALID);
    }
    let photo = types::InputPeerPhotoFileLocation::CONSTRUCTOR_ID.to_bytes();
    let get_file = functions::upload::GetFile::CONSTRUCTOR_ID.to_bytes();
    let request = [get_file, flags.clone(), photo, flags, nest.clone()].concat();
    assert_eq!(world.raw(ADA, &request).unwrap_err(), "400 LOCATION_INVALID");
    let dialogs = [functions::messages::GetDialogs::CONSTRUCTOR_ID.to_bytes(), nest].concat();
    world.raw(ADA, &dialogs).unwrap();
}

#[test]
fn vectors_do_not_allocate_what_they_claim() {
    let mut world = World::with_cast();
    for id in [
        functions::users::GetUsers::CONSTRUCTOR_ID,
        functions::contacts::ImportContacts::CONSTRUCTOR_ID,
        functions::contacts::DeleteContacts::CONSTRUCTOR_ID,
    ] {
        for count in [i32::MAX, -1, i32::MIN] {
            let request = [id.to_bytes(), 0x1cb5_c415u32.to_bytes(), count.to_bytes()].concat();
            let result = world.raw(ADA, &request);
            assert!(result.is_err() || count < 0, "{id:x} {count}");
        }
    }
}

#[test]
fn a_token_excepts_no_more_users_than_it_names() {
    let mut world = World::with_cast();
    let head =
        functions::auth::ExportLoginToken { api_id: 1, api_hash: String::new(), except_ids: Vec::new() };
    let head = head.to_bytes();
    for count in [i32::MAX, 1, -1, i32::MIN] {
        let request = [&head[..head.len() - 4], &count.to_bytes()].concat();
        let result = world.raw(ADA, &request);
        assert!(result.is_err() || count < 0, "{count}");
    }
}

/// Every method of the table, so that random bodies reach the handlers.
fn methods() -> Vec<u32> {
    use functions::{account, auth, contacts, help, messages, updates, upload, users};
    vec![
        help::GetConfig::CONSTRUCTOR_ID,
        auth::SendCode::CONSTRUCTOR_ID,
        auth::ResendCode::CONSTRUCTOR_ID,
        auth::SignIn::CONSTRUCTOR_ID,
        auth::SignUp::CONSTRUCTOR_ID,
        auth::CancelCode::CONSTRUCTOR_ID,
        auth::CheckPassword::CONSTRUCTOR_ID,
        auth::RecoverPassword::CONSTRUCTOR_ID,
        auth::ExportLoginToken::CONSTRUCTOR_ID,
        auth::ImportLoginToken::CONSTRUCTOR_ID,
        auth::AcceptLoginToken::CONSTRUCTOR_ID,
        auth::ExportAuthorization::CONSTRUCTOR_ID,
        auth::ImportAuthorization::CONSTRUCTOR_ID,
        account::GetPassword::CONSTRUCTOR_ID,
        account::GetPasswordSettings::CONSTRUCTOR_ID,
        account::UpdatePasswordSettings::CONSTRUCTOR_ID,
        account::CheckUsername::CONSTRUCTOR_ID,
        account::UpdateUsername::CONSTRUCTOR_ID,
        account::UpdateProfile::CONSTRUCTOR_ID,
        account::ChangeAuthorizationSettings::CONSTRUCTOR_ID,
        users::GetUsers::CONSTRUCTOR_ID,
        users::GetFullUser::CONSTRUCTOR_ID,
        contacts::ImportContacts::CONSTRUCTOR_ID,
        contacts::AddContact::CONSTRUCTOR_ID,
        contacts::ResolveUsername::CONSTRUCTOR_ID,
        contacts::Search::CONSTRUCTOR_ID,
        updates::GetDifference::CONSTRUCTOR_ID,
        messages::GetDhConfig::CONSTRUCTOR_ID,
        messages::RequestEncryption::CONSTRUCTOR_ID,
        messages::AcceptEncryption::CONSTRUCTOR_ID,
        messages::DiscardEncryption::CONSTRUCTOR_ID,
        messages::SendEncrypted::CONSTRUCTOR_ID,
        messages::SendEncryptedService::CONSTRUCTOR_ID,
        messages::ReceivedQueue::CONSTRUCTOR_ID,
        messages::ReadEncryptedHistory::CONSTRUCTOR_ID,
        messages::SetEncryptedTyping::CONSTRUCTOR_ID,
        messages::SendEncryptedFile::CONSTRUCTOR_ID,
        messages::UploadEncryptedFile::CONSTRUCTOR_ID,
        account::ResetAuthorization::CONSTRUCTOR_ID,
        upload::SaveFilePart::CONSTRUCTOR_ID,
        upload::SaveBigFilePart::CONSTRUCTOR_ID,
        upload::GetFile::CONSTRUCTOR_ID,
    ]
}

#[test]
fn random_requests_harm_nobody() {
    let mut world = World::with_cast();
    let chat = world.live_chat(0x5eed);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let interesting = prop_oneof![
        any::<u32>(),
        Just(0u32),
        Just(u32::MAX),
        Just(0x7fff_ffff),
        Just(types::InputUser::CONSTRUCTOR_ID),
        Just(types::InputCheckPasswordSrp::CONSTRUCTOR_ID),
        Just(types::account::PasswordInputSettings::CONSTRUCTOR_ID),
        Just(types::InputEncryptedChat::CONSTRUCTOR_ID),
        Just(types::InputEncryptedFileUploaded::CONSTRUCTOR_ID),
        Just(types::InputEncryptedFileLocation::CONSTRUCTOR_ID),
        Just(0xf7c1_b13fu32),
        Just(0x1cb5_c415u32),
    ];
    let body = proptest::collection::vec(interesting, 0..24);
    let world = std::cell::RefCell::new(&mut world);
    runner
        .run(&(proptest::sample::select(methods()), body), |(id, words)| {
            let request: Vec<u8> = std::iter::once(id).chain(words).flat_map(u32::to_le_bytes).collect();
            if let Err(error) = world.borrow_mut().raw(ADA, &request) {
                prop_assert!(!error.starts_with('5'), "{}", error);
            }
            Ok(())
        })
        .unwrap();
    let world = world.into_inner();
    world.pushed(BOOLE);
    world.send(chat, 1, envelope(1)).unwrap();
    assert!(matches!(world.pushed(BOOLE)[..], [enums::Update::NewEncryptedMessage(_)]), "the others go on");
}
