import { randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refusalOfPage } from "../web-pages";
import type { RoleCredentials, TaskIdentity } from "./task-roles";

/** The ECS container credentials endpoint. One server has a path for each task. */
export interface CredentialsServer {
  /**
   * Serves the credentials of a task's role.
   *
   * @returns the value of the container's AWS_CONTAINER_CREDENTIALS_FULL_URI
   */
  serve(task: TaskIdentity, roleArn: string): string;
  /** Stops serving the task. Further requests for its path are answered with 404. */
  forget(taskId: string): void;
  close(): Promise<void>;
}

/**
 * Starts the endpoint on a free loopback port. The paths cannot be guessed, so a task can get only the credentials of
 * its own role. Requests from web pages are refused.
 *
 * @param assume assumes a role for a task and returns its credentials
 */
export async function startCredentialsServer(
  assume: (roleArn: string, task: TaskIdentity) => Promise<RoleCredentials>,
): Promise<CredentialsServer> {
  const served = new Map<string, { task: TaskIdentity; roleArn: string }>();
  const server = createServer((request, response) => {
    const refusal = refusalOfPage(request, host());
    if (refusal !== undefined) {
      answer(response, 403, { code: "Forbidden", message: refusal });
      return;
    }
    const known = served.get(request.url ?? "");
    if (!known) {
      answer(response, 404, { code: "NotFound", message: "no task has this credentials path" });
      return;
    }
    assume(known.roleArn, known.task).then(
      (credentials) => {
        answer(response, 200, containerCredentials(known.roleArn, credentials));
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
    serve(task, roleArn) {
      const path = `/v2/credentials/${randomBytes(24).toString("base64url")}`;
      served.set(path, { task, roleArn });
      return `http://${host()}${path}`;
    },
    forget(taskId) {
      for (const [path, { task }] of served) if (task.id === taskId) served.delete(path);
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
