import { IAspect, TerraformResource } from "cdktf";
import { IConstruct } from "constructs";

/** Lets every resource of a scope be planned, and none be created, changed or replaced. */
export class RefuseApply implements IAspect {
  constructor(private readonly reason: string) {}

  visit(node: IConstruct) {
    if (!TerraformResource.isTerraformResource(node)) return;
    node.addOverride("lifecycle.precondition", [
      {
        // Unknown while Terraform plans, false once it applies.
        condition: "${timestamp() == terraform.workspace}",
        error_message: this.reason,
      },
    ]);
  }
}
