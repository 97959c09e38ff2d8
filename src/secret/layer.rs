//! Protocol layers: which one is ours, which one a peer's allows, and how a peer's may change.
//!
//! A layer is the version of the end-to-end schema that a side understands. It is negotiated by what the peer shows, it
//! never falls, and only a few values may be written: some apps stop processing a chat whose layer field they do not know.

/// The newest layer we write and read.
pub const OWN: i32 = 144;

/// The lowest layer we write, also while nothing is known of the peer: with it MTProto 2.0 became mandatory.
pub const FLOOR: i32 = 73;

/// With it came underlined, struck and nested entities, and block quotes.
const NESTED_ENTITIES: i32 = 101;

/// A peer that announces more than this makes no sense.
const HIGHEST: i32 = 10_000;

/// The layer to write to a peer of this layer, one of 73, 101 and 144: the values that every app knows.
pub fn usable(peer_layer: i32) -> i32 {
    match peer_layer {
        OWN.. => OWN,
        NESTED_ENTITIES.. => NESTED_ENTITIES,
        _ => FLOOR,
    }
}

/// The peer's layer after it named one, in a message's layer field or by `decryptedMessageActionNotifyLayer`: it only rises.
pub fn raised(peer_layer: i32, named: i32) -> i32 {
    if named > HIGHEST { peer_layer } else { peer_layer.max(named) }
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
    fn a_peer_only_rises_and_nonsense_is_ignored() {
        let named = [8, 200, 0, -1, 10_001, i32::MAX, i32::MIN, 144];
        assert_eq!(named.into_iter().fold(FLOOR, raised), 200);
        assert_eq!(raised(FLOOR, 8), FLOOR);
    }
}
