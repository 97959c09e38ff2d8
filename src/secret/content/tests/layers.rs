//! Every layer that is written: what it permits arrives unchanged, what it lacks is not written.

use super::bodies;
use crate::secret::content::{
    Content, Header, Incoming, Lack, Opened, Said, entities, fitted, lacking, read, read_again, write,
};
use crate::secret::layer::{self, Feature};
use crate::secret::message::{Body, Entity, EntityKind, Text};
use crate::secret::wire::{
    self,
    enums::{DecryptedMessage, DecryptedMessageLayer, DecryptedMessageMedia as Media, MessageEntity as Wire},
};
use proptest::prelude::*;

const LAYERS: [i32; 3] = [73, 101, 144];

fn payload(layer: i32, said: &Said) -> Vec<u8> {
    let header = Header { layer, in_seq_no: 0, out_seq_no: 1 };
    write(header, 7, &Content::Message(said.clone()), &mut rand::rng()).to_vec()
}

/// What a peer of this layer reads.
fn heard(layer: i32, said: &Said) -> Option<Said> {
    match read(&payload(layer, said)) {
        Ok(Opened { body: Incoming::Content(Content::Message(said)), .. }) => Some(said),
        _ => None,
    }
}

fn on_the_wire(layer: i32, said: &Said) -> crate::secret::wire::types::DecryptedMessage {
    let DecryptedMessageLayer::Layer(layer) = wire::read_whole(&payload(layer, said)).unwrap();
    let DecryptedMessage::Message(message) = layer.message else { panic!("another constructor") };
    message
}

fn needed(entity: &Wire) -> Option<Feature> {
    match entity {
        Wire::Underline(_) => Some(Feature::Underline),
        Wire::Strike(_) => Some(Feature::Strike),
        Wire::Blockquote(_) => Some(Feature::Blockquote),
        Wire::Spoiler(_) => Some(Feature::Spoiler),
        Wire::CustomEmoji(_) => Some(Feature::CustomEmoji),
        _ => None,
    }
}

proptest! {
    #[test]
    fn what_is_fitted_is_heard_unchanged(said in bodies::said()) {
        for layer in LAYERS {
            let Ok(body) = fitted(said.body.clone(), layer, true) else {
                prop_assert!(lacking(&said.body, layer).contains(&Lack::LargeFile));
                continue;
            };
            let fitted = Said { body, ..said.clone() };
            prop_assert!(heard(layer, &fitted).as_ref() == Some(&fitted), "layer {}", layer);
            prop_assert!(heard(layer, &said).as_ref() == Some(&fitted), "the encoder asks the same table");
            prop_assert!(lacking(&fitted.body, layer).is_empty());
            if layer == 144 {
                prop_assert!(fitted == said, "the newest layer lacks nothing");
            }
        }
    }

    #[test]
    fn no_layer_is_written_what_it_does_not_permit(said in bodies::said()) {
        for layer in LAYERS {
            let message = on_the_wire(layer, &said);
            prop_assert!(message.entities.as_ref().is_none_or(|entities| !entities.is_empty()));
            let entities = message.entities.unwrap_or_default();
            for feature in entities.iter().filter_map(needed) {
                prop_assert!(layer::permits(layer, feature), "{:?} at {}", feature, layer);
            }
            if !layer::permits(layer, Feature::Nested) {
                let ends = entities.iter().map(|entity| entity.offset() + entity.length());
                let starts = entities.iter().skip(1).map(|entity| entity.offset());
                prop_assert!(ends.zip(starts).all(|(end, start)| end <= start));
            }
            let constructor = match message.media {
                Some(Media::Document(_)) => layer >= 143,
                Some(Media::DocumentL45(_)) => layer < 143,
                _ => true,
            };
            prop_assert!(constructor);
            prop_assert_eq!(message.no_webpage, matches!(said.body, Body::Text(_)));
        }
    }

    #[test]
    fn refused_or_degraded(text in bodies::text()) {
        let body = Body::Text(text);
        for layer in LAYERS {
            let lacks = lacking(&body, layer);
            match fitted(body.clone(), layer, false) {
                Ok(fitted) => {
                    prop_assert!(lacks.is_empty());
                    prop_assert!(fitted.words().unwrap().plain == body.words().unwrap().plain);
                }
                Err(refused) => prop_assert_eq!(refused, lacks),
            }
        }
    }

    #[test]
    fn entities_come_in_order(plain in "[a😀]{0,24}", wild in bodies::wild_entities()) {
        let entities = entities::nested(&plain, wild);
        let length = plain.encode_utf16().count() as u32;
        for (one, next) in entities.iter().zip(entities.iter().skip(1)) {
            prop_assert!((one.offset, next.length) <= (next.offset, one.length) || one.offset < next.offset);
        }
        for (place, one) in entities.iter().enumerate() {
            prop_assert!(one.length > 0 && one.end() <= length);
            for other in &entities[place + 1..] {
                prop_assert!(other.offset >= one.end() || other.end() <= one.end(), "crossing");
            }
        }
        prop_assert_eq!(entities::nested(&plain, entities.clone()), entities);
    }
}

