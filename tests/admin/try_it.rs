//! Trying an application: a real sign-in whose answer comes to a page of ours. That page is no address of the
//! application for anybody else, and nothing that it shows works.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tessera::base::ids::TrialId;
use tessera::protocol::access::Tenant;
use tessera::protocol::client::ClientId;
use tessera::storage::role_grants::Holder;
use tessera::storage::{consents, grants};

use super::{administrator, root};
use crate::api::support::{give, organisation};
use crate::on_both_engines;
use crate::pages::assert_page;
use crate::support::browser::Page;
use crate::support::world::{ISSUER, PASSWORD};
use crate::support::{Browser, World};

fn web() -> Value {
    json!({"client_name": "Photo album", "redirect_uris": ["https://album.example/cb"], "scope": "openid email offline_access",
        "grant_types": ["authorization_code", "refresh_token"]})
}

fn machine(format: &str) -> Value {
    json!({"client_name": "Robot", "grant_types": ["client_credentials"], "response_types": [], "scope": "rows",
        "access_token_format": format})
}

const OPENID: &[(&str, &str)] = &[("scope.openid", "yes"), ("scope.email", "yes")];

fn form(page: &Page, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let hidden = ["csrf", "opened", "tried", "request", "person"];
    let hidden = hidden
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), page.field(name)?)));
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    hidden.chain(fields).collect()
}

/// Begins a trial; the authorization request that the browser is sent to.
async fn begin(browser: &mut Browser, client: &str, fields: &[(&str, &str)]) -> String {
    let path = format!("/admin/clients/{client}/try");
    let page = browser.open(&path).await;
    assert_page(&page, 200);
    let answer = browser.post_once(&path, &form(&page, fields)).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let url = answer.header("location");
    assert!(url.starts_with("/authorize?response_type=code&"), "{url}");
    url
}

async fn allow(browser: &mut Browser, page: &Page) -> String {
    assert!(page.has("allow"), "{}", page.answer.body);
    let answer = browser
        .post_once("/consent", &form(page, &[("decision", "allow")]))
        .await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location")
}

