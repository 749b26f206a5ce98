//! Floor 0: the clock, entropy, secrets, identifiers, and values that every floor shares.
//!
//! The only room that may ask the operating system for the time or for randomness; everything
//! above is handed both, so that tests move the clock instead of sleeping.

pub mod clock;
pub mod entropy;
pub mod ids;
pub mod looks;
pub mod secret;

pub use clock::{Clock, Timestamp};
pub use entropy::Entropy;
pub use secret::{Digest, Secret};
