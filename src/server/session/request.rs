//! Takes the wrappers off a request: `invokeWithLayer`, `initConnection`, `invokeAfterMsg(s)`, `invokeWithoutUpdates`, `gzip_packed`.
//!
//! The generated types cannot do it: their inner query would have to be deserialized blindly, and `initConnection` holds a JSON value
//! whose nesting could overflow the stack. So the wrappers are peeled by hand, as deep as clients go and no deeper.

use grammers_tl_types::functions::{self, upload};
use grammers_tl_types::{Identifiable, types};

use super::super::reader::Reader;
use super::super::rpc::RpcError;
use super::parcel;

/// Layer, connection, two kinds of order, updates, compression: no client nests deeper.
const MAX_DEPTH: usize = 8;
/// What a bare method may take: texts, handles, key halves and ciphered messages are all far below.
pub const MAX_REQUEST_LEN: usize = 64 * 1024;
/// What a method may take that brings a part of a file: as much as a packet holds, so that a client learns which part was too long.
const MAX_PART_REQUEST_LEN: usize = 1 << 20;
/// Messages one request may wait for.
const MAX_AFTER: usize = 64;
/// Nesting of the JSON that clients attach to `initConnection`; theirs is flat.
const MAX_JSON_DEPTH: usize = 16;
const MAX_JSON_ITEMS: usize = 1024;
/// Characters that are kept of each thing a client says of its device.
const MAX_DEVICE_TEXT: usize = 128;

/// A bare method and what its wrappers asked for.
#[derive(Debug, PartialEq)]
pub struct Request {
    /// Constructor and arguments.
    pub method: Vec<u8>,
    pub wants_updates: bool,
    /// The layer that the client says it speaks.
    pub layer: Option<i32>,
    /// Messages of this session that must have succeeded first.
    pub after: Vec<i64>,
    /// What the client says it is, if it does so with this request.
    pub device: Option<Introduction>,
}

/// What a client says of its device in `initConnection`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    pub api_id: i32,
    pub model: String,
    pub system_version: String,
    pub app_version: String,
}

/// What a method carries besides its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cargo {
    None,
    /// It brings a part of a file.
    Part,
    /// It is answered with a part of a file.
    PartBack,
}

impl Request {
    pub fn cargo(&self) -> Cargo {
        match Reader::new(&self.method).u32().unwrap_or_default() {
            upload::SaveFilePart::CONSTRUCTOR_ID | upload::SaveBigFilePart::CONSTRUCTOR_ID => Cargo::Part,
            upload::GetFile::CONSTRUCTOR_ID => Cargo::PartBack,
            _ => Cargo::None,
        }
    }
}

/// Peels a request; an error is the answer to send. What is inflated on the way is taken off `inflatable`.
pub fn unwrap(body: &[u8], inflatable: &mut usize) -> Result<Request, RpcError> {
    let mut request =
        Request { method: body.to_vec(), wants_updates: true, layer: None, after: Vec::new(), device: None };
    for _ in 0..=MAX_DEPTH {
        match peel(&mut request, inflatable)? {
            Some(inner) => request.method = inner,
            None => return check_length(request),
        }
    }
    Err(refusal("INPUT_LAYER_INVALID"))
}

/// Removes one wrapper; `None` if there is none.
fn peel(request: &mut Request, inflatable: &mut usize) -> Result<Option<Vec<u8>>, RpcError> {
    let mut reader = Reader::new(&request.method);
    let id = reader.u32().ok_or_else(malformed)?;
    let inner = match id {
        functions::InvokeWithLayer::<()>::CONSTRUCTOR_ID => {
            request.layer = Some(reader.i32().ok_or_else(malformed)?);
            reader.rest().to_vec()
        }
        functions::InitConnection::<()>::CONSTRUCTOR_ID => {
            request.device = Some(connection_head(&mut reader).ok_or_else(malformed)?);
            reader.rest().to_vec()
        }
        functions::InvokeWithoutUpdates::<()>::CONSTRUCTOR_ID => {
            request.wants_updates = false;
            reader.rest().to_vec()
        }
        functions::InvokeAfterMsg::<()>::CONSTRUCTOR_ID => {
            request.after.push(reader.i64().ok_or_else(malformed)?);
            reader.rest().to_vec()
        }
        functions::InvokeAfterMsgs::<()>::CONSTRUCTOR_ID => {
            request.after.extend(reader.longs(MAX_AFTER).ok_or_else(malformed)?);
            reader.rest().to_vec()
        }
        parcel::GZIP_PACKED => {
            let packed = reader.bytes().ok_or_else(malformed)?;
            parcel::inflate(packed, inflatable).ok_or_else(malformed)?
        }
        _ => return Ok(None),
    };
    Ok(Some(inner))
}

