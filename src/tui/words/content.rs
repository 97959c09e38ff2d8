//! What messages hold, in words: kinds of files, sizes, durations, places, and the one line that stands for a whole message.
//!
//! Everything that comes out of here is safe to show. What is hidden in a message (a spoiler, a photo that destroys itself) stays hidden on
//! every line that quotes it.

use crate::engine::{Attachment, Body, Direction, Kind, Location, Message, is_protected};
use crate::tui::formatted;
use crate::tui::text::safe_line;
use crate::tui::words;

/// What a file is, in one or two words.
pub fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Photo { .. } => "photo",
        Kind::Video { round: true, .. } => "video message",
        Kind::Video { .. } => "video",
        Kind::Animation { .. } => "animation",
        Kind::Voice { .. } => "voice message",
        Kind::Audio { .. } => "audio",
        Kind::Sticker { .. } => "sticker",
        Kind::Document => "file",
    }
}

/// The file of a message.
pub fn file(message: &Message) -> Option<&Attachment> {
    match &message.body {
        Body::File(file) => Some(file),
        _ => None,
    }
}

/// Whether what a message holds is hidden until it is opened, and destroys itself after that: it is neither kept nor copied.
pub fn protected(message: &Message) -> bool {
    is_protected(message)
}

/// Protected, somebody else's, and not opened yet.
pub fn covered(message: &Message) -> bool {
    protected(message) && message.direction == Direction::In && !message.opened
}

/// A number of bytes in the unit that leaves at most four digits.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1_000 {
        return format!("{count} B");
    }
    let mut unit = 1_000;
    let mut name = "kB";
    for next in UNITS.iter().skip(1) {
        if count / unit < 1_000 {
            break;
        }
        unit *= 1_000;
        name = next;
    }
    let tenths = count / (unit / 10);
    match tenths {
        ..1_000 => format!("{}.{} {name}", tenths / 10, tenths % 10),
        _ => format!("{} {name}", tenths / 10),
    }
}

/// Minutes and seconds, `1:02`, and hours if there are any.
pub fn duration(seconds: i32) -> String {
    let seconds = seconds.max(0);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Degrees north and east, as one word that maps understand; nothing for what is no place on the earth.
pub fn coordinates(at: Location) -> Option<String> {
    let (lat, long) = (at.lat(), at.long());
    let there = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&long);
    there.then(|| format!("{lat:.5},{long:.5}"))
}

/// What is known of a file besides its name: size, extent, duration, type.
pub fn details(file: &Attachment) -> Vec<String> {
    let mut details = vec![bytes(file.size)];
    let extent = match file.kind {
        Kind::Photo { width, height }
        | Kind::Video { width, height, .. }
        | Kind::Animation { width, height, .. } => Some((width, height)),
        _ => None,
    };
    let extent = extent.filter(|(width, height)| *width > 0 && *height > 0);
    details.extend(extent.map(|(width, height)| format!("{width}x{height}")));
    let duration = file.kind.duration();
    details.extend((duration > 0).then(|| self::duration(duration)));
    details
}

/// The name of a file, or of a piece of music; empty if there is none.
pub fn file_name(file: &Attachment) -> String {
    let both = match &file.kind {
        Kind::Audio { title, performer, .. } => [performer, title].map(|part| safe_line(part)),
        Kind::Sticker { emoji } => [safe_line(emoji), String::new()],
        _ => Default::default(),
    };
    let both: Vec<String> = both.into_iter().filter(|part| !part.is_empty()).collect();
    let name = if both.is_empty() { safe_line(&file.name) } else { both.join(" - ") };
    let beginning: String = name.chars().take(LONGEST_NAME).collect();
    beginning
}

/// Characters of a name that are worth showing.
const LONGEST_NAME: usize = 160;

/// A contact's name.
pub fn contact_name(first: &str, last: &str) -> String {
    safe_line(&format!("{first} {last}"))
}

/// A message on one line, for lists and quotes. `name` is the peer's, safe.
pub fn line(message: &Message, name: &str) -> String {
    let who = if message.direction == Direction::Out { "You" } else { name };
    let with =
        |what: &str, more: String| if more.is_empty() { what.into() } else { format!("{what}: {more}") };
    match &message.body {
        Body::Text(text) | Body::WebPage { text, .. } => formatted::line(text),
        Body::File(file) if covered(message) => format!("{}, hidden", kind(&file.kind)),
        Body::File(file) => {
            let caption = formatted::line(&file.caption);
            with(kind(&file.kind), if caption.is_empty() { file_name(file) } else { caption })
        }
        Body::Contact { first_name, last_name, .. } => with("contact", contact_name(first_name, last_name)),
        Body::Location(_) => "place".into(),
        Body::Venue { title, .. } => with("place", safe_line(title)),
        Body::Sticker { emoji, .. } => with("sticker", safe_line(emoji)),
        Body::TimerSet(seconds) => words::timer_set(*seconds, message.direction, name),
        Body::Screenshot => words::screenshot(message.direction, name),
        Body::Unsupported(_) => words::unsupported(message.direction, who),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_at_most_four_digits() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (99_949, "99.9 kB"),
            (100_000, "100 kB"),
            (1_250_000, "1.2 MB"),
            (2_097_152_000, "2.0 GB"),
            (u64::MAX, "18446744 TB"),
        ];
        for (count, said) in cases {
            assert_eq!(bytes(count), said);
        }
    }

    #[test]
    fn durations_are_never_negative() {
        let said = [-5, 0, 62, 3_723, i32::MAX].map(duration);
        assert_eq!(said, ["0:00", "0:00", "1:02", "1:02:03", "596523:14:07"]);
    }

    #[test]
    fn only_places_on_the_earth_are_told() {
        assert_eq!(coordinates(Location::new(52.51628, -13.37771)).as_deref(), Some("52.51628,-13.37771"));
        for (lat, long) in [(f64::NAN, 0.0), (1e300, 0.0), (0.0, f64::INFINITY), (91.0, 0.0)] {
            assert_eq!(coordinates(Location::new(lat, long)), None);
        }
    }
}
