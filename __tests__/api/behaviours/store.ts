import type { Response } from "supertest";
import type { Item } from "../../../api/items/item";
import type { ItemRepository } from "../../../api/items/item-repository";
import { createTestApp } from "../support/test-app";

/** An empty item store. */
export interface Store {
  /** A repository as one task has it. Several repositories share the items. */
  readonly repository: () => ItemRepository;
  readonly stop: () => Promise<void>;
}

export type OpenStore = () => Promise<Store>;

export const bolt = { sku: "BOLT-M8", name: "Bolt M8", quantity: 12, unitPrice: "0.35" };

export interface ProblemBody {
  type: string;
  status: number;
  detail: string;
  errors?: { pointer?: string; parameter?: string; detail: string }[];
}

export interface Page {
  items: Item[];
  next: string | null;
}

/** Starts the API with a new store for each test, and returns short helpers for the tests. */
export function useApi(open: OpenStore) {
  let store: Store;
  let app: ReturnType<typeof createTestApp>;

  beforeEach(async () => {
    store = await open();
    app = createTestApp(store.repository());
  });

  afterEach(async () => {
    await store.stop();
  });

  return {
    get api() {
      return app.api;
    },

    /** Another task of the same service. */
    anotherTask: () => createTestApp(store.repository()).api,

    async post(body: object = bolt) {
      const item = await bodyOf(app.api.post("/items").send(body).expect(201));
      return item as Item;
    },

    async get(id: string) {
      const body = await bodyOf(app.api.get(`/items/${id}?consistent=true`).expect(200));
      return body as Item;
    },

    async list(path = "/items") {
      const body = await bodyOf(app.api.get(path).expect(200));
      return body as Page;
    },

    /** Follows the Link headers to the last page. */
    async listAll(path: string) {
      const items: Item[] = [];
      let next: string | undefined = path;
      while (next !== undefined) {
        const response: Response = await app.api.get(next).expect(200);
        items.push(...(response.body as Page).items);
        next = /^<(.*)>; rel="next"$/.exec(linkOf(response))?.[1];
      }
      return items;
    },
  };
}

export const etag = ({ version }: Item) => `"${version}"`;

/** The body of an answer. */
export async function bodyOf(answer: PromiseLike<Response>): Promise<unknown> {
  return (await answer).body as unknown;
}

export const linkOf = ({ headers }: Response) => headers.link ?? "";
