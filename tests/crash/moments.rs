//! Named moments.
