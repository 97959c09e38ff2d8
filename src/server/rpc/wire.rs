//! Requests whose generated types are not read from clients, in a form that cannot recurse.
//!
//! `InputUser` and `InputPeer` contain each other ("the user of a message in a peer of a message in ..."), and the generated
//! reader follows such a chain until the stack ends, which no handler can catch. Everything that contains one of the two is
//! therefore read here, and only the plain forms are understood. Notes on contacts carry entities that mention users: they
//! are refused too.

use grammers_tl_types::deserialize::{Error, Result};
use grammers_tl_types::{Cursor, Deserializable, Identifiable, Serializable, enums, types};

/// Whom a request means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum UserRef {
    Empty,
    Me,
    Other { id: i64, access_hash: i64 },
}

impl UserRef {
    fn other(from: &mut Cursor<'_>) -> Result<UserRef> {
        Ok(UserRef::Other { id: read(from)?, access_hash: read(from)? })
    }
}

/// `InputUser`. A peer that is a person passes for one: there are clients that send whatever they have resolved a name to.
impl Deserializable for UserRef {
    fn deserialize(from: &mut Cursor<'_>) -> Result<UserRef> {
        match read(from)? {
            types::InputUser::CONSTRUCTOR_ID | types::InputPeerUser::CONSTRUCTOR_ID => UserRef::other(from),
            INPUT_USER_SELF | INPUT_PEER_SELF => Ok(UserRef::Me),
            INPUT_USER_EMPTY | INPUT_PEER_EMPTY => Ok(UserRef::Empty),
            id => Err(Error::UnexpectedConstructor { id }),
        }
    }
}

/// `InputPeer`, of which only people are understood.
pub(super) struct PeerRef(pub UserRef);

impl Deserializable for PeerRef {
    fn deserialize(from: &mut Cursor<'_>) -> Result<PeerRef> {
        read(from).map(PeerRef)
    }
}

const INPUT_USER_EMPTY: u32 = 0xb988_86cf;
const INPUT_USER_SELF: u32 = 0xf7c1_b13f;
const INPUT_PEER_EMPTY: u32 = 0x7f3b_18ea;
const INPUT_PEER_SELF: u32 = 0x7da0_7ec9;

/// `users.getUsers`, `contacts.deleteContacts`
pub(super) struct Users(pub Vec<UserRef>);

impl Deserializable for Users {
    fn deserialize(from: &mut Cursor<'_>) -> Result<Users> {
        read(from).map(Users)
    }
}

/// `users.getFullUser`
pub(super) struct OneUser(pub UserRef);

impl Deserializable for OneUser {
    fn deserialize(from: &mut Cursor<'_>) -> Result<OneUser> {
        read(from).map(OneUser)
    }
}

/// `contacts.block`, `contacts.unblock`
pub(super) struct BlockPeer {
    /// The list of those who see no stories is meant.
    pub my_stories_from: bool,
    pub peer: PeerRef,
}

impl Deserializable for BlockPeer {
    fn deserialize(from: &mut Cursor<'_>) -> Result<BlockPeer> {
        let flags: u32 = read(from)?;
        Ok(BlockPeer { my_stories_from: flags & 1 != 0, peer: read(from)? })
    }
}

/// `contacts.setBlocked`
pub(super) struct SetBlocked {
    /// As in [`BlockPeer`].
    pub my_stories_from: bool,
    pub peers: Vec<PeerRef>,
    /// Says only how many they are.
    pub _limit: i32,
}

impl Deserializable for SetBlocked {
    fn deserialize(from: &mut Cursor<'_>) -> Result<SetBlocked> {
        let flags: u32 = read(from)?;
        Ok(SetBlocked { my_stories_from: flags & 1 != 0, peers: read(from)?, _limit: read(from)? })
    }
}

/// `account.setPrivacy`, the rules of which may name people.
pub(super) struct SetPrivacy {
    pub key: enums::InputPrivacyKey,
    /// The one rule that is for all alike; `None`: there are others.
    pub rule: Option<enums::PrivacyRule>,
}

impl Deserializable for SetPrivacy {
    fn deserialize(from: &mut Cursor<'_>) -> Result<SetPrivacy> {
        let key = read(from)?;
        let mut rules = Vec::new();
        from.read_to_end(&mut rules)?;
        let is = |rule: enums::InputPrivacyRule| vec![rule].to_bytes() == rules;
        let rule = if is(enums::InputPrivacyRule::InputPrivacyValueAllowAll) {
            Some(enums::PrivacyRule::PrivacyValueAllowAll)
        } else if is(enums::InputPrivacyRule::InputPrivacyValueDisallowAll) {
            Some(enums::PrivacyRule::PrivacyValueDisallowAll)
        } else {
            None
        };
        Ok(SetPrivacy { key, rule })
    }
}

