//! The words and marks of a source, before anybody has looked which marks belong together.

use super::{Mark, is_escapable};
use crate::secret::content::address;
use crate::secret::message::EntityKind;

/// Opens and closes a block of code.
pub const FENCE: &str = "```";

/// The longest name of a language.
const MAX_LANGUAGE: usize = 32;

/// The longest words of a link, bytes.
const MAX_WORDS: usize = 4096;

/// The longest address of a link, characters.
const MAX_URL: usize = 2048;

/// A part of a source.
pub enum Token<'a> {
    Plain(&'a str),
    Mark {
        mark: Mark,
        can_open: bool,
        can_close: bool,
    },
    /// Code or a block of it.
    Code(EntityKind, &'a str),
    Link {
        url: String,
        words: Vec<Token<'a>>,
    },
}

/// Takes a source apart.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let (mut at, mut before) = (0, None);
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let (token, length) = next(rest, before);
        tokens.push(token);
        before = rest.get(..length).and_then(|part| part.chars().next_back());
        at += length.max(1);
    }
    tokens
}

/// The token at the start and its length in bytes.
fn next(rest: &str, before: Option<char>) -> (Token<'_>, usize) {
    if let Some(plain) = escaped(rest) {
        return (Token::Plain(plain), 1 + plain.len());
    }
    if let Some(Fence { kind, code, length }) = fence(rest).or_else(|| code(rest)) {
        return (Token::Code(kind, code), length);
    }
    if let Some((words, url, length)) = link(rest) {
        return (Token::Link { url, words: tokens(words) }, length);
    }
    if let Some(mark) = Mark::ALL.into_iter().find(|mark| rest.starts_with(mark.sign())) {
        let after = rest.get(mark.sign().len()..).and_then(|rest| rest.chars().next());
        let (can_open, can_close) = (mark.can_open(before, after), mark.can_close(before, after));
        return (Token::Mark { mark, can_open, can_close }, mark.sign().len());
    }
    let length = match address(rest, before) {
        0 => rest.chars().next().map_or(1, char::len_utf8),
        length => length,
    };
    (Token::Plain(rest.get(..length).unwrap_or(rest)), length)
}

/// The character whose meaning a backslash takes.
pub fn escaped(rest: &str) -> Option<&str> {
    let char = rest.strip_prefix('\\')?.chars().next().filter(|&char| is_escapable(char))?;
    rest.get(1..1 + char.len_utf8())
}

/// The length of the address that begins here; 0 for none. Marks at its end are not a part of it: they may close around it.
pub fn address(rest: &str, before: Option<char>) -> usize {
    if before.is_some_and(char::is_alphanumeric) {
        return 0;
    }
    let mut run = rest.get(..address::at_start(rest)).unwrap_or_default();
    let closes = |run: &str, mark: Mark| {
        let at = run.rfind(mark.sign())?;
        let after = run.get(at..)?;
        (!after.contains(|char: char| char.is_alphanumeric() || char == '/')).then_some(at)
    };
    while let Some(at) = Mark::ALL.into_iter().find_map(|mark| closes(run, mark)) {
        run = run.get(..at).unwrap_or_default();
    }
    run.len()
}

/// Code of a source.
pub struct Fence<'a> {
    kind: EntityKind,
    code: &'a str,
    /// With its marks, bytes.
    pub length: usize,
}

/// A block of code; a single word in its first line names the language.
pub fn fence(rest: &str) -> Option<Fence<'_>> {
    let inner = rest.strip_prefix(FENCE)?;
    let inner = inner.get(..inner.find(FENCE)?)?;
    let length = inner.len() + 2 * FENCE.len();
    let (language, code) = match inner.split_once('\n') {
        Some((first, code)) if first.is_empty() || is_language(first) => {
            (first, code.strip_suffix('\n').unwrap_or(code))
        }
        _ => ("", inner),
    };
    let kind = EntityKind::Pre(language.to_owned());
    (!code.trim().is_empty()).then_some(Fence { kind, code, length })
}

/// Whether a language may be called so.
pub fn is_language(name: &str) -> bool {
    let shape = |char: char| char.is_ascii_alphanumeric() || "_+#.-".contains(char);
    (1..=MAX_LANGUAGE).contains(&name.len()) && name.chars().all(shape)
}

fn code(rest: &str) -> Option<Fence<'_>> {
    let inner = rest.strip_prefix('`')?;
    let code = inner.get(..inner.find(['`', '\n'])?)?;
    let closed = inner.get(code.len()..)?.starts_with('`');
    let length = code.len() + 2;
    (closed && !code.trim().is_empty()).then_some(Fence { kind: EntityKind::Code, code, length })
}

/// Words that lead to an address: the words, the address, and the length of all in bytes.
fn link(rest: &str) -> Option<(&str, String, usize)> {
    let inner = rest.strip_prefix('[')?;
    let words = inner.get(..words(inner)?)?;
    let url = inner.get(words.len()..)?.strip_prefix("](")?;
    let url = url.get(..bracketed(url)?)?;
    let sound = !words.trim().is_empty() && address::is_valid(url);
    sound.then(|| (words, url.to_owned(), words.len() + url.len() + "[]()".len()))
}

/// Where the words of a link end.
fn words(inner: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(rest) = inner.get(at..MAX_WORDS.min(inner.len())) {
        match rest.chars().next()? {
            _ if escaped(rest).is_some() => at += 2,
            ']' => return Some(at),
            '[' => return None,
            char => at += char.len_utf8(),
        }
    }
    None
}

/// Where the bracket closes that was open before this text.
fn bracketed(text: &str) -> Option<usize> {
    let mut open = 1;
    let mut ends = text.char_indices().take(MAX_URL).take_while(|(_, char)| !char.is_whitespace());
    ends.find_map(|(at, char)| {
        open += i32::from(char == '(') - i32::from(char == ')');
        (open == 0).then_some(at)
    })
}
