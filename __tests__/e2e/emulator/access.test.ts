import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ListTaskDefinitionsCommand, ECSClient } from "@aws-sdk/client-ecs";
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import aws4 from "aws4";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Credentials } from "../../../local/emulator/aws";
import { allowAll, roleWith } from "../support/emulated-role";
import { useEmulator } from "../support/use-emulator";

// Who may talk to the local AWS at all. What they may do there is in iam.test.ts.
const aws = useEmulator();

interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Sends exactly these headers, as a browser or an attacker may. */
async function send({ method, path, headers, body }: RawRequest) {
  const { hostname, port } = new URL(aws.endpoint);
  const call = request({ hostname, port, method, path, headers });
  const [response] = (await once(call.end(body), "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const registration = JSON.stringify({
  family: "attack",
  containerDefinitions: [{ name: "a", image: "a", entryPoint: ["/bin/sh", "-c", "id"] }],
});

/** What the page of the attack sent, signed as nobody but the owner of the key can. */
function signedCall(credentials = aws.credentials, body = registration): RawRequest {
  const { host } = new URL(aws.endpoint);
  const signed = aws4.sign(
    {
      host,
      service: "ecs",
      region: aws.region,
      method: "POST",
      path: "/",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition",
      },
      body,
    },
    credentials,
  );
  return { method: "POST", path: "/", headers: signed.headers as OutgoingHttpHeaders, body };
}

const controlCall = (headers: OutgoingHttpHeaders = {}): RawRequest => ({
  method: "POST",
  path: "/_emulator/iam/accesses",
  headers: {
    host: new URL(aws.endpoint).host,
    authorization: `Bearer ${aws.controlSecret}`,
    "content-type": "application/json",
    ...headers,
  },
  body: "{}",
});

async function taskDefinitions() {
  const ecs = new ECSClient(aws.config);
  return (await ecs.send(new ListTaskDefinitionsCommand({}))).taskDefinitionArns;
}

