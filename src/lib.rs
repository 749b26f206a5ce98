//! Tessera: a standalone OAuth 2.0 / OpenID Connect identity provider.
//!
//! The floors, from the ground up. A module names only lower floors or its own;
//! `tests/architecture.rs` holds that. `docs/architecture.md` is the map on one page.

pub mod base;
pub mod web;
