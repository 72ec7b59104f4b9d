import { z } from "zod";
import type { GitHub } from "./client";

/** The mark by which the comment is found again on its pull request. */
export const PLANS_MARKER = "<!-- plans -->";

const comment = z.object({
  id: z.number(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
});

/**
 * Writes `body`, which starts with the marker, to a pull request. It updates the comment that the token's user made
 * before, or creates one. Comments of other users are never changed, even if they start with the same marker.
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
