//! The audit log: what is found in it, what may be taken away, and where else it goes.

mod list;
mod retention;
mod search;
mod syslog;
mod tenant;
