//! `[branding]`: whose login page it is.

use std::path::PathBuf;

use super::section::section;
use super::value::{Raw, Setting, quoted, text};

section! {
    /// Name, colour and logo on the pages.
    BrandingConfig {
        /// The name that people see. Default Tessera.
        name: String = "Tessera".to_owned();
        /// The colour of buttons and links, `#rrggbb`. Default `#3451b2`: a blue with 7:1 contrast
        /// to white (WCAG 2.2 §1.4.6).
        accent: Colour = Colour { r: 0x34, g: 0x51, b: 0xb2 };
        /// An image beside the name. Default none: the name alone.
        logo_file: Option<PathBuf> = None;
    }
}

/// An sRGB colour. Three numbers, so nothing else can reach the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Colour {
    /// As `#rrggbb`.
    #[must_use]
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }

    /// Black or white, whichever reads better on this colour. One of the two always has a
    /// contrast of at least 4.5:1 (WCAG 2.2 §1.4.3).
    #[must_use]
    pub fn ink(self) -> &'static str {
        // (L + 0.05) / 0.05 against 1.05 / (L + 0.05): equal at L = 0.179.
        if self.luminance() > 0.179 {
            "#000000"
        } else {
            "#ffffff"
        }
    }

    /// Relative luminance as WCAG 2.2 defines it, 0 to 1.
    #[must_use]
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }
}

impl Setting for Colour {
    fn parse(raw: &Raw) -> Result<Self, String> {
        text(raw)
            .and_then(|text| text.strip_prefix('#'))
            .filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .map(|number| {
                let [_, r, g, b] = number.to_be_bytes();
                Self { r, g, b }
            })
            .ok_or_else(|| "a colour like #3451b2".to_owned())
    }

    fn show(&self) -> String {
        quoted(&self.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wcag_1_4_3_the_ink_is_readable_on_every_colour() {
        for colour in [
            (0, 0, 0),
            (255, 255, 255),
            (0x34, 0x51, 0xb2),
            (0x76, 0x76, 0x76),
            (255, 0, 0),
        ] {
            let colour = Colour {
                r: colour.0,
                g: colour.1,
                b: colour.2,
            };
            let light = colour.luminance() + 0.05;
            let contrast = if colour.ink() == "#000000" {
                light / 0.05
            } else {
                1.05 / light
            };
            assert!(contrast >= 4.5, "{}: {contrast}", colour.hex());
        }
        assert!(1.05 / (BrandingConfig::default().accent.luminance() + 0.05) >= 7.0);
    }
}
