const js = require("@eslint/js");
const { defineConfig, globalIgnores } = require("eslint/config");
const tseslint = require("typescript-eslint");

module.exports = defineConfig(
  globalIgnores(["cdktf.out/", ".local/", "dist/", "coverage/", "bench/peers/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Constructs register themselves with their scope: `new Thing(this, "id", props)` is the idiom.
      "no-new": "off",
      "no-restricted-imports": [
        "error",
        {
          paths: [
            {
              name: "@cdktf/provider-aws",
              message:
                "Import @cdktf/provider-aws/lib/<resource>: the index costs 2 s and 475 MB at every synth.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["stacks/**", "constructs/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "process", message: "Synth is a pure function of the code." },
      ],
      "no-restricted-imports": [
        "error",
        {
          paths: ["@cdktf/provider-aws"],
          patterns: [
            {
              group: [
                "**/environments/dev",
                "**/environments/staging",
                "**/environments/prod",
                "**/platforms/inventory",
              ],
              message: "Environments and platforms are handed down as props from main.ts.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["api/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["../../*", "**/stacks/*", "**/local/*", "**/environments/*"],
              message: "api/ imports nothing from outside api/.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["**/*.js"],
    languageOptions: {
      sourceType: "commonjs",
      globals: { module: "writable", require: "readonly", process: "readonly" },
    },
  },
);
