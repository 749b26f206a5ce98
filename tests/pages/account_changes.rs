//! What a person changes about the account: address, profile, sessions, deletion; and "it was not me".

use axum::body::Body;
use axum::http::Request;
use futures_util::stream;
use tessera::flows::letters::{LetterKind, LetterRequest};
use tessera::flows::purge;
use tessera::flows::session::Whose;
use tessera::protocol::audit::{Actor, Origin};

use super::{assert_page, signed_in, signs_in};
use crate::on_both_engines;
use crate::support::world::{Answer, ISSUER, PASSWORD};
use crate::support::{App, Browser, Page, World};

const NEW: &str = "ada@new.example";

fn link(letters: &[LetterRequest], kind: LetterKind) -> String {
    let found = letters.iter().find(|letter| letter.kind == kind);
    let found = found.unwrap_or_else(|| panic!("no {kind:?} among {letters:?}"));
    found.link.clone().expect("a link")
}

/// Asks for another address; the letters that follow.
async fn ask(world: &World, browser: &mut Browser, email: &str) -> Vec<LetterRequest> {
    let page = browser.open("/account/email").await;
    assert_page(&page, 200);
    let page = browser
        .submit(&page, "/account/email", &[("email", email)])
        .await;
    assert_page(&page, 200);
    assert!(
        page.answer.body.contains("Waiting for "),
        "{}",
        page.answer.body
    );
    world.letters().await
}

async fn answer(browser: &mut Browser, link: &str, decision: &str) -> Page {
    let page = browser.open(link).await;
    assert_page(&page, 200);
    let action = page.url.split('?').next().expect("a path").to_owned();
    browser
        .submit(&page, &action, &[("decision", decision)])
        .await
}

async fn email_of(world: &World, username: &str) -> String {
    let user = world
        .tessera
        .find_user(username)
        .await
        .expect("the database");
    user.expect("the account").email
}

on_both_engines! {
    async fn an_address_changes_when_both_have_said_yes_and_the_old_one_is_told(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let letters = ask(&world, &mut owner, NEW).await;
        let [old, new] = [LetterKind::EmailChangeAsked, LetterKind::ConfirmNewEmail].map(|kind| link(&letters, kind));
        let to = |kind| letters.iter().find(|letter| letter.kind == kind).map(|letter| letter.to.as_str());
        assert_eq!(letters.len(), 2);
        assert_eq!(to(LetterKind::EmailChangeAsked), Some("alice@example.org"));
        assert_eq!(to(LetterKind::ConfirmNewEmail), Some(NEW));
        // A stranger who got the letter by mistake cannot say yes, nor can another account.
        let mut stranger = Browser::new(&world);
        let page = stranger.open(&new).await;
        assert!(page.answer.body.contains("Sign in first") && !page.has("confirm"));
        let token = new.split_once("token=").expect("a token").1.to_owned();
        let page = stranger.open("/sign-in").await;
        let forged = stranger.submit(&page, "/email-change", &[("token", &token), ("decision", "confirm")]).await;
        assert_page(&forged, 410);
        let page = owner.open(&new).await;
        let forged = [("csrf", "x"), ("decision", "confirm")];
        assert_page(&owner.submit(&page, "/email-change", &forged).await, 403);
        let page = answer(&mut owner, &new, "confirm").await;
        assert!(page.answer.body.contains("One confirmation is left"), "{}", page.answer.body);
        assert_eq!(email_of(&world, "alice").await, "alice@example.org");
        // The other mailbox is read elsewhere, signed out.
        let page = answer(&mut stranger, &old, "confirm").await;
        assert!(page.answer.body.contains("Your address is changed"), "{}", page.answer.body);
        assert_eq!(email_of(&world, "alice").await, NEW);
        let told = world.letters().await;
        assert_eq!((told.len(), told[0].kind, told[0].to.as_str()), (1, LetterKind::EmailChanged, "alice@example.org"));
        assert_page(&stranger.open(&old).await, 410);
        assert!(signs_in(&world, NEW, PASSWORD).await);
        assert!(!signs_in(&world, "alice@example.org", PASSWORD).await);
    }
}

on_both_engines! {
    with |config| config.accounts.confirm_old_email = false;
    async fn where_the_deployment_says_so_the_new_address_alone_decides(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let letters = ask(&world, &mut owner, NEW).await;
        let page = answer(&mut owner, &link(&letters, LetterKind::ConfirmNewEmail), "confirm").await;
        assert!(page.answer.body.contains("Your address is changed"), "{}", page.answer.body);
        assert_eq!(email_of(&world, "alice").await, NEW);
    }
}

