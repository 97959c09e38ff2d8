//! What can only be tested from inside: a full disk, the log, the raw rows.

use super::*;
use crate::secret::chat::{Chat, Closed, Ready, Side, Stage, Waiting};
use crate::secret::content::{Content, Header};
use crate::secret::exchange::{KNOWN_PRIME, Offer, Params};
use crate::secret::fault::Closing;
use crate::secret::key::SharedKey;
use crate::secret::picture::KeyPicture;
use crate::secret::record::UserId;
use crate::secret::record::{Body, Direction, Outgoing};
use crate::secret::rekey::{Keys, Phase};
use crate::secret::sequence::Counters;
use crate::secret::step::Change;

const CHAT: ChatId = ChatId(-7);

fn vault(folder: &tempfile::TempDir) -> Vault {
    Vault::create(folder.path(), &Seal::KeyFile).unwrap()
}

fn text(random_id: i64, text: &str) -> Message {
    Message::new(CHAT, random_id, Direction::Out, 1_700_000_000, Body::text(text))
}

fn chat(stage: Stage) -> Change {
    Change::Chat(Box::new(Chat {
        id: CHAT,
        user: UserId(5),
        side: Side::Originator,
        date: 1,
        access_hash: 2,
        stage,
    }))
}

fn waiting() -> Stage {
    let params = Params::from_stored(3, &KNOWN_PRIME).unwrap();
    Stage::Waiting(Waiting { offer: Offer::from_stored(params, &[0xaa; 256], &[0xbb; 256]).unwrap() })
}

fn closed() -> Stage {
    Stage::Closed(Closed { closing: Closing::ByUs, picture: None, verified: false, discard: None })
}

fn log_len(vault: &Vault) -> u64 {
    std::fs::metadata(vault.path.with_extension("db-wal")).unwrap().len()
}

#[test]
fn the_connection_is_set_as_the_house_relies_on() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(&folder);
    let number =
        |name: &str| -> i64 { vault.connection.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    assert_eq!((number("synchronous"), number("secure_delete"), number("temp_store")), (2, 1, 2));
    let mode: String = vault.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let wiping: String =
        vault.connection.pragma_query_value(None, "cipher_memory_security", |row| row.get(0)).unwrap();
    assert_eq!(wiping, "1");
}

#[test]
fn a_full_disk_is_an_error_that_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    vault.commit(&Commit { changes: vec![Change::Message(text(1, "before"))] }).unwrap();
    let pages: i64 = vault.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    vault.connection.execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    let big = "x".repeat(1 << 20);
    let changes = vec![Change::Message(text(2, "small")), Change::Message(text(3, &big))];
    let error = vault.commit(&Commit { changes }).unwrap_err();
    assert!(matches!(error, VaultError::DiskFull { .. }), "{error}");
    assert_eq!(vault.history(CHAT, None, 10).unwrap().len(), 1);

    vault.connection.execute_batch("PRAGMA max_page_count = 1000000").unwrap();
    vault.commit(&Commit { changes: vec![Change::Message(text(2, "after"))] }).unwrap();
    assert_eq!(vault.history(CHAT, None, 10).unwrap().len(), 2);
}

#[test]
fn the_log_is_emptied_after_something_was_destroyed_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    vault.commit(&Commit { changes: vec![chat(waiting()), Change::Message(text(1, "a"))] }).unwrap();
    assert!(log_len(&vault) > 0);
    vault.commit(&Commit { changes: vec![chat(waiting())] }).unwrap();
    assert!(log_len(&vault) > 0, "the same exponent is stored still");
    vault.commit(&Commit { changes: vec![chat(closed())] }).unwrap();
    assert_eq!(log_len(&vault), 0);
    vault.commit(&Commit { changes: vec![Change::Message(text(2, "b"))] }).unwrap();
    assert!(log_len(&vault) > 0);
    let gone = Change::Deleted { chat: CHAT, random_ids: vec![2] };
    vault.commit(&Commit { changes: vec![gone] }).unwrap();
    assert_eq!(log_len(&vault), 0);
}

/// The decrypted database itself, freed pages and gaps included: what was destroyed is in none of them.
#[test]
fn destroyed_secrets_are_overwritten_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    let filler = (100..140).map(|n| Change::Message(text(n, &"padding ".repeat(40))));
    let mut changes: Vec<Change> = vec![chat(waiting()), Change::Message(text(1, "burn after reading"))];
    changes.extend(filler);
    vault.commit(&Commit { changes }).unwrap();
    let (exponent, words) = ([0xaa; 64], b"burn after reading");
    let plain = plain_pages(&vault);
    assert!(contains(&plain, &exponent) && contains(&plain, words), "the test sees what is there");

    let gone = Change::Deleted { chat: CHAT, random_ids: vec![1] };
    vault.commit(&Commit { changes: vec![chat(closed()), gone] }).unwrap();
    let plain = plain_pages(&vault);
    assert!(!contains(&plain, &exponent), "the exponent of a closed chat is still in the file");
    assert!(!contains(&plain, words), "the deleted message is still in the file");
}

