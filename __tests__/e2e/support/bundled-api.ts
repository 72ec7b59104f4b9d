import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleInto } from "../../api/support/bundle";
import { freePort } from "../../api/support/free-port";
import { startProgram, type Program } from "../../api/support/program";
import { waitUntil } from "./wait-until";

/** The API as it runs in its image. It is bundled once and can be started several times. */
export class BundledApi {
  private readonly programs: Program[] = [];

  private constructor(private readonly folder: string) {}

  static async bundle(): Promise<BundledApi> {
    const folder = await mkdtemp(join(tmpdir(), "bundled-api-"));
    await bundleInto(folder);
    return new BundledApi(folder);
  }

  /** @returns the URL, once the API answers */
  async start(env: Readonly<Record<string, string>> = {}): Promise<string> {
    const port = String(await freePort());
    const settings = { ...env, PORT: port, HOST: "127.0.0.1" };
    this.programs.push(startProgram(join(this.folder, "server.js"), settings));
    const url = `http://127.0.0.1:${port}`;
    await waitUntil("the API answers", async () => (await fetch(`${url}/health`)).ok);
    return url;
  }

  async stop(): Promise<void> {
    for (const program of this.programs) program.kill("SIGTERM");
    await Promise.all(this.programs.map(({ exitCode }) => exitCode));
    await rm(this.folder, { recursive: true });
  }
}