on_both_engines! {
    async fn nobody_learns_from_a_change_of_address_who_has_an_account(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let mut owner = signed_in(&world, "alice").await;
        let page = owner.open("/account/email").await;
        let free = owner.submit(&page, "/account/email", &[("email", "nobody@example.org")]).await;
        world.letters().await;
        let taken = owner.submit(&page, "/account/email", &[("email", "bobby@example.org")]).await;
        let same = |page: &Page| {
            let body = page.answer.body.replace("nobody@example.org", "X").replace("bobby@example.org", "X");
            body.split("id=\"events\"").next().expect("a part").replace(&page.field("csrf").expect("a token"), "")
        };
        assert_eq!(free.answer.status, taken.answer.status);
        assert_eq!(same(&free), same(&taken));
        let mut letters = world.letters().await;
        // They leave together, in no order.
        letters.sort_by_key(|letter| letter.kind == LetterKind::AddressInUse);
        let kinds: Vec<_> = letters.iter().map(|letter| letter.kind).collect();
        assert_eq!(kinds, [LetterKind::EmailChangeAsked, LetterKind::AddressInUse]);
        assert!(!letters[1].name.contains("alice"));
    }
}

on_both_engines! {
    async fn addresses_that_will_not_do_and_floods_of_letters_are_refused(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let page = owner.open("/account/email").await;
        for bad in ["", "not an address", "Alice@example.org"] {
            let refused = owner.submit(&page, "/account/email", &[("email", bad)]).await;
            assert_page(&refused, 422);
            assert!(refused.has("email-problem"), "{bad}");
        }
        assert!(world.letters().await.is_empty());
        for n in 0..5 {
            let email = format!("n{n}@new.example");
            assert_page(&owner.submit(&page, "/account/email", &[("email", &email)]).await, 200);
        }
        let slowed = owner.submit(&page, "/account/email", &[("email", NEW)]).await;
        assert_page(&slowed, 429);
        assert!(!slowed.answer.header("retry-after").is_empty());
        // Only the newest question can be answered, in its two letters; they leave in no order.
        let letters = world.letters().await;
        let mut open = 0;
        for letter in &letters {
            let page = owner.open(&letter.link.clone().expect("a link")).await;
            open += usize::from(page.answer.status == 200);
        }
        assert_eq!((letters.len(), open), (10, 2));
    }
}

on_both_engines! {
    async fn the_old_address_denies_a_change_and_whoever_asked_is_out(world: World) {
        world.user("alice").await;
        let mut thief = signed_in(&world, "alice").await;
        let letters = ask(&world, &mut thief, "thief@evil.example").await;
        answer(&mut thief, &link(&letters, LetterKind::ConfirmNewEmail), "confirm").await;
        let page = answer(&mut Browser::new(&world), &link(&letters, LetterKind::EmailChangeAsked), "lock").await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("The account is locked"));
        assert_eq!(thief.open("/account").await.url, "/sign-in");
        assert!(!signs_in(&world, "alice", PASSWORD).await);
        assert_eq!(email_of(&world, "alice").await, "alice@example.org");
        world.letter_link(LetterKind::AccountLocked).await;
    }
}

on_both_engines! {
    with |config| config.accounts.confirm_old_email = false;
    async fn not_me_takes_a_changed_address_back_within_its_time_and_not_after(world: World) {
        for (username, late, restored) in [("alice", 6, true), ("bobby", 8, false)] {
            let user = world.user(username).await;
            let mut thief = signed_in(&world, username).await;
            let evil = format!("{username}@evil.example");
            let letters = ask(&world, &mut thief, &evil).await;
            answer(&mut thief, &link(&letters, LetterKind::ConfirmNewEmail), "confirm").await;
            let undo = world.letter_link(LetterKind::EmailChanged).await;
            world.advance(late * 24 * 3600);
            purge::run(&world.tessera).await.expect("purged");
            let mut owner = Browser::new(&world);
            let page = owner.open(&undo).await;
            if restored {
                assert_page(&owner.submit(&page, "/not-me", &[]).await, 200);
                assert_eq!(email_of(&world, username).await, user.email);
                assert_page(&owner.open(&undo).await, 410);
            } else {
                assert_page(&page, 410);
                assert_eq!(email_of(&world, username).await, evil);
            }
            world.letters().await;
        }
    }
}

