//! Writes down what a trial sends and gets, and leaves out what would work.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::crypto::jose::unsecured_claims;
use crate::flows::encryption::Formed;
use crate::flows::issue::TokenResponse;
use crate::flows::{Internal, Tessera};
use crate::protocol::client::{AuthMethod, Client};
use crate::protocol::discovery::{endpoint, paths};
use crate::protocol::error::OAuthError;
use crate::protocol::params::Params;
use crate::protocol::transcript::{
    ASSERTION, Body, Check, Exchange, Purpose, SECRET, Seal, Token, Transcript, Which, unusable,
};

/// Members of a request or an answer that would work.
const LIVE: [&str; 4] = ["code", "access_token", "refresh_token", "id_token"];

/// The transcript while it grows.
pub(super) struct Log<'a> {
    tessera: &'a Tessera,
    client: &'a Client,
    seen: Transcript,
}

impl<'a> Log<'a> {
    pub(super) fn new(tessera: &'a Tessera, client: &'a Client) -> Self {
        Self {
            tessera,
            client,
            seen: Transcript::default(),
        }
    }

    pub(super) fn done(self) -> Transcript {
        self.seen
    }

    fn add(&mut self, purpose: Purpose, method: &'static str, url: String) -> &mut Exchange {
        self.seen.exchanges.push(Exchange {
            purpose,
            method,
            url,
            headers: Vec::new(),
            parameters: Vec::new(),
            answer: None,
        });
        let last = self.seen.exchanges.len() - 1;
        &mut self.seen.exchanges[last]
    }

    pub(super) fn check(&mut self, what: Check, holds: bool) {
        self.seen.checks.push((what, holds));
    }

    pub(super) fn failed(&mut self, code: &str) {
        self.seen.error = Some(code.to_owned());
    }

    /// The browser is sent to us, and comes back.
    pub(super) fn sign_in(&mut self, request: &Params, redirect_uri: &str, answer: &Params) {
        let url = endpoint(self.tessera.issuer(), paths::AUTHORIZE);
        self.add(Purpose::Authorization, "GET", url).parameters = pairs(request);
        let back = redirect_uri.split('?').next().unwrap_or_default();
        self.add(Purpose::Return, "GET", back.to_owned()).parameters = pairs(answer);
    }

    /// The application fetches tokens.
    pub(super) fn token_request(
        &mut self,
        request: &Params,
        answer: &Result<TokenResponse, OAuthError>,
    ) -> Result<(), Internal> {
        let (status, body) = match answer {
            Ok(tokens) => (200, self.tokens(tokens)?),
            Err(error) => {
                self.failed(error.code.as_str());
                (error.code.status_at_token(), error.to_json())
            }
        };
        let (headers, proof) = self.proof();
        let url = endpoint(self.tessera.issuer(), paths::TOKEN);
        let exchange = self.add(Purpose::Token, "POST", url);
        exchange.headers = headers;
        exchange.parameters = pairs(request);
        exchange.parameters.extend(proof);
        exchange.answer = Some((status, Body::Json(body)));
        Ok(())
    }

