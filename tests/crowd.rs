//! What five thousand contacts cost a screen, printed for whoever looks: `cargo test --test crowd -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use subrosa::engine::{Event, Person, PersonKind, Presence, UserId};
use subrosa::tui::model::Model;
use subrosa::tui::msg::Msg;
use subrosa::tui::rows::rows;
use subrosa::tui::theme::Theme;
use subrosa::tui::update::update;
use subrosa::tui::view::draw;

const CROWD: i64 = 5_000;

fn crowd() -> Vec<Person> {
    let one = |id: i64| Person {
        id: UserId(id),
        access_hash: id,
        first_name: format!("Name{:04}", id * 7_919 % CROWD),
        last_name: format!("Family{id}"),
        username: Some(format!("user_{id}")),
        phone: Some(format!("49170{id:07}")),
        contact: true,
        blocked: false,
        kind: PersonKind::Human,
        presence: Presence::Recently,
    };
    (1..=CROWD).map(one).collect()
}

fn told(people: Vec<Person>) -> Model {
    let mut model = Model::new("home", (120, 36), 0, TimeZone::UTC);
    update(&mut model, Msg::Engine(Box::new(Event::People(people))), 0);
    update(&mut model, Msg::Engine(Box::new(Event::Restored)), 0);
    model
}

fn press(model: &mut Model, code: KeyCode) {
    update(model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)), 1);
}

#[test]
fn a_crowd_is_listed_by_name_and_found() {
    let mut model = told(crowd());
    assert_eq!(rows(&model).len(), usize::try_from(CROWD).unwrap());
    for letter in "/family4999".chars() {
        press(&mut model, KeyCode::Char(letter));
    }
    assert_eq!(rows(&model).len(), 1);
}

#[test]
#[ignore = "prints figures and asserts nothing"]
fn what_a_crowd_costs() {
    let people = crowd();
    let begun = Instant::now();
    let mut model = told(people);
    println!("told: {:?}", begun.elapsed());
    let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
    let (theme, times) = (Theme::dark(), 50);
    let mut measure = |what: &str, model: &mut Model, code: KeyCode| {
        let begun = Instant::now();
        for _ in 0..times {
            press(model, code);
        }
        let keys = begun.elapsed() / times;
        let begun = Instant::now();
        for _ in 0..times {
            terminal
                .draw(|frame| {
                    draw(model, &theme, frame);
                })
                .unwrap();
        }
        println!("{what}: {keys:?} for a key, {:?} for a frame", begun.elapsed() / times);
    };
    measure("down", &mut model, KeyCode::Down);
    measure("a page down", &mut model, KeyCode::PageDown);
    press(&mut model, KeyCode::Char('/'));
    measure("search, one letter", &mut model, KeyCode::Char('a'));
    for _ in 0..49 {
        press(&mut model, KeyCode::Backspace);
    }
    measure("search, arrows", &mut model, KeyCode::Down);
}
