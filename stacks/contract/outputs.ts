/**
 * What crosses the boundary between states: the values that AWS names at random, and what people
 * look up. A producer must declare all of its outputs, a consumer can read no other: both are
 * checked by the compiler.
 */
export interface Outputs {
  readonly ecr: {
    /** Service name to repository URL. */
    readonly repository_urls: Readonly<Record<string, string>>;
  };
  readonly alb: {
    readonly dns_name: string;
    readonly security_group_id: string;
    /** Name of a routed service to the ARN of its target group. */
    readonly target_group_arns: Readonly<Record<string, string>>;
  };
  readonly "ecs-service": {
    /** The image of the last deploy that ECS did not roll back, which is the one that runs. */
    readonly deployed_image_tag: string;
  };
}

export type Producer = keyof Outputs;

export type OutputName<P extends Producer> = keyof Outputs[P] & string;
