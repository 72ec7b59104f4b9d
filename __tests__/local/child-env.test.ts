import { childEnv } from "../../local/child-env";

test("a child does not see the user's AWS, nor what is set for another Terraform project", () => {
  const before = process.env;
  process.env = {
    PATH: "/bin",
    AWS_PROFILE: "prod",
    AWS_ACCESS_KEY_ID: "real",
    TF_WORKSPACE: "other",
    TF_VAR_region: "us-east-1",
    TF_PLUGIN_CACHE_DIR: "/cache",
  };
  try {
    expect(childEnv({ AWS_ACCESS_KEY_ID: "test" })).toEqual({
      PATH: "/bin",
      TF_PLUGIN_CACHE_DIR: "/cache",
      AWS_ACCESS_KEY_ID: "test",
    });
  } finally {
    process.env = before;
  }
});
