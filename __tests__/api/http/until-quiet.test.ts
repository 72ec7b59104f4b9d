import { createServer, type Server } from "node:http";
import { untilQuiet } from "../../../api/http/until-quiet";

const FAR_MS = 60_000;
let server: Server;

beforeEach(() => {
  jest.useFakeTimers();
  server = createServer();
});

afterEach(() => {
  jest.useRealTimers();
});

const ask = (url: string) => server.emit("request", { url });

function watch(quiet: Parameters<typeof untilQuiet>[1]) {
  const watched = { isOver: false };
  void untilQuiet(server, quiet).then(() => (watched.isOver = true));
  return watched;
}

test("it is quiet when no request has arrived for long enough", async () => {
  const watched = watch({ quietMs: 100, deadlineMs: FAR_MS });
  await jest.advanceTimersByTimeAsync(99);
  ask("/items");
  await jest.advanceTimersByTimeAsync(99);
  ask("/items?limit=1");
  await jest.advanceTimersByTimeAsync(99);
  expect(watched.isOver).toBe(false);
  await jest.advanceTimersByTimeAsync(1);
  expect(watched.isOver).toBe(true);
  expect(server.listenerCount("request")).toBe(0);
});

test("health checks do not break the quiet", async () => {
  const watched = watch({ quietMs: 100, deadlineMs: FAR_MS });
  await jest.advanceTimersByTimeAsync(99);
  ask("/health");
  ask("/live");
  await jest.advanceTimersByTimeAsync(1);
  expect(watched.isOver).toBe(true);
});

test("continuous requests cannot make it wait for ever", async () => {
  const watched = watch({ quietMs: 100, deadlineMs: 300 });
  for (let n = 0; n < 6; n++) {
    expect(watched.isOver).toBe(false);
    ask("/items");
    await jest.advanceTimersByTimeAsync(50);
  }
  expect(watched.isOver).toBe(true);
  expect(jest.getTimerCount()).toBe(0);
});
