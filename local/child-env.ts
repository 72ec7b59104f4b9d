/** The user's own Terraform variables that child processes inherit. */
const KEPT = ["TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_LOG", "TF_LOG_PATH"];

/**
 * The env of a child process. It contains none of the user's other AWS and Terraform variables, so that the process
 * cannot reach the user's own AWS account and does not use a profile, workspace or variable of another project.
 */
export function childEnv(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => KEPT.includes(name) || !/^(AWS|TF)_/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...variables };
}
