import { createPublicKey } from "node:crypto";
import { mismatch, type Problem } from "./problem";

/** The issuer of the access tokens that services of `auth` `bearer` ask for. */
export interface TokenIssuer {
  /** The `iss` of its tokens, such as `https://login.example.com/`. */
  readonly issuer: string;
  /** The `aud` of tokens for this platform, such as `https://inventory.example.com`. */
  readonly audience: string;
  readonly keys: TokenKeys;
}

/**
 * The issuer's public keys. The tasks have no way to the internet, so a `url` must be one that the
 * VPC's endpoints reach. With `inline`, new keys of the issuer take a deploy.
 */
export type TokenKeys =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "inline"; readonly keys: readonly PublicKey[] };

/** A JSON Web Key (RFC 7517), without its private part. */
export interface PublicKey {
  readonly kty: "RSA" | "EC" | "OKP";
  /** Names the key; a token names the one that it is signed with. */
  readonly kid: string;
  readonly [member: string]: string | undefined;
}

/** @param allowHttp whether a URL may be without TLS, as those of the local AWS are */
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
    // Only the key's name is shown, because a private part is a secret.
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
