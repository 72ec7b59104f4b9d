import { readFileSync } from "node:fs";
import { dev } from "../../environments/dev";
import { prod } from "../../environments/prod";
import { staging } from "../../environments/staging";
import { calledBy, jobs, steps, texts, workflows } from "./workflow-files";

const environments = [dev, staging, prod].map(({ name }) => name);

/** The job of `<file> <job>`. */
const jobNamed = (wanted: string) => jobs.find(([name]) => name === wanted)?.[1];

test.each(texts)("%s pins what it uses by commit, and says which version that is", (_, text) => {
  const uses = text.match(/\buses: .*/g) ?? [];
  expect(
    uses.filter(
      (line) =>
        !/^uses: \.\/\.github\/(actions\/\w+|workflows\/\w+\.yml)$/.test(line) &&
        !/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line),
    ),
  ).toEqual([]);
});

test("an action is of one version wherever it is used", () => {
  const pins = texts.flatMap(([, text]) => text.match(/(?<=uses: )\S+@.*/g) ?? []);
  const actions = new Set(pins.map((pin) => pin.split("@")[0]));
  expect(new Set(pins).size).toBe(actions.size);
});

test("CI tests every supported version of Node, and the one that developers use", () => {
  const { node } = jobs.find(([name]) => name === "ci.yml node")?.[1].strategy?.matrix ?? {};
  expect(node).toEqual(["20", "22", "24", "26"]);
  expect(node).toContain(readFileSync(".node-version", "utf8").trim());
  const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as {
    engines: { node: string };
  };
  expect(engines.node).toMatch(/^>=20\./);
  expect(readFileSync(".ci/on-newest-node", "utf8")).toMatch(/^version=26\./m);
});

test.each(texts)("%s holds no secret and no latest", (_, text) => {
  expect(text).not.toMatch(/\bsecrets\b|\blatest\b/);
  expect(text).not.toContain("pull_request_target");
});

test.each([...workflows])("%s has permissions only in its jobs", (_, workflow) => {
  expect(workflow.permissions).toEqual({});
});

test.each(jobs)("%s has a timeout and declares its permissions", (_, job) => {
  expect(job.permissions).toBeDefined();
  // The jobs of a called workflow have their own timeouts.
  if (job.uses === undefined) expect(job["timeout-minutes"]).toBeGreaterThan(0);
});

test.each(jobs.filter(([, job]) => job.uses))(
  "%s gives the workflow that it calls what its jobs ask for",
  (_, job) => {
    const given = job.permissions ?? {};
    for (const called of Object.values(calledBy(job).jobs)) {
      for (const [scope, access] of Object.entries(called.permissions ?? {})) {
        expect([access, "write"]).toContain(given[scope]);
      }
    }
  },
);

