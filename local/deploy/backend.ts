import { setTimeout } from "node:timers/promises";
import { readBackend } from "../../delivery/synthesized/config";
import { bootstrapBackend } from "../../delivery/backend/bootstrap-backend";
import { ExistingBackend } from "../../delivery/backend/existing-backend";
import type { Terraform } from "../../delivery/terraform/terraform";
import { clientConfig, type LocalAws } from "../emulator/aws";
import type { Show } from "../../delivery/deploy/progress";
import type { State } from "../../delivery/synthesized/states";

/**
 * The backend on the local AWS. The provider needs a minute for the last setting of the bucket, and the other states
 * do not need to wait for it.
 */
export class Backend {
  private readonly existing: ExistingBackend;
  private readonly failed = new AbortController();

  constructor(
    private readonly state: State,
    private readonly aws: LocalAws,
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

  /** Resolves as soon as states can be stored and locked in the backend, which is before its bootstrap ends. */
  async untilUsable(signal: AbortSignal) {
    const either = AbortSignal.any([signal, this.failed.signal]);
    while (!(await this.existing.isUsable())) {
      either.throwIfAborted();
      await setTimeout(200);
    }
  }
}
