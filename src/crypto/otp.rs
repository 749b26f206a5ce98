//! One-time codes: by the clock (RFC 6238) and by a counter (RFC 4226). The only user of totp-rs
//! and qrcodegen.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};
use totp_rs::{Algorithm, Builder, Totp};

use super::jose::CryptoError;
use crate::base::{Secret, Timestamp};

/// Bytes of a seed: RFC 4226 §4 R6, "The length of the shared secret MUST be at least 128 bits. This
/// document RECOMMENDs a shared secret length of 160 bits."
pub const SEED_BYTES: usize = 20;

/// Seconds of a step: RFC 6238 §5.2, "We RECOMMEND a default time-step size of 30 seconds".
const STEP: u64 = 30;

/// RFC 6238 §5.2: "We RECOMMEND that at most one time step is allowed as the network delay."
const SKEW: u16 = 1;

fn machine(seed: &Secret<Vec<u8>>, digits: u8, step: u64, skew: u16) -> Totp {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(digits)
        .with_step_duration(step)
        .with_skew(skew)
        .with_secret(seed.expose().clone())
        .build_noncompliant()
}

/// The step of the clock whose code this is: the present one, the one before or the one after it.
/// Accept it only if it is newer than the last that was accepted.
#[must_use]
pub fn totp_step(seed: &Secret<Vec<u8>>, digits: u8, code: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.seconds()).ok()?;
    let step = machine(seed, digits, STEP, SKEW).check(code, seconds)?;
    i64::try_from(step).ok()
}

/// The counter whose code this is, among the `look_ahead` that come next (RFC 4226 §7.2, §7.4).
#[must_use]
pub fn hotp_counter(
    seed: &Secret<Vec<u8>>,
    digits: u8,
    code: &str,
    next: i64,
    look_ahead: i64,
) -> Option<i64> {
    // A step of one second without skew makes the time the counter.
    let machine = machine(seed, digits, 1, 0);
    (next..next.saturating_add(look_ahead)).find(|counter| {
        u64::try_from(*counter).is_ok_and(|counter| machine.check(code, counter).is_some())
    })
}

/// The code of now, as the app of a test makes it.
#[cfg(test)]
pub(crate) fn totp_code(seed: &Secret<Vec<u8>>, now: Timestamp) -> String {
    let seconds = u64::try_from(now.seconds()).unwrap();
    machine(seed, 6, STEP, SKEW).generate(seconds).to_string()
}

/// The counter of the first of two codes that come one after the other, among `window` (RFC 4226 §7.4,
/// "the server can ask the user to send a sequence of (say, 2, 3) HOTP values for resynchronization").
#[must_use]
pub fn hotp_pair(
    seed: &Secret<Vec<u8>>,
    digits: u8,
    codes: (&str, &str),
    next: i64,
    window: i64,
) -> Option<i64> {
    let end = next.saturating_add(window);
    let mut from = next;
    while let Some(found) = hotp_counter(seed, digits, codes.0, from, end.saturating_sub(from)) {
        if hotp_counter(seed, digits, codes.1, found + 1, 1).is_some() {
            return Some(found);
        }
        from = found + 1;
    }
    None
}

/// A seed as makers of hardware tokens write it: hexadecimal or Base32, of 128 to 512 bits. `None` for
/// anything else (RFC 4226 §4 R6, "at least 128 bits").
#[must_use]
pub fn read_seed(text: &str) -> Option<Secret<Vec<u8>>> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | ':' | '='))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let hex = || -> Option<Vec<u8>> {
        let pairs = plain.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect()
    };
    let is_hex = plain.len().is_multiple_of(2) && plain.bytes().all(|b| b.is_ascii_hexdigit());
    let bytes = if is_hex {
        hex()?
    } else {
        let seed = totp_rs::Secret::try_from_base32(&plain).ok()?;
        seed.as_ref().to_vec()
    };
    (16..=64).contains(&bytes.len()).then(|| Secret::new(bytes))
}

/// What an authenticator app is shown.
#[derive(Debug)]
pub struct Provisioning {
    /// `otpauth://totp/...`
    pub uri: Secret<String>,
    /// The seed in Base32, to be typed.
    pub seed: Secret<String>,
    /// The URI as a QR code.
    pub qr: Drawing,
}

/// A QR code as the path of an SVG, drawn in the page itself: a picture of its own would have an address
/// that holds the seed, or a row that does.
#[derive(Debug)]
pub struct Drawing {
    /// How many modules wide and high, without the quiet zone.
    pub side: i32,
    /// The `d` of the path: one square of 1 by 1 per dark module.
    pub path: Secret<String>,
}

