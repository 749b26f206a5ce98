//! Configuration from a file: what is applied is there, what is there is written, and what is wrong changes nothing.

mod examples;
mod generate;
mod refusals;
mod round_trip;
mod secrets;

use std::collections::BTreeMap;

use tessera::base::Secret;
use tessera::flows::administration::declared::{NotApplied, Permits, Wish};
use tessera::protocol::access::Permit;
use tessera::protocol::audit::Origin;
use tessera::protocol::declared::{Declared, Format, Plan, Problem, SecretReference, read};

use crate::support::World;

fn permits() -> Permits {
    Permits {
        settings: Permit::of_operator(),
        organisations: Permit::of_operator(),
        resources: Permit::of_operator(),
        roles: Permit::of_operator(),
        groups: Permit::of_operator(),
        clients: Permit::of_operator(),
    }
}

/// The secret of a reference: made of its name, and long enough for every method.
fn secret(reference: &SecretReference) -> String {
    let (SecretReference::Env(name) | SecretReference::File(name)) = reference;
    format!("{name}-{}", "0123456789abcdef".repeat(4))
}

fn wish(declared: Declared, prune: bool) -> Wish {
    let clients = declared.clients.iter().flatten();
    let secrets: BTreeMap<_, _> = clients
        .filter_map(|(id, client)| {
            let secret = secret(client.client_secret.as_ref()?);
            Some((id.clone(), Ok(Secret::new(secret))))
        })
        .collect();
    Wish {
        declared,
        secrets,
        prune,
    }
}

fn file(text: &str) -> Declared {
    let text = format!("version = 1\n{text}");
    read(text.as_bytes(), Format::Toml).unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"))
}

async fn export(world: &World) -> Declared {
    let exported = world.tessera.export_configuration(&permits()).await;
    exported.expect("exported")
}

async fn plan(world: &World, wish: &Wish) -> Result<Plan, Vec<Problem>> {
    let planned = world.tessera.plan_configuration(&permits(), wish).await;
    planned.expect("planned")
}

async fn apply_plan(world: &World, wish: Wish, plan: Plan) -> Result<(), NotApplied> {
    let applied = world
        .tessera
        .apply_configuration(permits(), wish, plan, Origin::default());
    applied.await.expect("applied")
}

/// Plans and applies.
async fn apply(world: &World, declared: Declared, prune: bool) -> Result<Plan, NotApplied> {
    let wish = wish(declared, prune);
    let plan = plan(world, &wish).await.map_err(NotApplied::Wrong)?;
    apply_plan(world, wish, plan.clone()).await?;
    Ok(plan)
}
