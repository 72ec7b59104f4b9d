import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { Construct } from "constructs";

export interface EncryptionKeyProps {
  /** `alias/<name>`, by which other resources refer to the key. */
  readonly alias: string;
  readonly description: string;
}

/** A customer-managed key that is rotated every year and that Terraform refuses to destroy. */
export class EncryptionKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const key = new KmsKey(this, "this", {
      description: props.description,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      // Data that was encrypted with the key cannot be read without it.
      lifecycle: { preventDestroy: true },
    });
    new KmsAlias(this, "alias", { name: props.alias, targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}
