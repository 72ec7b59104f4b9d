declare module "dynalite" {
  import type { Server } from "node:http";

  /** A DynamoDB API in this process; its data is in memory and ends with it. */
  export default function dynalite(options?: { createTableMs?: number }): Server;
}
