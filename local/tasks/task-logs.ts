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

/** A log that receives a container's output line by line. */
export interface TaskLog {
  follow(output: Readable): void;
  /** Waits for the end of the followed outputs, and sends the remaining lines. */
  close(): Promise<void>;
}

/** The most lines that are kept while CloudWatch does not respond. Non-blocking log mode drops further lines. */
const MAX_BUFFERED_LINES = 10_000;

/**
 * Opens a task's log, which is a file and, with the awslogs driver, also a CloudWatch log stream.
 *
 * @param options the awslogs options of the task definition. @default - the log is only a file
 * @throws Error with ECS's wording when the log stream cannot be created
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
      // A process that has ended may have written lines that have not been read yet.
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
  // Errors are ignored, because lines that CloudWatch refuses are in the file.
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