on_both_engines! {
    async fn not_me_in_a_letter_locks_the_account_once_and_without_signing_in(world: World) {
        world.user("alice").await;
        let app = App::register(&world, serde_json::json!({})).await;
        let tokens = app.tokens("alice").await;
        world.all_letters().await;
        let mut thief = signed_in(&world, "alice").await;
        let letters = world.all_letters().await;
        let not_me = link(&letters, LetterKind::NewDevice);
        // Opening it does nothing: software follows links.
        let mut owner = Browser::new(&world);
        let page = owner.open(&not_me).await;
        assert_page(&page, 200);
        assert!(page.has("lock"));
        assert_eq!(thief.open("/account").await.url, "/account");
        let forged = owner.submit(&page, "/not-me", &[("csrf", "x")]).await;
        assert_page(&forged, 403);
        assert_page(&owner.submit(&page, "/not-me", &[("token", "x")]).await, 410);
        let locked = owner.submit(&page, "/not-me", &[]).await;
        assert_page(&locked, 200);
        assert!(locked.answer.body.contains("href=\"/forgot-password\""));
        assert_eq!(thief.open("/account").await.url, "/sign-in");
        assert_eq!(app.refresh(tokens["refresh_token"].as_str().expect("a token")).await.error(), "invalid_grant");
        assert!(!signs_in(&world, "alice", PASSWORD).await);
        assert_page(&owner.submit(&page, "/not-me", &[]).await, 410);
        // And the owner comes back by the mailbox.
        let page = owner.open("/forgot-password").await;
        owner.submit(&page, "/forgot-password", &[("identifier", "alice")]).await;
        let reset = link(&world.letters().await, LetterKind::ResetPassword);
        let page = owner.open(&reset).await;
        let words = "another five quiet lamps";
        assert_page(&owner.submit(&page, "/reset-password", &[("password", words)]).await, 200);
        assert!(signs_in(&world, "alice", words).await);
        let events = world.audit().await;
        assert!(events.iter().any(|event| event["kind"] == "account.locked"));
    }
}

on_both_engines! {
    async fn the_first_sign_in_of_an_account_is_no_news_and_a_known_device_is_none(world: World) {
        world.user("alice").await;
        let mut browser = signed_in(&world, "alice").await;
        assert!(world.all_letters().await.is_empty());
        let page = browser.open("/sign-out").await;
        browser.submit(&page, "/sign-out", &[("decision", "logout")]).await;
        let page = browser.open("/sign-in").await;
        browser.sign_in(&page, "alice", PASSWORD).await;
        assert!(world.all_letters().await.is_empty());
        signed_in(&world, "alice").await;
        assert_eq!(world.all_letters().await.len(), 1);
    }
}

on_both_engines! {
    async fn asvs_v7_5_1_what_matters_asks_for_a_recent_proof(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let account = owner.open("/account").await;
        world.advance(301);
        for path in ["/account/email", "/account/delete", "/account/data"] {
            let page = owner.open(path).await;
            assert!(page.url.starts_with("/sign-in/step?to="), "{path}: {}", page.url);
        }
        for (path, field, value) in [
            ("/account/email", "email", NEW),
            ("/account/delete", "x", ""),
            ("/account/password", "current_password", PASSWORD),
        ] {
            let page = owner.submit(&account, path, &[(field, value), ("password", "four quiet lamps walking")]).await;
            assert!(page.url.starts_with("/sign-in/step?to="), "{path}: {}", page.url);
        }
        assert!(world.letters().await.is_empty());
        let page = owner.open("/account/email").await;
        let to = page.field("to").expect("where to");
        let fields = [("to", to.as_str()), ("method", "password"), ("password", PASSWORD)];
        let page = owner.submit(&page, "/sign-in/step", &fields).await;
        assert_eq!(page.url, "/account/email");
        assert!(page.has("email"));
    }
}

on_both_engines! {
    async fn everybody_else_is_signed_out_at_once_and_other_people_are_not(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let (mut here, mut there) = (signed_in(&world, "alice").await, signed_in(&world, "alice").await);
        let mut bobby = signed_in(&world, "bobby").await;
        let page = here.open("/account").await;
        assert!(page.has("end-others"));
        let page = here.submit(&page, "/account/sessions/end-others", &[]).await;
        assert_page(&page, 200);
        assert!(!page.has("end-others"));
        assert_eq!(there.open("/account").await.url, "/sign-in");
        for browser in [&mut here, &mut bobby] {
            assert_eq!(browser.open("/account").await.url, "/account");
        }
        let page = Browser::new(&world).submit(&page, "/account/sessions/end-others", &[]).await;
        assert_page(&page, 403);
    }
}

