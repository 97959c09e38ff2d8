//! Files, both ways: what arrives is what was sent, byte for byte, and has its name.

use std::fmt::Write;

use serde_json::json;
use sha2::{Digest, Sha256};
use subrosa::engine::{Attachment, Body, Command, Direction, Kind, Text, Transfer};

use crate::pair::Pair;

impl Pair {
    /// A file of so many bytes each way.
    pub fn files(&mut self, size: usize) {
        self.we_send_a_file(size);
        self.they_send_a_file(size);
    }

    fn we_send_a_file(&mut self, size: usize) {
        let content = noise(size, 1);
        let path = self.world.home().join("ours.bin");
        std::fs::write(&path, &content).unwrap();
        self.ours.send(Command::SendFile {
            chat: self.chat,
            path,
            as_document: true,
            caption: Text::plain("from us"),
            reply_to: None,
            silent: false,
        });
        let told = self.foreign.wait("message", |event| !event["media"].is_null());
        let sent = self.ours.message_by_id(told["id"].as_i64().unwrap());
        assert_eq!(sent.direction, Direction::Out);
        let fetched = self.foreign.ask("fetch_file", json!({ "id": told["id"] }));
        assert_eq!(fetched["name"], "ours.bin");
        assert_eq!(fetched["caption"], "from us");
        assert_eq!(fetched["size"], size);
        assert_eq!(fetched["sha256"], hex(&Sha256::digest(&content)));
    }

    fn they_send_a_file(&mut self, size: usize) {
        let chat = self.chat;
        let content = noise(size, 2);
        let path = self.world.home().join("theirs.bin");
        std::fs::write(&path, &content).unwrap();
        let request = json!({ "chat": chat.0, "path": path.display().to_string(), "caption": "from them" });
        let id = self.foreign.ask("send_file", request).as_i64().unwrap();
        let file = attachment(self.ours.message_by_id(id).body);
        assert!(matches!(file.kind, Kind::Document));
        assert_eq!((file.name.as_str(), file.caption.plain.as_str()), ("theirs.bin", "from them"));
        assert_eq!(file.size, size as u64);

        self.ours.send(Command::Download { chat, random_id: id });
        let path = self.ours.until("the file is here", |ours| match ours.transfers.get(&id)? {
            Transfer::Done { path } => path.clone(),
            Transfer::Failed(reason) => panic!("the file does not come: {reason}"),
            _ => None,
        });
        assert_eq!(path.file_name().unwrap(), "theirs.bin");
        assert!(std::fs::read(path).unwrap() == content, "what they sent is what is here");
    }
}

fn attachment(body: Body) -> Attachment {
    match body {
        Body::File(file) => *file,
        other => panic!("no file: {other:?}"),
    }
}

/// Bytes without a pattern, the same every time. Not a multiple of the cipher's block when `size` is none.
fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..size).map(|_| next()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}
