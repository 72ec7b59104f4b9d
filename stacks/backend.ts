import { Construct } from "constructs";
import { EncryptionKey } from "../constructs/state/encryption-key";
import { LockTable } from "../constructs/state/lock-table";
import { StateBucket } from "../constructs/state/state-bucket";
import type { PlatformState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** The bucket, lock table and encryption key of all Terraform states of the environment, including its own. */
class BackendStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "backend", props);
    const key = new EncryptionKey(this, "state-key", {
      alias: this.names.stateKeyAlias,
      description: `Terraform states of ${this.names.prefix}`,
    });
    new StateBucket(this, "state-bucket", {
      bucket: this.names.stateBucket,
      kmsKeyArn: key.arn,
      deployRoleArn: this.names.deployRoleArn,
    });
    new LockTable(this, "lock-table", { name: this.names.lockTable });
  }
}

export const backend: PlatformState = {
  per: "platform",
  create: (scope, props) => new BackendStack(scope, props),
};
