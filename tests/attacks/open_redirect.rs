//! Our own redirects are bent to another site (RFC 9700 §4.11).

use serde_json::json;
use tessera::config::RegistrationMode;
use tessera::protocol::audit::{Actor, Origin};

use crate::on_both_engines;
use crate::support::client::REDIRECT;
use crate::support::world::PASSWORD;
use crate::support::{App, Browser, Registrar, World, registrar};

#[tokio::test(flavor = "multi_thread")]
async fn rfc9700_4_11_2_no_parameter_chooses_where_a_sign_in_ends() {
    let world = World::sqlite().await;
    world.user("alice").await;
    for name in [
        "next",
        "continue",
        "redirect",
        "redirect_uri",
        "return_to",
        "url",
        "post_logout_redirect_uri",
    ] {
        for target in ["https://evil.example", "//evil.example", "/\\evil.example"] {
            let mut browser = Browser::new(&world);
            let encoded: String = form_urlencoded::byte_serialize(target.as_bytes()).collect();
            let page = browser.open(&format!("/sign-in?{name}={encoded}")).await;
            let action = format!("/sign-in?{name}={encoded}");
            let page = browser
                .submit(
                    &page,
                    &action,
                    &[
                        ("username", "alice"),
                        ("password", PASSWORD),
                        (name, target),
                    ],
                )
                .await;
            assert_eq!(
                (page.url.as_str(), page.location().as_str()),
                ("/account", ""),
                "{name}"
            );
            let out = browser.open(&format!("/sign-out?{name}={encoded}")).await;
            let out = browser
                .submit(&out, "/sign-out", &[("decision", "logout"), (name, target)])
                .await;
            assert!(!out.location().contains("evil"), "{name}");
            assert!(!out.answer.body.contains("evil.example"), "{name}");
        }
    }
}

on_both_engines! {
    with |config| { config.registration.mode = RegistrationMode::Token; };
    async fn rfc9700_4_11_2_who_came_with_a_token_gets_its_errors_by_a_redirect_and_no_page(world: World) {
        let (day, actor) = (std::time::Duration::from_hours(24), Actor::Operator);
        let made = world.tessera.create_registration_token(1, day, actor, Origin::default()).await.expect("made");
        let told = registrar::send(&world, "POST", "/register", made.0.expose(), &registrar::metadata(&json!({}))).await;
        assert_eq!(told.status, 201, "{}", told.body);
        let id = told.json()["client_id"].as_str().expect("an id").to_owned();
        let app = App { world: world.clone(), id, secret: String::new() };
        // Bare requests: nothing here follows links for us.
        for (change, error) in [
            (("response_type", None), "invalid_request"),
            (("scope", Some("everything")), "invalid_scope"),
            (("max_age", Some("-1")), "invalid_request"),
        ] {
            let answer = world.get(&app.request(&[change])).await;
            let location = answer.header("location");
            assert_eq!((answer.status, answer.body.contains("id=\"continue\"")), (303, false), "{change:?}");
            assert!(location.starts_with(&format!("{REDIRECT}?")) && location.contains(&format!("error={error}")), "{location}");
        }
        let form = [("response_mode", Some("form_post")), ("max_age", Some("-1"))];
        let answer = world.get(&app.request(&form)).await;
        assert!(answer.body.contains(&format!("action=\"{REDIRECT}\"")) && !answer.body.contains("id=\"request-id\""), "{}", answer.body);
    }
}

on_both_engines! {
    with |config| { config.registration.mode = RegistrationMode::Open; };
    async fn rfc9700_4_11_2_the_page_before_a_strangers_way_back_says_whose_fault_it_is(world: World) {
        let app = of_a_stranger(&world).await;
        for mode in ["query", "form_post"] {
            let answer = world.get(&app.request(&[("response_mode", Some(mode)), ("max_age", Some("-1"))])).await;
            assert_eq!((answer.status, answer.header("location").as_str()), (200, ""), "{mode}");
            let id = answer.header("x-request-id");
            assert!(!id.is_empty(), "{mode}");
            for part in [&format!("id=\"request-id\">{id}<"), "id=\"error-code\">invalid_request<", "id=\"continue\"",
                "probably a mistake in the application, not yours"] {
                assert!(answer.body.contains(part), "{mode}: no {part} in {}", answer.body);
            }
        }
    }
}

