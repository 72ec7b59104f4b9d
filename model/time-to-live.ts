import { mismatch, type Problem } from "./problem";

/** When DynamoDB deletes the rows of a table. */
export interface TimeToLive {
  /** The attribute with a row's expiry time in epoch seconds. DynamoDB deletes the row within days after it. */
  readonly attribute: string;
  /**
   * `disabled` turns TTL off in a table that has it. DynamoDB needs the name of the attribute for that as well.
   * After this has been deployed, `timeToLive` can be removed from the table.
   */
  readonly status: "enabled" | "disabled";
}

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TimeToLiveSpecification.html
export const timeToLiveProblems = (field: string, { attribute }: TimeToLive): Iterable<Problem> =>
  mismatch(`${field}.attribute`, attribute, /^.{1,255}$/, "a name of 1 to 255 characters");
