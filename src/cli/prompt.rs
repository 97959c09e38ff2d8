//! Questions on the terminal: a line, and a passphrase that nobody looking over the shoulder can read.
//!
//! Questions go to standard error, so that standard output stays free for what the command says. Without a terminal (in a
//! pipe, in a test) answers are plain lines of standard input. A passphrase may also come from a command or from the environment, but
//! never from an argument. What was typed is wiped when it is dropped; it never moves, since its buffer is made for the longest, and it is
//! read around the buffer of standard input, which nobody wipes.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};

use zeroize::Zeroizing;

use super::quiet::{self, Quiet};
use crate::engine::entrance::Hidden;
use crate::system::in_words;

/// The environment variable that may hold the passphrase.
pub const PASSPHRASE_VARIABLE: &str = "SUBROSA_PASSPHRASE";

/// Longest answer in bytes; what is longer is a file piped in by mistake.
const MAX_ANSWER: usize = 1024;

/// How often a new passphrase may be typed differently the second time.
const TRIES: usize = 3;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PromptFault {
    #[error("cancelled")]
    Cancelled,
    #[error("the input ended before the question was answered: {0}")]
    Ended(String),
    #[error("the answer is longer than {MAX_ANSWER} bytes, which cannot be meant")]
    TooLong,
    #[error("an empty passphrase protects nothing: choose one, or choose a key file with --key-file")]
    EmptyPassphrase,
    #[error("the two passphrases were not the same; start again")]
    Different,
    #[error("{PASSPHRASE_VARIABLE} is not valid UTF-8")]
    Variable,
    #[error("the passphrase command {command:?} printed no passphrase: try it in a shell")]
    Silent { command: String },
    #[error("the passphrase command {command:?} failed ({status}): try it in a shell")]
    Failed { command: String, status: ExitStatus },
    #[error("the question could not be asked: {}", in_words(.0))]
    Terminal(#[from] io::Error),
}

/// Asks for a line. Blanks at its ends are removed; it may be empty.
pub fn ask_line(question: &str) -> Result<String, PromptFault> {
    let line = quiet::aloud(|| answer(question))?;
    Ok(line.trim().to_owned())
}

/// Asks, and takes a line of standard input for the answer.
fn answer(question: &str) -> Result<Zeroizing<String>, PromptFault> {
    show(question)?;
    let line = read_line(&mut io::stdin().lock(), question);
    if matches!(line, Err(PromptFault::Ended(_))) {
        show("\n")?;
    }
    line
}

/// Asks for something that nobody may see: a code, a password, the link of a proxy. It may be empty.
pub fn ask_secret(question: &str) -> Result<Hidden, PromptFault> {
    if !somebody_types() {
        // There is nobody to hide it from.
        return answer(question).map(Hidden::from);
    }
    let _quiet = Quiet::begin()?;
    loop {
        // Before the question: whoever sees it may type at once.
        quiet::forget_typed();
        show(question)?;
        let typed = type_unseen();
        show("\n")?;
        match typed? {
            Some(typed) => return Ok(typed.into()),
            None => show("That held a key that is no character. Once more.\n")?,
        }
    }
}

/// Somebody sits there, and is not a pipe.
pub fn somebody_types() -> bool {
    io::stdin().is_terminal()
}

/// The passphrase of a profile that exists: from `command`, else from the environment, else asked for.
pub fn passphrase(question: &str, command: Option<&str>) -> Result<Hidden, PromptFault> {
    match given(command)? {
        Some(passphrase) => Ok(passphrase),
        None => ask_secret(question),
    }
}

/// A passphrase for a new profile: as [`passphrase`], but never empty, and on a terminal asked for twice.
pub fn new_passphrase(question: &str, command: Option<&str>) -> Result<Hidden, PromptFault> {
    let passphrase = match given(command)? {
        Some(passphrase) => passphrase,
        None => ask_twice(question)?,
    };
    if passphrase.expose().is_empty() { Err(PromptFault::EmptyPassphrase) } else { Ok(passphrase) }
}

/// The passphrase that nobody has to type: from `command`, else from the environment, if either is there.
pub fn given(command: Option<&str>) -> Result<Option<Hidden>, PromptFault> {
    match (command, std::env::var_os(PASSPHRASE_VARIABLE)) {
        (Some(command), _) => quiet::aloud(|| run(command)).map(Some),
        (None, Some(value)) if !value.is_empty() => {
            value.into_string().map(|text| Some(Hidden::new(text))).map_err(|_| PromptFault::Variable)
        }
        _ => Ok(None),
    }
}

/// The first line that a shell command prints.
fn run(command: &str) -> Result<Hidden, PromptFault> {
    let mut child = Command::new("sh").args(["-c", command]).stdout(Stdio::piped()).spawn()?;
    let mut printed = Zeroizing::new(Vec::with_capacity(MAX_ANSWER + 1));
    if let Some(stdout) = child.stdout.take() {
        stdout.take(MAX_ANSWER as u64 + 1).read_to_end(&mut printed)?;
    }
    let status = child.wait()?;
    if !status.success() {
        return Err(PromptFault::Failed { command: command.to_owned(), status });
    }
    match read_line(&mut printed.as_slice(), "") {
        Ok(line) if !line.is_empty() => Ok(line.into()),
        Err(PromptFault::TooLong) => Err(PromptFault::TooLong),
        _ => Err(PromptFault::Silent { command: command.to_owned() }),
    }
}

fn ask_twice(question: &str) -> Result<Hidden, PromptFault> {
    if !somebody_types() {
        return ask_secret(question);
    }
    let _quiet = Quiet::begin()?;
    for _ in 0..TRIES {
        let first = ask_secret(question)?;
        if first.expose().is_empty() || first == ask_secret("Once more: ")? {
            return Ok(first);
        }
        show("These were not the same.\n")?;
    }
    Err(PromptFault::Different)
}

/// Says something to whoever answers.
pub fn show(text: &str) -> Result<(), PromptFault> {
    let mut stderr = io::stderr().lock();
    stderr.write_all(text.as_bytes())?;
    Ok(stderr.flush()?)
}

/// One line without its break, into a buffer that never grows. `question` is named when the input ends.
fn read_line(input: &mut impl BufRead, question: &str) -> Result<Zeroizing<String>, PromptFault> {
    let mut line = Zeroizing::new(String::with_capacity(MAX_ANSWER + 2));
    let read = input.take(MAX_ANSWER as u64 + 2).read_line(&mut line)?;
    if read == 0 {
        return Err(PromptFault::Ended(question.trim_end().to_owned()));
    }
    let end = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(end);
    if line.len() > MAX_ANSWER { Err(PromptFault::TooLong) } else { Ok(line) }
}

/// A line from the silent terminal; `None` if a key in it types nothing, which nobody can see who types unseen.
fn type_unseen() -> Result<Option<Zeroizing<String>>, PromptFault> {
    let mut typed = Zeroizing::new([0; MAX_ANSWER + 2]);
    let length = loop {
        match rustix::io::read(io::stdin(), &mut typed[..]) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other.map_err(io::Error::from)?,
        }
    };
    taken(&typed[..length])
}

