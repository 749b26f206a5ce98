//! Values that say how pages look: for the configuration, for rules and for pages alike.

use serde::{Deserialize, Serialize};
use url::Url;

/// The languages of the pages, the default first; `web` has a catalogue for each.
pub const LANGUAGES: [&str; 2] = ["en", "de"];

/// The longest address, in bytes.
const MAX_URL: usize = 2048;

/// An sRGB colour. Three numbers, so nothing else can reach the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.strip_prefix('#')
            .filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .map(|number| {
                let [_, r, g, b] = number.to_be_bytes();
                Self { r, g, b }
            })
            .ok_or_else(|| "a colour like #3451b2".to_owned())
    }
}

impl From<Colour> for String {
    fn from(colour: Colour) -> Self {
        colour.hex()
    }
}

/// What is wrong with a link that stands on every page. A `javascript:` URL would be a script of ours.
#[must_use]
pub fn link_problem(link: &str, schemes: &[&str]) -> Option<String> {
    let Ok(url) = Url::parse(link) else {
        return Some("it is no absolute URL".to_owned());
    };
    if !schemes.contains(&url.scheme()) {
        return Some(format!("it does not begin with {}:", schemes.join(": or ")));
    }
    if link.len() > MAX_URL || !link.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("it is too long, or has characters that no URL has".to_owned());
    }
    // https://bank.example@evil.example looks like another site.
    let tricky = !url.username().is_empty() || url.password().is_some();
    tricky.then(|| "it has a user name in it".to_owned())
}

/// What is wrong with a choice of languages.
#[must_use]
pub fn languages_problem(languages: &[String]) -> Option<String> {
    if let Some(unknown) = languages
        .iter()
        .find(|one| !LANGUAGES.contains(&one.as_str()))
    {
        return Some(format!("{unknown:?} is none of {}", LANGUAGES.join(", ")));
    }
    let twice = languages
        .iter()
        .enumerate()
        .any(|(at, one)| languages[..at].contains(one));
    twice.then(|| "one of them is named twice".to_owned())
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
    }
}
