import { Problem, RETRY_LATER } from "../http/problem";
import type { ApiMiddleware } from "../http/request-state";
import { scopeOf } from "./scopes";
import {
  InvalidTokenError,
  KeysUnavailableError,
  type AccessToken,
  type VerifyToken,
} from "./token-verifier";

const CHALLENGE = 'Bearer realm="inventory"';
const AUTHORIZATION = /^Bearer +(?<token>[\w~+/.-]+=*) *$/i;

/**
 * Lets a request pass when its access token has the scope that its method needs (RFC 6750). It
 * throws 401 or 403 otherwise, and 503 while the issuer's keys cannot be read.
 */
export function bearer(verify: VerifyToken): ApiMiddleware {
  return async function requireAccessToken(ctx, next) {
    const { token } = AUTHORIZATION.exec(ctx.get("Authorization"))?.groups ?? {};
    if (token === undefined) {
      throw unauthorized("The request has no access token: send Authorization: Bearer <token>.");
    }
    const { subject, scopes } = await accessToken(verify, token);
    ctx.state.subject = subject;
    const scope = scopeOf(ctx.method);
    if (!scopes.has(scope)) {
      const challenge = `${CHALLENGE}, error="insufficient_scope", scope="${scope}"`;
      throw new Problem(403, `The access token lacks the scope ${scope}.`, {
        headers: { "WWW-Authenticate": challenge },
      });
    }
    await next();
  };
}

async function accessToken(verify: VerifyToken, token: string): Promise<AccessToken> {
  try {
    return await verify(token);
  } catch (error) {
    if (error instanceof InvalidTokenError) {
      const detail = `The access token is not accepted: it ${error.message}. Get a new one.`;
      throw unauthorized(detail, ', error="invalid_token"');
    }
    if (error instanceof KeysUnavailableError) {
      throw new Problem(503, "Access tokens cannot be verified at the moment. Try again later.", {
        headers: RETRY_LATER,
        cause: error,
      });
    }
    throw error;
  }
}

const unauthorized = (detail: string, error = "") =>
  new Problem(401, detail, { headers: { "WWW-Authenticate": CHALLENGE + error } });
