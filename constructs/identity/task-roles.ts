import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import {
  getRegistryToken,
  policyDocument,
  pullImages,
  readSecrets,
  trustEcsTasks,
  useTable,
  writeLogs,
} from "./policies";

export interface TaskRolesProps {
  readonly account: string;
  readonly region: string;
  readonly executionRoleName: string;
  readonly taskRoleName: string;
  /** The ARN of the policy that limits the permissions of both roles. */
  readonly permissionsBoundaryArn: string;
  readonly repositoryArn: string;
  readonly logGroupArn: string;
  /** Patterns of the ARNs of the secrets that ECS reads at the start of a task. @default - none */
  readonly secretArns?: readonly string[];
  /**
   * The tables and indexes that the task role may use. When the list is empty, the role has no
   * permissions.
   */
  readonly tables: readonly {
    /**
     * The ARN of a table or of an index. A permission on a table does not include its indexes, and
     * a permission on an index does not include the table.
     */
    readonly arn: string;
    /** DynamoDB actions without their prefix, such as `GetItem`. */
    readonly actions: readonly string[];
  }[];
}

/**
 * The two roles of a service's tasks. ECS uses the execution role to start a task, and the code in
 * the task uses the task role.
 */
export class TaskRoles extends Construct {
  constructor(scope: Construct, id: string, props: TaskRolesProps) {
    super(scope, id);
    const { secretArns = [] } = props;
    const common = {
      assumeRolePolicy: policyDocument(trustEcsTasks(props.account, props.region)),
      permissionsBoundary: props.permissionsBoundaryArn,
    };

    const execution = new IamRole(this, "execution", {
      name: props.executionRoleName,
      ...common,
    });
    new IamRolePolicy(this, "execution-policy", {
      name: "start-tasks",
      role: execution.name,
      policy: policyDocument(
        getRegistryToken(),
        pullImages(props.repositoryArn),
        writeLogs(props.logGroupArn),
        ...(secretArns.length > 0 ? [readSecrets(secretArns)] : []),
      ),
    });

    const task = new IamRole(this, "task", { name: props.taskRoleName, ...common });
    if (props.tables.length > 0) {
      new IamRolePolicy(this, "task-policy", {
        name: "use-tables",
        role: task.name,
        policy: policyDocument(...props.tables.map(({ arn, actions }) => useTable(arn, actions))),
      });
    }
  }
}
