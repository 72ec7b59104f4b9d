import { Construct } from "constructs";
import { TaskRoles } from "../constructs/identity/task-roles";
import { secretsOf, tablesOf } from "../model/platform";
import type { Service } from "../model/service";
import type { PlatformState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** The execution role and the task role of each service. */
class IamStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "iam", props);
    for (const service of props.platform.services) {
      new TaskRoles(this.parts, service.name, {
        account: props.environment.account,
        region: props.environment.region,
        executionRoleName: this.names.executionRole(service),
        taskRoleName: this.names.taskRole(service),
        permissionsBoundaryArn: this.names.taskBoundaryArn,
        repositoryArn: this.names.repositoryArn(service),
        logGroupArn: this.names.logGroupArn(service),
        secretArns: secretsOf(props.platform, service).map((secret) =>
          this.names.secretArnPattern(secret),
        ),
        tables: this.tablesAndIndexes(service),
      });
    }
  }

  private tablesAndIndexes(service: Service) {
    return tablesOf(this.props.platform, service).flatMap(({ table, grant }) => [
      { arn: this.names.tableArn(table), actions: grant.actions },
      ...(grant.indexes ?? []).map(({ name, actions }) => ({
        arn: this.names.indexArn(table, name),
        actions,
      })),
    ]);
  }
}

export const iam: PlatformState = {
  per: "platform",
  create: (scope, props) => new IamStack(scope, props),
};
