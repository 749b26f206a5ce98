//! Whom a request is about, where it says so.

use super::AuthorizationRequest;

/// The subject of an `id_token_hint`, and those of a claim request for `sub`. Each narrows by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedSubject {
    hinted: Option<String>,
    claimed: Option<Vec<String>>,
}

impl WantedSubject {
    /// By the `sub` of the hint, if one came, and by the `claims` of the request.
    #[must_use]
    pub fn of(request: &AuthorizationRequest, hinted: Option<String>) -> Self {
        let claims = request.claims();
        let named = || claims.wanted("sub").map(str::to_owned).collect();
        Self {
            hinted,
            claimed: claims.names_values("sub").then(named),
        }
    }

    /// Whether it may be anybody.
    #[must_use]
    pub const fn is_anybody(&self) -> bool {
        self.hinted.is_none() && self.claimed.is_none()
    }

    /// OpenID Connect Core §3.1.2.1, id_token_hint: "If the End-User identified by the ID Token is already
    /// logged in [...] otherwise, it MUST return an error". §5.5.1, values: "the Claim be returned with
    /// one of a set of values"; "the Authorization Server MUST NOT reply with an ID Token or Access Token
    /// for a different user" (§3.1.2.1 on sub).
    #[must_use]
    pub fn is(&self, sub: &str) -> bool {
        self.hinted.as_deref().is_none_or(|hinted| hinted == sub)
            && self
                .claimed
                .as_ref()
                .is_none_or(|claimed| claimed.iter().any(|claimed| claimed == sub))
    }
}

#[cfg(test)]
mod tests {
    use super::WantedSubject;

    #[test]
    fn oidc_core_5_5_1_a_hint_and_a_claim_narrow_each_by_itself() {
        let list = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        for (hinted, claimed, fitting) in [
            (None, None, "abc"),
            (Some("a"), None, "a"),
            (None, Some(list(&["a", "b"])), "ab"),
            (Some("b"), Some(list(&["a", "b"])), "b"),
            (Some("c"), Some(list(&["a", "b"])), ""),
            // Values were asked for, and none of them can be a subject.
            (None, Some(Vec::new()), ""),
        ] {
            let wanted = WantedSubject {
                hinted: hinted.map(str::to_owned),
                claimed,
            };
            let found: String = ["a", "b", "c"]
                .into_iter()
                .filter(|sub| wanted.is(sub))
                .collect();
            assert_eq!(found, fitting, "{wanted:?}");
            assert_eq!(wanted.is_anybody(), fitting == "abc");
        }
    }
}
