import { DynamoDBClient, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { isThrottlingError, StandardRetryStrategy } from "@smithy/core/retry";
import type { Metrics } from "../../observability/metrics";

/** A request takes two calls or three: below the deadline of a stop (20 s), docs/decisions/0009. */
const CALL_DEADLINE_MS = 6_000;

/** Of one attempt: for the answer to begin, and to go on. */
const SILENCE_TIMEOUT_MS = 2_000;

const CONNECT_TIMEOUT_MS = 1_000;

/** Calls under way at one time; more of them wait. The SDK's default is 50. */
const MAX_SOCKETS = 256;

interface DynamoDbClientProps {
  /**
   * Which failed calls are sent again. `always`: all that may succeed the next time, for calls that
   * may be done twice. `only-if-not-done`: those of which it is certain that nothing was done.
   */
  readonly repeat: "always" | "only-if-not-done";
  /** Counts its calls. @default - nobody does */
  readonly metrics?: Metrics | undefined;
}

/**
 * A DynamoDB client that gives up in good time: no call takes more than 6 s with all its attempts.
 * Region, endpoint, credentials and number of attempts come from the SDK's standard environment.
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
    // A sixth of a call's time goes into putting the same middleware together again.
    cacheMiddleware: true,
    ...(repeat === "only-if-not-done" && {
      retryStrategy: new CautiousRetryStrategy(() => client.config.maxAttempts()),
    }),
  });
  // It prepares what a logger would be given, of which there is none: a twelfth of a read.
  client.middlewareStack.remove("loggerMiddleware");
  addDeadline(client);
  if (metrics) addMetrics(client, metrics);
  return client;
}

/** The SDK's, for errors that say that the call was not done. */
class CautiousRetryStrategy extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    ...[token, failure]: Parameters<StandardRetryStrategy["refreshRetryTokenForRetry"]>
  ) {
    const { name, code } = failure.error as NodeJS.ErrnoException;
    // A transaction had the item: the SDK takes that for a fault of ours.
    const conflicts = name === "TransactionConflictException";
    const notDone = failure.errorType === "THROTTLING" || code === "ECONNREFUSED" || conflicts;
    // The caller gets the call's own error, not this one.
    if (!notDone) throw new Error("No repeat");
    return super.refreshRetryTokenForRetry(
      token,
      conflicts ? { ...failure, errorType: "TRANSIENT" } : failure,
    );
  }
}

/** The SDK limits attempts one by one, not an answer that drips, and not all of them together. */
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

/** Counts attempts: it stands behind the SDK's retries, which number them in a header. */
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

/** A batch that is throttled in part succeeds, and says which keys it left out. */
function hasUnprocessed(output: object): boolean {
  return "UnprocessedKeys" in output && Object.keys(output.UnprocessedKeys ?? {}).length > 0;
}

type SdkError = Parameters<typeof isThrottlingError>[0];

/** A transaction that is throttled is cancelled, for reasons of its parts. */
function isThrottling(error: unknown): boolean {
  if (!(error instanceof TransactionCanceledException)) return isThrottlingError(error as SdkError);
  const codes = error.CancellationReasons?.map(({ Code = "" }) => Code) ?? [];
  return codes.includes("ThrottlingError") || codes.includes("ProvisionedThroughputExceeded");
}
