import { PSEUDO, resourcesOf } from "../support/cloudformation";

const resources = resourcesOf("backup.yaml", { Platform: "inventory", Environment: "prod" });
const table = (name: string) =>
  `arn:aws:dynamodb:${PSEUDO["AWS::Region"]}:${PSEUDO["AWS::AccountId"]}:table/inventory-prod-${name}`;

test("the vault is locked: nobody shortens how long a backup is kept, or deletes it", () => {
  expect(resources.Vault?.Properties).toMatchObject({
    BackupVaultName: "inventory-prod",
    EncryptionKeyArn: "<Key.Arn>",
    // With a number of days, the lock becomes final after them (compliance mode).
    LockConfiguration: { MinRetentionDays: 7, MaxRetentionDays: 365, ChangeableForDays: "7" },
  });
});

test("vault and key stay when the stack is deleted", () => {
  for (const name of ["Vault", "Key"]) {
    expect(resources[name]).toMatchObject({
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
    });
  }
  expect(resources.Key?.Properties.EnableKeyRotation).toBe(true);
});

test("each day all tables are backed up but the lock table, and kept within the lock's limits", () => {
  expect(resources.Plan?.Properties).toMatchObject({
    BackupPlan: {
      BackupPlanRule: [
        {
          TargetBackupVault: "<Vault>",
          ScheduleExpression: "cron(0 2 * * ? *)",
          Lifecycle: { DeleteAfterDays: "35" },
        },
      ],
    },
  });
  expect(resources.Selection?.Properties.BackupSelection).toMatchObject({
    Resources: [table("*")],
    NotResources: [table("terraform-locks")],
  });
});

test("only AWS Backup, for this account, can take the role that reads the tables", () => {
  expect(resources.Role?.Properties.AssumeRolePolicyDocument).toMatchObject({
    Statement: [
      {
        Principal: { Service: "backup.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": PSEUDO["AWS::AccountId"] } },
      },
    ],
  });
});
