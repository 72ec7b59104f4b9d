declare module "dynalite" {
  import type { Server } from "node:http";

  /** A DynamoDB API in this process. Its data is in memory and is lost when the process ends. */
  export default function dynalite(options?: { createTableMs?: number }): Server;
}
