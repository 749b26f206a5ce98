//! Floor 5: HTTP. The only user of axum, askama and tower-sessions.

pub mod assets;
pub mod messages;
pub mod views;
