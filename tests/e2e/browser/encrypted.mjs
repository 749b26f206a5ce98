// Applications that want everything encrypted: openid-client decrypts ID tokens and userinfo, and jose encrypts requests to us.
import { CompactEncrypt, createLocalJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import * as oidc from "openid-client";
import { launch, travel } from "./chromium.mjs";
import { assert, check, input, step } from "./harness.mjs";
import { RelyingParty } from "./relying_party.mjs";

const { issuer, person, clients } = input;
const browser = await launch();

for (const { alg, enc, method, port } of clients) {
  const title = `${alg} and ${enc}, ${method}`;
  const reads = await generateKeyPair(alg, { extractable: true });
  const signs = await generateKeyPair("ES256", { extractable: true });
  const authentication = method === "private_key_jwt" ? oidc.PrivateKeyJwt({ key: signs.privateKey, kid: "signs" }) : oidc.ClientSecretBasic();
  const application = await step(`${title}: openid-client registers with its public keys`, async () => {
    const application = await RelyingParty.register(issuer, {
      client_name: `Application with ${title}`,
      redirect_uris: [`http://127.0.0.1:${port}/callback`],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: method,
      jwks: {
        keys: [
          { ...(await exportJWK(signs.publicKey)), kid: "signs", use: "sig", alg: "ES256" },
          { ...(await exportJWK(reads.publicKey)), kid: "reads", use: "enc", alg },
        ],
      },
      id_token_encrypted_response_alg: alg,
      id_token_encrypted_response_enc: enc,
      userinfo_signed_response_alg: "RS256",
      userinfo_encrypted_response_alg: alg,
      userinfo_encrypted_response_enc: enc,
      introspection_signed_response_alg: "RS256",
      request_object_signing_alg: "ES256",
    }, { authentication });
    assert.equal(application.registered.client_secret === undefined, method === "private_key_jwt");
    oidc.enableDecryptingResponses(application.config, [enc], { key: reads.privateKey, alg, kid: "reads" });
    return application.listen();
  });

  const context = await browser.newContext();
  const signIn = async (parameters) => {
    const page = await context.newPage();
    const { url, done } = await application.begin(parameters);
    await travel(page, url, { person });
    const result = await done;
    if (result.error) throw result.error;
    return result;
  };

  const { tokens, claims } = await step(`${title}: a person signs in, and openid-client decrypts the ID token`, async () => {
    const result = await signIn({});
    const header = decodeProtectedHeader(result.tokens.id_token);
    assert.deepEqual([header.alg, header.enc, header.kid, header.cty], [alg, enc, "reads", "JWT"]);
    return result;
  });

  await check(`${title}: openid-client decrypts userinfo and checks its signature`, async () => {
    const profile = await application.userinfo(tokens);
    assert.equal(profile.sub, claims.sub);
    assert.equal(profile.email, person.email);
  });

  await check(`${title}: the refreshed ID token is encrypted as well`, async () => {
    const refreshed = await application.refresh(tokens);
    assert.equal(decodeProtectedHeader(refreshed.id_token).alg, alg);
    assert.equal(refreshed.claims().sub, claims.sub);
    const answer = await oidc.tokenIntrospection(application.config, refreshed.access_token);
    assert.equal(answer.active, true);
  });

  await check(`${title}: a signed request is encrypted to the key in the key set, and obeyed`, async () => {
    const set = await (await fetch(application.config.serverMetadata().jwks_uri)).json();
    // A verifier that looks for keys that sign is not disturbed by those that open.
    assert.ok(createLocalJWKSet(set));
    for (const ours of application.config.serverMetadata().request_object_encryption_alg_values_supported) {
      const jwk = set.keys.find((key) => key.use === "enc" && key.alg === ours);
      const signed = await new SignJWT({ client_id: application.registered.client_id, response_type: "code", max_age: 86400 })
        .setProtectedHeader({ alg: "ES256", kid: "signs" })
        .setIssuer(application.registered.client_id)
        .setAudience(issuer)
        .sign(signs.privateKey);
      const request = await new CompactEncrypt(new TextEncoder().encode(signed))
        .setProtectedHeader({ alg: ours, enc: "A256GCM", kid: jwk.kid, cty: "JWT" })
        .encrypt(await importJWK(jwk, ours));
      const again = await signIn({ request });
      assert.equal(again.claims.sub, claims.sub);
    }
  });

  application.close();
  await context.close();
}
await browser.close();
