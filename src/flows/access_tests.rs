//! Administration of roles, groups and organisations over a real SQLite database.

use super::Tessera;
use super::access::Asking;
use super::groups::GroupChange;
use super::operator_tests::{Folder, chain_holds, tessera};
use super::roles::{NewGrant, NotChanged};
use crate::base::ids::{OrganisationId, UserId};
use crate::protocol::access::power::{
    ReadRoles, ReadUsers, WriteGroups, WriteOrganisations, WriteRoles, WriteUsers,
};
use crate::protocol::access::{Pattern, Permit, Power, Role, RoleName, Tenant};
use crate::protocol::audit::{Actor, Origin};
use crate::storage::role_grants::Holder;

fn name(text: &str) -> RoleName {
    RoleName::parse(text).unwrap()
}

fn role(text: &str, permissions: &[&str], inherits: &[&str]) -> Role {
    Role {
        name: name(text),
        description: String::new(),
        permissions: permissions
            .iter()
            .map(|p| Pattern::parse(p).unwrap())
            .collect(),
        inherits: inherits.iter().map(|p| name(p)).collect(),
    }
}

fn to(user: UserId, role: &str, tenant: Tenant) -> NewGrant {
    NewGrant {
        role: name(role),
        holder: Holder::User(user),
        tenant,
        valid_from: None,
        valid_until: None,
    }
}

async fn person(tessera: &Tessera, username: &str, administrator: bool) -> UserId {
    let new = super::account::NewUser {
        username: username.to_owned(),
        email: format!("{username}@example.org"),
        name: String::new(),
        password: crate::base::Secret::new("correct horse battery staple".to_owned()),
        administrator,
        email_verified: true,
    };
    let made = tessera
        .create_user(new, Actor::Operator, Origin::default())
        .await;
    made.unwrap().unwrap().id
}

async fn may<P: Power>(
    tessera: &Tessera,
    who: UserId,
    at: Option<OrganisationId>,
) -> Option<Permit<P>> {
    let (who, origin) = (Asking::Person(who), Origin::default());
    let decision = tessera.authorize_administration::<P>(&who, at, &origin);
    decision.await.unwrap().permit
}

async fn organisation(tessera: &Tessera, short: &str) -> OrganisationId {
    let permit = Permit::<WriteOrganisations>::of_operator();
    let made = tessera.create_organisation(permit, short, short, Origin::default());
    made.await.unwrap().unwrap().id
}

async fn give(
    tessera: &Tessera,
    permit: Permit<WriteRoles>,
    new: NewGrant,
) -> Result<(), NotChanged> {
    let given = tessera.grant_role(permit, new, Origin::default()).await;
    given.unwrap().map(drop)
}

#[tokio::test]
async fn a_role_that_is_taken_back_is_gone_at_once() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    let (boss, helper) = (
        person(&tessera, "boss", true).await,
        person(&tessera, "helper", false).await,
    );
    assert!(may::<WriteUsers>(&tessera, helper, None).await.is_none());
    let permit = || async { may::<WriteRoles>(&tessera, boss, None).await.unwrap() };
    let grant = tessera
        .grant_role(
            permit().await,
            to(helper, "user-manager", Tenant::Deployment),
            Origin::default(),
        )
        .await
        .unwrap()
        .unwrap();
    assert!(may::<WriteUsers>(&tessera, helper, None).await.is_some());
    tessera
        .revoke_role(permit().await, grant.id, Origin::default())
        .await
        .unwrap()
        .unwrap();
    assert!(may::<WriteUsers>(&tessera, helper, None).await.is_none());
    let again = tessera
        .revoke_role(permit().await, grant.id, Origin::default())
        .await
        .unwrap();
    assert_eq!(again, Err(NotChanged::Unknown));
    assert!(chain_holds(&tessera).await);
}

