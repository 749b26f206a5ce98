//! The `tessera` program; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tessera::cli::main()
}