fn value(url: &str, name: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let found = form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// The trial that an authorization request belongs to.
fn trial_of(url: &str) -> TrialId {
    let uri = value(url, "redirect_uri");
    let id = uri.rsplit('/').next().expect("an id").parse();
    TrialId(id.expect("a UUID"))
}

/// No three parts of base64url with a signature, and no token that begins like one of ours and goes on.
fn assert_nothing_works(body: &str) {
    let word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    for run in body.split(|c| !word(c)) {
        let parts: Vec<_> = run.split('.').collect();
        let jwt = parts.len() >= 3 && parts[0].starts_with("eyJ") && !parts[2].is_empty();
        assert!(!jwt, "a whole token: {run}");
        for prefix in ["tsa_", "tsr_", "tss_"] {
            assert!(
                !run.starts_with(prefix) || run.len() < 12,
                "a whole token: {run}"
            );
        }
    }
}

async fn of_trial(world: &World, trial: TrialId) -> Vec<(String, Value)> {
    let events = world.audit().await.into_iter();
    let id = trial.to_string();
    let of = events.filter(|event| event["trial_id"] == id.as_str());
    of.map(|event| (event["kind"].as_str().expect("a kind").to_owned(), event))
        .collect()
}

on_both_engines! {
    async fn a_sign_in_is_shown_step_by_step_and_nothing_of_it_works_or_stays(world: World) {
        let (id, secret) = world.client(web()).await;
        let mut browser = root(&world).await;
        let url = begin(&mut browser, &id, OPENID).await;
        let consent = browser.open(&url).await;
        let back = allow(&mut browser, &consent).await;
        let page = browser.open(&back).await;
        assert_page(&page, 200);
        let body = &page.answer.body;
        for shown in ["/authorize", "code_challenge", "/token", "THE_SECRET", "id_token", "/userinfo", "root@example.org",
            "trial-worked", "nonce"] {
            let shown = if shown == "trial-worked" { "It works" } else { shown };
            assert!(body.contains(shown), "{shown}: {body}");
        }
        assert_nothing_works(body);
        assert!(!body.contains(&secret) && !body.contains(&value(&back, "code")));
        // Everything of it is marked in the log, and its grant has ended.
        let trial = trial_of(&url);
        let events = of_trial(&world, trial).await;
        for kind in ["trial.begun", "consent", "code.issued", "token.issued", "trial.finished"] {
            assert!(events.iter().any(|(known, _)| known == kind), "{kind}: {events:?}");
        }
        let grant = events.iter().find_map(|(kind, event)| (kind == "token.issued").then(|| event["grant_id"].clone()));
        let grant = grant.expect("a grant").as_str().expect("text").parse().expect("an id");
        let mut reader = &world.tessera.store;
        let grant = grants::find(&mut reader, tessera::base::ids::GrantId(grant)).await.expect("the database");
        assert!(grant.expect("a grant").ended_at.is_some());
        // Consent is not remembered, and the application is told of no sign-out.
        let user = world.tessera.find_user("root").await.expect("the database").expect("there");
        let client = ClientId::new(id.as_str());
        assert!(consents::find(&mut reader, user.id, &client).await.expect("the database").is_none());
        let real = format!("/authorize?response_type=code&client_id={id}&redirect_uri=https://album.example/cb&scope=openid");
        assert!(browser.open(&real).await.has("allow"));
        // Once: whoever comes back, or begins with the same address again, finds nothing.
        let again = browser.open(&back).await;
        assert!(again.url.contains("/try?done=over"), "{}", again.url);
        assert_page(&browser.open(&url).await, 400);
    }
}

on_both_engines! {
    async fn rfc6749_3_1_2_the_return_page_is_no_redirect_uri_of_anybody_else(world: World) {
        let (id, _) = world.client(web()).await;
        let (other, _) = world.client(web()).await;
        let mut browser = root(&world).await;
        // Made up: there is no such trial.
        let made_up = "01890000-0000-7000-8000-000000000000";
        for (client, uri) in [
            (&id, format!("{ISSUER}/admin/clients/{id}/try/{made_up}")),
            (&id, format!("{ISSUER}/admin/clients/{id}/try")),
            (&id, format!("{ISSUER}/admin/clients/{id}/try/")),
        ] {
            let bare = format!("/authorize?response_type=code&client_id={client}&redirect_uri={uri}&scope=openid");
            assert_page(&browser.open(&bare).await, 400);
        }
        let url = begin(&mut browser, &id, OPENID).await;
        // Another challenge, more scopes, another client, another form of the same address.
        let challenge = value(&url, "code_challenge");
        let mine = URL_SAFE_NO_PAD.encode([7; 32]);
        for changed in [
            url.replace(&challenge, &mine),
            url.replace("openid+email", "openid+email+offline_access"),
            url.replace("openid+email", "openid"),
            url.replace(&format!("client_id={id}"), &format!("client_id={other}")),
            url.replace(&id, &other),
            format!("{url}&prompt=none"),
            url.split("&code_challenge").next().expect("a beginning").to_owned(),
        ] {
            assert_ne!(changed, url);
            assert_page(&browser.open(&changed).await, 400);
        }
        // The same person, in another browser.
        let mut elsewhere = Browser::new(&world);
        let page = elsewhere.open("/sign-in").await;
        elsewhere.sign_in(&page, "root", PASSWORD).await;
        assert_page(&elsewhere.open(&url).await, 400);
        // And as it was meant.
        assert!(browser.open(&url).await.has("allow"));
        world.advance(600);
        assert_page(&browser.open(&url).await, 400);
    }
}

on_both_engines! {
    async fn the_code_of_a_trial_is_redeemed_by_the_trial_alone(world: World) {
        let (id, secret) = world.client(web()).await;
        let mut browser = root(&world).await;
        let url = begin(&mut browser, &id, OPENID).await;
        let consent = browser.open(&url).await;
        let back = allow(&mut browser, &consent).await;
        let (code, uri) = (value(&back, "code"), value(&url, "redirect_uri"));
        // Even with everything that an attacker could not have: the secret and the verifier.
        let trial = trial_of(&url);
        let verifier = world.tessera.master.mac("trial-verifier", &[trial.0.as_bytes()]).expect("a MAC");
        let verifier = URL_SAFE_NO_PAD.encode(verifier);
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", &uri), ("code_verifier", &verifier)];
        let answer = world.post("/token", &[("authorization", &basic)], &fields).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_grant"));
        // The answer is for who began it, where they began it, and for the state that they sent.
        let mut other = administrator(&world, "other", Some("super-administrator"), Tenant::Deployment).await;
        assert_page(&other.open(&back).await, 404);
        let mut copied = browser.clone();
        let named = copied.cookies.keys().find(|name| name.contains("tessera-browser")).expect("its own cookie").clone();
        copied.cookies.remove(&named);
        assert_page(&copied.open(&back).await, 404);
        let state = value(&url, "state");
        assert_page(&browser.open(&back.replace(&state, "forged")).await, 404);
        let forged = format!("{}?error=access_denied&iss={ISSUER}", uri.strip_prefix(ISSUER).expect("ours"));
        assert_page(&browser.open(&forged).await, 404);
        let page = browser.open(&back).await;
        assert!(page.answer.body.contains("It works"), "{}", page.answer.body);
    }
}

on_both_engines! {
    async fn a_trial_is_of_who_began_it_whoever_else_is_signed_in(world: World) {
        let (id, _) = world.client(web()).await;
        world.user("mallory").await;
        let mut browser = root(&world).await;
        let url = begin(&mut browser, &id, &[("scope.openid", "yes"), ("prompt", "login")]).await;
        let page = browser.open(&url).await;
        let page = browser.sign_in(&page, "mallory", PASSWORD).await;
        // No code for them: the administration is not theirs either.
        assert_page(&page, 403);
        assert!(page.url.contains("error=login_required"), "{}", page.url);
        // With both accounts here, it is the one that began it, without a question.
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "mallory", PASSWORD).await;
        let page = browser.open("/sign-in/another").await;
        let page = browser.sign_in(&page, "root", PASSWORD).await;
        assert_eq!(page.url, "/account");
        let url = begin(&mut browser, &id, &[("scope.openid", "yes"), ("prompt", "consent")]).await;
        let consent = browser.open(&url).await;
        let back = allow(&mut browser, &consent).await;
        let page = browser.open(&back).await;
        let root = world.tessera.find_user("root").await.expect("the database").expect("there");
        assert!(page.answer.body.contains(&root.id.to_string()), "{}", page.answer.body);
    }
}

