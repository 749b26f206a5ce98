//! One-time codes: by the clock (RFC 6238) and by a counter (RFC 4226). The only user of totp-rs.

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

/// What an authenticator app is shown.
#[derive(Debug)]
pub struct Provisioning {
    /// `otpauth://totp/...`
    pub uri: Secret<String>,
    /// The seed in Base32, to be typed.
    pub seed: Secret<String>,
    /// The URI as a QR code, a PNG.
    pub qr: Vec<u8>,
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
    Ok(Provisioning {
        uri: Secret::new(machine.to_url().map_err(failed)?),
        seed: Secret::new(totp_rs::Secret::from(seed.expose().clone()).to_base32()),
        qr: machine.to_qr_png().map_err(failed)?,
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
        assert!(shown.qr.starts_with(b"\x89PNG"));
    }
}
