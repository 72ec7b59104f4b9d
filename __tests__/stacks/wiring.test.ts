import { platform as inventory } from "../../platforms/inventory/platform";
import type { Platform } from "../../model/platform";
import { someAccount, type StateConfig, synthesizedStates } from "../support/app";
import { manyServices, withConnections, withoutTables } from "../support/platforms";

const platforms: readonly (readonly [string, Platform])[] = [
  ["inventory", inventory],
  ["without tables", withoutTables],
  ["many services", manyServices],
  ["connections", withConnections],
];

describe.each(platforms)("%s", (_, platform) => {
  const states = synthesizedStates(platform, [someAccount]);
  const producerOf = ({ key }: RemoteState) =>
    Object.values(states).find(({ terraform }) => terraform.backend.s3.key === key);

  test("every output that is read of another state is declared there", () => {
    const reads = Object.values(states).flatMap(readsOf);
    expect(reads.length).toBeGreaterThan(0);
    for (const { remoteState, output, key } of reads) {
      const declared = producerOf(remoteState)?.output?.[output]?.value;
      expect(declared).toBeDefined();
      if (key !== undefined) expect(declared).toHaveProperty(key);
    }
  });

  test("states are read from the bucket that they are written to", () => {
    for (const state of Object.values(states)) {
      for (const { bucket } of remoteStatesOf(state)) {
        expect(bucket).toBe(state.terraform.backend.s3.bucket);
      }
    }
  });
});

interface RemoteState {
  readonly bucket: string;
  readonly key: string;
}

function remoteStatesOf({ data }: StateConfig) {
  const states = data?.terraform_remote_state ?? {};
  return Object.values(states).map((state) => (state as { config: RemoteState }).config);
}

/** Each `data.terraform_remote_state.<id>.outputs.<output>[.<key>]` in a state's expressions. */
function readsOf(state: StateConfig) {
  const expression =
    /data\.terraform_remote_state\.(?<id>\w+)\.outputs\.(?<output>\w+)(?:\.(?<key>[\w-]+))?/g;
  return [...JSON.stringify(state).matchAll(expression)].map(({ groups }) => {
    const { id, output, key } = groups as { id: string; output: string; key?: string };
    const remote = state.data?.terraform_remote_state?.[id] as { config: RemoteState };
    return { remoteState: remote.config, output, key };
  });
}
