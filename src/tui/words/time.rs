//! Times and days as people read them, in a given zone.
//!
//! Times of day and dates are said rather than how long ago something was: "2 minutes ago" would be wrong two minutes later. The one thing
//! that is counted is what is left of a life, and whoever says it also says until when that is true.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::engine::Presence;

/// A time of day, `12:40`; `unix` in seconds.
pub fn clock(unix: i32, zone: &TimeZone) -> String {
    said(&at(i64::from(unix) * 1000, zone), "%H:%M")
}

/// A time of day with seconds, `12:40:05`; Unix milliseconds.
pub fn clock_with_seconds(unix_ms: i64, zone: &TimeZone) -> String {
    said(&at(unix_ms, zone), "%H:%M:%S")
}

/// The shortest that names a moment: the time today, else the day, in another year month and year. `now_ms` in Unix milliseconds.
pub fn stamp(unix: i32, now_ms: i64, zone: &TimeZone) -> String {
    let (then, now) = (at(i64::from(unix) * 1000, zone), at(now_ms, zone));
    let form = match () {
        () if then.date() == now.date() => "%H:%M",
        () if then.year() == now.year() => "%-d %b",
        () => "%b %Y",
    };
    said(&then, form)
}

/// A day for a separator, `Saturday, 21 November`, with the year if it is another one.
pub fn day(unix: i32, now_ms: i64, zone: &TimeZone) -> String {
    let (then, now) = (at(i64::from(unix) * 1000, zone), at(now_ms, zone));
    said(&then, if then.year() == now.year() { "%A, %-d %B" } else { "%A, %-d %B %Y" })
}

/// Whether two moments, in Unix seconds, fall on one day.
pub fn same_day(one: i32, other: i32, zone: &TimeZone) -> bool {
    // Every zone is a multiple of a quarter of an hour off, so within one no day begins.
    let quarter = |unix: i32| unix.div_euclid(15 * 60);
    quarter(one) == quarter(other)
        || at(i64::from(one) * 1000, zone).date() == at(i64::from(other) * 1000, zone).date()
}

/// Whether somebody is there, from the longest form to the shortest; the forms are equal where there is but one.
pub fn seen(presence: Presence, now_ms: i64, zone: &TimeZone) -> [String; 2] {
    let both = |long: &str, short: &str| [long.to_owned(), short.to_owned()];
    match presence {
        // Hidden, or longer ago than the server says.
        Presence::Unknown => both("last seen a long time ago", "long ago"),
        Presence::Online { until } if i64::from(until) * 1000 > now_ms => both("online", "online"),
        Presence::Online { until } | Presence::LastSeen(until) => {
            let when = stamp(until, now_ms, zone);
            [format!("last seen {when}"), format!("seen {when}")]
        }
        Presence::Recently => both("last seen recently", "recently"),
        Presence::LastWeek => both("last seen within a week", "this week"),
        Presence::LastMonth => both("last seen within a month", "this month"),
    }
}

/// What is left until `end_ms`, `0:12`, `59:12`, `23h 59m`, `6d 23h`, and the moment at which that is no longer true (unix milliseconds).
///
/// It changes by the second within the last hour, by the minute within the last day, by the hour before; a second that has begun counts.
pub fn countdown(end_ms: i64, now_ms: i64) -> (String, i64) {
    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;
    let seconds = end_ms.saturating_sub(now_ms).max(0).saturating_add(999) / 1_000;
    let (said, step) = match seconds {
        ..HOUR => (format!("{}:{:02}", seconds / 60, seconds % 60), 1),
        HOUR..DAY => (format!("{}h {:02}m", seconds / HOUR, seconds / 60 % 60), 60),
        _ => (format!("{}d {:02}h", seconds / DAY, seconds / HOUR % 24), HOUR),
    };
    // Said is the whole steps in it; it changes when the last of them is broken into.
    let below = (seconds / step * step).saturating_sub(1).max(0);
    (said, end_ms.saturating_sub(below.saturating_mul(1_000)))
}

fn at(unix_ms: i64, zone: &TimeZone) -> Zoned {
    Timestamp::from_millisecond(unix_ms).unwrap_or_default().to_zoned(zone.clone())
}

fn said(when: &Zoned, form: &str) -> String {
    when.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Saturday, 21 November 2026, 12:41 UTC.
    const NOON: i32 = 1_795_264_860;

    #[test]
    fn a_stamp_is_as_short_as_it_can_be() {
        let now_ms = i64::from(NOON) * 1000;
        let said = |before: i32| stamp(NOON - before, now_ms, &TimeZone::UTC);
        assert_eq!([said(60), said(86_400), said(400 * 86_400)], ["12:40", "20 Nov", "Oct 2025"]);
        assert_eq!(clock_with_seconds(now_ms + 5_000, &TimeZone::UTC), "12:41:05");
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let now_ms = i64::from(NOON) * 1000;
        let east = TimeZone::fixed(jiff::tz::offset(12));
        assert_eq!(day(NOON, now_ms, &TimeZone::UTC), "Saturday, 21 November");
        assert_eq!(day(NOON, now_ms, &east), "Sunday, 22 November");
        assert_eq!(day(NOON - 365 * 86_400, now_ms, &TimeZone::UTC), "Friday, 21 November 2025");
        assert!(same_day(NOON, NOON + 3_600, &TimeZone::UTC));
        assert!(!same_day(NOON - 3_600, NOON, &east));
    }

    #[test]
    fn a_countdown_says_how_long_it_is_true() {
        let left = |seconds_ms: i64| {
            let (said, until) = countdown(1_000_000_000, 1_000_000_000 - seconds_ms);
            (said, 1_000_000_000 - until)
        };
        assert_eq!(left(12_000), ("0:12".into(), 11_000));
        assert_eq!(left(11_001), ("0:12".into(), 11_000));
        assert_eq!(left(11_000), ("0:11".into(), 10_000));
        assert_eq!(left(1), ("0:01".into(), 0));
        assert_eq!(left(-5), ("0:00".into(), 0));
        assert_eq!(left(3_599_000), ("59:59".into(), 3_598_000));
        assert_eq!(left(3_600_000), ("1h 00m".into(), 3_599_000));
        assert_eq!(left(3_659_500), ("1h 01m".into(), 3_659_000));
        assert_eq!(left(6 * 86_400_000 + 5), ("6d 00h".into(), 6 * 86_400_000 - 1_000));
        let far = countdown(i64::MAX, i64::MIN);
        assert!(far.0.ends_with('h'), "{far:?}");
    }

    #[test]
    fn each_moment_of_a_countdown_changes_what_it_says() {
        let (end, mut now) = (200_000_000, 0);
        let mut said = countdown(end, now);
        for _ in 0..5_000 {
            assert!(said.1 > now, "{said:?} at {now}");
            assert_eq!(countdown(end, said.1 - 1).0, said.0);
            now = said.1;
            let next = countdown(end, now);
            if now >= end {
                return;
            }
            assert_ne!(next.0, said.0, "at {now}");
            said = next;
        }
    }

    #[test]
    fn presence_is_said_by_the_clock() {
        let now_ms = i64::from(NOON) * 1000;
        let said = |presence| seen(presence, now_ms, &TimeZone::UTC);
        assert_eq!(said(Presence::Online { until: NOON + 1 })[0], "online");
        assert_eq!(said(Presence::Online { until: NOON - 60 })[0], "last seen 12:40");
        assert_eq!(said(Presence::LastSeen(NOON - 86_400))[1], "seen 20 Nov");
    }
}
