//! Secrets by reference: they work, they are replaced with an overlap, and they are nowhere else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tessera::base::Secret;
use tessera::flows::administration::declared::{NotApplied, Wish};
use tessera::flows::clients::DEFAULT_OVERLAP;

use super::{apply_plan, export, file, plan};
use crate::on_both_engines;
use crate::support::World;

const FIRST: &str = "first-0123456789abcdef0123456789abcdef";
const SECOND: &str = "second-0123456789abcdef0123456789abcde";

fn machine(secret: Result<&str, &str>) -> Wish {
    let text = "[[clients]]\nclient_id = \"job\"\ngrant_types = [\"client_credentials\"]\nscope = \"a\"\n\
                client_secret = { env = \"JOB\" }";
    let secret = secret
        .map(|text| Secret::new(text.to_owned()))
        .map_err(str::to_owned);
    Wish {
        declared: file(text),
        secrets: [("job".to_owned(), secret)].into(),
        prune: false,
    }
}

async fn apply(world: &World, wish: Wish) -> Result<usize, NotApplied> {
    let plan = plan(world, &wish).await.map_err(NotApplied::Wrong)?;
    let changes = plan.changes.len();
    let shown = format!("{plan:?} {}", serde_json::json!(plan));
    assert!(!shown.contains("0123456789"), "{shown}");
    apply_plan(world, wish, plan).await.map(|()| changes)
}

async fn works(world: &World, secret: &str) -> bool {
    let basic = format!("Basic {}", STANDARD.encode(format!("job:{secret}")));
    let form = [("grant_type", "client_credentials")];
    let answer = world
        .post("/token", &[("authorization", &basic)], &form)
        .await;
    answer.status == 200
}

on_both_engines! {
    async fn a_secret_of_a_reference_works_and_is_replaced_with_an_overlap(world: World) {
        assert_eq!(apply(&world, machine(Ok(FIRST))).await, Ok(1));
        assert!(works(&world, FIRST).await && !works(&world, SECOND).await);
        assert_eq!(apply(&world, machine(Ok(FIRST))).await, Ok(0));
        assert_eq!(apply(&world, machine(Err("it is not set"))).await, Ok(0));
        assert_eq!(apply(&world, machine(Ok(SECOND))).await, Ok(1));
        assert!(works(&world, FIRST).await && works(&world, SECOND).await);
        assert_eq!(apply(&world, machine(Ok(SECOND))).await, Ok(0));
        world.advance(DEFAULT_OVERLAP.as_secs());
        assert!(!works(&world, FIRST).await && works(&world, SECOND).await);
        let audit = serde_json::json!(world.audit().await).to_string();
        assert!(audit.contains("client.secret_rotated"), "{audit}");
        assert!(!audit.contains("0123456789"), "{audit}");
        let written = tessera::protocol::declared::write(&export(&world).await, tessera::protocol::declared::Format::Toml);
        assert!(!written.expect("written").contains("0123456789"));
    }
}

on_both_engines! {
    async fn a_new_client_needs_a_secret_that_is_there_and_hard_to_guess(world: World) {
        for bad in [Err("it is not set"), Ok("short"), Ok("has a space 0123456789abcdef0123456789abcdef"), Ok("ünsichtbar-0123456789abcdef0123456789abcdef")] {
            let refused = apply(&world, machine(bad)).await.expect_err("refused");
            let NotApplied::Wrong(problems) = refused else { panic!("{refused:?}") };
            let told = problems[0].to_string();
            assert!(told.starts_with("client \"job\": client_secret: "), "{told}");
            assert!(!told.contains("0123456789"), "{told}");
        }
        assert_eq!(export(&world).await.clients, Some(std::collections::BTreeMap::new()));
        assert_eq!(apply(&world, machine(Ok(FIRST))).await, Ok(1));
    }
}
