//! Stub of the office that answers methods; the real one replaces it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;

pub struct Rpc {
    keys: HashMap<i64, [u8; 256]>,
}

#[derive(Clone, Debug)]
pub enum Data {
    Memory,
    Folder(PathBuf),
}

pub struct Caller {
    pub auth_key_id: i64,
    pub layer: i32,
}

pub struct Push {
    pub auth_key_id: i64,
    pub updates: Vec<u8>,
}

pub struct Outcome {
    pub result: Result<Vec<u8>, RpcError>,
    pub pushes: Vec<Push>,
}

#[derive(Clone, Debug)]
pub struct RpcError {
    pub code: i32,
    pub name: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the store cannot be opened")]
pub struct RpcOpenError;

pub type CodeCallback = Box<dyn Fn(&str, &str) + Send>;

impl Rpc {
    pub fn open(_data: &Data, _address: SocketAddr, _on_code: CodeCallback) -> Result<Rpc, RpcOpenError> {
        Ok(Rpc { keys: HashMap::new() })
    }

    pub fn answer(&mut self, _caller: Caller, _request: &[u8], _now: i32) -> Outcome {
        let error = RpcError { code: 400, name: "METHOD_INVALID".to_string() };
        Outcome { result: Err(error), pushes: Vec::new() }
    }

    pub fn auth_key(&mut self, id: i64) -> Option<[u8; 256]> {
        self.keys.get(&id).copied()
    }

    pub fn keep_auth_key(&mut self, id: i64, key: &[u8; 256]) -> Result<(), RpcOpenError> {
        self.keys.insert(id, *key);
        Ok(())
    }

    pub fn offline(&mut self, _auth_key_id: i64, _now: i32) -> Vec<Push> {
        Vec::new()
    }
}