/// What a terminal gave for one line: without its break it was ended by Ctrl+D, or is too long.
fn taken(typed: &[u8]) -> Result<Option<Zeroizing<String>>, PromptFault> {
    let Some(line) = typed.strip_suffix(b"\n").filter(|line| line.len() <= MAX_ANSWER) else {
        return Err(if typed.len() > MAX_ANSWER { PromptFault::TooLong } else { PromptFault::Cancelled });
    };
    let text = std::str::from_utf8(line).ok().filter(|text| !text.contains(char::is_control));
    Ok(text.map(|text| Zeroizing::new(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_from_the_terminal_is_whole_or_no_answer() {
        let text = |typed: &str| taken(typed.as_bytes()).map(|it| it.map(|text| text.to_string()));
        assert_eq!(text(" Aü\n").unwrap().as_deref(), Some(" Aü"));
        assert_eq!(text("\n").unwrap().as_deref(), Some(""));
        assert_eq!(text("left\x1b[D\n").unwrap(), None, "an arrow key is no part of a passphrase");
        assert_eq!(taken(b"\xff\n").unwrap(), None);
        for ended in ["", "half"] {
            assert!(matches!(text(ended), Err(PromptFault::Cancelled)), "{ended:?}");
        }
        let longest = "x".repeat(MAX_ANSWER);
        assert_eq!(text(&format!("{longest}\n")).unwrap(), Some(longest.clone()));
        for longer in [format!("{longest}x\n"), format!("{longest}xy")] {
            assert!(matches!(text(&longer), Err(PromptFault::TooLong)));
        }
    }

    #[test]
    fn a_piped_line_loses_only_its_break() {
        let mut input = " secret \r\nnext\n".as_bytes();
        assert_eq!(*read_line(&mut input, "?").unwrap(), " secret ");
        assert_eq!(*read_line(&mut input, "?").unwrap(), "next");
        assert!(matches!(read_line(&mut input, "Code: "), Err(PromptFault::Ended(what)) if what == "Code:"));
    }

    #[test]
    fn a_piped_line_is_bounded() {
        let longest = "x".repeat(MAX_ANSWER);
        assert_eq!(*read_line(&mut longest.as_bytes(), "?").unwrap(), longest);
        let longer = "x".repeat(MAX_ANSWER + 1);
        assert!(matches!(read_line(&mut longer.as_bytes(), "?"), Err(PromptFault::TooLong)));
    }

    #[test]
    fn a_command_gives_its_first_line() {
        let passphrase = run("printf 'sesame\\nuser: ada\\n'").unwrap();
        assert_eq!(passphrase.expose(), "sesame");
        assert_eq!(format!("{passphrase:?}"), "Hidden(..)");
        assert!(matches!(run("true"), Err(PromptFault::Silent { .. })));
        assert!(matches!(run("echo sesame; exit 3"), Err(PromptFault::Failed { .. })));
    }
}
