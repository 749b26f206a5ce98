//! Over generated configurations: what was applied is what is written, and twice is a no-op.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use tessera::protocol::declared::{Declared, Format, Plan, read, write};

use super::{apply, export, generate, plan, wish};
use crate::on_both_engines;
use crate::support::World;

/// From each configuration to the next, whatever the one before left: so everything comes, changes and goes.
async fn go_through(world: &World, cases: usize) {
    let mut runner = TestRunner::deterministic();
    let strategy = generate::declared();
    let mut changes = 0;
    for case in 0..cases {
        let wanted = strategy.new_tree(&mut runner).expect("generated").current();
        for format in [Format::Toml, Format::Json] {
            let text = write(&wanted, format).expect("written");
            let back = read(text.as_bytes(), format);
            assert_eq!(back.as_ref(), Ok(&wanted), "case {case}: {text}");
        }
        let done = apply(world, wanted.clone(), true).await;
        let done = done.unwrap_or_else(|why| panic!("case {case}: {why:?}\n{wanted:#?}"));
        changes += done.changes.len();
        let there = export(world).await;
        assert_eq!(there, wanted, "case {case}");
        assert_no_op(world, there, case).await;
    }
    assert!(changes > 3 * cases, "{changes} changes in {cases} cases");
}

async fn assert_no_op(world: &World, there: Declared, case: usize) {
    let before = world.audit().await;
    let again = apply(world, there, true).await;
    assert_eq!(again.as_ref(), Ok(&Plan::default()), "case {case}");
    assert_eq!(world.audit().await, before, "case {case}");
}

on_both_engines! {
    async fn what_is_applied_is_exported_and_applying_that_changes_nothing(world: World) {
        let is_sqlite = world.tessera.store.describe().starts_with("SQLite");
        go_through(&world, if is_sqlite { 60 } else { 20 }).await;
    }
}

on_both_engines! {
    async fn what_administrators_made_is_exported_and_applying_that_changes_nothing(world: World) {
        world.client(serde_json::json!({"redirect_uris": ["https://a.example/"], "client_name": "<b>A</b>"})).await;
        crate::api::support::organisation(&world, "acme").await;
        let there = export(&world).await;
        assert_eq!(there.clients.as_ref().map(std::collections::BTreeMap::len), Some(1));
        // Nobody knows the secret that was made there: it is left as it is.
        let mut unknown = wish(there, true);
        for found in unknown.secrets.values_mut() {
            *found = Err("the variable is not set".to_owned());
        }
        let plan = plan(&world, &unknown).await.expect("planned");
        assert!(plan.changes.is_empty(), "{plan:?}");
        assert_eq!(plan.notes.len(), 1, "{plan:?}");
    }
}
