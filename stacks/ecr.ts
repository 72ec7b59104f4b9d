import { Construct } from "constructs";
import { ImageRepository } from "../constructs/compute/image-repository";
import { PLACEHOLDER_ACCOUNT } from "../model/environment";
import { Names } from "./contract/names";
import type { PlatformState } from "./state-definition";
import { StateProps, StateStack } from "./state-stack";

/** An ECR repository for each service. The deploy role of the next environment may pull from it. */
class EcrStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "ecr", props);
    const urls = props.platform.services.map((service) => {
      const repository = new ImageRepository(this.parts, service.name, {
        name: this.names.service(service),
        keptImages: props.environment.keptImages,
        deletionProtection: props.environment.deletionProtection,
        promotingRoleArn: promotingRoleArn(props),
      });
      return [service.name, repository.url] as const;
    });
    this.output("ecr", { repository_urls: Object.fromEntries(urls) });
  }
}

export const ecr: PlatformState = {
  per: "platform",
  create: (scope, props) => new EcrStack(scope, props),
};

/** The next environment's deploy role, or `undefined` while the account that belongs in its ARN is not known. */
function promotingRoleArn({ platform, promotesTo }: StateProps) {
  if (promotesTo === undefined || promotesTo.account === PLACEHOLDER_ACCOUNT) return undefined;
  return new Names(platform, promotesTo).deployRoleArn;
}
