import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { followChanges, readAfterChange } from "../../../local/emulator/changes";
import { waitUntil } from "../../e2e/support/wait-until";

describe("readAfterChange", () => {
  test("reads for the first time, and again only after a change", async () => {
    const changes = { count: 0 };
    let readings = 0;
    const read = readAfterChange(changes, () => Promise.resolve(++readings));
    expect(await read()).toBe(1);
    expect(await read()).toBe(1);
    changes.count++;
    expect(await read()).toBe(2);
    expect(await read()).toBe(2);
  });

  test("reads again after a change during the reading, and after a reading that failed", async () => {
    const changes = { count: 0 };
    const results = [
      () => {
        changes.count++;
        return "before the change";
      },
      () => {
        throw new Error("no answer");
      },
      () => "after it",
    ];
    const read = readAfterChange(changes, () => Promise.resolve().then(results.shift()));
    expect(await read()).toBe("before the change");
    await expect(read()).rejects.toThrow("no answer");
    expect(await read()).toBe("after it");
    expect(await read()).toBe("after it");
  });
});

describe("followChanges", () => {
  let server: Server;
  let waiting: { readonly after: number; readonly response: ServerResponse } | undefined;

  beforeEach(async () => {
    server = createServer((request, response) => {
      void json(request).then((body) => {
        waiting = { after: (body as { after: number }).after, response };
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const aws = () => ({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "eu-west-1",
    accountId: "123456789012",
    credentials: { accessKeyId: "root", secretAccessKey: "secret" },
    controlSecret: "control",
  });

  async function answer(status: number, body: object): Promise<number> {
    const { after, response } = await waitUntil("a request", () => waiting, 5000);
    waiting = undefined;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    return after;
  }

  test("differs after a change and after an error, and not after a wait without a change", async () => {
    const changes = followChanges(aws());
    try {
      await answer(200, { count: 7 });
      expect(await answer(200, { count: 7 })).toBe(7);
      await waitUntil("the next request", () => waiting, 5000);
      const before = changes.count;
      await answer(200, { count: 7 });
      await waitUntil("the next request", () => waiting, 5000);
      expect(changes.count).toBe(before);

      await answer(200, { count: 8 });
      await waitUntil("the change", () => changes.count !== before, 5000);
      const afterChange = changes.count;
      await answer(500, {});
      await waitUntil("the error", () => changes.count !== afterChange, 5000);
      expect(await answer(200, { count: 8 })).toBe(8);
    } finally {
      await changes.stop();
    }
  });

  test("stops while it waits for a change", async () => {
    const changes = followChanges(aws());
    await waitUntil("a request", () => waiting, 5000);
    await changes.stop();
  });
});
