import type { Report, StateReport } from "../../../delivery/report/report";

/** A report of one state for each outcome: `<environment>-<outcome>`. */
export function report(environment: string, ...outcomes: StateReport["outcome"][]): Report {
  return {
    environment,
    images: { api: "0123456789012345678901234567890123456789" },
    states: outcomes.map((outcome) => ({
      state: `${environment}-${outcome.replace(" ", "-")}`,
      outcome,
      detail: outcome === "error" ? "Error: no credentials" : "",
      changes:
        outcome === "changes"
          ? [
              {
                address: "aws_dynamodb_table.items",
                action: "replace",
                stateful: true,
                attributes: { name: { before: "a", after: "b" } },
              },
            ]
          : [],
      plan: outcome === "changes" ? "aws_dynamodb_table.items must be replaced" : "",
    })),
  };
}
