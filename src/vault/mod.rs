//! The vault: the only copy of everything, in one encrypted database with one writer.
//!
//! The server keeps nothing of a secret chat, so what is lost here is lost. Hence the rules of this room: a commit is on the disk
//! when it returns or has changed nothing; an existing file is never reset, recreated or repaired by deleting; what the core
//! destroys is destroyed in the file and its log as well; and two processes never work on one profile.
//!
//! ```text
//! profile/            0700    profile.rs
//!   lock                      lock.rs      who is at work
//!   vault.key                 seal.rs      the database key, sealed under a passphrase (or in the clear, on explicit choice)
//!   vault.db                  open.rs      SQLCipher; migrate.rs brings it up to date, rows/ has all the SQL
//!                             estate.rs    the profile as a whole: renamed, destroyed
//! ```

mod changes;
mod creation;
pub mod estate;
mod fault;
mod hex;
mod lock;
mod migrate;
mod open;
mod profile;
mod rows;
mod seal;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};
use zeroize::Zeroizing;

use crate::secret::content::{self, Said};
use crate::secret::file::{Download, Upload};
use crate::secret::record::{Body, ChatId, Marks, Message, Person, Snapshot};
use crate::secret::step::Commit;

pub use fault::VaultError;
pub use lock::Holder;
pub use rows::account::{AUTH_KEY_LEN, Account, AuthKey};
pub use seal::{Cost, IN_THE_CLEAR, Passphrase, Seal, Sealing, Unlock};

use lock::Lock;
use profile::Profile;
use rows::{account, chats, messages, parameters, people, queues, screen, transfers};
use seal::DatabaseKey;

