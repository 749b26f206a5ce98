//! Everything that drives the real router over real storage with a clock that the test moves: on
//! SQLite always, on PostgreSQL where `TESSERA_TEST_POSTGRES_URL` says where one is (`make test`
//! starts it). One binary: each further one would link all dependencies again.

mod support;

mod admin;
mod api;
mod attacks;
mod certification;
mod concurrency;
mod declared;
mod oauth;
mod pages;
mod proofs;
mod smoke;
mod snapshots;
