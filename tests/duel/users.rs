//! What the two people do while the storm lasts: they write, delete, read, compare keys, set timers and want new keys.

use rand::RngExt;
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::world::{World, name};

/// Self-destruct timer of those seeds that have one.
const TIMER_S: i32 = 20;

impl World {
    pub fn write(&mut self, who: usize) -> Result<(), String> {
        if self.to_say[who] == 0 || self.devices[who].ready().is_none() {
            return Ok(());
        }
        if self.say(who)? {
            self.to_say[who] -= 1;
        }
        Ok(())
    }

    /// Writes the next text; false if the process died before it was stored.
    pub fn say(&mut self, who: usize) -> Result<bool, String> {
        let Some(chat) = self.devices[who].chat() else { return Ok(false) };
        let text = format!("{} {}", name(who), self.composed[who].len());
        self.tell(|_| format!("{} writes {text:?}", name(who)));
        let draft = Box::new(Draft::new(Body::text(text.as_str())));
        self.devices[who].command(Command::Send { chat, draft })?;
        let stored = self.devices[who].texts(Direction::Out);
        let Some(&(random_id, last)) = stored.last() else { return Ok(false) };
        let stored = last == text;
        if stored {
            let own = self.devices[who].disk.messages.iter().find(|message| message.random_id == random_id);
            if own.is_some_and(|message| message.ttl > 0) {
                self.mortal.insert(random_id);
                self.count("texts that destroy themselves");
            }
            self.composed[who].push((random_id, text));
            self.count("texts");
        }
        Ok(stored)
    }

    pub fn rekey(&mut self, who: usize) -> Result<(), String> {
        let Some(chat) = self.devices[who].chat() else { return Ok(()) };
        if self.devices[who].ready().is_none() {
            return Ok(());
        }
        self.rekeys_wanted += 1;
        self.tell(|_| format!("{} wants another key", name(who)));
        self.devices[who].command(Command::ChangeKey(chat))
    }

    /// What users do beside writing.
    pub fn do_something(&mut self, who: usize) -> Result<(), String> {
        let Some(chat) = self.devices[who].chat() else { return Ok(()) };
        if self.devices[who].ready().is_none() {
            return Ok(());
        }
        match self.rng.random_range(0..24) {
            12 | 13 => self.set_timer(who, chat),
            0 | 14 => self.rekey(who),
            1 => self.delete(who, chat),
            2 => self.devices[who].command(Command::Verify { chat, verified: true }),
            3 => self.devices[who].command(Command::Typing { chat, typing: true }),
            4..=8 => {
                let newest = self.devices[who].disk.messages.iter().filter(|m| m.direction == Direction::In);
                match newest.map(|message| message.date).max() {
                    Some(max_date) => self.devices[who].command(Command::Seen { chat, max_date }),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Some seeds know timers; off is as likely as on.
    pub fn set_timer(&mut self, who: usize, chat: ChatId) -> Result<(), String> {
        let seconds = if self.timers { self.rng.random_range(0..2) * TIMER_S } else { 0 };
        self.tell(|_| format!("{} sets the timer to {seconds} s", name(who)));
        self.devices[who].command(Command::SetTimer { chat, seconds })
    }

    pub fn delete(&mut self, who: usize, chat: ChatId) -> Result<(), String> {
        let messages = &self.devices[who].disk.messages;
        if messages.is_empty() {
            return Ok(());
        }
        let random_id = messages[self.rng.random_range(0..messages.len())].random_id;
        self.tell(|_| format!("{} deletes {random_id}", name(who)));
        self.devices[who].command(Command::Delete { chat, random_ids: vec![random_id] })?;
        if self.devices[who].disk.deleted.contains(&(chat, random_id)) {
            self.deleted.insert(random_id);
        }
        Ok(())
    }
}
