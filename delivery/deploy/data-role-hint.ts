import { keepsData, type State } from "../synthesized/states";

/** Says what to do when the deploy role was not allowed to change a state that keeps data. */
export function dataRoleHint(states: readonly State[], { message }: Error) {
  const refused = states.find(
    (state) =>
      keepsData(state) &&
      message.includes(`cdktf deploy ${state.name} failed`) &&
      /AccessDenied|not authorized/.test(message),
  );
  if (!refused) return "";
  return `

${refused.name} keeps data. In a protected environment, an administrator changes it with the data role. The backend is changed in this way in every environment. See docs/runbook.md, "Tables and repositories of a protected environment".`;
}
