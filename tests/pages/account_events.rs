//! What a person sees of what happened, and of what is kept.

use tessera::protocol::audit::Origin;

use super::{assert_page, passkeys, signed_in, signs_in};
use crate::on_both_engines;
use crate::support::authenticator::Authenticator;
use crate::support::{App, Browser, SecurityKey};

on_both_engines! {
    async fn a_person_sees_their_own_events_newest_first_and_nobody_elses(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        world.advance(1);
        assert!(!signs_in(&world, "alice", "a wrong guess").await);
        world.advance(1);
        let mut alice = signed_in(&world, "alice").await;
        let page = alice.open("/account/events").await;
        assert_page(&page, 200);
        let words = ["You signed in", "tried to sign in and was refused", "The account was made"];
        let places: Vec<_> = words.map(|word| page.answer.body.find(word)).into_iter().collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
        assert!(page.answer.body.contains("192.0.2.1"));
        let mut bobby = signed_in(&world, "bobby").await;
        let page = bobby.open("/account/events").await;
        assert!(!page.answer.body.contains("was refused"), "{}", page.answer.body);
        assert_eq!(Browser::new(&world).open("/account/events").await.url, "/sign-in");
    }
}

on_both_engines! {
    async fn events_come_page_by_page_and_none_is_left_out(world: World) {
        world.user("alice").await;
        let mut alice = signed_in(&world, "alice").await;
        for n in 0..120 {
            let fields = [("nickname", format!("n{n}"))].map(|(k, v)| (k.to_owned(), v));
            let page = alice.open("/account/profile").await;
            let mut form = vec![("csrf".to_owned(), page.field("csrf").expect("a token"))];
            form.extend(fields);
            alice.post("/account/profile", &form).await;
        }
        let (mut url, mut seen, mut pages) = ("/account/events".to_owned(), 0, 0);
        loop {
            let page = alice.open(&url).await;
            assert_page(&page, 200);
            seen += page.answer.body.matches("<time ").count();
            pages += 1;
            let older = page.answer.body.split_once("id=\"older\" href=\"");
            let Some((_, rest)) = older else { break };
            rest.split('"').next().expect("a link").clone_into(&mut url);
        }
        // The account was made, one sign-in, the changes.
        assert_eq!((seen, pages), (122, 3));
        assert_page(&alice.open("/account/events?before=nonsense").await, 200);
    }
}

on_both_engines! {
    async fn gdpr_art_15_and_20_a_person_takes_a_copy_of_everything_and_no_secret(world: World) {
        world.user("alice").await;
        world.user("bobby").await;
        let app = App::register(&world, serde_json::json!({})).await;
        app.tokens("alice").await;
        let mut alice = signed_in(&world, "alice").await;
        let answer = alice.open("/account/data").await.answer;
        assert_eq!(answer.status, 200);
        assert!(answer.header("content-disposition").starts_with("attachment"));
        assert_eq!(answer.header("cache-control"), "no-store");
        let data = answer.json();
        assert_eq!(data["account"]["email"], "alice@example.org");
        assert_eq!(data["profile"]["name"], "alice Example");
        assert_eq!(data["sessions"].as_array().expect("sessions").len(), 2);
        assert_eq!(data["devices"].as_array().expect("devices").len(), 2);
        assert_eq!(data["applications"][0]["client_id"], app.id.as_str());
        assert_eq!(data["ways_to_sign_in"], serde_json::json!(["password"]));
        let kinds: Vec<_> = data["events"].as_array().expect("events").iter().map(|e| e["kind"].clone()).collect();
        assert!(kinds.contains(&"data.exported".into()) && kinds.contains(&"user.created".into()), "{kinds:?}");
        let text = data.to_string();
        for secret in ["$argon2", "bobby", "hash", "sealed"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

on_both_engines! {
    async fn gdpr_art_15_the_copy_tells_what_one_has_set_up_and_nothing_that_opens_anything(world: World) {
        let alice = world.user("alice").await;
        let mut alices = passkeys::enrol(&world, "alice", &mut SecurityKey::new()).await;
        let page = alices.open("/account/authenticator").await;
        let app = Authenticator::scan(&world, &page);
        assert_page(&app.confirm(&mut alices, &page, "/account/authenticator").await, 200);
        let recovered = world.tessera.recover_by_operator(alice.id, Origin::default()).await;
        recovered.expect("the database").expect("a link");
        let data = alices.open("/account/data").await.answer.json();
        let factors = &data["factors"];
        assert_eq!(factors["passkeys"][0]["model"], "YubiKey 5 NFC");
        assert_eq!(factors["passkeys"][0]["on_several_devices"], false);
        assert_eq!(factors["passkeys"][0]["since"], "2027-01-15T08:00:00.000Z");
        assert_eq!(factors["authenticator_apps"][0]["name"], "Telephone");
        assert_eq!(factors["recovery_codes_left"], 10);
        assert_eq!(factors["recovery_under_way"]["by_operator"], true);
        for none in ["hardware_tokens", "telephone"] {
            let told = &factors[none];
            assert!(told.is_null() || *told == serde_json::json!([]), "{told}");
        }
        assert_eq!(data["account"]["groups"], serde_json::json!([]));
        let text = data.to_string().to_lowercase();
        for secret in ["credential", "seed", "sealed", "public"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}
