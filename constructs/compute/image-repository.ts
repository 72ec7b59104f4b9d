import { EcrLifecyclePolicy } from "@cdktf/provider-aws/lib/ecr-lifecycle-policy";
import { EcrRepository } from "@cdktf/provider-aws/lib/ecr-repository";
import { EcrRepositoryPolicy } from "@cdktf/provider-aws/lib/ecr-repository-policy";
import { Construct } from "constructs";
import { policyDocument, promoteImages } from "../identity/policies";

export interface ImageRepositoryProps {
  readonly name: string;
  /** The number of tagged images to keep. Older ones expire. */
  readonly keptImages: number;
  /** Whether Terraform refuses to delete the repository while it contains images. */
  readonly deletionProtection: boolean;
  /**
   * The ARN of the role in another account that promotes images from this repository. @default - no
   * other account may read the images
   */
  readonly promotingRoleArn?: string;
}

/** A repository of scanned, encrypted images with immutable tags. */
export class ImageRepository extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    super(scope, id);
    const repository = new EcrRepository(this, "this", {
      name: props.name,
      imageTagMutability: "IMMUTABLE",
      forceDelete: !props.deletionProtection,
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: "KMS" }],
    });
    new EcrLifecyclePolicy(this, "lifecycle", {
      repository: repository.name,
      policy: lifecyclePolicy(props.keptImages),
    });
    if (props.promotingRoleArn !== undefined) {
      new EcrRepositoryPolicy(this, "policy", {
        repository: repository.name,
        policy: policyDocument(promoteImages(props.promotingRoleArn)),
      });
    }
    this.url = repository.repositoryUrl;
  }
}

const lifecyclePolicy = (keptImages: number) =>
  JSON.stringify({
    rules: [
      {
        rulePriority: 1,
        description: "Expire untagged images after a day",
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: 1,
        },
        action: { type: "expire" },
      },
      {
        rulePriority: 2,
        description: `Keep the last ${keptImages} tagged images`,
        selection: {
          tagStatus: "tagged",
          tagPatternList: ["*"],
          countType: "imageCountMoreThan",
          countNumber: keptImages,
        },
        action: { type: "expire" },
      },
    ],
  });
