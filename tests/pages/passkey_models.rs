//! Where models are prescribed: who made it is shown by its certificate, and which model by the certificate
//! and the authenticator together (WebAuthn Level 3 §7.1, steps 21 to 24, and §8.2).

use tessera::config::{Aaguid, Attestation, Config};

use super::passkeys::{add, refused};
use super::{assert_page, passkeys, signed_in};
use crate::on_both_engines;
use crate::support::maker::{Maker, TRUSTED};
use crate::support::{Browser, SecurityKey, World};

fn prescribe(config: &mut Config) {
    let name = format!("tessera-test-roots-{:?}.pem", std::thread::current().id());
    let roots = std::env::temp_dir().join(name);
    std::fs::write(&roots, &TRUSTED.root).expect("written");
    config.passkeys.attestation = Attestation::Direct;
    config.passkeys.attestation_roots = Some(roots);
    let model = uuid::Uuid::from_bytes(SecurityKey::new().aaguid);
    config.passkeys.allowed_models = vec![Aaguid(model)];
}

async fn is_refused(world: &World, browser: &mut Browser, key: &mut SecurityKey) {
    let page = add(browser, key).await;
    let (words, why) = ("not allowed here", "model_not_allowed");
    refused(world, &page, 422, words, "factor.changed", why).await;
}

on_both_engines! {
    with prescribe;
    async fn the_right_model_of_the_right_maker_is_taken_and_signs_in(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let model = SecurityKey::new().aaguid;
        let attestation = Some(TRUSTED.attests(model));
        let mut key = SecurityKey { attestation, ..SecurityKey::new() };
        let page = add(&mut browser, &mut key).await;
        assert_page(&page, 200);
        let page = passkeys::sign_in(&mut Browser::new(&world), &mut key).await;
        assert_eq!(page.url, "/account");
        assert!(page.answer.body.contains("YubiKey 5 NFC"), "{}", page.answer.body);
    }
}

on_both_engines! {
    with prescribe;
    async fn another_model_another_maker_and_who_only_says_so_are_refused(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        // It says that it is of that model, and has nobody who vouches for it.
        is_refused(&world, &mut browser, &mut SecurityKey::new()).await;
        let (model, other) = (SecurityKey::new().aaguid, [7; 16]);
        let attestation = Some(TRUSTED.attests(other));
        let mut unwanted = SecurityKey { aaguid: other, attestation: attestation.clone(), ..SecurityKey::new() };
        is_refused(&world, &mut browser, &mut unwanted).await;
        // It claims a model that its certificate does not.
        let mut lying = SecurityKey { attestation, ..SecurityKey::new() };
        is_refused(&world, &mut browser, &mut lying).await;
        let unknown = Maker::new("Test maker of keys").attests(model);
        let mut copied = SecurityKey { attestation: Some(unknown), ..SecurityKey::new() };
        is_refused(&world, &mut browser, &mut copied).await;
        // The right certificate, and a signature by another key.
        let mut stolen = TRUSTED.attests(model);
        stolen.pkcs8 = TRUSTED.attests(model).pkcs8;
        let mut forged = SecurityKey { attestation: Some(stolen), ..SecurityKey::new() };
        let page = add(&mut browser, &mut forged).await;
        assert_page(&page, 422);
    }
}
