import { imagesOfPlan } from "../../../delivery/plan/image-tag";

const services = ["dev-ecs-service", "dev-ecs-service-web"];
const commit = "0".repeat(40);

test.each([
  ["nothing was deployed", [], commit],
  ["all services were", services, "deployed"],
  ["one was", ["dev-ecs-service"], `deployed, and ${commit} for dev-ecs-service-web`],
])("a plan says which images it was made with when %s", (_, deployed, said) => {
  const images = new Map(deployed.map((name) => [name, "1".repeat(40)]));
  expect(imagesOfPlan(services, images, commit)).toBe(said);
});

test("a plan without services was made with no deployed image", () => {
  expect(imagesOfPlan([], new Map(), commit)).toBe(commit);
});
