//! What Telegram answers, and what an error means for the call that caused it.
//!
//! Three kinds of failure: the outcome is unknown or the server is busy (the call rests, then goes out again unchanged), the
//! refusal means that it was done before (taken as done), or it is final (the chat says why). Every call here is safe to repeat:
//! it carries the same `random_id`, or its repetition is told apart by its error.

use super::turn::Turn;
use super::{Machine, Rest};
use crate::secret::chat::{Asking, Requesting, Stage, Waiting};
use crate::secret::fault::{Closing, LocalFault, Trouble};
use crate::secret::record::{ChatId, DhCache, Outgoing, RemoteFile};
use crate::secret::step::{Answer, CallError, CallKey, Change, EncryptedChat, Event};

/// The first pause after a failure without orders from the server; it doubles up to the second.
const FIRST_REST_MS: u64 = 1_000;
const LONGEST_REST_MS: u64 = 60_000;

/// Halves of the key that are drawn before the server's refusal is believed.
const MAX_HALVES: u32 = 2;

/// What an error asks us to do.
enum Meaning {
    /// Try again, after this long if the server said so.
    Later(Option<u32>),
    /// The authorization is gone; nothing of the chat's state follows from it here.
    SignedOut,
    /// Final.
    Refused { code: i32, name: String },
}

impl Meaning {
    fn of(error: CallError) -> Meaning {
        match error {
            CallError::Lost => Meaning::Later(None),
            CallError::Rpc { code: 420 | 429, value, .. } => Meaning::Later(value.or(Some(1))),
            CallError::Rpc { code: 401, .. } => Meaning::SignedOut,
            CallError::Rpc { code, name, .. }
                if !(0..500).contains(&code)
                    || matches!(name.as_str(), "MSG_WAIT_FAILED" | "MSG_WAIT_TIMEOUT") =>
            {
                Meaning::Later(None)
            }
            CallError::Rpc { code, name, .. } => Meaning::Refused { code, name },
        }
    }
}

impl Machine {
    pub(super) fn answer(&mut self, to: CallKey, outcome: Result<Answer, CallError>, turn: &mut Turn<'_>) {
        if self.in_flight.get(&to.slot()) == Some(&to) {
            self.in_flight.remove(&to.slot());
        }
        if let Some(room) = to.chat().and_then(|chat| self.rooms.get_mut(&chat)) {
            room.last_word.take_if(|call| call.key() == to);
            room.sending.take_if(|random_id| matches!(to, CallKey::Send(_, id) if id == *random_id));
        }
        match outcome {
            Ok(answer) => {
                self.resting.remove(&to.slot());
                self.answered(to, answer, turn);
            }
            Err(error) => match Meaning::of(error) {
                Meaning::Later(seconds) => self.rest(to, seconds, turn),
                Meaning::SignedOut => {
                    self.left_open.insert(to);
                }
                Meaning::Refused { code, name } => {
                    self.resting.remove(&to.slot());
                    self.refused(to, code, name, turn);
                }
            },
        }
    }

    fn answered(&mut self, to: CallKey, answer: Answer, turn: &mut Turn<'_>) {
        match (to, answer) {
            (CallKey::DhConfig, Answer::DhConfig { g, p, version, random }) => {
                self.dh_config(DhCache { version, g, p }, random, turn);
            }
            (CallKey::DhConfig, Answer::DhConfigNotModified { random }) => {
                self.dh_config_not_modified(random, turn);
            }
            (CallKey::Request(id) | CallKey::Accept(id), Answer::Chat(chat)) => {
                self.handshake_answered(id, chat, turn);
            }
            (CallKey::Send(id, random_id), Answer::Sent { date, file }) => {
                self.sent(id, random_id, date, file, turn);
            }
            (CallKey::Discard(id), _) => self.discard_done(id, turn),
            (CallKey::Read(id, max_date), _) => self.told_seen(id, max_date, turn),
            (CallKey::Report(id), _) => {
                self.report_over(id);
                turn.event(Event::Reported(id));
            }
            (CallKey::Queue(qts), _) => self.acknowledged = self.acknowledged.max(qts),
            _ => {}
        }
    }

    /// The call goes out again after a pause.
    fn rest(&mut self, to: CallKey, ordered_s: Option<u32>, turn: &mut Turn<'_>) {
        if matches!(to, CallKey::Typing(_)) {
            return;
        }
        let failures = self.resting.get(&to.slot()).map_or(0, |rest| rest.failures);
        let pause = match ordered_s {
            Some(seconds) => u64::from(seconds) * 1000,
            None => (FIRST_REST_MS << failures.min(6)).min(LONGEST_REST_MS),
        };
        if let Some(seconds) = ordered_s {
            let until_ms = turn.now.unix_ms.saturating_add(i64::from(seconds) * 1000);
            turn.trouble(to.chat(), Trouble::Flood { seconds, until_ms });
        }
        let until_mono_ms = turn.now.mono_ms.saturating_add(pause);
        let rest = Rest { until_mono_ms, failures: failures + 1, ordered: ordered_s.is_some() };
        self.resting.insert(to.slot(), rest);
    }

