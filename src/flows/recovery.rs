//! Codes for a bad day: ten, shown once, each good for one sign-in in the place of the other factor.

use super::assurance::RecentlyAuthenticated;
use super::factors::{By, Change, FactorChange};
use super::{Internal, Tessera};
use crate::base::ids::UserId;
use crate::base::{Digest, Secret};
use crate::protocol::assurance::Method;
use crate::protocol::audit::Origin;
use crate::storage::users::User;
use crate::storage::{Tx, factors, recovery};

/// Enough for some years of lost telephones, and they fit on a card.
const CODES: usize = 10;

/// From here on it is time to make new ones.
pub const FEW: i64 = 3;

/// Of a code: 80 bits, where NIST SP 800-63B-4 §3.1.2.1 asks for 20 as long as guesses are counted.
const BYTES: usize = 10;

/// What is kept is a MAC under the master key: OWASP ASVS 5.0 V6.5.2 wants more than a plain hash of a
/// secret below 112 bits.
const MAC: &str = "recovery-code";

/// Crockford's Base32: without I, L, O and U, which are read or heard wrong.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Codes as they are shown, once.
pub type RecoveryCodes = Vec<Secret<String>>;

fn written(bytes: [u8; BYTES]) -> String {
    let number = bytes.iter().fold(0, |n, byte| n << 8 | u128::from(*byte));
    let mut text = String::new();
    for place in (0..BYTES * 8 / 5).rev() {
        let at = (number >> (place * 5)) & 31;
        text.push(char::from(
            ALPHABET[usize::try_from(at).unwrap_or_default()],
        ));
        if place % 4 == 0 && place > 0 {
            text.push('-');
        }
    }
    text
}

/// Of what was typed: with or without dashes, small or large, an O for a zero.
fn plain(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

impl Tessera {
    fn recovery_mac(&self, user: UserId, typed: &str) -> Result<Digest, Internal> {
        let (user, code) = (user.to_string(), Secret::new(plain(typed)));
        let parts = [user.as_bytes(), code.expose().as_bytes()];
        Ok(Digest::of(&self.master.mac(MAC, &parts)?))
    }

    /// New codes in the place of all that this person had.
    async fn make_recovery_codes(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
    ) -> Result<RecoveryCodes, Internal> {
        let codes: Vec<String> = (0..CODES).map(|_| written(self.entropy.bytes())).collect();
        let macs = codes.iter().map(|code| self.recovery_mac(user, code));
        let hashes = macs.collect::<Result<Vec<Digest>, _>>()?;
        recovery::replace(tx, user, &hashes, self.now()).await?;
        Ok(codes.into_iter().map(Secret::new).collect())
    }

    /// The codes of somebody who sets up their first second factor; `None` for who has some. It takes the place
    /// of one that was lost.
    ///
    /// # Errors
    /// If they could not be written.
    pub(super) async fn first_recovery_codes(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
    ) -> Result<Option<RecoveryCodes>, Internal> {
        factors::replace_lost(tx, user).await?;
        if recovery::left(tx, user).await? > 0 {
            return Ok(None);
        }
        self.make_recovery_codes(tx, user).await.map(Some)
    }

    /// New codes on request: the old ones are void. `None` for who has no second factor that they could
    /// stand in for, or is not recently authenticated any more.
    ///
    /// # Errors
    /// If they could not be written.
    pub async fn renew_recovery_codes(
        &self,
        recent: &RecentlyAuthenticated,
        lang: &str,
        origin: Origin,
    ) -> Result<Option<RecoveryCodes>, Internal> {
        let (tessera, recent, lang) = (self.clone(), recent.clone(), lang.to_owned());
        self.store
            .write::<_, Internal, _>(move |tx| {
                Box::pin(async move {
                    let Some(user) = tessera.lock_recent(tx, &recent).await? else {
                        return Ok(None);
                    };
                    if !tessera.capabilities(tx, &user).await?.has_second_factor() {
                        return Ok(None);
                    }
                    let changed = FactorChange {
                        method: Method::RecoveryCode,
                        change: Change::Renewed,
                        factor: None,
                        at: tessera.now(),
                    };
                    let codes = tessera.make_recovery_codes(tx, user.id).await?;
                    let by = By::owner(&user, &lang, &origin);
                    tessera
                        .notice_factor_changed(tx, &user, by, changed)
                        .await?;
                    Ok(Some(codes))
                })
            })
            .await
    }

    /// Spends a code; false if it is none of this person's, or was spent. Its owner hears of it: whoever
    /// uses one has lost what they use every day, or is somebody else.
    pub(super) async fn spend_recovery_code(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        typed: &str,
        (lang, origin): (&str, &Origin),
    ) -> Result<bool, Internal> {
        let (mac, at) = (self.recovery_mac(user.id, typed)?, self.now());
        if !recovery::spend(tx, user.id, mac, at).await? {
            return Ok(false);
        }
        let changed = FactorChange {
            method: Method::RecoveryCode,
            change: Change::Used,
            factor: None,
            at,
        };
        let by = By::owner(user, lang, origin);
        self.notice_factor_changed(tx, user, by, changed).await?;
        Ok(true)
    }

    /// How many a person has left.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn recovery_codes_left(&self, user: UserId) -> Result<i64, Internal> {
        let mut reader = &self.store;
        Ok(recovery::left(&mut reader, user).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_eighty_bits_and_is_known_however_it_is_typed() {
        assert_eq!(written([0; BYTES]), "0000-0000-0000-0000");
        assert_eq!(written([255; BYTES]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        let code = written([1, 35, 69, 103, 137, 171, 205, 239, 16, 50]);
        assert_eq!(code, "04HM-ASW9-NF6Y-Y41J");
        for typed in [
            "04hmasw9nf6yy41j",
            " o4HM ASW9 NF6Y Y4IJ ",
            "O4HM-ASW9-NF6Y-Y4lJ",
        ] {
            assert_eq!(plain(typed), plain(&code));
        }
        assert_ne!(plain("04HM-ASW9-NF6Y-Y41K"), plain(&code));
    }
}
