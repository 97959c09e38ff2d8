//! Payloads of messages: whatever they say, reading them is calm, and what was understood is written and read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use subrosa::secret::content::{self, Header, Incoming, Opened};
use subrosa_fuzz::rng;

const LAYER_WRAPPER: u32 = 0x1be3_1789;

fuzz_target!(|data: &[u8]| {
    if let Ok(opened) = content::read(data) {
        settled(opened);
    }
    let header = Header { layer: 144, in_seq_no: 0, out_seq_no: 1 };
    let opened = content::read(&wrapped(header, data)).expect("a sound header");
    assert_eq!(opened.header, header);
    settled(opened);
});

fn settled(opened: Opened) {
    let Opened { header, random_id, body } = opened;
    // A lower layer would leave out what it cannot say.
    let header = Header { layer: 144, ..header };
    match body {
        Incoming::Content(content) => {
            let payload = content::write(header, random_id, &content, &mut rng(1));
            let again = Ok(Opened { header, random_id, body: Incoming::Content(content) });
            assert!(content::read(&payload) == again);
        }
        // It is kept to be read another time: no better and no worse than now.
        Incoming::Unsupported(body) => {
            let again = content::read(&wrapped(header, &body));
            assert!(again == Ok(Opened { header, random_id, body: Incoming::Unsupported(body) }));
        }
    }
}

/// A payload around a body, as any app could write it.
fn wrapped(header: Header, body: &[u8]) -> Vec<u8> {
    let numbers = [header.layer, header.in_seq_no, header.out_seq_no].map(i32::to_le_bytes).concat();
    [&LAYER_WRAPPER.to_le_bytes()[..], &[15; 16], &numbers, body].concat()
}