on_both_engines! {
    async fn oidc_core_3_1_2_6_refusals_are_shown_as_what_they_are(world: World) {
        let (id, _) = world.client(web()).await;
        let mut browser = root(&world).await;
        let url = begin(&mut browser, &id, &[("scope.openid", "yes"), ("prompt", "none")]).await;
        let page = browser.open(&url).await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("<code>consent_required</code>"), "{}", page.answer.body);
        let events = of_trial(&world, trial_of(&url)).await;
        assert!(events.iter().any(|(kind, event)| kind == "trial.finished" && event["reason"] == "consent_required"));
        let url = begin(&mut browser, &id, OPENID).await;
        let consent = browser.open(&url).await;
        let denied = browser.submit(&consent, "/consent", &[("decision", "deny")]).await;
        assert_page(&denied, 200);
        assert!(denied.answer.body.contains("<code>access_denied</code>"), "{}", denied.answer.body);
        // Strangers' words come through the browser: they are text.
        let url = begin(&mut browser, &id, OPENID).await;
        let uri = value(&url, "redirect_uri");
        let state = value(&url, "state");
        let back = format!("{uri}?state={state}&error=%3Cscript%3E&error_description=%3Cb%3E");
        let page = browser.open(&back).await;
        assert!(page.answer.body.contains("&#60;script&#62;") && !page.answer.body.contains("<b>&"), "{}", page.answer.body);
        // Switched off, nothing begins.
        let path = format!("/admin/clients/{id}");
        let off = browser.open(&format!("{path}/disable")).await;
        browser.submit(&off, &format!("{path}/disable"), &[]).await;
        let page = browser.open(&format!("{path}/try")).await;
        let refused = browser.post(&format!("{path}/try"), &form(&page, OPENID)).await;
        assert_page(&refused, 422);
    }
}

