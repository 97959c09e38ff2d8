//! Real processes and the lines they print: what the stories and the crash tests are told with.
//!
//! Every process of a test shares one [`Script`], in which each line that goes in or comes out is written with its speaker. Waiting
//! is waiting for the script to grow, so no test sleeps, and a test that fails shows the whole of what was said.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

pub mod world;

use std::fmt;
use std::io::{BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// No answer takes this long, even on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Where a line was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    In,
    Out,
    Err,
    /// A pipe of the process has ended.
    End,
}

/// One line of the script.
#[derive(Clone)]
pub struct Entry {
    /// The number of the process.
    pub speaker: usize,
    pub stream: Stream,
    pub text: String,
    at: Duration,
}

/// All that the processes of a test say, in the order in which it was heard.
#[derive(Clone)]
pub struct Script {
    inner: Arc<(Mutex<Heard>, Condvar)>,
    began: Instant,
}

#[derive(Default)]
struct Heard {
    names: Vec<String>,
    entries: Vec<Entry>,
}

impl Script {
    pub fn new() -> Script {
        Script { inner: Arc::default(), began: Instant::now() }
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.inner.0.lock().unwrap()
    }

    fn enter(&self, name: &str) -> usize {
        let mut heard = self.lock();
        heard.names.push(name.to_owned());
        heard.names.len() - 1
    }

    fn write(&self, speaker: usize, stream: Stream, text: String) {
        let at = self.began.elapsed();
        self.lock().entries.push(Entry { speaker, stream, text, at });
        self.inner.1.notify_all();
    }

    pub fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// Looks through the script from `place` on, again and again as it grows, until `look` gives something.
    /// `None` when nobody said anything that helped for too long.
    pub fn wait<T>(&self, mut look: impl FnMut(&[Entry]) -> Option<T>) -> Option<T> {
        let end = Instant::now() + PATIENCE;
        let mut heard = self.lock();
        loop {
            if let Some(found) = look(&heard.entries) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            heard = self.inner.1.wait_timeout(heard, left).unwrap().0;
        }
    }
}

/// The script as one reads it after a failure.
impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heard = self.lock();
        for entry in &heard.entries {
            let mark = match entry.stream {
                Stream::In => "<",
                Stream::Out => ">",
                Stream::Err => "!",
                Stream::End => "#",
            };
            let shown: String = entry.text.chars().take(200).collect();
            let name = &heard.names[entry.speaker];
            writeln!(f, "{:8.3} {name:>8} {mark} {}", entry.at.as_secs_f64(), shown.escape_debug())?;
        }
        Ok(())
    }
}

/// A process, killed at the latest when it is dropped.
pub struct Program {
    pub script: Script,
    pub number: usize,
    child: Child,
    input: Option<ChildStdin>,
    /// Where the next expectation begins to look.
    place: usize,
}

impl Program {
    /// Starts the binary with these arguments.
    pub fn start(script: &Script, name: &str, command: &mut Command) -> Program {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let place = script.len();
        let number = script.enter(name);
        listen(script, number, Stream::Out, child.stdout.take().unwrap());
        listen(script, number, Stream::Err, child.stderr.take().unwrap());
        let input = child.stdin.take();
        Program { script: script.clone(), number, child, input, place }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Enters a line. A process that has died does not hear it.
    pub fn enter(&mut self, line: &str) {
        self.script.write(self.number, Stream::In, line.to_owned());
        if let Some(input) = &mut self.input {
            let _ = input.write_all(format!("{line}\n").as_bytes());
        }
    }

    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// Waits for a line on either stream that fits, after those that were expected before.
    pub fn expect(&mut self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        let (number, from) = (self.number, self.place);
        let found = self.script.wait(|entries| {
            let mut ends = 0;
            for (place, entry) in entries.iter().enumerate().skip(from).filter(|(_, it)| it.speaker == number)
            {
                match entry.stream {
                    Stream::Out | Stream::Err if fits(&entry.text) => {
                        return Some(Some((place, entry.text.clone())));
                    }
                    Stream::End => ends += 1,
                    _ => {}
                }
            }
            // Both pipes have ended: nothing more will come.
            (ends == 2).then_some(None)
        });
        match found.flatten() {
            Some((place, line)) => {
                self.place = place + 1;
                line
            }
            None => panic!("{what} was not seen\n{}", self.script),
        }
    }

    pub fn expect_text(&mut self, text: &str) -> String {
        self.expect(&format!("{text:?}"), |line| line.contains(text))
    }

    /// The lines printed since a place in the script.
    pub fn said_since(&self, place: usize, stream: Stream) -> Vec<String> {
        let heard = self.script.lock();
        let own =
            heard.entries.iter().skip(place).filter(|it| it.speaker == self.number && it.stream == stream);
        own.map(|it| it.text.clone()).collect()
    }

    pub fn said(&self, stream: Stream) -> Vec<String> {
        self.said_since(0, stream)
    }

    /// Kills it as the operating system would, without a word.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        self.wait_exit();
    }

    /// Waits for its end and for the last of its lines; `None` for a process ended by a signal.
    pub fn wait_exit(&mut self) -> Option<i32> {
        let number = self.number;
        let ended = self.script.wait(|entries| {
            let ends = entries.iter().filter(|it| it.speaker == number && it.stream == Stream::End);
            (ends.count() == 2).then_some(())
        });
        assert!(ended.is_some(), "the process goes on\n{}", self.script);
        self.child.wait().unwrap().code()
    }

    /// Ends line mode as a person would.
    pub fn quit(&mut self) {
        self.enter("/quit");
        assert_eq!(self.wait_exit(), Some(0), "{}", self.script);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes what comes out of a pipe into the script. A prompt has no line break: what stands there when nothing more comes is
/// not waited for, it becomes the beginning of the next line.
fn listen(script: &Script, number: usize, stream: Stream, pipe: impl Read + Send + 'static) {
    let script = script.clone();
    std::thread::spawn(move || {
        let mut line = Vec::new();
        for byte in BufReader::new(pipe).bytes() {
            match byte {
                Ok(b'\n') => {
                    script.write(number, stream, String::from_utf8_lossy(&line).into_owned());
                    line.clear();
                }
                Ok(byte) => line.push(byte),
                Err(_) => break,
            }
        }
        if !line.is_empty() {
            script.write(number, stream, String::from_utf8_lossy(&line).into_owned());
        }
        script.write(number, Stream::End, String::new());
    });
}
