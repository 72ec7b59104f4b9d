import { join } from "node:path";
import { makePrivateFolder } from "../private-files";
import { requireCredentials } from "../require-credentials";
import { providerSource } from "./provider-source";

const LOCAL = join(__dirname, "..", "..", ".local");

/**
 * Lets every Terraform that this process starts find the AWS provider as `npm start` does.
 *
 * @throws when there are no AWS credentials, which each Terraform would report by itself otherwise
 */
export async function prepareTerraform() {
  await requireCredentials();
  makePrivateFolder(LOCAL);
  Object.assign(process.env, providerSource({ directory: join(LOCAL, "tools") }));
}
