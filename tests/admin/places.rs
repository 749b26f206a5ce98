//! Who administers more than one place says where; and every link and form goes on there.

use tessera::protocol::access::Tenant;
use tessera::storage::role_grants::Holder;

use super::{administrator, root};
use crate::api::support::{give, organisation};
use crate::on_both_engines;
use crate::pages::assert_page;

on_both_engines! {
    async fn who_administers_two_organisations_is_in_one_and_stays_there(world: World) {
        let (ours, theirs) = (organisation(&world, "ours").await, organisation(&world, "theirs").await);
        organisation(&world, "foreign").await;
        let mut both = administrator(&world, "both", Some("super-administrator"), Tenant::Organisation(ours)).await;
        let user = world.tessera.find_user("both").await.expect("the database").expect("there");
        give(&world, "super-administrator", Holder::User(user.id), Tenant::Organisation(theirs)).await;
        // Not refused for want of a word: the first one, and a choice.
        let page = both.open("/admin/groups").await;
        assert_page(&page, 200);
        assert_eq!(page.url, format!("/admin/groups?organisation={}", ours.min(theirs)));
        assert!(page.has("choose-place"));
        for one in [ours, theirs] {
            assert!(page.answer.body.contains(&format!("<option value=\"{one}\"")));
        }
        assert!(!page.answer.body.contains("foreign") && !page.answer.body.contains("<option value=\"\""), "{}", page.answer.body);
        // Every link to the administration goes on there.
        let page = both.open(&format!("/admin/groups?organisation={theirs}")).await;
        let links: Vec<_> = page.answer.body.split(" href=\"/admin").skip(1).collect();
        assert!(links.len() > 5);
        for link in links {
            let address = link.split('"').next().expect("an address");
            assert!(address.contains(&format!("organisation={theirs}")), "{address}");
        }
        let form = both.open(&format!("/admin/groups/new?organisation={theirs}")).await;
        let within = theirs.to_string();
        let named = format!("action=\"/admin/groups/new?organisation={theirs}\"");
        let hidden = format!("name=\"organisation\" value=\"{theirs}\"");
        assert!(form.answer.body.contains(&named) && form.answer.body.contains(&hidden), "{}", form.answer.body);
        let opened = form.field("opened").expect("what the form carries");
        let at = format!("/admin/groups/new?organisation={theirs}");
        let made = both.submit(&form, &at, &[("opened", &opened), ("organisation", &within), ("name", "Staff")]).await;
        assert_page(&made, 200);
        assert!(made.url.ends_with(&format!("?done=created&organisation={theirs}")), "{}", made.url);
        let here = both.open(&format!("/admin/groups?organisation={ours}")).await;
        assert!(!here.answer.body.contains(">Staff<"));
        assert_page(&both.open(made.url.replace(&within, &ours.to_string()).as_str()).await, 404);
        // Elsewhere is refused as it was.
        let foreign = organisation(&world, "other").await;
        assert_page(&both.open(&format!("/admin/groups?organisation={foreign}")).await, 403);
        assert_page(&both.open("/admin/groups?organisation=nonsense").await, 404);
    }
}

on_both_engines! {
    async fn who_administers_everything_looks_at_one_organisation_and_back(world: World) {
        let mut browser = root(&world).await;
        assert!(!browser.open("/admin/users").await.has("choose-place"));
        let ours = organisation(&world, "ours").await;
        let everywhere = browser.open("/admin/users").await;
        assert!(everywhere.has("choose-place") && everywhere.answer.body.contains("root@example.org"));
        assert!(everywhere.answer.body.contains("href=\"/admin/keys\""));
        let one = browser.open(&format!("/admin/users?organisation={ours}")).await;
        assert_page(&one, 200);
        assert!(!one.answer.body.contains("root@example.org") && !one.answer.body.contains("href=\"/admin/keys"));
        assert_page(&browser.open(&format!("/admin?organisation={ours}")).await, 200);
        // The chooser says everywhere with nothing.
        let back = browser.open("/admin/users?organisation=").await;
        assert!(back.answer.body.contains("root@example.org"));
        // Who administers one organisation has nothing to choose.
        let mut one = administrator(&world, "one", Some("super-administrator"), Tenant::Organisation(ours)).await;
        assert!(!one.open("/admin/users").await.has("choose-place"));
        // A trial comes back to where it was begun.
        let (id, _) = world.client(serde_json::json!({"redirect_uris": ["https://a.example/cb"]})).await;
        assert_page(&one.open(&format!("/admin/clients/{id}/try")).await, 404);
    }
}
