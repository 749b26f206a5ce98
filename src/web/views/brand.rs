//! The operator's name, colour and logo on every page.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::flows::logo::Logo;
use crate::flows::settings::Looks;
use crate::web::assets::{self, Asset};
use crate::web::messages::Lang;

/// The accent of an installation that has not chosen one: verdigris, the green of old bronze.
pub const DEFAULT_ACCENT: &str = "#17625b";

/// Who the pages speak for.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The name people know this provider by.
    pub name: String,
    /// A same-origin URL of a logo, instead of the mosaic mark.
    pub logo: Option<String>,
    /// Where help is to be had.
    pub help_url: Option<String>,
    /// The privacy policy.
    pub privacy_url: Option<String>,
    /// The terms of service.
    pub terms_url: Option<String>,
    /// The languages of the pages, the one for everybody else first.
    pub languages: Vec<Lang>,
    stylesheet: Asset,
    stylesheet_name: String,
}

impl Brand {
    /// As the deployment looks now.
    #[must_use]
    pub fn of(looks: &Looks) -> Self {
        let logo = looks.logo.as_ref().map(|logo| logo_url(logo));
        Self {
            logo,
            help_url: looks.help_url.clone(),
            privacy_url: looks.privacy_url.clone(),
            terms_url: looks.terms_url.clone(),
            languages: languages(&looks.languages),
            ..Self::new(looks.name.as_str(), &looks.accent.hex())
        }
    }

    /// A brand called `name` with the colour `accent` (`#rgb` or `#rrggbb`; anything else means
    /// [`DEFAULT_ACCENT`]). Made when the settings change: it generates the stylesheet.
    #[must_use]
    pub fn new(name: impl Into<String>, accent: &str) -> Self {
        let css = brand_css(accent).into_bytes();
        let stylesheet_name = assets::hashed_name("brand.css", &css);
        Self {
            name: name.into(),
            logo: None,
            help_url: None,
            privacy_url: None,
            terms_url: None,
            languages: Lang::ALL.to_vec(),
            stylesheet: Asset::hashed("brand.css", css),
            stylesheet_name,
        }
    }

    /// The URL of the generated stylesheet.
    #[must_use]
    pub fn stylesheet_url(&self) -> String {
        format!("/assets/{}", self.stylesheet_name)
    }

    /// The file at `path` (what follows `/assets/`): the generated stylesheet or a compiled-in file.
    #[must_use]
    pub fn asset(&self, path: &str) -> Option<Asset> {
        if path == self.stylesheet_name {
            return Some(self.stylesheet.clone());
        }
        // One that another node, or this one before a change, told of: the present colours, for a while.
        if path.starts_with("brand.") {
            return Some(Asset {
                immutable: false,
                ..self.stylesheet.clone()
            });
        }
        assets::lookup(path)
    }
}

fn languages(tags: &[String]) -> Vec<Lang> {
    let known = |tag: &String| Lang::ALL.into_iter().find(|lang| lang.tag() == tag);
    tags.iter().filter_map(known).collect()
}

/// Another picture is at another address.
fn logo_url(logo: &Logo) -> String {
    let tag = URL_SAFE_NO_PAD.encode(&logo.digest.as_bytes()[..9]);
    format!("/logo?v={tag}")
}

/// The stylesheet that carries the brand colour: as it is on filled buttons, with a text colour
/// that can be read on it, and shifted towards ink or paper where it has to be text itself.
/// Every pair reaches 4.5:1 (WCAG 2.2 §1.4.3), every edge 3:1 (§1.4.11).
#[must_use]
pub fn brand_css(accent: &str) -> String {
    let dark = "@media (prefers-color-scheme:dark){:root{";
    colours(accent, (":root{", "}"), (dark, "}}"))
}

/// The same colours on two samples, side by side, whatever the reader's own scheme is.
#[must_use]
pub fn sample_css(accent: &str) -> String {
    colours(accent, (".mini.light{", "}"), (".mini.dark{", "}"))
}

fn colours(accent: &str, light: (&str, &str), dark: (&str, &str)) -> String {
    let accent = Rgb::chosen(accent);
    let mut css = String::with_capacity(640);
    let mut block = |open: &str, paper: [Rgb; 2], towards: Rgb, close: &str| {
        let (fill, on) = accent.filled(towards, &paper);
        // Away from the text, so that what is readable at rest stays so under the pointer.
        let hover = fill.mix(if on == WHITE { BLACK } else { WHITE }, 0.14);
        // A little more than AA asks for: thin strokes of colour look paler than they measure.
        let text = accent.until(towards, &paper, 5.6);
        let edge = accent.until(towards, &paper, 3.1);
        // Writing to a String cannot fail.
        let _ = writeln!(
            css,
            "{open}--accent:{};--accent-hover:{};--on-accent:{};--accent-text:{};--accent-edge:{}{close}",
            fill.hex(),
            hover.hex(),
            on.hex(),
            text.hex(),
            edge.hex(),
        );
    };
    block(light.0, LIGHT_PAPER, BLACK, light.1);
    block(dark.0, DARK_PAPER, WHITE, dark.1);
    css
}

