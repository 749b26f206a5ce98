//! The password.

/// The section of the page.
#[derive(Clone, Debug)]
pub struct PasswordSection {
    /// For password managers: whose it is.
    pub username: String,
    /// There is one. Who has none chooses the first one by a letter.
    pub exists: bool,
    /// The least number of characters.
    pub min: usize,
}
