//! The username: where it is changed, what is refused before the server is asked, and what is said afterwards.

use subrosa::engine::{Command, Event, Person};
use subrosa::tui::keys::hints;
use subrosa::tui::model::Popup;
use subrosa::tui::msg::Msg;

use crate::dsl::*;

fn me(username: &str) -> Event {
    Event::People(vec![person(ME, "Me", "", username, false)])
}

#[test]
fn it_is_changed_in_the_menu_of_the_account() {
    let mut screen = Screen::new();
    screen.keys("a@");
    assert_eq!(screen.model.popup, Some(Popup::Username("me".into())));
    screen.keys("<ctrl-u>").msg(Msg::Paste(" @rosa_k\n".into())).keys("<Enter>");
    assert_eq!(screen.commands(), [Command::SetUsername("rosa_k".into())]);
    assert_eq!((&screen.model.popup, screen.toast()), (&None, "asking for @rosa_k"));
    screen.tell(me("rosa_k"));
    assert_eq!(screen.toast(), "you are @rosa_k now");
    assert_eq!(screen.model.me.as_ref().and_then(|me| me.username.as_deref()), Some("rosa_k"));
    screen.keys("a@");
    assert_eq!(screen.model.popup, Some(Popup::Username("rosa_k".into())));
    screen.keys("<Esc>");
    assert_eq!((screen.commands(), &screen.model.popup), (vec![], &None));
}

#[test]
fn what_cannot_be_one_is_refused_before_the_server_is_asked() {
    for (typed, why) in [
        ("me", "already"),
        ("four", "5 to 32"),
        ("a23456789012345678901234567890123", "5 to 32"),
        ("1etters", "begins with a letter"),
        ("ad\u{e8}le", "a to z"),
        ("with space", "a to z"),
    ] {
        let mut screen = Screen::new();
        screen.keys("a@<ctrl-u>").msg(Msg::Paste(typed.into())).keys("<Enter>");
        assert_eq!(screen.commands(), [], "{typed}");
        assert!(screen.toast().contains(why), "{typed}: {}", screen.toast());
        assert!(matches!(screen.model.popup, Some(Popup::Username(_))), "what was typed can be mended");
    }
}

#[test]
fn it_is_given_up_after_a_question() {
    let mut screen = Screen::new();
    screen.keys("a@<ctrl-u>");
    let shown: Vec<String> = hints(&screen.model).into_iter().map(|hint| hint.words).collect();
    assert_eq!(shown[0], "give it up", "and not to take anything");
    screen.keys("<Enter>");
    assert!(screen.question().starts_with("Give up @me?"), "{}", screen.question());
    assert_eq!(screen.commands(), []);
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::SetUsername(String::new())]);
    screen.tell(me(""));
    assert_eq!(screen.toast(), "you have no username now");
    screen.keys("a@<Enter>");
    assert_eq!((screen.commands(), screen.toast()), (vec![], "write the name that you want"));
}

#[test]
fn news_of_oneself_that_is_none_says_nothing() {
    let mut screen = Screen::new();
    screen.tell(me("me"));
    assert_eq!(screen.toast(), "");
    screen.tell(Event::Me(person(ME, "Me", "", "rosa", false)));
    assert_eq!(screen.toast(), "you are @rosa now");
    screen
        .keys("<ctrl-l>")
        .tell(Event::Me(Person { first_name: "Ada".into(), ..person(ME, "Me", "", "rosa", false) }));
    assert_eq!(screen.toast(), "");
    let mut fresh = Screen::new();
    assert_eq!(fresh.toast(), "", "what is read at the start is no news");
    fresh.tell(me("me"));
    assert_eq!(fresh.toast(), "");
}
