import { randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refusalOfPage } from "../web-pages";
import type { RoleCredentials } from "./task-roles";

/** The ECS container credentials endpoint: one server, one path per task. */
export interface CredentialsServer {
  /**
   * Serves a task's role.
   *
   * @returns what the container gets as AWS_CONTAINER_CREDENTIALS_FULL_URI
   */
  serve(taskId: string, roleArn: string): string;
  /** Answers 404 to the task from now on. */
  forget(taskId: string): void;
  close(): Promise<void>;
}

/**
 * Starts the endpoint on a free loopback port. A path cannot be guessed, so that a task gets its own
 * role's credentials and no other's. What a web page sends is refused.
 *
 * @param assume makes credentials of a role for a task
 */
export async function startCredentialsServer(
  assume: (roleArn: string, taskId: string) => Promise<RoleCredentials>,
): Promise<CredentialsServer> {
  const tasks = new Map<string, { taskId: string; roleArn: string }>();
  const server = createServer((request, response) => {
    const refusal = refusalOfPage(request, host());
    if (refusal !== undefined) {
      answer(response, 403, { code: "Forbidden", message: refusal });
      return;
    }
    const task = tasks.get(request.url ?? "");
    if (!task) {
      answer(response, 404, { code: "NotFound", message: "no task has this credentials path" });
      return;
    }
    assume(task.roleArn, task.taskId).then(
      (credentials) => {
        answer(response, 200, containerCredentials(task.roleArn, credentials));
      },
      (error: unknown) => {
        answer(response, 500, { code: "AssumeRoleFailed", message: (error as Error).message });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const host = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    serve(taskId, roleArn) {
      const path = `/v2/credentials/${randomBytes(24).toString("base64url")}`;
      tasks.set(path, { taskId, roleArn });
      return `http://${host()}${path}`;
    },
    forget(taskId) {
      for (const [path, task] of tasks) if (task.taskId === taskId) tasks.delete(path);
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}

function containerCredentials(roleArn: string, credentials: RoleCredentials) {
  return {
    RoleArn: roleArn,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: credentials.expiration.toISOString(),
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
