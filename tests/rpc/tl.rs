//! A client of another layer, as far as it understands what it is told: objects parsed by the lines of a schema.
//!
//! It shares nothing with the server's own walk: it is told the type of what it reads, as a client knows it, and checks that.

use std::collections::BTreeMap;

/// A parsed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number(i64),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Object(Object),
}

/// A parsed object: its constructor, and those of its fields that are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    pub name: &'static str,
    pub id: u32,
    pub fields: BTreeMap<&'static str, Value>,
}

impl Object {
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    pub fn number(&self, field: &str) -> i64 {
        match &self.fields[field] {
            Value::Number(number) => *number,
            other => panic!("{field} is no number: {other:?}"),
        }
    }

    pub fn text(&self, field: &str) -> &str {
        match &self.fields[field] {
            Value::Bytes(bytes) => std::str::from_utf8(bytes).unwrap(),
            other => panic!("{field} is no text: {other:?}"),
        }
    }

    pub fn object(&self, field: &str) -> &Object {
        match &self.fields[field] {
            Value::Object(object) => object,
            other => panic!("{field} is no object: {other:?}"),
        }
    }

    pub fn objects(&self, field: &str) -> Vec<&Object> {
        match &self.fields[field] {
            Value::List(list) => list.iter().map(Value::object).collect(),
            other => panic!("{field} is no list: {other:?}"),
        }
    }
}

impl Value {
    pub fn object(&self) -> &Object {
        match self {
            Value::Object(object) => object,
            other => panic!("no object: {other:?}"),
        }
    }
}

struct Line {
    name: &'static str,
    words: Vec<(&'static str, &'static str)>,
    result: &'static str,
}

/// The lines of a schema by their ids.
pub struct Schema(BTreeMap<u32, Line>);

impl Schema {
    pub fn of(text: &'static str) -> Schema {
        let lines = text.lines().filter(|line| line.contains('#') && line.ends_with(';'));
        Schema(lines.map(parse_line).collect())
    }

    /// All of `bytes`, as a value of the type `wanted`; the error says where understanding ended.
    pub fn parse(&self, bytes: &[u8], wanted: &str) -> Result<Value, String> {
        let mut rest = bytes;
        let value = self.value(&mut rest, wanted)?;
        if rest.is_empty() { Ok(value) } else { Err(format!("{} bytes are left over", rest.len())) }
    }

    /// As [`Schema::parse`], of whatever type it says it is.
    pub fn parse_any(&self, bytes: &[u8]) -> Result<Value, String> {
        let id = u32::from_le_bytes(*bytes.first_chunk().ok_or("cut off")?);
        let line = self.0.get(&id).ok_or_else(|| format!("nobody knows {id:#x}"))?;
        self.parse(bytes, line.result)
    }

    fn value(&self, rest: &mut &[u8], wanted: &str) -> Result<Value, String> {
        match wanted {
            "int" => Ok(Value::Number(i32::from_le_bytes(take(rest)?).into())),
            "long" => Ok(Value::Number(i64::from_le_bytes(take(rest)?))),
            "double" => Ok(Value::Bytes(take::<8>(rest)?.to_vec())),
            "bytes" | "string" => text(rest).map(Value::Bytes),
            _ => match wanted.strip_prefix("Vector<").and_then(|inner| inner.strip_suffix('>')) {
                Some(inner) => self.list(rest, inner),
                None => self.object(rest, wanted).map(Value::Object),
            },
        }
    }

    fn list(&self, rest: &mut &[u8], inner: &str) -> Result<Value, String> {
        if u32::from_le_bytes(take(rest)?) != 0x1cb5c415 {
            return Err(format!("no vector of {inner}"));
        }
        let count = i32::from_le_bytes(take(rest)?);
        (0..count).map(|_| self.value(rest, inner)).collect::<Result<_, _>>().map(Value::List)
    }

    fn object(&self, rest: &mut &[u8], wanted: &str) -> Result<Object, String> {
        let id = u32::from_le_bytes(take(rest)?);
        let line = self.0.get(&id).ok_or_else(|| format!("nobody knows {id:#x} of {wanted}"))?;
        if line.result != wanted {
            return Err(format!("{} is no {wanted}", line.name));
        }
        let mut flags = BTreeMap::new();
        let mut fields = BTreeMap::new();
        for (name, kind) in &line.words {
            let kind = match kind.split_once('?') {
                None => *kind,
                Some((condition, kind)) => {
                    let (flag, bit) = condition.split_once('.').unwrap();
                    if flags[flag] >> bit.parse::<u32>().unwrap() & 1 == 0u32 {
                        continue;
                    }
                    kind
                }
            };
            match kind {
                "#" => drop(flags.insert(*name, u32::from_le_bytes(take(rest)?))),
                "true" => drop(fields.insert(*name, Value::Number(1))),
                _ => {
                    let value =
                        self.value(rest, kind).map_err(|error| format!("{}.{name}: {error}", line.name))?;
                    fields.insert(*name, value);
                }
            }
        }
        Ok(Object { name: line.name, id, fields })
    }
}

fn parse_line(line: &'static str) -> (u32, Line) {
    let (head, result) = line.trim_end_matches(';').split_once('=').unwrap();
    let mut words = head.split_whitespace();
    let (name, id) = words.next().unwrap().split_once('#').unwrap();
    let words = words.map(|word| word.split_once(':').unwrap()).collect();
    (u32::from_str_radix(id, 16).unwrap(), Line { name, words, result: result.trim() })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or("cut off")?;
    *rest = tail;
    Ok(*head)
}

fn text(rest: &mut &[u8]) -> Result<Vec<u8>, String> {
    let [first] = take(rest)?;
    let (len, head) = match first {
        254 => {
            let [a, b, c] = take(rest)?;
            (u32::from_le_bytes([a, b, c, 0]) as usize, 4)
        }
        short => (usize::from(short), 1),
    };
    let padded = (head + len).div_ceil(4) * 4 - head;
    let (content, tail) = rest.split_at_checked(padded).ok_or("cut off")?;
    *rest = tail;
    Ok(content[..len].to_vec())
}
