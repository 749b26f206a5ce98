//! A stranger signs up with the victim's address first, with a password of the stranger's own, and
//! waits for the victim to confirm it (classic account pre-hijacking).

use serde_json::json;
use tessera::config::SignUpMode;
use tessera::flows::letters::LetterKind;

use crate::on_both_engines;
use crate::support::{App, Browser, World};

const STRANGERS: &str = "a password of the stranger";
const OWNERS: &str = "a passphrase of the owner";
const VICTIM: &str = "victim@example.org";

async fn sign_in(world: &World, password: &str) -> (Browser, u16) {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, VICTIM, password).await;
    (browser, page.answer.status)
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn cwe_1390_who_confirms_an_address_in_another_browser_chooses_the_password(world: World) {
        let app = App::register(&world, json!({})).await;
        let mut stranger = Browser::new(&world);
        let page = stranger.open(&app.request(&[("prompt", Some("create"))])).await;
        assert!(page.has("signup"), "{}", page.url);
        let fields = [("email", VICTIM), ("name", "Victim"), ("password", STRANGERS)];
        assert_eq!(stranger.submit(&page, "/sign-up", &fields).await.answer.status, 200);
        assert_eq!(sign_in(&world, STRANGERS).await.1, 401, "nothing exists before the letter is answered");

        let link = world.letter_link(LetterKind::VerifyEmail).await;
        let mut victim = Browser::new(&world);
        let confirm = victim.open(&link).await;
        assert!(confirm.has("verify"), "{}", confirm.answer.body);
        let choose = victim.submit(&confirm, "/verify-email", &[]).await;
        assert!(choose.has("reset"), "{}", choose.answer.body);
        assert!(choose.field("request").is_none(), "the stranger's request is not the victim's to go on with");
        assert_eq!(sign_in(&world, STRANGERS).await.1, 401);
        assert_eq!(stranger.open("/account").await.url, "/sign-in");

        let chosen = victim.submit(&choose, "/reset-password", &[("password", OWNERS)]).await;
        assert_eq!(chosen.answer.status, 200, "{}", chosen.answer.body);
        assert_eq!(sign_in(&world, STRANGERS).await.1, 401);
        let (mut owner, _) = sign_in(&world, OWNERS).await;
        assert_eq!(owner.open("/account").await.url, "/account");
        assert_eq!(stranger.open(&link).await.answer.status, 410);
    }
}

on_both_engines! {
    with |config| config.sign_up.mode = SignUpMode::Open;
    async fn cwe_1390_an_unanswered_letter_blocks_nobody_from_the_own_address(world: World) {
        let fields = |password| [("email", VICTIM), ("name", ""), ("password", password)];
        let mut stranger = Browser::new(&world);
        let page = stranger.open("/sign-up").await;
        stranger.submit(&page, "/sign-up", &fields(STRANGERS)).await;
        let ignored = world.letter_link(LetterKind::VerifyEmail).await;
        let mut victim = Browser::new(&world);
        let page = victim.open("/sign-up").await;
        victim.submit(&page, "/sign-up", &fields(OWNERS)).await;
        let link = world.letter_link(LetterKind::VerifyEmail).await;
        let confirm = victim.open(&link).await;
        let done = victim.submit(&confirm, "/verify-email", &[]).await;
        assert_eq!(done.answer.status, 200, "{}", done.answer.body);
        let (mut owner, _) = sign_in(&world, OWNERS).await;
        assert_eq!(owner.open("/account").await.url, "/account");
        // The stranger's letter, pressed by mistake afterwards, changes nothing any more.
        let late = victim.open(&ignored).await;
        let late = victim.submit(&late, "/verify-email", &[]).await;
        assert_eq!(late.answer.status, 410);
        assert_eq!(sign_in(&world, STRANGERS).await.1, 401);
        assert_eq!(owner.open("/account").await.url, "/account");
    }
}
