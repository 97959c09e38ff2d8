//! What people are called on the screen: safe, and never empty.
//!
//! Names come from the network. They pass the gate of [`text`](crate::tui::text) here, once for all views, and whoever has made their
//! name of nothing visible is called by the next thing that is known of them.

use crate::engine::{Person, PersonKind, UserId};
use crate::tui::model::Model;
use crate::tui::text::safe_line;
use crate::tui::words;

/// The whole name, or `@username`, or the telephone number, or the bare number.
pub fn full(model: &Model, user: UserId) -> String {
    model.people.get(&user).map_or_else(|| format!("user {user}"), |person| words::name(&safe(person)))
}

/// The first name alone; where there is none, what [`full`] says.
pub fn short(model: &Model, user: UserId) -> String {
    let alive = model.people.get(&user).filter(|person| person.kind != PersonKind::Deleted);
    let first = alive.map(|person| safe_line(&person.first_name));
    first.filter(|first| !first.is_empty()).unwrap_or_else(|| full(model, user))
}

/// The person with every string made safe, empty ones gone.
pub fn safe(person: &Person) -> Person {
    let some = |text: &Option<String>| text.as_deref().map(safe_line).filter(|text| !text.is_empty());
    Person {
        first_name: safe_line(&person.first_name),
        last_name: safe_line(&person.last_name),
        username: some(&person.username),
        phone: some(&person.phone),
        ..person.clone()
    }
}
