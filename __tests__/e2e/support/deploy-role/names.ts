import { LOCAL_ACCOUNT, LOCAL_REGION } from "../../../../environments/local";

/** The names of the resources in the environment `dev` of the local AWS. */
export const DEPLOY_ROLE = "ci-inventory-dev-deploy";
export const PLAN_ROLE = "ci-inventory-dev-plan";
export const DATA_ROLE = "ci-inventory-dev-data";
export const STATES = [
  "backend",
  "alb",
  "discovery",
  "dynamodb",
  "ecr",
  "ecs-cluster",
  "ecs-service",
  "ecs-service-caller",
  "iam",
  "secrets",
];
export const STATE_BUCKET = `inventory-dev-terraform-state-${LOCAL_ACCOUNT}`;
export const LOCK_TABLE = "inventory-dev-terraform-locks";
export const BOUNDARY = `arn:aws:iam::${LOCAL_ACCOUNT}:policy/ci-inventory-dev-task-boundary`;

/** @param resource the part after region and account */
export const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${resource}`;
