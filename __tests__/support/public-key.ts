/** A public key as an issuer of access tokens publishes it: the first example of RFC 7517, appendix A.1. */
export const publicKey = {
  kty: "EC",
  kid: "1",
  crv: "P-256",
  x: "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
  y: "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
} as const;
