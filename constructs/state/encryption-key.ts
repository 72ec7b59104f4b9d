import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";

export interface EncryptionKeyProps {
  /** `alias/<name>`; whoever uses the key names it by this. */
  readonly alias: string;
  readonly description: string;
}

/** A customer-managed key that rotates every year and that Terraform will not destroy. */
export class EncryptionKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const key = new KmsKey(this, "this", {
      description: props.description,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      // What it encrypted cannot be read without it.
      lifecycle: { preventDestroy: true },
    });
    new KmsAlias(this, "alias", { name: props.alias, targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}
