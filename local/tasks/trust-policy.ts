/** One statement of a role's trust policy, as IAM answers it. */
interface Statement {
  readonly Effect: string;
  readonly Principal?: string | Record<string, string | string[]>;
  readonly Action: string | string[];
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

/**
 * Whether a trust policy lets ECS assume its role for a task.
 *
 * @param document the policy as JSON
 * @param context values of condition keys, as `aws:SourceAccount` and `aws:SourceArn`
 */
export function trustsEcsTasks(document: string, context: Record<string, string>): boolean {
  const { Statement } = JSON.parse(document) as { Statement: Statement | Statement[] };
  const concerned = many(Statement).filter(
    (statement) =>
      many(statement.Action).some((action) => wildcard(action).test("sts:AssumeRole")) &&
      isForEcsTasks(statement.Principal) &&
      holds(statement.Condition, context),
  );
  return concerned.length > 0 && concerned.every(({ Effect }) => Effect === "Allow");
}

function isForEcsTasks(principal: Statement["Principal"]): boolean {
  if (principal === undefined) return false;
  if (typeof principal === "string") return principal === "*";
  return many(principal.Service ?? []).includes("ecs-tasks.amazonaws.com");
}

function holds(condition: Statement["Condition"], context: Record<string, string>): boolean {
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      compare(operator, context[canonical(key, context)], many(wanted)),
    ),
  );
}

/** IAM's condition keys are case-insensitive. */
function canonical(key: string, context: Record<string, string>): string {
  return Object.keys(context).find((known) => known.toLowerCase() === key.toLowerCase()) ?? key;
}

/** An operator that is not known here does not hold: better a task that does not start than a wide trust. */
function compare(operator: string, value: string | undefined, wanted: string[]): boolean {
  if (value === undefined) return operator.endsWith("IfExists");
  switch (operator.replace(/IfExists$/, "")) {
    case "StringEquals":
      return wanted.includes(value);
    case "StringNotEquals":
      return !wanted.includes(value);
    case "StringLike":
    case "ArnLike":
    case "ArnEquals":
      return wanted.some((pattern) => wildcard(pattern).test(value));
    default:
      return false;
  }
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}

function many<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}
