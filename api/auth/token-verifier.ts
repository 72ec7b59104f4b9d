import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from "jose";

/** Whose access tokens are accepted. */
export interface TokenIssuer {
  /** The `iss` of its tokens. */
  readonly issuer: string;
  /** The `aud` of tokens for this API. */
  readonly audience: string;
  /** Its public keys, or the URL where it publishes them. */
  readonly keys: JSONWebKeySet | URL;
}

/** An access token that is valid. */
export interface AccessToken {
  /** Whom the issuer gave it to. */
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
}

/**
 * @throws InvalidTokenError
 * @throws KeysUnavailableError
 */
export type VerifyToken = (token: string) => Promise<AccessToken>;

/** The token is not accepted. The message says why, after "it". */
export class InvalidTokenError extends Error {}

/** The issuer's keys cannot be read at the moment, so nothing can be said of a token. */
export class KeysUnavailableError extends Error {}

/** Signatures that only the issuer can make. With HMAC, whoever verifies a token could make one. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "EdDSA",
];

const CLOCK_TOLERANCE_SECONDS = 30;

const KEY_SET = {
  timeoutDuration: 2_000,
  /** A token with an unknown key makes the keys be read again, but not more often than this. */
  cooldownDuration: 30_000,
  cacheMaxAge: 600_000,
};

/** Verifies access tokens (RFC 9068): signature, issuer, audience, times. Keys from a URL are cached. */
export function createTokenVerifier({ issuer, audience, keys }: TokenIssuer): VerifyToken {
  const findKey =
    keys instanceof URL ? available(createRemoteJWKSet(keys, KEY_SET)) : createLocalJWKSet(keys);
  const options = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    requiredClaims: ["exp", "sub"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, findKey, options);
      return { subject: String(payload.sub), scopes: scopesOf(payload) };
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw new InvalidTokenError(reasonOf(error), { cause: error });
    }
  };
}

/** What fails while a key is looked for is not the token's fault, unless there is no such key. */
function available(findKey: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (header, token) => {
    try {
      return await findKey(header, token);
    } catch (error) {
      const ofToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      if (ofToken) throw error;
      throw new KeysUnavailableError("The issuer's keys cannot be read", { cause: error });
    }
  };
}

/** `scope` is RFC 9068's, a text; some issuers have a list in `scp`. */
function scopesOf({ scope, scp }: JWTPayload): Set<string> {
  const given = [scope, scp].flat().filter((value) => typeof value === "string");
  return new Set(given.flatMap((value) => value.split(" ")).filter((value) => value !== ""));
}

const REASONS: Readonly<Record<string, string>> = {
  aud: "is not for this API",
  iss: "is not of an issuer that this API trusts",
  nbf: "is not valid yet",
};

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "has expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    return REASONS[error.claim] ?? `has no valid claim "${error.claim}"`;
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return "has a wrong signature";
  if (error instanceof errors.JWKSNoMatchingKey) return "is signed with a key that is not known";
  return "is not a signed JSON Web Token of a kind that this API verifies";
}
