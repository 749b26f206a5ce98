//! Floor 1: CPU work and no I/O. Signing and verifying tokens, the keyring, passwords, sealing.

pub mod jose;
pub mod keyring;
pub mod leaked;
pub mod otp;
pub mod password;
pub mod seal;
pub mod webauthn;
mod webauthn_refused;
pub mod webhook;
