//! The schemes of stored password hashes: which are verified, what each may cost, and how little is too
//! little to be taken over.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::InvalidHash;

/// bcrypt looks at no more of a password.
const BCRYPT_LOOKS_AT: usize = 72;

/// Shorter ones repeat by chance in a table of some size. PHC strings hold no salt below 8 bytes either.
const MIN_HASH: usize = 16;

/// What a stored hash of a scheme may cost. `work` grows with the time of one check: a hash above `most`
/// would stop everybody else's sign-in, again and again; one below `least` is too cheap to guess after a
/// leak.
struct Bounds {
    scheme: &'static str,
    unit: &'static str,
    least: u64,
    most: u64,
    /// KiB.
    memory: u64,
}

const NONE: u64 = 0;
const MIB: u64 = 1024;

/// The one table. `least` of Argon2 lets in every choice of OWASP's cheat sheet (7 MiB with five passes is
/// also Keycloak's); that of scrypt is the "interactive" choice of its paper; that of PBKDF2 is what NIST
/// SP 800-63B (2017) §5.1.1.2 asks for at least. `most` is about a second of one core.
#[rustfmt::skip]
const BOUNDS: [Bounds; 4] = [
    Bounds { scheme: "Argon2", unit: "KiB times passes",    least: 32 * MIB, most: 1024 * MIB, memory: 256 * MIB },
    Bounds { scheme: "bcrypt", unit: "as the cost",         least: 10,       most: 14,         memory: NONE },
    Bounds { scheme: "scrypt", unit: "KiB times p",         least: 16 * MIB, most: 256 * MIB,  memory: 128 * MIB },
    Bounds { scheme: "PBKDF2", unit: "iterations",          least: 10_000,   most: 2_000_000,  memory: NONE },
];

/// What a hash that is here already may cost: this server's own settings may go beyond what is imported.
const OWN_MEMORY: u64 = 1024 * MIB;
const OWN_PASSES: u32 = 64;

/// Why a hash is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotImportable {
    /// It is of no scheme that is verified here.
    #[error(
        "is of no known form: bcrypt ($2b$), or in PHC form argon2id, argon2i, argon2d, scrypt, \
         pbkdf2-sha1, pbkdf2-sha256, pbkdf2-sha512; with a salt of 8 bytes and a hash of 16 or more"
    )]
    Unknown,
    /// Each sign-in would stop those of others.
    #[error("is too expensive to check: {scheme} is taken up to {most} {unit}")]
    Dear {
        /// Its scheme.
        scheme: &'static str,
        /// The most that is taken.
        most: u64,
        /// Of what.
        unit: &'static str,
    },
    /// Whoever stole it would guess it soon.
    #[error(
        "is too weak: {scheme} is taken from {least} {unit}, or knowingly with --accept-weak-hashes"
    )]
    Weak {
        /// Its scheme.
        scheme: &'static str,
        /// The least that is taken.
        least: u64,
        /// Of what.
        unit: &'static str,
    },
}

/// The hash function inside PBKDF2's HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

impl Prf {
    /// Bytes of its output.
    const fn block(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// A stored hash, read.
#[derive(Debug)]
pub(super) enum Stored<'a> {
    Argon2(phc::PasswordHash, Params),
    Bcrypt(&'a str, u32),
    Scrypt(phc::PasswordHash, scrypt::Params, Cost),
    Pbkdf2(phc::PasswordHash, Prf, u32),
}

/// Of scrypt (RFC 7914 §2).
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    kib: u64,
    lanes: u64,
}

impl<'a> Stored<'a> {
    pub fn parse(text: &'a str) -> Result<Self, InvalidHash> {
        if ["$2a$", "$2b$", "$2y$"]
            .iter()
            .any(|of| text.starts_with(of))
        {
            return read_bcrypt(text).ok_or(InvalidHash);
        }
        let hash = phc::PasswordHash::new(text).map_err(|_| InvalidHash)?;
        if hash.salt.is_none() || hash.hash.is_none() {
            return Err(InvalidHash);
        }
        let prf = match hash.algorithm.as_str() {
            "scrypt" => return read_scrypt(hash).ok_or(InvalidHash),
            "pbkdf2-sha1" | "pbkdf2" => Prf::Sha1,
            "pbkdf2-sha256" => Prf::Sha256,
            "pbkdf2-sha512" => Prf::Sha512,
            other => {
                Algorithm::try_from(other).map_err(|_| InvalidHash)?;
                let params = Params::try_from(&hash).map_err(|_| InvalidHash)?;
                return Ok(Self::Argon2(hash, params));
            }
        };
        let iterations = hash.params.get_decimal("i").ok_or(InvalidHash)?;
        let length = hash.params.get_decimal("l");
        let actual = hash.hash.as_ref().map(phc::Output::len);
        if iterations == 0 || length.is_some_and(|said| usize::try_from(said).ok() != actual) {
            return Err(InvalidHash);
        }
        Ok(Self::Pbkdf2(hash, prf, iterations))
    }

