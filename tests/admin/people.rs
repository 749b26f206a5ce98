//! People, as administrators see them; and how nobody raises anybody above themselves.

use tessera::flows::letters::LetterKind;
use tessera::protocol::access::Tenant;

use super::{administrator, root};
use crate::on_both_engines;
use crate::pages::assert_page;

on_both_engines! {
    async fn a_person_is_invited_and_signed_out_everywhere(world: World) {
        let mut browser = root(&world).await;
        let page = browser.open("/admin/users/new").await;
        // Marks that turn the direction of what follows are in no name.
        let turned = [("username", "eve"), ("email", "eve@example.org"), ("name", "Eve \u{202e}moc.elpmaxe")];
        assert_page(&browser.submit(&page, "/admin/users/new", &turned).await, 422);
        let fields = [("username", "ada"), ("email", "ada@example.org"), ("name", "Ada <i>Lovelace</i>"), ("email_verified", "yes")];
        let made = browser.submit(&page, "/admin/users/new", &fields).await;
        assert!(made.url.ends_with("?done=created"), "{}", made.answer.body);
        assert!(made.answer.body.contains("Ada &#60;i&#62;Lovelace"), "{}", made.answer.body);
        world.letter_link(LetterKind::ResetPassword).await;
        let path = made.url.split('?').next().expect("a path").to_owned();
        world.user("bob").await;
        let bob = world.tessera.find_user("bob").await.expect("the database").expect("there");
        let mut his = administrator(&world, "carol", None, Tenant::Deployment).await;
        let carol = world.tessera.find_user("carol").await.expect("the database").expect("there");
        let theirs = format!("/admin/users/{}", carol.id);
        let page = browser.open(&theirs).await;
        assert!(page.has("end-all"), "{}", page.answer.body);
        assert_page(&browser.submit(&page, &format!("{theirs}/sessions"), &[]).await, 200);
        assert_eq!(his.open("/account").await.url, "/sign-in");
        for (what, of) in [("disable", bob.id.to_string()), ("reset", carol.id.to_string())] {
            let at = format!("/admin/users/{of}/{what}");
            let page = browser.open(&at).await;
            assert_page(&browser.submit(&page, &at, &[]).await, 200);
        }
        assert!(world.tessera.find_user("bob").await.expect("the database").expect("there").disabled);
        let page = browser.open(&format!("{path}/delete")).await;
        let gone = browser.submit(&page, &format!("{path}/delete"), &[]).await;
        assert_eq!(gone.url, "/admin/users?done=deleted");
    }
}

on_both_engines! {
    async fn nobody_touches_who_has_more_and_the_last_administrator_stays(world: World) {
        let mut chief = root(&world).await;
        let boss = world.tessera.find_user("root").await.expect("the database").expect("there");
        let mut manager = administrator(&world, "manager", Some("user-manager"), Tenant::Deployment).await;
        for what in ["disable", "reset", "delete"] {
            let at = format!("/admin/users/{}/{what}", boss.id);
            let page = manager.open(&at).await;
            assert_page(&manager.submit(&page, &at, &[]).await, 422);
        }
        let at = format!("/admin/users/{}/edit", boss.id);
        let page = manager.open(&at).await;
        let mine = [("email", "thief@example.org"), ("profile", "{}")];
        assert_page(&manager.submit(&page, &at, &mine).await, 422);
        // A manager of users gives no role, not even by a group.
        assert_page(&manager.open("/admin/roles/super-administrator/grant").await, 403);
        for what in ["disable", "delete"] {
            let at = format!("/admin/users/{}/{what}", boss.id);
            let page = chief.open(&at).await;
            assert_page(&chief.submit(&page, &at, &[]).await, 422);
        }
        let after = world.tessera.find_user("root").await.expect("the database").expect("there");
        assert_eq!((after.disabled, after.email), (false, boss.email));
    }
}
