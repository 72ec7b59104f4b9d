import { repositoryOf } from "../../delivery/images/repository-url";
import { platform as inventory } from "../../platforms/inventory/platform";
import { someAccount, synthesizedStates } from "../support/app";

test.each([
  ["eu-west-1", "aws", "amazonaws.com"],
  ["cn-north-1", "aws-cn", "amazonaws.com.cn"],
  ["us-gov-west-1", "aws-us-gov", "amazonaws.com"],
])("%s has ARNs of %s and hosts of %s", (region, partition, domain) => {
  const states = synthesizedStates(inventory, [
    { ...someAccount, region },
    { ...someAccount, region, name: "next" },
  ]);
  const text = JSON.stringify(states);
  const partitions = [...text.matchAll(/arn:(aws[a-z-]*):/g)].map(([, name]) => name);
  expect(new Set(partitions)).toEqual(new Set([partition]));
  const hosts = [...text.matchAll(/dkr\.ecr\.[a-z0-9-]+\.([a-z.]+)\//g)].map(([, name]) => name);
  expect(new Set(hosts)).toEqual(new Set([domain]));

  const url = states["dev-ecs-service"]?.variable.ecr_repo_url?.default as string;
  expect(repositoryOf(url)).toEqual({
    registryId: someAccount.account,
    region,
    repositoryName: "inventory-dev",
  });
});
