import { setTimeout } from "node:timers/promises";
import { readBackend } from "../../delivery/synthesized/config";
import { bootstrapBackend } from "../../delivery/backend/bootstrap-backend";
import { ExistingBackend } from "../../delivery/backend/existing-backend";
import { PLAN_FILE } from "../../delivery/plan/plan-state";
import type { Terraform } from "../../delivery/terraform/terraform";
import { clientConfig, type LocalAws } from "../emulator/aws";
import type { Show } from "../../delivery/deploy/progress";
import type { State } from "../../delivery/synthesized/states";

/**
 * The backend on the local AWS. The provider needs ten seconds for its key and a minute for the last setting of its
 * bucket, and the other states do not need to wait for all of that.
 */
export class Backend {
  private readonly existing: ExistingBackend;
  private readonly failed = new AbortController();
  private readable?: Promise<void>;
  private usable?: Promise<void>;

  /** @param signal aborts the waits for the backend */
  constructor(
    private readonly state: State,
    private readonly aws: LocalAws,
    private readonly signal: AbortSignal,
  ) {
    this.existing = new ExistingBackend(readBackend(state.directory), clientConfig(aws));
  }

  async bootstrap(terraform: Terraform, show: Show) {
    const { name, directory } = this.state;
    const client = clientConfig(this.aws);
    try {
      await bootstrapBackend({ directory, terraform, client, onStep: show });
    } catch (error) {
      this.failed.abort(new Error(`not deployed, because ${name} failed`));
      throw error;
    }
  }

  /** Resolves as soon as states can be planned. Its callers continue in the order of their calls. */
  untilReadable() {
    return (this.readable ??= this.until(() => this.existing.isReadable()));
  }

  /** Deploys another state. While the backend cannot store it yet, the state is already planned. */
  async deployOnto(terraform: Terraform) {
    await terraform.init();
    const waits = !(await this.existing.isUsable());
    if (waits) {
      await terraform.plan(`-out=${PLAN_FILE}`);
      await this.untilUsable();
    }
    await terraform.apply(...(waits ? [PLAN_FILE] : []));
  }

  /** Resolves as soon as states can be locked and stored, which is before the bootstrap ends. */
  private untilUsable() {
    return (this.usable ??= this.until(() => this.existing.isUsable()));
  }

  private async until(condition: () => Promise<boolean>) {
    const either = AbortSignal.any([this.signal, this.failed.signal]);
    while (!(await condition())) {
      either.throwIfAborted();
      await setTimeout(200);
    }
  }
}
