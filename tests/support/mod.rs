//! A Tessera of its own for each test, a browser with a cookie jar, and a client.

pub mod assertion;
pub mod authenticator;
pub mod browser;
pub mod client;
pub mod gateway;
pub mod log;
pub mod maker;
pub mod registrar;
pub mod security_key;
pub mod world;

pub use browser::{Browser, Page};
pub use client::App;
pub use gateway::Gateway;
pub use registrar::Registrar;
pub use security_key::SecurityKey;
pub use world::World;

/// Writes a test once and runs it on both engines; `with` changes the settings.
#[macro_export]
macro_rules! on_both_engines {
    ($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block) => {
        $crate::on_both_engines! {
            with |_| {};
            $(#[$meta])* async fn $name($world: World) $body
        }
    };
    (with $change:expr; $(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block) => {
        mod $name {
            use super::*;

            async fn run($world: $crate::support::World) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                run($crate::support::World::sqlite_with($change).await).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                match $crate::support::World::postgres_with($change).await {
                    Some(world) => run(world).await,
                    None => eprintln!("skipped: TESSERA_TEST_POSTGRES_URL is not set"),
                }
            }
        }
    };
}
