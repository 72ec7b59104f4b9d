import { join } from "node:path";
import { makePrivateFolder } from "../private-files";
import { requireCredentials } from "../require-credentials";
import { providerSource } from "./provider-source";

const LOCAL = join(__dirname, "..", "..", ".local");

/**
 * Sets the environment variables by which every Terraform that this process starts finds the AWS provider, as
 * `npm start` does.
 *
 * @throws when there are no AWS credentials; otherwise each Terraform process would report that
 */
export async function prepareTerraform() {
  await requireCredentials();
  makePrivateFolder(LOCAL);
  Object.assign(process.env, providerSource({ directory: join(LOCAL, "tools") }));
}
