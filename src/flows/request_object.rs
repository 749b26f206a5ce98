//! Request objects (OpenID Connect Core §6): fetched, decrypted where need be, verified with the
//! client's keys, and turned into parameters.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use serde_json::{Map, Value};
use url::Url;

use super::client_keys::KeySource;
use super::ticket::Arrival;
use super::{Internal, Outcome, Tessera};
use crate::base::Digest;
use crate::crypto::jose::{UnopenedJwe, UnverifiedJwt, unsecured_claims};
use crate::protocol::authorize::{Around, RequestObject, UncheckedRequest};
use crate::protocol::client::Client;
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::or_none::RequestObjectAlg;

/// What came of a fetch is used again for so long, a failure too: a person who reloads the page does
/// not make us fetch anew, a stranger cannot make us hammer the client, and a client that changes the
/// object does not wait long.
const KEEP: Duration = Duration::from_secs(20);

/// All of them together, in bytes.
const MAX_KEPT: u64 = 16 << 20;

/// Request objects that were fetched, by client and URI without its fragment. Requests for the same one
/// wait for one fetch. `None`: it could not be had.
pub struct FetchedObjects(Cache<(String, String), Option<Arc<str>>>);

impl Default for FetchedObjects {
    fn default() -> Self {
        Self(
            Cache::builder()
                .weigher(
                    |(client, uri): &(String, String), object: &Option<Arc<str>>| {
                        let text = object.as_ref().map_or(0, |object| object.len());
                        u32::try_from(client.len() + uri.len() + text).unwrap_or(u32::MAX)
                    },
                )
                .max_capacity(MAX_KEPT)
                .time_to_live(KEEP)
                .build(),
        )
    }
}

fn refused(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequestObject, description)
}

fn bad_uri(description: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequestUri, description)
}