    fn bounds(&self) -> &'static Bounds {
        let [argon2, bcrypt, scrypt, pbkdf2] = &BOUNDS;
        match self {
            Self::Argon2(..) => argon2,
            Self::Bcrypt(..) => bcrypt,
            Self::Scrypt(..) => scrypt,
            Self::Pbkdf2(..) => pbkdf2,
        }
    }

    fn work(&self) -> u64 {
        match self {
            Self::Argon2(_, params) => u64::from(params.m_cost()) * u64::from(params.t_cost()),
            Self::Bcrypt(_, cost) => u64::from(*cost),
            Self::Scrypt(_, _, cost) => cost.kib.saturating_mul(cost.lanes),
            Self::Pbkdf2(_, _, iterations) => u64::from(*iterations),
        }
    }

    /// Whether two checks of it still are within what one may cost.
    pub fn may_be_computed_twice(&self) -> bool {
        let twice = match self {
            // Each step doubles the time.
            Self::Bcrypt(..) => self.work() + 1,
            _ => self.work().saturating_mul(2),
        };
        twice <= self.bounds().most
    }

    /// KiB that a check takes.
    pub fn memory(&self) -> u64 {
        match self {
            Self::Argon2(_, params) => u64::from(params.m_cost()),
            Self::Scrypt(_, _, cost) => cost.kib,
            Self::Bcrypt(..) | Self::Pbkdf2(..) => 0,
        }
    }

    fn is_moderate(&self) -> bool {
        let bounds = self.bounds();
        self.work() <= bounds.most && self.memory() <= bounds.memory
    }

    /// Whether a hash that is stored may be checked at all.
    pub fn may_be_computed(&self) -> bool {
        match self {
            Self::Argon2(_, params) => {
                u64::from(params.m_cost()) <= OWN_MEMORY && params.t_cost() <= OWN_PASSES
            }
            _ => self.is_moderate(),
        }
    }

    /// Whether it is the hash of these bytes.
    pub fn is_of(&self, password: &[u8]) -> bool {
        match self {
            // The parameters are those of the hash.
            Self::Argon2(hash, _) => Argon2::default().verify_password(password, hash).is_ok(),
            Self::Bcrypt(hash, _) => {
                // Where it comes from, a password ends at its first NUL: what follows was never looked at.
                let whole = !password.contains(&0);
                let looked_at = if whole { password } else { &[] };
                bcrypt::verify(looked_at, hash).is_ok_and(|right| right && whole)
            }
            Self::Scrypt(hash, params, _) => equals(hash, |salt, out| {
                scrypt::scrypt(password, salt, params, out).is_ok()
            }),
            Self::Pbkdf2(hash, prf, iterations) => {
                let (Some(salt), Some(wanted)) = (&hash.salt, &hash.hash) else {
                    return false;
                };
                // RFC 8018 §5.2: each block is computed with all the iterations, from nothing of the others. The
                // first (at least 16 bytes, for SHA-1 20) tells passwords apart as well as all of them, and the
                // length of a hash multiplies nothing.
                let mut first = vec![0; wanted.len().min(prf.block())];
                derive(*prf, password, salt.as_ref(), *iterations, &mut first);
                let wanted = &wanted.as_ref()[..first.len()];
                bool::from(first.ct_eq(wanted))
            }
        }
    }

