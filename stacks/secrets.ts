import { Construct } from "constructs";
import { EmptySecret } from "../constructs/data/empty-secret";
import type { PlatformState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** The platform's secrets, without their values. */
class SecretsStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "secrets", props);
    const secrets = props.platform.secrets ?? [];
    const arns = secrets.map((secret) => {
      const { arn } = new EmptySecret(this.parts, secret.name, {
        name: this.names.secret(secret),
        keys: secret.keys,
        deletionProtection: props.environment.deletionProtection,
      });
      return [secret.name, arn] as const;
    });
    this.output("secrets", { secret_arns: Object.fromEntries(arns) });
  }
}

export const secrets: PlatformState = {
  per: "platform",
  exists: ({ secrets = [] }) => secrets.length > 0,
  create: (scope, props) => new SecretsStack(scope, props),
};
