//! The rows that are not the core's: account, people; and paging through a history.

use proptest::collection::vec;
use proptest::prelude::*;
use subrosa::secret::record::{ChatId, Marks, Message, Person, PersonKind, Presence, UserId};
use subrosa::secret::step::Change;
use subrosa::vault::{Account, AuthKey};

use super::{commit, kinds, new_vault, reopen, text};

fn account() -> Account {
    Account {
        server: "127.0.0.1:443".into(),
        dc_id: 2,
        proxy: None,
        rsa_key: "-----BEGIN RSA PUBLIC KEY-----\n...".into(),
        auth_key: None,
        salt: 0,
        time_offset: 0,
        phone: "+4915100000".into(),
        api_id: 7,
        me: None,
        signed_in: false,
    }
}

fn ada() -> Person {
    Person {
        id: UserId(1 << 40),
        access_hash: i64::MIN,
        first_name: "Ada\u{202e}\0".into(),
        last_name: String::new(),
        username: Some("ada".into()),
        phone: None,
        contact: true,
        blocked: false,
        kind: PersonKind::Human,
        presence: Presence::Online { until: 7 },
    }
}

#[test]
fn an_account_grows_from_first_word_to_signed_in() {
    let (_folder, mut vault) = new_vault();
    assert_eq!(vault.account().unwrap(), None);
    vault.put_account(&account()).unwrap();
    vault = reopen(vault);
    assert_eq!(vault.account().unwrap(), Some(account()));

    let auth_key = Some(AuthKey::new(&std::array::from_fn(|n| u8::try_from(n).unwrap())));
    let signed_in = Account {
        auth_key,
        salt: i64::MIN,
        time_offset: -3600,
        me: Some(ada()),
        signed_in: true,
        ..account()
    };
    let marks = Marks { pts: 1, qts: 2, seq: 3, date: 4 };
    vault.sign_in(&signed_in, marks).unwrap();
    vault = reopen(vault);
    assert_eq!(vault.account().unwrap(), Some(signed_in.clone()));
    assert_eq!(vault.load().unwrap().marks, marks);
    assert_eq!(vault.people().unwrap(), [ada()]);
    assert!(!format!("{signed_in:?}").contains("254"), "no byte of the key is printed");

    let ended = Account { auth_key: None, signed_in: false, ..signed_in };
    vault.put_account(&ended).unwrap();
    assert_eq!(reopen(vault).account().unwrap(), Some(ended));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn people_come_back_as_they_were(people in vec(kinds::person(any::<i64>()), 0..6)) {
        let (_folder, mut vault) = new_vault();
        vault.put_people(&people).unwrap();
        let mut wanted: Vec<Person> = vec![];
        for person in people.into_iter().rev() {
            if wanted.iter().all(|there| there.id != person.id) {
                wanted.push(person);
            }
        }
        wanted.sort_by_key(|person| person.id);
        prop_assert_eq!(reopen(vault).people().unwrap(), wanted);
    }
}

#[test]
fn the_contact_list_is_noted_with_who_came_and_went() {
    let (_folder, mut vault) = new_vault();
    let person = |id, contact| Person { id: UserId(id), contact, ..ada() };
    vault.put_people(&[person(1, true), person(2, true), person(3, false)]).unwrap();
    assert_eq!(vault.saved_numbers().unwrap(), None);
    vault.put_contact_list(&[person(1, false), person(4, true)], 3).unwrap();
    assert_eq!(vault.saved_numbers().unwrap(), Some(3));
    let found = vault.people().unwrap();
    let contacts: Vec<_> = found.iter().map(|person| (person.id.0, person.contact)).collect();
    assert_eq!(contacts, [(1, false), (2, true), (3, false), (4, true)]);
}

#[test]
fn a_history_is_read_page_by_page_without_repeats_or_gaps() {
    let (_folder, mut vault) = new_vault();
    let all: Vec<Message> = (0..25).map(|n| text(1, n, &format!("number {n}"))).collect();
    for message in &all {
        let other = text(2, message.random_id, "elsewhere");
        vault.commit(&commit([Change::Message(message.clone()), Change::Message(other)])).unwrap();
    }
    let (mut read, mut before) = (vec![], None);
    loop {
        let page = vault.history(ChatId(1), before, 10).unwrap();
        let Some((first, _)) = page.first() else { break };
        before = Some(*first);
        read.splice(0..0, page.into_iter().map(|(_, message)| message));
    }
    assert_eq!(read, all);
}

#[test]
fn a_place_is_not_given_again_after_the_newest_message_was_deleted() {
    let (_folder, mut vault) = new_vault();
    vault.commit(&commit([Change::Message(text(1, 1, "a")), Change::Message(text(1, 2, "b"))])).unwrap();
    let newest = vault.history(ChatId(1), None, 1).unwrap();
    let gone = Change::Deleted { chat: ChatId(1), random_ids: vec![2] };
    vault.commit(&commit([gone, Change::Message(text(1, 3, "c"))])).unwrap();
    let after = vault.history(ChatId(1), None, 1).unwrap();
    assert!(after[0].0 > newest[0].0);
}

#[test]
fn a_vault_may_move_to_another_thread() {
    let (_folder, mut vault) = new_vault();
    let mut vault = std::thread::spawn(move || {
        vault.commit(&commit([Change::Message(text(1, 1, "from elsewhere"))])).unwrap();
        vault
    })
    .join()
    .unwrap();
    vault.commit(&commit([Change::Message(text(1, 2, "from here"))])).unwrap();
    assert_eq!(vault.history(ChatId(1), None, 10).unwrap().len(), 2);
}

#[test]
fn drafts_outlive_their_chat_and_go_with_the_history() {
    let (_folder, mut vault) = new_vault();
    vault.put_draft(ChatId(1), "half a word").unwrap();
    vault.put_draft(ChatId(2), "another").unwrap();
    vault.put_draft(ChatId(2), "").unwrap();
    vault.commit(&commit([Change::Dropped(ChatId(1))])).unwrap();
    let mut vault = reopen(vault);
    assert_eq!(vault.drafts().unwrap(), [(ChatId(1), "half a word".to_owned())]);
    vault.commit(&commit([Change::HistoryGone(ChatId(1))])).unwrap();
    assert_eq!(reopen(vault).drafts().unwrap(), []);
}

#[test]
fn dismissed_chats_stay_dismissed() {
    let (_folder, mut vault) = new_vault();
    vault.dismiss(ChatId(7)).unwrap();
    vault.dismiss(ChatId(7)).unwrap();
    assert_eq!(reopen(vault).dismissed().unwrap(), [ChatId(7)]);
}

#[test]
fn deleted_ids_are_remembered_for_a_month_of_the_servers_time() {
    let (_folder, mut vault) = new_vault();
    let day = 24 * 3600;
    let at = |date| Change::Marks(Marks { date, ..Marks::default() });
    let deleted = |id| Change::Deleted { chat: ChatId(1), random_ids: vec![id] };
    vault.commit(&commit([at(100 * day), deleted(1), at(101 * day), deleted(2)])).unwrap();
    vault.commit(&commit([at(130 * day)])).unwrap();
    let mut vault = reopen(vault);
    assert_eq!(vault.load().unwrap().known, [(ChatId(1), 1), (ChatId(1), 2)]);
    vault.commit(&commit([at(130 * day + 1)])).unwrap();
    assert_eq!(reopen(vault).load().unwrap().known, [(ChatId(1), 2)]);
}