async fn of_a_stranger(world: &World) -> App {
    let client = Registrar::register(world, json!({})).await;
    App {
        world: world.clone(),
        id: client.text("client_id"),
        secret: client.text("client_secret"),
    }
}

/// A request that is wrong on purpose.
const WRONG: (&str, Option<&str>) = ("code_challenge_method", Some("plain"));

on_both_engines! {
    with |config| { config.registration.mode = RegistrationMode::Open; };
    async fn rfc9700_4_11_2_an_error_sends_nobody_to_the_place_of_a_stranger_unasked(world: World) {
        world.user("alice").await;
        let app = of_a_stranger(&world).await;
        let mut known = Browser::new(&world);
        known.pass(&app.request(&[]), "alice").await;
        for mut browser in [Browser::new(&world), known.clone()] {
            for changes in [&[WRONG][..], &[WRONG, ("response_mode", Some("fragment"))], &[WRONG, ("prompt", Some("login none"))]] {
                let page = browser.open(&app.request(changes)).await;
                assert_eq!((page.answer.status, page.location().as_str()), (200, ""), "{changes:?}");
                assert!(page.answer.body.contains("app.example") && page.answer.body.contains("invalid_request"));
                assert!(!page.answer.body.contains("http-equiv") && !page.answer.body.contains("form_post."), "nothing goes by itself");
                assert!(!page.answer.body.contains("Album"), "nor under a name that anybody may choose");
                assert!(page.followed().location().starts_with(REDIRECT));
            }
            let page = browser.open(&app.request(&[WRONG, ("response_mode", Some("form_post"))])).await;
            assert!(page.answer.body.contains(&format!("<form method=\"post\" action=\"{REDIRECT}\">")), "{}", page.answer.body);
            assert!(page.answer.header("content-security-policy").contains("form-action 'self' https://app.example;"));
            assert_eq!(page.field("error").as_deref(), Some("invalid_request"));
            // An unusable request object too.
            let page = browser.open(&app.request(&[("request", Some("x"))])).await;
            assert_eq!((page.has("continue"), page.location().as_str()), (true, ""), "{}", page.answer.body);
        }
        // Silent requests are answered, and so is what the person decided.
        let mut nobody = Browser::new(&world);
        let silent = nobody.open(&app.request(&[("prompt", Some("none"))])).await;
        assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
        let silent = nobody.open(&app.request(&[WRONG, ("prompt", Some("none"))])).await;
        assert_eq!(silent.parameter("error").as_deref(), Some("invalid_request"));
        world.advance(1);
        let consent = known.open(&app.request(&[("prompt", Some("consent"))])).await;
        let denied = known.submit(&consent, "/consent", &[("decision", "deny")]).await;
        assert_eq!(denied.parameter("error").as_deref(), Some("access_denied"));
        // The control: an operator's client.
        let trusted = App::register(&world, json!({})).await;
        let page = nobody.open(&trusted.request(&[WRONG])).await;
        assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"));
    }
}

on_both_engines! {
    with |config| { config.registration.mode = RegistrationMode::Token; };
    async fn rfc9700_4_11_2_a_client_that_was_given_a_token_to_register_with_is_trusted(world: World) {
        let (day, actor) = (std::time::Duration::from_hours(24), Actor::Operator);
        let made = world.tessera.create_registration_token(1, day, actor, Origin::default()).await;
        let (token, _) = made.expect("made");
        let answer = registrar::send(&world, "POST", "/register", token.expose(), &registrar::metadata(&json!({}))).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let app = App { world: world.clone(), id: answer.json()["client_id"].as_str().expect("an id").to_owned(), secret: String::new() };
        let page = Browser::new(&world).open(&app.request(&[WRONG])).await;
        assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"));
    }
}
