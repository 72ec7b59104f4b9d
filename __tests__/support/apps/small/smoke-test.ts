import type { SmokeTest } from "../../../../model/smoke-test";

export const smokeTest: SmokeTest = async ({ client, step, untilReady }) => {
  await step("wait for /health", () => untilReady("/health"));
  await step("greet", async () => {
    const { body } = await client.send({ method: "GET", template: "/", status: 200 });
    if (body !== "Hello") throw new Error(`GET /: expected "Hello"\n${String(body)}`);
  });
};