fn draw(text: &str) -> Result<Drawing, CryptoError> {
    let failed = |error: qrcodegen::DataTooLong| CryptoError::Library(error.to_string());
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(failed)?;
    let side = code.size();
    let mut path = String::new();
    for y in 0..side {
        for x in (0..side).filter(|x| code.get_module(*x, y)) {
            // Writing to a string cannot fail.
            let _ = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    Ok(Drawing {
        side,
        path: Secret::new(path),
    })
}

/// What an authenticator app is shown to set up codes by the clock, six digits.
///
/// # Errors
/// [`CryptoError::Library`] if the names do not fit into a URI.
pub fn provisioning(
    seed: &Secret<Vec<u8>>,
    issuer: &str,
    account: &str,
) -> Result<Provisioning, CryptoError> {
    // A colon separates the two in the URI.
    let plain = |text: &str| text.replace(':', " ");
    let failed = |error: totp_rs::TotpError| CryptoError::Library(error.to_string());
    let machine = Builder::new()
        .with_secret(seed.expose().clone())
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(account))
        .build()
        .map_err(failed)?;
    let uri = Secret::new(machine.to_url().map_err(failed)?);
    Ok(Provisioning {
        qr: draw(uri.expose())?,
        uri,
        seed: Secret::new(totp_rs::Secret::from(seed.expose().clone()).to_base32()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Secret<Vec<u8>> {
        Secret::new(b"12345678901234567890".to_vec())
    }

    #[test]
    fn rfc6238_appendix_b_the_vectors_hold() {
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let now = Timestamp::from_seconds(seconds);
            assert_eq!(totp_step(&seed(), 8, code, now), Some(seconds / 30));
        }
    }

    #[test]
    fn rfc4226_appendix_d_the_vectors_hold() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(hotp_counter(&seed(), 6, code, counter, 1), Some(counter));
            assert_eq!(hotp_counter(&seed(), 6, code, counter + 1, 20), None);
        }
        assert_eq!(hotp_counter(&seed(), 6, "520489", 0, 10), Some(9));
        assert_eq!(hotp_counter(&seed(), 6, "520489", 0, 9), None);
    }

    #[test]
    fn rfc4226_7_4_two_codes_in_a_row_find_a_token_that_ran_ahead() {
        let pair = |codes, next, window| hotp_pair(&seed(), 6, codes, next, window);
        assert_eq!(pair(("399871", "520489"), 0, 100), Some(8));
        // Not in a row, the wrong way round, the same twice, behind, too far ahead.
        assert_eq!(pair(("287922", "520489"), 0, 100), None);
        assert_eq!(pair(("520489", "399871"), 0, 100), None);
        assert_eq!(pair(("399871", "399871"), 0, 100), None);
        assert_eq!(pair(("399871", "520489"), 9, 100), None);
        assert_eq!(pair(("399871", "520489"), 0, 8), None);
    }

    #[test]
    fn rfc4226_4_r6_a_seed_is_read_as_makers_write_it_and_not_shorter_than_128_bits() {
        for text in [
            "3132333435363738393031323334353637383930",
            "31 32 33 34 35 36 37 38 39 30:31 32 33 34 35 36 37 38 39 30\n",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
        ] {
            let read = read_seed(text).map(|seed| seed.expose().clone());
            assert_eq!(read.as_deref(), Some(seed().expose().as_slice()), "{text}");
        }
        for text in [
            "",
            "313233343536373839303132333435",
            "GEZDGNBV",
            "not a seed!",
            "\u{e9}\u{e9}",
        ] {
            assert!(read_seed(text).is_none(), "{text}");
        }
    }

    #[test]
    fn rfc6238_5_2_one_step_of_skew_and_no_more() {
        let at = |seconds| Timestamp::from_seconds(1_111_111_109_i64 + seconds);
        let found = |seconds| totp_step(&seed(), 8, "07081804", at(seconds)).is_some();
        // 1111111109 is the last second of its step.
        assert!(found(0) && found(30) && found(-30) && found(-59));
        assert!(!found(31) && !found(-60));
        for wrong in ["", "0708180", "070818040", "0708180x", "\u{660}7081804"] {
            assert_eq!(totp_step(&seed(), 8, wrong, at(0)), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_shown_issuer_account_and_seed() {
        let shown = provisioning(&seed(), "My Bank: People", "ada@example.org").unwrap();
        let uri = shown.uri.expose();
        assert!(uri.starts_with("otpauth://totp/"), "{uri}");
        assert!(
            uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            "{uri}"
        );
        assert_eq!(shown.seed.expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        // The corner of a finder pattern, seven dark modules wide; nothing is drawn outside.
        let path = shown.qr.path.expose();
        assert!(path.starts_with("M0 0h1v1h-1zM1 0h1"), "{path}");
        assert!(!path.contains("M7 0h") && shown.qr.side % 4 == 1 && shown.qr.side < 90);
    }
}
