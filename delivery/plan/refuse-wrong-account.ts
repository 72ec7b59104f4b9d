import { PLACEHOLDER_ACCOUNT } from "../../model/environment";
import { hasPlaceholderAccount, readBackend } from "../synthesized/config";
import type { ExistingBackend } from "../backend/existing-backend";

/** @throws when the account of a state is the placeholder, or when the credentials are for another account */
export async function refuseWrongAccount(directory: string, existing: ExistingBackend) {
  if (hasPlaceholderAccount({ directory })) {
    throw new Error(
      `${directory}: the account is the placeholder "${PLACEHOLDER_ACCOUNT}", expected the 12 digits of an account of yours. Set account and network in the environment's file first.`,
    );
  }
  const [expected] = readBackend(directory).allowed_account_ids;
  const actual = await existing.account();
  if (actual !== expected) {
    throw new Error(
      `The AWS credentials are of account ${actual}, expected ${expected}. Use credentials of that account, or correct the environment's file.`,
    );
  }
}
