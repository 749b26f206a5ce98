//! What the outside sees, written down: a change shows in the diff of a `.snap` file beside this.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test --test router snapshots`, and read
//! the diff.

mod errors;
mod metadata;
mod routes;
