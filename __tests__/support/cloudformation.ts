import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, type ScalarTag, type CollectionTag } from "yaml";

type Value = string | number | boolean | readonly Value[] | { readonly [name: string]: Value };

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: Value;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

export interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** The values of CloudFormation's pseudo parameters. */
export const PSEUDO = {
  "AWS::AccountId": "111122223333",
  "AWS::Partition": "aws",
  "AWS::Region": "ap-southeast-1",
};

/**
 * The resources that a template of foundation/ creates with these parameters. It evaluates `!Ref`,
 * `!Sub`, `!If`, `!GetAtt` and the functions of conditions like CloudFormation.
 */
export function resourcesOf(
  template: string,
  parameters: Readonly<Record<string, string>>,
): Readonly<Record<string, Resource>> {
  const file = join(__dirname, "..", "..", "foundation", template);
  const read = parse(readFileSync(file, "utf8"), { customTags: TAGS }) as Template;
  const values: Record<string, string> = { ...PSEUDO };
  for (const [name, { Default }] of Object.entries(read.Parameters)) {
    const value = parameters[name] ?? Default?.toString();
    if (value === undefined) throw new Error(`${template}: parameter ${name} is not given`);
    values[name] = value;
  }
  const resolver = new Resolver(values, read.Conditions ?? {});
  const made = Object.entries(read.Resources).filter(
    ([, { Condition }]) => Condition === undefined || resolver.condition(Condition),
  );
  return Object.fromEntries(
    made.map(([id, resource]) => [id, resolver.resolve(resource as never) as unknown as Resource]),
  );
}

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: string | number }>>;
  readonly Conditions?: Readonly<Record<string, Value>>;
  readonly Resources: Readonly<Record<string, { readonly Condition?: string }>>;
}

class Resolver {
  constructor(
    private readonly values: Readonly<Record<string, string>>,
    private readonly conditions: Readonly<Record<string, Value>>,
  ) {}

  condition(name: string): boolean {
    const condition = this.conditions[name];
    if (condition === undefined) throw new Error(`there is no condition ${name}`);
    return this.resolve(condition) === "true";
  }

  resolve(value: Value): Value {
    if (typeof value === "number" || typeof value === "boolean") return value;
    if (isList(value)) return value.map((each) => this.resolve(each)).filter(isThere);
    if (typeof value !== "object") return value;
    const [[name, argument] = ["", ""], ...others] = Object.entries(value);
    if (others.length === 0 && name.startsWith("!")) return this.call(name, argument);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, this.resolve(each)]),
    );
  }

  private call(name: string, argument: Value): Value {
    if (name === "!If") {
      const [condition, yes, no] = argument as [string, Value, Value];
      return this.resolve(this.condition(condition) ? yes : no);
    }
    const resolved = this.resolve(argument);
    const list = resolved as readonly Value[];
    switch (name) {
      case "!Ref":
        return this.values[resolved as string] ?? `<${resolved as string}>`;
      case "!GetAtt":
        return `<${resolved as string}>`;
      case "!Sub":
        return (resolved as string)
          .replaceAll(/\$\{([\w:]+)\}/g, (_, each: string) => {
            const found = this.values[each];
            if (found === undefined) throw new Error(`there is no parameter ${each}`);
            return found;
          })
          .replaceAll("${!", "${");
      case "!Equals":
        return String(list[0] === list[1]);
      case "!Not":
        return String(list[0] !== "true");
      case "!And":
        return String(list.every((each) => each === "true"));
      default:
        throw new Error(`${name} is not read here`);
    }
  }
}

const NOTHING = "<AWS::NoValue>";
const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
const isThere = (value: Value) => value !== NOTHING;

/** Parses `!Sub x` as `{ "!Sub": "x" }`. */
const TAGS = ["!Ref", "!Sub", "!GetAtt", "!If", "!Equals", "!Not", "!And", "!Or", "!Join"].flatMap(
  (tag): (ScalarTag | CollectionTag)[] => [
    { tag, resolve: (text: string) => ({ [tag]: text }) },
    {
      tag,
      collection: "seq",
      resolve: (items) => ({ [tag]: (items as unknown as { toJSON: () => unknown }).toJSON() }),
    },
  ],
);
