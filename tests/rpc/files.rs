//! Files that were sent: what the peer gets, who may fetch them and how, and what is a repeat.

use grammers_tl_types::{enums, functions, types};

use crate::depot::*;
use crate::world::*;

/// A file of this length from Ada to Boole, as both know it.
fn sent(world: &mut World, chat: LiveChat, bytes: &[u8]) -> types::EncryptedFile {
    upload(world, ADA, 1, bytes, 64 * KIB);
    let parts = bytes.len().div_ceil(64 * KIB) as i32;
    let (date, file) = send_file(world, chat, 1, uploaded(1, parts)).unwrap();
    assert_eq!(date, world.now);
    assert_eq!(received(world), file);
    file
}

#[test]
fn the_peer_is_told_of_the_file_and_gets_its_bytes() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let bytes = noise(3 * 1024 * KIB + 5 * KIB + 48);
    let file = sent(&mut world, chat, &bytes);
    assert_eq!((file.size, file.dc_id, file.key_fingerprint), (bytes.len() as i64, 1, FINGERPRINT));
    assert!(file.id != 0 && file.access_hash != 0);
    for (key, limit) in [(BOOLE, 1 << 20), (BOOLE, 4096), (ADA, 512 << 10), (BOOLE_2, 128 << 10)] {
        assert!(download(&mut world, key, &file, limit) == bytes, "{key:x} {limit}");
    }

    // One that was away is told of it too.
    let state = world.state(BOOLE);
    let missed = world.missed(BOOLE, state.date, state.qts - 1);
    let [enums::EncryptedMessage::Message(message)] = &missed.new_encrypted_messages[..] else {
        panic!("{missed:?}");
    };
    assert_eq!((named(message.file.clone()), message.bytes.clone()), (file, envelope(7)));
}

#[test]
fn windows_are_checked_and_cut_at_the_end() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let bytes = noise(1024 * KIB + 64 * KIB + 5000);
    let file = sent(&mut world, chat, &bytes);
    let mut get = |offset, limit, precise| fetch(&mut world, BOOLE, &window(&file, offset, limit, precise));
    for (offset, limit, precise) in [
        (0, 4096, false),
        (65536 - 4096, 8192, false),
        (1 << 20, 1 << 20, false),
        (1024, 3 * 1024, true),
        (64 * 1024 - 1024, 130 * 1024, true),
        ((1 << 20) + 64 * 1024, 8192, false),
    ] {
        let end = bytes.len().min(offset as usize + limit as usize);
        assert!(get(offset, limit, precise).unwrap() == bytes[offset as usize..end], "{offset} {limit}");
    }
    assert_eq!(get(2 << 20, 4096, false), Ok(vec![]), "nothing is behind the end");
    for (offset, limit, precise, error) in [
        (1, 4096, false, "400 OFFSET_INVALID"),
        (-4096, 4096, false, "400 OFFSET_INVALID"),
        (1024, 4096, false, "400 OFFSET_INVALID"),
        (100, 1024, true, "400 OFFSET_INVALID"),
        (0, 0, false, "400 LIMIT_INVALID"),
        (0, 1024, false, "400 LIMIT_INVALID"),
        (0, 3 * 4096, false, "400 LIMIT_INVALID"),
        (0, 2 << 20, false, "400 LIMIT_INVALID"),
        (512 << 10, 1 << 20, false, "400 LIMIT_INVALID"),
        (0, 1000, true, "400 LIMIT_INVALID"),
        (1 << 19, 1 << 20, true, "400 LIMIT_INVALID"),
    ] {
        assert_eq!(get(offset, limit, precise).unwrap_err(), error, "{offset} {limit} {precise}");
    }
}

#[test]
fn only_the_two_of_the_chat_may_fetch() {
    const NOWHERE: &str = "400 LOCATION_INVALID";
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let file = sent(&mut world, chat, &noise(5000));
    assert_eq!(fetch(&mut world, CURIE, &window(&file, 0, 4096, false)).unwrap_err(), NOWHERE);
    for (id, hash) in [(1, 0), (0, 1)] {
        let wrong = types::EncryptedFile {
            id: file.id.wrapping_add(id),
            access_hash: file.access_hash.wrapping_add(hash),
            ..file.clone()
        };
        assert_eq!(fetch(&mut world, BOOLE, &window(&wrong, 0, 4096, false)).unwrap_err(), NOWHERE);
        assert_eq!(send_file(&mut world, chat, 9, again(&wrong)).unwrap_err(), "400 FILE_ID_INVALID");
    }
    let other = functions::upload::GetFile {
        precise: false,
        cdn_supported: false,
        location: enums::InputFileLocation::InputTakeoutFileLocation,
        offset: 0,
        limit: 4096,
    };
    assert_eq!(fetch(&mut world, BOOLE, &other).unwrap_err(), NOWHERE);
    assert_eq!(
        fetch(&mut world, 0x99, &window(&file, 0, 4096, false)).unwrap_err(),
        "401 AUTH_KEY_UNREGISTERED"
    );
}

