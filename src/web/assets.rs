//! Stylesheets, scripts and pictures: compiled in, served under names that carry their content.
//!
//! A name that changes with the content can be cached for ever, and a new release is never drawn
//! with the old stylesheet.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::base::Digest;

#[derive(rust_embed::Embed)]
#[folder = "assets/"]
struct Files;

/// One file, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// The `Content-Type`.
    pub mime: &'static str,
    /// The strong `ETag`, quotes included (RFC 9110 §8.8.3).
    pub etag: String,
    /// Whether the name carries the content's hash: then
    /// `Cache-Control: public, max-age=31536000, immutable`; else `no-cache`.
    pub immutable: bool,
}

impl Asset {
    /// A file called `name` whose URL carries the hash of `bytes`.
    #[must_use]
    pub fn hashed(name: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            etag: format!("\"{}\"", fingerprint(&bytes)),
            mime: mime(name),
            bytes,
            immutable: true,
        }
    }
}

struct Table {
    /// By the last part of the URL, hashed and plain.
    by_name: BTreeMap<String, Asset>,
    /// Plain name -> URL.
    urls: BTreeMap<String, String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        by_name: BTreeMap::new(),
        urls: BTreeMap::new(),
    };
    let (sheets, leaves): (Vec<_>, Vec<_>) =
        Files::iter().partition(|name: &Cow<str>| name.ends_with(".css"));
    for name in leaves {
        if let Some(file) = Files::get(&name) {
            table.add(&name, file.data);
        }
    }
    // Stylesheets come last: the pictures they name get their hashed names first.
    for name in sheets {
        if let Some(file) = Files::get(&name) {
            let mut text = String::from_utf8_lossy(&file.data).into_owned();
            for (plain, url) in &table.urls {
                text = text.replace(&format!("url(\"{plain}\")"), &format!("url(\"{url}\")"));
            }
            table.add(&name, Cow::Owned(text.into_bytes()));
        }
    }
    table
});

impl Table {
    fn add(&mut self, name: &str, bytes: Cow<'static, [u8]>) {
        let asset = Asset::hashed(name, bytes);
        let hashed = hashed_name(name, &asset.bytes);
        let plain = Asset {
            immutable: false,
            ..asset.clone()
        };
        self.urls
            .insert(name.to_owned(), format!("/assets/{hashed}"));
        self.by_name.insert(hashed, asset);
        self.by_name.insert(name.to_owned(), plain);
    }
}

/// The file at `path`, which is what follows `/assets/`. Both the hashed and the plain name are
/// known; nothing else is, so no path can leave the folder.
#[must_use]
pub fn lookup(path: &str) -> Option<Asset> {
    TABLE.by_name.get(path).cloned()
}

/// The URL of the file called `name`, with the content's hash in it.
#[must_use]
pub fn url(name: &str) -> &'static str {
    TABLE
        .urls
        .get(name)
        .map_or("/assets/missing", String::as_str)
}

/// `tessera.css` -> `tessera.3f9a0c21.css`.
#[must_use]
pub fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let hash = fingerprint(bytes);
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}

/// 48 bits of SHA-256: enough to tell our own files apart.
fn fingerprint(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = Digest::of(bytes);
    digest.as_bytes()[..6]
        .iter()
        .fold(String::new(), |mut out, byte| {
            // Writing to a String cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn mime(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_file_leads_to_it_and_carries_its_hash() {
        let url = url("tessera.css");
        let asset = lookup(url.strip_prefix("/assets/").unwrap()).unwrap();
        assert!(asset.immutable);
        assert_eq!(asset.mime, "text/css; charset=utf-8");
        assert!(url.contains(asset.etag.trim_matches('"')));
        assert!(!lookup("tessera.css").unwrap().immutable);
    }

    #[test]
    fn pictures_in_the_stylesheet_are_asked_for_by_their_hashed_names() {
        let css = lookup("tessera.css").unwrap();
        let text = String::from_utf8_lossy(&css.bytes).into_owned();
        for part in text.split("url(\"").skip(1) {
            let target = part.split('"').next().unwrap();
            let name = target.strip_prefix("/assets/").expect(target);
            assert!(lookup(name).unwrap().immutable, "{name}");
        }
    }

    #[test]
    fn nothing_outside_the_folder_can_be_named() {
        for path in [
            "",
            "../Cargo.toml",
            "/etc/passwd",
            "..%2fCargo.toml",
            "nothing.css",
        ] {
            assert!(lookup(path).is_none(), "{path}");
        }
    }

    #[test]
    fn nothing_served_reaches_for_another_origin_or_a_weaker_policy() {
        for name in Files::iter() {
            let file = Files::get(&name).unwrap();
            let text = String::from_utf8_lossy(&file.data).into_owned();
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for banned in ["http:", "https:", "//cdn", "eval(", "@import", "data:"] {
                assert!(!text.contains(banned), "{name} contains {banned}");
            }
        }
    }
}
