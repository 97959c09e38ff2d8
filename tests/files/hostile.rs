//! Files whose message or place lies: refused in words, the chat goes on, and nothing is written where it must not be.

use std::fs;

use subrosa::engine::{Body, ChatId, Command, Message};
use subrosa::secret::message::{Attachment, RemoteFile};
use subrosa::secret::step::{Change, Commit};

use crate::stage::{Stage, attachment, names, noise};

impl Stage {
    /// Changes what Basil has stored of a file, as if it had come like that.
    async fn basil_was_told(&mut self, random_id: i64, lie: impl FnOnce(&mut Attachment)) {
        self.basil.stop().await;
        let mut vault = self.basil.vault();
        let mut message: Message = vault.message(self.chat, random_id).unwrap().unwrap();
        let Body::File(file) = &mut message.body else { panic!("no file") };
        lie(file);
        vault.commit(&Commit { changes: vec![Change::Message(message)] }).unwrap();
        drop(vault);
        self.basil.start().await;
    }

    async fn basil_cannot_fetch(&mut self, random_id: i64) -> String {
        self.basil.send(Command::Download { chat: self.chat, random_id });
        self.basil.until_failed(random_id).await
    }

    /// Nothing has come of it, and the chat is alive.
    async fn unharmed(&mut self) {
        assert!(
            names(&self.basil.downloads).iter().all(|name| name.starts_with('.')),
            "no file got its name"
        );
        let chat: ChatId = self.chat;
        self.ada.send(Command::Say { chat, draft: Box::new(Body::text("still here").into()) });
        assert!(self.basil.until_message().await.body == Body::text("still here"));
    }
}

fn place(file: &mut Attachment) -> &mut RemoteFile {
    file.place.as_mut().unwrap()
}

#[tokio::test]
async fn row_42_a_file_under_another_key_is_not_fetched() {
    let mut stage = Stage::set().await;
    let path = stage.file("a", &noise(1000, 1));
    let random_id = stage.ada_sends(&path).await;
    stage.basil_was_told(random_id, |file| place(file).key_fingerprint ^= 1).await;
    let words = stage.basil_cannot_fetch(random_id).await;
    assert!(words.contains("not the key that this file was encrypted with"), "{words}");
    assert!(stage.basil.history(stage.chat).await.len() == 1);
    stage.unharmed().await;
}

#[tokio::test]
async fn row_42_a_file_of_another_length_is_an_error() {
    let mut stage = Stage::set().await;
    for (length, by, expected) in [
        (1000, -16, "is not the announced file"),
        (1000, 4, "has a size that no encrypted file has"),
        (1000, 1 << 20, "is not the announced file"),
        // It seems to fit, and only fetching shows that it does not: the server has less of it.
        (1000, 16, "gives more or less of this file than it announced"),
        (300_000, 128 << 10, "gives more or less of this file than it announced"),
    ] {
        let path = stage.file("a", &noise(length, 1));
        let random_id = stage.ada_sends(&path).await;
        stage.basil_was_told(random_id, |file| place(file).size += by).await;
        let words = stage.basil_cannot_fetch(random_id).await;
        assert!(words.contains(expected), "{length} {by}: {words}");
    }
    // And here it has more.
    let path = stage.file("a", &noise(300_000, 1));
    let random_id = stage.ada_sends(&path).await;
    stage
        .basil_was_told(random_id, |file| {
            file.size -= 32;
            place(file).size -= 32;
        })
        .await;
    let words = stage.basil_cannot_fetch(random_id).await;
    assert!(words.contains("gives more or less of this file than it announced"), "{words}");
    stage.unharmed().await;
}

#[tokio::test]
async fn a_file_that_the_server_does_not_have_is_said_to_be_gone() {
    let mut stage = Stage::set().await;
    let path = stage.file("a", &noise(1000, 1));
    let random_id = stage.ada_sends(&path).await;
    stage.basil_was_told(random_id, |file| place(file).access_hash ^= 1).await;
    let words = stage.basil_cannot_fetch(random_id).await;
    assert!(words.contains("does not have this file any more"), "{words}");
    stage.basil_was_told(random_id, |file| file.place = None).await;
    let words = stage.basil_cannot_fetch(random_id).await;
    assert!(words.contains("does not say where this file lies"), "{words}");
    stage.unharmed().await;
}

#[tokio::test]
async fn row_43_a_name_that_climbs_stays_in_its_folder() {
    let mut stage = Stage::set().await;
    let content = noise(1000, 1);
    let path = stage.file("a", &content);
    for (name, safe) in [
        ("../../x", "_.._x"),
        ("a\0b\u{202e}c.txt", "abc.txt"),
        ("/etc/../..", "_etc_.._"),
        (".profile", "profile"),
    ] {
        let random_id = stage.ada_sends(&path).await;
        stage.basil_was_told(random_id, |file| file.name = name.into()).await;
        let here = stage.basil_fetches(random_id).await;
        assert_eq!(here, stage.basil.downloads.join(safe), "{name:?}");
        assert!(fs::read(here).unwrap() == content);
    }
    assert_eq!(names(&stage.basil.downloads).len(), 4);
}

#[tokio::test]
async fn a_padded_ciphertext_gives_the_file_without_its_padding() {
    let mut stage = Stage::set().await;
    let content = noise(5000, 1);
    let path = stage.file("a", &content);
    let random_id = stage.ada_sends(&path).await;
    // As if the sender had filled up more than the last block.
    stage.basil_was_told(random_id, |file| file.size = 4001).await;
    let here = stage.basil_fetches(random_id).await;
    assert!(fs::read(here).unwrap() == content[..4001]);
    // A message that states no size means all there is.
    let random_id = stage.ada_sends(&path).await;
    stage.basil_was_told(random_id, |file| file.size = 0).await;
    let here = stage.basil_fetches(random_id).await;
    let all = fs::read(here).unwrap();
    assert!(all.len() == 5008 && all[..5000] == content);
    assert_eq!(attachment(&stage.basil.history(stage.chat).await[1]).size, 0);
}
