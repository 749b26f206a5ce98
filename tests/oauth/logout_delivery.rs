//! Back-Channel Logout: whatever ends a session, its clients are told; and what is to be told is never
//! lost and never told twice at once.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Value, json};
use tessera::base::Entropy;
use tessera::base::ids::{SessionId, UserId};
use tessera::flows::Tessera;
use tessera::flows::letters::LetterKind;
use tessera::flows::session::Whose;
use tessera::protocol::access::Permit;
use tessera::protocol::audit::{Actor, Origin};
use tessera::protocol::client::ClientId;
use wiremock::matchers::{header as has_header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::logout::{id_token, sign_out, signed_in};

use crate::on_both_engines;
use crate::pages::passkeys;
use crate::support::client::{REDIRECT, claims_of as claims};
use crate::support::world::{ISSUER, PASSWORD};
use crate::support::{App, Browser, SecurityKey, World};

/// An application with an endpoint for logout tokens.
struct Listener {
    app: App,
    server: MockServer,
}

impl Listener {
    async fn new(world: &World, changes: Value) -> Self {
        let server = MockServer::start().await;
        let mut all = json!({"backchannel_logout_uri": format!("{}/bc?x=1", server.uri())});
        for (name, value) in changes.as_object().expect("an object") {
            all[name] = value.clone();
        }
        let app = App::register(world, all).await;
        let listener = Self { app, server };
        listener.answers(200).await;
        listener
    }

    /// From now on.
    async fn answers(&self, status: u16) {
        self.answers_with(ResponseTemplate::new(status)).await;
    }

    async fn answers_with(&self, response: ResponseTemplate) {
        self.server.reset().await;
        Mock::given(method("POST"))
            .and(path("/bc"))
            .and(has_header(
                "content-type",
                "application/x-www-form-urlencoded",
            ))
            .respond_with(response)
            .mount(&self.server)
            .await;
    }

    /// The tokens that arrived since the answer was set.
    async fn heard(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.expect("recorded");
        requests
            .iter()
            .map(|request| {
                let mut fields = form_urlencoded::parse(&request.body);
                let (name, token) = fields.next().expect("a field");
                assert_eq!((name.as_ref(), fields.next()), ("logout_token", None));
                token.into_owned()
            })
            .collect()
    }

    fn id(&self) -> ClientId {
        ClientId::new(self.app.id.as_str())
    }
}

fn sid(token: &str) -> String {
    claims(token)["sid"].as_str().expect("a sid").to_owned()
}

/// What the job does, until nothing is due.
async fn deliver(tessera: &Tessera) -> usize {
    let mut delivered = 0;
    loop {
        let due = tessera.due_logouts(&[]).await.expect("the database");
        if due.is_empty() {
            return delivered;
        }
        for client in due {
            delivered += tessera
                .deliver_logouts(&client)
                .await
                .expect("the database");
        }
    }
}

/// Another node on the same database.
async fn node(world: &World) -> Tessera {
    let known = &world.tessera;
    let (config, master) = (known.config.clone(), (*known.master).clone());
    let node = Tessera::new(config, master, known.clock.clone(), Entropy::system()).expect("parts");
    node.load_keys().await.expect("keys");
    node
}

async fn leave(browser: &mut Browser) {
    let page = browser.open("/sign-out").await;
    browser
        .submit(&page, "/sign-out", &[("decision", "logout")])
        .await;
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    SignOut,
    ByApplication,
    EndThisOne,
    EndAnother,
    PasswordChange,
    PasswordReset,
    Disabled,
    EndOthers,
    FactorRemoved,
    NotMe,
    DeletionRequested,
    Operator,
    OperatorOfPerson,
    OperatorOfAll,
    NinthAccount,
    Idle,
    Absolute,
}

const WAYS: [(Way, &str); 17] = [
    (Way::SignOut, "signed_out"),
    (Way::ByApplication, "signed_out"),
    (Way::EndThisOne, "signed_out"),
    (Way::EndAnother, "ended_by_owner"),
    (Way::PasswordChange, "password_changed"),
    (Way::PasswordReset, "password_reset"),
    (Way::Disabled, "user_disabled"),
    (Way::EndOthers, "ended_by_owner"),
    (Way::FactorRemoved, "factor_removed"),
    (Way::NotMe, "not_me"),
    (Way::DeletionRequested, "deletion_requested"),
    (Way::Operator, "ended_by_operator"),
    (Way::OperatorOfPerson, "ended_by_operator"),
    (Way::OperatorOfAll, "ended_by_operator"),
    (Way::NinthAccount, "made_room"),
    (Way::Idle, "expired"),
    (Way::Absolute, "expired"),
];

const NEW: &str = "a new long passphrase";

/// Ends the session of `browser`, in which `hint` was issued.
async fn end(world: &World, way: Way, who: &str, browser: &mut Browser, hint: &str) {
    let id = claims(hint)["sub"].as_str().expect("a sub").to_owned();
    let end_by = async |browser: &mut Browser| {
        let page = browser.open("/account").await;
        let fields = [("session_id", sid(hint))];
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        browser
            .submit(&page, "/account/sessions/end", &fields)
            .await;
    };
    let mut other = Browser::new(world);
    let page = other.open("/sign-in").await;
    match way {
        Way::SignOut => leave(browser).await,
        Way::ByApplication => drop(browser.open(&sign_out(&[("id_token_hint", hint)])).await),
        Way::EndThisOne => end_by(browser).await,
        Way::EndAnother => {
            other.sign_in(&page, who, PASSWORD).await;
            end_by(&mut other).await;
        }
        Way::PasswordChange => {
            other.sign_in(&page, who, PASSWORD).await;
            let page = other.open("/account").await;
            let fields = [("current_password", PASSWORD), ("password", NEW)];
            other.submit(&page, "/account/password", &fields).await;
        }
        Way::PasswordReset => {
            let asked = world.tessera.request_reset(who, "en", Origin::default());
            assert_eq!(asked.await.expect("asked"), None);
            let page = other
                .open(&world.letter_link(LetterKind::ResetPassword).await)
                .await;
            other
                .submit(&page, "/reset-password", &[("password", NEW)])
                .await;
        }
        Way::Disabled => {
            let id = tessera::base::ids::UserId(id.parse().expect("an id"));
            let done =
                world
                    .tessera
                    .set_user_disabled(id, true, Actor::Operator, Origin::default());
            assert!(done.await.expect("the database"));
        }
        Way::NinthAccount => {
            // One more account stays beside it; the ninth pushes the first out.
            for number in 0..8 {
                let other = format!("other{number}");
                world.user(&other).await;
                let page = browser.open("/sign-in/another").await;
                browser.sign_in(&page, &other, PASSWORD).await;
            }
        }
        Way::Idle => world.advance(8 * 3600),
        Way::Absolute => {
            for _ in 0..24 {
                world.advance(7 * 3600);
                assert_eq!(
                    browser.open("/account").await.url == "/account",
                    world.tessera.now().seconds()
                        < claims(hint)["iat"].as_i64().expect("a time") + 7 * 86_400
                );
            }
        }
        _ => end_from_elsewhere(world, way, who, hint).await,
    }
    world
        .tessera
        .end_expired_sessions()
        .await
        .expect("the database");
}

async fn end_from_elsewhere(world: &World, way: Way, who: &str, hint: &str) {
    let by_operator = async |whose| {
        let ended = world.tessera.end_as_operator(whose, Origin::default());
        assert_eq!(ended.await.expect("the database"), 1, "{way:?}");
    };
    let user = UserId(
        claims(hint)["sub"]
            .as_str()
            .expect("a sub")
            .parse()
            .expect("an id"),
    );
    let mut other = Browser::new(world);
    match way {
        Way::Operator => {
            by_operator(Whose::One(SessionId(sid(hint).parse().expect("an id")))).await;
        }
        Way::OperatorOfPerson => by_operator(Whose::Of(user)).await,
        Way::OperatorOfAll => by_operator(Whose::Everybody(Permit::of_operator())).await,
        _ => {
            world.all_letters().await;
            let page = other.open("/sign-in").await;
            other.sign_in(&page, who, PASSWORD).await;
        }
    }
    match way {
        Way::EndOthers => {
            let page = other.open("/account").await;
            other
                .submit(&page, "/account/sessions/end-others", &[])
                .await;
        }
        Way::NotMe => {
            let letters = world.all_letters().await;
            let letter = letters
                .iter()
                .find(|letter| letter.kind == LetterKind::NewDevice);
            let link = letter
                .and_then(|letter| letter.link.clone())
                .expect("a link");
            let page = other.open(&link).await;
            other.submit(&page, "/not-me", &[]).await;
        }
        Way::DeletionRequested => {
            let page = other.open("/account/delete").await;
            other.submit(&page, "/account/delete", &[]).await;
        }
        _ => {}
    }
}

/// A session that rests on a passkey, and the browser in which that was set up.
async fn signed_in_by_passkey(world: &World, app: &App, who: &str) -> (Browser, String, Browser) {
    let mut key = SecurityKey::new();
    let owner = passkeys::enrol(world, who, &mut key).await;
    let mut browser = Browser::new(world);
    passkeys::sign_in(&mut browser, &mut key).await;
    let hint = id_token(app, &mut browser, who).await;
    (browser, hint, owner)
}

on_both_engines! {
    async fn backchannel_logout_2_3_every_way_in_which_a_session_ends_tells_its_clients(world: World) {
        world.user("mallory").await;
        let listener = Listener::new(&world, json!({})).await;
        let other = Listener::new(&world, json!({})).await;
        for (number, (way, how)) in WAYS.into_iter().enumerate() {
            let who = format!("person{number}");
            world.user(&who).await;
            let (mut browser, hint, owner) = if way == Way::FactorRemoved {
                let (browser, hint, owner) = signed_in_by_passkey(&world, &listener.app, &who).await;
                (browser, hint, Some(owner))
            } else {
                let (browser, hint) = signed_in(&listener.app, &who).await;
                (browser, hint, None)
            };
            id_token(&other.app, &mut browser, &who).await;
            assert_eq!(deliver(&world.tessera).await, 0, "{way:?}: nothing ended yet");
            match owner {
                Some(mut owner) => passkeys::remove_the_first(&mut owner).await,
                None => end(&world, way, &who, &mut browser, &hint).await,
            }
            if way != Way::NinthAccount {
                assert_eq!(browser.open("/account").await.url, "/sign-in", "{way:?}");
            }
            deliver(&world.tessera).await;
            for server in [&listener, &other] {
                let heard: Vec<_> = server.heard().await.iter().filter(|token| sid(token) == sid(&hint)).cloned().collect();
                assert_eq!(heard.len(), 1, "{way:?}");
                server.answers(200).await;
            }
            let audit = world.audit().await;
            let event = audit.iter().find(|e| e["kind"] == "session.ended" && e["session_id"] == sid(&hint));
            assert_eq!(event.expect("an event")["how"], how, "{way:?}");
            // Whoever is left of this turn goes too.
            world.advance(8 * 86_400);
            world.tessera.end_expired_sessions().await.expect("the database");
            deliver(&world.tessera).await;
            listener.answers(200).await;
            other.answers(200).await;
        }
    }
}

on_both_engines! {
    async fn backchannel_logout_2_4_a_token_is_for_one_client_about_one_session_and_for_two_minutes(world: World) {
        world.user("alice").await;
        for (alg, pairwise) in [("RS256", false), ("ES256", true)] {
            let kind = if pairwise { "pairwise" } else { "public" };
            let listener = Listener::new(&world, json!({"id_token_signed_response_alg": alg, "subject_type": kind,
                "backchannel_logout_session_required": true})).await;
            let (mut browser, hint) = signed_in(&listener.app, "alice").await;
            leave(&mut browser).await;
            world.advance(30);
            assert_eq!(deliver(&world.tessera).await, 1);
            let heard = listener.heard().await;
            let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(heard[0].split('.').next().expect("a header")).expect("base64url")).expect("JSON");
            assert_eq!((&header["typ"], &header["alg"]), (&json!("logout+jwt"), &json!(alg)));
            let jwks = world.get("/jwks").await.json();
            assert!(jwks["keys"].as_array().expect("keys").iter().any(|key| key["kid"] == header["kid"] && key["alg"] == alg));
            let (now, hint, token) = (world.tessera.now().seconds(), claims(&hint), claims(&heard[0]));
            assert_eq!(token["sub"], hint["sub"], "as the ID token said");
            assert_eq!(token["sid"], hint["sid"]);
            assert_eq!((&token["iss"], &token["aud"]), (&json!(ISSUER), &json!(listener.app.id)));
            assert_eq!((&token["iat"], &token["exp"]), (&json!(now), &json!(now + 120)), "of the attempt, not of the logout");
            assert_eq!(token["events"], json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
            assert!(token["jti"].as_str().is_some_and(|jti| jti.len() >= 16));
            assert!(token.get("nonce").is_none());
            // It passes for nothing else here.
            let (bearer, query) = (format!("Bearer {}", heard[0]), [("id_token_hint", heard[0].as_str())]);
            let userinfo = axum::http::Request::get("/userinfo").header("authorization", bearer).body(axum::body::Body::empty());
            assert_eq!(world.send(userinfo.expect("a request")).await.status, 401);
            let (mut browser, _) = signed_in(&listener.app, "alice").await;
            assert!(browser.open(&sign_out(&query)).await.has("problems"));
        }
    }
}

on_both_engines! {
    async fn backchannel_logout_2_3_who_got_nothing_of_this_session_is_told_nothing(world: World) {
        world.user("alice").await;
        let listener = Listener::new(&world, json!({})).await;
        let silent = App::register(&world, json!({})).await;
        let disabled = Listener::new(&world, json!({})).await;
        let (mut there, _) = signed_in(&listener.app, "alice").await;
        let (mut here, _) = signed_in(&silent, "alice").await;
        id_token(&disabled.app, &mut here, "alice").await;
        world.switch_client(disabled.id().as_str(), true).await;
        leave(&mut here).await;
        assert_eq!(deliver(&world.tessera).await, 0);
        assert!(listener.heard().await.is_empty() && disabled.heard().await.is_empty());
        leave(&mut there).await;
        assert_eq!(deliver(&world.tessera).await, 1, "the control");
    }
}

on_both_engines! {
    async fn backchannel_logout_2_3_a_session_remembers_its_clients_longer_than_their_grants_live(world: World) {
        world.user("alice").await;
        // Without refresh tokens, a grant is over after minutes.
        let listener = Listener::new(&world, json!({"grant_types": ["authorization_code"]})).await;
        let (mut browser, _) = signed_in(&listener.app, "alice").await;
        world.advance(7 * 3600);
        tessera::flows::purge::run(&world.tessera).await.expect("purged");
        assert_eq!(browser.open("/account").await.url, "/account");
        leave(&mut browser).await;
        assert_eq!(deliver(&world.tessera).await, 1);
        assert_eq!(listener.heard().await.len(), 1);
    }
}

on_both_engines! {
    async fn an_expired_session_is_not_purged_before_its_clients_are_told(world: World) {
        world.user("alice").await;
        let listener = Listener::new(&world, json!({})).await;
        signed_in(&listener.app, "alice").await;
        world.advance(30 * 86_400);
        tessera::flows::purge::run(&world.tessera).await.expect("purged");
        assert_eq!(deliver(&world.tessera).await, 0);
        assert_eq!(world.tessera.end_expired_sessions().await.expect("ended"), 1);
        assert_eq!(world.tessera.end_expired_sessions().await.expect("ended"), 0);
        assert_eq!(deliver(&world.tessera).await, 1);
        tessera::flows::purge::run(&world.tessera).await.expect("purged");
    }
}

on_both_engines! {
    async fn backchannel_logout_2_8_what_failed_is_tried_again_with_pauses_that_grow_and_given_up_after_a_day(world: World) {
        world.user("alice").await;
        let listener = Listener::new(&world, json!({})).await;
        listener.answers(503).await;
        let (mut browser, _) = signed_in(&listener.app, "alice").await;
        leave(&mut browser).await;
        assert_eq!(deliver(&world.tessera).await, 0);
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let (before, mut waited) = (listener.heard().await.len(), 0);
            while listener.heard().await.len() == before {
                world.advance(15);
                waited += 15;
                assert_eq!(deliver(&world.tessera).await, 0);
            }
            pauses.push(waited);
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960]);
        let tokens = listener.heard().await;
        let jtis: std::collections::BTreeSet<_> = tokens.iter().map(|token| claims(token)["jti"].to_string()).collect();
        assert_eq!(jtis.len(), tokens.len(), "no attempt looks like a replay");
        listener.answers(204).await;
        world.advance(3600);
        assert_eq!(deliver(&world.tessera).await, 1);
        world.advance(3600);
        assert_eq!(deliver(&world.tessera).await, 0, "once");

        // Never up again: given up.
        listener.answers(500).await;
        let (mut browser, _) = signed_in(&listener.app, "alice").await;
        leave(&mut browser).await;
        for _ in 0..30 {
            deliver(&world.tessera).await;
            world.advance(3600);
        }
        let tries = listener.heard().await.len();
        assert!((20..40).contains(&tries), "{tries}");
        listener.answers(200).await;
        assert_eq!(deliver(&world.tessera).await, 0);
    }
}