on_both_engines! {
    async fn oidc_core_5_1_people_edit_their_own_profile_within_its_rules(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let page = owner.open("/account/profile").await;
        assert_page(&page, 200);
        assert_eq!(page.field("name").as_deref(), Some("alice Example"));
        for (claim, bad) in [
            ("birthdate", "20.11.1987"), ("zoneinfo", "Europe/Nowhere"), ("locale", "English"),
            ("website", "ftp://a.example/"), ("picture", "no address"), ("nickname", "a\u{202e}b"),
        ] {
            let refused = owner.submit(&page, "/account/profile", &[(claim, bad), ("given_name", "Ada")]).await;
            assert_page(&refused, 422);
            assert!(refused.has(&format!("{claim}-problem")), "{claim}");
        }
        let fields = [
            ("name", ""), ("given_name", " Ada "), ("birthdate", "1987-11-20"), ("zoneinfo", "Europe/Berlin"),
            ("phone_number_verified", "true"), ("attributes", "{}"), ("email", "x@y.example"), ("is_admin", "true"),
        ];
        let page = owner.submit(&page, "/account/profile", &fields).await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("1987-11-20"));
        let user = world.tessera.find_user("alice").await.expect("the database").expect("alice");
        let mut kept: Vec<(&str, &str)> = user.profile.0.iter().map(|(k, v)| (k.as_str(), v.as_str().expect("text"))).collect();
        kept.sort_unstable();
        assert_eq!(kept, [("birthdate", "1987-11-20"), ("given_name", "Ada"), ("zoneinfo", "Europe/Berlin")]);
        assert_eq!(user.email.as_str(), "alice@example.org");
        assert_eq!(world.tessera.roles_of(user.id).await.expect("the database"), []);
    }
}

on_both_engines! {
    async fn gdpr_art_17_an_account_is_disabled_at_once_kept_for_a_while_and_then_gone(world: World) {
        let alice = world.user("alice").await;
        let app = App::register(&world, serde_json::json!({})).await;
        let tokens = app.tokens("alice").await;
        let refresh = tokens["refresh_token"].as_str().expect("a token");
        let mut owner = signed_in(&world, "alice").await;
        let page = owner.open("/account/delete").await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("14 days"));
        assert_page(&owner.submit(&page, "/account/delete", &[("csrf", "x")]).await, 403);
        let page = owner.submit(&page, "/account/delete", &[]).await;
        assert_page(&page, 200);
        assert!(page.answer.body.contains("will be deleted"));
        assert_eq!(owner.open("/account").await.url, "/sign-in");
        assert_eq!(app.refresh(refresh).await.error(), "invalid_grant");
        assert!(!signs_in(&world, "alice", PASSWORD).await);
        let undo = world.letter_link(LetterKind::DeletionAsked).await;
        let page = owner.open(&undo).await;
        let forged = [("csrf", "x"), ("decision", "keep")];
        assert_page(&owner.submit(&page, "/undo-deletion", &forged).await, 403);
        // Kept: everything is there again but what was ended.
        let page = answer(&mut owner, &undo, "keep").await;
        assert!(page.answer.body.contains("Your account stays"), "{}", page.answer.body);
        assert!(signs_in(&world, "alice", PASSWORD).await);
        world.advance(15 * 24 * 3600);
        purge::run(&world.tessera).await.expect("purged");
        assert!(world.tessera.find_user("alice").await.expect("the database").is_some());
        assert_page(&owner.open(&undo).await, 410);
        // Once more, and nobody changes their mind.
        let mut owner = signed_in(&world, "alice").await;
        let page = owner.open("/account/delete").await;
        owner.submit(&page, "/account/delete", &[]).await;
        let undo = world.letter_link(LetterKind::DeletionAsked).await;
        world.advance(14 * 24 * 3600 - 1);
        purge::run(&world.tessera).await.expect("purged");
        assert!(world.tessera.find_user("alice").await.expect("the database").is_some());
        world.advance(1);
        purge::run(&world.tessera).await.expect("purged");
        assert!(world.tessera.find_user("alice").await.expect("the database").is_none());
        assert_page(&owner.open(&undo).await, 410);
        let events = world.audit().await;
        let gone = events.iter().find(|event| event["kind"] == "user.deleted").expect("recorded");
        assert_eq!(gone["user_id"], alice.id.to_string());
        for event in &events {
            let text = event.to_string();
            assert!(!text.contains("alice") && !text.contains("example.org"), "{text}");
        }
    }
}

