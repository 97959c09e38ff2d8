//! The constructors that are walked, read from `constructors.tl`: as they are, and as they were.
//!
//! TL lines are how the schema is published, so a change of it is entered here by copying a line, and the test can check every one by
//! the checksum that is its own id. They are part of the program: a line that does not parse is left out, and the tests know.

use std::collections::HashMap;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::read(TEXT));

pub(super) const TEXT: &str = include_str!("constructors.tl");

/// How a heading begins under which older constructors stand.
const UNTIL: &str = "---until ";

/// One constructor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub name: &'static str,
    pub id: u32,
    pub fields: Vec<Field>,
}

/// One field of a constructor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub name: &'static str,
    /// The flags field and the bit of it that say whether this one is there; `None`: it always is.
    pub condition: Option<(&'static str, u32)>,
    pub kind: Kind,
}

/// How a field is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flags,
    /// Nothing but its flag.
    Mark,
    Int,
    Long,
    Double,
    /// Also text.
    Bytes,
    Boxed(&'static str),
    Vector(Box<Kind>),
}

/// All of them.
pub(super) struct Schema {
    present: HashMap<u32, Definition>,
    /// By name; the last layer that has it, ascending.
    former: HashMap<&'static str, Vec<(i32, Definition)>>,
    newest_change: i32,
}

impl Schema {
    pub fn get() -> &'static Schema {
        &SCHEMA
    }

    fn read(text: &'static str) -> Schema {
        let mut schema = Schema { present: HashMap::new(), former: HashMap::new(), newest_change: 0 };
        let mut until = None;
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix(UNTIL) {
                until = heading.trim_end_matches('-').parse().ok();
            } else if let Some(definition) = definition(line) {
                schema.enter(until, definition);
            }
        }
        schema.former.values_mut().for_each(|versions| versions.sort_by_key(|(until, _)| *until));
        schema
    }

    fn enter(&mut self, until: Option<i32>, definition: Definition) {
        match until {
            None => {
                self.present.insert(definition.id, definition);
            }
            Some(until) => {
                self.newest_change = self.newest_change.max(until);
                self.former.entry(definition.name).or_default().push((until, definition));
            }
        }
    }

    /// The last layer in which any constructor is not what it is now.
    pub fn newest_change(&self) -> i32 {
        self.newest_change
    }

    /// The constructor with this id in our own layer.
    pub fn present(&self, id: u32) -> Option<&Definition> {
        self.present.get(&id)
    }

    /// What a constructor of our own layer is in another one.
    pub fn in_layer<'a>(&'a self, present: &'a Definition, layer: i32) -> &'a Definition {
        let versions = self.former.get(present.name).map(Vec::as_slice).unwrap_or_default();
        versions.iter().find(|(until, _)| layer <= *until).map_or(present, |(_, former)| former)
    }
}

/// `name#id field:type ... = Type;`
pub(super) fn definition(line: &'static str) -> Option<Definition> {
    let (head, _) = line.strip_suffix(';')?.split_once('=')?;
    let mut words = head.split_whitespace();
    let (name, id) = words.next()?.split_once('#')?;
    let fields: Option<Vec<Field>> = words.map(field).collect();
    Some(Definition { name, id: u32::from_str_radix(id, 16).ok()?, fields: fields? })
}

fn field(word: &'static str) -> Option<Field> {
    let (name, written) = word.split_once(':')?;
    let Some((condition, written)) = written.split_once('?') else {
        return Some(Field { name, condition: None, kind: kind(written)? });
    };
    let (flags, bit) = condition.split_once('.')?;
    Some(Field { name, condition: Some((flags, bit.parse().ok()?)), kind: kind(written)? })
}

fn kind(written: &'static str) -> Option<Kind> {
    Some(match written {
        "#" => Kind::Flags,
        "true" => Kind::Mark,
        "int" => Kind::Int,
        "long" => Kind::Long,
        "double" => Kind::Double,
        "bytes" | "string" => Kind::Bytes,
        _ => match written.strip_prefix("Vector<") {
            Some(inner) => Kind::Vector(Box::new(kind(inner.strip_suffix('>')?)?)),
            None => Kind::Boxed(written),
        },
    })
}
