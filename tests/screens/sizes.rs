//! The six main screens at the sizes that panes have.

use insta::assert_snapshot;
use subrosa::engine::{ChatId, ChatState, Closing, PeerFault};
use subrosa::secret::key::Fingerprint;
use subrosa::tui::model::{Focus, Model, Popup, Scroll};

use super::stage::*;

const SIZES: [(u16, u16); 6] = [(120, 36), (80, 24), (50, 16), (24, 8), (20, 5), (19, 4)];

fn at_all_sizes(name: &str, model: impl Fn((u16, u16)) -> Model) {
    for (width, height) in SIZES {
        assert_snapshot!(format!("{name}_{width}x{height}"), screen(&model((width, height))));
    }
}

#[test]
fn list() {
    at_all_sizes("size_list", world);
}

#[test]
fn conversation_at_all_sizes() {
    at_all_sizes("size_conversation", |size| {
        let mut model = conversation(size);
        write(&mut model, 1, "see you at the bridge");
        model
    });
}

#[test]
fn waiting() {
    at_all_sizes("size_waiting", |size| {
        let mut model = world(size);
        open(&mut model, ChatId(2));
        model
    });
}

#[test]
fn request() {
    at_all_sizes("size_request", |size| {
        let mut model = world(size);
        open(&mut model, ChatId(3));
        model
    });
}

#[test]
fn key() {
    at_all_sizes("size_key", |size| {
        let mut model = conversation(size);
        model.chats.get_mut(&ChatId(1)).unwrap().view.state = ChatState::Ready { verified: false };
        model.popup = Some(Popup::Key(ChatId(1)));
        model
    });
}

#[test]
fn refused() {
    let ours = Fingerprint([0x3f, 0xa1, 0x90, 0x0c, 0x77, 0x02, 0x5e, 0xd4]);
    let theirs = Fingerprint([0x90, 0x0c, 0x1b, 0x6a, 0xc8, 0x33, 0xf0, 0x9d]);
    at_all_sizes("size_refused", |size| {
        with_state(size, closed(Closing::Refused(PeerFault::Fingerprint { ours, theirs })))
    });
}

#[test]
fn a_story_that_does_not_fit_is_scrolled_to_its_last_line() {
    let texts = |size, user: i32| -> Vec<String> {
        let mut model = world(size);
        open(&mut model, ChatId(user));
        let scrolled = |skipped| {
            model.focus = Focus::Messages(Scroll { selected: None, skipped });
            screen(&model)
        };
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, u16::MAX].map(scrolled).to_vec()
    };
    let request = screen(&{
        let mut model = world((24, 8));
        open(&mut model, ChatId(3));
        model
    });
    assert!(request.contains("The only copy is here."), "{request}");
    let shown = texts((24, 7), 3);
    assert!(shown[0].contains("..."), "{}", shown[0]);
    assert_eq!(shown[9], shown[10]);
    assert!(!shown[10].contains("..."), "{}", shown[10]);
    assert_snapshot!("story_scrolled_24x7", shown[10]);
    // One row at a time, no word is lost.
    let shown = texts((20, 5), 3);
    let rows = shown_rows(&shown);
    for word in ["Wants", "secret", "chat.", "contacts.", "only", "copy", "here.", "@farid3"] {
        assert!(rows.iter().any(|row| row.contains(word)), "{word}: {rows:#?}");
    }
}

/// The second row of each screen.
fn shown_rows(screens: &[String]) -> Vec<&str> {
    screens.iter().filter_map(|screen| screen.lines().nth(1)).collect()
}
