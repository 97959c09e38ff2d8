//! What is said: refused if the peer cannot show it, degraded if the user agrees, and joined with the place of its file.

use subrosa::secret::chat::{Side, Stage};
use subrosa::secret::content::{self, Content, Header, Lack, Said};
use subrosa::secret::envelope;
use subrosa::secret::fault::Trouble;
use subrosa::secret::message::{
    Attachment, Body, Draft, Entity, EntityKind, FileSecret, Kind, RemoteFile, Text,
};
use subrosa::secret::step::*;

use crate::world::{Device, World};

fn set_peer_layer(device: &mut Device, layer: i32) {
    let chat = device.only_chat();
    if let Stage::Ready(ready) = &mut device.store.chats.get_mut(&chat).unwrap().stage {
        ready.peer_layer = layer;
    }
    device.crash();
}

fn text(kinds: &[EntityKind]) -> Text {
    let entity = |(offset, kind): (u32, &EntityKind)| Entity { offset, length: 1, kind: kind.clone() };
    Text { plain: "rose".into(), entities: (0..).zip(kinds).map(entity).collect() }
}

fn said(device: &Device) -> Vec<&Body> {
    device.store.messages.iter().map(|message| &message.body).collect()
}

#[test]
fn what_the_peer_cannot_show_is_sent_only_if_the_user_agrees() {
    let mut world = World::ready();
    set_peer_layer(&mut world.alice, 73);
    set_peer_layer(&mut world.bob, 73);
    let chat = world.alice.only_chat();
    let draft = Draft::new(Body::Text(text(&[EntityKind::Underline, EntityKind::Bold, EntityKind::Spoiler])));
    world.alice.command(Command::Send { chat, draft: Box::new(draft.clone()) });
    let lacks = vec![Lack::Underline, Lack::Spoiler];
    let trouble = Trouble::PeerCannotShow(lacks);
    assert_eq!(
        trouble.to_string(),
        "the other side's app is too old for underlined text, spoilers: nothing was sent"
    );
    assert_eq!(world.alice.events.last(), Some(&Event::Trouble { chat: Some(chat), trouble }));
    assert!(world.alice.calls.is_empty() && world.alice.store.messages.is_empty());

    world.alice.command(Command::Send { chat, draft: Box::new(Draft { degrade: true, ..draft }) });
    world.settle();
    let bold = Entity { offset: 1, length: 1, kind: EntityKind::Bold };
    let degraded = Text { entities: vec![bold], ..text(&[]) };
    assert_eq!(said(&world.bob), [&Body::Text(degraded.clone())]);
    assert_eq!(said(&world.alice), [&Body::Text(degraded)], "the own copy is what was sent");
}

/// A file of Alice's, sealed with the real key, and where the server says that it lies.
fn file(world: &World, place: i32, ciphertext: i64) -> (EncryptedMessage, Attachment) {
    sealed_file(world, place, ciphertext, false)
}

/// The same, `strange` if its form is that of a layer to come.
fn sealed_file(world: &World, place: i32, ciphertext: i64, strange: bool) -> (EncryptedMessage, Attachment) {
    let Stage::Ready(ready) = world.alice.stage() else { panic!("not ready") };
    let attachment = Attachment {
        kind: Kind::Document,
        name: "rose.txt".into(),
        mime: "text/plain".into(),
        size: 5,
        caption: Text::default(),
        thumb: None,
        secret: FileSecret::new([7; 32], [8; 32]),
        place: None,
    };
    let out_seq_no = 2 * (ready.counters.my_out + place) + 1;
    let header = Header { layer: 144, in_seq_no: 2 * ready.counters.my_in, out_seq_no };
    let content = Content::Message(Said::new(Body::File(Box::new(attachment.clone()))));
    let mut rng: rand::rngs::StdRng = rand::SeedableRng::seed_from_u64(9);
    let random_id = i64::from(place) + 100;
    let mut payload = content::write(header, random_id, &content, &mut rng);
    if strange {
        // Behind the wrapper's constructor, its random bytes with their length, and three numbers.
        let body = 4 + (1 + usize::from(payload[4])).next_multiple_of(4) + 12;
        payload[body..body + 4].copy_from_slice(b"new!");
    }
    let remote = RemoteFile { id: 1, access_hash: 2, size: ciphertext, dc_id: 2, key_fingerprint: 3 };
    let message = EncryptedMessage {
        random_id,
        chat: world.alice.only_chat(),
        date: 1_700_000_500,
        bytes: envelope::seal(&ready.keys.current, Side::Originator, &payload, &mut rng),
        file: Some(remote.clone()),
    };
    (message, Attachment { place: Some(remote), ..attachment })
}

#[test]
fn a_file_is_joined_with_its_place_also_behind_a_hole() {
    let mut world = World::ready();
    let ((first, one), (second, two)) = (file(&world, 0, 16), file(&world, 1, 32));
    world.bob.deliver(second);
    assert!(world.bob.store.messages.is_empty(), "it waits for the first");
    world.bob.crash();
    world.bob.deliver(first);
    assert_eq!(said(&world.bob), [&Body::File(Box::new(one)), &Body::File(Box::new(two))]);
}

#[test]
fn the_place_of_what_is_not_understood_is_kept_with_it() {
    let mut world = World::ready();
    let (message, attachment) = sealed_file(&world, 0, 16, true);
    world.bob.deliver(message);
    let [Body::Unsupported(kept)] = said(&world.bob)[..] else { panic!("{:?}", said(&world.bob)) };
    assert!(kept.raw.starts_with(b"new!"));
    assert_eq!(kept.place, attachment.place);
}

#[test]
fn a_file_without_a_place_is_shown_as_such() {
    let mut world = World::ready();
    let (message, attachment) = file(&world, 0, 16);
    world.bob.deliver(EncryptedMessage { file: None, ..message });
    assert_eq!(said(&world.bob), [&Body::File(Box::new(Attachment { place: None, ..attachment }))]);
}

#[test]
fn what_is_no_message_is_not_sent() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let page = |text: &str| Body::WebPage { text: text.into(), url: "https://x.org".into() };
    let contact = Body::Contact { phone: " ".into(), first_name: "Ada".into(), last_name: String::new() };
    for (body, trouble) in [
        (Body::TimerSet(5), Trouble::Unsendable),
        (Body::Screenshot, Trouble::Unsendable),
        (Body::Unsupported(vec![1].into()), Trouble::Unsendable),
        (Body::text(" \n"), Trouble::Empty),
        (page(""), Trouble::Empty),
        (contact, Trouble::Empty),
        (page(&"😀".repeat(2049)), Trouble::TooLong(4098)),
    ] {
        world.alice.command(Command::Send { chat, draft: Box::new(body.into()) });
        assert_eq!(world.alice.events.last(), Some(&Event::Trouble { chat: Some(chat), trouble }));
    }
    assert!(world.alice.calls.is_empty() && world.alice.store.messages.is_empty());
}