fn formatted(plain: &str, entities: &[(u32, u32, EntityKind)]) -> Text {
    let entity = |(offset, length, kind): &(u32, u32, EntityKind)| Entity {
        offset: *offset,
        length: *length,
        kind: kind.clone(),
    };
    Text { plain: plain.into(), entities: entities.iter().map(entity).collect() }
}

#[test]
fn nested_formatting_is_split_where_it_cannot_nest() {
    use EntityKind::*;
    let link = || TextUrl("https://x.org".into());
    let nested = formatted("abcdefghij", &[(0, 10, Bold), (2, 2, Italic), (6, 3, link()), (7, 1, Italic)]);
    let split =
        formatted("abcdefghij", &[(0, 2, Bold), (2, 2, Italic), (4, 2, Bold), (6, 3, link()), (9, 1, Bold)]);
    assert_eq!(lacking(&Body::Text(nested.clone()), 73), [], "splitting is no lack");
    assert!(fitted(Body::Text(nested.clone()), 73, false) == Ok(Body::Text(split)));
    assert!(fitted(Body::Text(nested.clone()), 101, false) == Ok(Body::Text(nested)));
}

#[test]
fn lacks_are_named() {
    use EntityKind::*;
    let all = [Underline, Strike, Blockquote, Spoiler, CustomEmoji(1), Bold, Underline];
    let all: Vec<_> = (0..).zip(all).map(|(at, kind)| (at, 1, kind)).collect();
    let body = Body::Text(formatted("abcdefg", &all));
    let lacks = [Lack::Underline, Lack::Strike, Lack::Blockquote, Lack::Spoiler, Lack::CustomEmoji];
    assert_eq!(lacking(&body, 73), lacks);
    assert_eq!(lacking(&body, 143), lacks[3..]);
    assert_eq!(lacking(&body, 144), []);
    assert_eq!(Lack::words(&lacking(&body, 143)), "spoilers, custom emoji");
}

#[test]
fn what_was_not_understood_may_be_later() {
    let said = Said::new(Body::text("rose"));
    let raw = payload(144, &said);
    let header = raw.len() - wire::write(&DecryptedMessage::Message(on_the_wire(144, &said))).len();
    assert!(read_again(&raw[header..]) == Some(said));
    assert!(read_again(&[1, 2, 3, 4]).is_none());
    let action = DecryptedMessage::Service(crate::secret::wire::types::DecryptedMessageService {
        random_id: 1,
        action: crate::secret::wire::enums::DecryptedMessageAction::FlushHistory,
    });
    assert!(read_again(&wire::write(&action)).is_none(), "what a message did is not done later");
}
