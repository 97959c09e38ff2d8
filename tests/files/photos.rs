//! What a photo says beside what it shows: nothing of it leaves, unless it is sent as a document.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, ImageReader, RgbImage};
use subrosa::engine::{ChatId, Command, Kind, Text, Transfer};

use crate::stage::{Person, Stage, attachment, names, noise};

/// Where it was taken, as the camera wrote it.
const PLACE: &[u8] = b"52/1 30/1 59/1 N";

/// A noisy picture that was taken with the camera on its side, in a file of so many pixels.
fn photo(width: u32, height: u32) -> Vec<u8> {
    let colours = noise((width * height) as usize * 3, 7);
    let picture = RgbImage::from_raw(width, height, colours).unwrap();
    let mut plain = Cursor::new(Vec::new());
    picture.write_to(&mut plain, ImageFormat::Jpeg).unwrap();
    let plain = plain.into_inner();
    let tags: [&[u8]; 2] = [b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26"];
    let exif = [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x02", tags[0], tags[1], &[0; 4], PLACE].concat();
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, &exif, &plain[2..]].concat()
}

fn tells_the_place(bytes: &[u8]) -> bool {
    bytes.windows(PLACE.len()).any(|window| window == PLACE)
}

fn send(person: &Person, chat: ChatId, path: &Path, as_document: bool) {
    let (path, caption) = (path.to_owned(), Text::default());
    person.send(Command::SendFile { chat, path, as_document, caption, reply_to: None, silent: false });
}

fn copies(person: &Person) -> Vec<String> {
    names(&person.outgoing())
}

#[tokio::test]
async fn a_photo_does_not_say_where_it_was_taken_and_a_document_is_left_alone() {
    let mut stage = Stage::set().await;
    let original = photo(120, 80);
    assert!(tells_the_place(&original));
    let path = stage.file("holiday.jpg", &original);
    send(&stage.ada, stage.chat, &path, false);
    let message = stage.basil.until_message().await;
    assert!(attachment(&message).kind == Kind::Photo { width: 80, height: 120 });
    let here = stage.basil_fetches(message.random_id).await;
    let arrived = fs::read(&here).unwrap();
    assert!(!tells_the_place(&arrived));
    assert_eq!(arrived.len() as u64, attachment(&message).size);
    let reader = ImageReader::new(Cursor::new(&arrived)).with_guessed_format().unwrap();
    assert_eq!(reader.into_decoder().unwrap().orientation().unwrap(), Orientation::Rotate90);
    let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap();
    assert!(pixels(&arrived) == pixels(&original), "the picture is what it was");

    let document = stage.file("evidence.jpg", &original);
    send(&stage.ada, stage.chat, &document, true);
    let message = stage.basil.until_message().await;
    let here = stage.basil_fetches(message.random_id).await;
    assert!(fs::read(here).unwrap() == original);
    assert!(copies(&stage.ada).is_empty(), "{:?}", copies(&stage.ada));
    assert!(fs::read(path).unwrap() == original, "the original stays as it is");
}

#[tokio::test]
async fn the_copy_lives_as_long_as_it_is_to_be_sent() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("large.jpg", &photo(1400, 1000));
    for given_up in [true, false] {
        stage.ada.line.up.hold_after(1 << 20);
        send(&stage.ada, chat, &path, false);
        let own = stage.ada.until_message().await.random_id;
        stage.ada.until_under_way(own).await;
        let [copy] = &copies(&stage.ada)[..] else { panic!("{:?}", copies(&stage.ada)) };
        let copy = stage.ada.outgoing().join(copy);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&copy), mode(&stage.ada.outgoing())), (0o600, 0o700));
        assert!(!tells_the_place(&fs::read(&copy).unwrap()));
        if given_up {
            stage.ada.send(Command::CancelTransfer { chat, random_id: own });
            stage.ada.until_transfer("the end", own, |it| (*it == Transfer::Cancelled).then_some(())).await;
            stage.ada.fence(chat).await;
            assert!(copies(&stage.ada).is_empty());
            stage.ada.line.up.release();
            continue;
        }
        // A stop in the middle leaves it, and takes away what belongs to nobody.
        stage.ada.stop().await;
        fs::write(stage.ada.outgoing().join("orphan"), "left by a crash").unwrap();
        stage.ada.line.up.release();
        stage.ada.start_alone();
        stage.ada.until_sent(own).await;
        let message = stage.basil.until_message().await;
        assert_eq!(message.random_id, own);
        let here = stage.basil_fetches(own).await;
        assert!(!tells_the_place(&fs::read(here).unwrap()));
        stage.ada.fence(chat).await;
        assert!(copies(&stage.ada).is_empty(), "{:?}", copies(&stage.ada));
    }
}

#[tokio::test]
async fn a_photo_that_nothing_can_be_taken_from_is_refused_in_words() {
    let mut stage = Stage::set().await;
    let path = stage.file("odd.jpg", &photo(60, 40));
    let outgoing = stage.ada.outgoing();
    fs::write(&outgoing, "in the way").unwrap();
    send(&stage.ada, stage.chat, &path, false);
    let words = stage.ada.until_refused().await;
    assert!(words.contains("odd.jpg") && words.contains("send it as a document"), "{words}");
    fs::remove_file(outgoing).unwrap();
    send(&stage.ada, stage.chat, &path, false);
    stage.basil.until_message().await;
}
