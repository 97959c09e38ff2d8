//! Files as both ends handle them: uploaded in parts, sent, fetched in windows.

use grammers_tl_types::{enums, functions, types};

use crate::world::*;

pub const KIB: usize = 1024;
pub const FINGERPRINT: i32 = 0x5eed;

/// Bytes that repeat nowhere near a part's length.
pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    })
    .take(len)
    .collect()
}

pub fn small_part(world: &mut World, key: i64, id: i64, part: i32, bytes: &[u8]) -> Result<bool, String> {
    let bytes = bytes.to_vec();
    world.call(key, &functions::upload::SaveFilePart { file_id: id, file_part: part, bytes })
}

pub fn big_part(
    world: &mut World,
    key: i64,
    id: i64,
    (part, total): (i32, i32),
    bytes: &[u8],
) -> Result<bool, String> {
    let request = functions::upload::SaveBigFilePart {
        file_id: id,
        file_part: part,
        file_total_parts: total,
        bytes: bytes.to_vec(),
    };
    world.call(key, &request)
}

/// All parts of a file that came by `upload.saveFilePart`.
pub fn upload(world: &mut World, key: i64, id: i64, bytes: &[u8], part_size: usize) {
    for (part, bytes) in (0..).zip(bytes.chunks(part_size)) {
        assert_eq!(small_part(world, key, id, part, bytes), Ok(true));
    }
}

pub fn uploaded(id: i64, parts: i32) -> enums::InputEncryptedFile {
    with_md5(id, parts, "")
}

pub fn with_md5(id: i64, parts: i32, md5: &str) -> enums::InputEncryptedFile {
    let md5_checksum = md5.to_owned();
    types::InputEncryptedFileUploaded { id, parts, md5_checksum, key_fingerprint: FINGERPRINT }.into()
}

pub fn big_uploaded(id: i64, parts: i32) -> enums::InputEncryptedFile {
    types::InputEncryptedFileBigUploaded { id, parts, key_fingerprint: FINGERPRINT }.into()
}

pub fn again(file: &types::EncryptedFile) -> enums::InputEncryptedFile {
    types::InputEncryptedFile { id: file.id, access_hash: file.access_hash }.into()
}

/// Sends from [`ADA`]: the date, and the file as the server names it.
pub fn send_file(
    world: &mut World,
    chat: LiveChat,
    random_id: i64,
    file: enums::InputEncryptedFile,
) -> Result<(i32, types::EncryptedFile), String> {
    let (peer, data) = (chat.as_ada(), envelope(7));
    let request = functions::messages::SendEncryptedFile { silent: true, peer, random_id, data, file };
    match world.call(ADA, &request)? {
        enums::messages::SentEncryptedMessage::SentEncryptedFile(sent) => Ok((sent.date, named(sent.file))),
        other => panic!("unexpected answer {other:?}"),
    }
}

pub fn named(file: enums::EncryptedFile) -> types::EncryptedFile {
    match file {
        enums::EncryptedFile::File(file) => file,
        enums::EncryptedFile::Empty => panic!("no file"),
    }
}

/// The file that came with the only message pushed to [`BOOLE`].
pub fn received(world: &mut World) -> types::EncryptedFile {
    match &world.pushed(BOOLE)[..] {
        [enums::Update::NewEncryptedMessage(update)] => match &update.message {
            enums::EncryptedMessage::Message(message) => named(message.file.clone()),
            other => panic!("a service message: {other:?}"),
        },
        other => panic!("not one message: {other:?}"),
    }
}

pub fn window(
    file: &types::EncryptedFile,
    offset: i64,
    limit: i32,
    precise: bool,
) -> functions::upload::GetFile {
    let location = types::InputEncryptedFileLocation { id: file.id, access_hash: file.access_hash }.into();
    functions::upload::GetFile { precise, cdn_supported: false, location, offset, limit }
}

pub fn fetch(world: &mut World, key: i64, request: &functions::upload::GetFile) -> Result<Vec<u8>, String> {
    match world.call(key, request)? {
        enums::upload::File::File(file) => Ok(file.bytes),
        other => panic!("unexpected answer {other:?}"),
    }
}

/// The whole file, window by window.
pub fn download(world: &mut World, key: i64, file: &types::EncryptedFile, limit: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let piece = fetch(world, key, &window(file, bytes.len() as i64, limit, false)).unwrap();
        bytes.extend_from_slice(&piece);
        if piece.len() < limit as usize {
            return bytes;
        }
    }
}
