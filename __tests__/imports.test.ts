import { Linter } from "eslint";

const imports = jest.requireActual<Linter.Config[]>("../eslint.imports");

/** ESLint's message about one import in one file. */
function refusal(file: string, imported: string) {
  const [message] = new Linter().verify(`import "${imported}";`, imports, { filename: file });
  return message?.message;
}

test.each([
  ["api/server.ts", "../scripts/plan"],
  ["api/http/problem.ts", "../../platforms/inventory/platform"],
  ["api/items/store/item-row.ts", "../../../constructs/data/table"],
  ["api/server.ts", "../model/platform"],
  ["api/server.ts", "../main"],
  ["scripts/plan.ts", "../environments/dev"],
  ["scripts/plan.ts", "../local/main"],
  ["scripts/plan.ts", "../model/environment"],
  ["environments/dev.ts", "../stacks"],
  ["environments/dev.ts", "../platforms/inventory/platform"],
  ["platforms/inventory/platform.ts", "../../constructs/data/table"],
  ["platforms/inventory/smoke-test.ts", "../../delivery/smoke/api-client"],
  ["examples/flask/platform.ts", "../../stacks"],
  ["examples/flask/smoke-test.ts", "../../delivery/smoke/api-client"],
  ["examples/flask/main.ts", "../../delivery/app"],
  ["local/main.ts", "../platforms/inventory/platform"],
  ["model/platform.ts", "../constructs/data/table"],
  ["constructs/data/table.ts", "../../stacks/contract/names"],
  ["constructs/data/table.ts", "../../environments/dev"],
  ["stacks/alb.ts", "../environments/dev"],
  ["stacks/contract/names.ts", "../../platforms/inventory/platform"],
  ["stacks/alb.ts", "../delivery/plan/plan-state"],
  ["delivery/plan/plan-state.ts", "../../stacks"],
  ["delivery/plan/plan-state.ts", "../../local/main"],
  ["delivery/plan/plan-state.ts", "../../scripts/plan"],
  ["local/start.ts", "../stacks/alb"],
  ["local/load-balancer/headers.ts", "../../environments/local"],
  ["local/start.ts", "../scripts/plan"],
  ["main.ts", "./delivery/plan/plan-state"],
  ["main.ts", "./constructs/data/table"],
  ["delivery/interrupt.ts", "../__tests__/support/app"],
])("%s must not import %s", (file, imported) => {
  expect(refusal(file, imported)).toMatch(/may import only .*itself/);
});

test.each([
  ["main.ts", "./environments/dev"],
  ["main.ts", "./stacks"],
  ["stacks/contract/names.ts", "../../model/platform"],
  ["stacks/alb.ts", "../constructs/data/table"],
  ["scripts/plan.ts", "../delivery/plan/plan-state"],
  ["local/start.ts", "../delivery/interrupt"],
  ["local/main.ts", "../stacks"],
  ["platforms/inventory/smoke-test.ts", "../../model/smoke-test"],
  ["examples/flask/main.ts", "../../stacks"],
  ["examples/flask/main.ts", "../../environments/dev"],
  ["examples/flask/main.ts", "./platform"],
  ["local/images/image.ts", "../emulator/aws"],
  ["api/http/problem.ts", "../items/item"],
])("%s may import %s", (file, imported) => {
  expect(refusal(file, imported)).toBeUndefined();
});

test("nobody imports the index of the provider", () => {
  expect(refusal("stacks/alb.ts", "@cdktf/provider-aws")).toMatch(/475 MB/);
  expect(refusal("__tests__/main.test.ts", "@cdktf/provider-aws")).toMatch(/475 MB/);
});
