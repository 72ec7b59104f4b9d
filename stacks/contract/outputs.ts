/**
 * The outputs of the states: values that AWS generates, which another state needs, and values that people look
 * up. The compiler checks that a state declares all of its outputs, and that other states read no others.
 */
export interface Outputs {
  readonly ecr: {
    /** The URLs of the repositories by service name. */
    readonly repository_urls: Readonly<Record<string, string>>;
  };
  readonly alb: {
    readonly dns_name: string;
    readonly security_group_id: string;
    /** The ARNs of the target groups by name of the routed service. */
    readonly target_group_arns: Readonly<Record<string, string>>;
  };
  readonly secrets: {
    /** The ARNs of the secrets by name. AWS generates their last six characters. */
    readonly secret_arns: Readonly<Record<string, string>>;
  };
  readonly discovery: {
    readonly namespace_id: string;
  };
  readonly "ecs-service": {
    /** The image that runs, which is that of the last deploy that ECS did not roll back. */
    readonly deployed_image_tag: string;
    /** The security group of the tasks. Only a service that others call has this output. */
    readonly security_group_id?: string;
  };
}

export type Producer = keyof Outputs;

/** The kinds of states that each service has. */
export type ServiceProducer = "ecs-service";

export type PlatformProducer = Exclude<Producer, ServiceProducer>;

export type OutputName<P extends Producer> = keyof Outputs[P] & string;
