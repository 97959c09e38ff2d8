//! Commands of the front end: most become inputs of the machine, some are answered from the vault, some run as errands.
//!
//! What needs the server at once (searches) fails in words when there is no connection; what the core keeps (chats, messages)
//! never fails for that reason.

use super::actor::Actor;
use super::command::Command;
use super::event::Event;
use super::sync::SIGNED_OUT;
use super::transfers::SendFile;
use crate::secret::record::{ChatId, Person};
use crate::secret::step::{self, Input};
use crate::vault::VaultError;

impl Actor {
    pub(super) fn obey(&mut self, command: Command) -> Result<(), VaultError> {
        self.burn_overdue()?;
        if !self.account.signed_in && needs_the_server(&command) {
            self.tell(Event::Refused(SIGNED_OUT.into()));
            return Ok(());
        }
        let command = match command {
            Command::RefreshContacts => {
                self.fetch_contacts();
                return Ok(());
            }
            Command::Find(query) => {
                self.find(query);
                return Ok(());
            }
            Command::AddContact(user) => {
                self.list_contact(user, true);
                return Ok(());
            }
            Command::DeleteContact(user) => {
                self.list_contact(user, false);
                return Ok(());
            }
            Command::SetUsername(username) => {
                self.set_username(username);
                return Ok(());
            }
            Command::Import { phone, name } => {
                self.import_contact(phone, name);
                return Ok(());
            }
            Command::History { chat, before, limit } => {
                return self.history(chat, before, limit);
            }
            Command::KeepDraft { chat, text } => {
                self.keep_draft(chat, text);
                return Ok(());
            }
            Command::Dismiss(chat) => {
                self.dismiss(chat);
                return Ok(());
            }
            Command::Block(user) => {
                self.set_blocked(user, true);
                return Ok(());
            }
            Command::Unblock(user) => {
                self.set_blocked(user, false);
                return Ok(());
            }
            command @ (Command::Devices
            | Command::Receive { .. }
            | Command::EndDevice(_)
            | Command::SignOut { .. }
            | Command::SetProxy(_)) => return self.account_command(command),
            Command::Active(active) => {
                self.active = active;
                self.tell_presence();
                return Ok(());
            }
            Command::Dial => {
                self.link.poke();
                return Ok(());
            }
            Command::Quit => return Ok(()),
            Command::Start(user) => match self.startable(user) {
                Some(person) => step::Command::Start { user, user_hash: person.access_hash },
                None => return Ok(()),
            },
            Command::Seen(chat) => match self.newest_incoming(chat) {
                Some(max_date) => step::Command::Seen { chat, max_date },
                None => return Ok(()),
            },
            Command::Accept(chat) => step::Command::Accept(chat),
            Command::Decline(chat) => step::Command::Decline(chat),
            Command::Leave(chat) => step::Command::Leave(chat),
            Command::Say { chat, draft } => step::Command::Send { chat, draft },
            Command::SendFile { chat, path, as_document, caption, reply_to, silent } => {
                self.send_file(SendFile { chat, path, as_document, caption, reply_to, silent });
                return Ok(());
            }
            Command::Download { chat, random_id } => return self.download(chat, random_id),
            Command::PauseTransfer { chat, random_id } => return self.pause_transfer(chat, random_id),
            Command::ResumeTransfer { chat, random_id } => return self.resume_transfer(chat, random_id),
            Command::CancelTransfer { chat, random_id } => return self.cancel_transfer(chat, random_id),
            Command::OpenContent { chat, random_id } => step::Command::OpenContent { chat, random_id },
            Command::Report(chat) => step::Command::Report(chat),
            Command::SetTimer { chat, seconds } => step::Command::SetTimer { chat, seconds },
            Command::Delete { chat, random_ids } => return self.delete(chat, random_ids),
            Command::Flush(chat) => step::Command::Flush(chat),
            Command::Close { chat, delete_history } => step::Command::Close { chat, delete_history },
            Command::Verify { chat, verified } => step::Command::Verify { chat, verified },
            Command::ChangeKey(chat) => step::Command::ChangeKey(chat),
            Command::Typing { chat, typing } => step::Command::Typing { chat, typing },
        };
        self.step(Input::Command(command))
    }

    fn dismiss(&mut self, chat: ChatId) {
        match self.vault.dismiss(chat) {
            Ok(()) => self.tell(Event::Dismissed(chat)),
            fault => self.stored(fault),
        }
    }

    /// A piece of history, and then what is known of the files in it.
    fn history(&self, chat: ChatId, before: Option<i64>, limit: u32) -> Result<(), VaultError> {
        match self.vault.history(chat, before, limit) {
            Ok(messages) => {
                let now = self.now();
                let told = |(place, message)| Some((place, self.machine.told(message, now)?));
                let messages: Vec<_> = messages.into_iter().filter_map(told).collect();
                self.tell(Event::History { chat, messages: messages.clone() });
                messages.iter().try_for_each(|(_, message)| self.tell_transfer_of(message))
            }
            Err(fault) => {
                self.tell(Event::Refused(fault.to_string()));
                Ok(())
            }
        }
    }

    /// Date of the newest message of the peer in a chat.
    fn newest_incoming(&self, chat: ChatId) -> Option<i32> {
        match self.vault.newest_incoming(chat) {
            Ok(date) => date,
            Err(fault) => {
                self.tell(Event::Refused(fault.to_string()));
                None
            }
        }
    }

    /// The whole picture, once, at start.
    pub(super) fn tell_all(&mut self) -> Result<(), VaultError> {
        self.tell(Event::Me(self.me.clone()));
        if self.link_config.proxy.is_some() {
            self.tell_proxy();
        }
        let mut people: Vec<Person> = self.people.values().cloned().collect();
        people.sort_by_key(|person| person.id);
        self.tell(Event::People(people));
        self.tell_chats()
    }

    /// All chats, what is unseen in them and the newest message of each, as stored.
    pub(super) fn tell_chats(&mut self) -> Result<(), VaultError> {
        let dismissed = self.vault.dismissed()?;
        for view in self.machine.views().filter(|view| !dismissed.contains(&view.id)) {
            self.tell(Event::Chat(step::Event::Chat(view)));
        }
        for (chat, count) in self.machine.missing() {
            self.tell(Event::Chat(step::Event::Missing { chat, count }));
        }
        for (chat, text) in self.vault.drafts()? {
            self.tell(Event::Draft { chat, text });
        }
        for message in self.vault.last_messages()? {
            if dismissed.contains(&message.chat) {
                continue;
            }
            if let Some(message) = self.machine.told(message, self.now()) {
                self.tell(Event::Last(message));
            }
        }
        for (chat, count) in self.vault.unread()? {
            if !dismissed.contains(&chat) {
                self.tell(Event::Unseen { chat, count });
            }
        }
        self.restore_transfers()?;
        self.tell(Event::Restored);
        Ok(())
    }
}

/// Whether a wish would wait for ever on a device that was signed out. What closed chats do not take their machine refuses.
fn needs_the_server(command: &Command) -> bool {
    matches!(
        command,
        Command::Find(_)
            | Command::SetUsername(_)
            | Command::AddContact(_)
            | Command::Import { .. }
            | Command::Start(_)
            | Command::Download { .. }
            | Command::Block(_)
            | Command::Unblock(_)
            | Command::Report(_)
            | Command::DeleteContact(_)
            | Command::Devices
            | Command::Receive { .. }
            | Command::EndDevice(_)
            | Command::SignOut { .. }
            | Command::Dial
    )
}