/// `contacts.addContact`
pub(super) struct AddContact {
    pub user: UserRef,
    pub first_name: String,
    pub last_name: String,
    /// Sent only to be kept in the address book; the server knows the number itself.
    pub _phone: String,
}

impl Deserializable for AddContact {
    fn deserialize(from: &mut Cursor<'_>) -> Result<AddContact> {
        let flags: u32 = read(from)?;
        refuse_note(flags & 1 << 1)?;
        Ok(AddContact {
            user: read(from)?,
            first_name: read(from)?,
            last_name: read(from)?,
            _phone: read(from)?,
        })
    }
}

/// `contacts.search` as it was before the kinds of what is searched could be named.
pub(super) struct PlainSearch {
    pub q: String,
    pub limit: i32,
}

impl Deserializable for PlainSearch {
    fn deserialize(from: &mut Cursor<'_>) -> Result<PlainSearch> {
        Ok(PlainSearch { q: read(from)?, limit: read(from)? })
    }
}

/// `contacts.importContacts`
pub(super) struct ImportContacts(pub Vec<PhoneContact>);

impl Deserializable for ImportContacts {
    fn deserialize(from: &mut Cursor<'_>) -> Result<ImportContacts> {
        read(from).map(ImportContacts)
    }
}

/// `inputPhoneContact`, in its present form and in the one before notes existed.
pub(super) struct PhoneContact {
    pub client_id: i64,
    pub phone: String,
    pub first_name: String,
    pub last_name: String,
}

const INPUT_PHONE_CONTACT_WITHOUT_NOTE: u32 = 0xf392_b7f4;

impl Deserializable for PhoneContact {
    fn deserialize(from: &mut Cursor<'_>) -> Result<PhoneContact> {
        match read(from)? {
            types::InputPhoneContact::CONSTRUCTOR_ID => {
                let flags: u32 = read(from)?;
                refuse_note(flags & 1)?;
            }
            INPUT_PHONE_CONTACT_WITHOUT_NOTE => {}
            id => return Err(Error::UnexpectedConstructor { id }),
        }
        Ok(PhoneContact {
            client_id: read(from)?,
            phone: read(from)?,
            first_name: read(from)?,
            last_name: read(from)?,
        })
    }
}

/// `messages.requestEncryption`
pub(super) struct RequestEncryption {
    pub user: UserRef,
    pub random_id: i32,
    pub g_a: Vec<u8>,
}

impl Deserializable for RequestEncryption {
    fn deserialize(from: &mut Cursor<'_>) -> Result<RequestEncryption> {
        Ok(RequestEncryption { user: read(from)?, random_id: read(from)?, g_a: read(from)? })
    }
}

/// `upload.getFile`
pub(super) struct GetFile {
    pub precise: bool,
    /// Id and access hash of a file of a secret chat; `None` for all other locations.
    pub location: Option<(i64, i64)>,
    pub offset: i64,
    pub limit: i32,
}

impl Deserializable for GetFile {
    fn deserialize(from: &mut Cursor<'_>) -> Result<GetFile> {
        let flags: u32 = read(from)?;
        let precise = flags & 1 != 0;
        if read::<u32>(from)? != types::InputEncryptedFileLocation::CONSTRUCTOR_ID {
            from.read_to_end(&mut Vec::new())?;
            return Ok(GetFile { precise, location: None, offset: 0, limit: 0 });
        }
        let location = Some((read(from)?, read(from)?));
        Ok(GetFile { precise, location, offset: read(from)?, limit: read(from)? })
    }
}

/// A request of which nothing is of interest here.
pub(super) struct Ignored;

impl Deserializable for Ignored {
    fn deserialize(from: &mut Cursor<'_>) -> Result<Ignored> {
        from.read_to_end(&mut Vec::new())?;
        Ok(Ignored)
    }
}

fn read<T: Deserializable>(from: &mut Cursor<'_>) -> Result<T> {
    T::deserialize(from)
}

fn refuse_note(flag: u32) -> Result<()> {
    if flag == 0 {
        Ok(())
    } else {
        Err(Error::UnexpectedConstructor { id: types::TextWithEntities::CONSTRUCTOR_ID })
    }
}
