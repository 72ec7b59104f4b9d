import type { SmokeTest } from "../../model/smoke-test";

export const smokeTest: SmokeTest = async ({ client, step, untilReady }) => {
  await step("wait for /health", () => untilReady("/health"));
  await step("read /", async () => {
    const { body } = await client.send({ method: "GET", template: "/", status: 200 });
    const { message } = body as { readonly message?: unknown };
    if (message !== "Hello from Flask") {
      throw new Error(`GET /: expected the message "Hello from Flask"\n${JSON.stringify(body)}`);
    }
  });
};
