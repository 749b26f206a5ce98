//! What somebody proved a moment ago must still hold when it is written: their session ends meanwhile, or the
//! account gets a factor that they do not have (OWASP ASVS 5.0 V7.4.3, V7.5.1).

use tessera::base::Secret;
use tessera::flows::admission::Visit;
use tessera::flows::assurance::RecentlyAuthenticated;
use tessera::flows::deletion::DeletionAsked;
use tessera::flows::email_change::EmailChangeAsked;
use tessera::flows::password_change::PasswordChange;
use tessera::flows::session::Whose;
use tessera::protocol::audit::Origin;
use tessera::storage::users::User;

use super::{passkeys, signed_in};
use crate::on_both_engines;
use crate::support::authenticator::Authenticator;
use crate::support::world::PASSWORD;
use crate::support::{SecurityKey, World};

/// The proof that the guard of a page gave a request, which is still on its way.
async fn on_its_way(world: &World, user: &User) -> RecentlyAuthenticated {
    let tessera = &world.tessera;
    let live = tessera.sessions_of(user.id).await.expect("the database");
    let person = tessera
        .resolve_session(live[0].id)
        .await
        .expect("the database");
    let recent = tessera.recently(&person.expect("alive")).await;
    recent.expect("the database").expect("recent")
}

async fn new_password(world: &World, recent: &RecentlyAuthenticated) -> PasswordChange {
    let (old, new) = (PASSWORD, "the thief's own passphrase");
    let [old, new] = [old, new].map(|text| Secret::new(text.to_owned()));
    let visit = Visit {
        device: None,
        user_agent: "test".to_owned(),
        here: Vec::new(),
        lang: "en".to_owned(),
    };
    let changed = world
        .tessera
        .change_password(recent, old, new, &visit, Origin::default());
    changed.await.expect("the database")
}

async fn nothing_changes(world: &World, recent: &RecentlyAuthenticated) {
    assert_eq!(
        new_password(world, recent).await,
        PasswordChange::WrongPassword
    );
    let tessera = &world.tessera;
    let moved = tessera
        .request_email_change(recent, "thief@example.org", "en", Origin::default())
        .await;
    assert!(matches!(
        moved.expect("the database"),
        EmailChangeAsked::Stale
    ));
    let gone = tessera
        .request_deletion(recent, "en", Origin::default())
        .await;
    assert_eq!(gone.expect("the database"), DeletionAsked::Stale);
}

on_both_engines! {
    async fn asvs_v7_4_3_a_request_of_a_session_that_ended_on_the_way_changes_nothing(world: World) {
        let alice = world.user("alice").await;
        passkeys::enrol(&world, "alice", &mut SecurityKey::new()).await;
        let recent = on_its_way(&world, &alice).await;
        let mut reader = &world.tessera.store;
        let id = tessera::storage::passkeys::of_user(&mut reader, alice.id).await.expect("the database")[0].id;
        let name = async |name: &str| {
            let renamed = world.tessera.rename_passkey(&recent, id, name, Origin::default()).await;
            renamed.expect("the database").expect("a name")
        };
        assert!(name("Desk").await);
        world.tessera.end_as_operator(Whose::Of(alice.id), Origin::default()).await.expect("ended");
        assert!(!name("Thief's").await);
        let kept = tessera::storage::passkeys::of_user(&mut reader, alice.id).await.expect("the database");
        assert_eq!(kept[0].name, "Desk");
        nothing_changes(&world, &recent).await;
        assert_eq!(world.letters().await.len(), 1, "that of the passkey");
    }
}

on_both_engines! {
    async fn asvs_v7_5_1_nor_does_one_of_before_the_second_factor(world: World) {
        let alice = world.user("alice").await;
        signed_in(&world, "alice").await;
        let recent = on_its_way(&world, &alice).await;
        Authenticator::of(&world, &alice).await;
        nothing_changes(&world, &recent).await;
    }
}

on_both_engines! {
    async fn and_else_each_of_them_does_what_it_says(world: World) {
        let alice = world.user("alice").await;
        signed_in(&world, "alice").await;
        let recent = on_its_way(&world, &alice).await;
        assert_eq!(new_password(&world, &recent).await, PasswordChange::Changed);
        let tessera = &world.tessera;
        let moved = tessera.request_email_change(&recent, "alice@example.net", "en", Origin::default()).await;
        assert!(matches!(moved.expect("the database"), EmailChangeAsked::LettersSent));
        let gone = tessera.request_deletion(&recent, "en", Origin::default()).await;
        assert!(matches!(gone.expect("the database"), DeletionAsked::Until(_)));
    }
}