on_both_engines! {
    async fn backchannel_logout_2_8_a_client_that_refuses_is_asked_three_times_more_because_400_is_also_a_failure(world: World) {
        world.user("alice").await;
        let listener = Listener::new(&world, json!({})).await;
        listener.answers(400).await;
        let (mut browser, _) = signed_in(&listener.app, "alice").await;
        leave(&mut browser).await;
        for tries in [1, 2, 3, 4, 4, 4] {
            assert_eq!(deliver(&world.tessera).await, 0);
            assert_eq!(listener.heard().await.len(), tries);
            world.advance(300);
        }
        // A failure that passes costs nothing.
        let (mut browser, _) = signed_in(&listener.app, "alice").await;
        listener.answers(400).await;
        leave(&mut browser).await;
        assert_eq!(deliver(&world.tessera).await, 0);
        listener.answers(200).await;
        world.advance(30);
        assert_eq!(deliver(&world.tessera).await, 1);
    }
}

on_both_engines! {
    async fn what_waits_and_what_came_of_it_is_counted(world: World) {
        let recorder = PrometheusBuilder::new().build_recorder();
        let numbers = recorder.handle();
        // Of this thread, on which the test runs.
        let _counted = metrics::set_default_local_recorder(&recorder);
        let count = |outcome: &str| {
            let name = format!("tessera_backchannel_logouts_total{{outcome=\"{outcome}\"}} ");
            let text = numbers.render();
            text.lines().find_map(|line| line.strip_prefix(&name).map(str::to_owned)).unwrap_or_default()
        };
        let waiting = async || {
            let waiting = world.tessera.measure_logouts().await.expect("the database");
            let line = format!("tessera_backchannel_logouts_waiting {waiting}");
            assert!(numbers.render().lines().any(|told| told == line), "{}", numbers.render());
            waiting
        };
        world.user("alice").await;
        let listener = Listener::new(&world, json!({})).await;
        assert_eq!(waiting().await, 0);
        for _ in 0..2 {
            let (mut browser, _) = signed_in(&listener.app, "alice").await;
            leave(&mut browser).await;
        }
        assert_eq!(waiting().await, 2);
        listener.answers(503).await;
        deliver(&world.tessera).await;
        assert_eq!((waiting().await, count("put_off").as_str(), count("delivered").as_str()), (2, "2", ""));
        listener.answers(200).await;
        world.advance(30);
        deliver(&world.tessera).await;
        assert_eq!((waiting().await, count("put_off").as_str(), count("delivered").as_str()), (0, "2", "2"));
        // What nobody delivers any more does not wait.
        let (mut browser, _) = signed_in(&listener.app, "alice").await;
        leave(&mut browser).await;
        assert_eq!(waiting().await, 1);
        world.advance(24 * 3600);
        assert_eq!(waiting().await, 0);
    }
}

