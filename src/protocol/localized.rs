//! What a client says of itself, in the language of who reads it (RFC 7591 §2.2).

use super::client::{Client, ClientMetadata};

impl Client {
    /// The value of `client_name`, `client_uri`, `logo_uri`, `policy_uri` or `tos_uri` for people who
    /// read `lang` (a BCP 47 tag): in that language, in one of its regions, without a language, or in
    /// whatever there is.
    #[must_use]
    pub fn localized(&self, member: &str, lang: &str) -> Option<&str> {
        let found = |fits: &dyn Fn(&str) -> bool| {
            self.metadata.localized.iter().find_map(|(name, value)| {
                let (base, tag) = name.split_once('#')?;
                (base == member && fits(tag)).then_some(value.as_str())
            })
        };
        // "BCP47 language tags are case insensitive" (OpenID Connect Registration §2.1).
        found(&|tag| tag.eq_ignore_ascii_case(lang))
            .or_else(|| found(&|tag| primary(tag).eq_ignore_ascii_case(primary(lang))))
            .or_else(|| plain(&self.metadata, member))
            .or_else(|| found(&|_| true))
    }

    /// The name for people who read `lang`, or the identifier where there is none.
    #[must_use]
    pub fn name_in(&self, lang: &str) -> &str {
        self.localized("client_name", lang)
            .unwrap_or(self.id.as_str())
    }
}

/// The language without its script and region.
fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

fn plain<'a>(metadata: &'a ClientMetadata, member: &str) -> Option<&'a str> {
    match member {
        "client_name" => metadata.client_name.as_deref(),
        "client_uri" => metadata.client_uri.as_deref(),
        "logo_uri" => metadata.logo_uri.as_deref(),
        "policy_uri" => metadata.policy_uri.as_deref(),
        "tos_uri" => metadata.tos_uri.as_deref(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::protocol::client::ClientId;

    fn client(names: &[(&str, &str)]) -> Client {
        let mut metadata = ClientMetadata::default();
        for (name, value) in names {
            let (name, value) = ((*name).to_owned(), (*value).to_owned());
            if name == "client_name" {
                metadata.client_name = Some(value);
            } else {
                metadata.localized.insert(name, value);
            }
        }
        Client {
            id: ClientId::new("app"),
            metadata,
            secrets: Vec::new(),
            disabled: false,
            by_stranger: false,
            organisation: None,
            version: 1,
            created_at: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn rfc7591_2_2_the_nearest_language_is_shown() {
        let all = [
            ("client_name", "Plain"),
            ("client_name#de-CH", "Schweiz"),
            ("client_name#DE", "Deutsch"),
            ("client_name#ja-Jpan-JP", "Japan"),
            ("policy_uri#de", "https://app.example/de"),
        ];
        let full = client(&all);
        for (lang, expected) in [
            ("de", "Deutsch"),
            ("de-ch", "Schweiz"),
            ("de-AT", "Deutsch"),
            ("ja", "Japan"),
            ("fr", "Plain"),
            ("j", "Plain"),
        ] {
            assert_eq!(full.name_in(lang), expected, "{lang}");
        }
        assert_eq!(client(&all[1..2]).name_in("de"), "Schweiz");
        assert_eq!(
            client(&all[3..4]).name_in("de"),
            "Japan",
            "better than an id"
        );
        assert_eq!(client(&[]).name_in("de"), "app");
        let uri = full.localized("policy_uri", "en");
        assert_eq!(uri, Some("https://app.example/de"));
        assert_eq!(full.localized("tos_uri", "de"), None);
    }
}
