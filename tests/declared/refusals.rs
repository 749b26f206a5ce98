//! What may not be, and that nothing at all is changed then.

use std::collections::BTreeMap;

use serde_json::json;
use tessera::flows::administration::Refused;
use tessera::flows::administration::declared::NotApplied;
use tessera::flows::groups::GroupChange;
use tessera::flows::organisations::Movable;
use tessera::protocol::access::{Permit, Tenant};
use tessera::protocol::audit::Origin;
use tessera::protocol::client::ClientId;
use tessera::storage::role_grants::Holder;

use super::{apply, apply_plan, export, file, plan, wish};
use crate::api::support::{give, organisation};
use crate::on_both_engines;
use crate::support::registrar::send;

const ROLE: &str = "[[roles]]\nname = \"fine\"\n";

on_both_engines! {
    async fn of_a_file_that_is_half_right_nothing_is_applied(world: World) {
        let before = (export(&world).await, world.audit().await);
        let halves = [
            "[[clients]]\nclient_id = \"app\"\nredirect_uris = [\"https://a/\"]\ndefault_acr_values = [\"unknown\"]\ntoken_endpoint_auth_method = \"none\"",
            "[[clients]]\nclient_id = \"app\"\nredirect_uris = [\"https://a/\"]",
            "[[resource_servers]]\nidentifier = \"https://a/\"\nname = \"A\\u202E\"",
            "[[resource_servers]]\nidentifier = \"https://a/\"\nname = \"A\"\nscopes = { openid = \"Mine\" }",
            "[[resource_servers]]\nidentifier = \"http://localhost:8080/api/v1\"\nname = \"Administration\"",
            "[[groups]]\nname = \"g\"\nroles = [{ role = \"unknown\" }]",
        ];
        for half in halves {
            let refused = apply(&world, file(&format!("{ROLE}{half}")), false).await;
            assert!(matches!(refused, Err(NotApplied::Wrong(_))), "{half}: {refused:?}");
            assert_eq!((export(&world).await, world.audit().await), before, "{half}");
        }
        apply(&world, file(ROLE), false).await.expect("the other half alone");
        assert!(export(&world).await.roles.expect("listed").contains_key("fine"));
    }
}

on_both_engines! {
    async fn what_fails_at_the_end_takes_back_what_came_before(world: World) {
        let acme = organisation(&world, "acme").await;
        let ada = world.user("ada").await;
        let moved = world.tessera.move_to_organisation(Permit::of_operator(), Movable::User(ada.id), Some(acme), Origin::default());
        moved.await.expect("the database").expect("moved");
        let before = (export(&world).await, world.audit().await);
        let refused = apply(&world, file(&format!("organisations = []\n{ROLE}")), true).await.expect_err("in use");
        let NotApplied::Refused(name, Refused::InUse(_)) = refused else { panic!("{refused:?}") };
        assert_eq!(name, "organisation \"acme\"");
        assert_eq!((export(&world).await, world.audit().await), before);
        let gone = world.tessera.move_to_organisation(Permit::of_operator(), Movable::User(ada.id), None, Origin::default());
        gone.await.expect("the database").expect("moved");
        apply(&world, file(&format!("organisations = []\n{ROLE}")), true).await.expect("nobody belongs to it");
    }
}

on_both_engines! {
    async fn what_changed_since_the_plan_was_approved_of_is_not_overwritten(world: World) {
        let app = |name: &str| format!("[[clients]]\nclient_id = \"app\"\ntoken_endpoint_auth_method = \"none\"\nredirect_uris = [\"https://a.example/\"]\nclient_name = \"{name}\"");
        apply(&world, file(&app("first")), false).await.expect("applied");
        let second = wish(file(&app("second")), false);
        let approved = plan(&world, &second).await.expect("planned");
        let id = ClientId::new("app");
        let switched = world.tessera.switch_client(Permit::of_operator(), id, true, None, Origin::default());
        switched.await.expect("the database").expect("switched");
        let late = apply_plan(&world, second.clone(), approved).await;
        assert_eq!(late, Err(NotApplied::Stale));
        let there = export(&world).await.clients.expect("listed");
        assert_eq!(there["app"].metadata.client_name.as_deref(), Some("first"));
        assert!(!there["app"].enabled);
        // Looked at again, it is approved of with what came between: the file says that it is enabled.
        let fresh = plan(&world, &second).await.expect("planned");
        apply_plan(&world, second, fresh).await.expect("applied");
        let there = export(&world).await.clients.expect("listed");
        assert_eq!(there["app"].metadata.client_name.as_deref(), Some("second"));
        assert!(there["app"].enabled);
    }
}

on_both_engines! {
    async fn the_last_administrator_stays_one(world: World) {
        let keepers = "[[groups]]\nname = \"Keepers\"\nroles = [{ role = \"super-administrator\" }]";
        let nothing = "[[groups]]\nname = \"Keepers\"";
        apply(&world, file(keepers), false).await.expect("applied");
        let ada = world.user("ada").await;
        let groups = world.tessera.list_groups(&Permit::of_operator(), None, None, 10).await.expect("listed").items;
        let added = GroupChange::Add(ada.id);
        let added = world.tessera.change_group(Permit::of_operator(), groups[0].id, added, Origin::default());
        added.await.expect("the database").expect("added");
        for (text, prune) in [(nothing, false), ("groups = []", true)] {
            let before = (export(&world).await, world.audit().await);
            let refused = apply(&world, file(text), prune).await;
            assert_eq!(refused, Err(NotApplied::LastAdministrator), "{text}");
            assert_eq!((export(&world).await, world.audit().await), before, "{text}");
        }
        let bea = world.user("bea").await;
        give(&world, "super-administrator", Holder::User(bea.id), Tenant::Deployment).await;
        apply(&world, file(nothing), false).await.expect("somebody is left");
    }
}

on_both_engines! {
    with |config| config.registration.mode = tessera::config::RegistrationMode::Open;
    async fn clients_that_registered_themselves_are_neither_exported_nor_pruned(world: World) {
        let body = json!({"redirect_uris": ["https://wild.example/"]});
        let answer = send(&world, "POST", "/register", "", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let there = export(&world).await;
        assert_eq!(there.clients, Some(BTreeMap::new()));
        let plan = apply(&world, there, true).await.expect("applied");
        assert!(plan.changes.is_empty() && plan.notes.is_empty(), "{plan:?}");
        let id = ClientId::new(answer.json()["client_id"].as_str().expect("an id"));
        assert!(world.tessera.client(&id).await.expect("asked").is_some());
    }
}

on_both_engines! {
    async fn rfc9700_4_15_a_declared_client_has_no_id_that_is_the_sub_of_a_person(world: World) {
        let ada = world.user("ada").await.id.to_string();
        let app = |id: &str| format!("[[clients]]\nclient_id = \"{id}\"\ntoken_endpoint_auth_method = \"none\"\nredirect_uris = [\"https://a.example/\"]");
        let refused = apply(&world, file(&app(&ada)), false).await.expect_err("refused");
        assert!(format!("{refused:?}").contains("client_id: is the sub of a person"), "{refused:?}");
        assert!(world.tessera.client(&ClientId::new(ada)).await.expect("asked").is_none());
        let nobodys = "0b8c5bd0-6d2a-4c2f-9a60-6f3e6b1f0a11";
        apply(&world, file(&app(nobodys)), false).await.expect("applied");
    }
}
