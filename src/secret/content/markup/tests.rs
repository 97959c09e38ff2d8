//! Marks typed and read back.