on_both_engines! {
    async fn a_restart_loses_no_logout_token(world: World) {
        world.user("alice").await;
        let listener = Listener::new(&world, json!({})).await;
        let (mut browser, hint) = signed_in(&listener.app, "alice").await;
        leave(&mut browser).await;
        // A node takes it, and dies before it has delivered: dropped in the middle of the exchange.
        listener.answers_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(30))).await;
        let dying = tokio::time::timeout(Duration::from_millis(700), deliver(&world.tessera)).await;
        assert!(dying.is_err());
        world.tessera.store.close().await;
        listener.answers(200).await;
        let after = node(&world).await;
        assert_eq!(deliver(&after).await, 0, "not before the lease is over: it might still be on its way");
        world.advance(120);
        assert_eq!(deliver(&after).await, 1);
        assert_eq!(sid(&listener.heard().await[0]), sid(&hint));
        after.store.close().await;
    }
}

on_both_engines! {
    async fn two_nodes_never_deliver_the_same_token(world: World) {
        let listener = Listener::new(&world, json!({})).await;
        for number in 0..12 {
            let who = format!("person{number}");
            world.user(&who).await;
            let (mut browser, _) = signed_in(&listener.app, &who).await;
            leave(&mut browser).await;
        }
        let second = node(&world).await;
        let id = listener.id();
        let work = |tessera: Tessera| { let id = id.clone(); async move {
            let mut delivered = 0;
            for _ in 0..4 {
                delivered += tessera.deliver_logouts(&id).await.expect("the database");
            }
            delivered
        } };
        let (one, two, three) = tokio::join!(work(world.tessera.clone()), work(second.clone()), work(world.tessera.clone()));
        assert_eq!(one + two + three, 12);
        let heard = listener.heard().await;
        let sids: std::collections::BTreeSet<_> = heard.iter().map(|token| sid(token)).collect();
        assert_eq!((heard.len(), sids.len()), (12, 12));
        second.store.close().await;
    }
}

