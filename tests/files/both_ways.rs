//! What is sent is what arrives: bytes, names, kinds, order.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use subrosa::engine::{Body, ChatEvent, Command, Event, Kind, Text, Transfer};

use crate::stage::{Stage, attachment, names, noise};

#[tokio::test]
async fn every_length_arrives_as_it_was() {
    let mut stage = Stage::set().await;
    for length in [1, 15, 16, 17, 65_536, 65_537, (1 << 20) + 3] {
        let content = noise(length, length as u64);
        let path = stage.file(&format!("{length}.bin"), &content);
        let random_id = stage.ada_sends(&path).await;
        let here = stage.basil_fetches(random_id).await;
        assert_eq!(here, stage.basil.downloads.join(format!("{length}.bin")));
        assert!(fs::read(&here).unwrap() == content, "{length}");
        assert_eq!(fs::metadata(&here).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(names(&stage.basil.downloads).len(), 7, "nothing hidden is left");
}

#[tokio::test]
async fn a_big_file_arrives_and_the_way_is_told() {
    let mut stage = Stage::set().await;
    let content = noise(12 << 20, 12);
    let path = stage.file("big", &content);
    stage.ada.send_file(stage.chat, &path);
    let own = stage.ada.until_message().await;
    let mut told = Vec::new();
    stage
        .ada
        .until_transfer("the end", own.random_id, |transfer| match transfer {
            Transfer::Running { done, size } => {
                told.push((*done, *size));
                None
            }
            Transfer::Done { path: None } => Some(()),
            other => panic!("{other:?}"),
        })
        .await;
    assert!(
        told.is_sorted() && told.iter().all(|(done, size)| done <= size && *size == 12 << 20),
        "{told:?}"
    );
    let message = stage.basil.until_message().await;
    let here = stage.basil_fetches(message.random_id).await;
    assert!(fs::read(here).unwrap() == content);
    // The server's name for it is kept with the message, and the way of the same file back is as good.
    let history = stage.ada.history(stage.chat).await;
    let place = attachment(&history[0]).place.clone().unwrap();
    assert_eq!(place.size, 12 << 20);
    assert_eq!(Some(place), attachment(&message).place);
    let mine = own.random_id;
    stage.ada.send(Command::Download { chat: stage.chat, random_id: mine });
    let here = stage.ada.until_here(mine).await;
    assert!(fs::read(here).unwrap() == content);
}

#[tokio::test]
async fn an_empty_file_and_none_at_all_are_refused_in_words() {
    let mut stage = Stage::set().await;
    let empty = stage.file("empty", b"");
    let home = stage.home().to_owned();
    for path in [empty.as_path(), &home, &home.join("absent")] {
        stage.ada.send_file(stage.chat, path);
        let words = stage.ada.until("a refusal", |event| match event {
            Event::Refused(words) => Some(words.clone()),
            Event::Chat(ChatEvent::Message(_)) => panic!("a message appears"),
            _ => None,
        });
        assert!(words.await.contains(path.to_str().unwrap()));
    }
    assert!(stage.ada.history(stage.chat).await.is_empty());
}

#[tokio::test]
async fn names_that_are_taken_get_a_number() {
    let mut stage = Stage::set().await;
    let mut paths = Vec::new();
    for n in 0..3u8 {
        let path = stage.file("same.txt", &[n; 20]);
        let random_id = stage.ada_sends(&path).await;
        paths.push((random_id, stage.basil_fetches(random_id).await));
    }
    assert_eq!(names(&stage.basil.downloads), ["same (1).txt", "same (2).txt", "same.txt"]);
    for (n, (random_id, path)) in paths.iter().enumerate() {
        assert_eq!(fs::read(path).unwrap(), [n as u8; 20]);
        // Fetched once, it is not fetched again.
        assert_eq!(&stage.basil_fetches(*random_id).await, path);
    }
    // Unless somebody took it away.
    fs::remove_file(&paths[0].1).unwrap();
    let again = stage.basil_fetches(paths[0].0).await;
    assert_eq!(fs::read(again).unwrap(), [0; 20]);
}

#[tokio::test]
async fn files_keep_their_order_and_words_may_overtake_them() {
    let mut stage = Stage::set().await;
    let sizes = [3 << 20, 100, 200_000, 5];
    for (n, size) in sizes.into_iter().enumerate() {
        let path = stage.file(&n.to_string(), &noise(size, n as u64));
        stage.ada.send_file(stage.chat, &path);
    }
    let mut arrived = Vec::new();
    for _ in sizes {
        arrived.push(attachment(&stage.basil.until_message().await).name.clone());
    }
    assert_eq!(arrived, ["0", "1", "2", "3"]);

    // While a file cannot go on, what is written arrives.
    let path = stage.file("slow", &noise(2 << 20, 9));
    stage.ada.send_file(stage.chat, &path);
    let own = loop {
        let message = stage.ada.until_message().await;
        if attachment(&message).name == "slow" {
            break message.random_id;
        }
    };
    stage.ada.send(Command::PauseTransfer { chat: stage.chat, random_id: own });
    stage.ada.until_transfer("a pause", own, |it| matches!(it, Transfer::Paused { .. }).then_some(())).await;
    stage.ada.send(Command::Say { chat: stage.chat, draft: Box::new(Body::text("in between").into()) });
    assert!(stage.basil.until_message().await.body == Body::text("in between"));
    stage.ada.send(Command::ResumeTransfer { chat: stage.chat, random_id: own });
    assert_eq!(stage.basil.until_message().await.random_id, own);
}

#[tokio::test]
async fn a_photo_arrives_as_one_with_its_preview_and_caption() {
    let mut stage = Stage::set().await;
    let picture = image::RgbImage::from_fn(120, 80, |x, y| image::Rgb([x as u8, y as u8, 0]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    let path = stage.file("holiday.jpg", bytes.get_ref());
    stage.ada.send(Command::SendFile {
        chat: stage.chat,
        path,
        as_document: false,
        caption: Text::plain("the sea"),
        reply_to: None,
        silent: true,
    });
    let message = stage.basil.until_message().await;
    let file = attachment(&message).clone();
    assert!(file.kind == Kind::Photo { width: 120, height: 80 } && message.silent);
    assert_eq!((file.caption.plain.as_str(), file.thumb.unwrap().width), ("the sea", 90));
    let here = stage.basil_fetches(message.random_id).await;
    assert_eq!(here, stage.basil.downloads.join("photo.jpg"));
    assert!(fs::read(here).unwrap() == *bytes.get_ref());
}
