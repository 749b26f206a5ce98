//! An authenticator app.

use tessera::protocol::assurance::Method;
use tessera::protocol::audit::Origin;
use tessera::storage::users::User;
use tessera::storage::{otp, sessions};

use super::{Browser, Page, World};

/// An app that somebody set up.
pub struct Authenticator {
    world: World,
    seed: Vec<u8>,
}

impl Authenticator {
    /// Sets one up for a person, who signs in for it in a browser of their own.
    pub async fn of(world: &World, user: &User) -> Self {
        let mut browser = Browser::new(world);
        let page = browser.open("/sign-in").await;
        browser
            .sign_in(&page, &user.username, super::world::PASSWORD)
            .await;
        let tessera = &world.tessera;
        let mut reader = &tessera.store;
        let live = sessions::of_user(&mut reader, user.id, tessera.now())
            .await
            .expect("sessions");
        let person = tessera
            .resolve_session(live[0].id)
            .await
            .expect("a database")
            .expect("a session");
        let recent = tessera
            .recently(&person)
            .await
            .expect("a database")
            .expect("just now");
        let offered = tessera.offer_totp(&recent).expect("an offer");
        let seed =
            totp_rs::Secret::try_from_base32(offered.provisioning.seed.expose()).expect("Base32");
        let app = Self {
            world: world.clone(),
            seed: seed.as_ref().to_vec(),
        };
        let (code, name, origin) = (app.code(), "Telephone".to_owned(), Origin::default());
        let done = tessera
            .confirm_totp(&recent, &offered.state, &code, name, origin)
            .await;
        assert_eq!(
            done.expect("a database"),
            tessera::flows::otp::Enrolled::Done
        );
        let devices = otp::of_user(&mut reader, user.id).await.expect("devices");
        assert_eq!(devices[0].kind, Method::Totp);
        // The next code is another one.
        world.advance(30);
        app
    }

    /// The code of now.
    pub fn code(&self) -> String {
        let seconds = u64::try_from(self.world.tessera.now().seconds()).expect("after 1970");
        let machine = totp_rs::Builder::new()
            .with_secret(self.seed.clone())
            .build_noncompliant();
        machine.generate(seconds).to_string()
    }

    /// Types the code of now into the page that asks for it.
    pub async fn answer(&self, browser: &mut Browser, page: &Page) -> Page {
        browser.step(page, "totp", "code", &self.code()).await
    }
}
