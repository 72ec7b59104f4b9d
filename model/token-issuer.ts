import { createPublicKey } from "node:crypto";
import { mismatch, type Problem } from "./problem";

/** The issuer of the access tokens that services with `auth: "bearer"` require. */
export interface TokenIssuer {
  /** The `iss` claim of its tokens, such as `https://login.example.com/`. */
  readonly issuer: string;
  /** The `aud` claim of tokens for this platform, such as `https://inventory.example.com`. */
  readonly audience: string;
  readonly keys: TokenKeys;
}

/**
 * The issuer's public keys. The tasks have no route to the internet, so a `url` must be reachable through the
 * VPC's endpoints. With `inline`, a deploy is needed whenever the issuer changes its keys.
 */
export type TokenKeys =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "inline"; readonly keys: readonly PublicKey[] };

/** A JSON Web Key (RFC 7517), without its private part. */
export interface PublicKey {
  readonly kty: "RSA" | "EC" | "OKP";
  /** The key's id. The header of a token contains the id of the key that signed it. */
  readonly kid: string;
  readonly [member: string]: string | undefined;
}

/** @param allowHttp whether a URL may begin with `http:`, as in the local AWS */
export function* tokenIssuerProblems(
  { issuer, audience, keys }: TokenIssuer,
  allowHttp: boolean,
): Iterable<Problem> {
  const url = allowHttp ? /^https?:\/\/\S+$/ : /^https:\/\/\S+$/;
  const allowed = "an https URL, such as https://login.example.com/";
  yield* mismatch("tokenIssuer.issuer", issuer, url, allowed);
  yield* mismatch("tokenIssuer.audience", audience, /^\S+$/, "a text without spaces");
  if (keys.kind === "url") {
    yield* mismatch("tokenIssuer.keys.url", keys.url, url, allowed);
    return;
  }
  if (keys.keys.length === 0) {
    yield { field: "tokenIssuer.keys.keys", value: [], allowed: "one key or more" };
  }
  for (const key of keys.keys) {
    // The error shows only the key's id, because the private part is a secret.
    if (key.d !== undefined || !isKey(key)) {
      yield {
        field: "tokenIssuer.keys.keys",
        value: key.kid,
        allowed: "a whole public JSON Web Key, without its private part d",
      };
    }
  }
}

function isKey(key: PublicKey) {
  try {
    createPublicKey({ key, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}