#[tokio::test]
async fn nobody_raises_themselves_on_any_path_that_grants() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    let (boss, helper) = (
        person(&tessera, "boss", true).await,
        person(&tessera, "helper", false).await,
    );
    let boss_may = || async { may::<WriteRoles>(&tessera, boss, None).await.unwrap() };
    let define =
        |permit, role, replaces| tessera.define_role(permit, role, replaces, Origin::default());
    let granter = role("granter", &["roles:*", "groups:*"], &[]);
    define(boss_may().await, granter, None)
        .await
        .unwrap()
        .unwrap();
    give(
        &tessera,
        boss_may().await,
        to(helper, "granter", Tenant::Deployment),
    )
    .await
    .unwrap();
    let helper_may = || async { may::<WriteRoles>(&tessera, helper, None).await.unwrap() };

    // Giving the role itself.
    let up = give(
        &tessera,
        helper_may().await,
        to(helper, "super-administrator", Tenant::Deployment),
    )
    .await;
    assert_eq!(up, Err(NotChanged::Beyond));
    // A new role with more, one that inherits it, and more in one's own.
    for raised in [
        role("mine", &["users:write"], &[]),
        role("mine", &[], &["super-administrator"]),
        role("mine", &["*:*"], &[]),
    ] {
        assert_eq!(
            define(helper_may().await, raised, None).await.unwrap(),
            Err(NotChanged::Beyond)
        );
    }
    let more = role("granter", &["roles:*", "groups:*", "keys:write"], &[]);
    assert_eq!(
        define(helper_may().await, more, Some(None)).await.unwrap(),
        Err(NotChanged::Beyond)
    );
    // Coming into a group that has more.
    let group = tessera
        .create_group(
            Permit::<WriteGroups>::of_operator(),
            "Bosses",
            Origin::default(),
        )
        .await
        .unwrap()
        .unwrap();
    let to_group = NewGrant {
        holder: Holder::Group(group.id),
        ..to(boss, "super-administrator", Tenant::Deployment)
    };
    assert_eq!(
        give(&tessera, helper_may().await, to_group.clone()).await,
        Err(NotChanged::Beyond)
    );
    give(&tessera, boss_may().await, to_group).await.unwrap();
    let permit = may::<WriteGroups>(&tessera, helper, None).await.unwrap();
    let join = tessera.change_group(
        permit,
        group.id,
        GroupChange::Add(helper),
        Origin::default(),
    );
    assert_eq!(join.await.unwrap(), Err(NotChanged::Beyond));
    // Taking from who has more.
    let grants = tessera
        .grants_of(&Permit::<ReadRoles>::of_operator(), &Holder::User(boss))
        .await
        .unwrap();
    let take = tessera
        .revoke_role(helper_may().await, grants[0].id, Origin::default())
        .await
        .unwrap();
    assert_eq!(take, Err(NotChanged::Beyond));
    // What they have, they may give.
    let other = person(&tessera, "other", false).await;
    assert_eq!(
        give(
            &tessera,
            helper_may().await,
            to(other, "granter", Tenant::Deployment)
        )
        .await,
        Ok(())
    );
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    let (boss, other) = (
        person(&tessera, "boss", true).await,
        person(&tessera, "other", false).await,
    );
    let operator = Permit::<WriteRoles>::of_operator;
    let grants = tessera
        .grants_of(&Permit::<ReadRoles>::of_operator(), &Holder::User(boss))
        .await
        .unwrap();
    let take = || tessera.revoke_role(operator(), grants[0].id, Origin::default());
    assert_eq!(take().await.unwrap(), Err(NotChanged::LastAdministrator));
    // Somebody for a while, or of one organisation, is no successor.
    let mut for_a_while = to(other, "super-administrator", Tenant::Deployment);
    for_a_while.valid_until = Some(tessera.now() + std::time::Duration::from_hours(1));
    give(&tessera, operator(), for_a_while).await.unwrap();
    let ours = organisation(&tessera, "ours").await;
    give(
        &tessera,
        operator(),
        to(other, "super-administrator", Tenant::Organisation(ours)),
    )
    .await
    .unwrap();
    assert_eq!(take().await.unwrap(), Err(NotChanged::LastAdministrator));
    give(
        &tessera,
        operator(),
        to(other, "super-administrator", Tenant::Deployment),
    )
    .await
    .unwrap();
    assert_eq!(take().await.unwrap(), Ok(()));
}

