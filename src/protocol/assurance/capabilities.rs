//! What a person has set up.

use super::method::Capability;

/// Everything by which somebody could prove who they are, and whether there was more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// What they can be asked for, each once.
    pub usable: Vec<Capability>,
    /// There is, or was, a second factor that opens nothing: a blocked passkey, or one that was taken away by
    /// "it was not me". Nobody is asked for it, and a password alone does not take its place: else whoever
    /// brings that about who has the password, or the mailbox to reset it, would be in.
    pub lost_second_factor: bool,
}

impl Capabilities {
    /// Whether a password alone is not enough for who has these.
    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.lost_second_factor || self.can_be_asked()
    }

    /// Whether there is a second factor that can be asked for.
    #[must_use]
    pub fn can_be_asked(&self) -> bool {
        self.usable.iter().any(|of| of.method.is_second_factor())
    }
}

impl From<Vec<Capability>> for Capabilities {
    fn from(usable: Vec<Capability>) -> Self {
        Self {
            usable,
            lost_second_factor: false,
        }
    }
}
