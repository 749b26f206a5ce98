//! Passkeys, with an authenticator in software.

use tessera::flows::people::UserChanges;
use tessera::protocol::audit::{Actor, Origin};

use super::assert_page;
use super::authenticator::{at_the_step, signed_in};
use crate::on_both_engines;
use crate::support::authenticator::recovery_codes;
use crate::support::client::claims_of;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page, SecurityKey, World};

/// What the page asks the browser.
pub(super) fn options(page: &Page) -> String {
    let body = &page.answer.body;
    let text = body
        .split_once("data-options=\"")
        .unwrap_or_else(|| panic!("no options at {}: {body}", page.url))
        .1;
    text.split('"')
        .next()
        .expect("it is there")
        .replace("&#34;", "\"")
        .replace("&#38;", "&")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}

/// The fields of the passkey form with an answer.
pub(super) fn fields(page: &Page, credential: &str) -> Vec<(String, String)> {
    let mut all = vec![("credential".to_owned(), credential.to_owned())];
    for name in ["csrf", "request", "state", "to"] {
        all.extend(page.field(name).map(|value| (name.to_owned(), value)));
    }
    all
}

pub(super) async fn send(
    browser: &mut Browser,
    page: &Page,
    action: &str,
    credential: &str,
) -> Page {
    let mut all = fields(page, credential);
    if action == "/sign-in/step" {
        all.push(("method".to_owned(), "passkey".to_owned()));
    }
    browser.post(action, &all).await
}

/// Signs in with the password and sets up this authenticator; the browser stays signed in.
pub async fn enrol(world: &World, username: &str, key: &mut SecurityKey) -> Browser {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    browser.sign_in(&page, username, PASSWORD).await;
    let page = add(&mut browser, key).await;
    assert_page(&page, 200);
    assert!(
        page.answer.body.contains("Your passkey is set up"),
        "{}",
        page.answer.body
    );
    browser
}

pub(super) async fn add(browser: &mut Browser, key: &mut SecurityKey) -> Page {
    let page = browser.open("/account/passkeys/new").await;
    assert_page(&page, 200);
    let made = key.create(&options(&page));
    send(browser, &page, "/account/passkeys/new", &made).await
}

/// Signs in with nothing but the authenticator.
pub async fn sign_in(browser: &mut Browser, key: &mut SecurityKey) -> Page {
    let page = browser.open("/sign-in").await;
    let answer = key.get(&options(&page));
    send(browser, &page, "/sign-in/passkey", &answer).await
}

/// Removes the passkey that the account page names first.
pub async fn remove_the_first(owner: &mut Browser) {
    let page = owner.open("/account").await;
    let mut paths = page.answer.body.split("href=\"");
    let path = paths.find(|rest| {
        rest.starts_with("/account/passkeys/") && !rest.starts_with("/account/passkeys/new")
    });
    let path = path
        .and_then(|rest| rest.split('"').next())
        .expect("a passkey")
        .to_owned();
    let page = owner.open(&path).await;
    let page = owner.submit(&page, &path, &[("change", "remove")]).await;
    assert_page(&page, 200);
}

/// Whether there is an event of this kind with this reason; none for one that worked. The clock stands still,
/// so there is no newest one.
pub(super) async fn recorded(world: &World, kind: &str, reason: Option<&str>) -> bool {
    let events = world.audit().await;
    events.iter().any(|event| {
        let outcome = if reason.is_some() {
            "failure"
        } else {
            "success"
        };
        event["kind"] == kind && event["outcome"] == outcome && event["reason"].as_str() == reason
    })
}

pub(super) async fn refused(
    world: &World,
    page: &Page,
    status: u16,
    words: &str,
    kind: &str,
    reason: &str,
) {
    assert_page(page, status);
    assert!(
        page.answer.body.contains(words),
        "{words}: {}",
        page.answer.body
    );
    assert!(recorded(world, kind, Some(reason)).await, "{kind} {reason}");
}

async fn disable(world: &World, username: &str) {
    let user = world
        .tessera
        .find_user(username)
        .await
        .expect("the database")
        .expect("an account");
    let changes = UserChanges {
        disabled: Some(true),
        ..UserChanges::default()
    };
    let done = world
        .tessera
        .change_user(user.id, changes, Actor::Operator, Origin::default());
    done.await.expect("the database").expect("disabled");
}