    /// How the client would prove itself, with words in the place of what it proves itself with.
    fn proof(&self) -> (Vec<(&'static str, String)>, Vec<(String, String)>) {
        let id = self.client.id.to_string();
        let form = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        match self.client.metadata.token_endpoint_auth_method {
            AuthMethod::ClientSecretBasic => {
                let header = format!("Basic base64({id}:{SECRET})");
                (vec![("Authorization", header)], Vec::new())
            }
            AuthMethod::ClientSecretPost => (
                Vec::new(),
                form(&[("client_id", &id), ("client_secret", SECRET)]),
            ),
            AuthMethod::ClientSecretJwt | AuthMethod::PrivateKeyJwt => {
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                let proof = [
                    ("client_assertion_type", kind),
                    ("client_assertion", ASSERTION),
                ];
                (Vec::new(), form(&proof))
            }
            AuthMethod::None => (Vec::new(), form(&[("client_id", &id)])),
        }
    }

    /// The answer with the tokens in it, which are taken apart beside it.
    fn tokens(&mut self, tokens: &TokenResponse) -> Result<Value, Internal> {
        let mut body = serde_json::to_value(tokens).map_err(Internal::other)?;
        let members = body.as_object_mut().into_iter().flatten();
        for (name, value) in members.filter(|(name, _)| LIVE.contains(&name.as_str())) {
            let token = value.as_str().unwrap_or_default().to_owned();
            *value = unusable(&token).into();
            match name.as_str() {
                "id_token" => self.take_apart(Which::Id, &token),
                "access_token" => self.take_apart(Which::Access, &token),
                _ => {}
            }
        }
        // The ID token first: it is what a sign-in is about.
        self.seen.tokens.sort_by_key(|token| token.which as u8);
        Ok(body)
    }

    fn take_apart(&mut self, which: Which, token: &str) {
        let typ = if which == Which::Access {
            "at+jwt"
        } else {
            "JWT"
        };
        let header: Option<Value> = token
            .split('.')
            .next()
            .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
            .and_then(|json| serde_json::from_slice(&json).ok());
        let told = |name: &str| {
            let value = header.as_ref().and_then(|header| header.get(name));
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let verified: Option<Map<String, Value>> = self.tessera.our_jwt(token, typ);
        let unsigned = unsecured_claims::<Map<String, Value>>(token).ok();
        let (seal, claims) = match (verified, unsigned, token.split('.').count()) {
            (Some(claims), ..) => {
                let (kid, alg) = (told("kid"), told("alg"));
                (Seal::Verified { kid, alg }, Some(claims))
            }
            (None, Some(claims), _) => (Seal::Unsigned, Some(claims)),
            (None, None, 5) => (Seal::Encrypted, None),
            (None, None, 3) => (Seal::Broken, None),
            _ => (Seal::Opaque, None),
        };
        self.seen.tokens.push(Token {
            which,
            seal,
            header,
            claims: claims.map(Value::Object),
        });
    }

    /// The application asks who it is.
    pub(super) fn userinfo(&mut self, answer: Result<Formed<Map<String, Value>>, OAuthError>) {
        let body = match answer {
            Ok(Formed::Json(claims)) => {
                self.same_subject(claims.get("sub"));
                (200, Body::Json(Value::Object(claims)))
            }
            Ok(Formed::Jwt(jwt)) => {
                self.take_apart(Which::Userinfo, &jwt);
                let sub = self.claims(Which::Userinfo).and_then(|all| all.get("sub"));
                let sub = sub.cloned();
                if sub.is_some() {
                    self.same_subject(sub.as_ref());
                }
                (200, Body::Jwt(unusable(&jwt)))
            }
            Err(error) => {
                self.failed(error.code.as_str());
                (error.code.status(), Body::Json(error.to_json()))
            }
        };
        let url = endpoint(self.tessera.issuer(), paths::USERINFO);
        let exchange = self.add(Purpose::Userinfo, "GET", url);
        exchange.headers = vec![("Authorization", "Bearer (access_token)".to_owned())];
        exchange.answer = Some(body);
    }

    fn same_subject(&mut self, sub: Option<&Value>) {
        if let Some(claims) = self.claims(Which::Id) {
            let same = claims.get("sub") == sub;
            self.check(Check::Subject, same);
        }
    }

    fn claims(&self, which: Which) -> Option<&Value> {
        let mut tokens = self.seen.tokens.iter();
        tokens.find(|token| token.which == which)?.claims.as_ref()
    }

    /// What OpenID Connect Core §3.1.3.7 wants of the ID token, if there is one that can be read.
    pub(super) fn check_id_token(&mut self, nonce: &str) {
        let mut tokens = self.seen.tokens.iter();
        let Some(token) = tokens.find(|token| token.which == Which::Id) else {
            return;
        };
        let Some(claims) = &token.claims else {
            return;
        };
        let signed = matches!(token.seal, Seal::Verified { .. });
        let client = self.client.id.as_str();
        let mine = match claims.get("aud") {
            Some(Value::Array(all)) => all.iter().any(|aud| aud == client),
            aud => aud.is_some_and(|aud| aud == client),
        };
        let fresh = claims.get("nonce").is_some_and(|sent| sent == nonce);
        self.check(Check::Signature, signed);
        self.check(Check::Audience, mine);
        self.check(Check::Nonce, fresh);
    }
}

/// The parameters as they are shown.
fn pairs(params: &Params) -> Vec<(String, String)> {
    let shown = |(name, value): (&str, &str)| {
        let value = if LIVE.contains(&name) {
            unusable(value)
        } else {
            value.to_owned()
        };
        (name.to_owned(), value)
    };
    params.iter().map(shown).collect()
}
