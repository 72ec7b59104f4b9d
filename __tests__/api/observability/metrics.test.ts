import Ajv from "ajv";
import { pino } from "pino";
import request from "supertest";
import { createApp } from "../../../api/app";
import { createMemoryItemRepository } from "../../../api/items/store/memory-item-repository";
import { createMetrics } from "../../../api/observability/metrics";
import { brokenRepository } from "../support/broken-repository";
import { waitFor } from "../support/wait-for";

/** The largest size of an event in CloudWatch Logs, in bytes. */
const MAX_EVENT_BYTES = 256 * 1024;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const embeddedMetricFormat = {
  type: "object",
  required: ["_aws"],
  properties: {
    _aws: {
      type: "object",
      required: ["Timestamp", "CloudWatchMetrics"],
      properties: {
        Timestamp: { type: "integer" },
        CloudWatchMetrics: {
          type: "array",
          items: {
            type: "object",
            required: ["Namespace", "Dimensions", "Metrics"],
            additionalProperties: false,
            properties: {
              Namespace: { type: "string", minLength: 1, maxLength: 1024 },
              Dimensions: {
                type: "array",
                minItems: 1,
                items: {
                  type: "array",
                  maxItems: 30,
                  items: { type: "string", minLength: 1, maxLength: 250 },
                },
              },
              Metrics: {
                type: "array",
                maxItems: 100,
                items: {
                  type: "object",
                  required: ["Name"],
                  additionalProperties: false,
                  properties: {
                    Name: { type: "string", minLength: 1, maxLength: 1024 },
                    Unit: { enum: ["Count", "Milliseconds"] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

const isEmbeddedMetricFormat = new Ajv().compile<EmbeddedMetrics>(embeddedMetricFormat);

interface EmbeddedMetrics {
  _aws: {
    Timestamp: number;
    CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
  };
  [member: string]: unknown;
}

/**
 * Returns metrics and the lines that they wrote. Each parsed line is validated against the format.
 */
function startMetrics(flushIntervalMs?: number) {
  const lines: string[] = [];
  const output = { write: (line: string) => lines.push(line) };
  const metrics = createMetrics(output, flushIntervalMs);
  return { metrics, lines, written: () => lines.map(parseLine) };
}

function parseLine(line: string) {
  expect(line).toMatch(/^[^\n]+\n$/);
  expect(Buffer.byteLength(line)).toBeLessThan(MAX_EVENT_BYTES);
  const event: unknown = JSON.parse(line);
  if (!isEmbeddedMetricFormat(event))
    throw new Error(JSON.stringify(isEmbeddedMetricFormat.errors));
  const { _aws, ...members } = event;
  expect(Math.abs(_aws.Timestamp - Date.now())).toBeLessThan(60_000);
  for (const { Dimensions, Metrics } of _aws.CloudWatchMetrics) {
    for (const name of Dimensions.flat()) expect(members[name]).toEqual(expect.any(String));
    for (const { Name } of Metrics) {
      const values = [members[Name]].flat();
      expect(values.length).toBeLessThanOrEqual(100);
      for (const value of values) expect(value).toEqual(expect.any(Number));
    }
  }
  return members;
}

test("requests, errors and latency come by route and method, and CloudWatch is told which is which", () => {
  const { metrics, lines, written } = startMetrics();
  metrics.request("/items/:id", "GET", 200, 1.5);
  metrics.request("/items/:id", "GET", 503, 12.25);
  metrics.request("/items/:id", "GET", 404, 1);
  metrics.request("/items/:id", "DELETE", 204, 3);
  metrics.request("/items", "GET", 200, 2);
  metrics.flush();
  expect(written()).toEqual([
    { Route: "/items/:id", Method: "GET", Requests: 3, Errors: 1, Latency: [1.5, 12.25, 1] },
    { Route: "/items/:id", Method: "DELETE", Requests: 1, Errors: 0, Latency: [3] },
    { Route: "/items", Method: "GET", Requests: 1, Errors: 0, Latency: [2] },
  ]);
  expect((JSON.parse(lines[0] ?? "") as EmbeddedMetrics)._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: "Inventory",
      Dimensions: [["Route", "Method"]],
      Metrics: [
        { Name: "Requests", Unit: "Count" },
        { Name: "Errors", Unit: "Count" },
        { Name: "Latency", Unit: "Milliseconds" },
      ],
    },
  ]);
});

test("DynamoDB's calls, retries and throttles come by action", () => {
  const { metrics, lines, written } = startMetrics();
  metrics.dynamoDb("BatchGetItem", { repeated: false, throttled: true });
  metrics.dynamoDb("BatchGetItem", { repeated: true, throttled: true });
  metrics.dynamoDb("BatchGetItem", { repeated: true, throttled: false });
  metrics.dynamoDb("TransactWriteItems", { repeated: false, throttled: false });
  metrics.flush();
  expect(written()).toEqual([
    { Action: "BatchGetItem", Calls: 1, Retries: 2, Throttles: 2 },
    { Action: "TransactWriteItems", Calls: 1, Retries: 0, Throttles: 0 },
  ]);
  expect((JSON.parse(lines[0] ?? "") as EmbeddedMetrics)._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: "Inventory",
      Dimensions: [["Action"]],
      Metrics: [
        { Name: "Calls", Unit: "Count" },
        { Name: "Retries", Unit: "Count" },
        { Name: "Throttles", Unit: "Count" },
      ],
    },
  ]);
});

test("each is written once, and nothing when there is nothing", () => {
  const { metrics, lines } = startMetrics();
  metrics.flush();
  expect(lines).toEqual([]);
  metrics.request("/items", "GET", 200, 1);
  metrics.dynamoDb("Scan", { repeated: false, throttled: false });
  metrics.flush();
  metrics.flush();
  expect(lines).toHaveLength(2);
});

test("of many requests every one is written, in lines of a hundred and not all at the end", () => {
  const { metrics, lines, written } = startMetrics();
  const durations = Array.from({ length: 1050 }, (_, i) => i / 1000);
  for (const duration of durations) metrics.request("/items/:id", "GET", 200, duration);
  expect(lines).toHaveLength(10);
  metrics.flush();
  expect(lines).toHaveLength(11);
  expect(written().flatMap(({ Latency }) => Latency)).toEqual(durations);
  expect(written().map(({ Requests }) => Requests)).toEqual([...Array<number>(10).fill(100), 50]);
});

test("they are written at each interval", async () => {
  const { metrics, lines } = startMetrics(20);
  metrics.request("/items", "GET", 200, 1);
  await waitFor("the first line", () => lines[0]);
  metrics.request("/items", "GET", 200, 1);
  await waitFor("the second line", () => lines[1]);
});

describe("the API", () => {
  function startApi(repository = createMemoryItemRepository()) {
    const { metrics, written } = startMetrics();
    const stopping = new AbortController().signal;
    const logger = pino({ level: "silent" });
    const handle = createApp({ repository, logger, stopping, metrics }).callback();
    const api = request((...args: Parameters<typeof handle>) => void handle(...args));
    return { api, written: () => (metrics.flush(), written()) };
  }

  test("counts requests by the pattern of their path, or none, whatever a client makes up", async () => {
    const { api, written } = startApi();
    await api.get("/items/00000000-0000-4000-8000-000000000000").expect(404);
    await api.get("/items/00000000-0000-4000-8000-000000000001").expect(404);
    await api.get("/made-up-1").expect(404);
    await api.get("/made-up-2?x=1").expect(404);
    await api.put("/items").expect(405);
    expect(written()).toEqual([
      expect.objectContaining({ Route: "/items/:id", Method: "GET", Requests: 2, Errors: 0 }),
      expect.objectContaining({ Route: "unmatched", Method: "GET", Requests: 2, Errors: 0 }),
      expect.objectContaining({ Route: "unmatched", Method: "PUT", Requests: 1, Errors: 0 }),
    ]);
  });

  test("counts a fault of ours as an error", async () => {
    const { api, written } = startApi(brokenRepository);
    await api.get("/items").expect(500);
    expect(written()).toEqual([
      {
        Route: "/items",
        Method: "GET",
        Requests: 1,
        Errors: 1,
        Latency: [expect.any(Number)],
      },
    ]);
  });
});
