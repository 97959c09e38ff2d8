//! What the user asks for: each command becomes a changed state, from which the calls follow.
//!
//! A command that cannot be carried out changes nothing and says why.

use super::Machine;
use super::room::Room;
use super::turn::Turn;
use crate::secret::chat::{Asking, Chat, Reply, Side, Stage};
use crate::secret::content::{self, Action, Content, MAX_TTL, Said};
use crate::secret::fault::{Closing, Trouble};
use crate::secret::record::{Body, ChatId, Delivery, Direction, Draft, Message, Text, UserId};
use crate::secret::step::{Call, Change, Command, Effect, Event};

/// The server is told that the user types at most this often; the peer shows it for six seconds.
const TYPING_EVERY_MS: u64 = 5_000;

/// The longest text of one message, in UTF-16 code units as the entities count them.
pub const MAX_TEXT: usize = 4096;

impl Machine {
    pub(super) fn command(&mut self, command: Command, turn: &mut Turn<'_>) {
        let chat = chat_of(&command);
        if let Err(trouble) = self.obey(command, turn) {
            turn.trouble(chat, trouble);
        }
    }

    fn obey(&mut self, command: Command, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        match command {
            Command::Start { user, user_hash } => self.start(user, user_hash, turn),
            Command::Accept(chat) => self.room(chat)?.reply(Reply::Accept, turn),
            Command::Leave(chat) => self.room(chat)?.reply(Reply::Left, turn),
            Command::Decline(chat) => self.room(chat)?.decline(turn),
            Command::Send { chat, draft } => self.room(chat)?.say(*draft, turn),
            Command::SetTimer { chat, seconds } => self.room(chat)?.set_timer(seconds, turn),
            Command::Seen { chat, max_date } => self.room(chat)?.seen(max_date, turn),
            Command::OpenContent { chat, random_id } => self.room(chat)?.open(random_id, turn),
            Command::Delete { chat, random_ids } => self.room(chat)?.delete(random_ids, turn),
            Command::Flush(chat) => self.room(chat)?.flush(turn),
            Command::Close { chat, delete_history } => self.room(chat)?.leave(delete_history, turn),
            Command::Verify { chat, verified } => self.room(chat)?.verify(verified, turn),
            Command::Typing { chat, typing } => self.say_typing(chat, typing, turn),
            Command::Attach { chat, draft, source } => self.room(chat)?.attach(*draft, source, turn),
            Command::Uploaded { message, file } => self.room(message.chat)?.uploaded(*message, file, turn),
            Command::UploadFailed { chat, random_id, reason } => {
                self.room(chat)?.upload_failed(random_id, reason, turn);
                Ok(())
            }
            Command::Withdraw { chat, random_id } => self.room(chat)?.withdraw(random_id, turn),
            Command::ChangeKey(chat) => self.room(chat)?.change_key(turn),
            Command::Report(chat) => self.room(chat)?.report(),
        }
    }

    pub(super) fn room(&mut self, chat: ChatId) -> Result<&mut Room, Trouble> {
        self.rooms.get_mut(&chat).ok_or(Trouble::NoSuchChat)
    }

    fn start(&mut self, user: UserId, user_hash: i64, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        if self.rooms.values().any(|room| room.chat.user == user && !room.closed()) {
            return Err(Trouble::AlreadyThere);
        }
        let id = self.fresh_chat_id(turn);
        let chat = Chat {
            id,
            user,
            side: Side::Originator,
            date: turn.now.unix_s(),
            access_hash: 0,
            stage: Stage::Asking(Asking { user_hash }),
        };
        self.rooms.insert(id, Room::new(chat));
        turn.born(id);
        Ok(())
    }

    /// 31 random bits, not 0 and not in use; the server takes it as the chat's id.
    fn fresh_chat_id(&self, turn: &mut Turn<'_>) -> ChatId {
        loop {
            let id = ChatId(i32::from_le_bytes(turn.random()) & i32::MAX);
            if id.0 != 0 && !self.rooms.contains_key(&id) {
                return id;
            }
        }
    }