#[test]
fn a_file_is_sent_on_without_its_bytes() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let bytes = noise(5000);
    let file = sent(&mut world, chat, &bytes);

    // Boole passes it on to Curie.
    let enums::EncryptedChat::Waiting(waiting) = world.request(BOOLE, CURIE_PHONE, 6).unwrap() else {
        panic!("not waiting");
    };
    let enums::EncryptedChat::Requested(requested) = chat_of(&world.pushed(CURIE)[0]) else {
        panic!("not requested");
    };
    world.accept(CURIE, 6, requested.access_hash).unwrap();
    let peer: enums::InputEncryptedChat =
        types::InputEncryptedChat { chat_id: 6, access_hash: waiting.access_hash }.into();
    let send = functions::messages::SendEncryptedFile {
        silent: false,
        peer: peer.clone(),
        random_id: 3,
        data: envelope(3),
        file: again(&file),
    };
    let enums::messages::SentEncryptedMessage::SentEncryptedFile(passed) = world.call(BOOLE, &send).unwrap()
    else {
        panic!("no file");
    };
    assert_eq!(named(passed.file), file);
    assert_eq!(download(&mut world, CURIE, &file, 4096), bytes);
}

#[test]
fn an_upload_can_be_named_before_it_is_sent() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    let bytes = noise(5000);
    upload(&mut world, ADA, 1, &bytes, 8 * KIB);
    let mut register = |peer, file| world.call(ADA, &functions::messages::UploadEncryptedFile { peer, file });
    let file = named(register(chat.as_ada(), uploaded(1, 1)).unwrap());
    let elsewhere = LiveChat { id: 6, ..chat };
    assert_eq!(register(elsewhere.as_ada(), uploaded(1, 1)).unwrap_err(), "400 CHAT_ID_INVALID");
    assert_eq!(register(chat.as_ada(), enums::InputEncryptedFile::Empty).unwrap_err(), "400 FILE_EMTPY");
    assert_eq!(file.size, 5000);
    assert_eq!(world.pushed(BOOLE), []);
    let early = fetch(&mut world, BOOLE, &window(&file, 0, 8192, false));
    assert_eq!(early.unwrap_err(), "400 LOCATION_INVALID", "it was not sent to anybody");
    assert_eq!(download(&mut world, ADA, &file, 8192), bytes);
    assert_eq!(send_file(&mut world, chat, 1, again(&file)).unwrap().1, file);
    assert_eq!(download(&mut world, BOOLE, &file, 8192), bytes);
}

#[test]
fn a_repeat_is_known_by_its_random_id() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    upload(&mut world, ADA, 1, &noise(5000), 8 * KIB);
    let first = send_file(&mut world, chat, 7, uploaded(1, 1)).unwrap();
    world.now += 10;
    assert_eq!(send_file(&mut world, chat, 7, uploaded(1, 1)).unwrap(), first, "while it waits");
    assert_eq!(world.pushed(BOOLE).len(), 1);

    // After the acknowledgement it is delivered once more, with the same file.
    let max_qts = world.state(BOOLE).qts;
    world.call(BOOLE, &functions::messages::ReceivedQueue { max_qts }).unwrap();
    let (date, file) = send_file(&mut world, chat, 7, uploaded(1, 1)).unwrap();
    assert_eq!((date, &file), (START + 10, &first.1));
    assert_eq!(received(&mut world), first.1);
}

#[test]
fn the_message_around_a_file_is_checked_as_any_other() {
    let mut world = World::with_cast();
    let chat = world.live_chat(5);
    upload(&mut world, ADA, 1, &noise(5000), 8 * KIB);
    let mut send = |peer, data| {
        let file = uploaded(1, 1);
        let request =
            functions::messages::SendEncryptedFile { silent: false, peer, random_id: 1, data, file };
        world.call(ADA, &request).unwrap_err()
    };
    assert_eq!(send(chat.as_ada(), vec![0; 24 + 48 * 1024]), "400 DATA_TOO_LONG");
    assert_eq!(send(chat.as_ada(), vec![0; 30]), "400 DATA_INVALID");
    assert_eq!(send(chat.as_boole(), envelope(1)), "400 CHAT_ID_INVALID");

    let ada = input(&world.by_phone(BOOLE, ADA_PHONE));
    let enums::InputUser::User(ada) = ada else { panic!("no user") };
    let ada = types::InputPeerUser { user_id: ada.user_id, access_hash: ada.access_hash };
    world.call(BOOLE, &functions::contacts::Block { my_stories_from: false, id: ada.into() }).unwrap();
    assert_eq!(send_file(&mut world, chat, 1, uploaded(1, 1)).unwrap_err(), "403 USER_IS_BLOCKED");
    world.discard(BOOLE, 5, false).unwrap();
    assert_eq!(send_file(&mut world, chat, 1, uploaded(1, 1)).unwrap_err(), "400 ENCRYPTION_DECLINED");
}
