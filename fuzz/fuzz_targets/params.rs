//! Form parameters: what is read survives encoding, and no name is there twice (RFC 6749 §3.1).
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera::protocol::params::Params;

fuzz_target!(|bytes: &[u8]| {
    let Ok((lenient, repeated)) = Params::parse_lenient(bytes) else {
        assert!(Params::parse(bytes).is_err());
        return;
    };
    // Strict is lenient without repetition, and nothing else.
    assert_eq!(Params::parse(bytes).is_ok(), repeated.is_empty());
    let all: Vec<_> = lenient.iter().collect();
    for (i, (name, value)) in all.iter().enumerate() {
        assert!(!value.is_empty() && !value.contains('\0') && !name.contains('\0'));
        assert!(*name == "resource" || all[..i].iter().all(|(known, _)| known != name));
    }
    let again =
        Params::parse(lenient.encode().as_bytes()).expect("what was read can be read again");
    assert!(again.iter().eq(lenient.iter()));
});
