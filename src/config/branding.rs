//! `[branding]`: whose login page it is.

use std::path::PathBuf;

use super::section::section;
use super::value::{Raw, Setting, quoted, text};

pub use crate::base::looks::Colour;

section! {
    /// Name, colour, logo, links and languages of the pages. What is not set here can be chosen by
    /// administrators, at `/admin/settings`; what is set here, to anything but its default, stands.
    BrandingConfig {
        /// The name that people see. Default Tessera.
        name: String = "Tessera".to_owned();
        /// The colour of buttons and links, `#rrggbb`. Default `#3451b2`: a blue with 7:1 contrast
        /// to white (WCAG 2.2 §1.4.6).
        accent: Colour = Colour { r: 0x34, g: 0x51, b: 0xb2 };
        /// An image in place of the mosaic beside the name: PNG, JPEG, WebP or GIF, at most 256 KiB, read at
        /// start. Default none: the mosaic.
        logo_file: Option<PathBuf> = None;
        /// Where help is to be had, at the foot of every page: `https:` or `mailto:`. Default none.
        help_url: Option<String> = None;
        /// The privacy policy, at the foot of every page: `https:`. Default none.
        privacy_url: Option<String> = None;
        /// The terms of service, at the foot of every page: `https:`. Default none.
        terms_url: Option<String> = None;
        /// The languages of the pages, of `en` and `de`, the one for everybody else first. Default: all.
        languages: Vec<String> = Vec::new();
    }
}

impl Setting for Colour {
    fn parse(raw: &Raw) -> Result<Self, String> {
        Self::try_from(text(raw).unwrap_or_default().to_owned())
    }

    fn show(&self) -> String {
        quoted(&self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wcag_1_4_6_the_default_colour_can_be_read_by_everybody() {
        assert!(1.05 / (BrandingConfig::default().accent.luminance() + 0.05) >= 7.0);
    }
}