impl Tessera {
    /// The request with what its request object says, if it has one, and whether that was signed.
    ///
    /// # Errors
    /// Inner: `invalid_request_object`, `invalid_request_uri`, `invalid_request`.
    pub(super) async fn open_request_object(
        &self,
        unchecked: UncheckedRequest,
        client: &Client,
        arrival: Arrival,
    ) -> Result<Result<(UncheckedRequest, bool), OAuthError>, Internal> {
        let must_sign = self.config.protocol.require_signed_request_object
            || client.metadata.require_signed_request_object;
        let object = match unchecked.request_object() {
            Ok(RequestObject::Absent) if arrival.signed => return Ok(Ok((unchecked, true))),
            // RFC 9101 §10.5: "the authorization server MUST reject the authorization request from
            // the client that does not conform to this specification."
            Ok(RequestObject::Absent) if must_sign => {
                return Ok(Err(OAuthError::invalid_request(
                    "this client must send a signed request object",
                )));
            }
            Ok(RequestObject::Absent) => return Ok(Ok((unchecked, false))),
            Ok(RequestObject::Value(object)) => Arc::from(object),
            Ok(RequestObject::Reference(uri)) => match self.fetch_object(client, uri).await {
                Ok(object) => object,
                Err(error) => return Ok(Err(error)),
            },
            Err(error) => return Ok(Err(error)),
        };
        let (claims, signed) = match self.verified_object(object.trim(), client).await? {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        // "It MUST also reject the request if the Request Object uses an "alg" value of "none"".
        if must_sign && !signed {
            return Ok(Err(refused("the request object must be signed")));
        }
        let around = if must_sign {
            Around::Ignored
        } else {
            Around::Merged
        };
        let opened = unchecked.with_object(&claims, around, &client.id, self.issuer(), self.now());
        Ok(opened.map(|opened| (opened, signed)))
    }

    /// §6.2. Only what was registered is ever fetched: a stranger who knows a `client_id` must not
    /// choose where we connect to.
    async fn fetch_object(&self, client: &Client, uri: &str) -> Result<Arc<str>, OAuthError> {
        if !is_registered(&client.metadata.request_uris, uri) {
            return Err(bad_uri("this request_uri is not registered"));
        }
        let unreachable = || bad_uri("the request_uri cannot be fetched");
        let mut url = Url::parse(uri).map_err(|_| unreachable())?;
        let fragment = url.fragment().map(str::to_owned);
        // Not part of what is fetched: else each made-up one would be fetched, and kept, anew.
        url.set_fragment(None);
        let name = (client.id.to_string(), url.to_string());
        let fetched = self
            .fetched_objects
            .0
            .get_with(name, self.fetch(client, &url))
            .await;
        let object = fetched.ok_or_else(unreachable)?;
        // §6.2: "the request_uri value [...] fragment [...] MUST be the base64url-encoded SHA-256 hash
        // of the referenced resource's content", where it has one.
        if fragment.is_some_and(|hash| hash.len() == 43 && hash != sha256_text(object.as_bytes())) {
            return Err(bad_uri(
                "the request object is not the one that was registered",
            ));
        }
        Ok(object)
    }

    async fn fetch(&self, client: &Client, url: &Url) -> Option<Arc<str>> {
        let accept = "application/oauth-authz-req+jwt, application/jwt";
        let fetched = match self.outbound.get(url, accept).await {
            Ok(fetched) if fetched.status == 200 => fetched,
            Ok(fetched) => {
                tracing::warn!(client_id = %client.id, status = fetched.status, "a request_uri answers badly");
                return None;
            }
            Err(error) => {
                tracing::warn!(client_id = %client.id, %error, "a request_uri cannot be fetched");
                return None;
            }
        };
        let text = String::from_utf8(fetched.bytes).ok()?;
        (text.len() <= UnopenedJwe::MAX_BYTES).then(|| Arc::from(text))
    }

    /// §6.3: the claims, and whether they are proven to be the client's. OpenID Connect Registration §2,
    /// request_object_signing_alg: "All Request Objects from this Client MUST be rejected, if not signed
    /// with this algorithm"; the default "is that any algorithm supported by the OP and the RP MAY be used".
    async fn verified_object(
        &self,
        object: &str,
        client: &Client,
    ) -> Outcome<(Map<String, Value>, bool)> {
        let opened;
        let object = if UnopenedJwe::looks_like(object) {
            match self.decrypt_request_object(object, client) {
                Some(inner) => {
                    opened = inner;
                    &opened
                }
                None => return Ok(Err(refused("the request object cannot be decrypted"))),
            }
        } else {
            object
        };
        let registered = client.metadata.request_object_signing_alg;
        let unsigned = match registered {
            Some(RequestObjectAlg::Signed(_)) => None,
            _ => unsecured_claims(object).ok(),
        };
        match unsigned {
            Some(_) if !self.config.protocol.takes_unsigned_request_objects() => {
                return Ok(Err(refused("the request object must be signed")));
            }
            Some(claims) => return Ok(Ok((claims, false))),
            None if registered == Some(RequestObjectAlg::None) => {
                return Ok(Err(refused("the request object must be an unsigned JWT")));
            }
            None => {}
        }
        let Ok(jwt) = UnverifiedJwt::parse(object) else {
            return Ok(Err(refused("the request object is not a signed JWT")));
        };
        // RFC 9101 §10.8: a JWT made for another purpose is no request.
        if !jwt.header().may_be("oauth-authz-req+jwt") {
            return Ok(Err(refused("the request object is another kind of JWT")));
        }
        let alg = jwt.header().alg();
        // RFC 8725 §3.1: the registration chooses. A shared secret would let us write the client's
        // requests ourselves.
        let allowed = match registered {
            Some(RequestObjectAlg::Signed(only)) => only == alg,
            _ => !alg.is_symmetric(),
        };
        if !allowed {
            return Ok(Err(refused(
                "the request object is signed with another algorithm",
            )));
        }
        let kid = jwt.header().kid().map(str::to_owned);
        let source = KeySource::of(client);
        let verified = self
            .verify_signed_by(&source, object, kid.as_deref(), alg)
            .await;
        let claims =
            verified.ok_or_else(|| refused("the signature of the request object is not good"));
        Ok(claims.map(|claims| (claims, true)))
    }
}

/// OpenID Connect Registration §2, request_uris: "if the contents [...] could ever change", the fragment
/// is a hash of them; it may come with or without.
fn is_registered(registered: &[String], uri: &str) -> bool {
    let bare = |uri: &str| uri.split('#').next().unwrap_or_default().to_owned();
    registered
        .iter()
        .any(|known| known == uri || (!known.contains('#') && bare(known) == bare(uri)))
}

fn sha256_text(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Digest::of(bytes).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::is_registered;

    #[test]
    fn oidc_registration_2_only_a_registered_request_uri_is_fetched() {
        let registered = [
            "https://app.example/r".to_owned(),
            "https://app.example/s#h".to_owned(),
        ];
        for (uri, expected) in [
            ("https://app.example/r", true),
            ("https://app.example/r#hash", true),
            ("https://app.example/s#h", true),
            ("https://app.example/s", false),
            ("https://app.example/s#other", false),
            ("https://app.example/r/", false),
            ("https://app.example/r?x", false),
            ("https://evil.example/r", false),
        ] {
            assert_eq!(is_registered(&registered, uri), expected, "{uri}");
        }
    }
}
