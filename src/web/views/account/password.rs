//! The password.

/// The section of the page.
#[derive(Clone, Debug)]
pub struct PasswordSection {
    /// For password managers: whose it is.
    pub username: String,
    /// The least number of characters.
    pub min: usize,
}
