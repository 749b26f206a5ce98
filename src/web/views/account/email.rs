//! The e-mail address.

/// The section of the page.
#[derive(Clone, Debug)]
pub struct EmailSection {
    /// The address.
    pub address: String,
    /// Whether it was confirmed.
    pub verified: bool,
}
