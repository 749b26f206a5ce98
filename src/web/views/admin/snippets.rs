//! What to paste into an application so that it signs people in here.

use super::clients::Snippet;
use crate::protocol::client::Client;

/// Fills the places of a text. What a stranger registered is quoted as the language of the snippet wants.
fn filled(text: &str, client: &Client, issuer: &str) -> String {
    let scope: Vec<_> = client.metadata.scope.iter().collect();
    let redirect = client
        .metadata
        .redirect_uris
        .first()
        .map_or("", String::as_str);
    let plain = |text: &str| text.replace(['"', '\'', '\\', '\n', '$', '`'], "");
    text.replace("ISSUER", issuer)
        .replace("CLIENT_ID", &plain(client.id.as_str()))
        .replace("REDIRECT_URI", &plain(redirect))
        .replace("SCOPE", &plain(&scope.join(" ")))
}

/// For a client that has none.
fn without_secret(text: &str) -> String {
    let text = text.replace(", process.env.TESSERA_SECRET", "");
    let lines = text.lines().filter(|line| !line.contains("TESSERA_SECRET"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Those that fit the client.
#[must_use]
pub fn snippets(client: &Client, issuer: &str) -> Vec<Snippet> {
    let signs_in = client
        .metadata
        .grant_types
        .iter()
        .any(|grant| grant.signs_people_in());
    let texts = if signs_in { PEOPLE } else { MACHINES };
    texts
        .iter()
        .filter(|(_, needs_secret, _)| !(client.is_public() && *needs_secret))
        .map(|(name, _, text)| Snippet {
            name,
            text: if client.is_public() {
                filled(&without_secret(text), client, issuer)
            } else {
                filled(text, client, issuer)
            },
        })
        .collect()
}

type Text = (&'static str, bool, &'static str);

const MACHINES: &[Text] = &[
    (
        "curl",
        true,
        "curl -u 'CLIENT_ID:THE_SECRET' ISSUER/token \\\n  -d grant_type=client_credentials -d 'scope=SCOPE'",
    ),
    (
        "Python (Authlib)",
        true,
        "from authlib.integrations.httpx_client import OAuth2Client\n\nclient = OAuth2Client('CLIENT_ID', 'THE_SECRET', token_endpoint='ISSUER/token', scope='SCOPE')\ntoken = client.fetch_token(grant_type='client_credentials')",
    ),
    (
        "Go (x/oauth2)",
        true,
        "cfg := clientcredentials.Config{\n\tClientID:     \"CLIENT_ID\",\n\tClientSecret: \"THE_SECRET\",\n\tTokenURL:     \"ISSUER/token\",\n\tScopes:       strings.Fields(\"SCOPE\"),\n}\nhttpClient := cfg.Client(ctx)",
    ),
    (
        "Spring Boot (application.yml)",
        true,
        "spring.security.oauth2.client:\n  registration.tessera:\n    client-id: CLIENT_ID\n    client-secret: THE_SECRET\n    authorization-grant-type: client_credentials\n    scope: [SCOPE]\n  provider.tessera.issuer-uri: ISSUER",
    ),
];

const PEOPLE: &[Text] = &[
    (
        "FastAPI (Authlib)",
        true,
        "from authlib.integrations.starlette_client import OAuth\n\noauth = OAuth()\noauth.register(\n    'tessera', client_id='CLIENT_ID', client_secret='THE_SECRET',\n    server_metadata_url='ISSUER/.well-known/openid-configuration',\n    client_kwargs={'scope': 'SCOPE', 'code_challenge_method': 'S256'},\n)\n\n@app.get('/login')\nasync def login(request):\n    return await oauth.tessera.authorize_redirect(request, 'REDIRECT_URI')",
    ),
    (
        "Next.js (Better Auth)",
        true,
        "import { betterAuth } from 'better-auth';\nimport { genericOAuth } from 'better-auth/plugins';\n\nexport const auth = betterAuth({\n  plugins: [genericOAuth({ config: [{\n    providerId: 'tessera',\n    clientId: 'CLIENT_ID',\n    clientSecret: process.env.TESSERA_SECRET,\n    discoveryUrl: 'ISSUER/.well-known/openid-configuration',\n    scopes: 'SCOPE'.split(' '),\n    pkce: true,\n  }] })],\n});",
    ),
    (
        "Node and Express (openid-client)",
        false,
        "import * as client from 'openid-client';\n\nconst config = await client.discovery(new URL('ISSUER'), 'CLIENT_ID', process.env.TESSERA_SECRET);\nconst verifier = client.randomPKCECodeVerifier();\nconst state = client.randomState();\nconst url = client.buildAuthorizationUrl(config, {\n  redirect_uri: 'REDIRECT_URI', scope: 'SCOPE', state,\n  code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',\n});\n// ... and at the redirect URI:\nconst tokens = await client.authorizationCodeGrant(config, currentUrl, { pkceCodeVerifier: verifier, expectedState: state });",
    ),
    (
        "Spring Boot (application.yml)",
        true,
        "spring.security.oauth2.client:\n  registration.tessera:\n    client-id: CLIENT_ID\n    client-secret: THE_SECRET\n    redirect-uri: REDIRECT_URI\n    scope: [SCOPE]\n  provider.tessera.issuer-uri: ISSUER",
    ),
    (
        "Go (go-oidc)",
        false,
        "provider, err := oidc.NewProvider(ctx, \"ISSUER\")\ncfg := oauth2.Config{\n\tClientID:     \"CLIENT_ID\",\n\tClientSecret: os.Getenv(\"TESSERA_SECRET\"),\n\tEndpoint:     provider.Endpoint(),\n\tRedirectURL:  \"REDIRECT_URI\",\n\tScopes:       strings.Fields(\"SCOPE\"),\n}\nverifier := oauth2.GenerateVerifier()\nurl := cfg.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier))",
    ),
    (
        "axum (openidconnect)",
        false,
        "let metadata = CoreProviderMetadata::discover_async(IssuerUrl::new(\"ISSUER\".into())?, &http).await?;\nlet client = CoreClient::from_provider_metadata(metadata, ClientId::new(\"CLIENT_ID\".into()), secret)\n    .set_redirect_uri(RedirectUrl::new(\"REDIRECT_URI\".into())?);\nlet (challenge, verifier) = PkceCodeChallenge::new_random_sha256();\nlet (url, state, nonce) = client\n    .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)\n    .set_pkce_challenge(challenge)\n    .url();",
    ),
    (
        "curl",
        false,
        "# Open in a browser; VERIFIER is 43 random letters and digits.\nCHALLENGE=$(printf %s \"$VERIFIER\" | openssl dgst -sha256 -binary | basenc --base64url | tr -d =)\necho \"ISSUER/authorize?response_type=code&client_id=CLIENT_ID&redirect_uri=REDIRECT_URI&scope=openid&state=1&code_challenge=$CHALLENGE&code_challenge_method=S256\"\n# Then, with the code of the answer:\ncurl ISSUER/token -d grant_type=authorization_code -d client_id=CLIENT_ID \\\n  -d redirect_uri=REDIRECT_URI -d \"code_verifier=$VERIFIER\" -d \"code=$CODE\"",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::protocol::client::{ClientId, ClientMetadata};

    fn client(metadata: &serde_json::Value) -> Client {
        Client {
            id: ClientId::new("abc"),
            metadata: ClientMetadata::parse(metadata.to_string().as_bytes()).unwrap(),
            secrets: Vec::new(),
            disabled: false,
            by_stranger: true,
            organisation: None,
            version: 1,
            created_at: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn nothing_is_left_to_fill_in_and_no_public_client_gets_a_secret() {
        let web = client(
            &serde_json::json!({"redirect_uris": ["https://a.example/cb"], "scope": "openid"}),
        );
        let all = snippets(&web, "https://id.example");
        assert_eq!(all.len(), PEOPLE.len());
        for snippet in &all {
            assert!(
                snippet.text.contains("https://id.example"),
                "{}",
                snippet.name
            );
            assert!(
                snippet.text.contains("SECRET")
                    || snippet.name.starts_with("axum")
                    || snippet.name == "curl"
            );
            for place in ["ISSUER", "CLIENT_ID", "REDIRECT_URI", "SCOPE"] {
                assert!(!snippet.text.contains(place), "{place} in {}", snippet.name);
            }
        }
        let public = client(
            &serde_json::json!({"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "none"}),
        );
        assert!(
            snippets(&public, "i")
                .iter()
                .all(|one| !one.text.contains("SECRET"))
        );
    }
}
