import aws4 from "aws4";
import type { LocalAws } from "../../../local/emulator/aws";

/**
 * Sends a signed request to a service for which this project has no SDK client.
 *
 * @param action the action of the query protocol, such as `PutMetricAlarm`, or the target of a JSON
 * protocol
 * @returns the answer of a JSON protocol, otherwise an empty object
 * @throws Error with the answer of the service when it is an error
 */
export async function rawCall(
  { endpoint, region, credentials }: LocalAws,
  service: string,
  action: string,
  parameters: object,
): Promise<Record<string, unknown>> {
  const isJson = action.includes(".");
  const { host } = new URL(endpoint);
  const body = isJson
    ? JSON.stringify(parameters)
    : new URLSearchParams({ Action: action, ...parameters }).toString();
  const { headers } = aws4.sign(
    {
      host,
      service,
      region,
      method: "POST",
      path: "/",
      headers: {
        "content-type": isJson ? "application/x-amz-json-1.1" : "application/x-www-form-urlencoded",
        ...(isJson && { "x-amz-target": action }),
      },
      body,
    },
    credentials,
  );
  const response = await fetch(endpoint, { method: "POST", headers: headersOf(headers), body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
}

/** `fetch` sets these two itself. */
function headersOf(signed: Readonly<Record<string, unknown>> = {}) {
  const own = Object.entries(signed).filter(([name]) => !/^(host|content-length)$/i.test(name));
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}

/** A request to Application Auto Scaling. */
export async function autoscalingCall(aws: LocalAws, action: string, parameters: object) {
  return rawCall(aws, "application-autoscaling", `AnyScaleFrontendService.${action}`, parameters);
}
