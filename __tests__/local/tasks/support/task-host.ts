import type { ContainerDefinition, TaskDefinition } from "@aws-sdk/client-ecs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageDirectory } from "../../../../local/images/image";
import { startCredentialsServer } from "../../../../local/tasks/credentials";
import { ServiceRegistries } from "../../../../local/tasks/service-registries";
import type { TaskHost } from "../../../../local/tasks/task";
import { assumeRole } from "../../../../local/tasks/task-roles";
import { IMAGE_DIGEST, TaskApis } from "./task-apis";

export const CLUSTER = "main";
export const SERVICE = "web";

/** A program that listens where its task has to, says so, and ends with 0 on SIGTERM. */
export const WEB_PROGRAM = `
  process.on("SIGTERM", () => { console.log("SIGTERM " + Date.now()); process.exit(0); });
  require("node:http")
    .createServer((request, response) => {
      response.end();
      const code = /^\\/exit\\/(\\d+)$/.exec(request.url);
      if (code) process.exit(Number(code[1]));
    })
    .listen(process.env.PORT, process.env.HOST, () => console.log("listening"));`;

/** The state of a task is read in each round. */
const ALWAYS_CHANGED = {
  get count() {
    return NaN;
  },
};

/** A machine that runs tasks of one image, whose own command is WEB_PROGRAM. */
export class TestHost {
  private constructor(
    readonly apis: TaskApis,
    readonly host: TaskHost,
    private readonly directory: string,
  ) {}

  static async start(): Promise<TestHost> {
    const directory = await mkdtemp(join(tmpdir(), "task-host-"));
    const imagesDirectory = join(directory, "images");
    const image = imageDirectory(imagesDirectory, IMAGE_DIGEST);
    await mkdir(join(image, "rootfs/app"), { recursive: true });
    const config = {
      Env: ["FROM=image", "LEVEL=info"],
      WorkingDir: "/app",
      Cmd: ["node", "-e", WEB_PROGRAM],
    };
    await writeFile(join(image, "config.json"), JSON.stringify({ config }));
    const apis = await TaskApis.start();
    const { aws } = apis;
    return new TestHost(
      apis,
      {
        aws,
        changes: ALWAYS_CHANGED,
        imagesDirectory,
        logsDirectory: join(directory, "logs"),
        credentials: await startCredentialsServer((roleArn, task) =>
          assumeRole(aws, roleArn, task),
        ),
        addressing: "own-port",
        registries: new ServiceRegistries(aws),
        privateDns: { hostsFile: () => undefined },
      },
      directory,
    );
  }

  /** What the containers of all tasks have written. */
  async output(): Promise<string> {
    const logs = join(this.host.logsDirectory, SERVICE);
    const files = await readdir(logs).catch(() => []);
    return (await Promise.all(files.map((file) => readFile(join(logs, file), "utf8")))).join("");
  }

  async stop(): Promise<void> {
    await this.host.credentials.close();
    this.host.registries.close();
    this.apis.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/**
 * A task definition with one container.
 *
 * @param revision what tells it from others
 */
export function taskDefinition(
  container: ContainerDefinition = {},
  task: TaskDefinition = {},
  revision = 1,
): TaskDefinition {
  return {
    taskDefinitionArn: `arn:aws:ecs:eu-west-1:123456789012:task-definition/web:${revision}`,
    containerDefinitions: [
      {
        name: "app",
        image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1",
        portMappings: [{ containerPort: 8080 }],
        ...container,
      },
    ],
    ...task,
  };
}

/** A container that runs this program with Node. */
export const running = (program: string, container: ContainerDefinition = {}) =>
  taskDefinition({ command: ["node", "-e", program], ...container });
