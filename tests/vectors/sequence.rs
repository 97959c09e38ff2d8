//! Sequence numbers: the dialogue, the cases of receiving, and the ranges of a Resend.

use subrosa::secret::content::Header;
use subrosa::secret::sequence::{Counters, Place};

use super::*;

fn side(value: &Value) -> Side {
    match value.as_str().unwrap() {
        "creator" => Side::Originator,
        "participant" => Side::Recipient,
        other => panic!("{other}"),
    }
}

/// Each says something in the order of the script, and the other processes it at once.
#[test]
fn the_dialogue_is_numbered_as_written() {
    let vectors = vectors();
    let mut counters = [Counters::default(); 2];
    for message in list(&vectors["seq_no"]["messages"]) {
        let writer = side(&message["sender"]);
        let [ours, theirs] = match writer {
            Side::Originator => [0, 1],
            Side::Recipient => [1, 0],
        };
        let raw = (counters[ours].my_in, counters[ours].my_out);
        assert_eq!(raw, (int(&message["raw_in"]), int(&message["raw_out"])));
        let header = counters[ours].write(writer, 144);
        let wire = (header.in_seq_no, header.out_seq_no);
        assert_eq!(wire, (int(&message["in_seq_no"]), int(&message["out_seq_no"])));
        let placed = counters[theirs].place(writer.other(), &header);
        assert_eq!(placed, Ok((int(&message["raw_out"]), Place::Next)));
        counters[theirs].accept(&header).unwrap();
    }
}

#[test]
fn what_arrives_is_judged_as_the_cases_say() {
    let vectors = vectors();
    let cases = list(&vectors["seq_no"]["receive_cases"]);
    assert!(cases.len() >= 10);
    for case in cases {
        let mut counters = Counters {
            my_in: int(&case["my_in"]),
            my_out: int(&case["my_out"]),
            his_in: int(&case["his_in"]),
            layer_seen: int(&case["highest_layer_seen"]),
            resend_end: -1,
        };
        let header = Header {
            layer: int(&case["layer"]),
            in_seq_no: int(&case["in_seq_no"]),
            out_seq_no: int(&case["out_seq_no"]),
        };
        let verdict = match counters.place(side(&case["me"]), &header) {
            Err(_) => "abort",
            Ok((_, Place::Replay)) => "drop",
            Ok((_, Place::Ahead)) => "gap",
            Ok((_, Place::Next)) if counters.accept(&header).is_err() => "abort",
            Ok((_, Place::Next)) => "accept",
        };
        assert_eq!(verdict, case["verdict"], "{}", name(case));
    }
}

#[test]
fn holes_are_asked_for_by_the_numbers_of_the_peer() {
    let vectors = vectors();
    for case in list(&vectors["seq_no"]["resend"]) {
        let mut counters = Counters { my_in: int(&case["my_in"]), ..Counters::default() };
        let (me, first) = (side(&case["me"]), int(&case["first_queued_raw"]));
        let range = (int(&case["start_seq_no"]), int(&case["end_seq_no"]));
        assert_eq!(counters.ask(me, first), Some(range), "{}", case["note"]);
        assert_eq!(counters.ask(me, first), None, "once");
        // The peer, who has written them, serves exactly these.
        let peer = Counters { my_out: first + 1, ..Counters::default() };
        let wanted: Vec<i32> = (int(&case["my_in"])..first).collect();
        let served: Vec<i32> = peer.serve(me.other(), range.0, range.1).unwrap().collect();
        assert_eq!(served, wanted);
        assert!(peer.serve(me.other(), range.0 + 1, range.1).is_err(), "one end has the other parity");
        assert!(peer.serve(me.other(), range.0, range.1 + 1).is_err());
    }
}
