//! Who there is in the demo: those who play a part, those who are merely there, and those who have to be searched for.
//!
//! One table of people, each with one trait. The names are of many scripts and lengths, and one is hostile, since a contact list has
//! to bear what the world is called; when somebody was seen last covers what a list can say about it.

use std::time::Duration;

use super::script::{Answer, Favour, Reply, Script};
use crate::server::rpc::Resident;

/// The user's phone number; nobody outside the demo has one that begins like it.
pub(super) const USER_PHONE: &str = "9996610000";

/// How long somebody is online who stays online: longer than anybody looks at a demo.
const ONLINE: i32 = DAY;

const HOUR: i32 = 3_600;
const DAY: i32 = 24 * HOUR;

/// One person.
pub(super) struct Role {
    pub phone: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    username: Option<&'static str>,
    /// Seconds from now: when they were online last, or until when they are online.
    seen: i32,
    /// On the user's contact list.
    pub contact: bool,
    pub part: Part,
}

/// What somebody does.
pub(super) enum Part {
    /// An engine follows the script.
    Plays(Script),
    /// Falsifies the exchange.
    Tampers,
    /// Nothing; they are only there.
    Extra,
    /// Nothing either: a program's account.
    Bot,
    /// The account is deleted before the user comes.
    Deleted,
    /// The user has blocked them before.
    Blocked,
}

const ROLES: &[Role] = &[
    // The cast, in the order of their arrival.
    role("9996610001", "Basil", "Ivanov", "basil_ivanov", Part::Plays(BASIL)),
    role("9996610002", "Clara", "Moreau", "clara_moreau", Part::Plays(CLARA)),
    Role { contact: false, ..role("9996610003", "Farid", "Haddad", "farid_h", Part::Plays(FARID)) },
    role("9996610004", "Mallory", "", "mallory", Part::Tampers),
    role("9996610005", "Dmitri", "Orlov", "dmitri_orlov", Part::Plays(DMITRI)),
    role("9996610006", "Anton", "Berg", "anton_berg", Part::Plays(ANTON)),
    role("9996610007", "Hana", "Sato", "hana_sato", Part::Plays(HANA)),
    // Contacts who are just there.
    extra("9996610011", "Ada", "Winter", ONLINE),
    extra("9996610012", "Alma", "Quist", -2 * HOUR),
    extra("9996610013", "Bo", "", -12 * 60),
    extra("9996610014", "Ольга", "Шевченко", -26 * HOUR),
    extra("9996610015", "山田", "太郎", ONLINE),
    extra("9996610016", "김", "서연", -3 * DAY),
    extra("9996610017", "فاطمة", "الزهراء", -5 * HOUR),
    extra("9996610018", "רות", "לוי", -9 * DAY),
    extra("9996610019", "नेहा", "शर्मा", -40 * 60),
    extra("9996610020", "Łukasz", "Żółkiewski", -4 * DAY),
    extra("9996610021", "Αλέξανδρος", "Παπαδόπουλος", -40 * DAY),
    extra("9996610022", "Maximiliane Friederike", "von und zu Hohenlohe-Langenburg-Weikersheim", -400 * DAY),
    extra("9996610023", "👩\u{200d}👩\u{200d}👧 Die", "Nachbarinnen", -6 * DAY),
    // A name that means harm: it would colour the screen, set the title and turn what follows around.
    extra("9996610024", "Eve\u{1b}[31;5m\u{1b}]0;owned\u{7}", "\u{202e}drow\u{2066}\u{9b}2J\r\n", -2 * DAY),
    // With whom no secret chat can be had.
    role("9996610025", "Prompter", "", "prompter_bot", Part::Bot),
    Role { part: Part::Deleted, ..extra("9996610026", "Gone", "Away", -90 * DAY) },
    Role { part: Part::Blocked, ..extra("9996610027", "Ivo", "Lang", -3 * HOUR) },
    // Not on the list: to be found by @name.
    Role { contact: false, ..role("9996610031", "Quentin", "Harbour", "quiet_harbour", Part::Extra) },
    Role { contact: false, ..role("9996610032", "Lena", "Kovač", "lena_kovac", Part::Extra) },
];

const fn role(
    phone: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    username: &'static str,
    part: Part,
) -> Role {
    Role { phone, first_name, last_name, username: Some(username), seen: ONLINE, contact: true, part }
}

const fn extra(phone: &'static str, first_name: &'static str, last_name: &'static str, seen: i32) -> Role {
    Role { phone, first_name, last_name, username: None, seen, contact: true, part: Part::Extra }
}

