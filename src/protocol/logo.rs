//! What a client's logo may be.

/// Larger is no logo.
pub const MAX_BYTES: usize = 256 * 1024;

/// The picture formats that browsers draw and that hold no script. SVG is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageFormat {
    /// ISO/IEC 15948 §5.2
    Png,
    /// ITU-T T.81 annex B
    Jpeg,
    /// RFC 9649 §2.4
    WebP,
    /// GIF89a §17
    Gif,
}

impl ImageFormat {
    /// The format, by the first bytes: what a stranger's server says about them is not believed.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            _ => None,
        }
    }

    /// The media type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_first_bytes_say() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"GIF89a\x01", Some("image/gif")),
            (b"GIF87a", Some("image/gif")),
            (b"GIF88a", None),
            (b"RIFF\x10\0\0\0WAVE", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", None),
            (b"<!doctype html>", None),
            (b"\x89PNG", None),
            (b"", None),
        ] {
            let format = ImageFormat::of(bytes).map(ImageFormat::mime);
            assert_eq!(format, expected, "{bytes:?}");
        }
    }
}
