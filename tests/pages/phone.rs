//! `/account/phone`, and codes by text message.

use serde_json::{Value, json};
use tessera::protocol::assurance::Method;
use tessera::storage::outbox::{self, Channel};

use super::assert_page;
use super::authenticator::{at_the_step, signed_in};
use crate::on_both_engines;
use crate::support::authenticator::{Authenticator, recovery_codes};
use crate::support::client::REDIRECT;
use crate::support::{App, Browser, Gateway, Page, World};

const PAGE: &str = "/account/phone";
const NUMBER: &str = "+4915112345678";
const STEP: &str = "/sign-in/step?with=sms_code";

pub(super) async fn add(browser: &mut Browser, number: &str) -> Page {
    let page = browser.open(PAGE).await;
    let fields = [("change", "add"), ("phone", number)];
    browser.submit(&page, PAGE, &fields).await
}

pub(super) async fn confirm(browser: &mut Browser, page: &Page, code: &str) -> Page {
    let fields = [("change", "confirm"), ("code", code)];
    browser.submit(page, PAGE, &fields).await
}

/// Somebody who has a telephone, in the browser in which it was confirmed.
pub(super) async fn with_phone(
    world: &World,
    gateway: &Gateway,
    username: &str,
    number: &str,
) -> Browser {
    world.user(username).await;
    let mut browser = signed_in(world, username).await;
    let page = add(&mut browser, number).await;
    let code = gateway.code().await;
    let done = confirm(&mut browser, &page, &code).await;
    assert_eq!(recovery_codes(&done).len(), 10, "{}", done.answer.body);
    browser
}

