//! Pieces in flight: a few at a time, answered in order, each repeated until the server has taken or refused it.
//!
//! Files share the one connection with messages, so a slow line must not fill up with them: the window opens while answers come
//! quickly and closes when they take long. What a lost connection or the server's order to wait means for a piece is settled here;
//! whoever uses the pipe only sees pieces that arrived, and refusals in words.

use std::collections::VecDeque;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::Halt;
use super::route::Leg;
use crate::cloud::link::Link;
use crate::secret::step::CallError;

/// Pieces in flight at most; with the largest parts that is 2 MiB.
const WIDEST: usize = 4;

/// An answer within this time is quick: one more may be in flight.
const QUICK: Duration = Duration::from_millis(700);

/// An answer that took longer is slow: half as many may be.
const SLOW: Duration = Duration::from_secs(3);

/// The first pause after a failure of the server; it doubles up to the second.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What is in flight.
pub(super) struct Pipe<T> {
    flying: VecDeque<JoinHandle<(Result<T, Halt>, Duration)>>,
    width: usize,
}

impl<T: Send + 'static> Pipe<T> {
    pub fn new() -> Pipe<T> {
        Pipe { flying: VecDeque::new(), width: 1 }
    }

    /// Whether another piece may leave.
    pub fn open(&self) -> bool {
        self.flying.len() < self.width
    }

    pub fn is_empty(&self) -> bool {
        self.flying.is_empty()
    }

    /// Lets a piece leave.
    pub fn push(&mut self, piece: impl Future<Output = Result<T, Halt>> + Send + 'static) {
        self.flying.push_back(tokio::spawn(async move {
            let left = Instant::now();
            (piece.await, left.elapsed())
        }));
    }

    /// Waits for the oldest piece. With nothing in flight it waits for ever.
    pub async fn next(&mut self) -> Result<T, Halt> {
        let Some(oldest) = self.flying.front_mut() else { return std::future::pending().await };
        let (answer, took) = oldest.await.unwrap_or((Err(Halt::Lost), Duration::ZERO));
        self.flying.pop_front();
        self.width = widened(self.width, took);
        answer
    }
}

/// What is in flight is not wanted any more.
impl<T> Drop for Pipe<T> {
    fn drop(&mut self) {
        for piece in &self.flying {
            piece.abort();
        }
    }
}

/// How many pieces may be in flight after one that took this long.
fn widened(width: usize, took: Duration) -> usize {
    if took < QUICK {
        WIDEST.min(width + 1)
    } else if took > SLOW {
        1.max(width / 2)
    } else {
        width
    }
}

/// Makes a call until it is answered: over lost connections, the server's orders to wait, and its faults.
///
/// # Errors
/// [`Halt::Lost`] if the link has ended; the server's refusal in words.
pub(super) async fn insist<T, F>(link: &Link, call: impl FnMut() -> F) -> Result<T, Halt>
where
    F: Future<Output = Result<T, CallError>>,
{
    persist(&Leg::home(link), call).await.map_err(Unanswered::in_words)
}

/// Why nothing came of a call.
pub(super) enum Unanswered {
    /// Never [`CallError::Lost`].
    Refused(CallError),
    Halted(Halt),
}

impl Unanswered {
    pub fn in_words(self) -> Halt {
        match self {
            Unanswered::Refused(fault) => Halt::Failed(refusal(&fault)),
            Unanswered::Halted(halt) => halt,
        }
    }
}

/// The same, of a call that may go to another data centre; a refusal is left as it is.
///
/// # Errors
/// The server's refusal; why the way there has ended.
pub(super) async fn persist<T, F>(leg: &Leg, mut call: impl FnMut() -> F) -> Result<T, Unanswered>
where
    F: Future<Output = Result<T, CallError>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(CallError::Lost) => {
                leg.back().await.map_err(Unanswered::Halted)?;
                sleep(pause).await;
            }
            Err(fault @ CallError::Rpc { code: 500, .. }) if is_redirect(&fault) => {
                return Err(Unanswered::Refused(fault));
            }
            // FLOOD_WAIT and FLOOD_PREMIUM_WAIT. A wait of no time would be a loop.
            Err(CallError::Rpc { code: 420 | 429, value, .. }) => {
                sleep(ordered(value)).await;
                continue;
            }
            Err(CallError::Rpc { code, .. }) if !(0..500).contains(&code) => sleep(pause).await,
            Err(fault) => return Err(Unanswered::Refused(fault)),
        }
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// How long the server's order to wait lasts.
fn ordered(seconds: Option<u32>) -> Duration {
    FIRST_PAUSE.max(Duration::from_secs(seconds.unwrap_or(0).into()))
}

/// The server sends elsewhere for a piece, which it was not asked to do: it will again.
fn is_redirect(fault: &CallError) -> bool {
    matches!(fault, CallError::Rpc { name, .. } if name == "FILE_CDN_REDIRECT")
}

/// What the server's refusals of a piece mean to a person.
pub(super) fn refusal(fault: &CallError) -> String {
    match fault {
        CallError::Rpc { name, .. } if name == "LOCATION_INVALID" || name == "FILE_ID_INVALID" => {
            "the server does not have this file any more: ask for it to be sent again".into()
        }
        fault if is_redirect(fault) => {
            "the server wants this file to be fetched from elsewhere, which this version does not do".into()
        }
        CallError::Rpc { code: 401, .. } => "this device was signed out: sign in again".into(),
        fault => format!("the server does not go on with this file: {fault}"),
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[test]
    fn refusals_say_what_to_do() {
        let words = |code, name: &str, value| refusal(&CallError::Rpc { code, name: name.into(), value });
        assert!(words(400, "LOCATION_INVALID", None).contains("any more"));
        assert!(words(500, "FILE_CDN_REDIRECT", None).contains("from elsewhere"));
        assert!(words(400, "FILE_PARTS_INVALID", None).contains("FILE_PARTS_INVALID (400)"));
    }

    #[test]
    fn an_order_to_wait_is_never_for_no_time() {
        assert_eq!([None, Some(0), Some(1)].map(ordered), [FIRST_PAUSE; 3]);
        assert_eq!(ordered(Some(3600)), Duration::from_secs(3600));
    }

    #[test]
    fn the_window_follows_the_line() {
        let after = |width, ms| widened(width, Duration::from_millis(ms));
        assert_eq!([after(1, 10), after(3, 699), after(4, 10)], [2, 4, 4]);
        assert_eq!([after(1, 1500), after(4, 3000)], [1, 4]);
        assert_eq!([after(4, 3001), after(3, 9000), after(1, 9000)], [2, 1, 1]);
    }

    #[tokio::test]
    async fn pieces_come_in_order_whichever_is_answered_first() {
        let mut pipe = Pipe { flying: VecDeque::new(), width: 3 };
        let mut answers = VecDeque::new();
        while pipe.open() {
            let (answer, answered) = oneshot::channel();
            answers.push_front(answer);
            pipe.push(async move { Ok(answered.await.unwrap()) });
        }
        for (number, answer) in [2, 1, 0].into_iter().zip(answers) {
            answer.send(number).unwrap();
        }
        for expected in 0..3 {
            assert_eq!(pipe.next().await.ok(), Some(expected));
        }
        assert!(pipe.is_empty());
    }

    #[tokio::test]
    async fn what_is_in_flight_ends_with_the_pipe() {
        let mut pipe: Pipe<()> = Pipe::new();
        let (mut answer, answered) = oneshot::channel::<()>();
        pipe.push(async move {
            let _ = answered.await;
            Ok(())
        });
        drop(pipe);
        answer.closed().await;
    }
}
