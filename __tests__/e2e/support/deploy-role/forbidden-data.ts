import {
  CreateTableCommand,
  DeleteTableCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  PutLifecyclePolicyCommand,
} from "@aws-sdk/client-ecr";
import { CreateSecretCommand, DeleteSecretCommand } from "@aws-sdk/client-secrets-manager";
import type { Clients } from "./forbidden";

/** The resources of the protected environment `live`. */
export const LIVE_TABLE = "inventory-live-items";
const repositoryName = "inventory-live";
const SecretId = "inventory-live-token";

/** Creates a table, a repository and a secret as an administrator does. */
export async function createLiveData({ dynamodb, ecr, secrets }: Clients) {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: LIVE_TABLE,
      BillingMode: "PAY_PER_REQUEST",
      DeletionProtectionEnabled: true,
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  await setPointInTimeRecovery({ dynamodb }, true);
  await ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
  await secrets.send(new CreateSecretCommand({ Name: SecretId }));
}

const setPointInTimeRecovery = (
  { dynamodb }: Pick<Clients, "dynamodb">,
  PointInTimeRecoveryEnabled: boolean,
) =>
  dynamodb.send(
    new UpdateContinuousBackupsCommand({
      TableName: LIVE_TABLE,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
    }),
  );

/**
 * Attempts that would lose data or replace an image: a description, the action that is denied, and
 * the attempt.
 */
export const WITH_DATA: readonly (readonly [string, string, (who: Clients) => Promise<unknown>])[] =
  [
    [
      "disable point-in-time recovery",
      "dynamodb:UpdateContinuousBackups",
      (who) => setPointInTimeRecovery(who, false),
    ],
    [
      "disable deletion protection",
      "dynamodb:UpdateTable",
      ({ dynamodb }) =>
        dynamodb.send(
          new UpdateTableCommand({ TableName: LIVE_TABLE, DeletionProtectionEnabled: false }),
        ),
    ],
    [
      "delete a table",
      "dynamodb:DeleteTable",
      ({ dynamodb }) => dynamodb.send(new DeleteTableCommand({ TableName: LIVE_TABLE })),
    ],
    [
      "delete an image",
      "ecr:BatchDeleteImage",
      ({ ecr }) =>
        ecr.send(
          new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "a".repeat(40) }] }),
        ),
    ],
    [
      "delete a repository with its images",
      "ecr:DeleteRepository",
      ({ ecr }) => ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
    ],
    [
      "have images expire",
      "ecr:PutLifecyclePolicy",
      ({ ecr }) =>
        ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: "{}" })),
    ],
    [
      "delete a secret",
      "secretsmanager:DeleteSecret",
      ({ secrets }) => secrets.send(new DeleteSecretCommand({ SecretId })),
    ],
    [
      "let tags move",
      "ecr:PutImageTagMutability",
      ({ ecr }) =>
        ecr.send(
          new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "MUTABLE" }),
        ),
    ],
    [
      "end the scan of images",
      "ecr:PutImageScanningConfiguration",
      ({ ecr }) =>
        ecr.send(
          new PutImageScanningConfigurationCommand({
            repositoryName,
            imageScanningConfiguration: { scanOnPush: false },
          }),
        ),
    ],
  ];
