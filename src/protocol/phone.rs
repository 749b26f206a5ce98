//! Telephone numbers that can be sent a text message (ITU-T E.164). Pure.

use std::fmt;

/// "+" and what comes after it: seven digits at least, which no country undercuts, and fifteen at most
/// (E.164 §6.2.1).
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

/// Only what its owner knows again: logs are read by others.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl PhoneNumber {
    /// Reads a number as people write it: with spaces, dots, dashes, slashes and brackets in it. Without a
    /// country it is nobody's.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let plain: String = typed
            .trim()
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '-' | '.' | '/'))
            .collect();
        let digits = plain.strip_prefix('+')?;
        let good = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            // E.164 has no country that begins with 0. "+49 (0) 151" is how people write what is wrong.
            && !digits.starts_with('0');
        good.then_some(Self(plain))
    }

    /// `+4915112345678`
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `•••• 78`: its owner knows it again, nobody else learns it.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("•••• {}", &self.0[self.0.len() - 2..])
    }

    /// Whether it may be sent to; with no prefixes, any may.
    #[must_use]
    pub fn is_allowed(&self, prefixes: &[String]) -> bool {
        prefixes.is_empty() || prefixes.iter().any(|prefix| self.0.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e164_6_2_1_a_number_has_its_country_and_fifteen_digits_at_most() {
        for typed in [
            "+4915112345678",
            " +49 151 1234-5678 ",
            "+49 (151) 123.456/78",
        ] {
            let number = PhoneNumber::parse(typed).unwrap();
            assert_eq!(number.as_str(), "+4915112345678");
        }
        assert!(PhoneNumber::parse("+290 1234").is_some());
        for typed in [
            "",
            "+",
            "015112345678",
            "0049 151 12345678",
            "+0151 12345678",
            "+123456",
            "+1234567890123456",
            "+49 151 1234567a",
            "+49++151 1234567",
            "+49 151 12345678;ext=1",
            "+٤٩١٥١١٢٣٤٥٦٧",
        ] {
            assert!(PhoneNumber::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn it_is_told_to_nobody_and_goes_only_where_it_may() {
        let number = PhoneNumber::parse("+4915112345678").unwrap();
        assert_eq!(number.masked(), "•••• 78");
        assert_eq!(format!("{number:?}"), "•••• 78");
        let allowed = |prefixes: &[&str]| {
            number.is_allowed(&prefixes.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>())
        };
        assert!(allowed(&[]) && allowed(&["+43", "+49"]) && !allowed(&["+43"]));
    }
}