fn check_length(mut request: Request) -> Result<Request, RpcError> {
    let longest = if request.cargo() == Cargo::Part { MAX_PART_REQUEST_LEN } else { MAX_REQUEST_LEN };
    if request.method.len() > longest {
        return Err(refusal("INPUT_REQUEST_TOO_LONG"));
    }
    // It may be kept for long, and inflating leaves room behind.
    request.method.shrink_to_fit();
    request.after.shrink_to_fit();
    Ok(request)
}

/// Everything of `initConnection` before its query: what is told of the device is kept, where from is not known here.
fn connection_head(reader: &mut Reader<'_>) -> Option<Introduction> {
    /// The languages of the system and the client.
    const MORE_STRINGS: usize = 3;
    const PROXY: u32 = 1;
    const PARAMS: u32 = 1 << 1;
    let flags = reader.u32()?;
    let device = Introduction {
        api_id: reader.i32()?,
        model: told(reader)?,
        system_version: told(reader)?,
        app_version: told(reader)?,
    };
    for _ in 0..MORE_STRINGS {
        reader.bytes()?;
    }
    if flags & PROXY != 0 {
        if reader.u32()? != types::InputClientProxy::CONSTRUCTOR_ID {
            return None;
        }
        reader.bytes()?;
        reader.i32()?;
    }
    if flags & PARAMS != 0 {
        skip_json(reader, MAX_JSON_DEPTH)?;
    }
    Some(device)
}

fn told(reader: &mut Reader<'_>) -> Option<String> {
    Some(String::from_utf8_lossy(reader.bytes()?).chars().take(MAX_DEVICE_TEXT).collect())
}

fn skip_json(reader: &mut Reader<'_>, depth: usize) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    match reader.u32()? {
        types::JsonNull::CONSTRUCTOR_ID => {}
        types::JsonBool::CONSTRUCTOR_ID => {
            reader.u32()?;
        }
        types::JsonNumber::CONSTRUCTOR_ID => {
            reader.i64()?;
        }
        types::JsonString::CONSTRUCTOR_ID => {
            reader.bytes()?;
        }
        types::JsonArray::CONSTRUCTOR_ID => {
            for _ in 0..reader.vector(MAX_JSON_ITEMS)? {
                skip_json(reader, depth)?;
            }
        }
        types::JsonObject::CONSTRUCTOR_ID => {
            for _ in 0..reader.vector(MAX_JSON_ITEMS)? {
                if reader.u32()? != types::JsonObjectValue::CONSTRUCTOR_ID {
                    return None;
                }
                reader.bytes()?;
                skip_json(reader, depth)?;
            }
        }
        _ => return None,
    }
    Some(())
}

fn malformed() -> RpcError {
    refusal("INPUT_FETCH_ERROR")
}