describe("a job that can get credentials", () => {
  const canSignIn = jobs.filter(
    ([, job]) => job.permissions?.["id-token"] === "write" && job.uses === undefined,
  );
  // Its token belongs to no GitHub environment, so no role trusts it.
  const privileged = canSignIn.filter(([name]) => name !== "_build.yml attest");
  const needsAws =
    /^npx tsx scripts\/(plan|drift|"\$COMMAND"|images|check-image|deploy|push|promote|url)\b/;

  test("is one of these", () => {
    expect(canSignIn.map(([name]) => name)).toEqual([
      "_build.yml images",
      "_build.yml attest",
      "_deploy.yml deploy",
      "_plan.yml plan",
      "rollback.yml check",
    ]);
  });

  test("has no other code where it signs the attestation", () => {
    const attest = jobNamed("_build.yml attest");
    expect(attest?.environment).toBeUndefined();
    expect(attest?.steps?.map(({ uses }) => uses?.replace(/@.*/, ""))).toEqual(["actions/attest"]);
  });

  test.each(privileged)("runs nothing that needs none: %s", (_, { steps: own = [] }) => {
    const commands = own.flatMap(({ run = "" }) => run.match(/\b(npx|npm|node|bash)\b.*/g) ?? []);
    const others = commands.map((command) =>
      command.replace('"scripts/$COMMAND.ts"', "scripts/plan"),
    );
    expect(others.filter((command) => !needsAws.test(command))).toEqual([]);
    const uses = own.flatMap((step) => step.uses?.replace(/@.*/, "") ?? []);
    const allowed = [
      "actions/checkout",
      "actions/download-artifact",
      "actions/upload-artifact",
      "./.github/actions/setup",
      "./.github/actions/aws",
    ];
    expect(uses.filter((action) => !allowed.includes(action))).toEqual([]);
  });

  test.each(privileged)("installs before it has them, and synthesizes nothing: %s", (_, job) => {
    const uses = (job.steps ?? []).map((step) => step.uses ?? "");
    const install = uses.indexOf("./.github/actions/setup");
    expect(install).toBeGreaterThan(0);
    expect(uses.indexOf("./.github/actions/aws")).toBeGreaterThan(install);
    const artifacts = (job.steps ?? []).map((step) => step.with?.name);
    expect(artifacts).toContain("synthesized");
  });

  test("builds no image, and the jobs that build have none", () => {
    expect(jobNamed("_build.yml build")?.permissions).toEqual({ contents: "read" });
    expect(jobNamed("_build.yml built")?.permissions).toEqual({});
  });
});

test("no job with an AWS role or a token that writes runs on what Dependabot or a fork proposes", () => {
  const notices = steps.find(({ id }) => id === "environments");
  expect(notices?.env).toMatchObject({
    FROM_FORK: expect.stringContaining("head.repo.full_name != github.repository") as string,
    OF_DEPENDABOT: expect.stringContaining("user.login == 'dependabot[bot]'") as string,
  });
});

test("the job that comments on a pull request checks out the code of its base branch", () => {
  const [, comment] = jobs.find(([name]) => name === "ci.yml comment") ?? [];
  const [checkout] = comment?.steps ?? [];
  expect(checkout?.with).toMatchObject({ ref: "${{ github.event.pull_request.base.sha }}" });
});

test("only the jobs that comment, tell of drift and attest may write, and without AWS", () => {
  const writers = jobs.filter(([, { permissions = {} }]) =>
    Object.entries(permissions).some(
      ([scope, access]) => access === "write" && scope !== "id-token",
    ),
  );
  expect(writers.map(([name, { permissions }]) => [name, permissions])).toEqual([
    ["_build.yml attest", { attestations: "write", "id-token": "write" }],
    ["ci.yml comment", { contents: "read", "pull-requests": "write" }],
    // It calls _build.yml, whose jobs have fewer.
    ["deploy.yml dev", { attestations: "write", contents: "read", "id-token": "write" }],
    ["drift.yml issue", { contents: "read", issues: "write" }],
  ]);
});

test("no expression is put into a script: values come through the environment", () => {
  expect(steps.flatMap(({ run = "" }) => run.match(/\$\{\{.*\}\}/g) ?? [])).toEqual([]);
});

test("no checkout leaves its token behind", () => {
  const checkouts = steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
  expect(checkouts.length).toBeGreaterThan(0);
  for (const checkout of checkouts) {
    expect(checkout.with).toMatchObject({ "persist-credentials": false });
  }
});

test("a commit goes through the environments in their order, each after the one before", () => {
  expect(jobNamed("deploy.yml dev")?.uses).toBe("./.github/workflows/_build.yml");
  const deploys = ["_build.yml dev", "deploy.yml staging", "deploy.yml prod"].map(jobNamed);
  expect(deploys.map((job) => job?.uses)).toEqual(Array(3).fill("./.github/workflows/_deploy.yml"));
  expect(deploys.map((job) => job?.with?.environment)).toEqual(environments);
  const [first, ...promoted] = deploys;
  expect(first?.with).toMatchObject({ push: true });
  for (const [i, job] of promoted.entries()) {
    expect([job?.needs].flat()).toContain(environments[i]);
    expect(job?.with).toMatchObject({ "promote-from": environments[i] });
  }
});

