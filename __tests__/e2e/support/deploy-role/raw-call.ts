import type { LocalAws } from "../../../../local/aws";

/**
 * A request to a service for which this project has no SDK client. The local AWS checks who signs,
 * not the signature.
 *
 * @param action of the query protocol, such as `PutMetricAlarm`, or a JSON protocol's target
 * @throws what the service said, when it refused
 */
export async function rawCall(
  { endpoint, region, credentials }: LocalAws,
  service: string,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
) {
  const isJson = action.includes(".");
  const scope = `${credentials?.accessKeyId ?? ""}/20260101/${region}/${service}/aws4_request`;
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
      "x-amz-security-token": credentials?.sessionToken ?? "",
      "content-type": isJson ? "application/x-amz-json-1.1" : "application/x-www-form-urlencoded",
      ...(isJson && { "x-amz-target": action }),
    },
    body: isJson
      ? JSON.stringify(parameters)
      : new URLSearchParams({ Action: action, ...(parameters as Record<string, string>) }),
  });
  if (!response.ok) throw new Error(await response.text());
}
