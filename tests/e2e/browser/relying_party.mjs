// An application that lets people log in with openid-client: a small web server with a callback.
import { createServer } from "node:http";
import { importPKCS8 } from "jose";
import * as oidc from "openid-client";
import { fetchAndRemember, remember, rememberForm } from "./vault.mjs";

const FRAGMENT = "?from=fragment";
const FORWARD = `<!doctype html><title>Application</title><form method="post" action="${FRAGMENT}"></form><script>
for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  document.forms[0].append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
}
document.forms[0].submit();
</script>`;

/** One client of the provider, at one callback URL. */
export class RelyingParty {
  /** Logins that have begun, by their `state`. */
  waiting = new Map();
  /** Other pages of the application, by their path. */
  routes = new Map();

  /** @param registered what registration answered, and `private_key` (PKCS #8) for private_key_jwt */
  static async discover(issuer, registered) {
    const { client_id, client_secret, id_token_signed_response_alg, token_endpoint_auth_method: method } = registered;
    const authentication = {
      client_secret_basic: () => oidc.ClientSecretBasic(client_secret),
      client_secret_post: () => oidc.ClientSecretPost(client_secret),
      private_key_jwt: async () => oidc.PrivateKeyJwt({ key: await importPKCS8(registered.private_key, "ES256"), kid: "rp" }),
      none: () => oidc.None(),
    }[method];
    const config = await oidc.discovery(new URL(issuer), client_id, { client_secret, id_token_signed_response_alg }, await authentication(), {
      // http is for loopback only; the ID token's signature is checked although TLS would allow not to.
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
      [oidc.customFetch]: fetchAndRemember,
    });
    return Object.assign(new RelyingParty(), { config, registered, scope: registered.scope, redirectUri: registered.redirect_uris[0] });
  }

  /** A client that the application registers itself (RFC 7591). */
  static async register(issuer, metadata, { initialAccessToken, authentication = oidc.ClientSecretBasic() } = {}) {
    const config = await oidc.dynamicClientRegistration(new URL(issuer), metadata, authentication, {
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
      [oidc.customFetch]: fetchAndRemember,
      initialAccessToken,
    });
    const registered = config.clientMetadata();
    return Object.assign(new RelyingParty(), { config, registered, scope: registered.scope, redirectUri: registered.redirect_uris[0] });
  }

  /** From now on it asks for `code id_token`. */
  hybrid() {
    oidc.useCodeIdTokenResponseType(this.config);
    this.isHybrid = true;
    return this;
  }

  /** Starts the web server that the callback URL names. */
  async listen() {
    this.server = createServer((request, response) => this.#answer(request, response));
    const { port } = new URL(this.redirectUri);
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** A login: the URL to send the browser to, and a promise of how it ends. */
  async begin(parameters = {}) {
    const verifier = oidc.randomPKCECodeVerifier();
    remember(verifier);
    const checks = { pkceCodeVerifier: verifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true };
    if (parameters.max_age) checks.maxAge = Number(parameters.max_age);
    const url = oidc.buildAuthorizationUrl(this.config, {
      redirect_uri: this.redirectUri,
      scope: this.scope,
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...parameters,
    });
    const done = new Promise((resolve) => this.waiting.set(checks.expectedState, { checks, resolve }));
    return { url: url.href, done };
  }

  refresh = (tokens) => oidc.refreshTokenGrant(this.config, tokens.refresh_token);
  userinfo = (tokens) => oidc.fetchUserInfo(this.config, tokens.access_token, tokens.claims().sub);
  logoutUrl = (parameters = {}) => oidc.buildEndSessionUrl(this.config, parameters).href;

  async #answer(request, response) {
    let body = "";
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url, this.redirectUri);
    const route = this.routes.get(url.pathname);
    if (route) return route({ url, body: new URLSearchParams(body), response });
    // A fragment stays in the browser: the application's page sends it on.
    if (this.isHybrid && request.method === "GET" && url.href === this.redirectUri) return response.setHeader("content-type", "text/html").end(FORWARD);
    const method = url.search === FRAGMENT ? "fragment" : request.method;
    const answer = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
    const login = this.waiting.get(answer.get("state"));
    rememberForm(answer);
    response.setHeader("content-type", "text/html").end(`<!doctype html><title>Application</title><p id="application">${login ? "Back from logging in" : "Welcome"}</p>`);
    if (!login) return;
    this.waiting.delete(answer.get("state"));
    login.resolve(await this.#finish(request.method, url, body, login.checks).then(
      (tokens) => ({ method, answer: Object.fromEntries(answer), tokens, claims: tokens.claims() }),
      (error) => ({ method, answer: Object.fromEntries(answer), error }),
    ));
  }

  #finish(method, url, body, checks) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const callback = method === "POST" ? new Request(url, { method, headers, body }) : url;
    return oidc.authorizationCodeGrant(this.config, callback, checks);
  }
}