    /// Whether the hash covers the whole password. A right one that bcrypt only saw the beginning of must
    /// not become the new hash: a slip at its end would be what its owner has to type from then on.
    pub fn says_all_of(&self, password: &[u8]) -> bool {
        !matches!(self, Self::Bcrypt(..)) || password.len() <= BCRYPT_LOOKS_AT
    }
}

/// The text to store for a hash of another system.
pub(super) fn import(text: &str, accept_weak: bool) -> Result<String, NotImportable> {
    let text = from_django(text).unwrap_or_else(|| text.to_owned());
    let stored = Stored::parse(&text).map_err(|_| NotImportable::Unknown)?;
    if let Stored::Argon2(hash, _) | Stored::Scrypt(hash, ..) | Stored::Pbkdf2(hash, ..) = &stored
        && hash.hash.as_ref().is_none_or(|hash| hash.len() < MIN_HASH)
    {
        return Err(NotImportable::Unknown);
    }
    let bounds = stored.bounds();
    let (scheme, unit) = (bounds.scheme, bounds.unit);
    if !stored.is_moderate() || !stored.may_be_computed() {
        let most = bounds.most;
        return Err(NotImportable::Dear { scheme, most, unit });
    }
    if stored.work() < bounds.least && !accept_weak {
        let least = bounds.least;
        return Err(NotImportable::Weak {
            scheme,
            least,
            unit,
        });
    }
    Ok(text)
}

/// Django's `pbkdf2_sha256$iterations$salt$hash`, whose salt is text, in PHC form.
fn from_django(text: &str) -> Option<String> {
    let mut parts = text.split('$');
    let name = match parts.next()? {
        "pbkdf2_sha1" => "pbkdf2-sha1",
        "pbkdf2_sha256" => "pbkdf2-sha256",
        _ => return None,
    };
    let (iterations, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let iterations: u32 = iterations.parse().ok()?;
    let salt = STANDARD_NO_PAD.encode(salt);
    let hash = STANDARD_NO_PAD.encode(STANDARD.decode(hash).ok()?);
    let whole = parts.next().is_none();
    whole.then(|| format!("${name}$i={iterations}${salt}${hash}"))
}

/// `$2b$`, two digits, `$`, 22 and 31 characters.
fn read_bcrypt(text: &str) -> Option<Stored<'_>> {
    let rest = text.get(4..)?;
    let (cost, tail) = rest.split_once('$')?;
    let digits = cost.len() == 2 && cost.bytes().all(|b| b.is_ascii_digit());
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/');
    let cost: u32 = cost.parse().ok()?;
    let whole =
        digits && tail.len() == 53 && tail.bytes().all(alphabet) && (4..=31).contains(&cost);
    whole.then_some(Stored::Bcrypt(text, cost))
}

fn read_scrypt(hash: phc::PasswordHash) -> Option<Stored<'static>> {
    let number = |name: &str| hash.params.get_decimal(name);
    let (ln, r, p) = (number("ln")?, number("r")?, number("p")?);
    // Beyond these nothing below is ever taken, and the library multiplies without looking.
    if ln > 30 || r > 1024 || p > 1024 {
        return None;
    }
    let params = scrypt::Params::new(u8::try_from(ln).ok()?, r, p).ok()?;
    // RFC 7914 §2: the large vector has N blocks of 128 * r bytes.
    let kib = (128 * u64::from(r) * (1 << ln)) / 1024;
    let lanes = u64::from(p);
    Some(Stored::Scrypt(hash, params, Cost { kib, lanes }))
}

fn equals(hash: &phc::PasswordHash, fill: impl FnOnce(&[u8], &mut [u8]) -> bool) -> bool {
    let (Some(salt), Some(wanted)) = (&hash.salt, &hash.hash) else {
        return false;
    };
    let mut actual = vec![0; wanted.len()];
    let filled = fill(salt.as_ref(), &mut actual);
    filled && bool::from(actual.ct_eq(wanted.as_ref()))
}

/// RFC 8018 §5.2.
fn derive(prf: Prf, password: &[u8], salt: &[u8], iterations: u32, out: &mut [u8]) {
    match prf {
        Prf::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, out),
        Prf::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, out),
        Prf::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, out),
    }
}

#[cfg(test)]
#[path = "password_schemes_tests.rs"]
mod tests;
