//! Hardware tokens (RFC 4226).

use tessera::base::Secret;
use tessera::flows::hotp::{NewToken, TokenRefused};
use tessera::protocol::audit::Origin;
use tessera::storage::users::User;

use super::assert_page;
use super::authenticator::{at_the_step, signed_in};
use crate::on_both_engines;
use crate::support::World;

const SEED: &[u8] = b"12345678901234567890";

/// RFC 4226 appendix D.
const CODES: [&str; 10] = [
    "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
    "520489",
];

/// The code of a counter beyond that table.
fn code(counter: u64) -> String {
    let machine = totp_rs::Builder::new()
        .with_secret(SEED.to_vec())
        .with_step_duration(1)
        .build_noncompliant();
    machine.generate(counter).to_string()
}

async fn hand_out(world: &World, user: &User, seed: &[u8]) -> Result<uuid::Uuid, TokenRefused> {
    let token = NewToken {
        seed: Secret::new(seed.to_vec()),
        name: "Token 4711".to_owned(),
        digits: 6,
        counter: 0,
    };
    let added = world
        .tessera
        .add_token(user.id, token, Origin::default())
        .await;
    added.expect("a database").map(|device| device.id)
}

async fn enters(world: &World, code: &str) -> bool {
    let (mut browser, page) = at_the_step(world, "alice").await;
    let done = browser.step(&page, "hotp", "code", code).await;
    assert!(
        done.url == "/account" || done.answer.status == 401,
        "{}",
        done.answer.body
    );
    done.url == "/account"
}

async fn pair(world: &World, first: &str, next: &str) -> bool {
    let (mut browser, page) = at_the_step(world, "alice").await;
    let fields = [
        ("method", "hotp"),
        ("to", ""),
        ("first", first),
        ("next", next),
    ];
    let done = browser.submit(&page, "/sign-in/step", &fields).await;
    assert!(
        done.url == "/account" || done.has("first-problem"),
        "{}",
        done.answer.body
    );
    done.url == "/account"
}

on_both_engines! {
    async fn rfc4226_7_2_the_next_codes_open_a_door_each_once_and_those_before_none(world: World) {
        let alice = world.user("alice").await;
        hand_out(&world, &alice, SEED).await.expect("added");
        assert!(enters(&world, CODES[0]).await);
        assert!(!enters(&world, CODES[0]).await);
        // Three presses in a pocket.
        assert!(enters(&world, CODES[4]).await);
        for spent in [CODES[4], CODES[3], CODES[1]] {
            assert!(!enters(&world, spent).await, "{spent}");
        }
        // The tenth from the one that is due is the last.
        assert!(!enters(&world, &code(15)).await);
        assert!(enters(&world, &code(14)).await);
    }
}

on_both_engines! {
    async fn rfc4226_7_4_a_token_that_ran_ahead_is_found_by_two_codes_in_a_row(world: World) {
        let alice = world.user("alice").await;
        hand_out(&world, &alice, SEED).await.expect("added");
        assert!(!enters(&world, &code(500)).await);
        assert!(!pair(&world, &code(500), &code(502)).await);
        assert!(!pair(&world, &code(1500), &code(1501)).await);
        assert!(pair(&world, &code(500), &code(501)).await);
        assert!(!pair(&world, &code(500), &code(501)).await);
        assert!(!enters(&world, &code(501)).await);
        assert!(enters(&world, &code(502)).await);
    }
}

on_both_engines! {
    async fn an_operator_hands_tokens_out_and_takes_them_away_and_the_owner_sees_them(world: World) {
        let alice = world.user("alice").await;
        let id = hand_out(&world, &alice, SEED).await.expect("added");
        // Each code of it would open two doors.
        assert_eq!(hand_out(&world, &alice, SEED).await, Err(TokenRefused::Twice));
        for n in 1..5_u8 {
            hand_out(&world, &alice, &[n; 20]).await.expect("added");
        }
        assert_eq!(hand_out(&world, &alice, &[9; 20]).await, Err(TokenRefused::TooMany));
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert!(page.has("resync"));
        browser.step(&page, "hotp", "code", CODES[0]).await;
        let account = browser.open("/account").await;
        assert!(account.answer.body.contains("Token 4711"), "{}", account.answer.body);
        assert!(account.answer.body.contains("No code is left"));
        let page = browser.open("/account/authenticator").await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("Token 4711") && !page.has("seed"));
        // It is not the owner's to remove: the form of the page does not say so, and nor does the server.
        let remove = [("change", "remove"), ("device", &id.to_string())];
        let page = browser.submit(&page, "/account/authenticator", &remove).await;
        let me = world.tessera.find_user("alice").await.expect("a database").expect("alice");
        assert_eq!(world.tessera.code_devices(me.id).await.expect("devices").len(), 5, "{}", page.url);
        let bobby = world.user("bobby").await;
        let take = async |user: &User, id| world.tessera.take_device(user.id, id, Origin::default()).await.expect("a database");
        assert!(!take(&bobby, id).await);
        for device in world.tessera.code_devices(me.id).await.expect("devices") {
            assert!(take(&alice, device.id).await);
        }
        assert!(!take(&alice, id).await);
        signed_in(&world, "alice").await;
    }
}
