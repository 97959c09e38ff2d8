//! Questions on the terminal: a line, and a passphrase that nobody looking over the shoulder can read.
//!
//! Questions go to standard error, so that standard output stays free for what the command says. Without a terminal (in a
//! pipe, in a test) answers are plain lines of standard input. A passphrase may also come from a command or from the environment, but
//! never from an argument. What was typed is wiped when it is dropped; it never moves, since its buffer is made for the longest.

use std::fmt;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal;
use zeroize::Zeroizing;

use crate::engine::entrance::Hidden;

/// A passphrase: wiped when dropped, and silent in Debug.
#[derive(PartialEq, Eq)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text handed over to another owner that wipes it; it is moved, not copied.
    pub fn into_text(mut self) -> String {
        std::mem::take(&mut *self.0)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// The environment variable that may hold the passphrase.
pub const PASSPHRASE_VARIABLE: &str = "SUBROSA_PASSPHRASE";

/// Longest answer in bytes; what is longer is a file piped in by mistake.
const MAX_ANSWER: usize = 1024;

/// How often a new passphrase may be typed differently the second time.
const TRIES: usize = 3;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PromptFault {
    #[error("cancelled; nothing was changed")]
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
    #[error("the passphrase command {command:?} printed no passphrase")]
    Silent { command: String },
    #[error("the passphrase command {command:?} failed ({status})")]
    Failed { command: String, status: ExitStatus },
    #[error("the terminal could not be read ({0})")]
    Terminal(#[from] io::Error),
}

/// Asks for a line. Blanks at its ends are removed; it may be empty.
pub fn ask_line(question: &str) -> Result<String, PromptFault> {
    show(question)?;
    let line = read_line(&mut io::stdin().lock(), question)?;
    Ok(line.trim().to_owned())
}

/// Asks for something that nobody may see: a code, a password, the link of a proxy. It may be empty.
pub fn ask_secret(question: &str) -> Result<Hidden, PromptFault> {
    ask_hidden(question).map(|typed| Hidden::new(typed.into_text()))
}

/// Somebody sits there, and is not a pipe.
pub fn somebody_types() -> bool {
    io::stdin().is_terminal()
}

/// The passphrase of a profile that exists: from `command`, else from the environment, else asked for.
pub fn passphrase(question: &str, command: Option<&str>) -> Result<Passphrase, PromptFault> {
    match given(command)? {
        Some(passphrase) => Ok(passphrase),
        None => ask_hidden(question),
    }
}

/// A passphrase for a new profile: as [`passphrase`], but never empty, and on a terminal asked for twice.
pub fn new_passphrase(question: &str, command: Option<&str>) -> Result<Passphrase, PromptFault> {
    let passphrase = match given(command)? {
        Some(passphrase) => passphrase,
        None => ask_twice(question)?,
    };
    if passphrase.is_empty() { Err(PromptFault::EmptyPassphrase) } else { Ok(passphrase) }
}

/// The passphrase that nobody has to type: from `command`, else from the environment, if either is there.
pub fn given(command: Option<&str>) -> Result<Option<Passphrase>, PromptFault> {
    match (command, std::env::var_os(PASSPHRASE_VARIABLE)) {
        (Some(command), _) => run(command).map(Some),
        (None, Some(value)) if !value.is_empty() => value
            .into_string()
            .map(|text| Some(Passphrase(Zeroizing::new(text))))
            .map_err(|_| PromptFault::Variable),
        _ => Ok(None),
    }
}

/// The first line that a shell command prints.
fn run(command: &str) -> Result<Passphrase, PromptFault> {
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
        Ok(line) if !line.is_empty() => Ok(Passphrase(line)),
        Err(PromptFault::TooLong) => Err(PromptFault::TooLong),
        _ => Err(PromptFault::Silent { command: command.to_owned() }),
    }
}

fn ask_twice(question: &str) -> Result<Passphrase, PromptFault> {
    if !io::stdin().is_terminal() {
        return ask_hidden(question);
    }
    for _ in 0..TRIES {
        let first = ask_hidden(question)?;
        if first.is_empty() || first == ask_hidden("Once more: ")? {
            return Ok(first);
        }
        show("These were not the same.\n")?;
    }
    Err(PromptFault::Different)
}

/// Asks without showing what is typed; without a terminal there is nothing to hide from, and it is a plain line.
fn ask_hidden(question: &str) -> Result<Passphrase, PromptFault> {
    if !io::stdin().is_terminal() {
        show(question)?;
        return read_line(&mut io::stdin().lock(), question).map(Passphrase);
    }
    let typed = {
        // Before the question: whoever sees it may type at once.
        let _raw = RawMode::enter()?;
        show(question)?;
        type_unseen()
    };
    show("\n")?;
    typed.map(Passphrase)
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

/// The terminal without echo and line editing, until it is dropped.
struct RawMode;

impl RawMode {
    fn enter() -> io::Result<Self> {
        terminal::enable_raw_mode().map(|()| RawMode)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // Nothing better can be done where even this fails.
        let _ = terminal::disable_raw_mode();
    }
}

fn type_unseen() -> Result<Zeroizing<String>, PromptFault> {
    let mut typed = Zeroizing::new(String::with_capacity(MAX_ANSWER));
    loop {
        if let Event::Key(key) = crossterm::event::read()?
            && press(&mut typed, key)?
        {
            return Ok(typed);
        }
    }
}

/// What a key does to the answer; `true` when it is complete.
fn press(typed: &mut String, key: KeyEvent) -> Result<bool, PromptFault> {
    if key.kind == KeyEventKind::Release {
        return Ok(false);
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Enter => return Ok(true),
        KeyCode::Esc => return Err(PromptFault::Cancelled),
        KeyCode::Char('c' | 'd') if control => return Err(PromptFault::Cancelled),
        KeyCode::Char('u') if control => typed.clear(),
        KeyCode::Char('j' | 'm') if control => return Ok(true),
        KeyCode::Backspace => {
            typed.pop();
        }
        KeyCode::Char(c) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
            if typed.len() + c.len_utf8() > MAX_ANSWER {
                return Err(PromptFault::TooLong);
            }
            typed.push(c);
        }
        _ => {}
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press_all(keys: &[(KeyCode, KeyModifiers)]) -> Result<(String, bool), PromptFault> {
        let mut typed = String::with_capacity(MAX_ANSWER);
        let mut done = false;
        for &(code, modifiers) in keys {
            done = press(&mut typed, KeyEvent::new(code, modifiers))?;
        }
        Ok((typed, done))
    }

    const NONE: KeyModifiers = KeyModifiers::NONE;
    const CONTROL: KeyModifiers = KeyModifiers::CONTROL;

    #[test]
    fn keys_edit_the_answer() {
        let keys = [
            (KeyCode::Char('x'), NONE),
            (KeyCode::Char('u'), CONTROL),
            (KeyCode::Char('A'), KeyModifiers::SHIFT),
            (KeyCode::Char('é'), NONE),
            (KeyCode::Backspace, NONE),
            (KeyCode::Char('a'), CONTROL),
            (KeyCode::Left, NONE),
            (KeyCode::Char('ü'), NONE),
            (KeyCode::Enter, NONE),
        ];
        assert_eq!(press_all(&keys).unwrap(), ("Aü".into(), true));
    }

    #[test]
    fn control_c_cancels() {
        assert!(matches!(press_all(&[(KeyCode::Char('c'), CONTROL)]), Err(PromptFault::Cancelled)));
    }

    #[test]
    fn an_endless_answer_is_refused_and_never_moved() {
        let mut typed = String::with_capacity(MAX_ANSWER);
        let place = typed.as_ptr();
        for _ in 0..MAX_ANSWER {
            press(&mut typed, KeyEvent::new(KeyCode::Char('x'), NONE)).unwrap();
        }
        assert_eq!(typed.as_ptr(), place);
        assert!(matches!(
            press(&mut typed, KeyEvent::new(KeyCode::Char('x'), NONE)),
            Err(PromptFault::TooLong)
        ));
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
        assert_eq!(format!("{passphrase:?}"), "Passphrase(..)");
        assert_eq!(passphrase.into_text(), "sesame");
        assert!(matches!(run("true"), Err(PromptFault::Silent { .. })));
        assert!(matches!(run("echo sesame; exit 3"), Err(PromptFault::Failed { .. })));
    }
}