/// A chat whose key is being changed, with these bytes in its keys.
fn ready(current: u8, phase: Phase) -> Change {
    let key = SharedKey::new(&[current; 256]);
    let keys = Keys { phase, ..Keys::first(key.clone(), 1_700_000_000) };
    chat(Stage::Ready(Box::new(Ready {
        params: Params::from_stored(3, &KNOWN_PRIME).unwrap(),
        picture: KeyPicture::of(&key),
        keys,
        verified: true,
        counters: Counters::default(),
        peer_layer: 144,
        notified_layer: 144,
        ttl: 0,
        seen: 0,
        seen_told: 0,
        read_by_peer: 0,
    })))
}

/// A whole change of the key on both sides: a secret is destroyed when its state ends, and moving from one state to the next is
/// not the end of it.
#[test]
fn a_key_that_was_replaced_and_the_exponent_of_an_exchange_are_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    let params = Params::from_stored(3, &KNOWN_PRIME).unwrap();
    let offer = Box::new(Offer::from_stored(params, &[0xaa; 256], &[0xbb; 256]).unwrap());
    let pending = SharedKey::new(&[0x22; 256]);
    let previous = SharedKey::new(&[0x11; 256]);
    let (exponent, old, new) = ([0xaa; 64], [0x11; 64], [0x22; 64]);
    let steps = [
        (ready(0x11, Phase::Requested { exchange_id: 5, offer, at: 1, uses: 2 }), [true, true, false], true),
        (
            ready(0x11, Phase::Accepted { exchange_id: 6, pending: pending.clone() }),
            [false, true, true],
            false,
        ),
        (ready(0x22, Phase::Switched { previous, through: -1 }), [false, true, true], true),
        (ready(0x22, Phase::Settled), [false, false, true], false),
        (
            ready(0x22, Phase::Accepted { exchange_id: 7, pending: SharedKey::new(&[0x33; 256]) }),
            [false, false, true],
            true,
        ),
        (ready(0x22, Phase::Settled), [false, false, true], false),
        (chat(closed()), [false, false, false], false),
    ];
    for (n, (change, there, logged)) in steps.into_iter().enumerate() {
        vault.commit(&Commit { changes: vec![change] }).unwrap();
        assert_eq!(log_len(&vault) > 0, logged, "step {n}: the log is emptied exactly when a secret ended");
        let plain = plain_pages(&vault);
        assert_eq!([exponent, old, new].map(|secret| contains(&plain, &secret)), there, "step {n}");
    }
    assert!(
        !contains(&plain_pages(&vault), &[0x33; 64]),
        "a pending key that was given up is still in the file"
    );
}

#[test]
fn the_schema_itself_knows_which_state_of_a_key_change_holds_which_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    let pending = SharedKey::new(&[0x22; 256]);
    vault
        .commit(&Commit { changes: vec![ready(0x11, Phase::Accepted { exchange_id: 6, pending })] })
        .unwrap();
    for cheat in
        ["rekey = 'settled'", "exponent = x'00'", "rekey = NULL", "stage = 'closed'", "other_key = NULL"]
    {
        let refused = vault.connection.execute(&format!("UPDATE chats SET {cheat}"), []);
        assert!(refused.unwrap_err().to_string().contains("CHECK"), "{cheat}");
    }
}

/// A message that has burnt is neither in its row, nor in the copy that waited to be confirmed, nor in the log.
#[test]
fn a_burnt_message_is_nowhere_in_the_file_or_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    let words = b"burn after reading";
    let outgoing = |payload: &[u8]| {
        Change::Outgoing(Outgoing {
            chat: CHAT,
            number: 3,
            random_id: 1,
            payload: Zeroizing::new(payload.to_vec()),
            service: false,
            silent: false,
            file: None,
            rewritable: true,
            answered: true,
            told: true,
        })
    };
    let message = Message { ttl: 5, ..text(1, "burn after reading") };
    vault.commit(&Commit { changes: vec![Change::Message(message), outgoing(words)] }).unwrap();
    let filler = (100..140).map(|n| Change::Message(text(n, &"padding ".repeat(40)))).collect();
    vault.commit(&Commit { changes: filler }).unwrap();
    let start = vec![Change::Destruct { chat: CHAT, random_id: 1, at_ms: 9 }, Change::Clock(4)];
    vault.commit(&Commit { changes: start }).unwrap();
    let plain = plain_pages(&vault);
    assert_eq!(count(&plain, words), 2, "the test sees both copies");

    let burnt =
        vec![outgoing(b"placeholder"), Change::Deleted { chat: CHAT, random_ids: vec![1] }, Change::Clock(9)];
    vault.commit(&Commit { changes: burnt }).unwrap();
    assert_eq!(log_len(&vault), 0);
    assert_eq!(count(&plain_pages(&vault), words), 0, "the burnt message is still in the file");
    let snapshot = vault.load().unwrap();
    assert_eq!((snapshot.clock_ms, snapshot.mortals), (9, vec![]));
    assert!(snapshot.known.contains(&(CHAT, 1)));
}

