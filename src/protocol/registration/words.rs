//! What is wrong with a member, in the words of who wrote it and not of our JSON library.

use serde_json::{Error, Value};

/// `redirect_uris: must be a list`.
pub(super) fn told(name: &str, value: &Value, error: &Error) -> String {
    let error = error.to_string();
    let each = if value.is_array() { "each " } else { "" };
    match right(&error) {
        // Where a list was wanted and came, one of its members is wrong.
        Some(right) => format!("{name}: {each}must be {right}"),
        // Words of ours: each type says what it wants.
        None => format!("{name}: {error}"),
    }
}

/// What was wanted, of an error that the library made. It says "invalid type: <found>, expected
/// <wanted>" or "unknown variant `<found>`, expected <wanted>".
fn right(error: &str) -> Option<String> {
    let made_there = ["invalid type: ", "invalid value: ", "unknown variant `"];
    made_there.iter().find(|start| error.starts_with(**start))?;
    let (_, wanted) = error.rsplit_once(", expected ")?;
    Some(match wanted {
        "a sequence" => "a list, [...]".to_owned(),
        "a map" => "an object, {...}".to_owned(),
        "a boolean" => "true or false, without quotation marks".to_owned(),
        "u32" => "a whole number that is not negative".to_owned(),
        // "a string", or names: `a`, `b`.
        others => others.replace('`', ""),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::open;

    #[test]
    fn rfc7591_3_2_2_a_member_of_another_type_is_told_what_it_must_be() {
        let cases = [
            (
                json!({"redirect_uris": "https://a/"}),
                "redirect_uris: must be a list, [...]",
            ),
            (
                json!({"redirect_uris": [1]}),
                "redirect_uris: each must be a string",
            ),
            (json!({"client_name": 5}), "client_name: must be a string"),
            (
                json!({"require_pkce": "yes"}),
                "require_pkce: must be true or false, without quotation marks",
            ),
            (
                json!({"default_max_age": "1h"}),
                "default_max_age: must be a whole number that is not negative",
            ),
            (
                json!({"default_max_age": -1}),
                "default_max_age: must be a whole number that is not negative",
            ),
            (
                json!({"application_type": "robot"}),
                "application_type: must be web or native",
            ),
            (
                json!({"token_endpoint_auth_method": "basic"}),
                "token_endpoint_auth_method: must be one of client_secret_basic, client_secret_post, \
                 client_secret_jwt, private_key_jwt, none",
            ),
        ];
        for (sent, expected) in cases {
            assert_eq!(open(&sent).unwrap_err().description(), expected, "{sent}");
        }
        for sent in [
            json!({"grant_types": ["password"]}),
            json!({"id_token_signed_response_alg": "HS256"}),
            json!({"scope": ["openid"]}),
            json!({"request_object_encryption_enc": "A1"}),
        ] {
            let told = open(&sent).unwrap_err().description().to_owned();
            let name = sent.as_object().unwrap().keys().next().unwrap().clone();
            assert!(told.starts_with(&name) && told.contains(": "), "{told}");
            for word in [
                "invalid type",
                "invalid value",
                "unknown variant",
                "sequence",
            ] {
                assert!(!told.contains(word), "{told}");
            }
        }
    }
}
