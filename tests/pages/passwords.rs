//! What a new password must be, wherever one is chosen.

use tessera::base::Secret;
use tessera::config::SignUpMode;
use tessera::flows::account::NewUser;
use tessera::flows::letters::LetterKind;
use tessera::protocol::account_rules::{AccountField, AccountProblem};
use tessera::protocol::audit::{Actor, Origin};

use super::{assert_page, signed_in, signs_in};
use crate::on_both_engines;
use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

/// Long, of all kinds of characters, and guessed within a million tries.
const WEAK: &str = "Summer2024!";
const GOOD: &str = "four quiet lamps walking";

fn leaked(config: &mut tessera::config::Config) {
    config.sign_up.mode = SignUpMode::Open;
    let name = format!("tessera-leaked-{:?}", std::thread::current().id());
    let file = std::env::temp_dir().join(name);
    let list = &b"quiet lamps that leaked\n"[..];
    let filter = tessera::crypto::leaked::LeakedPasswords::build(list).expect("a filter");
    filter
        .write(std::fs::File::create(&file).expect("a file"))
        .expect("written");
    config.passwords.leaked_filter = Some(file);
}

on_both_engines! {
    with leaked;
    async fn nist_800_63b_3_1_1_2_a_weak_or_leaked_password_is_refused_wherever_it_is_chosen(world: World) {
        world.user("alice").await;
        let mut owner = signed_in(&world, "alice").await;
        let mut browser = Browser::new(&world);
        let page = browser.open("/forgot-password").await;
        browser.submit(&page, "/forgot-password", &[("identifier", "alice")]).await;
        let link = world.letter_link(LetterKind::ResetPassword).await;
        let setup = world.tessera.offer_set_up_link().await.expect("a link").expect("no administrator");
        for (password, words) in [(WEAK, "more unrelated words"), ("quiet lamps that leaked", "leaked passwords")] {
            let account = owner.open("/account").await;
            let fields = [("current_password", PASSWORD), ("password", password)];
            let changed = owner.submit(&account, "/account/password", &fields).await;
            let page = browser.open("/sign-up").await;
            let fields = [("email", "new@example.org"), ("name", ""), ("password", password)];
            let joined = browser.submit(&page, "/sign-up", &fields).await;
            let page = browser.open(&link).await;
            let reset = browser.submit(&page, "/reset-password", &[("password", password)]).await;
            let page = browser.open(&setup).await;
            let fields = [("username", "root"), ("email", "root@example.org"), ("password", password)];
            let first = browser.submit(&page, "/setup", &fields).await;
            for page in [changed, joined, reset, first] {
                assert_page(&page, 422);
                assert!(page.has("password-problem"), "{}", page.url);
                assert!(page.answer.body.contains(words), "{}: {}", page.url, page.answer.body);
                assert!(!page.answer.body.contains(password), "{}", page.url);
            }
        }
        assert!(signs_in(&world, "alice", PASSWORD).await);
        let page = browser.open(&link).await;
        assert_page(&browser.submit(&page, "/reset-password", &[("password", GOOD)]).await, 200);
        assert!(signs_in(&world, "alice", GOOD).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_choose_no_weak_password_either_unless_the_deployment_asks_for_nothing() {
    let world = World::sqlite().await;
    let new = |username: &str| NewUser {
        username: username.to_owned(),
        email: format!("{username}@example.org"),
        name: String::new(),
        password: Secret::new(WEAK.to_owned()),
        administrator: false,
        email_verified: true,
    };
    let made = world
        .tessera
        .create_user(new("bobby"), Actor::Operator, Origin::default())
        .await;
    let problems = made.expect("the database").expect_err("refused");
    assert_eq!(
        problems,
        [(AccountField::Password, AccountProblem::TooWeak)]
    );
    let lax = World::sqlite_with(|config| config.passwords.min_strength = 0).await;
    let made = lax
        .tessera
        .create_user(new("bobby"), Actor::Operator, Origin::default())
        .await;
    assert!(made.expect("the database").is_ok());
}

on_both_engines! {
    async fn a_password_is_rated_while_it_is_typed_for_our_own_pages_and_not_without_end(world: World) {
        let mut browser = Browser::new(&world);
        let page = browser.open("/sign-in").await;
        let path = "/password-strength";
        let before = world.audit().await.len();
        let weak = browser.submit(&page, path, &[("password", WEAK)]).await.answer.json();
        assert_eq!((&weak["good"], &weak["strength"]), (&false.into(), &2.into()), "{weak}");
        let good = browser.submit(&page, path, &[("password", GOOD)]).await;
        assert_eq!(good.answer.json()["good"], true);
        assert_eq!(good.answer.json()["words"], "Strong");
        assert_eq!(good.answer.header("cache-control"), "no-store");
        let name = [("password", "Hohenlohe-Oehringen"), ("name", "Maxi Hohenlohe-Oehringen")];
        assert_eq!(browser.submit(&page, path, &name).await.answer.json()["good"], false);
        assert_page(&browser.submit(&page, path, &[("csrf", "forged"), ("password", GOOD)]).await, 403);
        for _ in 0..57 {
            assert_eq!(browser.submit(&page, path, &[("password", GOOD)]).await.answer.status, 200);
        }
        let slowed = browser.submit(&page, path, &[("password", GOOD)]).await.answer;
        assert_eq!((slowed.status, slowed.header("retry-after")), (429, "60".to_owned()));
        world.advance(60);
        assert_eq!(browser.submit(&page, path, &[("password", GOOD)]).await.answer.status, 200);
        assert_eq!(world.audit().await.len(), before, "and nothing is recorded");
    }
}

async fn changed_to(world: &World, password: &str) -> u16 {
    let mut browser = signed_in(world, "alice").await;
    let page = browser.open("/account").await;
    let fields = [("current_password", PASSWORD), ("password", password)];
    browser
        .submit(&page, "/account/password", &fields)
        .await
        .answer
        .status
}

on_both_engines! {
    with |config| config.branding.name = "Wolkenkuckucksheim".to_owned();
    async fn asvs_v6_2_11_the_name_of_the_deployment_is_no_password(world: World) {
        world.user("alice").await;
        assert_eq!(changed_to(&world, "Wolkenkuckucksheim").await, 422);
        assert_eq!(changed_to(&world, "wolkenkuckucksheim1").await, 422);
    }
}

on_both_engines! {
    async fn asvs_v6_2_11_and_elsewhere_it_is_as_good_as_any(world: World) {
        world.user("alice").await;
        assert_eq!(changed_to(&world, "Wolkenkuckucksheim").await, 200);
    }
}
