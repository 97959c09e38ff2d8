//! The account and the way to the server, in words: devices, proxy, what a broken connection waits for.
//!
//! Everything a server says of a device is hostile text and is made safe here, once for screen and lines.

use jiff::tz::TimeZone;

use super::time;
use crate::engine::{Connection, Device};
use crate::tui::text::safe_line;

/// What a device is called.
pub fn device_name(device: &Device) -> String {
    let model = safe_line(&device.model);
    if model.is_empty() { "a device without a name".into() } else { model }
}

/// Whether secret chats may be asked for on a device.
pub fn receives(device: &Device) -> &'static str {
    if device.receives { "receives secret chats" } else { "receives no secret chats" }
}

/// Program and system of a device.
pub fn program(device: &Device) -> String {
    let app = joined(&[&device.app, &device.app_version], " ");
    let said = joined(&[&app, &device.platform], ", ");
    if said.is_empty() { "it says nothing about itself".into() } else { said }
}

/// Where a device is and when it was last heard of.
pub fn whereabouts(device: &Device, now_ms: i64, zone: &TimeZone) -> String {
    let place = joined(&[&device.country, &device.ip], ", ");
    let active = format!("last active {}", time::stamp(device.active, now_ms, zone));
    joined(&[&place, &active], ", ")
}

fn joined(parts: &[&str], gap: &str) -> String {
    let parts: Vec<String> =
        parts.iter().map(|part| safe_line(part)).filter(|part| !part.is_empty()).collect();
    parts.join(gap)
}

/// The question before a device is signed out.
pub fn end_device(device: &Device) -> String {
    let name = device_name(device);
    format!("Sign out {name}? It loses the account at once, and its secret chats end with it.")
}

/// What the connection is doing and why, in full.
pub fn connection(connection: &Connection, zone: &TimeZone) -> Vec<String> {
    match connection {
        Connection::Offline => vec!["There is no connection, and none is being made.".into()],
        Connection::Connecting => vec!["A connection is being made.".into()],
        Connection::Syncing => vec!["Connected. What was missed is being fetched.".into()],
        Connection::Online => vec!["Connected, and up to date.".into()],
        Connection::Waiting { until_unix_ms, reason } => vec![
            format!("No connection: {}.", safe_line(reason).trim_end_matches('.')),
            format!(
                "The next try is at {}; any key tries at once.",
                time::clock_with_seconds(*until_unix_ms, zone)
            ),
        ],
        Connection::Refused(reason) => vec![format!("Not connected: {}", safe_line(reason))],
    }
}

/// The way on which the server is reached.
pub fn proxy(proxy: Option<&str>) -> String {
    match proxy {
        None => "straight, without a proxy".into(),
        Some(proxy) => safe_line(proxy),
    }
}

/// What an empty line for a proxy means.
pub fn no_proxy(now: Option<&str>) -> String {
    let empty = "Enter on the empty line goes without a proxy.";
    now.map_or_else(|| empty.to_owned(), |now| format!("In use now: {}. {empty}", safe_line(now)))
}

/// What a username is for, and what it is made of.
pub const USERNAME: &str =
    "Others find you by it, whoever they are. 5 to 32 letters (a to z), digits or underscores.";

/// The one that one has, and what changing it does.
pub fn username_now(own: &str) -> String {
    match own {
        "" => "You have none: only who knows your number finds you.".into(),
        own => format!("Yours now: @{}. With another one it is free for others.", safe_line(own)),
    }
}

/// What can still be done with a device that was signed out.
pub fn signed_out(profile: &str) -> String {
    format!("Everything stays readable. Sign in again: subrosa sign-in --profile {}", safe_line(profile))
}

/// The same where it would take more than two rows.
pub const SIGNED_OUT_SHORT: &str = "Sign in to write again";
