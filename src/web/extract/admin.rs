//! The guard of the administration: who is signed in may do this, now, here.

use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::form::Fields;
use super::recent::with_query;
use super::{Recent, SignedIn, Visitor};
use crate::base::Timestamp;
use crate::base::ids::{OrganisationId, SessionId};
use crate::flows::Internal;
use crate::flows::access::{Administrator, Asking, Places};
use crate::flows::session::SignedIn as Proof;
use crate::protocol::access::{Permit, Power};
use crate::web::App;
use crate::web::layers::carried::{self, named};
use crate::web::respond;
use crate::web::views::ErrorKind;

/// A page's visitor, or the form of one, with the permit for `P`. Roles are read for each request: one that
/// was taken back a second ago is gone. A refusal is a page that says so, and on record.
///
/// A form also needs a recent proof of who sends it: a browser that was left alone changes nothing. It stands on
/// a page at the same path, [`AdminForm`], which asks for that proof before anything is typed, and
/// remembers: what took an hour to type is not lost.
pub struct Admin<P, From = Visitor> {
    /// The page's visitor, or the form.
    pub from: From,
    permit: Permit<P>,
    who: Administrator,
    person: Proof,
    chosen: Chosen,
    opened: String,
}

/// The organisation that was named, and those that could be.
#[derive(Clone, Default)]
pub struct Chosen {
    /// The one that was named.
    pub wanted: Option<OrganisationId>,
    /// What there is to choose from.
    pub places: Places,
}

/// So long somebody may take for a form that they opened with a recent proof.
const PATIENCE: Duration = Duration::from_hours(1);

impl<P: Power, From: AsRef<Visitor>> Admin<P, From> {
    /// `page` is where they came to, with its query: who has to say in which organisation comes back with one.
    async fn guard(
        app: &App,
        member: SignedIn<From>,
        (wanted, page): (Option<&str>, Option<&str>),
    ) -> Result<Self, Response> {
        let visitor = member.visitor();
        let wanted = match wanted.filter(|text| !text.is_empty()).map(str::parse) {
            None => None,
            Some(Ok(id)) => Some(OrganisationId(id)),
            Some(Err(_)) => return Err(respond::error_page(visitor, ErrorKind::NotFound, None)),
        };
        let asking = Asking::Person(member.person().user().id);
        let decided = async {
            let who = app.administrator(&asking).await?;
            let first = who.must_choose(P::PERMISSION).zip(page);
            if let Some((first, page)) = first.filter(|_| wanted.is_none()) {
                return Ok(Err(visitor.go(&carried::within(page, first))));
            }
            let decision = app
                .admit_administrator::<P>(&who, wanted, &visitor.origin)
                .await?;
            let places = app.places(&who).await?;
            Ok(Ok((who, places, decision.permit)))
        };
        match decided.await {
            Ok(Ok((who, places, Some(permit)))) => Ok(Self {
                person: member.person().clone(),
                from: member.from,
                permit,
                who,
                chosen: Chosen { wanted, places },
                opened: String::new(),
            }),
            Ok(Ok((.., None))) => Err(respond::error_page(visitor, ErrorKind::Forbidden, None)),
            Ok(Err(elsewhere)) => Err(elsewhere),
            Err(error) => Err(respond::internal_page(visitor, &error)),
        }
    }

    /// The proof that it may be done.
    #[must_use]
    pub const fn permit(&self) -> &Permit<P> {
        &self.permit
    }

    /// Whatever else they may do: what the page shows.
    #[must_use]
    pub const fn who(&self) -> &Administrator {
        &self.who
    }

    /// The same person, in their session.
    #[must_use]
    pub const fn person(&self) -> &Proof {
        &self.person
    }

    /// Where they look, and could look.
    #[must_use]
    pub const fn chosen(&self) -> &Chosen {
        &self.chosen
    }

    /// What the form of this page carries: it was opened with a recent proof.
    #[must_use]
    pub fn opened(&self) -> &str {
        &self.opened
    }

    /// Who looks at the page.
    #[must_use]
    pub fn visitor(&self) -> &Visitor {
        self.from.as_ref()
    }
}

/// A MAC: this session opened the form at this path, then, with a recent proof.
fn opened_mac(
    app: &App,
    session: SessionId,
    path: &str,
    at: Timestamp,
) -> Result<Vec<u8>, Internal> {
    let at = at.micros().to_be_bytes();
    let mac = app
        .master
        .mac("admin-form", &[session.0.as_bytes(), path.as_bytes(), &at])?;
    Ok([at.as_slice(), mac.as_slice()].concat())
}

fn was_opened(app: &App, session: SessionId, path: &str, text: &str) -> Result<bool, Internal> {
    let Ok(sent) = URL_SAFE_NO_PAD.decode(text) else {
        return Ok(false);
    };
    let Some((at, mac)) = sent.split_first_chunk::<8>() else {
        return Ok(false);
    };
    let opened = Timestamp::from_micros(i64::from_be_bytes(*at));
    let known = app.master.mac_is(
        "admin-form",
        &[session.0.as_bytes(), path.as_bytes(), at],
        mac,
    )?;
    Ok(known && app.now() < opened + PATIENCE)
}

impl<P: Power> FromRequestParts<App> for Admin<P, Visitor> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let (wanted, page) = (named(parts.uri.query()), with_query(&parts.uri));
        let member = SignedIn::<Visitor>::from_request_parts(parts, app).await?;
        Self::guard(app, member, (wanted.as_deref(), Some(&page))).await
    }
}

impl<P: Power, From: Fields + Send> FromRequest<App> for Admin<P, From>
where
    SignedIn<From>: FromRequest<App, Rejection = Response>,
{
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (path, page) = (request.uri().path().to_owned(), with_query(request.uri()));
        let asked = named(request.uri().query());
        let member = SignedIn::<From>::from_request(request, app).await?;
        let (session, sent) = (member.person().session().id, member.from.text("opened"));
        let member = match was_opened(app, session, &path, &sent) {
            Ok(true) => member,
            Ok(false) => Recent::guard(app, member, &page).await?.member,
            Err(error) => return Err(respond::internal_page(member.visitor(), &error)),
        };
        let wanted = member.from.text("organisation");
        // The page asked about one organisation: a form that lost it must not act on everything.
        if asked.is_some_and(|asked| asked != wanted) {
            return Err(respond::error_page(
                member.visitor(),
                ErrorKind::Forged,
                None,
            ));
        }
        let admin = Self::guard(app, member, (Some(&wanted), None)).await?;
        // The page that comes back with what is wrong is the same form.
        Ok(Self {
            opened: sent,
            ..admin
        })
    }
}

/// The page of a form that changes something: whoever opens it has just proven who they are.
pub struct AdminForm<P>(pub Admin<P, Visitor>);

impl<P: Power> FromRequestParts<App> for AdminForm<P> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let (wanted, page) = (named(parts.uri.query()), with_query(&parts.uri));
        let path = parts.uri.path().to_owned();
        let recent = Recent::<Visitor>::from_request_parts(parts, app).await?;
        let session = recent.member.person().session().id;
        let admin = Admin::guard(app, recent.member, (wanted.as_deref(), Some(&page))).await?;
        match opened_mac(app, session, &path, app.now()) {
            Ok(mac) => Ok(Self(Admin {
                opened: URL_SAFE_NO_PAD.encode(mac),
                ..admin
            })),
            Err(error) => Err(respond::internal_page(admin.visitor(), &error)),
        }
    }
}
