//! Rust source as the architecture rules see it: words and paths, without comments, strings and test modules.
//!
//! Not a parser: a scanner that is right about what hides code from a reader (comments, literals, `#[cfg(test)]`) and about what a
//! path means (groups, `super`, aliases, inline modules), since an arrow can be written in all these ways.

/// A path as it stands in a file, `crate`, `self` and `super` resolved: `["crate", "secret", "key"]`, `["std", "time", "Instant"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub line: usize,
    pub parts: Vec<String>,
    /// Ends in `*` or is renamed by `as`: whatever lies below may be meant.
    pub open: bool,
}

impl Path {
    /// Whether the path is `prefix` or lies below it.
    pub fn is_below(&self, prefix: &[&str]) -> bool {
        self.parts.len() >= prefix.len() && self.parts.iter().zip(prefix).all(|(part, wanted)| part == wanted)
    }

    /// Whether the path opens something that `target` lies in: a glob or another name for one of its parents.
    pub fn opens(&self, target: &[&str]) -> bool {
        self.open
            && self.parts.len() < target.len()
            && self.parts.iter().zip(target).all(|(part, wanted)| part == wanted)
    }
}

/// A word or a punctuation character, and its line (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub line: usize,
    pub text: String,
}

/// The tokens of a file without comments, literals and `#[cfg(test)]` items.
pub fn tokens(source: &str) -> Vec<Token> {
    without_tests(scan(&blank(source)))
}

/// Names of the modules that `#[cfg(test)] mod name;` declares: their files are tests as well.
pub fn test_modules(source: &str) -> Vec<String> {
    let all = scan(&blank(source));
    let declared = |n: usize| {
        let text = |n: usize| all.get(n).map_or("", |token| token.text.as_str());
        (is_cfg_test(&all, n) && text(n + 7) == "mod" && text(n + 9) == ";").then(|| text(n + 8).to_owned())
    };
    (0..all.len()).filter_map(declared).collect()
}

/// Every path of a file that lies in module `module` (`["tui", "view"]`; empty for the crate's root).
pub fn paths(source: &str, module: &[&str]) -> Vec<Path> {
    let tokens = tokens(source);
    let mut inline = Inline::new(module);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        inline.step(&tokens, at);
        let follows_path = at > 0 && tokens[at - 1].text == "::";
        if is_word(&tokens[at].text) && !follows_path {
            let head = Path { line: tokens[at].line, parts: Vec::new(), open: false };
            let end = tree(&tokens, at, &head, &inline.module, &mut found);
            // Only the braces of a group belong to the path; a block that follows is walked into.
            at = end.max(at + 1);
        } else {
            at += 1;
        }
    }
    found
}

/// Reads a path or a tree of paths from `at`, adds what it finds, and returns the place behind it.
fn tree(tokens: &[Token], mut at: usize, head: &Path, module: &[String], found: &mut Vec<Path>) -> usize {
    let text = |n: usize| tokens.get(n).map_or("", |token| token.text.as_str());
    let mut path = head.clone();
    path.line = tokens.get(at).map_or(path.line, |token| token.line);
    loop {
        match text(at) {
            "{" => return group(tokens, at, &path, module, found),
            "*" => path.open = true,
            word if is_word(word) => push(&mut path, word, module),
            _ => break,
        }
        at += 1;
        if path.open || text(at) != "::" {
            break;
        }
        at += 1;
    }
    // Another name; what is followed by a path is a cast or a trait, and is read as a path of its own.
    if text(at) == "as" && is_word(text(at + 1)) && text(at + 2) != "::" {
        path.open = true;
        at += 2;
    }
    if !path.parts.is_empty() {
        found.push(path);
    }
    at
}

fn group(tokens: &[Token], open: usize, head: &Path, module: &[String], found: &mut Vec<Path>) -> usize {
    let mut at = open + 1;
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "}" => return at + 1,
            "," => at += 1,
            _ => at = tree(tokens, at, head, module, found).max(at + 1),
        }
    }
    at
}

/// Adds a segment; the leading ones are resolved from the module at hand.
fn push(path: &mut Path, word: &str, module: &[String]) {
    let root = || std::iter::once("crate".to_owned());
    match (word, path.parts.len()) {
        ("self", 0) => path.parts = root().chain(module.iter().cloned()).collect(),
        ("super", 0) => {
            let parent = module.len().saturating_sub(1);
            path.parts = root().chain(module[..parent].iter().cloned()).collect();
        }
        ("super", 2..) => drop(path.parts.pop()),
        ("self" | "super", _) => {}
        // The binary and the tests know the library by its name.
        ("subrosa", 0) => path.parts.push("crate".into()),
        _ => path.parts.push(word.into()),
    }
}

