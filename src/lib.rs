//! Tessera: a standalone OAuth 2.0 / OpenID Connect identity provider.
//!
//! The floors, from the ground up. A module names only lower floors or its own;
//! `tests/architecture.rs` holds that. `docs/architecture.md` is the map on one page.

pub mod base;
pub mod config;
pub mod crypto;
pub mod outside;
pub mod protocol;
pub mod storage;
// The use cases.
pub mod flows;
// The two doors: requests and the clock.
pub mod jobs;
pub mod web;
// The command line wires everything.
pub mod cli;
