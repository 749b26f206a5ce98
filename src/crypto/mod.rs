//! Floor 1 (placeholder until the crypto floor lands).
pub mod jose;
pub mod seal;
