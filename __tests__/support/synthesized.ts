import { Testing } from "cdktf";
import type { Construct } from "constructs";

type Config = Readonly<Record<string, unknown>>;

/** Synthesizes what `build` adds to a stack, and finds its resources by type. */
export function synthesized(build: (scope: Construct) => void) {
  const { resource = {} } = JSON.parse(Testing.synthScope(build)) as {
    resource?: Record<string, Record<string, Config>>;
  };
  return {
    all: (type: string) => Object.values(resource[type] ?? {}),
    /** The only resource of its type. */
    one(type: string) {
      const [only, ...others] = Object.values(resource[type] ?? {});
      if (!only || others.length > 0) {
        throw new Error(`expected one ${type}, found ${others.length + (only ? 1 : 0)}`);
      }
      return only;
    },
  };
}

/** Parses a policy document or another JSON text in an argument of a resource. */
export const parsed = (text: unknown) => JSON.parse(text as string) as Record<string, unknown>;
