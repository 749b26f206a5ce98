//! How sure we are of who somebody is: methods, what each proof is worth, levels (`acr`), and what is
//! missing for one (OpenID Connect Core §2, RFC 8176, RFC 9470, NIST SP 800-63B-4). Pure.

mod assess;
mod capabilities;
mod level;
mod method;
mod policy;

#[cfg(test)]
mod tests;

/// As many devices that make codes as one person may have: a telephone, a tablet, and their successors.
pub const MAX_CODE_DEVICES: usize = 5;

pub use assess::{Assessment, Requirement, Standing, assess};
pub use capabilities::Capabilities;
pub use level::{Level, Levels, MAX_NAME};
pub use method::{Capability, Factor, Method, Proof, Proofs};
pub use policy::AssurancePolicy;
