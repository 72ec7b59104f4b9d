import { mismatch, type Problem } from "./problem";

/** How DynamoDB deletes the rows of a table by their age. */
export interface TimeToLive {
  /** The attribute with the time, in epoch seconds, after which DynamoDB deletes a row within days. */
  readonly attribute: string;
  /**
   * `disabled` switches TTL off in a table that had it. DynamoDB needs the attribute's name for that, too. Once
   * it is deployed, `timeToLive` can be removed from the table.
   */
  readonly status: "enabled" | "disabled";
}

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TimeToLiveSpecification.html
export const timeToLiveProblems = (field: string, { attribute }: TimeToLive): Iterable<Problem> =>
  mismatch(`${field}.attribute`, attribute, /^.{1,255}$/, "a name of 1 to 255 characters");
