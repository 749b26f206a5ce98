//! Software statements (RFC 7591 §2.3): proven against the keys of an issuer that the operator trusts.

use serde_json::Value;

use super::client_keys::KeySource;
use super::{Internal, Outcome, Tessera};
use crate::config::{StatementIssuer, StatementKeys};
use crate::crypto::jose::UnverifiedJwt;
use crate::protocol::discovery::{endpoint, paths};
use crate::protocol::error::{ErrorCode, OAuthError};
use crate::protocol::registration::{Members, metadata_of_statement};

impl Tessera {
    /// Lets what a software statement says take the place of what the client says itself. RFC 7591
    /// §2.3: "if the same client metadata name is present in both locations and the software statement
    /// is trusted by the authorization server, the value of a claim in the software statement MUST take
    /// precedence."
    ///
    /// `accepted` is the statement that the client was registered with: it was proven then, and may
    /// have expired since. Its issuer must still be trusted.
    ///
    /// # Errors
    /// `invalid_software_statement`, `unapproved_software_statement`.
    pub(super) async fn apply_statement(
        &self,
        mut members: Members,
        accepted: Option<&str>,
    ) -> Outcome<Members> {
        let Some(statement) = members.get("software_statement").cloned() else {
            return Ok(Ok(members));
        };
        let Value::String(statement) = statement else {
            return Ok(Err(invalid("must be a string")));
        };
        // In both cases: an operator who no longer trusts an issuer means all that it said.
        let proven = match self.statement_issuer(&statement) {
            Err(error) => Err(error),
            Ok(_) if accepted == Some(statement.as_str()) => Ok(claims_without_times(&statement)),
            Ok(issuer) => self.prove_statement(&statement, issuer).await?,
        };
        let register = endpoint(self.issuer(), paths::REGISTER);
        let audiences = [self.issuer(), register.as_str()];
        let claims =
            proven.and_then(|claims| metadata_of_statement(claims, &audiences, self.now()));
        Ok(claims.map(|claims| {
            members.extend(claims);
            members
        }))
    }

    /// The trusted issuer that a statement names. Nothing is believed yet.
    fn statement_issuer(&self, statement: &str) -> Result<&StatementIssuer, OAuthError> {
        let jwt = UnverifiedJwt::parse(statement).map_err(|_| invalid("must be a signed JWT"))?;
        let claims: Members = jwt.unverified_claims().unwrap_or_default();
        // RFC 7591 §2.3: it "MUST contain an "iss" (issuer) claim denoting the party attesting to the
        // claims in the software statement".
        let issuer = claims.get("iss").and_then(Value::as_str);
        let issuer = issuer.ok_or_else(|| invalid("must have claims with iss"))?;
        let trusted = &self.config.registration.software_statement_issuers;
        let found = trusted.iter().find(|known| known.issuer == issuer);
        found.ok_or_else(|| {
            OAuthError::new(
                ErrorCode::UnapprovedSoftwareStatement,
                "software_statement: its issuer is not trusted here",
            )
        })
    }

    async fn prove_statement(&self, statement: &str, issuer: &StatementIssuer) -> Outcome<Members> {
        let Ok(jwt) = UnverifiedJwt::parse(statement) else {
            return Ok(Err(invalid("must be a signed JWT")));
        };
        let alg = jwt.header().alg();
        // RFC 8725 §3.11: a JWT that says to be something else is something else. No type is registered
        // for software statements.
        let typed = jwt.header().typ().is_some() && !jwt.header().typ_is("JWT");
        if alg.is_symmetric() || typed {
            return Ok(Err(invalid("must be a JWT with an asymmetric signature")));
        }
        let kid = jwt.header().kid().map(str::to_owned);
        let source = self.statement_keys(issuer).await?;
        let claims = self
            .verify_signed_by(&source, statement, kid.as_deref(), alg)
            .await;
        Ok(claims.ok_or_else(|| invalid("its signature is not one of its issuer")))
    }

    async fn statement_keys(&self, issuer: &StatementIssuer) -> Result<KeySource, Internal> {
        let path = match &issuer.keys {
            StatementKeys::Uri(url) => {
                return Ok(KeySource::Reference {
                    // No client has such an id.
                    owner: format!("issuer {}", issuer.issuer),
                    uri: url.to_string(),
                });
            }
            StatementKeys::File(path) => path,
        };
        let unreadable =
            |error: &dyn std::fmt::Display| Internal::other(format!("{}: {error}", path.display()));
        let bytes = tokio::fs::read(path).await.map_err(|e| unreadable(&e))?;
        let set = serde_json::from_slice(&bytes).map_err(|e| unreadable(&e))?;
        Ok(KeySource::Value(set))
    }
}

/// The claims of a statement that was proven before.
fn claims_without_times(statement: &str) -> Members {
    let mut claims: Members = UnverifiedJwt::parse(statement)
        .and_then(|jwt| jwt.unverified_claims())
        .unwrap_or_default();
    claims.retain(|name, _| !matches!(name.as_str(), "exp" | "nbf" | "iat"));
    claims
}

fn invalid(why: &str) -> OAuthError {
    OAuthError::new(
        ErrorCode::InvalidSoftwareStatement,
        format!("software_statement: {why}"),
    )
}