/// Accepts at once and answers, and does what he is asked for.
const BASIL: Script = Script {
    reply: Reply::AcceptAfter(Duration::ZERO),
    asks: None,
    greeting: None,
    answers: &[
        Answer::Words(
            "There you are. What we write here, **nobody else** can read: not even the server between us.",
        ),
        Answer::Words(
            "Have you looked at the key of this chat (`Ctrl+K`)? I see the same picture. In earnest we would compare it __on the phone__.",
        ),
        Answer::Photo("The bridge, tonight. Ask for another __photo__ whenever you like."),
        Answer::Words(
            "Ask me for a __timer__, and what we write destroys itself. Ask for a __photo__ then, and it has to be opened first.",
        ),
        Answer::Words(
            "If the connection breaks now, nothing is lost: what you write waits here, and arrives ++once++.",
        ),
        Answer::Words(
            "I should tell you that I am playing a part: ||my answers come in turn, whatever you write||.",
        ),
        Answer::Words("Close this chat whenever you like. You choose whether what we wrote goes with it."),
    ],
    favours: &[
        ("photo", Favour::Say(Answer::Photo("The bridge, seen from the gate."))),
        (
            "timer",
            Favour::Timer {
                seconds: 20,
                on: "From now on everything burns **20 seconds** after it was read. Ask again, and I switch it off.",
                off: "Off again: what we write from here on stays.",
            },
        ),
    ],
};

/// Takes five seconds.
const CLARA: Script = Script {
    reply: Reply::AcceptAfter(Duration::from_secs(5)),
    asks: None,
    greeting: Some(
        "Here I am; my phone was in the other room. **Five seconds** are long when you wait, aren't they?",
    ),
    answers: &[
        Answer::Words("Yes, I can read you."),
        Answer::Words("One moment, somebody is at the door."),
        Answer::Words("I am back. Go on."),
    ],
    favours: &[],
};

/// Asks the user for a chat soon after the start.
const FARID: Script = Script {
    reply: Reply::AcceptAfter(Duration::from_secs(1)),
    asks: Some(Duration::from_secs(3)),
    greeting: Some("Thank you for answering. We have not met: __look at who asks__ before you accept."),
    answers: &[
        Answer::Words("I will think about it."),
        Answer::Words("Let us talk about that tomorrow."),
        Answer::Words("Agreed."),
    ],
    favours: &[],
};

/// Declines.
const DMITRI: Script = Script { reply: Reply::DeclineAfter(Duration::from_secs(2)), ..ANTON };

/// Gets the request, and never answers it.
const ANTON: Script =
    Script { reply: Reply::Silence, asks: None, greeting: None, answers: &[], favours: &[] };

/// Asks later, so that there is another request to answer in another way.
const HANA: Script = Script {
    reply: Reply::AcceptAfter(Duration::from_secs(2)),
    asks: Some(Duration::from_secs(11)),
    greeting: Some("Hello. You could have left my request for later: it would have kept."),
    answers: &[
        Answer::Words("Quite so."),
        Answer::Words("I have to go on stage again in a moment."),
        Answer::Words("See you at the bridge."),
    ],
    favours: &[],
};

/// Those who do something, in the order of their arrival.
pub(super) fn cast() -> impl Iterator<Item = &'static Role> {
    ROLES.iter().filter(|role| role.acts())
}

/// The phone numbers of the contacts who are just there. Those who play a part become contacts as they arrive.
pub(super) fn extras() -> Vec<String> {
    let extras = ROLES.iter().filter(|role| role.contact && !role.acts());
    extras.map(|role| role.phone.to_owned()).collect()
}

/// Those of the others with whom no secret chat can be had.
pub(super) fn out_of_reach() -> impl Iterator<Item = &'static Role> {
    ROLES.iter().filter(|role| matches!(role.part, Part::Bot | Part::Deleted | Part::Blocked))
}

/// Everybody's account, the user's first; `now` is unix seconds.
pub(super) fn residents(now: i32) -> Vec<Resident> {
    let user = Resident {
        phone: USER_PHONE.to_owned(),
        first_name: "Robin".to_owned(),
        seen: now,
        ..Resident::default()
    };
    std::iter::once(user).chain(ROLES.iter().map(|role| role.resident(now))).collect()
}

impl Role {
    fn resident(&self, now: i32) -> Resident {
        Resident {
            phone: self.phone.to_owned(),
            first_name: self.first_name.to_owned(),
            last_name: self.last_name.to_owned(),
            username: self.username.map(str::to_owned),
            seen: now.saturating_add(self.seen),
        }
    }

    fn acts(&self) -> bool {
        matches!(self.part, Part::Plays(_) | Part::Tampers)
    }

    /// The name by which faults are told.
    pub fn name(&self) -> &'static str {
        self.first_name
    }
}
