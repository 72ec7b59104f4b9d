import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { openTaskLog } from "../../../local/tasks/task-logs";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "task-logs-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

test("the last output of a process is kept, although its log is closed before it is read", async () => {
  const file = join(directory, "service", "task.log");
  const log = await openTaskLog({ file, config: {}, containerName: "app", taskId: "1" });
  const output = new PassThrough();
  log.follow(output);
  output.write("first\n");
  const closed = log.close();
  output.end("stopping\nstopped");
  await closed;
  expect(await readFile(file, "utf8")).toBe("first\nstopping\nstopped\n");
});
