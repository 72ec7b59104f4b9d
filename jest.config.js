// Not of the tests: the SDK says on Node 20 that a later SDK will need Node 22.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/**
 * `unit` needs only Node. `e2e` drives real Terraform and the local AWS. `full` is `e2e` with the suites in
 * `__tests__/e2e/full`, which take too long for every change.
 */
const shared = {
  testEnvironment: "node",
  transform: { "^.+\\.(ts|js)$": "@swc/jest" },
  // jose, and listr2 and what it needs, are ES modules only; Jest loads CommonJS.
  transformIgnorePatterns: [
    "node_modules/(?!(jose|listr2|log-update|cli-truncate|cli-cursor|restore-cursor|onetime|mimic-function|slice-ansi|string-width|strip-ansi|wrap-ansi|ansi-regex|ansi-styles|ansi-escapes|environment|get-east-asian-width|is-fullwidth-code-point)/)",
  ],
  modulePathIgnorePatterns: ["/cdktf.out/", "<rootDir>/.local", "<rootDir>/dist"],
};

const endToEnd = {
  ...shared,
  testMatch: ["<rootDir>/__tests__/e2e/**/*.test.ts"],
  globalSetup: "<rootDir>/__tests__/e2e/global-setup.ts",
};

/** @type {import("jest").Config} */
module.exports = {
  // By default, Jest leaves one processor idle, which is half of a machine with two.
  maxWorkers: "100%",
  // A busy machine takes longer than the default of 5 s for what takes a second on an idle one.
  testTimeout: 30_000,
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
      testPathIgnorePatterns: ["<rootDir>/__tests__/e2e/"],
    },
    {
      ...endToEnd,
      displayName: "e2e",
      testPathIgnorePatterns: ["<rootDir>/__tests__/e2e/full/"],
    },
    { ...endToEnd, displayName: "full" },
  ],
};
