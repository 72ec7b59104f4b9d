import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from "jose";

/** The issuer whose access tokens are accepted. */
export interface TokenIssuer {
  /** The claim `iss` of its tokens. */
  readonly issuer: string;
  /** The claim `aud` of tokens for this API. */
  readonly audience: string;
  /** The issuer's public keys, or the URL where the issuer publishes them. */
  readonly keys: JSONWebKeySet | URL;
}

/** The content of a valid access token. */
export interface AccessToken {
  /** The claim `sub`: the user or client that the token was issued to. */
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
}

/**
 * @throws InvalidTokenError
 * @throws KeysUnavailableError
 */
export type VerifyToken = (token: string) => Promise<AccessToken>;

/**
 * The token is not accepted. The message gives the reason and continues a sentence that begins with
 * "it".
 */
export class InvalidTokenError extends Error {}

/** The issuer's keys cannot be read at the moment, so no token can be accepted or rejected. */
export class KeysUnavailableError extends Error {}

/**
 * Only asymmetric algorithms, with which the issuer alone can sign. With HMAC, the key that
 * verifies a token could also sign one.
 */
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
  /** A token with an unknown key causes the keys to be read again, but not more often than this. */
  cooldownDuration: 30_000,
  cacheMaxAge: 600_000,
};

/**
 * Verifies the signature, issuer, audience and times of access tokens (RFC 9068). Keys from a URL
 * are cached.
 */
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

/**
 * Turns every failure to find a key into a KeysUnavailableError, except when the token is the cause
 * because no key matches it.
 */
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

/** RFC 9068 puts the scopes into the string `scope`; some issuers put a list into `scp` instead. */
function scopesOf({ scope, scp }: JWTPayload): Set<string> {
  const given = [scope, scp].flat().filter((value) => typeof value === "string");
  return new Set(given.flatMap((value) => value.split(" ")).filter((value) => value !== ""));
}

const REASONS: Readonly<Record<string, string>> = {
  aud: "is not for this API",
  iss: "was not issued by an issuer that this API trusts",
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
