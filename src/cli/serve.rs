//! Stub.
#[derive(Debug, thiserror::Error)]
#[error("stub")]
pub struct ServeFault;
pub fn run(_a: super::args::Serve) -> Result<(), ServeFault> {
    Err(ServeFault)
}
