import { z } from "zod";
import type { GitHub } from "./client";

/** Finds our comment again on its pull request. */
export const PLANS_MARKER = "<!-- plans -->";

const comment = z.object({
  id: z.number(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
});

/**
 * Puts `body`, which starts with the marker, on a pull request: into the comment that this token's
 * user made before, or into a new one. A comment of another user is never changed, even one with the same mark.
 */
export async function writePlanComment(github: GitHub, pullRequest: number, body: string) {
  const login = await github.login();
  const comments = await github.list(`/issues/${pullRequest}/comments`, comment);
  const ours = comments.find(
    ({ user, body: text }) => user?.login === login && text?.startsWith(PLANS_MARKER),
  );
  if (ours) {
    await github.send("PATCH", `/issues/comments/${ours.id}`, { body }, comment);
    return "updated";
  }
  await github.send("POST", `/issues/${pullRequest}/comments`, { body }, comment);
  return "created";
}
