import {
  committedImages,
  imageTagOptions,
  namedImages,
  refuseUncommitted,
} from "../../../delivery/images/service-images";
import type { ServiceState } from "../../../delivery/synthesized/states";
import { GitRepository } from "../../support/git-repository";

// The tests with a repository start many processes of Git.
jest.setTimeout(30_000);

const service = (name: string): ServiceState => ({
  name: `dev-ecs-service-${name}`,
  directory: `stacks/dev-ecs-service-${name}`,
  dependencies: [],
  platform: "shop",
  environment: "dev",
  environmentFile: "environments/dev.ts",
  kind: "ecs-service",
  service: name,
  image: { context: name, dockerfile: `${name}/Dockerfile` },
});

const services = [service("web"), service("worker")];
const [A, B] = ["a".repeat(40), `${"b".repeat(40)}@sha256:${"1".repeat(64)}`];

test.each([
  [[], {}],
  [[A], { web: A, worker: A }],
  [[`web=${A}`], { web: A }],
  [[`web=${A}`, `worker=${B}`], { web: A, worker: B }],
])("--image-tag %j names the images of these services: %j", (values, images) => {
  expect(Object.fromEntries(namedImages(services, values))).toEqual(images);
});

test.each([
  [["latest"], '--image-tag is "latest", expected a full commit SHA'],
  [["web=latest"], '--image-tag is "web=latest", expected a full commit SHA'],
  [["web="], '--image-tag is "web=", expected a full commit SHA'],
  [[""], '--image-tag is "", expected a full commit SHA'],
  [[`web=${A}\n`], "expected a full commit SHA"],
  [
    [`api=${A}`],
    `--image-tag is "api=${A}", expected the name of a service before "=": web, worker`,
  ],
  [[`=${A}`], 'expected the name of a service before "="'],
  [
    [`web=${A}`, `web=${B}`],
    `--image-tag names two images for the service web, ${A} and ${B}: give one for each service, or one for all`,
  ],
  [[A, `worker=${B}`], "--image-tag names two images for the service worker"],
])("--image-tag %j is refused", (values, message) => {
  expect(() => namedImages(services, values)).toThrow(message);
});

test("the options of a command name the images again", () => {
  const images = namedImages(services, [`web=${A}`, `worker=${B}`]);
  expect(imageTagOptions(images)).toBe(`--image-tag web=${A} --image-tag worker=${B}`);
  expect(imageTagOptions(new Map([["web", A]]))).toBe(`--image-tag ${A}`);
});

describe("without --image-tag", () => {
  let repository: GitRepository;

  beforeEach(() => {
    repository = new GitRepository();
    for (const name of ["web", "worker"]) repository.write(`${name}/Dockerfile`, "FROM node");
  });

  afterEach(() => {
    repository.remove();
  });

  test("each service has the last commit that changed its image", async () => {
    const first = repository.commit();
    const second = repository.commit("worker/main.js");
    repository.commit("README.md");
    const images = await committedImages(services, repository.directory);
    expect(Object.fromEntries(images)).toEqual({ web: first, worker: second });
  });

  test("files that are not committed are refused, and named", async () => {
    repository.commit();
    await refuseUncommitted(services, repository.directory);
    for (let i = 1; i <= 7; i++) repository.write(`worker/${i}.js`, "");
    const refused = refuseUncommitted(services, repository.directory);
    await expect(refused).rejects.toThrow(
      "The image of the service worker is built from files that are not committed: worker/1.js, worker/2.js, worker/3.js, worker/4.js, worker/5.js, 2 more. Commit them",
    );
  });
});
