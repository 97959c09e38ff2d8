//! Protocol layers: which one is ours, which one a peer's allows, and how a peer's may change.
//!
//! A layer is the version of the end-to-end schema that a side understands. It is negotiated by what the peer shows, it
//! never falls, and only a few values may be written: some apps stop processing a chat whose layer field they do not know.

/// The newest layer we write and read.
pub const OWN: i32 = 144;

/// The lowest layer we write, also while nothing is known of the peer: with it MTProto 2.0 became mandatory.
pub const FLOOR: i32 = 73;

/// The layer between: with it came richer text.
const MIDDLE: i32 = 101;

/// A peer that announces more than this makes no sense.
const HIGHEST: i32 = 10_000;

/// The layer to write to a peer of this layer, one of 73, 101 and 144: the values that every app knows.
pub fn usable(peer_layer: i32) -> i32 {
    match peer_layer {
        OWN.. => OWN,
        MIDDLE.. => MIDDLE,
        _ => FLOOR,
    }
}

/// What a message may contain that not every layer from [`FLOOR`] on permits. Whatever is not named here, all of them do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    Underline,
    Strike,
    Blockquote,
    /// Entities inside others.
    Nested,
    /// A file too large for the older document constructor.
    LargeFile,
    Spoiler,
    CustomEmoji,
}

impl Feature {
    /// The first layer that permits it.
    pub fn since(self) -> i32 {
        match self {
            Feature::Underline | Feature::Strike | Feature::Blockquote | Feature::Nested => 101,
            Feature::LargeFile => 143,
            Feature::Spoiler | Feature::CustomEmoji => 144,
        }
    }
}

/// Whether what is written to a peer of this layer may contain the feature.
pub fn permits(peer_layer: i32, feature: Feature) -> bool {
    usable(peer_layer) >= feature.since()
}

/// The peer's layer after it named one, in a message's layer field or by `decryptedMessageActionNotifyLayer`: it only rises.
pub fn raised(peer_layer: i32, named: i32) -> i32 {
    if named > HIGHEST { peer_layer } else { peer_layer.max(named) }
}

/// The same after `decryptedMessageActionNotifyLayer`: a peer of which nothing better is known may also say that its app is older
/// than what we write.
pub fn announced(peer_layer: i32, named: i32) -> i32 {
    if peer_layer <= FLOOR && (1..FLOOR).contains(&named) { named } else { raised(peer_layer, named) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_round_down_to_those_every_app_knows() {
        for (peer, written) in [
            (i32::MIN, 73),
            (0, 73),
            (46, 73),
            (73, 73),
            (100, 73),
            (101, 101),
            (143, 101),
            (144, 144),
            (151, 144),
        ] {
            assert_eq!(usable(peer), written, "peer at {peer}");
        }
    }

    #[test]
    fn a_layer_permits_what_came_up_to_it() {
        use Feature::*;
        let all = [Underline, Strike, Blockquote, Nested, LargeFile, Spoiler, CustomEmoji];
        for (peer, permitted) in [(0, 0), (73, 0), (100, 0), (101, 4), (143, 4), (144, 7), (200, 7)] {
            let features: Vec<Feature> = all.into_iter().filter(|&it| permits(peer, it)).collect();
            assert_eq!(features, all[..permitted], "peer at {peer}");
        }
    }

    #[test]
    fn a_peer_only_rises_and_nonsense_is_ignored() {
        let named = [8, 200, 0, -1, 10_001, i32::MAX, i32::MIN, 144];
        assert_eq!(named.into_iter().fold(FLOOR, raised), 200);
        assert_eq!(raised(FLOOR, 8), FLOOR);
        let said = [
            (FLOOR, 46, 46),
            (46, 8, 8),
            (46, 73, 73),
            (FLOOR, 0, FLOOR),
            (FLOOR, -1, FLOOR),
            (144, 46, 144),
        ];
        for (known, named, after) in said {
            assert_eq!(announced(known, named), after, "{named} after {known}");
        }
    }
}
