import { body, runUrl } from "../../../delivery/github/body";
import { report } from "./reports";

const MAX_LENGTH = 65_536;
const options = { marker: "<!-- plans -->", title: "Plans", reports: [], missing: [] };

test("it starts with the marker, shows the table and the plans, and ends with the run", () => {
  const text = body({ ...options, reports: [report("dev", "changes")], runUrl: "https://run" });
  expect(text).toMatch(/^<!-- plans -->\n\n### Plans\n\n/);
  expect(text).toContain("|");
  expect(text).toContain("aws_dynamodb_table.items must be replaced");
  expect(text).toMatch(/\[The run\]\(https:\/\/run\) has the full plans\.$/);
});

test("the image of each service is named", () => {
  const images = { web: "1".repeat(40), worker: `${"2".repeat(40)}@sha256:${"3".repeat(64)}` };
  const text = body({ ...options, reports: [{ ...report("dev", "changes"), images }] });
  expect(text).toContain(`Images of dev: \`web: ${images.web}\`, \`worker: ${images.worker}\`\n`);
  const none = body({ ...options, reports: [{ ...report("dev", "changes"), images: {} }] });
  expect(none).not.toContain("Images");
});

test("an environment without a report is named", () => {
  const text = body({ ...options, missing: ["prod"] });
  expect(text).toContain("**prod: could not be planned**; the run says why.");
});

test("it is as long as GitHub takes at most, with the end that says where the rest is", () => {
  const dev = report("dev", "changes");
  const states = Array.from({ length: 200 }, (_, n) =>
    dev.states.map((state) => ({ ...state, state: `dev-${n}`, plan: "a line\n".repeat(100) })),
  );
  const long = { ...dev, states: states.flat() };
  const text = body({ ...options, reports: [long], runUrl: "https://run" });
  expect(text.length).toBeLessThanOrEqual(MAX_LENGTH);
  expect(text.length).toBeGreaterThan(MAX_LENGTH - 1000);
  expect(text).toContain("Too long to be shown here");
  expect(text).toMatch(/has the full plans\.$/);

  const names = Array.from({ length: 9000 }, (_, n) => `environment-${n}`);
  const cut = body({ ...options, missing: names, runUrl: "https://run" });
  expect(cut).toHaveLength(MAX_LENGTH - 2);
  expect(cut).toMatch(
    /cut off here\. The run has the whole of it\.\n\n\[The run\]\(https:\/\/run\)/,
  );
});

test("the run is that of the job, and none on a laptop", () => {
  const job = { GITHUB_RUN_ID: "42", GITHUB_REPOSITORY: "owner/name" };
  expect(runUrl({ ...job, GITHUB_SERVER_URL: "https://git.example" })).toBe(
    "https://git.example/owner/name/actions/runs/42",
  );
  expect(runUrl({})).toBeUndefined();
});