pub(super) fn another(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

async fn profile(world: &World, username: &str) -> Value {
    let mut reader = &world.tessera.store;
    let user = tessera::storage::users::find_by_login(&mut reader, username).await;
    json!(user.expect("the database").expect("a user").profile)
}

on_both_engines! {
    async fn a_number_counts_once_its_code_was_typed_and_not_before(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        assert!(browser.open("/account").await.has("phone"));
        let page = browser.open(PAGE).await;
        assert_page(&page, 200);
        assert!(page.has("send") && !page.has("code") && !page.has("remove"));
        for wrong in ["", "0151 12345678", "alice@example.org", "+49", "+4915112345678;ext=1"] {
            let refused = add(&mut browser, wrong).await;
            assert_page(&refused, 422);
            assert!(refused.has("phone-problem"));
        }
        assert!(gateway.heard().await.is_empty());
        let page = add(&mut browser, " +49 (151) 1234-5678 ").await;
        assert_page(&page, 200);
        assert!(page.has("code") && page.answer.body.contains(NUMBER));
        let message = gateway.only().await;
        let code = message["code"].as_str().expect("a code");
        assert_eq!((&message["to"], &message["kind"], &message["lang"]), (&json!(NUMBER), &json!("confirm_number"), &json!("en")));
        assert!(message["text"].as_str().expect("a text").starts_with(code), "{message}");
        assert_eq!(message["expires_at"], world.tessera.now().seconds() + 300);
        // Asked for is not set up.
        signed_in(&world, "alice").await;
        assert_eq!(profile(&world, "alice").await["phone_number"], Value::Null);
        assert_page(&confirm(&mut browser, &page, &another(code)).await, 422);
        let done = confirm(&mut browser, &page, code).await;
        assert_page(&done, 200);
        assert_eq!(recovery_codes(&done).len(), 10);
        let page = browser.open(PAGE).await;
        assert!(page.has("remove") && !page.has("code") && page.answer.body.contains(NUMBER));
        assert_page(&add(&mut browser, NUMBER).await, 422);
        let told = profile(&world, "alice").await;
        assert_eq!((&told["phone_number"], &told["phone_number_verified"]), (&json!(NUMBER), &json!(true)));
        let events = world.audit().await;
        let changed = events.iter().find(|event| event["kind"] == "factor.changed").expect("an event");
        assert_eq!((&changed["method"], &changed["change"]), (&json!("sms_code"), &json!("added")));
        assert!(!serde_json::to_string(&events).expect("JSON").contains("15112345678"));
    }
}

on_both_engines! {
    async fn a_code_by_text_message_is_the_second_step_once_and_only_the_newest(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        with_phone(&world, &gateway, "alice", NUMBER).await;
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert_page(&page, 200);
        // Looking at the page sends nothing, and it does not tell the number.
        assert!(page.has("send") && !page.has("code") && page.answer.body.contains("•••• 78"));
        assert!(!page.answer.body.contains("15112345678") && gateway.heard().await.is_empty());
        let page = browser.step(&page, "sms_code", "send", "yes").await;
        assert!(page.has("code"), "{}", page.answer.body);
        let first = gateway.code().await;
        browser.step(&page, "sms_code", "send", "yes").await;
        let message = gateway.only().await;
        assert_eq!((&message["to"], &message["kind"]), (&json!(NUMBER), &json!("sign_in_code")));
        let second = message["code"].as_str().expect("a code").to_owned();
        if first != second {
            assert_page(&browser.step(&page, "sms_code", "code", &first).await, 401);
        }
        assert_eq!(browser.step(&page, "sms_code", "code", &second).await.url, "/account");
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert_page(&browser.step(&page, "sms_code", "code", &second).await, 401);
    }
}

on_both_engines! {
    async fn it_dies_after_three_wrong_ones_after_five_minutes_and_in_another_sign_in(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        with_phone(&world, &gateway, "alice", NUMBER).await;
        let (mut owner, page) = at_the_step(&world, "alice").await;
        let asked = owner.step(&page, "sms_code", "send", "yes").await;
        let code = gateway.code().await;
        for _ in 0..3 {
            assert_page(&owner.step(&asked, "sms_code", "code", &another(&code)).await, 401);
        }
        let dead = owner.step(&asked, "sms_code", "code", &code).await;
        assert_page(&dead, 401);
        assert!(!dead.has("code") && dead.has("send"));
        // ASVS V6.6.2
        world.advance(1);
        let (mut thief, page) = at_the_step(&world, "alice").await;
        owner.step(&asked, "sms_code", "send", "yes").await;
        let code = gateway.code().await;
        assert_page(&thief.step(&page, "sms_code", "code", &code).await, 401);
        world.advance(15 * 60);
        let (mut owner, page) = at_the_step(&world, "alice").await;
        owner.step(&page, "sms_code", "send", "yes").await;
        let code = gateway.code().await;
        world.advance(5 * 60);
        assert_page(&owner.step(&page, "sms_code", "code", &code).await, 401);
    }
}

on_both_engines! {
    async fn a_code_that_confirms_a_number_opens_nothing_else_and_nobody_elses(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        with_phone(&world, &gateway, "alice", NUMBER).await;
        world.user("mallory").await;
        let mut mallory = signed_in(&world, "mallory").await;
        let asked = add(&mut mallory, NUMBER).await;
        let hers = gateway.code().await;
        let (mut thief, page) = at_the_step(&world, "alice").await;
        assert_page(&thief.step(&page, "sms_code", "code", &hers).await, 401);
        // The other way round.
        thief.step(&page, "sms_code", "send", "yes").await;
        let alices = gateway.code().await;
        assert_page(&confirm(&mut mallory, &asked, &alices).await, 422);
        // One session asks, another one of the same person types.
        let mut second = signed_in(&world, "mallory").await;
        let page = second.open(PAGE).await;
        assert_page(&confirm(&mut second, &page, &hers).await, 422);
        assert_eq!(recovery_codes(&confirm(&mut mallory, &asked, &hers).await).len(), 10);
    }
}

on_both_engines! {
    async fn messages_are_limited_by_number_by_person_and_by_address(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        // One number, many people.
        let mut sent = 0;
        for name in ["alice", "bobby", "carol"] {
            world.user(name).await;
            let mut browser = signed_in(&world, name).await;
            for _ in 0..3 {
                let status = add(&mut browser, NUMBER).await.answer.status;
                assert!([200, 429].contains(&status), "{status}");
                sent += usize::from(status == 200);
            }
        }
        assert_eq!((sent, gateway.heard().await.len()), (5, 5));
        gateway.answers(202).await;
        // One person, many numbers.
        world.user("dave").await;
        let mut browser = signed_in(&world, "dave").await;
        for n in 0..9 {
            add(&mut browser, &format!("+4915112345{n:03}")).await;
        }
        assert_eq!(gateway.heard().await.len(), 5);
        gateway.answers(202).await;
        // One address, many people and numbers: ten times as many, of which ten are gone.
        let mut sent = 0;
        for person in 0..12 {
            let name = format!("person{person}");
            world.user(&name).await;
            let mut browser = signed_in(&world, &name).await;
            for n in 0..4 {
                let number = format!("+49152{person:02}{n}00000");
                sent += usize::from(add(&mut browser, &number).await.answer.status == 200);
            }
        }
        assert_eq!(sent, 40);
    }
}

on_both_engines! {
    async fn numbers_elsewhere_are_refused_where_the_operator_says_so(world: World) {
        let (world, gateway) = Gateway::beside_with(&world, |config| config.sms.prefixes = vec!["+49".to_owned()]).await;
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        assert_page(&add(&mut browser, "+882 1234 5678").await, 422);
        assert!(gateway.heard().await.is_empty());
        assert_page(&add(&mut browser, NUMBER).await, 200);
        assert_eq!(gateway.heard().await.len(), 1);
    }
}

on_both_engines! {
    async fn another_number_takes_its_place_and_a_removed_one_is_forgotten(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        let mut browser = with_phone(&world, &gateway, "alice", NUMBER).await;
        let page = add(&mut browser, "+43 664 1234567").await;
        let code = gateway.code().await;
        // Until it is confirmed, the old one stays.
        assert_eq!(profile(&world, "alice").await["phone_number"], NUMBER);
        let page = confirm(&mut browser, &page, &code).await;
        assert_eq!((page.url.as_str(), recovery_codes(&page).len()), (PAGE, 0));
        assert_eq!(profile(&world, "alice").await["phone_number"], "+436641234567");
        let (mut other, step) = at_the_step(&world, "alice").await;
        other.step(&step, "sms_code", "send", "yes").await;
        assert_eq!(gateway.only().await["to"], "+436641234567");
        let page = browser.open(PAGE).await;
        let gone = browser.submit(&page, PAGE, &[("change", "remove")]).await;
        assert_page(&gone, 200);
        assert!(!gone.has("remove"));
        assert_eq!(profile(&world, "alice").await.get("phone_number_verified"), None);
        // A password is enough again, and no session says otherwise.
        let mut browser = signed_in(&world, "alice").await;
        assert_eq!(browser.open("/account/recovery").await.url, "/account/recovery");
        let mut reader = &world.tessera.store;
        let alice = tessera::storage::users::find_by_login(&mut reader, "alice").await.expect("read").expect("alice");
        let live = tessera::storage::sessions::of_user(&mut reader, alice.id, world.tessera.now()).await;
        for session in live.expect("sessions") {
            assert!(session.proofs.iter().all(|proof| proof.of.method != Method::SmsCode));
        }
    }
}

on_both_engines! {
    async fn asvs_v7_5_1_only_who_proved_it_a_moment_ago_changes_the_number(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        let mut browser = with_phone(&world, &gateway, "alice", NUMBER).await;
        let page = browser.open(PAGE).await;
        world.advance(10 * 60);
        let asked = browser.submit(&page, PAGE, &[("change", "remove")]).await;
        assert_eq!(asked.url, "/sign-in/step?to=%2Faccount%2Fphone");
        assert_eq!(browser.open(PAGE).await.url, asked.url);
        let (mut half, step) = at_the_step(&world, "alice").await;
        assert_eq!(half.submit(&step, PAGE, &[("change", "remove")]).await.url, "/sign-in");
        assert_eq!(profile(&world, "alice").await["phone_number"], NUMBER);
        assert!(gateway.heard().await.is_empty());
    }
}

on_both_engines! {
    async fn it_is_never_the_first_choice_and_its_amr_is_sms(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        let mut browser = with_phone(&world, &gateway, "alice", NUMBER).await;
        let page = browser.open(crate::support::authenticator::PAGE).await;
        let app = Authenticator::scan(&world, &page);
        app.confirm(&mut browser, &page, crate::support::authenticator::PAGE).await;
        let (mut browser, page) = at_the_step(&world, "alice").await;
        assert!(page.has("code") && page.has("with-sms_code"), "{}", page.answer.body);
        let page = browser.open(STEP).await;
        let page = browser.step(&page, "sms_code", "send", "yes").await;
        browser.step(&page, "sms_code", "code", &gateway.code().await).await;
        let client = App::register(&world, json!({"scope": "openid phone"})).await;
        let answer = browser.pass(&client.request(&[("scope", Some("openid phone")), ("acr_values", Some("aal2"))]), "alice").await;
        assert!(answer.location().starts_with(REDIRECT), "{}", answer.answer.body);
        let tokens = client.redeem(&answer.parameter("code").expect("a code")).await.json();
        let claims = crate::support::client::claims_of(tokens["id_token"].as_str().expect("an ID token"));
        // RFC 8176 §2. Both proofs are of one instant, so their order says nothing.
        assert_eq!(claims["amr"], json!(["pwd", "sms", "otp", "mfa"]));
        let told = client.userinfo(tokens["access_token"].as_str().expect("a token")).await.json();
        assert_eq!((&told["phone_number"], &told["phone_number_verified"]), (&json!(NUMBER), &json!(true)));
    }
}

on_both_engines! {
    async fn what_could_not_be_delivered_is_tried_again_until_its_code_ends(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        gateway.answers(503).await;
        add(&mut browser, NUMBER).await;
        let mut ids = Vec::new();
        let mut waited = 0;
        for pause in [0, 2, 4, 8] {
            world.advance(pause);
            waited += pause;
            assert_eq!(gateway.deliver().await, 0);
            // Not twice for one pause.
            assert_eq!(gateway.deliver().await, 0);
            let heard = gateway.heard().await;
            assert_eq!(heard.len(), 1, "after {waited} s");
            ids.push(heard[0]["id"].clone());
            gateway.answers(503).await;
        }
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        gateway.answers(200).await;
        world.advance(16);
        assert_eq!((gateway.deliver().await, gateway.heard().await.len()), (1, 1));
        world.advance(60);
        assert_eq!(gateway.heard().await.len(), 1);
        // A refusal is for good.
        gateway.answers(422).await;
        add(&mut browser, NUMBER).await;
        assert_eq!(gateway.heard().await.len(), 1);
        gateway.answers(202).await;
        world.advance(60);
        assert!(gateway.heard().await.is_empty());
        // Nobody wants it when its code has ended.
        gateway.answers(500).await;
        add(&mut browser, NUMBER).await;
        assert_eq!(gateway.heard().await.len(), 1);
        gateway.answers(202).await;
        world.advance(300);
        assert!(gateway.heard().await.is_empty());
    }
}

on_both_engines! {
    async fn two_nodes_send_one_message_once_and_it_is_sealed_while_it_waits(world: World) {
        let (world, gateway) = Gateway::beside(&world).await;
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        add(&mut browser, NUMBER).await;
        let now = world.tessera.now();
        let waiting = world.tessera.store.write::<_, tessera::flows::Internal, _>(move |tx| {
            Box::pin(async move { Ok(outbox::take_due(tx, Channel::Text, now, now, 9).await?) })
        });
        let waiting = waiting.await.expect("the database");
        assert_eq!(waiting.len(), 1);
        assert!(!waiting[0].sealed.contains("15112345678") && waiting[0].sealed.matches('.').count() == 4);
        let (one, two) = tokio::join!(gateway.deliver(), gateway.deliver());
        assert_eq!(one + two, 1);
        assert_eq!(gateway.heard().await.len(), 1);
    }
}

on_both_engines! {
    async fn nothing_is_sent_or_offered_where_it_is_off(world: World) {
        let (on, gateway) = Gateway::beside(&world).await;
        with_phone(&on, &gateway, "alice", NUMBER).await;
        // Switched off again: the number opens nothing and is asked for by nobody.
        let off = on.beside(|config| config.codes.sms = false).await;
        let mut browser = signed_in(&off, "alice").await;
        assert!(!browser.open("/account").await.has("phone"));
        assert_page(&browser.open(PAGE).await, 404);
        let account = browser.open("/account/profile").await;
        for fields in [[("change", "add"), ("phone", "+4915112345679")], [("change", "confirm"), ("code", "123456")], [("change", "remove"), ("x", "y")]] {
            assert_page(&browser.submit(&account, PAGE, &fields).await, 404);
        }
        let step = browser.open(STEP).await;
        browser.step(&step, "sms_code", "send", "yes").await;
        assert!(gateway.heard().await.is_empty());
        // The positive control: it is there still.
        at_the_step(&on, "alice").await;
    }
}

on_both_engines! {
    async fn it_was_not_me_takes_a_number_back_and_no_application_is_told_it(world: World) {
        use tessera::base::Secret;
        use tessera::flows::notices::NoticeKind;
        use tessera::protocol::audit::Origin;
        let (world, gateway) = Gateway::beside(&world).await;
        let alice = world.user("alice").await;
        let (tessera, told) = (world.tessera.clone(), alice.clone());
        let write = world.tessera.store.write::<_, tessera::flows::Internal, _>(move |tx| {
            Box::pin(async move { tessera.queue_notice(tx, &told, NoticeKind::PasswordChanged, "en").await })
        });
        write.await.expect("queued");
        let letters = world.letters().await;
        let link = letters[0].link.as_deref().expect("a link");
        let token = link.split_once("token=").expect("a token").1.to_owned();
        world.advance(1);
        let mut thief = signed_in(&world, "alice").await;
        let page = add(&mut thief, NUMBER).await;
        let code = gateway.code().await;
        confirm(&mut thief, &page, &code).await;
        assert_eq!(profile(&world, "alice").await["phone_number"], NUMBER);
        let locked = world.tessera.lock_account(&Secret::new(token), "en", Origin::default()).await;
        assert!(locked.expect("the database").is_some());
        assert_eq!(profile(&world, "alice").await["phone_number"], Value::Null);
        let mut reader = &world.tessera.store;
        assert!(world.tessera.telephone(&mut reader, alice.id).await.expect("read").is_none());
    }
}
