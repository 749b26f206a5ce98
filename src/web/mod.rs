//! Floor 5: HTTP. The only user of axum, askama and tower-sessions. Handlers translate; they do not
//! decide.

pub mod account;
pub mod admin;
pub mod api;
pub mod assets;
pub mod extract;
pub mod layers;
pub mod letters;
pub mod messages;
pub mod oauth;
mod own_page;
pub mod pages;
pub mod respond;
pub mod routes;
mod session_store;
pub mod views;

use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use crate::flows::Tessera;
use crate::flows::settings::Looks;
use views::Brand;

pub use routes::router;

/// What every handler is given. Cheap to clone.
#[derive(Clone)]
pub struct App {
    tessera: Tessera,
    brand: Arc<RwLock<(Arc<Looks>, Arc<Brand>)>>,
    documents: Arc<oauth::discovery::Documents>,
    api: Arc<api::Document>,
}

impl App {
    /// The pages of this deployment over its use cases.
    #[must_use]
    pub fn new(tessera: Tessera) -> Self {
        let looks = tessera.looks();
        let brand = Arc::new(Brand::of(&looks));
        let documents = oauth::discovery::Documents::new(&tessera);
        Self {
            brand: Arc::new(RwLock::new((looks, brand))),
            documents: Arc::new(documents),
            api: Arc::new(api::Document::new(&tessera)),
            tessera,
        }
    }

    /// Whose pages these are, as it was chosen last.
    fn brand(&self) -> Arc<Brand> {
        let looks = self.tessera.looks();
        {
            let known = self.brand.read().unwrap_or_else(PoisonError::into_inner);
            if Arc::ptr_eq(&known.0, &looks) {
                return Arc::clone(&known.1);
            }
        }
        let brand = Arc::new(Brand::of(&looks));
        let mut known = self.brand.write().unwrap_or_else(PoisonError::into_inner);
        *known = (looks, Arc::clone(&brand));
        brand
    }

    /// Whether cookies can be `Secure` and carry the `__Host-` prefix.
    fn is_https(&self) -> bool {
        self.tessera.config.server.issuer.is_https()
    }

    /// The name of one of our cookies. RFC 6265bis §4.1.3.2: `__Host-` means that no other host,
    /// and no page over http, can have set it.
    fn cookie_name(&self, name: &str) -> String {
        if self.is_https() {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }
}

impl Deref for App {
    type Target = Tessera;

    fn deref(&self) -> &Tessera {
        &self.tessera
    }
}
