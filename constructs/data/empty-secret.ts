import { SecretsmanagerSecret } from "@cdktf/provider-aws/lib/secretsmanager-secret";
import { Construct } from "constructs";

export interface EmptySecretProps {
  readonly name: string;
  /** The keys of the value, which is a JSON object. @default - the value is one text */
  readonly keys?: readonly string[];
  /** Whether a deleted secret can be restored for 30 days. Otherwise AWS deletes it at once. */
  readonly deletionProtection: boolean;
}

/**
 * A secret without a value, which Secrets Manager encrypts with its own key. Nothing here knows the value: a person
 * or a program sets it, and tasks do not start before that.
 */
export class EmptySecret extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: EmptySecretProps) {
    super(scope, id);
    const { name, keys, deletionProtection } = props;
    const secret = new SecretsmanagerSecret(this, "this", {
      name,
      description: keys ? `A JSON object with the keys ${keys.join(", ")}` : "A text",
      recoveryWindowInDays: deletionProtection ? 30 : 0,
    });
    this.arn = secret.arn;
  }
}
