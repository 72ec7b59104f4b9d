import { dev } from "../../environments/dev";
import { defineEnvironment, type Environment } from "../../model/environment";
import type { PublicKey, TokenIssuer } from "../../model/token-issuer";
import { prod } from "../../environments/prod";
import { staging } from "../../environments/staging";
import { publicKey } from "../support/public-key";

test.each([dev, staging, prod])("$name is valid", (environment) => {
  expect(defineEnvironment(environment)).toBe(environment);
});

const tokenIssuer: TokenIssuer = {
  issuer: "https://login.example.com/",
  audience: "https://inventory.example.com",
  keys: { kind: "inline", keys: [publicKey] },
};

test("an issuer of access tokens is valid with its keys, and with their URL", () => {
  const url = { kind: "url", url: "https://login.example.com/keys" } as const;
  for (const keys of [tokenIssuer.keys, url]) {
    const environment = { ...prod, tokenIssuer: { ...tokenIssuer, keys } };
    expect(defineEnvironment(environment)).toBe(environment);
  }
});

const inlineKey = (key: PublicKey): Partial<Environment> => ({
  tokenIssuer: { ...tokenIssuer, keys: { kind: "inline", keys: [key] } },
});

const { network, scaling } = dev;
const [first, second] = network.publicSubnetIds as [string, string];

const wrong: readonly (readonly [string, Partial<Environment>, string])[] = [
  [
    "two capacity providers with a base",
    {
      capacityProviderStrategy: [
        { capacityProvider: "FARGATE", weight: 1, base: 1 },
        { capacityProvider: "FARGATE_SPOT", weight: 1, base: 1 },
      ],
    },
    "capacityProviderStrategy is [",
  ],
  [
    "the same capacity provider twice",
    {
      capacityProviderStrategy: [
        { capacityProvider: "FARGATE", weight: 1 },
        { capacityProvider: "FARGATE", weight: 2 },
      ],
    },
    'capacityProviderStrategy is "FARGATE", expected each capacity provider once',
  ],
  [
    "a weight above AWS's limit",
    { capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 5000 }] },
    "capacityProviderStrategy.FARGATE.weight is 5000, expected a whole number from 0 to 1000",
  ],
  [
    "a base above AWS's limit",
    { capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1, base: 100_001 }] },
    "capacityProviderStrategy.FARGATE.base is 100001, expected a whole number from 0 to 100000",
  ],
  [
    "an account id that is not 12 digits",
    { account: "12345" },
    'account is "12345", expected 12 digits',
  ],
  [
    "a region that cannot be",
    { region: "Ireland" },
    'region is "Ireland", expected a region such as eu-west-1',
  ],
  [
    "fewer than two subnets",
    { network: { ...network, privateSubnetIds: ["subnet-0000000b"] } },
    'network.privateSubnetIds is ["subnet-0000000b"], expected two or more different subnets',
  ],
  [
    "the same subnet twice",
    { network: { ...network, publicSubnetIds: [first, first] } },
    `network.publicSubnetIds is ["${first}","${first}"], expected two or more different subnets`,
  ],
  [
    "subnets that are both public and private",
    { network: { ...network, privateSubnetIds: [first, second] } },
    `network.privateSubnetIds is ["${first}","${second}"], expected subnets that are not in network.publicSubnetIds too`,
  ],
  [
    "a VPC that is none",
    { network: { ...network, vpcId: "my-vpc" } },
    'network.vpcId is "my-vpc", expected an id such as vpc-0a1b2c3d',
  ],
  [
    "CPU units that Fargate does not offer",
    { taskSize: { cpu: 300, memoryMiB: 512 } },
    "taskSize.cpu is 300, expected one of 256, 512, 1024, 2048, 4096, 8192, 16384",
  ],
  [
    "a memory that Fargate does not offer with these CPU units",
    { taskSize: { cpu: 256, memoryMiB: 4096 } },
    "taskSize.memoryMiB is 4096, expected with cpu 256 one of 512, 1024, 2048",
  ],
  [
    "a retention that CloudWatch does not offer",
    { logRetentionDays: 10 },
    "logRetentionDays is 10, expected one of 1, 3, 5, 7, 14",
  ],
  [
    "no limit to what a table serves",
    { tableThroughput: { maxReadUnits: -1, maxWriteUnits: 40_001 } },
    "tableThroughput.maxReadUnits is -1, expected a whole number from 1 to 40000",
  ],
  [
    "a maximum throughput above the quota",
    { tableThroughput: { maxReadUnits: 1, maxWriteUnits: 40_001 } },
    "tableThroughput.maxWriteUnits is 40001, expected a whole number from 1 to 40000",
  ],
  [
    "a minimum above the maximum",
    { scaling: { ...scaling, minCapacity: 4, maxCapacity: 2 } },
    "scaling.minCapacity is 4, expected at most scaling.maxCapacity (2)",
  ],
  [
    "a desired count out of bounds",
    { scaling: { ...scaling, desiredCount: 9 } },
    "scaling.desiredCount is 9, expected a whole number from 1 to 2",
  ],
  [
    "half a task",
    { scaling: { ...scaling, minCapacity: 0.5 } },
    "scaling.minCapacity is 0.5, expected a whole number from 0 to 5000",
  ],
  [
    "tokens of an issuer without TLS",
    { tokenIssuer: { ...tokenIssuer, issuer: "http://login.example.com/" } },
    'tokenIssuer.issuer is "http://login.example.com/", expected an https URL',
  ],
  [
    "tokens for nobody",
    { tokenIssuer: { ...tokenIssuer, audience: "" } },
    'tokenIssuer.audience is "", expected a text without spaces',
  ],
  [
    "keys at a URL without TLS",
    {
      tokenIssuer: { ...tokenIssuer, keys: { kind: "url", url: "http://login.example.com/keys" } },
    },
    'tokenIssuer.keys.url is "http://login.example.com/keys", expected an https URL',
  ],
  [
    "an issuer without keys",
    { tokenIssuer: { ...tokenIssuer, keys: { kind: "inline", keys: [] } } },
    "tokenIssuer.keys.keys is [], expected one key or more",
  ],
  [
    "a private key, without showing it",
    inlineKey({ ...publicKey, d: "secret" }),
    'tokenIssuer.keys.keys is "1", expected a whole public JSON Web Key, without its private part d',
  ],
  [
    "a key that is no point of its curve",
    inlineKey({ ...publicKey, x: publicKey.y }),
    'tokenIssuer.keys.keys is "1", expected a whole public JSON Web Key, without its private part d',
  ],
  [
    "no reason for services without authentication",
    { unauthenticated: " " },
    'unauthenticated is " ", expected a reason',
  ],
  [
    "no capacity provider",
    { capacityProviderStrategy: [] },
    "capacityProviderStrategy is [], expected one capacity provider or more with a weight above 0",
  ],
];

test.each(wrong)(
  "%s stops synth with file, field, value and what is allowed",
  (_, change, message) => {
    expect(() => defineEnvironment({ ...dev, ...change })).toThrow(
      `environments/dev.ts: ${message}`,
    );
  },
);

test("all that is wrong is said at once", () => {
  expect(() => defineEnvironment({ ...dev, account: "1", logRetentionDays: 2 })).toThrow(
    /environments\/dev\.ts: account .*\nenvironments\/dev\.ts: logRetentionDays /,
  );
});