/// As if people had come without one.
async fn forget_passwords(world: &World) {
    let url = world.tessera.config.database.url.expose();
    let statement = "UPDATE users SET password_hash = NULL";
    if url.starts_with("sqlite") {
        let pool = sqlx::SqlitePool::connect(url).await.expect("the database");
        sqlx::query(statement)
            .execute(&pool)
            .await
            .expect("the database");
        pool.close().await;
    } else {
        let pool = sqlx::PgPool::connect(url).await.expect("the database");
        sqlx::query(statement)
            .execute(&pool)
            .await
            .expect("the database");
        pool.close().await;
    }
}

const UNKNOWN: &str = "cannot be used here";

on_both_engines! {
    async fn a_passkey_signs_in_without_a_name_and_is_called_after_its_model(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        let mut browser = enrol(&world, "alice", &mut key).await;
        let account = browser.open("/account").await;
        for words in ["YubiKey 5 NFC", "On this device only", "Never used"] {
            assert!(account.answer.body.contains(words), "{words}");
        }
        world.advance(60);
        let mut elsewhere = Browser::new(&world);
        let page = sign_in(&mut elsewhere, &mut key).await;
        assert_eq!(page.url, "/account", "{}", page.answer.body);
        assert!(page.answer.body.contains("Last used just now"), "{}", page.answer.body);
        // A synchronised one says so, and counts nothing.
        let mut phone = SecurityKey { may_sync: true, synced: true, counts: false, aaguid: [0; 16], ..SecurityKey::new() };
        let page = add(&mut elsewhere, &mut phone).await;
        assert!(page.answer.body.contains("On all your devices"), "{}", page.answer.body);
        for _ in 0..2 {
            assert_eq!(sign_in(&mut Browser::new(&world), &mut phone).await.url, "/account");
        }
    }
}

on_both_engines! {
    async fn webauthn_7_2_a_challenge_lives_five_minutes_and_opens_one_door(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        enrol(&world, "alice", &mut key).await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let answer = key.get(&options(&page));
        world.advance(299);
        let stolen = browser.clone();
        assert_eq!(send(&mut browser, &page, "/sign-in/passkey", &answer).await.url, "/account");
        // Again in the same browser as it was, with its cookies.
        let again = send(&mut stolen.clone(), &page, "/sign-in/passkey", &answer).await;
        refused(&world, &again, 401, "took too long", "sign_in", "expired_challenge").await;
        let late = stolen.clone().open("/sign-in").await;
        let answer = key.get(&options(&late));
        world.advance(300);
        let page = send(&mut stolen.clone(), &late, "/sign-in/passkey", &answer).await;
        refused(&world, &page, 401, "took too long", "sign_in", "expired_challenge").await;
        // The page that says so has a challenge that works.
        let answer = key.get(&options(&page));
        assert_eq!(send(&mut stolen.clone(), &page, "/sign-in/passkey", &answer).await.url, "/account");
    }
}

on_both_engines! {
    async fn a_challenge_of_another_browser_or_for_something_else_opens_nothing(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        let mut signed_in = enrol(&world, "alice", &mut key).await;
        // Somebody lures the owner into answering a challenge that he got in his own browser.
        let theirs = Browser::new(&world).open("/sign-in").await;
        let answer = key.get(&options(&theirs));
        let mut browser = Browser::new(&world);
        let ours = browser.open("/sign-in").await;
        let mut mixed = fields(&ours, &answer);
        mixed.retain(|(name, _)| name != "state");
        mixed.push(("state".to_owned(), theirs.field("state").expect("a state")));
        let page = browser.post("/sign-in/passkey", &mixed).await;
        refused(&world, &page, 401, "took too long", "sign_in", "expired_challenge").await;
        // Our state with the answer to another challenge.
        let page = send(&mut browser, &ours, "/sign-in/passkey", &answer).await;
        refused(&world, &page, 401, "took too long", "sign_in", "another_challenge").await;
        // A step's challenge is none for a sign-in.
        world.advance(301);
        let step = signed_in.open("/account/passkeys/new").await;
        assert!(step.url.starts_with("/sign-in/step"), "{}", step.url);
        let answer = key.get(&options(&step));
        let page = send(&mut signed_in, &step, "/sign-in/passkey", &answer).await;
        refused(&world, &page, 401, "took too long", "sign_in", "expired_challenge").await;
        for nonsense in ["", "{}", "null", "[1]"] {
            let page = browser.open("/sign-in").await;
            let page = send(&mut browser, &page, "/sign-in/passkey", nonsense).await;
            refused(&world, &page, 401, UNKNOWN, "sign_in", "malformed").await;
        }
    }
}

