//! A browser: cookies, redirects within the server, forms by their ids. No JavaScript.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};

use super::World;
use super::world::{Answer, ISSUER, PASSWORD};

/// A browser with a cookie jar.
#[derive(Clone)]
pub struct Browser {
    world: World,
    /// The jar, open to tests that steal from it.
    pub cookies: BTreeMap<String, String>,
    /// Where it is, if not where everybody is.
    pub address: Option<IpAddr>,
}

/// A page, or a redirect that leaves the server.
pub struct Page {
    /// The answer.
    pub answer: Answer,
    /// Where it was found, path and query.
    pub url: String,
}

impl Page {
    /// Where the browser was sent, if the answer leads away from the server.
    pub fn location(&self) -> String {
        self.answer.header("location")
    }

    /// A parameter in the URL that the browser was sent to.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let location = self.location();
        let (_, query) = location
            .split_once('#')
            .or_else(|| location.split_once('?'))?;
        form_urlencoded::parse(query.as_bytes())
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The value of the first field of this name in the page, unescaped.
    pub fn field(&self, name: &str) -> Option<String> {
        let at = self.answer.body.find(&format!("name=\"{name}\""))?;
        let end = at + self.answer.body[at..].find('>')?;
        let start = self.answer.body[..at].rfind('<')?;
        let tag = &self.answer.body[start..end];
        let value = tag.split_once("value=\"")?.1.split('"').next()?;
        Some(
            value
                .replace("&#38;", "&")
                .replace("&amp;", "&")
                .replace("&#34;", "\"")
                .replace("&#61;", "="),
        )
    }

    /// As it is once the person has followed the link `continue`, if there is one.
    pub fn followed(mut self) -> Self {
        let body = &self.answer.body;
        let link = body.split_once("id=\"continue\" href=\"");
        if let Some((url, _)) = link.and_then(|(_, rest)| rest.split_once('"')) {
            let url = url.replace("&#38;", "&").replace("&#61;", "=");
            let url = url.parse().expect("a header");
            self.answer.headers.insert(header::LOCATION, url);
        }
        self
    }

    /// Whether the page has an element of this id.
    pub fn has(&self, id: &str) -> bool {
        self.answer.body.contains(&format!("id=\"{id}\""))
    }
}

impl Browser {
    /// A fresh browser.
    pub fn new(world: &World) -> Self {
        Self {
            world: world.clone(),
            cookies: BTreeMap::new(),
            address: None,
        }
    }

    /// Follows a link and the redirects behind it, as long as they stay on the server.
    pub async fn open(&mut self, url: &str) -> Page {
        let mut url = url.strip_prefix(ISSUER).unwrap_or(url).to_owned();
        for _ in 0..10 {
            let answer = self
                .send(Request::get(&url).body(Body::empty()).expect("a request"))
                .await;
            let next = answer.header("location");
            let local = next.starts_with('/') || next.starts_with(ISSUER);
            if !(300..400).contains(&answer.status) || !local {
                return Page { answer, url };
            }
            next.strip_prefix(ISSUER)
                .unwrap_or(&next)
                .clone_into(&mut url);
        }
        panic!("too many redirects, the last to {url}");
    }

    /// Submits the form of a page to `action`, with its hidden fields and `fields`.
    pub async fn submit(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let mut form: Vec<(String, String)> = ["csrf", "request", "token", "person"]
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), page.field(name)?)))
            .filter(|(name, _)| !fields.iter().any(|(given, _)| given == name))
            .collect();
        form.extend(
            fields
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
        );
        self.post(action, &form).await
    }

    /// Posts a form as our own page would.
    pub async fn post(&mut self, action: &str, form: &[(String, String)]) -> Page {
        let answer = self.post_once(action, form).await;
        let next = answer.header("location");
        if (300..400).contains(&answer.status)
            && (next.starts_with('/') || next.starts_with(ISSUER))
        {
            return self.open(&next).await;
        }
        Page {
            answer,
            url: action.to_owned(),
        }
    }

    /// As [`Self::post`], and does not follow where it is sent.
    pub async fn post_once(&mut self, action: &str, form: &[(String, String)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::post(action)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, ISSUER)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    /// Sends a request with the jar's cookies and keeps what comes back.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let jar: Vec<String> = self
            .cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        if !jar.is_empty() {
            let value = jar.join("; ").parse().expect("a header");
            request.headers_mut().insert(header::COOKIE, value);
        }
        if let Some(address) = self.address {
            let peer = ConnectInfo(SocketAddr::new(address, 4000));
            request.extensions_mut().insert(peer);
        }
        let answer = self.world.send(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().expect("ASCII");
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').expect("a cookie");
            if attributes.to_lowercase().contains("max-age=0") || value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Opens `url`, signs in where asked and allows where asked; the answer that leads away.
    pub async fn pass(&mut self, url: &str, username: &str) -> Page {
        let mut page = self.open(url).await;
        if page.has("login") {
            page = self.sign_in(&page, username, PASSWORD).await;
        }
        if page.has("allow") {
            page = self
                .submit(&page, "/consent", &[("decision", "allow")])
                .await;
        }
        page.followed()
    }

    /// Answers the page that asks for one more proof.
    pub async fn step(&mut self, page: &Page, method: &str, field: &str, answer: &str) -> Page {
        let to = page.field("to").unwrap_or_default();
        let fields = [("method", method), ("to", &to), (field, answer)];
        self.submit(page, "/sign-in/step", &fields).await
    }

    /// Fills in the sign-in page.
    pub async fn sign_in(&mut self, page: &Page, username: &str, password: &str) -> Page {
        self.submit(
            page,
            "/sign-in",
            &[("username", username), ("password", password)],
        )
        .await
    }
}