/// Which inline module (`mod name { .. }`) a token stands in.
struct Inline {
    module: Vec<String>,
    depth: usize,
    /// Depths at which inline modules were opened.
    opened: Vec<usize>,
}

impl Inline {
    fn new(module: &[&str]) -> Self {
        Inline {
            module: module.iter().map(|part| (*part).to_owned()).collect(),
            depth: 0,
            opened: Vec::new(),
        }
    }

    fn step(&mut self, tokens: &[Token], at: usize) {
        match tokens[at].text.as_str() {
            "{" => {
                if at > 1 && tokens[at - 2].text == "mod" {
                    self.module.push(tokens[at - 1].text.clone());
                    self.opened.push(self.depth);
                }
                self.depth += 1;
            }
            "}" => {
                self.depth = self.depth.saturating_sub(1);
                if self.opened.last() == Some(&self.depth) {
                    self.opened.pop();
                    self.module.pop();
                }
            }
            _ => {}
        }
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// Cuts blanked source into words, `::`, and single characters.
fn scan(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, text) in source.lines().enumerate() {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let length = match word {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                length => length,
            };
            tokens.push(Token { line: number + 1, text: rest[..length].to_owned() });
            rest = rest[length..].trim_start();
        }
    }
    tokens
}

/// `# [ cfg ( test ) ]` at `n`.
fn is_cfg_test(tokens: &[Token], n: usize) -> bool {
    let wanted = ["#", "[", "cfg", "(", "test", ")", "]"];
    tokens.len() >= n + wanted.len()
        && tokens[n..].iter().zip(wanted).all(|(token, wanted)| token.text == wanted)
}

/// Drops each item behind `#[cfg(test)]`: up to its `;`, or to the end of its block.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_cfg_test(&tokens, at) {
            at = end_of_item(&tokens, at + 7);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0usize;
    for (n, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return n + 1;
                }
            }
            ";" if depth == 0 => return n + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Source with comments, strings and character literals replaced by blanks; line breaks stay.
fn blank(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = hidden(&chars, at);
        if end > at {
            out.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// The end of the comment or literal that begins at `at`; `at` itself where none does.
fn hidden(chars: &[char], at: usize) -> usize {
    let get = |n: usize| chars.get(n).copied().unwrap_or('\0');
    let word_before = at > 0 && (get(at - 1).is_alphanumeric() || get(at - 1) == '_');
    match (get(at), get(at + 1)) {
        ('/', '/') => chars.iter().skip(at).position(|&c| c == '\n').map_or(chars.len(), |n| at + n),
        ('/', '*') => end_of_block_comment(chars, at),
        ('"', _) => end_of_string(chars, at),
        ('r', '"' | '#') if !word_before => end_of_raw_string(chars, at, at + 1),
        ('b' | 'c', 'r') if !word_before => end_of_raw_string(chars, at, at + 2),
        // A lifetime is a quote and a word with no second quote behind its first character.
        ('\'', '\\') => {
            chars.iter().skip(at + 3).position(|&c| c == '\'').map_or(chars.len(), |n| at + 3 + n + 1)
        }
        ('\'', _) if get(at + 2) == '\'' => at + 3,
        _ => at,
    }
}

fn end_of_block_comment(chars: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0usize, start);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) if depth == 1 => return at + 2,
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

fn end_of_string(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// `r"..."`, `r#"..."#` and so on, the hashes beginning at `hashes`; a raw identifier (`r#type`) hides nothing.
fn end_of_raw_string(chars: &[char], start: usize, hashes: usize) -> usize {
    let count = chars.iter().skip(hashes).take_while(|&&c| c == '#').count();
    if chars.get(hashes + count) != Some(&'"') {
        return start;
    }
    let body = hashes + count + 1;
    let closes = |n: usize| {
        chars[n] == '"' && chars[n + 1..].iter().take(count).filter(|&&c| c == '#').count() == count
    };
    (body..chars.len()).find(|&n| closes(n)).map_or(chars.len(), |n| n + 1 + count)
}
