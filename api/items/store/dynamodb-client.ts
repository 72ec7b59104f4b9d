import { DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { isThrottlingError, StandardRetryStrategy } from "@smithy/core/retry";
import type { Metrics } from "../../observability/metrics";

/**
 * A request makes two or three calls, which together must end before the deadline for stopping (20
 * s, docs/decisions/0009).
 */
const CALL_DEADLINE_MS = 6_000;

/** How long one attempt may wait for the first and for each following part of the answer. */
const SILENCE_TIMEOUT_MS = 2_000;

const CONNECT_TIMEOUT_MS = 1_000;

/**
 * The number of calls that may run at the same time. Further calls wait. The SDK's default is 50.
 */
const MAX_SOCKETS = 256;

interface DynamoDbClientProps {
  /**
   * Which failed calls are repeated. `always` repeats every call that may succeed later, and suits
   * calls that may be executed twice. `only-if-not-done` repeats a call only when it was certainly
   * not executed.
   */
  readonly repeat: "always" | "only-if-not-done";
  /** Counts the calls of this client. @default - calls are not counted */
  readonly metrics?: Metrics | undefined;
}

/**
 * A DynamoDB client with a deadline: no call takes more than 6 s including all its attempts.
 * Region, endpoint, credentials and the number of attempts come from the SDK's standard environment
 * variables.
 */
export function createDynamoDbClient({ repeat, metrics }: DynamoDbClientProps): DynamoDBClient {
  const agent = { maxSockets: MAX_SOCKETS };
  const client: DynamoDBClient = new DynamoDBClient({
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_TIMEOUT_MS,
      httpAgent: agent,
      httpsAgent: agent,
    },
    // Without the cache, building the same middleware stack again takes a sixth of each call's
    // time.
    cacheMiddleware: true,
    ...(repeat === "only-if-not-done" && {
      retryStrategy: new CautiousRetryStrategy(() => client.config.maxAttempts()),
    }),
  });
  // This middleware prepares log entries, but no logger is set. Without it a read takes a twelfth
  // less time.
  client.middlewareStack.remove("loggerMiddleware");
  addDeadline(client);
  if (metrics) addMetrics(client, metrics);
  return client;
}

/** The SDK's retry strategy, restricted to errors which prove that the call was not executed. */
class CautiousRetryStrategy extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    ...[token, failure]: Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>
  ) {
    const { name, code } = failure.error as NodeJS.ErrnoException;
    // Another transaction holds the item. The SDK treats this as an error of the client and would
    // not repeat the call.
    const conflicts = name === "TransactionConflictException";
    const notDone = failure.errorType === "THROTTLING" || code === "ECONNREFUSED" || conflicts;
    // The SDK then throws the error of the call itself, not this one.
    if (!notDone) throw new Error("No repeat");
    return super.refreshRetryTokenForRetry(
      token,
      conflicts ? { ...failure, errorType: "TRANSIENT" } : failure,
    );
  }
}

/**
 * The SDK limits each attempt, but neither an answer that arrives slowly in small parts nor the
 * total time of all attempts.
 */
function addDeadline({ middlewareStack }: DynamoDBClient) {
  middlewareStack.add(
    (next) => async (args) => {
      let timer: NodeJS.Timeout | undefined;
      const overdue = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(new Error(`DynamoDB did not answer within ${CALL_DEADLINE_MS} ms`));
        }, CALL_DEADLINE_MS);
      });
      try {
        return await Promise.race([next(args), overdue]);
      } finally {
        clearTimeout(timer);
      }
    },
    { step: "initialize", name: "deadline" },
  );
}

/**
 * Counts attempts. The middleware runs after the SDK's retry middleware, which numbers the attempts
 * in a header.
 */
function addMetrics({ middlewareStack }: DynamoDBClient, metrics: Metrics) {
  middlewareStack.add(
    (next, { commandName = "" }) => {
      const action = commandName.replace(/Command$/, "");
      return async (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        const repeated = !headers["amz-sdk-request"]?.startsWith("attempt=1;");
        try {
          const result = await next(args);
          metrics.dynamoDb(action, { repeated, throttled: hasUnprocessed(result.output) });
          return result;
        } catch (error) {
          metrics.dynamoDb(action, { repeated, throttled: isThrottling(error) });
          throw error;
        }
      };
    },
    { step: "finalizeRequest", priority: "low", name: "metrics" },
  );
}

/** A batch that is throttled in part succeeds and lists the keys that it left out. */
function hasUnprocessed(output: object): boolean {
  return "UnprocessedKeys" in output && Object.keys(output.UnprocessedKeys ?? {}).length > 0;
}

type SdkError = Parameters<typeof isThrottlingError>[0];

/**
 * A throttled transaction is cancelled. The cancellation reasons of its parts show the throttling.
 */
function isThrottling(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return isThrottlingError(error as SdkError);
  const codes = error.CancellationReasons?.map(({ Code = "" }) => Code) ?? [];
  return codes.includes("ThrottlingError") || codes.includes("ProvisionedThroughputExceeded");
}