describe("a web page", () => {
  const calls: readonly (readonly [string, () => RawRequest])[] = [
    ["an AWS API", signedCall],
    ["the control endpoint", controlCall],
    ["moto's own API", () => ({ ...controlCall(), path: "/moto-api/reset" })],
    ["S3", () => ({ method: "GET", path: "/", headers: { host: new URL(aws.endpoint).host } })],
  ];
  const marks: readonly OutgoingHttpHeaders[] = [
    { origin: "http://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:8080" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { host: "rebind.evil.example" },
    { host: "localhost" },
    { host: "127.0.0.1" },
  ];

  test.each(calls.flatMap(([name, call]) => marks.map((mark) => [name, mark, call] as const)))(
    "does not get through to %s with %j",
    async (_, mark, call) => {
      const { headers, ...rest } = call();
      // Header names differ in case between signers.
      const given = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const response = await send({ ...rest, headers: { ...given, ...mark } });
      expect(response.status).toBe(403);
      expect(corsHeaders(response.headers)).toEqual([]);
      expect(await taskDefinitions()).toEqual([]);
    },
  );

  test("gets no permission from a preflight request", async () => {
    const response = await send({
      method: "OPTIONS",
      path: "/",
      headers: {
        host: new URL(aws.endpoint).host,
        origin: "http://evil.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-amz-target",
      },
    });
    expect(response.status).toBe(403);
    expect(corsHeaders(response.headers)).toEqual([]);
  });

  test("finds no CORS header in any answer", async () => {
    for (const call of [signedCall(aws.credentials, "{}"), controlCall()]) {
      expect(corsHeaders((await send(call)).headers)).toEqual([]);
    }
  });

  const corsHeaders = (headers: IncomingMessage["headers"]) =>
    Object.keys(headers).filter((name) => name.startsWith("access-control-"));
});

describe("the key of the root", () => {
  const other = useEmulator();

  test("is another one at each start", async () => {
    expect(other.credentials.accessKeyId).not.toBe(aws.credentials.accessKeyId);
    expect(other.credentials.secretAccessKey).not.toBe(aws.credentials.secretAccessKey);
    expect(other.controlSecret).not.toBe(aws.controlSecret);
    const foreign = { ...other.config, credentials: aws.credentials };
    await expect(new STSClient(foreign).send(new GetCallerIdentityCommand({}))).rejects.toThrow();
  });

  test("stands in no log, and others cannot read the log", () => {
    const { accessKeyId, secretAccessKey } = aws.credentials;
    const log = readFileSync(aws.logFile, "utf8");
    for (const secret of [accessKeyId, secretAccessKey, aws.controlSecret]) {
      expect(log).not.toContain(secret);
    }
    expect(statSync(aws.logFile).mode & 0o777).toBe(0o600);
  });
});

describe("a request without a valid signature", () => {
  const withCredentials = (credentials: Credentials) => ({
    ...aws.config,
    credentials,
    maxAttempts: 1,
  });
  const wrongSecret = () =>
    withCredentials({ ...aws.credentials, secretAccessKey: "x".repeat(40) });
  const wellKnown = () => withCredentials({ accessKeyId: "test", secretAccessKey: "test" });

  test.each([
    [
      "a wrong secret",
      wrongSecret,
      [
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "SignatureDoesNotMatch",
      ],
    ],
    [
      "the key `test`",
      wellKnown,
      ["UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "InvalidAccessKeyId"],
    ],
  ])("is refused in each service's own words: %s", async (_, config, names) => {
    const [json, query, ec2, s3] = names;
    await expect(
      new DynamoDBClient(config()).send(new ListTablesCommand({})),
    ).rejects.toMatchObject({ name: json, $metadata: { httpStatusCode: 400 } });
    await expect(new IAMClient(config()).send(new ListUsersCommand({}))).rejects.toMatchObject({
      name: query,
      $metadata: { httpStatusCode: 403 },
    });
    await expect(new EC2Client(config()).send(new DescribeVpcsCommand({}))).rejects.toMatchObject({
      name: ec2,
    });
    await expect(new S3Client(config()).send(new ListBucketsCommand({}))).rejects.toMatchObject({
      name: s3,
    });
  });

  test.each([
    [
      "no signature",
      () => ({ ...signedCall(), headers: without(signedCall().headers, "authorization") }),
      "MissingAuthenticationTokenException",
    ],
    [
      "another body than the one that was signed",
      () => ({
        ...signedCall(aws.credentials, "{}"),
        body: registration,
        headers: {
          ...signedCall(aws.credentials, "{}").headers,
          "Content-Length": Buffer.byteLength(registration),
        },
      }),
      "InvalidSignatureException",
    ],
    [
      "another action than the one that was signed",
      () =>
        withHeader(
          signedCall(),
          "x-amz-target",
          "AmazonEC2ContainerServiceV20141113.CreateCluster",
        ),
      "InvalidSignatureException",
    ],
    [
      "another path than the one that was signed",
      () => ({ ...signedCall(), path: "/?Action=CreateCluster" }),
      "InvalidSignatureException",
    ],
    [
      "a signature of an older version",
      () => withHeader(signedCall(), "authorization", `AWS ${aws.credentials.accessKeyId}:AAAA`),
      "MissingAuthenticationTokenException",
    ],
  ])("is refused: %s", async (_, call, code) => {
    const response = await send(call());
    expect([response.status, JSON.parse(response.body)]).toEqual([
      400,
      expect.objectContaining({ __type: code }),
    ]);
    expect(await taskDefinitions()).toEqual([]);
  });

  /** The one action that AWS takes unsigned, with more than it should have. */
  const unsignedCall = (more = "", headers: OutgoingHttpHeaders = {}): RawRequest => {
    const body = `Action=AssumeRoleWithWebIdentity&Version=2011-06-15${more}`;
    return {
      method: "POST",
      path: "/",
      headers: {
        host: new URL(aws.endpoint).host,
        "content-type": "application/x-www-form-urlencoded",
        "content-length": Buffer.byteLength(body),
        ...headers,
      },
      body,
    };
  };

  test.each([
    ["a second action", () => unsignedCall("&Action=ListUsers")],
    [
      // moto takes the service from it.
      "a header that only looks like a signature",
      () =>
        unsignedCall("", {
          authorization: `Credential=${aws.credentials.accessKeyId}/20261126/eu-west-1/iam/aws4_request`,
        }),
    ],
  ])("is refused although AWS takes its action unsigned: it has %s", async (_, call) => {
    expect(await send(call())).toMatchObject({
      status: 403,
      body: expect.stringContaining("MissingAuthenticationToken") as string,
    });
  });

  test("gets through as AssumeRoleWithWebIdentity, which names the parameter that is missing", async () => {
    expect(await send(unsignedCall())).toMatchObject({
      status: 400,
      body: expect.stringContaining("webIdentityToken") as string,
    });
  });

  test("does not read a bucket", async () => {
    const s3 = new S3Client(aws.config);
    await s3.send(new CreateBucketCommand({ Bucket: "private" }));
    await s3.send(new PutObjectCommand({ Bucket: "private", Key: "a b/ä~+", Body: "secret" }));
    const { host } = new URL(aws.endpoint);
    for (const path of ["/", "/private", "/private/a%20b/%C3%A4~%2B"]) {
      const response = await send({ method: "GET", path, headers: { host } });
      expect(response).toMatchObject({
        status: 403,
        body: expect.not.stringContaining("secret") as string,
      });
    }
  });

  test("is refused for a session whose token is not its own", async () => {
    const [one, other] = [await roleWith(aws, allowAll), await roleWith(aws, allowAll)];
    const mixed = {
      ...one.config.credentials,
      sessionToken: other.config.credentials.sessionToken,
    };
    await expect(
      new DynamoDBClient(withCredentials(mixed)).send(new ListTablesCommand({})),
    ).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });
});

test("a user's own key is taken, with its own secret only", async () => {
  const iam = new IAMClient(aws.config);
  await iam.send(new CreateUserCommand({ UserName: "user" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "user" }));
  const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "" } = AccessKey ?? {};
  const as = (credentials: Credentials) =>
    new STSClient({ ...aws.config, credentials }).send(new GetCallerIdentityCommand({}));
  expect((await as({ accessKeyId, secretAccessKey })).Arn).toMatch(/:user\/user$/);
  await expect(
    as({ accessKeyId, secretAccessKey: aws.credentials.secretAccessKey }),
  ).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
});

test("names with characters that are encoded are signed and read alike", async () => {
  const s3 = new S3Client(aws.config);
  await s3.send(new CreateBucketCommand({ Bucket: "encoded" }));
  for (const Key of ["a b", "ä/ö", "~-_.!*'()", "a+b&c=d?e#f", "a//b", "a/./b"]) {
    await s3.send(new PutObjectCommand({ Bucket: "encoded", Key, Body: Key }));
  }
});

describe("the control endpoint", () => {
  test.each([
    ["without its secret", { authorization: undefined }, 401],
    ["with another secret", { authorization: "Bearer nobody" }, 401],
    ["with the root key for a secret", { authorization: "Bearer test" }, 401],
    ["with text/plain, which takes no preflight request", { "content-type": "text/plain" }, 415],
    ["without a content type", { "content-type": undefined }, 415],
  ])("takes nothing %s", async (_, headers, status) => {
    const call = controlCall();
    const given = Object.entries({ ...call.headers, ...headers }).filter(([, value]) => value);
    expect(await send({ ...call, headers: Object.fromEntries(given) })).toMatchObject({ status });
  });

  test("takes a report with its secret", async () => {
    expect(await send(controlCall())).toMatchObject({ status: 200 });
  });

  test("is moto's own API too", async () => {
    const { host } = new URL(aws.endpoint);
    for (const path of [
      "/moto-api/data.json",
      "/moto-api/reset",
      "/latest/meta-data/iam/security-credentials/",
    ]) {
      expect(await send({ method: "GET", path, headers: { host } })).toMatchObject({ status: 401 });
    }
  });
});

test("the head of a response comes together with its body", async () => {
  const { hostname, port, host } = new URL(aws.endpoint);
  // A client often reads two segments at once, so one request would not show a head that comes alone.
  for (let i = 0; i < 200; i += 1) {
    const socket = connect(Number(port), hostname);
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nOrigin: https://example.com\r\n\r\n`);
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 403 [^]*\r\n\r\n./);
    socket.destroy();
  }
});

function without(headers: OutgoingHttpHeaders, name: string) {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== name));
}

const withHeader = (call: RawRequest, name: string, value: string): RawRequest => ({
  ...call,
  headers: { ...without(call.headers, name), [name]: value },
});