on_both_engines! {
    async fn a_slow_client_holds_no_other_one_up(world: World) {
        world.user("alice").await;
        let (slow, quick) = (Listener::new(&world, json!({})).await, Listener::new(&world, json!({})).await);
        slow.answers_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(3))).await;
        let (mut browser, _) = signed_in(&slow.app, "alice").await;
        id_token(&quick.app, &mut browser, "alice").await;
        let jobs = tessera::jobs::spawn_all(&world.tessera);
        leave(&mut browser).await;
        for _ in 0..100 {
            if !quick.heard().await.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(quick.heard().await.len(), 1);
        assert_eq!(world.tessera.due_logouts(&[]).await.expect("the database"), [], "both were taken");
        // A second session, while the first is still on its way to the slow one.
        id_token(&quick.app, &mut browser, "alice").await;
        leave(&mut browser).await;
        for _ in 0..100 {
            if quick.heard().await.len() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(quick.heard().await.len(), 2);
        jobs.stop(Duration::from_secs(10)).await;
        world.advance(3600);
        assert_eq!(deliver(&world.tessera).await, 0, "the slow one had it too");
    }
}

on_both_engines! {
    with |config| config.outbound.allow_private_networks = false;
    async fn backchannel_logout_4_a_token_does_not_go_where_the_guard_forbids(world: World) {
        world.user("alice").await;
        let listener = Listener::new(&world, json!({"redirect_uris": [REDIRECT]})).await;
        let (mut browser, _) = signed_in(&listener.app, "alice").await;
        leave(&mut browser).await;
        assert_eq!(deliver(&world.tessera).await, 0);
        world.advance(3600);
        assert_eq!(deliver(&world.tessera).await, 0);
        assert!(listener.heard().await.is_empty());
    }
}
