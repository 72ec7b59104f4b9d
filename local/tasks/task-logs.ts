import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  type CloudWatchLogsClientConfig,
} from "@aws-sdk/client-cloudwatch-logs";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { poll } from "../poll";

/** Takes a container's output, line by line. */
export interface TaskLog {
  follow(output: Readable): void;
  /** Waits for the end of what is followed, and sends what is left. */
  close(): Promise<void>;
}

/** The longest batch kept while CloudWatch does not answer: the log mode is non-blocking. */
const MAX_BUFFERED_LINES = 10_000;

/**
 * Opens a task's log: a file and, with the awslogs driver, a CloudWatch stream.
 *
 * @param options the task definition's awslogs options. @default - a file only
 * @throws Error in ECS's words when the execution role may not create the stream
 */
export async function openTaskLog(props: {
  readonly file: string;
  readonly config: CloudWatchLogsClientConfig;
  readonly containerName: string;
  readonly taskId: string;
  readonly options?: Record<string, string>;
}): Promise<TaskLog> {
  const stream = props.options && (await openStream(props, props.options));
  await mkdir(dirname(props.file), { recursive: true });
  const file = createWriteStream(props.file, { flags: "a" });
  const ends: Promise<unknown>[] = [];
  return {
    follow(output) {
      const lines = createInterface({ input: output });
      lines.on("line", (line) => {
        file.write(`${line}\n`);
        stream?.write(line);
      });
      ends.push(once(lines, "close"));
    },
    async close() {
      // A process that has ended may have written lines that are not read yet.
      await Promise.all(ends);
      await stream?.close();
      await new Promise<void>((resolve) => {
        file.end(resolve);
      });
    },
  };
}

async function openStream(
  props: {
    readonly config: CloudWatchLogsClientConfig;
    readonly containerName: string;
    readonly taskId: string;
  },
  options: Record<string, string>,
) {
  const logs = new CloudWatchLogsClient(props.config);
  const prefix = options["awslogs-stream-prefix"];
  const stream = {
    logGroupName: options["awslogs-group"],
    logStreamName: prefix ? `${prefix}/${props.containerName}/${props.taskId}` : props.taskId,
  };
  await logs.send(new CreateLogStreamCommand(stream)).catch((error: unknown) => {
    throw new Error(
      `ResourceInitializationError: failed to validate logger args: create stream has been ` +
        `retried 1 times: failed to create CloudWatch log stream: ${(error as Error).message}`,
      { cause: error },
    );
  });

  let lines: { timestamp: number; message: string }[] = [];
  const send = async () => {
    if (lines.length === 0) return;
    const logEvents = lines;
    lines = [];
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
  };
  // Lines that CloudWatch refuses are in the file all the same.
  const sending = poll(1000, send, () => undefined);
  return {
    write(message: string) {
      if (message && lines.length < MAX_BUFFERED_LINES)
        lines.push({ timestamp: Date.now(), message });
    },
    async close() {
      await sending.stop();
      await send().catch(() => undefined);
      logs.destroy();
    },
  };
}
