//! The end-to-end schema: nothing that is read panics, and what was read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use subrosa::secret::wire::{self, Deserializable, Serializable, enums};

fuzz_target!(|data: &[u8]| {
    let Some((&which, input)) = data.split_first() else { return };
    match which % 10 {
        0 => again::<enums::DecryptedMessageLayer>(input),
        1 => again::<enums::DecryptedMessage>(input),
        2 => again::<enums::DecryptedMessageAction>(input),
        3 => again::<enums::DecryptedMessageMedia>(input),
        4 => again::<enums::DocumentAttribute>(input),
        5 => again::<enums::FileLocation>(input),
        6 => again::<enums::InputStickerSet>(input),
        7 => again::<enums::MessageEntity>(input),
        8 => again::<enums::PhotoSize>(input),
        _ => again::<enums::SendMessageAction>(input),
    }
});

/// Compared as bytes, because a coordinate may be no number and would not equal itself.
fn again<T: Deserializable + Serializable>(input: &[u8]) {
    let Ok(value) = wire::read_whole::<T>(input) else { return };
    let written = wire::write(&value);
    assert_eq!(written.len() % 4, 0);
    assert!(written.len() <= input.len(), "the written form is the shortest");
    let Ok(value) = wire::read_whole::<T>(&written) else { panic!("what was written is not read") };
    assert!(wire::write(&value) == written);
}
