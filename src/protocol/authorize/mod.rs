//! The authorization endpoint (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2): from a stranger's bytes
//! to a decision.
//!
//! [`read`] takes the bytes, [`UncheckedRequest::prove`] finds out where an answer may go at all,
//! [`ProvenRequest::check`] runs the table of checks, [`decide`] says which page comes next, and
//! [`AuthorizationResponse`] carries the end of it back.

pub mod checks;
pub mod decide;
mod demand;
pub mod proof;
pub mod request;
pub mod request_object;
pub mod resource;
pub mod response;
pub mod response_type;
pub mod subject;

#[cfg(test)]
pub(super) mod fixture;

pub use checks::Policy;
pub use decide::{Circumstances, ConsentView, Decision, SessionView, SignInReason, decide};
pub use demand::unmet;
pub use proof::{PageError, ProvenRequest, UncheckedRequest, read};
pub use request::{AuthorizationRequest, Prompt, Prompts, ResponseMode};
pub use request_object::{Around, RequestObject};
pub use response::{AuthorizationResponse, Delivery, ReturnPath};
pub use response_type::ResponseType;
pub use subject::WantedSubject;
