//! The organisation that an administrator has chosen goes along: on every link and form of a page of the
//! administration, and where a form leads. Here and nowhere else: one link that forgot it would act elsewhere.

use std::fmt::Write as _;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::base::ids::OrganisationId;

/// Longer than any page.
const LONGEST: usize = 16 * 1024 * 1024;

/// The organisation that a query names; the guard decides whether it is the reader's.
#[must_use]
pub fn named(query: Option<&str>) -> Option<String> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, value)| name == "organisation" && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

/// An address of the administration, with the organisation.
#[must_use]
pub fn within(address: &str, id: OrganisationId) -> String {
    let (rest, fragment) = match address.split_once('#') {
        Some((rest, fragment)) => (rest, format!("#{fragment}")),
        None => (address, String::new()),
    };
    let query = rest.split_once('?').map(|(_, query)| query);
    if named(query).is_some() {
        return address.to_owned();
    }
    let joint = if query.is_some() { '&' } else { '?' };
    format!("{rest}{joint}organisation={id}{fragment}")
}

/// The layer.
pub async fn carry(request: Request, next: Next) -> Response {
    let named = named(request.uri().query()).and_then(|text| text.parse().ok());
    let mut response = next.run(request).await;
    let Some(id) = named.map(OrganisationId) else {
        return response;
    };
    let to = response.headers().get(header::LOCATION);
    if let Some(to) = to.and_then(|to| to.to_str().ok()).filter(|to| is_ours(to)) {
        if let Ok(to) = HeaderValue::from_str(&within(to, id)) {
            response.headers_mut().insert(header::LOCATION, to);
        }
        return response;
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| !kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, LONGEST).await.unwrap_or_default();
    let Ok(html) = std::str::from_utf8(&bytes) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(carried(html, id)))
}

fn is_ours(address: &str) -> bool {
    let rest = address.strip_prefix("/admin");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// What was typed by anybody is escaped: no text of a page looks like an attribute.
fn carried(html: &str, id: OrganisationId) -> String {
    const LINK: &str = " href=\"";
    const FORM: &str = " action=\"";
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    loop {
        let found = [LINK, FORM]
            .into_iter()
            .filter_map(|mark| rest.find(mark).map(|at| (at, mark)))
            .min_by_key(|(at, _)| *at);
        let Some((at, mark)) = found else {
            out.push_str(rest);
            return out;
        };
        let (before, after) = rest.split_at(at + mark.len());
        out.push_str(before);
        let (address, tail) = after.split_at(after.find('"').unwrap_or(after.len()));
        if !is_ours(address) {
            out.push_str(address);
            rest = tail;
            continue;
        }
        // An ampersand of an attribute is written out.
        let plain = address.replace("&#38;", "&").replace("&amp;", "&");
        out.push_str(&within(&plain, id).replace('&', "&amp;"));
        let (tag, tail) = tail.split_at(tail.find('>').map_or(tail.len(), |end| end + 1));
        out.push_str(tag);
        // A form that is sent by GET loses the query of its address; the chooser says itself where it goes.
        if mark == FORM && !tag.contains("data-places") {
            let _ = write!(
                out,
                "<input type=\"hidden\" name=\"organisation\" value=\"{id}\">"
            );
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_and_form_of_the_administration_carries_it_and_no_other() {
        let id = OrganisationId("01890000-0000-7000-8000-000000000000".parse().unwrap());
        for (before, after) in [
            (
                "<a href=\"/admin\">x</a>",
                "<a href=\"/admin?organisation=ID\">x</a>",
            ),
            (
                "<a id=\"n\" href=\"/admin/users?q=a&#38;b=c#d\">",
                "<a id=\"n\" href=\"/admin/users?q=a&amp;b=c&amp;organisation=ID#d\">",
            ),
            (
                "<a href=\"/admin/users?organisation=ID\">",
                "<a href=\"/admin/users?organisation=ID\">",
            ),
            (
                "<a href=\"/account\"> href=\"/administrator\"",
                "<a href=\"/account\"> href=\"/administrator\"",
            ),
            (
                "<form method=\"get\" action=\"/admin/users\" role=\"search\">",
                "<form method=\"get\" action=\"/admin/users?organisation=ID\" role=\"search\"><input type=\"hidden\" name=\"organisation\" value=\"ID\">",
            ),
            (
                "<form method=\"get\" action=\"/admin\" data-places>",
                "<form method=\"get\" action=\"/admin?organisation=ID\" data-places>",
            ),
            (
                "<p> href=&#34;/admin&#34;</p>",
                "<p> href=&#34;/admin&#34;</p>",
            ),
            (" href=\"/admin", " href=\"/admin?organisation=ID"),
        ] {
            let fill = |text: &str| text.replace("ID", &id.to_string());
            assert_eq!(carried(&fill(before), id), fill(after));
        }
    }
}
