//! That the count bounds the depth: against the schema itself, and against the stack.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use grammers_tl_types::enums::{MessageMedia, PageBlock, RichText};
use grammers_tl_types::{Deserializable, Serializable};

use super::*;

const VECTOR: u32 = 0x1cb5_c415;
const TEXT_EMPTY: u32 = 0xdc3d_824f;
const DIVIDER: u32 = 0xdb20_b188;
const NO_MEDIA: u32 = 0x3ded_6320;

/// The rounds that take most of the stack, as far as to the object inside.
const TEXTS: &[u32] = &[types::TextConcat::CONSTRUCTOR_ID, VECTOR, 1];
const BLOCKS: &[u32] = &[
    types::PageBlockOrderedList::CONSTRUCTOR_ID,
    0,
    VECTOR,
    1,
    types::PageListOrderedItemBlocks::CONSTRUCTOR_ID,
    0,
    VECTOR,
    1,
];
const STORIES: &[u32] = &[
    types::MessageMediaWebPage::CONSTRUCTOR_ID,
    0,
    types::WebPage::CONSTRUCTOR_ID,
    1 << 12,
    0,
    0,
    0,
    0,
    0,
    VECTOR,
    1,
    types::WebPageAttributeStory::CONSTRUCTOR_ID,
    1,
    types::PeerUser::CONSTRUCTOR_ID,
    0,
    0,
    0,
    types::StoryItem::CONSTRUCTOR_ID,
    0,
    0,
    0,
    0,
];

fn nest(round: &[u32], levels: usize, leaf: u32) -> Vec<u8> {
    let words = round.iter().copied().cycle().take(round.len() * levels).chain([leaf]);
    words.flat_map(u32::to_le_bytes).collect()
}

/// Reads as deep as is allowed and drops on the stack of an ordinary thread; too little anywhere would end the process.
fn bears<T: Deserializable + Serializable + Send>(round: &[u32], cost: usize, leaf: u32) {
    let levels = MAX_STACK / cost;
    for levels in [0, 1, SPARE / cost, SPARE / cost + 1] {
        let body = nest(round, levels, leaf);
        assert_eq!(read::<T>(&body).unwrap().to_bytes(), body);
    }
    let deepest = nest(round, levels, leaf);
    assert_eq!(check(&deepest), Ok(()));
    let object: T = read(&deepest).unwrap();
    thread::scope(|scope| {
        let ordinary = thread::Builder::new().stack_size(3 << 19);
        ordinary.spawn_scoped(scope, || drop(object)).unwrap().join().unwrap();
    });
    for levels in [levels + 1, 100_000] {
        let deeper = nest(round, levels, leaf);
        assert_eq!(check(&deeper), Err(Nested));
        assert!(matches!(read::<T>(&deeper), Err(Unread::Nested(Nested))));
    }
}

#[test]
fn formatted_text_is_read_as_deep_as_the_stack_bears() {
    bears::<RichText>(TEXTS, TEXT, TEXT_EMPTY);
}

#[test]
fn blocks_in_blocks_are_read_as_deep_as_the_stack_bears() {
    bears::<PageBlock>(BLOCKS, BLOCK, DIVIDER);
}

#[test]
fn stories_of_pages_of_stories_are_read_as_deep_as_the_stack_bears() {
    bears::<MessageMedia>(STORIES, MEDIA, NO_MEDIA);
}

#[test]
fn much_side_by_side_is_read() {
    let bold = types::TextBold { text: RichText::TextEmpty };
    let texts = RichText::TextConcat(types::TextConcat { texts: vec![bold.into(); 8000] });
    assert_eq!(read::<RichText>(&texts.to_bytes()).unwrap(), texts);
}

#[test]
fn what_is_cut_off_is_malformed_on_any_thread() {
    for levels in [1, 1000] {
        let mut body = nest(TEXTS, levels, TEXT_EMPTY);
        body.pop();
        assert!(matches!(read::<RichText>(&body), Err(Unread::Malformed(_))));
    }
}

/// A constructor: its identifier, its type, the types of its fields.
struct Constructor {
    id: u32,
    name: String,
    ty: String,
    fields: Vec<String>,
}

/// What cargo prints.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The schema that the types are generated from, as it lies beside them.
fn schema() -> Vec<Constructor> {
    let about = cargo(&["-vV"]);
    // Crates for other platforms need not have been fetched.
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let wanted = ["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host];
    let metadata = cargo(&[&wanted[..], &["--manifest-path", manifest]].concat());
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "grammers-tl-types").unwrap();
    let folder = PathBuf::from(package["manifest_path"].as_str().unwrap()).with_file_name("tl");
    let read = |file| fs::read_to_string(folder.join(file)).unwrap();
    [read("api.tl"), read("mtproto.tl")].iter().flat_map(|text| constructors(text)).collect()
}

fn constructors(schema: &str) -> Vec<Constructor> {
    let mut functions = false;
    let mut found = Vec::new();
    for line in schema.lines().map(str::trim) {
        match line {
            "---functions---" => functions = true,
            "---types---" => functions = false,
            _ if functions || line.starts_with("//") => {}
            _ => found.extend(line.strip_suffix(';').and_then(constructor)),
        }
    }
    found
}

fn constructor(line: &str) -> Option<Constructor> {
    let (left, ty) = line.split_once(" = ")?;
    let mut words = left.split_whitespace();
    let (name, id) = match words.next()?.split_once('#') {
        Some((name, id)) => (name, u32::from_str_radix(id, 16).unwrap()),
        None => {
            let mut crc = flate2::Crc::new();
            crc.update(line.replace('<', " ").replace('>', "").as_bytes());
            (left.split_whitespace().next()?, crc.sum())
        }
    };
    let field = |word: &str| {
        let ty = word.split_once(':')?.1;
        let ty = ty.split_once('?').map_or(ty, |(_, ty)| ty);
        let ty = ty.split_once('<').map_or(ty, |(_, inner)| inner.trim_end_matches('>'));
        Some(ty.trim_start_matches(['%', '!']).to_owned())
    };
    Some(Constructor { id, name: name.into(), ty: ty.into(), fields: words.filter_map(field).collect() })
}

/// Removes constructors of which every field's type ends for sure, until nothing changes; what is left lies on or before a cycle.
fn endless(mut constructors: Vec<Constructor>) -> Vec<Constructor> {
    // A field may name a constructor instead of a type.
    let of_name: HashMap<String, String> =
        constructors.iter().map(|one| (one.name.clone(), one.ty.clone())).collect();
    loop {
        let before = constructors.len();
        let types: HashSet<String> = constructors.iter().map(|one| one.ty.clone()).collect();
        let goes_on =
            |field: &String| types.contains(field) || of_name.get(field).is_some_and(|ty| types.contains(ty));
        constructors.retain(|one| one.fields.iter().any(goes_on));
        if constructors.len() == before {
            return constructors;
        }
    }
}

#[test]
fn every_cycle_of_the_schema_is_counted() {
    let schema = schema();
    assert!(schema.len() > 1700, "{}", schema.len());
    let counted = schema.iter().filter(|one| round(one.id) > 0).count();
    assert_eq!(counted, 47, "what is counted is in the schema");
    let left = endless(schema.into_iter().filter(|one| round(one.id) == 0).collect());
    let left: Vec<String> = left.into_iter().map(|one| one.name).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!endless(self::schema()).is_empty(), "the test sees cycles");
}
