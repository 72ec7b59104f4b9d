import { inventory } from "../../platforms/inventory";
import { itemBehaviours } from "../api/behaviours";
import { EmulatedDynamoDb } from "./support/emulated-items";

const dynamoDb = new EmulatedDynamoDb();

beforeAll(() => dynamoDb.start());
afterAll(() => dynamoDb.stop());

describe("items in DynamoDB", () => {
  itemBehaviours(() => dynamoDb.openStore(), 60);

  test("all this took every action that the task role allows, and no other", () => {
    const allowed = inventory.tables.flatMap(({ name, access }) =>
      access.flatMap(({ actions, indexes = [] }) => [
        ...actions.map((action) => `${name} ${action}`),
        ...indexes.flatMap((index) =>
          index.actions.map((action) => `${name}/${index.name} ${action}`),
        ),
      ]),
    );
    // The tables of each test have a name of their own before the platform's.
    const taken = [...dynamoDb.proxy.actions].map((action) =>
      action.replace(/^[0-9a-f-]{36}-/, ""),
    );
    expect([...new Set(taken)].sort()).toEqual(allowed.sort());
  });
});
