//! The administration API: who gets in, what each route refuses, and what it does.

mod clients;
mod command_line;
mod document;
mod escalation;
mod matrix;
mod names;
mod once;
mod sessions;
pub mod support;
mod tokens;
mod users;
