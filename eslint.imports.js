// Which folder may import which. Whatever is not named here is refused.
const ALLOWED = {
  "main.ts": ["environments", "platforms", "stacks", "model"],
  model: [],
  environments: ["model"],
  // A smoke test gets what it needs as an argument (model/smoke-test.ts), so that a platform is read
  // without the code that deploys it.
  platforms: ["model"],
  examples: ["model"],
  "examples/*/main.ts": ["environments", "stacks", "model"],
  stacks: ["constructs", "model"],
  constructs: ["model"],
  delivery: ["model"],
  scripts: ["delivery"],
  local: ["delivery", "model"],
  // `npm start` composes the platform that it deploys, which it loads from the folder of the app.
  "local/main.ts": ["delivery", "model", "environments", "stacks"],
  api: [],
};

const isFile = (place) => place.endsWith(".ts");

const FOLDERS = [
  ...Object.keys(ALLOWED).filter((place) => !isFile(place)),
  "__tests__",
  "bench",
  "main",
];

const PROVIDER_INDEX = {
  name: "@cdktf/provider-aws",
  message:
    "Import @cdktf/provider-aws/lib/<resource>: the index costs 2 s and 475 MB at every synth.",
};

const restricted = (patterns) => ({
  "no-restricted-imports": ["error", { paths: [PROVIDER_INDEX], patterns }],
});

const rulesOf = ([place, allowed]) => {
  const own = place.split("/")[0];
  const refused = FOLDERS.filter((folder) => folder !== own && !allowed.includes(folder));
  // main.ts reaches a folder as "./folder", a file in a folder as "../folder".
  const way = own === place && isFile(place) ? "\\./" : "(\\.\\./)+";
  return {
    files: [isFile(place) ? place : `${place}/**/*.ts`],
    rules: restricted([
      {
        regex: `^${way}(${refused.join("|")})(/|$)`,
        message: `${place} may import only ${[...allowed, "itself"].join(", ")} (eslint.imports.js).`,
      },
    ]),
  };
};

module.exports = [
  { files: ["**/*.ts"], rules: restricted([]) },
  ...Object.entries(ALLOWED).map(rulesOf),
];
