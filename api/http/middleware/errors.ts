import { nothingThere, Problem } from "../problem";
import type { ApiMiddleware } from "../request-state";

/**
 * Answers errors, and requests that no route answered, as `application/problem+json`. An error that
 * is not a `Problem` is logged, and the client learns only the status.
 */
export function errors(): ApiMiddleware {
  return async function answerWithProblem(ctx, next) {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw nothingThere();
    } catch (error) {
      const problem = error instanceof Problem ? error : unexpected(error);
      ctx.state.error = problem.cause;
      ctx.status = problem.status;
      ctx.set(problem.headers);
      ctx.body = problem;
      ctx.type = "application/problem+json";
    }
  };
}

const unexpected = (cause: unknown) =>
  new Problem(500, "The request failed on our side. Report the X-Request-Id header.", { cause });
