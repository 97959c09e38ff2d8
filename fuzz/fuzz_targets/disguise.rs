//! The way through a proxy: links that anybody may share, the answer to a disguised hello, and the records behind it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use subrosa::engine::Proxy;
use subrosa::mtproto::fake_tls::{ClientHello, RecordReader, RecordWriter, TlsFault};
use subrosa_fuzz::rng;

fuzz_target!(|data: &[u8]| {
    let Some((&[mode, step], bytes)) = data.split_first_chunk::<2>() else { return };
    let step = usize::from(step).max(1);
    match mode % 4 {
        0 => link(bytes),
        1 => answer(bytes, step),
        2 => foreign_records(bytes, step),
        _ => own_records(bytes, step),
    }
});

/// What was understood is written as a link that means the same.
fn link(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(proxy) = Proxy::from_link(text) else { return };
    let written = proxy.to_link();
    assert!(Proxy::from_link(&written).as_ref() == Ok(&proxy));
    assert!(written.bytes().all(|byte| byte.is_ascii_graphic()), "fit for one line");
}

/// However an answer is cut, it is judged alike, never before its time, and none is taken without its proof.
fn answer(received: &[u8], step: usize) {
    let hello = ClientHello::new("example.org", &[7; 16], 1, &mut rng(1));
    let whole = hello.check(received);
    assert!(!matches!(whole, Ok(Some(_))), "nobody proves a secret by chance");
    let cuts = (0..received.len()).step_by(step);
    match cuts.map(|len| hello.check(&received[..len])).find(|judged| *judged != Ok(None)) {
        Some(early) => assert_eq!(early, whole, "more bytes do not change a judgement"),
        None => {}
    }
}

fn read(stream: &[u8], step: usize) -> (Vec<u8>, Result<(), TlsFault>) {
    let (mut reader, mut content) = (RecordReader::default(), Vec::new());
    let outcome = stream.chunks(step).try_for_each(|piece| reader.unwrap_into(piece, &mut content));
    (content, outcome)
}

fn foreign_records(stream: &[u8], step: usize) {
    assert_eq!(read(stream, step), read(stream, stream.len().max(1)));
}

fn own_records(content: &[u8], step: usize) {
    let mut writer = RecordWriter::default();
    let stream: Vec<u8> = content.chunks(step).flat_map(|piece| writer.wrap(piece)).collect();
    assert_eq!(read(&stream, 1 + step / 2), (content.to_vec(), Ok(())));
}
