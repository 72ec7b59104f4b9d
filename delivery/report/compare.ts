import { isDeepStrictEqual } from "node:util";
import type { ResourceChange, StateReport } from "./report";

/**
 * Returns a line for each difference between a state's plan and the plan that was reviewed.
 *
 * A plan without changes does not differ, so that a deploy that was cut off can be continued. A state that waited for
 * another one at the time of the review did not exist then, so its plan may only add resources.
 */
export function differences(reviewed: StateReport | undefined, now: StateReport): string[] {
  const { state } = now;
  if (now.outcome === "error") return [`${state}: cannot be planned: ${now.detail}`];
  if (now.outcome === "no changes") return [];
  if (!reviewed) return [`${state}: was not reviewed`];
  if (reviewed.outcome === "error") return [`${state}: was reviewed with an error`];
  if (now.outcome === "waits") {
    return reviewed.outcome === "waits" ? [] : [`${state}: waits for ${now.detail} now`];
  }
  if (reviewed.outcome === "waits") {
    return now.changes
      .filter(({ action }) => action !== "add")
      .map((change) => `${state}: ${title(change)}: was not part of the reviewed plan`);
  }
  return changeDifferences(state, reviewed.changes, now.changes);
}

function changeDifferences(
  state: string,
  reviewed: readonly ResourceChange[],
  now: readonly ResourceChange[],
) {
  const addresses = new Set([...reviewed, ...now].map(({ address }) => address));
  return [...addresses].sort().flatMap((address) => {
    const was = reviewed.find((change) => change.address === address);
    const is = now.find((change) => change.address === address);
    if (!was || !is || was.action !== is.action) {
      return [
        `${state}: ${address}: reviewed ${was?.action ?? "no change"}, now ${is?.action ?? "no change"}`,
      ];
    }
    return attributeDifferences(was, is).map((difference) => `${state}: ${address}: ${difference}`);
  });
}

function attributeDifferences(was: ResourceChange, is: ResourceChange) {
  const names = new Set([...Object.keys(was.attributes), ...Object.keys(is.attributes)]);
  return [...names].sort().flatMap((name) => {
    const [reviewed, now] = [was.attributes[name], is.attributes[name]];
    return isDeepStrictEqual(reviewed, now)
      ? []
      : [`${name}: reviewed ${step(reviewed)}, now ${step(now)}`];
  });
}

const title = ({ action, address }: ResourceChange) => `${action} ${address}`;

const step = (change: ResourceChange["attributes"][string] | undefined) =>
  change ? `${JSON.stringify(change.before)} -> ${JSON.stringify(change.after)}` : "no change";
