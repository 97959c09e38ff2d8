//! What can be chosen of what others see, and that nothing else is pretended.

use grammers_tl_types::{enums, functions, types};

use crate::world::*;

const EVERYBODY: enums::PrivacyRule = enums::PrivacyRule::PrivacyValueAllowAll;
const NOBODY: enums::PrivacyRule = enums::PrivacyRule::PrivacyValueDisallowAll;

fn told(world: &mut World, key: i64, about: enums::InputPrivacyKey) -> Vec<enums::PrivacyRule> {
    let enums::account::PrivacyRules::Rules(told) =
        world.call(key, &functions::account::GetPrivacy { key: about }).unwrap();
    told.rules
}

fn wish(
    world: &mut World,
    about: enums::InputPrivacyKey,
    rules: Vec<enums::InputPrivacyRule>,
) -> Result<Vec<enums::PrivacyRule>, String> {
    let enums::account::PrivacyRules::Rules(told) =
        world.call(BOOLE, &functions::account::SetPrivacy { key: about, rules })?;
    Ok(told.rules)
}

fn allow() -> Vec<enums::InputPrivacyRule> {
    vec![enums::InputPrivacyRule::InputPrivacyValueAllowAll]
}

fn disallow() -> Vec<enums::InputPrivacyRule> {
    vec![enums::InputPrivacyRule::InputPrivacyValueDisallowAll]
}

fn seen(world: &mut World) -> enums::UserStatus {
    world.by_phone(ADA, BOOLE_PHONE).status.unwrap()
}

#[test]
fn who_hides_their_presence_is_seen_roughly_by_all_at_once() {
    use enums::InputPrivacyKey::StatusTimestamp;
    let mut world = World::with_cast();
    let boole = world.by_phone(ADA, BOOLE_PHONE);
    let add = functions::contacts::AddContact {
        add_phone_privacy_exception: false,
        id: input(&boole),
        first_name: "Boole".into(),
        last_name: String::new(),
        phone: String::new(),
        note: None,
    };
    world.call(ADA, &add).unwrap();
    world.call(BOOLE, &functions::account::UpdateStatus { offline: false }).unwrap();
    [BOOLE, BOOLE_2, ADA].iter().for_each(|&key| drop(world.pushed_raw(key)));
    assert_eq!(told(&mut world, BOOLE, StatusTimestamp), [EVERYBODY]);
    let exact = seen(&mut world);
    assert!(matches!(exact, enums::UserStatus::Online(_)));

    assert_eq!(wish(&mut world, StatusTimestamp, disallow()).unwrap(), [NOBODY]);
    assert_eq!(told(&mut world, BOOLE_2, StatusTimestamp), [NOBODY], "of the account");
    assert_eq!(told(&mut world, ADA, StatusTimestamp), [EVERYBODY], "and of no other");
    let rough: enums::UserStatus = types::UserStatusRecently { by_me: false }.into();
    assert_eq!(seen(&mut world), rough);
    let own = |rule| {
        vec![types::UpdatePrivacy { key: enums::PrivacyKey::StatusTimestamp, rules: vec![rule] }.into()]
    };
    assert_eq!(world.pushed(BOOLE), own(NOBODY));
    assert_eq!(world.pushed(BOOLE_2), own(NOBODY));
    let user_id = boole.id;
    assert_eq!(world.pushed(ADA), [types::UpdateUserStatus { user_id, status: rough }.into()]);

    assert_eq!(wish(&mut world, StatusTimestamp, disallow()).unwrap(), [NOBODY]);
    assert_eq!((world.pushed(BOOLE), world.pushed(ADA)), (vec![], vec![]), "nothing has changed");
    assert_eq!(wish(&mut world, StatusTimestamp, allow()).unwrap(), [EVERYBODY]);
    assert_eq!(seen(&mut world), exact);
    assert_eq!(world.pushed(ADA), [types::UpdateUserStatus { user_id, status: exact }.into()]);
}

#[test]
fn what_is_not_obeyed_is_not_accepted() {
    use enums::InputPrivacyKey::{PhoneCall, PhoneNumber, StatusTimestamp};
    let mut world = World::with_cast();
    assert_eq!(told(&mut world, BOOLE, PhoneNumber), [EVERYBODY]);
    assert_eq!(told(&mut world, BOOLE, PhoneCall), [NOBODY]);
    // As it is, it may be wished.
    assert_eq!(wish(&mut world, PhoneNumber, allow()).unwrap(), [EVERYBODY]);
    assert_eq!(wish(&mut world, PhoneCall, disallow()).unwrap(), [NOBODY]);
    let ada = input(&world.by_phone(BOOLE, ADA_PHONE));
    let but = types::InputPrivacyValueAllowUsers { users: vec![ada] }.into();
    let contacts = enums::InputPrivacyRule::InputPrivacyValueAllowContacts;
    for (key, rules) in [
        (PhoneNumber, disallow()),
        (PhoneCall, allow()),
        (StatusTimestamp, vec![contacts]),
        (StatusTimestamp, vec![but, enums::InputPrivacyRule::InputPrivacyValueDisallowAll]),
        (StatusTimestamp, Vec::new()),
    ] {
        assert_eq!(wish(&mut world, key, rules).unwrap_err(), "400 PRIVACY_VALUE_INVALID");
    }
    assert_eq!(told(&mut world, BOOLE, StatusTimestamp), [EVERYBODY]);
    let stranger = functions::account::GetPrivacy { key: StatusTimestamp };
    assert_eq!(world.call(0x77, &stranger).unwrap_err(), "401 AUTH_KEY_UNREGISTERED");
}
