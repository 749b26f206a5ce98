//! Request objects that come encrypted to us (OpenID Connect Core §6.1, §10.2). The client's half is
//! josekit's.

use josekit::jwe::{self, ECDH_ES, JweEncrypter, JweHeader, RSA_OAEP_256};
use josekit::jwk::Jwk;
use serde_json::{Value, json};
use tessera::crypto::jose::SigningAlgorithm;
use tessera::protocol::key_lifecycle::RotateNow;

use crate::on_both_engines;
use crate::support::assertion::Pair;
use crate::support::client::REDIRECT;
use crate::support::world::ISSUER;
use crate::support::{App, Browser, World};

/// Our own public key for an algorithm, as the JWKS tells it.
async fn our_key(world: &World, alg: &str) -> Jwk {
    let set = world.get("/jwks").await.json();
    let keys = set["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["alg"] == alg).expect("a key");
    assert_eq!(key["use"], "enc");
    Jwk::from_bytes(key.to_string()).expect("a JWK")
}

fn header(enc: &str) -> JweHeader {
    let mut header = JweHeader::new();
    header.set_content_encryption(enc);
    header.set_content_type("JWT");
    header
}

/// Something encrypted to us.
pub(super) async fn to_us(world: &World, alg: &str, enc: &str, content: &str) -> String {
    let key = our_key(world, alg).await;
    let encrypter: Box<dyn JweEncrypter> = if alg == "ECDH-ES" {
        Box::new(ECDH_ES.encrypter_from_jwk(&key).expect("a key"))
    } else {
        Box::new(RSA_OAEP_256.encrypter_from_jwk(&key).expect("a key"))
    };
    jwe::serialize_compact(content.as_bytes(), &header(enc), &*encrypter).expect("encrypted")
}

/// A client that signs its request objects, and one that it signed.
async fn signer(world: &World, changes: Value) -> (App, String) {
    let pair = Pair::new(SigningAlgorithm::ES256);
    let mut metadata =
        json!({"jwks": {"keys": [pair.jwk()]}, "request_object_signing_alg": "ES256"});
    for (name, value) in changes.as_object().expect("an object") {
        metadata[name] = value.clone();
    }
    let app = App::register(world, metadata).await;
    let object = pair.sign(&json!({"iss": app.id, "aud": ISSUER, "client_id": app.id,
        "response_type": "code", "redirect_uri": REDIRECT, "state": "sealed"}));
    (app, object)
}

/// The `state` and the error that come back for a request object.
async fn ask(app: &App, object: &str) -> (Option<String>, Option<String>) {
    let request = app.request(&[("request", Some(object))]);
    let page = Browser::new(&app.world).pass(&request, "alice").await;
    (page.parameter("state"), page.parameter("error"))
}

const REFUSED: &str = "invalid_request_object";

on_both_engines! {
    async fn oidc_core_6_1_a_request_object_may_be_signed_then_encrypted_to_us(world: World) {
        world.user("alice").await;
        let (app, object) = signer(&world, json!({})).await;
        for (alg, enc) in [
            ("RSA-OAEP-256", "A128CBC-HS256"), ("RSA-OAEP-256", "A256GCM"),
            ("ECDH-ES", "A256CBC-HS512"), ("ECDH-ES", "A128GCM"),
        ] {
            let (state, error) = ask(&app, &to_us(&world, alg, enc, &object).await).await;
            assert_eq!((state.as_deref(), error), (Some("sealed"), None), "{alg} {enc}");
        }
        // Encryption proves nothing about who wrote it: anybody has our public key.
        let (_, forged) = signer(&world, json!({})).await;
        let (_, error) = ask(&app, &to_us(&world, "ECDH-ES", "A128GCM", &forged).await).await;
        assert_eq!(error.as_deref(), Some(REFUSED));
    }
}

on_both_engines! {
    async fn oidc_registration_2_a_client_that_named_its_encryption_is_held_to_it(world: World) {
        world.user("alice").await;
        let (app, object) = signer(&world, json!({
            "request_object_encryption_alg": "ECDH-ES", "request_object_encryption_enc": "A256GCM",
        })).await;
        for (alg, enc, good) in [
            ("ECDH-ES", "A256GCM", true), ("ECDH-ES", "A128GCM", false), ("RSA-OAEP-256", "A256GCM", false),
        ] {
            let (_, error) = ask(&app, &to_us(&world, alg, enc, &object).await).await;
            assert_eq!(error.is_none(), good, "{alg} {enc}");
        }
    }
}

on_both_engines! {
    async fn rfc8725_3_2_what_is_not_encrypted_to_us_properly_is_refused_in_one_way(world: World) {
        world.user("alice").await;
        let (app, object) = signer(&world, json!({})).await;
        let good = to_us(&world, "RSA-OAEP-256", "A128CBC-HS256", &object).await;
        let key = our_key(&world, "RSA-OAEP-256").await;
        let mut bare = key.clone();
        bare.set_parameter("alg", None).expect("a JWK");
        #[expect(deprecated, reason = "it is what must be refused")]
        let rsa1_5 = jwe::RSA1_5.encrypter_from_jwk(&bare).expect("a key");
        let rsa1_5 = jwe::serialize_compact(object.as_bytes(), &header("A128GCM"), &rsa1_5).expect("encrypted");
        let oaep = RSA_OAEP_256.encrypter_from_jwk(&key).expect("a key");
        let mut zipping = header("A128GCM");
        zipping.set_compression("DEF");
        let zipped = jwe::serialize_compact(object.as_bytes(), &zipping, &oaep).expect("encrypted");
        let mut named = bare.clone();
        named.set_key_id("unknown");
        let named = RSA_OAEP_256.encrypter_from_jwk(&named).expect("a key");
        let mut unknown = header("A128GCM");
        unknown.set_key_id("unknown");
        let unknown = jwe::serialize_compact(object.as_bytes(), &unknown, &named).expect("encrypted");
        let parts: Vec<_> = good.split('.').collect();
        let cut = format!("{}.{}.{}.{}.AA", parts[0], parts[1], parts[2], parts[3]);
        let mut other_key = parts.clone();
        let flipped = parts[1].replacen(&parts[1][9..10], if &parts[1][9..10] == "A" { "B" } else { "A" }, 1);
        other_key[1] = &flipped;
        for (name, object) in [
            ("RSA1_5", rsa1_5), ("zip", zipped), ("unknown kid", unknown), ("cut tag", cut),
            ("wrapped key", other_key.join(".")), ("nonsense", "a.b.c.d.e".to_owned()),
        ] {
            assert_eq!(ask(&app, &object).await.1.as_deref(), Some(REFUSED), "{name}");
        }
        assert_eq!(ask(&app, &good).await.1, None);
    }
}

on_both_engines! {
    async fn oidc_core_10_2_1_after_a_rotation_the_old_key_opens_and_only_the_new_one_is_told(world: World) {
        world.user("alice").await;
        let (app, object) = signer(&world, json!({})).await;
        let remembered = to_us(&world, "ECDH-ES", "A128GCM", &object).await;
        let old = our_key(&world, "ECDH-ES").await;
        let wish = RotateNow::AtOnce("ECDH-ES".parse().expect("an algorithm"));
        let rotate = async |wish| {
            let actor = tessera::protocol::audit::Actor::Operator;
            tessera::flows::rotate_keys::rotate(&world.tessera, wish, actor).await.expect("rotated").expect("known");
        };
        rotate(wish).await;
        let new = our_key(&world, "ECDH-ES").await;
        assert_ne!(old.key_id(), new.key_id());
        assert_eq!(ask(&app, &remembered).await.1, None);
        assert_eq!(ask(&app, &to_us(&world, "ECDH-ES", "A128GCM", &object).await).await.1, None);
        // Compromised: at once it opens nothing any more.
        rotate(RotateNow::Revoke { kid: old.key_id().expect("a kid").to_owned() }).await;
        assert_eq!(ask(&app, &remembered).await.1.as_deref(), Some(REFUSED));
    }
}
