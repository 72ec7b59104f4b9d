import { oneOf } from "./name";
import type { Problem } from "./problem";
import type { Secret } from "./secret";
import { textProblems } from "./text";

/** The value of an environment variable. A text reaches the container unchanged. */
export type Value = string | OutputValue | SecretValue;

/** A value that AWS generates and that another state of the environment has as an output. */
export interface OutputValue {
  readonly kind: "output";
  readonly state: "alb";
  readonly output: "dns_name";
  /** The text before the output, such as `http://`. @default - none */
  readonly before?: string;
  /** The text after the output, such as `/api`. @default - none */
  readonly after?: string;
}

/** A secret that ECS reads when a task starts. The task definition names the secret and does not contain its value. */
export interface SecretValue {
  readonly kind: "secret";
  /** Name of a secret of the platform. */
  readonly secret: string;
  /** One of the secret's keys. @default - the whole value */
  readonly key?: string;
}

export const isOutputValue = (value: Value): value is OutputValue =>
  typeof value !== "string" && value.kind === "output";

export const isSecretValue = (value: Value): value is SecretValue =>
  typeof value !== "string" && value.kind === "secret";

export function* valueProblems(
  field: string,
  value: Value,
  secrets: readonly Secret[],
): Iterable<Problem> {
  if (isSecretValue(value)) {
    yield* secretValueProblems(field, value, secrets);
  } else if (isOutputValue(value)) {
    yield* textProblems(`${field}.before`, value.before ?? "");
    yield* textProblems(`${field}.after`, value.after ?? "");
  } else {
    yield* textProblems(field, value);
  }
}

function* secretValueProblems(
  field: string,
  { secret: name, key }: SecretValue,
  secrets: readonly Secret[],
): Iterable<Problem> {
  const secret = secrets.find((each) => each.name === name);
  if (!secret) {
    const allowed = secrets.length > 0 ? oneOf(secrets) : "none, as the platform has no secret";
    yield { field: `${field}.secret`, value: name, allowed };
    return;
  }
  const { keys = [] } = secret;
  if (key === undefined || keys.includes(key)) return;
  const allowed = keys.length > 0 ? `one of ${keys.join(", ")}` : "none, as the secret has no keys";
  yield { field: `${field}.key`, value: key, allowed };
}
