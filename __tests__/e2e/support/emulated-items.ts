import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDynamoDbItemRepository } from "../../../api/items/store/dynamodb-item-repository";
import { clientConfig, environmentVariables, type LocalAws } from "../../../local/emulator/aws";
import { startEmulator, type Emulator } from "../../../local/emulator/emulator";
import type { Store } from "../../api/behaviours/store";
import { createItemTables } from "../../api/support/item-tables";
import { FaultProxy } from "./fault-proxy";

const region = "eu-west-1";
const accountId = "123456789012";

/** A local AWS for the tests of one file. The API reaches its DynamoDB through a proxy. */
export class EmulatedDynamoDb {
  private directory = "";
  private emulator?: Emulator;
  readonly proxy = new FaultProxy();
  private behindProxy!: LocalAws;
  /** The client of the tests themselves, which does not use the proxy. */
  client!: DynamoDBClient;

  async start(): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), "items-"));
    const logFile = join(this.directory, "aws.log");
    await this.proxy.start();
    this.emulator = await startEmulator({
      python: "python3",
      accountId,
      region,
      logFile,
      hostAliases: [this.proxy.host],
    });
    this.proxy.target = this.emulator.aws.endpoint;
    this.behindProxy = { ...this.emulator.aws, endpoint: this.proxy.endpoint };
    this.client = new DynamoDBClient(clientConfig(this.emulator.aws));
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.proxy.stop();
    await this.emulator?.stop();
    await rm(this.directory, { recursive: true });
  }

  /** The environment variables with which the API finds the proxy. */
  get env() {
    return environmentVariables(this.behindProxy);
  }

  /** Creates empty tables. Each repository has its own client, as each task has. */
  async openStore(): Promise<Store> {
    const tables = await createItemTables(this.client, randomUUID());
    const clients: DynamoDBClient[] = [];
    return {
      repository: () => {
        const client = new DynamoDBClient(clientConfig(this.behindProxy));
        clients.push(client);
        return createDynamoDbItemRepository({ ...tables, client, cautiousClient: client });
      },
      stop: () => {
        for (const client of clients) client.destroy();
        return Promise.resolve();
      },
    };
  }
}