on_both_engines! {
    async fn rfc6749_4_4_the_token_of_a_machine_is_revoked_before_it_is_shown(world: World) {
        let mut browser = root(&world).await;
        for format in ["jwt", "opaque"] {
            let (id, secret) = world.client(machine(format)).await;
            let path = format!("/admin/clients/{id}/try");
            let page = browser.open(&path).await;
            let shown = browser.post(&path, &form(&page, &[("scope.rows", "yes")])).await;
            assert_page(&shown, 200);
            assert!(shown.answer.body.contains("It works") && !shown.answer.body.contains(&secret), "{}", shown.answer.body);
            assert_nothing_works(&shown.answer.body);
        }
        let events = world.audit().await;
        let of = |kind: &str| {
            let of = events.iter().filter(|event| event["kind"] == kind).cloned();
            of.collect::<Vec<_>>()
        };
        let (issued, revoked) = (of("token.issued"), of("token.revoked"));
        assert_eq!(issued.len(), 2);
        for token in issued {
            let ended = revoked.iter().any(|event| event["jti"] == token["jti"]);
            assert!(token["trial_id"].is_string() && ended, "{token}");
        }
    }
}

on_both_engines! {
    async fn nobody_has_an_application_act_that_may_do_more_than_they_may(world: World) {
        let (id, _) = world.client(machine("jwt")).await;
        let mut browser = administrator(&world, "clerk", Some("client-manager"), Tenant::Deployment).await;
        let path = format!("/admin/clients/{id}/try");
        let page = browser.open(&path).await;
        let sent = form(&page, &[("scope.rows", "yes")]);
        assert_page(&browser.post(&path, &sent).await, 200);
        give(&world, "super-administrator", Holder::Client(ClientId::new(id.as_str())), Tenant::Deployment).await;
        assert_page(&browser.post(&path, &sent).await, 422);
    }
}

on_both_engines! {
    async fn a_trial_comes_back_to_the_organisation_that_it_was_begun_in(world: World) {
        let ours = organisation(&world, "ours").await;
        let mut here = administrator(&world, "here", Some("client-manager"), Tenant::Organisation(ours)).await;
        let page = here.open("/admin/clients/new?kind=web").await;
        let fields = [("kind", "web"), ("client_name", "Ours"), ("redirect_uris", "https://ours.example/cb"), ("scope", "openid")];
        let made = here.post("/admin/clients/new", &form(&page, &fields)).await;
        let id = made.answer.body.split("id=\"client-id\">").nth(1).expect("an id").split('<').next().expect("text").to_owned();
        let url = begin(&mut here, &id, &[("scope.openid", "yes")]).await;
        assert!(value(&url, "redirect_uri").ends_with(&format!("?organisation={ours}")), "{url}");
        // An application of an organisation is for its people: who administers it without being one of them is none.
        let page = here.open(&url).await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("<code>access_denied</code>"), "{}", page.answer.body);
        assert!(page.answer.body.contains(&format!("/try?organisation={ours}")));
    }
}