#[tokio::test]
async fn an_organisation_sees_and_touches_nothing_of_another() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    let (ours, theirs) = (
        organisation(&tessera, "ours").await,
        organisation(&tessera, "theirs").await,
    );
    let local = person(&tessera, "local", false).await;
    let operator = Permit::<WriteRoles>::of_operator;
    give(
        &tessera,
        operator(),
        to(local, "super-administrator", Tenant::Organisation(ours)),
    )
    .await
    .unwrap();
    assert!(
        may::<ReadUsers>(&tessera, local, Some(theirs))
            .await
            .is_none()
    );
    let may_roles = || async { may::<WriteRoles>(&tessera, local, None).await.unwrap() };
    // Not of our organisation: as if absent.
    assert_eq!(
        give(
            &tessera,
            may_roles().await,
            to(local, "auditor", Tenant::Organisation(ours))
        )
        .await,
        Err(NotChanged::Unknown)
    );
    // Not everywhere, and roles are of everybody.
    let defined = tessera.define_role(
        may_roles().await,
        role("mine", &["clients:read"], &[]),
        None,
        Origin::default(),
    );
    assert_eq!(defined.await.unwrap(), Err(NotChanged::NotHere));
    // Groups: two of one name, each seen by its own.
    let make = |permit| tessera.create_group(permit, "Staff", Origin::default());
    let permit = may::<WriteGroups>(&tessera, local, None).await.unwrap();
    let mine = make(permit.clone()).await.unwrap().unwrap();
    assert_eq!(mine.organisation, Some(ours));
    assert_eq!(make(permit.clone()).await.unwrap(), Err(NotChanged::Taken));
    let everyones = make(Permit::of_operator()).await.unwrap().unwrap();
    let delete = |id| {
        tessera.change_group(
            permit.clone(),
            id,
            GroupChange::Delete(None),
            Origin::default(),
        )
    };
    assert_eq!(
        delete(everyones.id).await.unwrap(),
        Err(NotChanged::Unknown)
    );
    assert_eq!(delete(mine.id).await.unwrap(), Ok(()));
    // Nobody closes another one.
    let permit = may::<WriteOrganisations>(&tessera, local, None)
        .await
        .unwrap();
    let close =
        |id| tessera.change_organisation(permit.clone(), id, ("X", true), None, Origin::default());
    assert_eq!(close(theirs).await.unwrap(), Err(NotChanged::Unknown));
    assert_eq!(close(ours).await.unwrap(), Ok(()));
}

#[tokio::test]
async fn two_who_change_one_role_do_not_undo_each_other() {
    let folder = Folder::new();
    let tessera = tessera(&folder.file("t.db"), 1).await;
    let operator = Permit::<WriteRoles>::of_operator;
    let define =
        |role, replaces| tessera.define_role(operator(), role, replaces, Origin::default());
    define(role("helpers", &["clients:read"], &[]), None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        define(role("helpers", &[], &[]), None).await.unwrap(),
        Err(NotChanged::Taken)
    );
    assert_eq!(
        define(role("nobody", &[], &[]), Some(None)).await.unwrap(),
        Err(NotChanged::Unknown)
    );
    assert_eq!(
        define(role("helpers", &["users:read"], &[]), Some(Some(1)))
            .await
            .unwrap(),
        Ok(())
    );
    assert_eq!(
        define(role("helpers", &["keys:read"], &[]), Some(Some(1)))
            .await
            .unwrap(),
        Err(NotChanged::Stale)
    );
    let heir = role("heirs", &[], &["helpers"]);
    define(heir, None).await.unwrap().unwrap();
    let delete =
        |of: &str, version| tessera.delete_role(operator(), name(of), version, Origin::default());
    assert_eq!(
        delete("helpers", None).await.unwrap(),
        Err(NotChanged::Inherited("heirs".to_owned()))
    );
    assert_eq!(
        delete("heirs", Some(7)).await.unwrap(),
        Err(NotChanged::Stale)
    );
    assert_eq!(delete("heirs", Some(1)).await.unwrap(), Ok(()));
    assert_eq!(delete("helpers", Some(2)).await.unwrap(), Ok(()));
}