/// What came from a newer app is kept as it came; once it is understood it takes its place, and only then.
#[test]
fn what_was_not_understood_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    let said = Said { ttl: 9, reply_to: Some(4), ..Said::new(Body::text("from the future")) };
    let header = Header { layer: 144, in_seq_no: 0, out_seq_no: 1 };
    let written = content::write(header, 1, &Content::Message(said), &mut rand::rng());
    let random = usize::from(written[4]);
    let body = written[4 + (1 + random).next_multiple_of(4) + 12..].to_vec();
    let kept = |id, raw: &[u8]| {
        Change::Message(Message::new(CHAT, id, Direction::In, 5, Body::Unsupported(raw.to_vec())))
    };
    let strange = [9; 12];
    vault.commit(&Commit { changes: vec![kept(1, &body), kept(2, &strange)] }).unwrap();
    assert_eq!(vault.read_again().unwrap(), 1);
    let message = vault.message(CHAT, 1).unwrap().unwrap();
    assert_eq!(message.body, Body::text("from the future"));
    assert_eq!((message.ttl, message.reply_to, message.date), (9, Some(4), 5));
    assert_eq!(vault.message(CHAT, 2).unwrap().unwrap().body, Body::Unsupported(strange.to_vec()));
    assert_eq!(vault.read_again().unwrap(), 0);
}

/// The pages of the database file, decrypted as SQLCipher 4 stores them: AES-256 in CBC, the IV at the start of the 80 bytes
/// that end each page of 4096, the first 16 bytes of the file a salt.
fn plain_pages(vault: &Vault) -> Vec<u8> {
    use aes::cipher::{BlockCipherDecrypt, KeyInit};
    open::empty_log(&vault.connection).unwrap();
    let kept = std::fs::read_to_string(vault.folder.join("vault.key")).unwrap();
    let digits = kept.split('"').find(|part| part.len() == 64 && !part.contains(' ')).unwrap();
    let key = hex::decode::<32>(digits).unwrap();
    let cipher = aes::Aes256Dec::new(&(*key).into());
    let file = std::fs::read(&vault.path).unwrap();
    let mut plain = Vec::with_capacity(file.len());
    for (n, page) in file.chunks_exact(4096).enumerate() {
        let mut before: [u8; 16] = page[4016..4032].try_into().unwrap();
        let start = if n == 0 { 16 } else { 0 };
        for sealed in page[start..4016].chunks_exact(16) {
            let mut block: aes::Block = <[u8; 16]>::try_from(sealed).unwrap().into();
            cipher.decrypt_block(&mut block);
            plain.extend(block.iter().zip(before).map(|(byte, mask)| byte ^ mask));
            before.copy_from_slice(sealed);
        }
    }
    plain
}

fn count(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).filter(|window| *window == needle).count()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn the_schema_itself_keeps_secrets_out_of_closed_chats() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    vault.commit(&Commit { changes: vec![chat(waiting())] }).unwrap();
    let cheat = vault.connection.execute("UPDATE chats SET stage = 'closed'", []);
    assert!(cheat.unwrap_err().to_string().contains("CHECK"));
}

#[test]
fn a_word_that_is_none_of_ours_is_an_error_and_no_default() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = vault(&folder);
    vault.commit(&Commit { changes: vec![Change::Message(text(1, "a")), chat(waiting())] }).unwrap();
    vault.connection.execute("UPDATE messages SET body = x'7b7d'", []).unwrap();
    let error = vault.message(CHAT, 1).unwrap_err();
    assert!(
        matches!(&error, VaultError::Row { what, .. } if what == "unreadable body of a message"),
        "{error}"
    );
    vault.connection.execute("UPDATE chats SET p = x'00'", []).unwrap();
    let error = vault.load().unwrap_err();
    assert!(matches!(&error, VaultError::Row { what, .. } if what.contains("group")), "{error}");
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(&folder);
    vault.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(vault);
    let error = Vault::open(folder.path(), &Unlock::KeyFile).unwrap_err();
    assert!(matches!(error, VaultError::Newer { found: 99, .. }), "{error}");
}

#[test]
fn an_interrupted_creation_is_finished_or_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    std::fs::write(profile.unfinished_database(), b"half").unwrap();
    drop(vault(&folder));

    std::fs::rename(profile.database(), profile.unfinished_database()).unwrap();
    let again = Vault::create(folder.path(), &Seal::KeyFile);
    assert!(matches!(again, Err(VaultError::Exists { .. })), "its key was stored: it is a profile");
    drop(Vault::open(folder.path(), &Unlock::KeyFile).unwrap());
    assert!(!profile.unfinished_database().exists());
}