/// The colours of a filled button on light paper and of its text, as `#rrggbb`: for mail, which has
/// no stylesheet.
#[must_use]
pub fn button_colours(accent: &str) -> (String, String) {
    let (fill, on) = Rgb::chosen(accent).filled(BLACK, &LIGHT_PAPER);
    (fill.hex(), on.hex())
}

const BLACK: Rgb = Rgb(0, 0, 0);
const WHITE: Rgb = Rgb(255, 255, 255);
/// `--ground` and `--surface` of `tessera.css`, light.
const LIGHT_PAPER: [Rgb; 2] = [Rgb(0xf6, 0xf4, 0xf0), WHITE];
/// `--ground` and `--raised` of `tessera.css`, dark.
const DARK_PAPER: [Rgb; 2] = [Rgb(0x12, 0x11, 0x10), Rgb(0x25, 0x23, 0x20)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

impl Rgb {
    /// What an operator chose, or the colour of who did not.
    fn chosen(accent: &str) -> Self {
        Self::parse(accent)
            .or_else(|| Self::parse(DEFAULT_ACCENT))
            .unwrap_or(BLACK)
    }

    /// As the ground of a button that stands out from `paper`, and the text on it.
    fn filled(self, towards: Self, paper: &[Self]) -> (Self, Self) {
        let fill = self.until(towards, paper, 1.6);
        (fill, fill.readable())
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        match digits.len() {
            3 => {
                let nibble = |shift: u32| u8::try_from((number >> shift) & 15).map(|n| n * 17);
                Some(Self(nibble(8).ok()?, nibble(4).ok()?, nibble(0).ok()?))
            }
            6 => {
                let [_, r, g, b] = number.to_be_bytes();
                Some(Self(r, g, b))
            }
            _ => None,
        }
    }

    fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// WCAG 2.2 "relative luminance".
    fn luminance(self) -> f32 {
        let linear = |channel: u8| {
            let c = f32::from(channel) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// WCAG 2.2 "contrast ratio": 1 to 21.
    fn contrast(self, other: Self) -> f32 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn mix(self, other: Self, share: f32) -> Self {
        let blend = |a: u8, b: u8| {
            let mixed = f32::from(a) * (1.0 - share) + f32::from(b) * share;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a mean of two bytes is a byte"
            )]
            let byte = mixed.round() as u8;
            byte
        };
        Self(
            blend(self.0, other.0),
            blend(self.1, other.1),
            blend(self.2, other.2),
        )
    }

    /// This colour, moved towards `end` only as far as `ratio` against all of `paper` asks.
    fn until(self, end: Self, paper: &[Self], ratio: f32) -> Self {
        (0..=50_u8)
            .map(|step| self.mix(end, f32::from(step) / 50.0))
            .find(|colour| paper.iter().all(|p| colour.contrast(*p) >= ratio))
            .unwrap_or(end)
    }

    /// White where it can be read, else black: one of them always reaches 4.5:1.
    fn readable(self) -> Self {
        if self.contrast(WHITE) >= 4.5 {
            WHITE
        } else {
            BLACK
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(css: &str) -> Vec<(String, Rgb)> {
        css.split("--")
            .skip(1)
            .map(|part| {
                let (name, rest) = part.split_once(':').unwrap();
                (name.to_owned(), Rgb::parse(&rest[..7]).unwrap())
            })
            .collect()
    }

    #[test]
    fn whatever_the_colour_it_can_be_read_in_light_and_dark() {
        for accent in [
            DEFAULT_ACCENT,
            "#000000",
            "#ffffff",
            "#ffd400",
            "#635bff",
            "#e5484d",
            "#0a0",
            "#777",
            "#808080",
            "#101010",
            "#5e6ad2",
            "not a colour",
        ] {
            let all = variables(&brand_css(accent));
            assert_eq!(all.len(), 10, "{accent}");
            for (scheme, paper) in all.chunks(5).zip([LIGHT_PAPER, DARK_PAPER]) {
                let [fill, hover, on, text, edge] = [0, 1, 2, 3, 4].map(|i| scheme[i].1);
                assert!(on.contrast(fill) >= 4.5, "{accent}");
                assert!(on.contrast(hover) >= 4.5, "{accent} hover");
                for p in paper {
                    assert!(text.contrast(p) >= 4.5, "{accent} as text");
                    assert!(edge.contrast(p) >= 3.0, "{accent} as an edge");
                }
            }
        }
    }

    #[test]
    fn a_colour_cannot_smuggle_css() {
        let css = brand_css("#fff}body{display:none");
        assert_eq!(css, brand_css(DEFAULT_ACCENT));
        assert_eq!(brand_css("#+ff"), brand_css(DEFAULT_ACCENT));
    }

    #[test]
    fn the_stylesheet_is_found_under_its_url() {
        let brand = Brand::new("Aurora", "#635bff");
        let url = brand.stylesheet_url();
        let asset = brand.asset(url.strip_prefix("/assets/").unwrap()).unwrap();
        assert!(asset.immutable);
        assert_eq!(asset.mime, "text/css; charset=utf-8");
        assert!(brand.asset("tessera.css").is_some());
        let of_before = brand.asset("brand.000000000000.css").unwrap();
        assert!(!of_before.immutable);
    }
}