/// An open profile. It is `Send` and not `Sync`: one owner at a time, and writing needs `&mut`.
///
/// The calls block on the disk (a commit takes a fraction of a millisecond, under load some milliseconds): an actor's work,
/// never a screen's.
pub struct Vault {
    /// Dropped before the lock is: closing writes.
    connection: Connection,
    path: PathBuf,
    folder: PathBuf,
    sealing: Sealing,
    /// Something was destroyed, and the log has not been emptied since.
    log_holds_destroyed: bool,
    _lock: Lock,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Vault {
    /// Makes a new profile in `folder` (created if need be) and opens it.
    ///
    /// # Errors
    /// [`VaultError::Exists`] if there is one already, whatever its state. An interrupted creation is begun again.
    pub fn create(folder: &Path, seal: &Seal) -> Result<Vault, VaultError> {
        let profile = Profile::at(folder);
        profile.make_folder()?;
        let lock = Lock::take(&profile)?;
        creation::finish(&profile)?;
        for path in [profile.key(), profile.database()] {
            if profile::exists(&path)? {
                return Err(VaultError::Exists { folder: folder.to_owned() });
            }
        }
        let key = DatabaseKey::random()?;
        let content = seal::close(&profile.key(), &key, seal)?;
        creation::build(&profile, &key)?;
        profile.write(&profile.key(), &content)?;
        creation::finish(&profile)?;
        let sealing = seal::sealing(&profile.key(), &content)?;
        Vault::with_key(&profile, lock, &key, sealing)
    }

    /// Opens the profile in `folder`. It is locked until the vault is dropped.
    ///
    /// # Errors
    /// Above all [`VaultError::Locked`], [`VaultError::WrongPassphrase`], [`VaultError::Damaged`], [`VaultError::Newer`].
    pub fn open(folder: &Path, unlock: &Unlock) -> Result<Vault, VaultError> {
        let (profile, lock, content) = look_into(folder)?;
        let sealing = seal::sealing(&profile.key(), &content)?;
        let key = seal::open(&profile.key(), &content, unlock)?;
        Vault::with_key(&profile, lock, &key, sealing)
    }

    /// How the key of the profile in `folder` is kept: whether a passphrase has to be asked for.
    ///
    /// # Errors
    /// Those of [`Vault::open`] that need no passphrase, so that nobody types one in vain.
    pub fn sealing_of(folder: &Path) -> Result<Sealing, VaultError> {
        let (profile, _lock, content) = look_into(folder)?;
        seal::sealing(&profile.key(), &content)
    }

    fn with_key(
        profile: &Profile,
        lock: Lock,
        key: &DatabaseKey,
        sealing: Sealing,
    ) -> Result<Vault, VaultError> {
        let path = profile.database();
        let mut connection = open::open(&path, key)?;
        migrate::migrate(&mut connection, &path, migrate::MIGRATIONS)?;
        let folder = profile.folder().to_owned();
        let mut vault = Vault { connection, path, folder, sealing, log_holds_destroyed: false, _lock: lock };
        vault.write(messages::forget_deleted)?;
        vault.write(|connection| transfers::follow(connection, profile.folder()))?;
        vault.empty_log_if(true);
        Ok(vault)
    }

    /// The folder of the profile.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How the key is kept; [`Sealing::warning`] is what the user has to know about it.
    pub fn sealing(&self) -> Sealing {
        self.sealing
    }

    /// All that the core keeps in memory.
    pub fn load(&self) -> Result<Snapshot, VaultError> {
        self.read(|connection| {
            Ok(Snapshot {
                marks: parameters::marks(connection)?,
                dh: parameters::dh(connection)?,
                primes: parameters::primes(connection)?,
                chats: chats::load(connection)?,
                outgoing: queues::outgoing(connection)?,
                parked: queues::parked(connection)?,
                held: queues::held(connection)?,
                known: messages::known(connection)?,
                clock_ms: parameters::clock(connection)?,
                mortals: messages::mortals(connection)?,
                lines: messages::lines(connection)?,
            })
        })
    }

    /// Makes all changes durable, in order, in one transaction.
    ///
    /// # Errors
    /// None of the changes was made. Whoever has them in memory has to [`load`](Vault::load) again before anything else.
    pub fn commit(&mut self, commit: &Commit) -> Result<(), VaultError> {
        let destroyed = self.write(|connection| changes::apply(connection, commit))?;
        self.empty_log_if(destroyed);
        Ok(())
    }

    /// The account; `None` in a new profile.
    pub fn account(&self) -> Result<Option<Account>, VaultError> {
        self.read(account::load)
    }

    /// Inserts or replaces the account, and its own person among the people. An authorization key that was replaced is destroyed.
    pub fn put_account(&mut self, account: &Account) -> Result<(), VaultError> {
        self.write(|connection| account::put(connection, account))?;
        self.empty_log_if(true);
        Ok(())
    }

    /// The account and the place in the update streams at which it begins, in one transaction.
    pub fn sign_in(&mut self, account: &Account, marks: Marks) -> Result<(), VaultError> {
        self.write(|connection| {
            account::put(connection, account)?;
            parameters::put_marks(connection, &marks)
        })?;
        self.empty_log_if(true);
        Ok(())
    }

    /// Everybody known, the account's own person included, ascending by id.
    pub fn people(&self) -> Result<Vec<Person>, VaultError> {
        self.read(people::load)
    }

    /// Inserts or replaces people as they are given.
    pub fn put_people(&mut self, people: &[Person]) -> Result<(), VaultError> {
        self.write(|connection| people.iter().try_for_each(|person| people::put(connection, person)))
    }

    /// Inserts or replaces those who are on the contact list now or are no longer, as they are given, and notes that with them it is whole
    /// and has so many saved numbers that lead to nobody.
    pub fn put_contact_list(&mut self, changed: &[Person], saved: i32) -> Result<(), VaultError> {
        self.write(|connection| {
            people::put_saved_numbers(connection, saved)?;
            changed.iter().try_for_each(|person| people::put(connection, person))
        })
    }

    /// The saved numbers of the contact list that lead to nobody; `None` if the list was never fetched.
    pub fn saved_numbers(&self) -> Result<Option<i32>, VaultError> {
        self.read(people::saved_numbers)
    }

    /// The newest `limit` messages of a chat before a place (or the newest at all), each with its place, oldest first.
    pub fn history(
        &self,
        chat: ChatId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, Message)>, VaultError> {
        self.read(|connection| messages::history(connection, chat, before, limit))
    }

    /// One message; `None` if it is unknown or deleted.
    pub fn message(&self, chat: ChatId, random_id: i64) -> Result<Option<Message>, VaultError> {
        self.read(|connection| messages::find(connection, chat, random_id))
    }

    /// Reads again what was not understood when it came: after an update of the program it may be. How many messages it was.
    pub fn read_again(&mut self) -> Result<usize, VaultError> {
        let kept = self.read(messages::unsupported)?;
        let understood: Vec<Message> = kept.into_iter().filter_map(understood).collect();
        self.write(|connection| {
            understood.iter().try_for_each(|message| messages::put(connection, message))
        })?;
        Ok(understood.len())
    }

    /// Date (unix seconds) of the newest incoming message of a chat.
    pub fn newest_incoming(&self, chat: ChatId) -> Result<Option<i32>, VaultError> {
        self.read(|connection| messages::newest_incoming(connection, chat))
    }

    /// How many incoming messages the user has not seen, for every chat that has such.
    pub fn unread(&self) -> Result<Vec<(ChatId, u32)>, VaultError> {
        self.read(messages::unseen)
    }

    /// The newest message of every chat that has one.
    pub fn last_messages(&self) -> Result<Vec<Message>, VaultError> {
        self.read(messages::last)
    }

    /// Keeps what the user began to write in a chat; an empty text destroys it.
    pub fn put_draft(&mut self, chat: ChatId, text: &str) -> Result<(), VaultError> {
        self.write(|connection| screen::put_draft(connection, chat, text))?;
        self.empty_log_if(text.is_empty());
        Ok(())
    }

    /// All drafts, ascending by chat.
    pub fn drafts(&self) -> Result<Vec<(ChatId, String)>, VaultError> {
        self.read(screen::drafts)
    }

    /// Takes a closed chat off the list; its history stays until it is deleted.
    pub fn dismiss(&mut self, chat: ChatId) -> Result<(), VaultError> {
        self.write(|connection| screen::dismiss(connection, chat))
    }

    /// The chats that were dismissed.
    pub fn dismissed(&self) -> Result<Vec<ChatId>, VaultError> {
        self.read(screen::dismissed)
    }

    /// The uploads that are not done, in the order in which they were given.
    pub fn uploads(&self) -> Result<Vec<Upload>, VaultError> {
        self.read(transfers::uploads)
    }

    /// The upload of a message's file.
    pub fn upload(&self, chat: ChatId, random_id: i64) -> Result<Option<Upload>, VaultError> {
        self.read(|connection| transfers::upload(connection, chat, random_id))
    }

    /// Inserts or replaces an upload; it keeps its place in the order.
    pub fn put_upload(&mut self, upload: &Upload) -> Result<(), VaultError> {
        self.write(|connection| transfers::put_upload(connection, upload))
    }

    /// The downloads that are not done, ascending by chat and id.
    pub fn downloads(&self) -> Result<Vec<Download>, VaultError> {
        self.read(transfers::downloads)
    }

    /// The download of a message's file.
    pub fn download(&self, chat: ChatId, random_id: i64) -> Result<Option<Download>, VaultError> {
        self.read(|connection| transfers::download(connection, chat, random_id))
    }

    /// Where all downloads lie, those that are not done included.
    pub fn downloaded_paths(&self) -> Result<Vec<PathBuf>, VaultError> {
        self.read(transfers::downloaded_paths)
    }

    /// The files of own messages that the server does not have yet.
    pub fn unsent_sources(&self) -> Result<Vec<PathBuf>, VaultError> {
        self.read(transfers::unsent_sources)
    }

    /// The messages that are gone and still have transfers.
    pub fn stray_transfers(&self) -> Result<Vec<(ChatId, i64)>, VaultError> {
        self.read(transfers::strays)
    }

    /// Inserts or replaces a download.
    pub fn put_download(&mut self, download: &Download) -> Result<(), VaultError> {
        self.write(|connection| transfers::put_download(connection, download))
    }

    /// Forgets the download of a message's file.
    pub fn forget_download(&mut self, chat: ChatId, random_id: i64) -> Result<(), VaultError> {
        self.write(|connection| transfers::forget_download(connection, chat, random_id))?;
        self.empty_log_if(true);
        Ok(())
    }

    /// Forgets the transfers of a message, in both directions.
    pub fn forget_transfers(&mut self, chat: ChatId, random_id: i64) -> Result<(), VaultError> {
        self.write(|connection| transfers::forget(connection, chat, random_id))?;
        self.empty_log_if(true);
        Ok(())
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, VaultError> {
        query(&self.connection).map_err(|error| VaultError::database(&self.path, error))
    }

    /// One transaction: durable when this returns, rolled back on any error.
    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, VaultError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        transaction
            .and_then(|transaction| {
                let done = work(&transaction)?;
                transaction.commit()?;
                Ok(done)
            })
            .map_err(|error| VaultError::database(&self.path, error))
    }

    /// Empties the log if it may hold something destroyed, now or from before. What was committed stands whether this succeeds or not, so a failure
    /// is no failure of the commit: it is tried again with the next one.
    fn empty_log_if(&mut self, destroyed: bool) {
        self.log_holds_destroyed |= destroyed;
        if !self.log_holds_destroyed {
            return;
        }
        match open::empty_log(&self.connection) {
            Ok(()) => self.log_holds_destroyed = false,
            Err(error) => tracing::warn!("the log of the vault could not be emptied: {error}"),
        }
    }
}

/// The message by what is understood now, if that is more than nothing.
fn understood(message: Message) -> Option<Message> {
    let Body::Unsupported(kept) = &message.body else { return None };
    let said = content::read_again(&kept.raw)?.with_place(kept.place.clone());
    let Said { body, ttl, silent, reply_to, album, via_bot } = said;
    Some(Message { body, ttl, silent, reply_to, album, via_bot, ..message })
}

/// The locked profile and the content of its key file, both files being there.
fn look_into(folder: &Path) -> Result<(Profile, Lock, Zeroizing<Vec<u8>>), VaultError> {
    let profile = Profile::at(folder);
    let some = |path: PathBuf| profile::exists(&path);
    if !some(profile.key())? && !some(profile.database())? {
        return Err(VaultError::NoProfile { folder: folder.to_owned() });
    }
    let lock = Lock::take(&profile)?;
    creation::finish(&profile)?;
    for path in [profile.key(), profile.database()] {
        if !some(path.clone())? {
            return Err(VaultError::Missing { path });
        }
    }
    let content = read_key_file(&profile.key())?;
    Ok((profile, lock, content))
}

fn read_key_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut content = Zeroizing::new(Vec::with_capacity(seal::KEY_FILE_ROOM));
    File::open(path)
        .and_then(|file| file.take(seal::KEY_FILE_MAX).read_to_end(&mut content))
        .map_err(VaultError::file("read", path))?;
    Ok(content)
}
