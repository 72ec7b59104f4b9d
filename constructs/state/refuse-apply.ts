import { IAspect, TerraformResource } from "cdktf";
import { IConstruct } from "constructs";

/** Lets every resource of a scope be planned, but none be created, changed or replaced. */
export class RefuseApply implements IAspect {
  constructor(private readonly reason: string) {}

  visit(node: IConstruct) {
    if (!TerraformResource.isTerraformResource(node)) return;
    node.addOverride("lifecycle.precondition", [
      {
        // The condition is unknown while Terraform plans, and false when it applies.
        condition: "${timestamp() == terraform.workspace}",
        error_message: this.reason,
      },
    ]);
  }
}
