//! How a command ends when it does not work: one sentence and an exit code.

use std::fmt;
use std::process::ExitCode;

/// Why a command did not work.
#[derive(Debug)]
pub(super) enum Failure {
    /// Wrong usage or configuration: exit code 2.
    Usage(String),
    /// Anything else: exit code 1.
    Failed(String),
    /// What was compared is not the same: it has been told, exit code 3.
    Differs,
    /// Nobody reads standard output any more, as behind `| head -1`: no word, exit code 0.
    HungUp,
}

impl Failure {
    /// A failure with this sentence.
    pub fn new(sentence: impl fmt::Display) -> Self {
        Self::Failed(sentence.to_string())
    }

    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
            Self::Differs => ExitCode::from(3),
            Self::HungUp => ExitCode::SUCCESS,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(sentence) | Self::Failed(sentence) => f.write_str(sentence),
            Self::Differs => f.write_str("something differs"),
            Self::HungUp => f.write_str("nobody reads standard output"),
        }
    }
}

impl From<crate::flows::Internal> for Failure {
    fn from(error: crate::flows::Internal) -> Self {
        Self::new(error)
    }
}

impl From<crate::storage::StorageError> for Failure {
    fn from(error: crate::storage::StorageError) -> Self {
        Self::new(error)
    }
}
