import { Construct } from "constructs";
import { ImageRepository } from "../constructs/image-repository";
import { StateProps, StateStack } from "./state-stack";

/** A repository for each service's images. */
export class EcrStack extends StateStack {
  constructor(scope: Construct, props: StateProps) {
    super(scope, "ecr", props);
    const urls = props.platform.services.map((service) => {
      const repository = new ImageRepository(this, service.name, {
        name: this.names.service(service),
        keptImages: props.environment.keptImages,
        deletionProtection: props.environment.deletionProtection,
      });
      return [service.name, repository.url] as const;
    });
    this.output("ecr", { repository_urls: Object.fromEntries(urls) });
  }
}
