//! `/sign-up` and `/verify-email`.

use serde_json::json;
use tessera::config::SignUpMode;
use tessera::flows::letters::LetterKind;

use super::{assert_page, signs_in};
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Page};

const EMAIL: &str = "carol@example.org";

async fn ask(browser: &mut Browser, name: &str) -> Page {
    let page = browser.open("/sign-up").await;
    assert_page(&page, 200);
    let fields = [("email", EMAIL), ("name", name), ("password", PASSWORD)];
    browser.submit(&page, "/sign-up", &fields).await
}

on_both_engines! {
    async fn while_sign_up_is_closed_there_is_no_such_page_and_no_link_to_one(world: World) {
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-up").await;
        assert_page(&page, 404);
        let sign_in = browser.open("/sign-in").await;
        assert!(!sign_in.answer.body.contains("/sign-up"), "{}", sign_in.answer.body);
        let fields = [("email", EMAIL), ("name", ""), ("password", PASSWORD)];
        assert_page(&browser.submit(&sign_in, "/sign-up", &fields).await, 404);
        assert_page(&browser.open("/verify-email?token=x").await, 410);
        assert!(world.letters().await.is_empty());
        assert!(!signs_in(&world, EMAIL, PASSWORD).await);
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn oidc_prompt_create_1_a_sign_up_is_confirmed_by_mail_and_goes_back_to_the_application(world: World) {
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        // Somebody else's browser: they are not asked whether it is still them.
        world.user("alice").await;
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "alice", PASSWORD).await;
        world.advance(1);
        let page = browser.open(&app.request(&[("prompt", Some("create"))])).await;
        assert!(page.has("signup") && page.answer.body.contains("Rows"), "{}", page.answer.body);
        let fields = [("email", EMAIL), ("name", "Carol"), ("password", PASSWORD)];
        let sent = browser.submit(&page, "/sign-up", &fields).await;
        assert_page(&sent, 200);
        assert!(sent.answer.body.contains(EMAIL));
        let link = world.letter_link(LetterKind::VerifyEmail).await;
        // Software that follows links in mails confirms nothing.
        for _ in 0..2 {
            assert!(Browser::new(&world).open(&link).await.has("verify"));
        }
        assert!(!signs_in(&world, EMAIL, PASSWORD).await);
        let confirm = browser.open(&link).await;
        assert_page(&confirm, 200);
        let done = browser.submit(&confirm, "/verify-email", &[]).await;
        assert_page(&done, 200);
        let href = done.answer.body.split_once("href=\"/sign-in/another?request=").expect("the way on").1;
        let ticket = href.split('"').next().expect("a ticket");
        let form = browser.open(&format!("/sign-in/another?request={ticket}")).await;
        assert!(!form.answer.body.contains("alice"), "{}", form.answer.body);
        let back = browser.pass(&format!("/sign-in/another?request={ticket}"), EMAIL).await;
        assert!(back.parameter("code").is_some(), "{} {}", back.url, back.answer.body);
        let tokens = app.redeem(&back.parameter("code").expect("a code")).await.json();
        let claims = app.userinfo(tokens["access_token"].as_str().expect("a token")).await.json();
        assert_eq!((&claims["email"], &claims["email_verified"]), (&json!(EMAIL), &json!(true)));
        assert_eq!(claims["name"], "Carol");
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn a_used_an_expired_and_a_made_up_link_are_gone(world: World) {
        let mut browser = Browser::new(&world);
        assert_page(&ask(&mut browser, "").await, 200);
        let used = world.letter_link(LetterKind::VerifyEmail).await;
        let confirm = browser.open(&used).await;
        assert_page(&browser.submit(&confirm, "/verify-email", &[]).await, 200);
        assert_page(&browser.open(&used).await, 410);
        assert_page(&browser.submit(&confirm, "/verify-email", &[]).await, 410);
        assert_page(&browser.submit(&confirm, "/verify-email", &[("token", "made-up")]).await, 410);
        assert_page(&browser.open("/verify-email").await, 410);

        let page = browser.open("/sign-up").await;
        let fields = [("email", "dora@example.org"), ("name", ""), ("password", PASSWORD)];
        browser.submit(&page, "/sign-up", &fields).await;
        let link = world.letter_link(LetterKind::VerifyEmail).await;
        world.advance(3599);
        let confirm = browser.open(&link).await;
        assert_page(&confirm, 200);
        world.advance(1);
        assert_page(&browser.open(&link).await, 410);
        assert_page(&browser.submit(&confirm, "/verify-email", &[]).await, 410);
        assert!(!signs_in(&world, "dora@example.org", PASSWORD).await);
        // A link of another door does not open this one.
        world.tessera.request_reset(EMAIL, "en", tessera::protocol::audit::Origin::default()).await.expect("asked");
        let reset = world.letter_link(LetterKind::ResetPassword).await;
        let (_, token) = reset.split_once("token=").expect("a token");
        assert_page(&browser.open(&format!("/verify-email?token={token}")).await, 410);
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn nist_800_63b_3_1_1_2_each_field_that_will_not_do_is_named_and_nothing_is_sent(world: World) {
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-up").await;
        let long = "n".repeat(201);
        let cases: [(&str, &str, &str); 12] = [
            ("email", "", "email"),
            ("email", "carol", "email"),
            ("email", "carol@localhost", "email"),
            ("email", "carol@example.org,dora@example.org", "email"),
            ("email", "carol@example.org\r\nBcc: dora@example.org", "email"),
            ("name", &long, "name"),
            ("name", "Carol\u{202e}nimda", "name"),
            ("name", "Carol\u{2066}", "name"),
            ("name", "Carol\u{200f}", "name"),
            ("name", "Carol\r\nBcc: dora@example.org", "name"),
            ("password", "short", "password"),
            ("password", "password123", "password"),
        ];
        for (name, value, field) in cases {
            let mut fields = vec![("email", EMAIL), ("name", "Carol"), ("password", PASSWORD)];
            fields.retain(|(known, _)| *known != name);
            fields.push((name, value));
            let answer = browser.submit(&page, "/sign-up", &fields).await;
            assert_page(&answer, 422);
            assert!(answer.has("problems"), "{value}");
            assert!(answer.has(&format!("{field}-problem")), "{value}: {}", answer.answer.body);
            assert!(!answer.answer.body.contains(PASSWORD), "a password is never sent back");
            assert!(world.letters().await.is_empty(), "{value}");
        }
        let about = [("email", EMAIL), ("name", ""), ("password", EMAIL)];
        assert_page(&browser.submit(&page, "/sign-up", &about).await, 422);
        let longest = "n".repeat(200);
        assert_page(&ask(&mut browser, &longest).await, 200);
        world.letter_link(LetterKind::VerifyEmail).await;
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn cwe_79_a_name_with_html_is_text_on_pages_and_in_letters(world: World) {
        const NAME: &str = "<script>alert(1)</script>\"'><img src=x>";
        let mut browser = Browser::new(&world);
        let escaped = |body: &str| {
            assert!(!body.contains("<script>alert"), "{body}");
            assert!(!body.contains("<img src=x"), "{body}");
            assert!(body.contains("&#60;script&#62;alert") || body.contains("&lt;script&gt;alert"), "{body}");
        };
        let page = browser.open("/sign-up").await;
        let fields = [("email", EMAIL), ("name", NAME), ("password", "short")];
        let refused = browser.submit(&page, "/sign-up", &fields).await;
        assert_page(&refused, 422);
        escaped(&refused.answer.body);
        assert_page(&ask(&mut browser, NAME).await, 200);
        let letters = world.letters().await;
        let written = tessera::web::letters::write(&world.tessera.looks(), &letters[0]).expect("written");
        let html = written.html.expect("HTML");
        assert!(!html.contains("<script>") && !html.contains("<img src=x"), "{html}");
        assert!(!written.subject.contains('\n'));
        let link = letters[0].link.clone().expect("a link");
        let confirm = browser.open(&link).await;
        browser.submit(&confirm, "/verify-email", &[]).await;
        let page = browser.open("/sign-in").await;
        let account = browser.sign_in(&page, EMAIL, PASSWORD).await;
        assert_page(&account, 200);
        escaped(&account.answer.body);
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn a_name_that_is_written_from_the_right_is_a_name(world: World) {
        const NAME: &str = "\u{5e9}\u{5e8}\u{5d4}-\u{627}\u{62d}\u{645}\u{62f}";
        let mut browser = Browser::new(&world);
        assert_page(&ask(&mut browser, NAME).await, 200);
        let confirm = browser.open(&world.letter_link(LetterKind::VerifyEmail).await).await;
        browser.submit(&confirm, "/verify-email", &[]).await;
        let page = browser.open("/sign-in").await;
        let account = browser.sign_in(&page, EMAIL, PASSWORD).await;
        assert!(account.answer.body.contains(NAME), "{}", account.answer.body);
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn asvs_v6_3_8_a_known_address_gets_the_same_page_and_only_its_owner_is_told(world: World) {
        world.user("known").await;
        let mut pages = Vec::new();
        for (email, kind) in [
            ("known@example.org", LetterKind::AccountExists),
            ("other@example.org", LetterKind::VerifyEmail),
        ] {
            let mut browser = Browser::new(&world);
            let page = browser.open("/sign-up").await;
            let fields = [("email", email), ("name", ""), ("password", "another long passphrase")];
            let answer = browser.submit(&page, "/sign-up", &fields).await;
            assert_page(&answer, 200);
            pages.push(answer.answer.body.replace(email, "EMAIL"));
            world.letter_link(kind).await;
        }
        assert_eq!(pages[0], pages[1]);
        assert!(signs_in(&world, "known", PASSWORD).await, "and the password stays");
        assert!(!signs_in(&world, "known", "another long passphrase").await);
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn letters_to_one_address_are_slowed(world: World) {
        let mut browser = Browser::new(&world);
        for _ in 0..5 {
            assert_page(&ask(&mut browser, "").await, 200);
        }
        assert_eq!(world.letters().await.len(), 5);
        let slowed = ask(&mut browser, "").await;
        assert_page(&slowed, 429);
        assert!(slowed.answer.body.contains("Please wait"), "{}", slowed.answer.body);
        assert_eq!(slowed.answer.header("retry-after"), "30");
        assert!(world.letters().await.is_empty());
        world.advance(31);
        assert_page(&ask(&mut browser, "").await, 200);
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn a_request_that_waited_too_long_is_an_expired_page_not_a_lost_one(world: World) {
        let app = App::register(&world, json!({})).await;
        let mut browser = Browser::new(&world);
        let page = browser.open(&app.request(&[("prompt", Some("create"))])).await;
        world.advance(3600);
        let fields = [("email", EMAIL), ("name", ""), ("password", PASSWORD)];
        assert_page(&browser.submit(&page, "/sign-up", &fields).await, 400);
        let url = page.url.clone();
        assert_page(&browser.open(&url).await, 400);
        assert_page(&browser.open(&url.replace("/sign-up", "/sign-in")).await, 400);
        assert_page(&browser.open(&url.replace("/sign-up", "/consent")).await, 400);
        assert!(world.letters().await.is_empty());
    }
}