on_both_engines! {
    async fn a_deletion_is_denied_and_an_operator_has_the_last_word(world: World) {
        world.user("alice").await;
        let bobby = world.user("bobby").await;
        let mut links = Vec::new();
        for username in ["alice", "bobby"] {
            let mut thief = signed_in(&world, username).await;
            let page = thief.open("/account/delete").await;
            thief.submit(&page, "/account/delete", &[]).await;
            links.push(world.letter_link(LetterKind::DeletionAsked).await);
        }
        let mut owner = Browser::new(&world);
        let page = answer(&mut owner, &links[0], "lock").await;
        assert!(page.answer.body.contains("The account is locked"), "{}", page.answer.body);
        assert!(!signs_in(&world, "alice", PASSWORD).await);
        let alice = world.tessera.find_user("alice").await.expect("the database").expect("alice");
        assert!(!alice.disabled && alice.delete_at.is_none());
        // Disabled by an operator meanwhile: the link keeps the account and does not open it.
        world.advance(1);
        let (actor, origin) = (tessera::protocol::audit::Actor::Operator, tessera::protocol::audit::Origin::default());
        world.tessera.set_user_disabled(bobby.id, true, actor, origin).await.expect("disabled");
        answer(&mut owner, &links[1], "keep").await;
        let bobby = world.tessera.find_user("bobby").await.expect("the database").expect("bobby");
        assert!(bobby.disabled && bobby.delete_at.is_none());
    }
}

/// Sends a form whose body arrives only after `meanwhile` has happened: who asks was known before.
async fn late<F>(
    browser: &mut Browser,
    page: &Page,
    (action, fields): (&str, &[(&str, &str)]),
    meanwhile: F,
) -> Answer
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut form = form_urlencoded::Serializer::new(String::new());
    for name in ["csrf", "token"] {
        form.extend_pairs(page.field(name).map(|value| (name, value)));
    }
    let body = form.extend_pairs(fields).finish();
    let arriving = async move {
        meanwhile.await;
        Ok::<_, std::convert::Infallible>(body)
    };
    let request = Request::post(action)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("origin", ISSUER)
        .header("sec-fetch-site", "same-origin")
        .body(Body::from_stream(stream::once(arriving)));
    browser.send(request.expect("a request")).await
}

on_both_engines! {
    async fn who_is_disabled_while_a_request_arrives_does_not_enable_themselves_by_undoing_a_deletion(world: World) {
        let alice = world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let page = owner.open("/account/delete").await;
        let tessera = world.tessera.clone();
        let disabling = async move {
            tessera.set_user_disabled(alice.id, true, Actor::Operator, Origin::default()).await.expect("disabled");
        };
        late(&mut owner, &page, ("/account/delete", &[]), disabling).await;
        let letters = world.letters().await;
        if let Some(undo) = letters.iter().find(|letter| letter.kind == LetterKind::DeletionAsked) {
            let undo = undo.link.clone().expect("a link");
            answer(&mut Browser::new(&world), &undo, "keep").await;
        }
        let known = world.tessera.find_user("alice").await.expect("the database").expect("alice");
        assert!(known.disabled && known.delete_at.is_none());
        assert!(!signs_in(&world, "alice", PASSWORD).await);
        assert!(letters.is_empty(), "{letters:?}");
    }
}

on_both_engines! {
    with |config| config.accounts.confirm_old_email = false;
    async fn who_is_signed_out_while_a_request_arrives_confirms_no_address(world: World) {
        let alice = world.user("alice").await;
        let mut thief = signed_in(&world, "alice").await;
        let new = link(&ask(&world, &mut thief, NEW).await, LetterKind::ConfirmNewEmail);
        let page = thief.open(&new).await;
        let tessera = world.tessera.clone();
        let ending = async move {
            tessera.end_as_operator(Whose::Of(alice.id), Origin::default()).await.expect("ended");
        };
        let done = late(&mut thief, &page, ("/email-change", &[("decision", "confirm")]), ending).await;
        assert_eq!(done.status, 410);
        assert_eq!(email_of(&world, "alice").await, "alice@example.org");
        // Signed in, it is theirs to say.
        let mut owner = signed_in(&world, "alice").await;
        answer(&mut owner, &new, "confirm").await;
        assert_eq!(email_of(&world, "alice").await, NEW);
    }
}

on_both_engines! {
    async fn the_only_administrator_stays(world: World) {
        let link = world.tessera.offer_set_up_link().await.expect("the database").expect("a link");
        let mut browser = Browser::new(&world);
        let page = browser.open(&link).await;
        let fields = [("username", "root"), ("email", "root@example.org"), ("password", PASSWORD)];
        browser.submit(&page, "/setup", &fields).await;
        let mut root = signed_in(&world, "root").await;
        let page = root.open("/account/delete").await;
        let refused = root.submit(&page, "/account/delete", &[]).await;
        assert_page(&refused, 409);
        assert!(refused.answer.body.contains("only administrator"));
        assert_eq!(root.open("/account").await.url, "/account");
    }
}