    fn refused(&mut self, to: CallKey, code: i32, name: String, turn: &mut Turn<'_>) {
        match to {
            CallKey::DhConfig => self.cannot_exchange(LocalFault::Rpc { code, name }, turn),
            CallKey::Request(id) if name == "RANDOM_ID_DUPLICATE" => self.requested_before(id, turn),
            CallKey::Request(id) if name == "DH_G_A_INVALID" && self.draw_again(id, turn) => {}
            CallKey::Accept(id) if name == "ENCRYPTION_ALREADY_ACCEPTED" => {
                // By our own lost call or by another device: the update tells.
                self.left_open.insert(CallKey::Accept(id));
            }
            CallKey::Accept(id) if name == "ENCRYPTION_ALREADY_DECLINED" => {
                self.fail_handshake(id, Closing::TakenOrWithdrawn, None, turn);
            }
            CallKey::Request(id) | CallKey::Accept(id) => {
                let closing = Closing::Failed(LocalFault::Rpc { code, name });
                self.fail_handshake(id, closing, None, turn);
            }
            CallKey::Discard(id) => self.discard_done(id, turn),
            CallKey::Send(id, random_id) => self.send_refused(id, random_id, code, name, turn),
            CallKey::Read(id, max_date) => self.told_seen(id, max_date, turn),
            CallKey::Report(id) => {
                self.report_over(id);
                turn.trouble(id, Trouble::NotReported(LocalFault::Rpc { code, name }));
            }
            CallKey::Queue(qts) => self.acknowledged = self.acknowledged.max(qts),
            CallKey::Typing(_) => {}
        }
    }

    /// Ends a chat whose handshake call has failed; one that has left that state by another way goes on.
    fn fail_handshake(&mut self, id: ChatId, closing: Closing, discard: Option<bool>, turn: &mut Turn<'_>) {
        if let Some(room) = self.rooms.get_mut(&id)
            && matches!(room.chat.stage, Stage::Requesting(_) | Stage::Accepting(_))
        {
            room.close(closing, discard, turn);
        }
    }

    /// The server did not take our half of the key: another one is drawn, within limits.
    fn draw_again(&mut self, id: ChatId, turn: &mut Turn<'_>) -> bool {
        let Some(room) = self.rooms.get_mut(&id) else { return false };
        let Stage::Requesting(Requesting { user_hash, .. }) = room.chat.stage else { return false };
        room.refused_halves += 1;
        if room.refused_halves >= MAX_HALVES {
            return false;
        }
        turn.touch(room);
        room.chat.stage = Stage::Asking(Asking { user_hash });
        true
    }

    /// The direct answer of a handshake call. Whatever it is, it must lead out of the state that made the call.
    fn handshake_answered(&mut self, id: ChatId, chat: EncryptedChat, turn: &mut Turn<'_>) {
        self.chat_update(chat, turn);
        self.fail_handshake(id, Closing::Failed(LocalFault::ForeignAnswer), Some(false), turn);
    }

    /// `RANDOM_ID_DUPLICATE` for a stored request: our first call had gone through. The access hash comes with the key.
    fn requested_before(&mut self, id: ChatId, turn: &mut Turn<'_>) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        if let Stage::Requesting(requesting) = &room.chat.stage {
            let offer = requesting.offer.clone();
            turn.touch(room);
            room.chat.stage = Stage::Waiting(Waiting { offer });
        }
    }

    fn discard_done(&mut self, id: ChatId, turn: &mut Turn<'_>) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        turn.touch(room);
        if let Stage::Closed(closed) = &mut room.chat.stage {
            closed.discard = None;
        }
    }

    fn report_over(&mut self, id: ChatId) {
        if let Some(room) = self.rooms.get_mut(&id) {
            room.reported = false;
        }
    }

    fn told_seen(&mut self, id: ChatId, max_date: i32, turn: &mut Turn<'_>) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        turn.touch(room);
        room.told_seen = room.told_seen.max(max_date);
        if let Some(ready) = room.ready_mut() {
            ready.seen_told = ready.seen_told.max(max_date);
        }
    }

    fn sent(&mut self, id: ChatId, random_id: i64, date: i32, file: Option<RemoteFile>, turn: &mut Turn<'_>) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        let Some(row) = room.unanswered(random_id).cloned() else {
            return room.answered_late(random_id, date, file, turn);
        };
        // A placeholder carries the name of a message that is gone or has failed: it marks nothing. Nor does a repetition.
        let news = row.rewritable && !row.told;
        let row = Outgoing { answered: true, told: true, ..row }.placed(file, turn);
        room.store(row, turn);
        if news {
            room.is_sent(random_id, date, turn);
        }
    }

    /// A final refusal. The number is spent and must not become a hole: a user's message fails visibly and its slot is filled
    /// with the self-delete placeholder; an action or a placeholder has nothing to fall back to and ends the chat.
    fn send_refused(&mut self, id: ChatId, random_id: i64, code: i32, name: String, turn: &mut Turn<'_>) {
        let Some(room) = self.rooms.get_mut(&id) else { return };
        if name == "ENCRYPTION_DECLINED" {
            return room.close(Closing::ByPeer { history_deleted: false }, None, turn);
        }
        // What was refused is gone already; its placeholder has not been tried.
        if room.superseded.take_if(|superseded| *superseded == random_id).is_some() {
            return;
        }
        if room.file_lost(random_id, &name, turn) {
            return;
        }
        let Some(number) = room.unanswered(random_id).map(|row| row.number) else { return };
        if room.fill_with_placeholder(number, turn) {
            room.forget(&[random_id]);
            turn.change(Change::Failed { chat: id, random_id });
            turn.event(Event::Failed { chat: id, random_id, reason: LocalFault::Rpc { code, name } });
        } else {
            room.close(Closing::Failed(LocalFault::Rpc { code, name }), Some(false), turn);
        }
    }
}
