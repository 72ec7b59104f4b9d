import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * A program `gh` that replaces `gh attestation verify`, which needs GitHub. It attests everything
 * in the format of the real program, unless a test changes the answer.
 *
 * `GH_SAYS` is a JSON list of attestations, each with the values of the certificate to replace, the `digest` or the
 * `name`. No argument gives the name, so it is that of `GH_NAME` unless it is replaced. `GH_FAILS` is the text
 * that it writes to stderr before it exits with 1.
 */
const PROGRAM = `#!${process.execPath}
const { createHash } = require("node:crypto");
const { appendFileSync, readFileSync } = require("node:fs");
const args = process.argv.slice(2);
appendFileSync(__filename + ".log", JSON.stringify(args) + "\\n");
if (process.env.GH_FAILS) {
  console.error(process.env.GH_FAILS);
  process.exit(1);
}
const option = (name) => args[args.indexOf(name) + 1];
const attestations = JSON.parse(process.env.GH_SAYS ?? "[{}]");
console.log(JSON.stringify(attestations.map(({ digest, name, ...said }) => {
  const sha256 = digest ?? createHash("sha256").update(readFileSync(args[2])).digest("hex");
  const certificate = {
    sourceRepositoryURI: "https://github.com/" + option("--repo"),
    sourceRepositoryRef: option("--source-ref"),
    buildSignerURI: "https://github.com/" + option("--signer-workflow") + "@" + option("--source-ref"),
    ...said,
  };
  const statement = { subject: [{ name: name ?? process.env.GH_NAME, digest: { sha256 } }] };
  return { verificationResult: { signature: { certificate }, statement } };
})));
`;

export class FakeGh {
  private readonly directory: string;

  constructor(folder: string) {
    this.directory = mkdtempSync(join(folder, "gh-"));
    writeFileSync(join(this.directory, "gh"), PROGRAM);
    chmodSync(join(this.directory, "gh"), 0o755);
  }

  /** The environment variables with which a script finds this program, and the repository. */
  get environment() {
    return {
      PATH: [this.directory, process.env.PATH].join(delimiter),
      GITHUB_REPOSITORY: "acme/shop",
    };
  }

  /** The arguments of each call so far. */
  get calls(): string[][] {
    const lines = readFileSync(join(this.directory, "gh.log"), "utf8").trim().split("\n");
    return lines.map((line) => JSON.parse(line) as string[]);
  }
}
