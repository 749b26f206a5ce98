//! The guard of everything that matters: the person proved a moment ago who they are.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::Uri;
use axum::http::request::Parts;
use axum::response::Response;

use super::{Form, SignedIn, Visitor};
use crate::flows::assurance::RecentlyAuthenticated;
use crate::web::App;
use crate::web::pages::step;
use crate::web::respond;

/// A page's visitor, or the form of one, with the proof that it was recent. Anybody else was sent to prove
/// it first, and comes back to the page.
pub struct Recent<From> {
    /// Who is signed in.
    pub member: SignedIn<From>,
    proof: RecentlyAuthenticated,
}

impl<From: AsRef<Visitor>> Recent<From> {
    pub(super) async fn guard(
        app: &App,
        member: SignedIn<From>,
        page: &str,
    ) -> Result<Self, Response> {
        match app.recently(member.person()).await {
            Ok(Ok(proof)) => Ok(Self { member, proof }),
            Ok(Err(_)) => Err(member.visitor().go(&step::path_before(page))),
            Err(error) => Err(respond::internal_page(member.visitor(), &error)),
        }
    }

    /// The proof.
    #[must_use]
    pub const fn proof(&self) -> &RecentlyAuthenticated {
        &self.proof
    }

    /// Who looks at the page.
    #[must_use]
    pub fn visitor(&self) -> &Visitor {
        self.member.visitor()
    }
}

/// The page as it was asked for.
pub(super) fn with_query(uri: &Uri) -> String {
    let page = uri.path_and_query();
    page.map_or_else(|| uri.path().to_owned(), ToString::to_string)
}

impl FromRequestParts<App> for Recent<Visitor> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let page = with_query(&parts.uri);
        let member = SignedIn::<Visitor>::from_request_parts(parts, app).await?;
        Self::guard(app, member, &page).await
    }
}

impl FromRequest<App> for Recent<Form> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let page = with_query(request.uri());
        let member = SignedIn::<Form>::from_request(request, app).await?;
        Self::guard(app, member, &page).await
    }
}
