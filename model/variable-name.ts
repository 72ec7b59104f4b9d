import { mismatch } from "./problem";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Finds what is wrong with the name of an environment variable. */
export const variableNameProblems = (field: string, name: string) =>
  mismatch(field, name, VARIABLE, "letters, digits and underscores, no digit first");
