//! Pages for people, through the real router.

mod account;
mod account_changes;
mod account_events;
mod account_recovery;
mod authenticator;
mod captcha;
mod consent;
mod factor_letters;
mod forged;
mod hardware_token;
mod headers;
mod one_door;
mod passkey_models;
mod passkey_steps;
pub mod passkeys;
mod passwords;
mod phone;
mod plain;
mod races;
mod recovery;
mod refusals;
mod reset;
mod select_account;
mod sent_code;
mod set_up;
mod set_up_factor;
mod sign_in;
mod sign_in_link;
mod sign_out;
mod sign_up;
mod wanted;

use crate::support::world::PASSWORD;
use crate::support::{Browser, Page, World};

/// A page of ours for people: HTML with a heading, safe from frames, caches and foreign scripts.
/// (OWASP ASVS V3.4, V14.3.2; `no-store`: it may hold a token or a name.)
pub(crate) fn assert_page(page: &Page, status: u16) {
    let (url, answer) = (&page.url, &page.answer);
    assert_eq!(answer.status, status, "{url}: {}", answer.body);
    assert!(
        answer.header("content-type").starts_with("text/html"),
        "{url}"
    );
    assert!(answer.body.contains("<h1>"), "{url}: {}", answer.body);
    let policy = answer.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{url}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{url}: {policy}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", opener_policy(url)),
    ] {
        assert_eq!(answer.header(name), value, "{url}: {name}");
    }
    assert!(!answer.header("permissions-policy").is_empty(), "{url}");
    // Nothing that the policy would have to forbid.
    for inline in ["<style", " style=\"", " onclick=", "javascript:"] {
        assert!(!answer.body.contains(inline), "{url}: {inline}");
    }
}

/// A popup of an application must not lose its opener on the way of a request; what is a person's own is
/// out of everybody's reach.
fn opener_policy(url: &str) -> &'static str {
    let path = url.split('?').next().unwrap_or_default();
    let on_the_way = [
        "/authorize",
        "/continue",
        "/select-account",
        "/consent",
        "/sign-out",
        "/sign-up",
        "/forgot-password",
    ];
    if on_the_way.contains(&path) || path == "/sign-in" || path.starts_with("/sign-in/") {
        "unsafe-none"
    } else {
        "same-origin"
    }
}

/// What signing in with this password gives, in a fresh browser.
async fn signs_in(world: &World, username: &str, password: &str) -> bool {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, username, password).await;
    assert!(
        [200, 401].contains(&page.answer.status),
        "{}",
        page.answer.body
    );
    page.url == "/account"
}

/// A browser in which this person is signed in.
async fn signed_in(world: &World, username: &str) -> Browser {
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, username, PASSWORD).await;
    assert_eq!(page.url, "/account");
    browser
}