    fn say_typing(&mut self, chat: ChatId, typing: bool, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        let online = self.online;
        let room = self.room(chat)?;
        if online && room.ready().is_some() && room.typing_is_news(typing, turn.now.mono_ms) {
            let access_hash = room.chat.access_hash;
            turn.effect(Effect::Invoke(Call::SetEncryptedTyping { chat, access_hash, typing }));
        }
        Ok(())
    }
}

impl Room {
    pub(super) fn require_ready(&self) -> Result<(), Trouble> {
        self.ready().map(|_| ()).ok_or(Trouble::NotReady)
    }

    /// Whether the server is to be told: that the user types at most every few seconds, that they have stopped once.
    fn typing_is_news(&mut self, typing: bool, mono_ms: u64) -> bool {
        match (self.typing, typing) {
            (None, false) => false,
            (Some((told_ms, shown)), false) => {
                self.typing = Some((told_ms, false));
                shown
            }
            (Some((told_ms, _)), true) if mono_ms < told_ms.saturating_add(TYPING_EVERY_MS) => false,
            (_, true) => {
                self.typing = Some((mono_ms, true));
                true
            }
        }
    }

    /// Whoever asked for the chat is reported, at the latest when there is a connection.
    fn report(&mut self) -> Result<(), Trouble> {
        if self.chat.side == Side::Originator {
            return Err(Trouble::NotTheirs);
        }
        self.reported = true;
        Ok(())
    }

    fn reply(&mut self, reply: Reply, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        if !matches!(&self.chat.stage, Stage::Requested(it) if it.reply != Reply::Accept) {
            return Err(Trouble::NotRequested);
        }
        turn.touch(self);
        if let Stage::Requested(requested) = &mut self.chat.stage {
            requested.reply = reply;
        }
        Ok(())
    }

    fn decline(&mut self, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        match self.chat.stage {
            Stage::Requested(_) => {
                self.close(Closing::DeclinedByUs, Some(false), turn);
                Ok(())
            }
            _ => Err(Trouble::NotRequested),
        }
    }

    fn say(&mut self, draft: Draft, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        self.require_ready()?;
        sendable(&draft.body)?;
        let (ttl, peer_layer) = self.ready().map_or((0, 0), |ready| (ready.ttl, ready.peer_layer));
        let Draft { body, reply_to, silent, album, degrade } = draft;
        let body = content::fitted(body, peer_layer, degrade).map_err(Trouble::PeerCannotShow)?;
        let random_id = self.fresh_random_id(turn);
        let said = Said { body, ttl, silent, reply_to, album, via_bot: None };
        self.show_own(random_id, said.clone(), Delivery::Queued, turn);
        self.enqueue(random_id, &Content::Message(said), false, true, turn);
        Ok(())
    }

    fn set_timer(&mut self, seconds: i32, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        self.require_ready()?;
        let seconds = seconds.clamp(0, MAX_TTL);
        turn.touch(self);
        if let Some(ready) = self.ready_mut() {
            ready.ttl = seconds;
        }
        let random_id = self.fresh_random_id(turn);
        self.show_own(random_id, Said::new(Body::TimerSet(seconds)), Delivery::Sent, turn);
        self.act_as(random_id, Action::SetTimer(seconds), turn);
        Ok(())
    }

    /// An own message appears in the history.
    pub(super) fn show_own(&mut self, random_id: i64, said: Said, delivery: Delivery, turn: &mut Turn<'_>) {
        let Said { body, ttl, silent, reply_to, album, via_bot } = said;
        let new = Message::new(self.chat.id, random_id, Direction::Out, turn.now.unix_s(), body);
        let message = Message { ttl, delivery, silent, reply_to, album, via_bot, ..new };
        self.known.insert(random_id);
        self.keep_in_mind(&message);
        turn.change(Change::Message(message.clone()));
        turn.event(Event::Message(message));
    }

