//! Who the person is.

/// The section of the page.
#[derive(Clone, Debug)]
pub struct ProfileSection {
    /// The username.
    pub username: String,
    /// The name to show; the username if the person gave none.
    pub name: String,
}
