import { isDeepStrictEqual } from "node:util";
import type { Action, ResourceChange } from "./report";

/**
 * The fields of the output of `terraform show -json <plan>` that are used here.
 *
 * @see https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
export interface PlanJson {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly type: string;
    readonly change: Change;
  }[];
  readonly output_changes?: Readonly<Record<string, Change>>;
}

interface Change {
  readonly actions: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  /** `true`, or an object of the attributes that are known only after the apply. */
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
}

/** The types of resources that hold data, which is lost when they are destroyed. */
const STATEFUL: ReadonlySet<string> = new Set([
  "aws_cloudwatch_log_group",
  "aws_dynamodb_table",
  "aws_ecr_repository",
  "aws_kms_key",
  "aws_s3_bucket",
]);

const ACTIONS: Readonly<Record<string, Action>> = {
  create: "add",
  update: "change",
  delete: "destroy",
  "create,delete": "replace",
  "delete,create": "replace",
  forget: "forget",
  "create,forget": "replace",
};

/** The changes of a plan in the order of their addresses, outputs last. Reads and no-ops are left out. */
export function changesOf({ resource_changes = [], output_changes = {} }: PlanJson) {
  const resources = resource_changes.map(({ address, type, change }) =>
    resourceChange(address, change, STATEFUL.has(type)),
  );
  const outputs = Object.entries(output_changes).map(([name, change]) =>
    resourceChange(`output.${name}`, change, false),
  );
  return [...sorted(resources), ...sorted(outputs)];
}

function resourceChange(address: string, change: Change, stateful: boolean) {
  const action = ACTIONS[change.actions.join(",")];
  return action && { address, action, stateful, attributes: attributesOf(change) };
}

const sorted = (changes: readonly (ResourceChange | undefined)[]) =>
  changes.filter((change) => change !== undefined).sort((a, b) => (a.address < b.address ? -1 : 1));

/** The attributes that differ, by name. A value that is not an object counts as one attribute named `value`. */
function attributesOf(change: Change): ResourceChange["attributes"] {
  const before = attributeValues(change.before, undefined, change.before_sensitive);
  const after = attributeValues(change.after, change.after_unknown, change.after_sensitive);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return Object.fromEntries(
    names
      .map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }] as const)
      .filter(([, { before: was, after: is }]) => !isDeepStrictEqual(was, is)),
  );
}

function attributeValues(values: unknown, unknown: unknown, sensitive: unknown) {
  if (isObject(values) || isObject(unknown)) {
    return shown(values ?? {}, unknown, sensitive) as Record<string, unknown>;
  }
  return { value: shown(values, unknown, sensitive) };
}

/** Replaces the sensitive and the unknown parts of a value with "(sensitive)" and "(known after apply)". */
function shown(value: unknown, unknown: unknown, sensitive: unknown): unknown {
  if (sensitive === true) return "(sensitive)";
  if (unknown === true) return "(known after apply)";
  if (Array.isArray(value)) {
    return value.map((each, i) => shown(each, partOf(unknown, i), partOf(sensitive, i)));
  }
  if (!isObject(value) && !isObject(unknown)) return value;
  const names = new Set([...keysOf(value), ...keysOf(unknown)]);
  return Object.fromEntries(
    [...names]
      .map((name) => [
        name,
        shown(partOf(value, name), partOf(unknown, name), partOf(sensitive, name)),
      ])
      .filter(([, part]) => part !== undefined),
  );
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const keysOf = (value: unknown) => (isObject(value) ? Object.keys(value) : []);

const partOf = (value: unknown, key: string | number) =>
  typeof value === "object" && value !== null
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
