import { ImageRepository } from "../../../constructs/compute/image-repository";
import { parsed, synthesized } from "../../support/synthesized";

const repository = (deletionProtection = true, promotingRoleArn?: string) =>
  synthesized((scope) => {
    const props = { name: "shop-dev", keptImages: 7, deletionProtection, promotingRoleArn };
    new ImageRepository(scope, "api", props);
  });
const stack = repository();

test.each([true, false])("with deletion protection %s it is kept while it has images", (kept) => {
  expect(repository(kept).one("aws_ecr_repository")).toMatchObject({ force_delete: !kept });
});

test("tags never move, images are scanned when pushed and encrypted", () => {
  expect(stack.one("aws_ecr_repository")).toMatchObject({
    name: "shop-dev",
    image_tag_mutability: "IMMUTABLE",
    image_scanning_configuration: { scan_on_push: true },
    encryption_configuration: [{ encryption_type: "KMS" }],
  });
});

test("untagged images expire, and all but the last tagged ones", () => {
  expect(parsed(stack.one("aws_ecr_lifecycle_policy").policy)).toMatchObject({
    rules: [
      { selection: { tagStatus: "untagged" }, action: { type: "expire" } },
      {
        selection: { tagStatus: "tagged", countType: "imageCountMoreThan", countNumber: 7 },
        action: { type: "expire" },
      },
    ],
  });
});

test("one role of another account may pull, and nobody when there is none", () => {
  const role = "arn:aws:iam::222222222222:role/ci-shop-staging-deploy";
  expect(parsed(repository(true, role).one("aws_ecr_repository_policy").policy).Statement).toEqual([
    {
      Sid: "PromoteImages",
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::222222222222:root" },
      Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Condition: { ArnEquals: { "aws:PrincipalArn": role } },
    },
  ]);
  expect(stack.all("aws_ecr_repository_policy")).toEqual([]);
});