fn refusal(name: &str) -> RpcError {
    RpcError { code: 400, name: name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grammers_tl_types::{Serializable, enums};

    fn unwrap(body: &[u8]) -> Result<Request, RpcError> {
        super::unwrap(body, &mut (1 << 20))
    }

    fn init_connection(params: Option<enums::Jsonvalue>, proxy: bool) -> Vec<u8> {
        let proxy = proxy.then(|| {
            enums::InputClientProxy::Proxy(types::InputClientProxy { address: "host".into(), port: 1 })
        });
        functions::InvokeWithLayer {
            layer: 230,
            query: functions::InitConnection {
                api_id: 1,
                device_model: "model".into(),
                system_version: "1".into(),
                app_version: "1".into(),
                system_lang_code: "en".into(),
                lang_pack: String::new(),
                lang_code: "en".into(),
                proxy,
                params,
                query: functions::help::GetNearestDc {},
            },
        }
        .to_bytes()
    }

    fn object() -> enums::Jsonvalue {
        let array = enums::Jsonvalue::JsonArray(types::JsonArray {
            value: vec![
                enums::Jsonvalue::JsonNull,
                enums::Jsonvalue::JsonBool(types::JsonBool { value: true }),
                enums::Jsonvalue::JsonNumber(types::JsonNumber { value: 1.5 }),
                enums::Jsonvalue::JsonString(types::JsonString { value: "text".into() }),
            ],
        });
        let pair = types::JsonObjectValue { key: "tz".into(), value: array };
        enums::Jsonvalue::JsonObject(types::JsonObject {
            value: vec![enums::JsonobjectValue::JsonObjectValue(pair)],
        })
    }

    #[test]
    fn peels_what_clients_send() {
        let bare = functions::help::GetNearestDc {}.to_bytes();
        for body in [init_connection(None, false), init_connection(Some(object()), true)] {
            let request = unwrap(&body).unwrap();
            assert_eq!(request.method, bare);
            assert_eq!(request.layer, Some(230));
            assert!(request.wants_updates);
            let said = Introduction {
                api_id: 1,
                model: "model".into(),
                system_version: "1".into(),
                app_version: "1".into(),
            };
            assert_eq!(request.device, Some(said));
        }
        let ordered = functions::InvokeAfterMsg {
            msg_id: 5,
            query: functions::InvokeAfterMsgs {
                msg_ids: vec![6, 7],
                query: functions::InvokeWithoutUpdates { query: functions::help::GetNearestDc {} },
            },
        };
        let request = unwrap(&ordered.to_bytes()).unwrap();
        assert_eq!(
            request,
            Request {
                method: bare.clone(),
                wants_updates: false,
                layer: None,
                after: vec![5, 6, 7],
                device: None
            }
        );
        assert_eq!(unwrap(&parcel::gzip_packed(&bare)).unwrap().method, bare);
    }

    #[test]
    fn refuses_what_is_too_deep_too_long_or_broken() {
        let mut nested = functions::help::GetNearestDc {}.to_bytes();
        for _ in 0..MAX_DEPTH + 1 {
            let mut outer = functions::InvokeWithoutUpdates::<()>::CONSTRUCTOR_ID.to_bytes();
            outer.extend(nested);
            nested = outer;
        }
        assert_eq!(unwrap(&nested).unwrap_err().name, "INPUT_LAYER_INVALID");
        assert!(unwrap(&nested[4..]).is_ok());

        let mut json = enums::Jsonvalue::JsonNull;
        for _ in 0..MAX_JSON_DEPTH {
            json = enums::Jsonvalue::JsonArray(types::JsonArray { value: vec![json] });
        }
        assert_eq!(unwrap(&init_connection(Some(json), false)).unwrap_err().name, "INPUT_FETCH_ERROR");

        let long = vec![0x11; MAX_REQUEST_LEN + 4];
        assert_eq!(unwrap(&long).unwrap_err().name, "INPUT_REQUEST_TOO_LONG");
        let part = |len| upload::SaveFilePart { file_id: 1, file_part: 0, bytes: vec![0; len] }.to_bytes();
        assert_eq!(unwrap(&part(512 * 1024)).unwrap().cargo(), Cargo::Part);
        assert_eq!(unwrap(&part(1 << 20)).unwrap_err().name, "INPUT_REQUEST_TOO_LONG");

        let whole = init_connection(Some(object()), true);
        for end in 0..whole.len() - 4 {
            assert!(unwrap(&whole[..end]).is_err(), "{end}");
        }
    }
}
