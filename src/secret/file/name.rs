//! The name under which a received file is stored: the sender's, made harmless.
//!
//! A name from the network may climb out of its folder, hide itself, turn a screen's text around, be reserved on some system, or be
//! too long for any. What is left of it after this is one component of a path, and reads as what it is.

use crate::secret::message::{Attachment, Kind};

/// The longest name, bytes: file systems take 255, and " (123)" or a prefix must still fit.
const MAX_BYTES: usize = 200;

/// An extension longer than this is not one, and is cut with the rest.
const MAX_EXTENSION: usize = 20;

/// What a file is called whose name leaves nothing.
const NAMELESS: &str = "file";

/// A name that can be given to a file: no separators, no control, bidi or invisible characters, no leading dots or trailing dots and
/// spaces, no device of any system, at most 200 bytes with its extension kept. Never empty.
pub fn safe_name(name: &str) -> String {
    let kept: String =
        name.chars().filter(|&c| !is_treacherous(c)).map(|c| if is_separator(c) { '_' } else { c }).collect();
    let kept = kept.trim_start_matches(|c: char| c == '.' || c.is_whitespace());
    let kept = kept.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let name = shortened(kept);
    if name.chars().all(|c| c == '_') {
        NAMELESS.into()
    } else if is_reserved(&name) {
        format!("_{name}")
    } else {
        name
    }
}

/// The name of a received file: the sender's if there is one, else by what it is.
pub fn local_name(file: &Attachment) -> String {
    if !file.name.trim().is_empty() {
        return safe_name(&file.name);
    }
    let png = file.mime == "image/png";
    match file.kind {
        Kind::Photo { .. } if png => "photo.png",
        Kind::Photo { .. } => "photo.jpg",
        Kind::Video { .. } => "video.mp4",
        Kind::Animation { .. } => "animation.mp4",
        Kind::Voice { .. } => "voice.ogg",
        Kind::Audio { .. } => "audio.mp3",
        Kind::Sticker { .. } => "sticker.webp",
        Kind::Document => NAMELESS,
    }
    .into()
}

/// What separates folders, drives or streams on some system, or means something to a shell's wildcards there.
fn is_separator(c: char) -> bool {
    matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{2215}' | '\u{2044}' | '\u{29f8}')
}

/// Control characters, line ends, and what is not seen but acts: bidi controls, joiners, tags, variation selectors.
fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}')
}

/// Names that open a device on Windows, whatever their extension; files travel.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix).is_some_and(|n: &str| {
            n.len() == 1 && n.as_bytes().is_ascii() && n != "0" && n.parse::<u8>().is_ok()
        })
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

/// At most [`MAX_BYTES`], the stem cut and the extension kept.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.into();
    }
    let extension = name.rfind('.').map_or("", |dot| name.get(dot..).unwrap_or_default());
    let extension = if extension.len() <= MAX_EXTENSION { extension } else { "" };
    let stem = name.strip_suffix(extension).unwrap_or(name);
    let end = stem.floor_char_boundary(MAX_BYTES - extension.len());
    let stem = stem.get(..end).unwrap_or_default().trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    format!("{stem}{extension}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn row_43_names_that_mean_harm_are_made_harmless() {
        for (name, safe) in [
            ("../../x", "_.._x"),
            ("/etc/passwd", "_etc_passwd"),
            ("..\\..\\boot.ini", "_.._boot.ini"),
            ("a\0b.txt", "ab.txt"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("\u{2066}x\u{2069}.txt", "x.txt"),
            (".bashrc", "bashrc"),
            ("...", "file"),
            ("", "file"),
            ("  ", "file"),
            ("//", "file"),
            ("\u{200b}\u{feff}", "file"),
            ("line\nbreak\r.txt", "linebreak.txt"),
            ("\u{1b}]0;owned\u{7}.txt", "]0;owned.txt"),
            ("nul", "_nul"),
            ("COM1.txt", "_COM1.txt"),
            ("com0", "com0"),
            ("LPT9 .txt", "_LPT9 .txt"),
            ("console.txt", "console.txt"),
            ("C:stream", "C_stream"),
            ("trailing. . ", "trailing"),
            ("a\u{2215}b", "a_b"),
            ("письмо 📎.pdf", "письмо 📎.pdf"),
        ] {
            assert_eq!(safe_name(name), safe, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let long = format!("{}.tar", "я".repeat(300));
        let safe = safe_name(&long);
        assert_eq!((safe.len(), safe.ends_with("я.tar")), (200, true));
        let endless = format!("a.{}", "b".repeat(500));
        assert_eq!(safe_name(&endless).len(), 200);
    }

    #[test]
    fn what_has_no_name_is_called_what_it_is() {
        let secret = crate::secret::message::FileSecret::new([0; 32], [0; 32]);
        let mut file = Attachment {
            kind: Kind::Photo { width: 1, height: 1 },
            name: " ".into(),
            mime: "image/jpeg".into(),
            size: 1,
            caption: "".into(),
            thumb: None,
            secret,
            place: None,
        };
        assert_eq!(local_name(&file), "photo.jpg");
        file.mime = "image/png".into();
        assert_eq!(local_name(&file), "photo.png");
        file.kind = Kind::Document;
        assert_eq!(local_name(&file), "file");
        file.name = "/x".into();
        assert_eq!(local_name(&file), "_x");
    }

    proptest! {
        #[test]
        fn no_name_escapes(name in "\\PC*|[./\\\\\u{0}-\u{20}\u{202a}-\u{202e}a]{0,300}") {
            let safe = safe_name(&name);
            prop_assert!(!safe.is_empty() && safe.len() <= MAX_BYTES + 1);
            prop_assert!(!safe.starts_with('.') && !safe.contains(['/', '\\', '\0']));
            prop_assert_eq!(std::path::Path::new(&safe).components().count(), 1);
            prop_assert!(!safe.chars().any(is_treacherous));
            prop_assert_eq!(safe_name(&safe), safe);
        }
    }
}