test("one image of a service goes through all environments: the digest that was built", () => {
  const [built, ofDev] = ["${{ needs.built.outputs.images }}", "${{ needs.dev.outputs.images }}"];
  expect(workflows.get("_build.yml")?.on.workflow_call).toMatchObject({
    outputs: { images: { value: "${{ jobs.built.outputs.images }}" } },
  });
  expect(jobNamed("_build.yml dev")?.with?.images).toBe(built);
  for (const name of ["staging", "prod"]) {
    expect(jobNamed(`deploy.yml ${name}`)?.with?.images).toBe(ofDev);
  }
});

test("an image is attested by its digest, as that of its service and tag, before it is pushed", () => {
  const attest = jobNamed("_build.yml attest");
  expect(attest?.strategy?.matrix?.include).toBe("${{ fromJSON(needs.built.outputs.attest) }}");
  expect(attest?.steps?.[0]?.with).toEqual({
    "subject-name": "${{ matrix.name }}",
    "subject-digest": "${{ matrix.digest }}",
  });
  expect(jobNamed("_build.yml dev")?.needs).toContain("attest");
});

test("one commit at a time is built and comes to dev, so that none builds what another has built", () => {
  expect(workflows.get("_build.yml")?.concurrency).toEqual({
    group: "build",
    "cancel-in-progress": false,
  });
});

test("a job that asks Git for the commit of an image has the history", () => {
  const asking = jobs.filter(([, { steps: own = [] }]) =>
    own.some(({ run = "" }) => /scripts\/(images|deploy|\$COMMAND)|\.ci\/run/.test(run)),
  );
  expect(asking.map(([name]) => name)).toEqual([
    "_build.yml images",
    "_deploy.yml deploy",
    "_plan.yml plan",
    "ci.yml ci",
    "full.yml full",
  ]);
  for (const [, { steps: own = [] }] of asking) {
    expect(own[0]?.with).toMatchObject({ "fetch-depth": 0 });
  }
});

test("the foundation has a CI role for each GitHub environment that a job runs in", () => {
  const foundation = readFileSync("foundation/github.yaml", "utf8");
  const roles = foundation.match(/(?<=RoleName: !Sub github-\$\{Platform\}-).+/g) ?? [];
  expect(roles.sort()).toEqual(environments.flatMap((name) => [name, `${name}-plan`]).sort());
  const run = jobs.flatMap(([, { environment }]) =>
    typeof environment === "object" ? environment.name : (environment ?? []),
  );
  expect(new Set(run)).toEqual(
    new Set(["dev-plan", "${{ inputs.environment }}", "${{ inputs.environment }}-plan"]),
  );
});

test("every environment can be rolled back", () => {
  const { inputs } = workflows.get("rollback.yml")?.on.workflow_dispatch as {
    inputs: { environment: { options: string[] } };
  };
  expect(inputs.environment.options).toEqual(environments);
});

test("every change of an environment uses _deploy.yml, one at a time and never cancelled", () => {
  const deploying = jobs.filter(([, job]) =>
    (job.steps ?? []).some(({ run = "" }) => run.includes("scripts/deploy.ts")),
  );
  expect(deploying.map(([name]) => name)).toEqual(["_deploy.yml deploy"]);
  expect(workflows.get("_deploy.yml")?.concurrency).toEqual({
    group: "deploy-${{ inputs.environment }}",
    "cancel-in-progress": false,
  });
});

test("no workflow waits for itself: a group is of one workflow or job", () => {
  const groups = [
    ...[...workflows.values()].map((workflow) => workflow.concurrency?.group),
    ...jobs.map(([, job]) => job.concurrency?.group),
  ].filter((group) => group !== undefined);
  expect(new Set(groups).size).toBe(groups.length);
});
