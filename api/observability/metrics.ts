const NAMESPACE = "Inventory";

/** The most values of one metric that CloudWatch accepts in one line. */
const MAX_VALUES = 100;

/** Counts and times events from one flush to the next. */
export interface Metrics {
  /**
   * Records a request that was answered, or whose client has disconnected.
   *
   * @param route the pattern of the path, such as `/items/:id`. The path itself must not be used,
   * because each value creates a new metric.
   */
  request(route: string, method: string, status: number, durationMs: number): void;
  /**
   * Records one attempt at a DynamoDB action. `repeated` is true for every attempt but the first.
   */
  dynamoDb(action: string, outcome: { repeated: boolean; throttled: boolean }): void;
  /** Writes the collected metrics. */
  flush(): void;
}

/** Receives lines, each with its newline. */
interface Output {
  write(line: string): unknown;
}

/**
 * Writes metrics as JSON lines in CloudWatch's embedded metric format, from which CloudWatch Logs
 * makes metrics: `Requests`, `Errors` (5xx) and `Latency` by `Route` and `Method`; `Calls`,
 * `Retries` and `Throttles` by `Action`. They are written every `flushIntervalMs` and by `flush`.
 * Those of a busy route are also written in between.
 */
export function createMetrics(output: Output, flushIntervalMs = 10_000): Metrics {
  const routes = new Map<string, RouteMetrics>();
  const actions = new Map<string, ActionMetrics>();

  function writeRoute({ route, method, errors, latencies }: RouteMetrics) {
    const values = { Requests: latencies.length, Errors: errors, Latency: latencies };
    output.write(embedded({ Route: route, Method: method }, ROUTE_UNITS, values));
  }

  function flush() {
    for (const metrics of routes.values()) writeRoute(metrics);
    for (const [action, metrics] of actions) {
      output.write(embedded({ Action: action }, ACTION_UNITS, metrics));
    }
    routes.clear();
    actions.clear();
  }

  setInterval(flush, flushIntervalMs).unref();

  return {
    request(route, method, status, durationMs) {
      const key = `${method} ${route}`;
      const metrics = at(routes, key, () => ({ route, method, errors: 0, latencies: [] }));
      if (status >= 500) metrics.errors++;
      if (metrics.latencies.push(durationMs) < MAX_VALUES) return;
      routes.delete(key);
      writeRoute(metrics);
    },
    dynamoDb(action, { repeated, throttled }) {
      const metrics = at(actions, action, () => ({ Calls: 0, Retries: 0, Throttles: 0 }));
      metrics[repeated ? "Retries" : "Calls"]++;
      if (throttled) metrics.Throttles++;
    },
    flush,
  };
}

interface RouteMetrics {
  readonly route: string;
  readonly method: string;
  errors: number;
  /** The latency of each request, in milliseconds. */
  readonly latencies: number[];
}

const ROUTE_UNITS = { Requests: "Count", Errors: "Count", Latency: "Milliseconds" } as const;

const ACTION_UNITS = { Calls: "Count", Retries: "Count", Throttles: "Count" } as const;

type ActionMetrics = Record<keyof typeof ACTION_UNITS, number>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function embedded<Name extends string>(
  dimensions: Readonly<Record<string, string>>,
  units: Readonly<Record<Name, string>>,
  values: Readonly<Record<Name, number | readonly number[]>>,
): string {
  const directive = {
    Namespace: NAMESPACE,
    Dimensions: [Object.keys(dimensions)],
    Metrics: Object.entries(units).map(([Name, Unit]) => ({ Name, Unit })),
  };
  const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [directive] };
  return `${JSON.stringify({ _aws, ...dimensions, ...values })}\n`;
}

/** The value for `key`. If there is none, `make` creates it. */
function at<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
