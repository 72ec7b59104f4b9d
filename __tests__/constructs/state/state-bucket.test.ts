import { StateBucket } from "../../../constructs/state/state-bucket";
import { parsed, synthesized } from "../../support/synthesized";

const stack = synthesized((scope) => {
  new StateBucket(scope, "bucket", {
    bucket: "states",
    kmsKeyArn: "arn:aws:kms:eu-west-1:111111111111:key/1",
    deployRoleArn: "arn:aws:iam::111111111111:role/ci-deploy",
  });
});

test("cannot be destroyed by Terraform", () => {
  expect(stack.one("aws_s3_bucket")).toMatchObject({
    bucket: "states",
    lifecycle: { prevent_destroy: true },
  });
});

test("keeps versions, and lets those that are no longer current expire", () => {
  expect(stack.one("aws_s3_bucket_versioning")).toMatchObject({
    versioning_configuration: { status: "Enabled" },
  });
  expect(stack.one("aws_s3_bucket_lifecycle_configuration")).toMatchObject({
    rule: [{ status: "Enabled", noncurrent_version_expiration: [{ noncurrent_days: 90 }] }],
  });
});

test("is encrypted with the given key", () => {
  expect(stack.one("aws_s3_bucket_server_side_encryption_configuration")).toMatchObject({
    rule: [
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: "aws:kms",
          kms_master_key_id: "arn:aws:kms:eu-west-1:111111111111:key/1",
        },
      },
    ],
  });
});

test("is closed to the public and to access control lists", () => {
  expect(stack.one("aws_s3_bucket_public_access_block")).toMatchObject({
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  });
  expect(stack.one("aws_s3_bucket_ownership_controls")).toMatchObject({
    rule: { object_ownership: "BucketOwnerEnforced" },
  });
});

test("refuses plain HTTP, and the deletion of states by the deploy role", () => {
  expect(parsed(stack.one("aws_s3_bucket_policy").policy)).toMatchObject({
    Statement: [
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Effect: "Deny",
        Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        Resource: expect.stringMatching(/\/\*\.tfstate$/) as string,
        Condition: {
          ArnLike: { "aws:PrincipalArn": "arn:aws:iam::111111111111:role/ci-deploy" },
        },
      },
    ],
  });
});
