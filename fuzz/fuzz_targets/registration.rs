//! Open registration: what a stranger gets in is valid, has no privilege, and reads the same from the
//! answer (RFC 7591 §3.2.1).
#![no_main]

use libfuzzer_sys::fuzz_target;
use tessera::base::Timestamp;
use tessera::protocol::client::{Client, ClientId, ClientMetadata};
use tessera::protocol::redirect_uri::validate_for_registration;
use tessera::protocol::registration::registration_response;

fuzz_target!(|bytes: &[u8]| {
    let Ok(metadata) = ClientMetadata::parse(bytes) else {
        return;
    };
    assert!(!metadata.skip_consent);
    assert!(metadata.resources.is_empty() && metadata.resource_identifiers.is_empty());
    for uri in &metadata.redirect_uris {
        assert!(validate_for_registration(uri, metadata.application_type).is_ok());
    }
    let client = Client {
        id: ClientId::new("app"),
        metadata,
        secrets: Vec::new(),
        disabled: false,
        created_at: Timestamp::from_seconds(0),
    };
    let answer = registration_response(&client, None, None).to_string();
    if answer.len() <= 64 * 1024 {
        assert_eq!(
            ClientMetadata::parse(answer.as_bytes()).as_ref(),
            Ok(&client.metadata)
        );
    }
});
