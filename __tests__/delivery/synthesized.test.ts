import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isService, readStates, statesOf } from "../../delivery/synthesized/states";
import { definePlatform } from "../../model/platform";
import { platform as inventory } from "../../platforms/inventory/platform";
import { appOf, someAccount } from "../support/app";

const [service] = inventory.services;
if (!service) throw new Error("the platform has no service");

// These names look like those of states.
const shop = definePlatform({
  file: __filename,
  name: "shop",
  services: [
    { ...service, name: "shop", grants: [] },
    { ...service, name: "ecs-service", route: undefined, grants: [] },
  ],
  tables: [],
});

const outdir = mkdtempSync(join(tmpdir(), "synthesized-"));

beforeAll(() => {
  appOf(shop, [someAccount], outdir).synth();
});

afterAll(() => {
  rmSync(outdir, { recursive: true });
});

test("each state describes itself", () => {
  const descriptions = readStates(outdir).map(({ name, platform, environment, kind, service }) => [
    name,
    { platform, environment, kind, service },
  ]);
  const of = (kind: string, name?: string) => ({
    platform: "shop",
    environment: "dev",
    kind,
    service: name,
  });
  expect(Object.fromEntries(descriptions)).toEqual({
    "dev-alb": of("alb"),
    "dev-backend": of("backend"),
    "dev-ecr": of("ecr"),
    "dev-ecs-cluster": of("ecs-cluster"),
    "dev-iam": of("iam"),
    "dev-ecs-service": of("ecs-service", "shop"),
    "dev-ecs-service-ecs-service": of("ecs-service", "ecs-service"),
  });
});

test("a service waits for the states that it uses", () => {
  const services = statesOf("dev", outdir).filter(isService);
  expect(services.map(({ dependencies }) => dependencies.length)).toEqual([4, 3]);
});

test("an environment that was not synthesized is an error that names those that were", () => {
  expect(() => statesOf("prod", outdir)).toThrow('environment is "prod", expected one of dev');
});
