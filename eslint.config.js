const js = require("@eslint/js");
const { defineConfig, globalIgnores } = require("eslint/config");
const tseslint = require("typescript-eslint");
const imports = require("./eslint.imports");

module.exports = defineConfig(
  globalIgnores(["**/cdktf.out/", ".local/", "dist/", "coverage/", "bench/peers/"]),
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
    },
  },
  ...imports,
  {
    files: ["stacks/**", "constructs/**", "model/**", "environments/**", "platforms/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "process", message: "Synth is a pure function of the code." },
      ],
    },
  },
  {
    files: ["main.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Synth is a pure function of the code." },
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
