//! Scopes: reading is idempotent, tokens are unique and of the characters of RFC 6749 §3.3.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera::protocol::scope::Scope;

fuzz_target!(|text: &str| {
    let Ok(scope) = Scope::parse(text) else {
        return;
    };
    let shown = scope.to_string();
    assert_eq!(Scope::parse(&shown).as_ref(), Ok(&scope));
    let tokens: Vec<_> = scope.iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        assert!(!token.is_empty() && !tokens[..i].contains(token));
        assert!(
            token
                .bytes()
                .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
        );
        assert!(text.split(' ').any(|word| word == *token));
    }
    assert!(scope.is_within(&scope));
});
