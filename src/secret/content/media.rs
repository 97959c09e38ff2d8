//! Media: what a message carries beside its words.
//!
//! Places, contacts, link previews and stickers of Telegram's cloud are small and spelled here; everything else is a file.

use super::clean::line;
use super::{address, file};
use crate::secret::message::{Body, Location, Text};
use crate::secret::wire::{
    Bytes,
    enums::{DecryptedMessageMedia as Media, DocumentAttribute, InputStickerSet},
    types,
};

/// What a photo size is called that is not there.
const NO_THUMB: &[u8] = b"t";

/// The body of a message with this media and text; `None` if the two make no sense to us.
pub(super) fn body(media: Media, text: Text) -> Option<Body> {
    let words = !text.is_empty();
    match media {
        Media::Empty => Some(Body::Text(text)),
        Media::WebPage(media) => Some(web_page(text, &media.url)),
        // These have no place for words: a message whose words would be cut off counts as not understood.
        Media::GeoPoint(_) | Media::Venue(_) | Media::Contact(_) | Media::ExternalDocument(_) if words => {
            None
        }
        Media::GeoPoint(media) => location(media.lat, media.long).map(Body::Location),
        Media::Venue(media) => Some(Body::Venue {
            location: location(media.lat, media.long)?,
            title: line(&media.title.0),
            address: line(&media.address.0),
            provider: line(&media.provider.0),
            venue_id: line(&media.venue_id.0),
        }),
        Media::Contact(media) => Some(Body::Contact {
            phone: line(&media.phone_number.0),
            first_name: line(&media.first_name.0),
            last_name: line(&media.last_name.0),
        }),
        Media::ExternalDocument(media) => Some(sticker(media)),
        file => file::read(&file, text).map(|file| Body::File(Box::new(file))),
    }
}

/// Text with a link to preview. An address that leads nowhere leaves the text; an address alone is its own text.
fn web_page(text: Text, url: &Bytes) -> Body {
    let url = String::from_utf8_lossy(&url.0).trim().to_owned();
    match (address::is_valid(&url), text.is_empty()) {
        (false, _) => Body::Text(text),
        (true, true) => Body::WebPage { text: Text::plain(url.clone()), url },
        (true, false) => Body::WebPage { text, url },
    }
}

/// A point on the earth.
fn location(lat: f64, long: f64) -> Option<Location> {
    let on_earth = lat.abs() <= 90.0 && long.abs() <= 180.0;
    on_earth.then(|| Location::new(lat, long))
}

fn sticker(media: types::DecryptedMessageMediaExternalDocument) -> Body {
    let mut emoji = String::new();
    let mut set = String::new();
    for attribute in &media.attributes {
        if let DocumentAttribute::Sticker(sticker) = attribute {
            emoji = line(&sticker.alt.0);
            if let InputStickerSet::ShortName(named) = &sticker.stickerset {
                set = line(&named.short_name.0);
            }
        }
    }
    let mime = line(&media.mime_type.0);
    Body::Sticker { emoji, set, mime, id: media.id, access_hash: media.access_hash, dc_id: media.dc_id }
}

/// The media that carries a body at this layer; `None` for what needs none.
pub(super) fn to_wire(body: &Body, layer: i32) -> Option<Media> {
    let bytes = |text: &str| Bytes::from(text.as_bytes());
    Some(match body {
        Body::WebPage { url, .. } => types::DecryptedMessageMediaWebPage { url: bytes(url) }.into(),
        Body::File(attachment) => file::write(attachment, layer),
        Body::Contact { phone, first_name, last_name } => types::DecryptedMessageMediaContact {
            phone_number: bytes(phone),
            first_name: bytes(first_name),
            last_name: bytes(last_name),
            user_id: 0,
        }
        .into(),
        Body::Location(at) => types::DecryptedMessageMediaGeoPoint { lat: at.lat(), long: at.long() }.into(),
        Body::Venue { location, title, address, provider, venue_id } => types::DecryptedMessageMediaVenue {
            lat: location.lat(),
            long: location.long(),
            title: bytes(title),
            address: bytes(address),
            provider: bytes(provider),
            venue_id: bytes(venue_id),
        }
        .into(),
        Body::Sticker { emoji, set, mime, id, access_hash, dc_id } => {
            let stickerset = match set.as_str() {
                "" => InputStickerSet::Empty,
                set => types::InputStickerSetShortName { short_name: bytes(set) }.into(),
            };
            types::DecryptedMessageMediaExternalDocument {
                id: *id,
                access_hash: *access_hash,
                date: 0,
                mime_type: bytes(mime),
                size: 0,
                thumb: types::PhotoSizeEmpty { r#type: Bytes::from(NO_THUMB) }.into(),
                dc_id: *dc_id,
                attributes: vec![types::DocumentAttributeSticker { alt: bytes(emoji), stickerset }.into()],
            }
            .into()
        }
        Body::Text(_) | Body::TimerSet(_) | Body::Screenshot | Body::Unsupported(_) => return None,
    })
}
