//! The moments of the handshake that matter most, each by its name.

use std::time::Duration;

use subrosa::secret::chat::Stage;
use subrosa::vault::{Unlock, Vault};

use crate::pair::Pair;
use crate::person::{Person, Role};
use crate::process::world::World;

/// No handshake needs more commits than this.
const COMMITS: u32 = 12;

/// How often all of them are tried: a commit of the place in the update streams may come or not, which moves the later ones.
const ROUNDS: u32 = 4;

/// What the vault of somebody who has just died holds of the only chat: its number and its stage.
fn stored<T>(world: &World, person: &Person, stage: impl Fn(&Stage) -> T) -> Option<(String, T)> {
    let vault = Vault::open(&world.profile(&person.profile), &Unlock::KeyFile).unwrap();
    let chats = vault.load().unwrap().chats;
    assert!(chats.len() <= 1);
    chats.first().map(|chat| (chat.id.to_string(), stage(&chat.stage)))
}

/// Runs conversations whose victim dies on this edge of its commits, one after the other, until one dies with the chat in the wanted stage.
/// The pair comes back with the victim dead, and the chat's number as it was stored.
fn die_in(world: &World, victim: Role, edge: &str, wanted: fn(&Stage) -> bool) -> (Pair, String) {
    for attempt in 0..ROUNDS * COMMITS {
        let fate = format!("{edge}:{}", attempt % COMMITS + 1);
        let mut pair = Pair::new(world, attempt, victim, &[fate]);
        pair.play_until_dead(victim);
        if let Some((chat, true)) = stored(world, pair.person(victim), wanted) {
            return (pair, chat);
        }
    }
    panic!("never died in that stage");
}

fn goes_on(mut pair: Pair, chat: &str) -> Duration {
    let took = pair.play_and_verify();
    assert_eq!(pair.recipient.chat().unwrap().0, chat, "the same random_id\n{}", pair.script);
    assert_eq!(pair.originator.deaths + pair.recipient.deaths, 1);
    took
}

#[test]
fn killed_between_the_commit_of_a_request_and_its_call_it_goes_out_once_under_the_same_id() {
    let world = World::new();
    let (pair, chat) =
        die_in(&world, Role::Originator, "after", |stage| matches!(stage, Stage::Requesting(_)));
    assert!(pair.recipient.requests.is_empty(), "nothing had gone out\n{}", pair.script);
    goes_on(pair, &chat);
}

#[test]
fn killed_between_the_call_of_a_request_and_its_answer_it_is_not_asked_twice() {
    let world = World::new();
    let (mut pair, chat) =
        die_in(&world, Role::Originator, "before", |stage| matches!(stage, Stage::Requesting(_)));
    // The recipient hears of it while the originator is dead.
    pair.play_alone(Role::Recipient, |recipient| !recipient.requests.is_empty());
    assert!(pair.recipient.requests.contains(&chat), "{}", pair.script);
    goes_on(pair, &chat);
}

#[test]
fn killed_between_receipt_and_commit_of_the_acceptance_it_is_delivered_again() {
    let world = World::new();
    let (mut pair, chat) =
        die_in(&world, Role::Originator, "before", |stage| matches!(stage, Stage::Waiting(_)));
    // The server had the acceptance: the recipient, whose answer may come after the push, gets there alone.
    pair.play_alone(Role::Recipient, Person::ready);
    goes_on(pair, &chat);
}

#[test]
fn killed_between_the_commit_of_an_acceptance_and_its_call_the_same_half_of_the_key_goes_out() {
    let world = World::new();
    let (pair, chat) = die_in(&world, Role::Recipient, "after", |stage| matches!(stage, Stage::Accepting(_)));
    assert!(!pair.originator.ready(), "nothing had gone out\n{}", pair.script);
    goes_on(pair, &chat);
}

#[test]
fn killed_between_the_call_of_an_acceptance_and_its_answer_the_chat_becomes_ready() {
    let world = World::new();
    let (mut pair, chat) =
        die_in(&world, Role::Recipient, "before", |stage| matches!(stage, Stage::Accepting(_)));
    pair.play_alone(Role::Originator, Person::ready);
    goes_on(pair, &chat);
}
