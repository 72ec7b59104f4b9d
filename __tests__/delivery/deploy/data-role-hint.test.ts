import { dataRoleHint } from "../../../delivery/deploy/data-role-hint";
import { state } from "./state";

const states = ["backend", "ecr", "dynamodb", "secrets", "iam"].map((kind) => ({
  ...state(`prod-${kind}`),
  kind,
}));
const failed = (name: string, why: string) => new Error(`cdktf deploy ${name} failed\n${why}`);
const REFUSED = "User: deployer is not authorized to perform: ecr:DeleteRepository";

test.each(["prod-backend", "prod-ecr", "prod-dynamodb", "prod-secrets"])(
  "when the deploy role may not change %s, the data role may",
  (name) => {
    expect(dataRoleHint(states, failed(name, REFUSED))).toContain(`${name} keeps data.`);
  },
);

test("a refusal in another state and another error of a state with data get no such hint", () => {
  expect(dataRoleHint(states, failed("prod-iam", REFUSED))).toBe("");
  expect(dataRoleHint(states, failed("prod-ecr", "the repository is not empty"))).toBe("");
});
