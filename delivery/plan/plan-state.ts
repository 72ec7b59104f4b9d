import { changesOf, type PlanJson } from "../report/plan-json";
import type { StateReport } from "../report/report";
import type { Terraform } from "../terraform/terraform";

/** The file of a state's last plan, in the state's folder. */
export const PLAN_FILE = "planned.tfplan";

/** Plans an initialized state and writes the plan to `PLAN_FILE`. */
export async function planState(name: string, terraform: Terraform): Promise<StateReport> {
  const { hasChanges, text } = await terraform.plan(`-out=${PLAN_FILE}`);
  if (!hasChanges) {
    return { state: name, outcome: "no changes", detail: "", changes: [], plan: "" };
  }
  const { stdout } = await terraform.run(["show", "-json", PLAN_FILE]);
  return {
    state: name,
    outcome: "changes",
    detail: "",
    changes: changesOf(JSON.parse(stdout) as PlanJson),
    plan: text,
  };
}