    fn seen(&mut self, max_date: i32, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        let chat = self.chat.id;
        turn.change(Change::SeenByUser { chat, max_date });
        self.seen_up_to(max_date, turn);
        // What the server was told is never taken back, even if the newest message has burnt since.
        self.told_seen = self.told_seen.max(self.ready().map_or(0, |ready| ready.seen_told));
        let max_date = max_date.max(self.told_seen);
        if self.ready().is_some_and(|ready| max_date > ready.seen) {
            turn.touch(self);
            if let Some(ready) = self.ready_mut() {
                ready.seen = max_date;
            }
        }
        Ok(())
    }

    pub(super) fn delete(&mut self, random_ids: Vec<i64>, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        let chat = self.chat.id;
        let random_ids: Vec<i64> = random_ids.into_iter().filter(|id| self.known.contains(id)).collect();
        if random_ids.is_empty() {
            return Err(Trouble::NoSuchMessage);
        }
        self.destroy_unconfirmed(|id| random_ids.contains(&id), turn);
        self.forget(&random_ids);
        turn.change(Change::Deleted { chat, random_ids: random_ids.clone() });
        turn.event(Event::Deleted { chat, random_ids: random_ids.clone() });
        if self.ready().is_some() {
            self.act(Action::DeleteMessages(random_ids), turn);
        }
        Ok(())
    }

    fn flush(&mut self, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        self.destroy_unconfirmed(|_| true, turn);
        self.forget_history(turn);
        if self.ready().is_some() {
            self.act(Action::FlushHistory, turn);
        }
        Ok(())
    }

    /// Closes the chat. A closed one can still lose its history.
    fn leave(&mut self, delete_history: bool, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        match &self.chat.stage {
            Stage::Closed(_) if delete_history => self.forget_history(turn),
            Stage::Closed(_) => return Err(Trouble::Over),
            Stage::Asking(_) => self.close(Closing::ByUs, None, turn),
            Stage::Requested(_) => self.close(Closing::DeclinedByUs, Some(false), turn),
            _ => self.close(Closing::ByUs, Some(delete_history), turn),
        }
        Ok(())
    }

    fn verify(&mut self, compared: bool, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        if self.closed() {
            return Err(Trouble::Over);
        }
        self.require_ready()?;
        turn.touch(self);
        if let Some(ready) = self.ready_mut() {
            ready.verified = compared;
        }
        Ok(())
    }
}

/// Whether a user can send this at all. A caption may be as long as a text, and absent.
pub(super) fn sendable(body: &Body) -> Result<(), Trouble> {
    let length = body.words().map_or(0, Text::len_utf16);
    let blank = |text: &str| text.trim().is_empty();
    match body {
        Body::TimerSet(_) | Body::Screenshot | Body::Unsupported(_) => Err(Trouble::Unsendable),
        _ if length > MAX_TEXT => Err(Trouble::TooLong(length)),
        Body::Text(text) | Body::WebPage { text, .. } if blank(&text.plain) => Err(Trouble::Empty),
        Body::Contact { phone, .. } if blank(phone) => Err(Trouble::Empty),
        _ => Ok(()),
    }
}

fn chat_of(command: &Command) -> Option<ChatId> {
    match command {
        Command::Start { .. } => None,
        Command::Accept(chat)
        | Command::Decline(chat)
        | Command::Leave(chat)
        | Command::Flush(chat)
        | Command::ChangeKey(chat)
        | Command::Report(chat) => Some(*chat),
        Command::Send { chat, .. }
        | Command::SetTimer { chat, .. }
        | Command::Seen { chat, .. }
        | Command::OpenContent { chat, .. }
        | Command::Delete { chat, .. }
        | Command::Close { chat, .. }
        | Command::Verify { chat, .. }
        | Command::Typing { chat, .. }
        | Command::Attach { chat, .. }
        | Command::UploadFailed { chat, .. }
        | Command::Withdraw { chat, .. } => Some(*chat),
        Command::Uploaded { message, .. } => Some(message.chat),
    }
}
