//! Lists that are found by names: groups, organisations, APIs.

use std::collections::BTreeSet;

use serde_json::json;

use super::root;
use crate::api::support::Caller;
use crate::on_both_engines;
use crate::support::{Browser, World};

/// The names on every page of a list, in the order in which they come; none comes twice.
async fn listed(browser: &mut Browser, first: &str, word: &str) -> Vec<String> {
    let (mut names, mut at) = (Vec::new(), first.to_owned());
    loop {
        let page = browser.open(&at).await;
        assert_eq!(page.answer.status, 200, "{at}");
        let body = page.answer.body;
        let rows = body.split("<bdi class=\"name\">").skip(1);
        names.extend(rows.filter_map(|row| Some(row.split_once("</bdi>")?.0.to_owned())));
        let Some(next) = body.split("id=\"next\"").nth(1) else {
            break;
        };
        let next = next.split("href=\"").nth(1).expect("a link");
        at = next
            .split('"')
            .next()
            .expect("its end")
            .replace("&#38;", "&")
            .replace("&amp;", "&");
        assert!(at.contains(word), "{at} has forgotten what was looked for");
    }
    let once: BTreeSet<&String> = names.iter().collect();
    assert_eq!(once.len(), names.len());
    names
}

on_both_engines! {
    async fn each_is_found_by_the_beginnings_of_its_words_page_after_page(world: World) {
        let machine = Caller::root(&world).await;
        let mut browser = root(&world).await;
        for n in 0..60 {
            let kind = if n % 10 == 0 { "Blue" } else { "Red" };
            machine.make("/groups", json!({"name": format!("{kind} Team {n}")})).await;
            machine.make("/organisations", json!({"name": format!("o-{n}"), "title": format!("{kind} Works {n}")})).await;
            machine.make("/resource-servers", json!({"identifier": format!("https://api-{n}.example"), "name": format!("{kind} API {n}"), "scopes": {format!("s{n}:read"): "Read"}})).await;
        }
        for (path, more) in [("/admin/groups", "q=blue+te"), ("/admin/organisations", "q=blue+wo"), ("/admin/resources", "q=blue+api")] {
            assert_eq!(listed(&mut browser, path, "").await.len(), 60, "{path}");
            assert_eq!(listed(&mut browser, &format!("{path}?{more}"), "q=").await.len(), 6, "{path}");
            assert_eq!(listed(&mut browser, &format!("{path}?q=RED"), "q=RED").await.len(), 54, "{path}");
            let page = browser.open(&format!("{path}?q=%22%3E%3Cscript%3E%E2%80%AEx")).await;
            assert!(!page.answer.body.contains("<script>\u{202e}"), "{path}");
            assert!(page.answer.body.contains("Nothing was found"), "{path}");
        }
        assert_eq!(machine.all("/resource-servers?q=blue").await.len(), 6);
        assert_eq!(machine.all("/resource-servers?q=https%3A%2F%2Fapi-7.&limit=1").await.len(), 1);
    }
}
