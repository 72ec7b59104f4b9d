/** What of the user's settings of Terraform stays in force. */
const KEPT = ["TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_LOG", "TF_LOG_PATH"];

/**
 * The environment of a child process that must not reach the user's own AWS, nor be led astray by a
 * profile, a workspace or a variable that is set for another project.
 */
export function childEnv(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => KEPT.includes(name) || !/^(AWS|TF)_/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...variables };
}
