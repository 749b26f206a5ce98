//! The administration's pages.

mod audit;
mod by_name;
mod clients;
mod imported_roles;
mod imports;
mod matrix;
mod people;
mod places;
mod sessions;
mod settings;
mod sudo;
mod try_it;

use tessera::protocol::access::Tenant;
use tessera::storage::role_grants::Holder;

use crate::api::support::give;
use crate::support::world::PASSWORD;
use crate::support::{Browser, World};

/// A browser in which somebody of this name is signed in, with a role.
pub async fn administrator(
    world: &World,
    name: &str,
    role: Option<&str>,
    tenant: Tenant,
) -> Browser {
    let user = world.user(name).await;
    if let Some(role) = role {
        give(world, role, Holder::User(user.id), tenant).await;
    }
    let mut browser = Browser::new(world);
    let page = browser.open("/sign-in").await;
    let page = browser.sign_in(&page, name, PASSWORD).await;
    assert_eq!(page.url, "/account", "{}", page.answer.body);
    browser
}

/// Who may do everything.
pub async fn root(world: &World) -> Browser {
    administrator(
        world,
        "root",
        Some("super-administrator"),
        Tenant::Deployment,
    )
    .await
}