on_both_engines! {
    async fn webauthn_7_2_another_origin_an_unverified_person_and_a_foreign_key_are_refused(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        enrol(&world, "alice", &mut key).await;
        let mut phished = SecurityKey { origin: "http://localhost.evil.example".to_owned(), ..key.clone() };
        let page = sign_in(&mut Browser::new(&world), &mut phished).await;
        refused(&world, &page, 401, UNKNOWN, "sign_in", "another_origin").await;
        let mut other_port = SecurityKey { origin: "http://localhost:8081".to_owned(), ..key.clone() };
        let page = sign_in(&mut Browser::new(&world), &mut other_port).await;
        refused(&world, &page, 401, UNKNOWN, "sign_in", "another_origin").await;
        let mut found = SecurityKey { verifies: false, ..key.clone() };
        let page = sign_in(&mut Browser::new(&world), &mut found).await;
        refused(&world, &page, 401, "did not check that it is you", "sign_in", "user_not_verified").await;
        // A key of his own under the id of hers.
        let mut forged = SecurityKey::new();
        let page = Browser::new(&world).open("/sign-in").await;
        drop(forged.create(&creation(&page)));
        forged.id = key.id.clone();
        let page = sign_in(&mut Browser::new(&world), &mut forged).await;
        refused(&world, &page, 401, UNKNOWN, "sign_in", "unknown_passkey").await;
        // The positive control.
        assert_eq!(sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
        disable(&world, "alice").await;
        let page = sign_in(&mut Browser::new(&world), &mut key).await;
        refused(&world, &page, 401, UNKNOWN, "sign_in", "account_disabled").await;
    }
}

/// Options to create with, made of those of a sign-in: for a key of somebody else.
fn creation(page: &Page) -> String {
    let mut made: serde_json::Value = serde_json::from_str(&options(page)).expect("JSON");
    made["user"] = serde_json::json!({ "id": "AAAAAAAAAAAAAAAAAAAAAA" });
    made["rp"] = serde_json::json!({ "id": made["rpId"] });
    made.to_string()
}

on_both_engines! {
    async fn webauthn_6_1_1_a_counter_that_goes_back_blocks_the_passkey(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        let mut owner = signed_in(&world, "alice").await;
        let codes = recovery_codes(&add(&mut owner, &mut key).await);
        let mut copy = key.clone();
        assert_eq!(sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
        let page = sign_in(&mut Browser::new(&world), &mut copy).await;
        refused(&world, &page, 401, "there may be a copy", "sign_in", "cloned_authenticator").await;
        assert!(recorded(&world, "factor.changed", None).await);
        // From here on neither opens anything, whatever its counter says.
        for either in [&mut key, &mut copy] {
            either.counter += 10;
            let page = sign_in(&mut Browser::new(&world), either).await;
            refused(&world, &page, 401, "there may be a copy", "sign_in", "cloned_authenticator").await;
        }
        // Nor does the password alone: else whoever has it blocks the passkey with a copy and is in.
        let (mut browser, step) = at_the_step(&world, "alice").await;
        assert!(!step.has("with-passkey") && !step.has("passkey") && step.has("lost"), "{}", step.answer.body);
        assert_eq!(browser.open("/account").await.url, "/sign-in");
        // A recovery code stands in. She sees why.
        let account = browser.step(&step, "recovery_code", "code", &codes[0]).await;
        assert_eq!(account.url, "/account");
        assert!(account.answer.body.contains("no longer signs anybody in"));
        // Gone by her own hand, it is not asked for any more.
        let path = link(&account);
        let page = browser.open(&path).await;
        assert_page(&browser.submit(&page, &path, &[("change", "remove")]).await, 200);
        signed_in(&world, "alice").await;
    }
}

on_both_engines! {
    async fn webauthn_7_1_a_credential_is_registered_once_whoever_brings_it(world: World) {
        world.user("alice").await;
        world.user("bob").await;
        let mut key = SecurityKey::new();
        let mut alice = enrol(&world, "alice", &mut key).await;
        // Alice's own: her authenticator would decline, and this one does not.
        let page = alice.open("/account/passkeys/new").await;
        let page = if page.url.starts_with("/sign-in/step") {
            let answer = key.get(&options(&page));
            send(&mut alice, &page, "/sign-in/step", &answer).await
        } else {
            page
        };
        let excluded: serde_json::Value = serde_json::from_str(&options(&page)).expect("JSON");
        assert_eq!(excluded["excludeCredentials"].as_array().expect("a list").len(), 1);
        assert_eq!(excluded["authenticatorSelection"]["residentKey"], "preferred");
        let made = key.create(&options(&page));
        let page = send(&mut alice, &page, "/account/passkeys/new", &made).await;
        assert_page(&page, 422);
        // Bob brings alice's.
        let mut bob = Browser::new(&world);
        let page = bob.open("/sign-in").await;
        bob.sign_in(&page, "bob", PASSWORD).await;
        let page = add(&mut bob, &mut key.clone()).await;
        refused(&world, &page, 422, "set up here already", "factor.changed", "registered_already").await;
        assert_eq!(sign_in(&mut Browser::new(&world), &mut key).await.url, "/account");
    }
}

on_both_engines! {
    async fn two_tabs_may_each_set_one_up_and_one_page_only_one(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "alice", PASSWORD).await;
        let (one, two) = (browser.open("/account/passkeys/new").await, browser.open("/account/passkeys/new").await);
        let (mut first, mut second, mut third) = (SecurityKey::new(), SecurityKey::new(), SecurityKey::new());
        let made = first.create(&options(&one));
        assert_page(&send(&mut browser, &one, "/account/passkeys/new", &made).await, 200);
        // Making the first proved it: the second tab is not sent away with a key that nobody keeps.
        let made = second.create(&options(&two));
        assert_page(&send(&mut browser, &two, "/account/passkeys/new", &made).await, 200);
        for key in [&mut first, &mut second] {
            assert_eq!(sign_in(&mut Browser::new(&world), key).await.url, "/account");
        }
        // The same page once more, and one that lay open for too long.
        let made = third.create(&options(&two));
        let page = send(&mut browser, &two, "/account/passkeys/new", &made).await;
        refused(&world, &page, 422, "sent twice", "factor.changed", "expired_challenge").await;
        let mut phished = SecurityKey { origin: "https://evil.example".to_owned(), ..SecurityKey::new() };
        let page = add(&mut browser, &mut phished).await;
        refused(&world, &page, 422, UNKNOWN, "factor.changed", "another_origin").await;
    }
}

on_both_engines! {
    async fn beside_a_password_any_security_key_is_a_second_factor(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey { verifies: false, aaguid: [0; 16], ..SecurityKey::new() };
        enrol(&world, "alice", &mut key).await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let step = browser.sign_in(&page, "alice", PASSWORD).await;
        assert_eq!(step.url, "/sign-in/step");
        // Another person's key is not hers, whoever answers.
        world.user("bob").await;
        let mut his = SecurityKey::new();
        enrol(&world, "bob", &mut his).await;
        let answer = his.get(&options(&step));
        let page = send(&mut browser, &step, "/sign-in/step", &answer).await;
        refused(&world, &page, 401, UNKNOWN, "step_up", "unknown_passkey").await;
        let answer = key.get(&options(&page));
        let page = send(&mut browser, &page, "/sign-in/step", &answer).await;
        assert_eq!(page.url, "/account", "{}", page.answer.body);
        assert!(page.answer.body.contains("Only after your password"));
        // What did not verify then proves nothing about its holder, also if it says so now: alone it is no
        // way in.
        key.verifies = true;
        let mut thief = Browser::new(&world);
        let page = sign_in(&mut thief, &mut key).await;
        assert_eq!(page.url, "/sign-in/step", "{}", page.answer.body);
        assert!(page.answer.body.contains("name=\"password\""));
    }
}

on_both_engines! {
    async fn who_has_only_a_passkey_signs_in_and_cannot_remove_it(world: World) {
        world.user("alice").await;
        let mut key = SecurityKey::new();
        let mut browser = enrol(&world, "alice", &mut key).await;
        forget_passwords(&world).await;
        let mut browser_of_key = Browser::new(&world);
        assert_eq!(sign_in(&mut browser_of_key, &mut key).await.url, "/account");
        let account = browser_of_key.open("/account").await;
        let path = link(&account);
        let page = browser_of_key.open(&path).await;
        assert_page(&page, 200);
        let last = browser_of_key.submit(&page, &path, &[("change", "remove")]).await;
        refused(&world, &last, 422, "only way into your account", "factor.changed", "last_way").await;
        // With a second one it can, and what rested on it ends.
        let mut spare = SecurityKey { aaguid: [0; 16], ..SecurityKey::new() };
        assert_page(&add(&mut browser_of_key, &mut spare).await, 200);
        let page = browser_of_key.submit(&page, &path, &[("change", "rename"), ("name", "  Desk  ")]).await;
        assert!(page.answer.body.contains("Desk"), "{}", page.answer.body);
        let nameless = browser_of_key.open(&path).await;
        let nameless = browser_of_key.submit(&nameless, &path, &[("change", "rename"), ("name", " ")]).await;
        assert_page(&nameless, 422);
        let mut other = Browser::new(&world);
        assert_eq!(sign_in(&mut other, &mut key).await.url, "/account");
        let gone = browser_of_key.submit(&page, &path, &[("change", "remove")]).await;
        assert_page(&gone, 200);
        assert!(!gone.answer.body.contains("Desk"));
        assert_eq!(other.open("/account").await.url, "/sign-in");
        let page = sign_in(&mut Browser::new(&world), &mut key).await;
        refused(&world, &page, 401, UNKNOWN, "sign_in", "unknown_passkey").await;
        assert_eq!(sign_in(&mut Browser::new(&world), &mut spare).await.url, "/account");
        // Somebody else's address leads nowhere.
        world.user("bob").await;
        let page = browser.open("/sign-in/another").await;
        browser.sign_in(&page, "bob", PASSWORD).await;
        assert_page(&browser.open(&path).await, 404);
    }
}

/// The page of the first passkey in the list.
pub(super) fn link(account: &Page) -> String {
    let (_, rest) = account
        .answer
        .body
        .split_once("href=\"/account/passkeys/0")
        .expect("it is there");
    format!(
        "/account/passkeys/0{}",
        rest.split('"').next().expect("it is there")
    )
}

on_both_engines! {
    async fn eap_acr_values_an_application_that_asks_for_phr_gets_it_in_the_middle_of_its_flow(world: World) {
        world.user("alice").await;
        let app = App::register(&world, serde_json::json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "alice", PASSWORD).await;
        // Set up elsewhere: what this browser knows is a password.
        let mut key = SecurityKey::new();
        enrol(&world, "alice", &mut key).await;
        world.advance(1);
        let url = app.request(&[("claims", Some(r#"{"id_token":{"acr":{"essential":true,"values":["phr"]}}}"#))]);
        let step = browser.open(&url).await;
        assert!(step.url.starts_with("/sign-in/step"), "{} {}", step.url, step.answer.body);
        let answer = key.get(&options(&step));
        let page = send(&mut browser, &step, "/sign-in/step", &answer).await;
        let page = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        let code = page.parameter("code").unwrap_or_else(|| panic!("{}", page.answer.body));
        let tokens = app.redeem(&code).await.json();
        let claims = claims_of(tokens["id_token"].as_str().expect("a text"));
        assert_eq!(claims["acr"], "phr");
        for method in ["hwk", "user", "mfa"] {
            assert!(claims["amr"].as_array().expect("a list").iter().any(|m| m == method), "{claims}");
        }
    }
}

on_both_engines! {
    with |config| config.passkeys.enabled = false;
    async fn switched_off_there_is_no_trace_of_passkeys(world: World) {
        world.user("alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        assert!(!page.answer.body.contains("passkey") && !page.answer.body.contains("webauthn"));
        let account = browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(!account.answer.body.contains("passkey"));
        assert_page(&browser.open("/account/passkeys/new").await, 404);
        assert_eq!(world.get("/.well-known/passkey-endpoints").await.status, 404);
    }
}

#[tokio::test]
async fn the_places_of_passkeys_are_told_to_those_who_keep_them() {
    let world = World::sqlite().await;
    let answer = world.get("/.well-known/passkey-endpoints").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let told = answer.json();
    assert_eq!(told["enroll"], "http://localhost:8080/account/passkeys/new");
    assert_eq!(told["manage"], "http://localhost:8080/account#passkeys");
}

#[tokio::test]
async fn an_issuer_that_is_an_ip_address_has_no_passkeys_and_works() {
    let world = World::sqlite_with(|config| {
        config.server.issuer = "http://127.0.0.1:8080".parse().expect("an issuer");
    })
    .await;
    let page = Browser::new(&world).open("/sign-in").await;
    assert_page(&page, 200);
    assert!(!page.answer.body.contains("data-passkey"));
}

on_both_engines! {
    async fn asvs_v7_2_4_a_passkey_that_is_set_up_gives_the_browser_a_new_session_cookie(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        let mut stolen = browser.clone();
        assert_page(&add(&mut browser, &mut SecurityKey::new()).await, 200);
        // What it proved is not in the hands of who had the old one.
        assert_eq!(stolen.open("/account").await.url, "/sign-in");
        assert_eq!(browser.open("/account").await.url, "/account");
    }
}
