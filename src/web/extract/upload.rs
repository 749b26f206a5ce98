//! A form with a file (RFC 7578), of one of our own pages.

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::form::{Fields, Form, FormRefused, Posted, is_foreign, is_form, read_form};
use super::{SignedIn, Visitor};
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;
use crate::web::App;

/// The fields of a form, and the one file that may come with it.
pub struct Upload {
    form: Form,
    /// The file; nothing if none was chosen.
    pub file: Option<Bytes>,
}

impl Fields for Upload {
    fn text(&self, name: &str) -> String {
        self.form.text(name)
    }
}

impl AsRef<Visitor> for Upload {
    fn as_ref(&self) -> &Visitor {
        &self.form.visitor
    }
}

impl FromRequest<App> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let foreign = is_foreign(app, &parts.headers);
        let request = Request::from_parts(parts, body);
        // Without a file it may come as any form does.
        let read = if is_form(request.headers()) {
            read_form(app, request).await.map(|params| (params, None))
        } else {
            read_parts(request, app).await
        };
        let (params, file) = match read {
            Ok(read) => read,
            Err(why) => return Err(why.page(&visitor)),
        };
        let posted = Posted::new(visitor, params, foreign);
        let form = posted.ours().map_err(|refused| *refused)?;
        Ok(Self { form, file })
    }
}

impl FromRequest<App> for SignedIn<Upload> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let upload = Upload::from_request(request, app).await?;
        Self::guard(upload).map_err(|upload| upload.as_ref().sign_in_for(None))
    }
}

async fn read_parts(request: Request, app: &App) -> Result<(Params, Option<Bytes>), FormRefused> {
    let bad = |words: &'static str| FormRefused::Bad(OAuthError::invalid_request(words));
    let mut parts = Multipart::from_request(request, app)
        .await
        .map_err(|_| bad("the body must be multipart/form-data"))?;
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut file = None;
    while let Some(part) = parts.next_field().await.map_err(refused)? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_none() {
            fields.push((name, part.text().await.map_err(refused)?));
            continue;
        }
        let bytes = part.bytes().await.map_err(refused)?;
        if file.replace(bytes).is_some() {
            return Err(bad("there is more than one file"));
        }
    }
    // A browser sends an empty file where none was chosen.
    let file = file.filter(|bytes| !bytes.is_empty());
    // Through the one strict reader: repetitions, NUL and numbers are its business.
    let fields = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let params = Params::parse(fields.as_bytes()).map_err(FormRefused::Bad)?;
    Ok((params, file))
}

fn refused(error: MultipartError) -> FormRefused {
    match error.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => FormRefused::TooLarge,
        _ => FormRefused::Bad(OAuthError::invalid_request("the body could not be read")),
    }
}
