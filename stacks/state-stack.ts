import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import {
  Aspects,
  DataTerraformRemoteStateS3,
  IStackSynthesizer,
  S3Backend,
  TerraformElement,
  TerraformOutput,
  TerraformStack,
} from "cdktf";
import { Construct, Node } from "constructs";
import { RefuseApply } from "../constructs/state/refuse-apply";
import { Environment, PLACEHOLDER_ACCOUNT } from "../model/environment";
import type { Platform } from "../model/platform";
import type { Service } from "../model/service";
import { sourceFile } from "../model/problem";
import { STATE_DESCRIPTION_FILE, type StateDescription } from "../model/state-description";
import { Names, serviceState } from "./contract/names";
import {
  OutputName,
  Outputs,
  PlatformProducer,
  Producer,
  ServiceProducer,
} from "./contract/outputs";
import { StateVariables } from "./contract/variables";

export interface StateProps {
  readonly platform: Platform;
  readonly environment: Environment;
  /** The environment that this one's images are promoted to. @default - none */
  readonly promotesTo?: Environment;
}

// The parentheses make this id different from the name of any service or table, because names have none.
const PARTS = "(parts)";

const LOCK_FILE = ".terraform.lock.hcl";

/**
 * One Terraform state, whose id is `<environment>-<state>`. This class has what all states share: backend, locks,
 * provider, variables, and the reading and writing of outputs. The subclasses add the resources.
 */
export abstract class StateStack extends TerraformStack {
  protected readonly names: Names;
  protected readonly variables: StateVariables;
  /** The stack's id without the environment. */
  private readonly state: string;
  private readonly addresses = new Map<string, string>();

  constructor(
    scope: Construct,
    kind: string,
    protected readonly props: StateProps,
    service?: Service,
  ) {
    const { platform, environment } = props;
    const state = service ? serviceState(platform, service) : kind;
    super(scope, `${environment.name}-${state}`);
    this.state = state;
    this.names = new Names(platform, environment);
    this.variables = new StateVariables(this, environment);
    this.addBackend();
    this.addProvider("aws", { region: this.variables.region });
    this.addOverride("terraform.required_version", ">= 1.11.0");
    this.synthesizer = withFiles(this.synthesizer, this.node.id, {
      platform: platform.name,
      environment: environment.name,
      environmentFile: sourceFile(environment.file),
      kind,
      ...(service && { service: service.name, image: service.image }),
    });
    if (environment.account === PLACEHOLDER_ACCOUNT) {
      Aspects.of(this).add(
        new RefuseApply(
          `${sourceFile(environment.file)}: account is the placeholder "${PLACEHOLDER_ACCOUNT}", expected the 12 digits of an account of yours`,
        ),
      );
    }
  }

  /**
   * The scope of the constructs that are named after services and tables. They have a scope of their own so that
   * their names cannot collide with those of the other constructs of this state.
   */
  protected get parts(): Construct {
    const existing = this.node.tryFindChild(PARTS);
    return existing instanceof Construct ? existing : new Construct(this, PARTS);
  }

  /** Declares the outputs of this state. */
  protected output<P extends Producer>(_state: P, values: Outputs[P]) {
    for (const [name, value] of Object.entries(values)) {
      new TerraformOutput(this, name, { value: value as unknown, staticId: true });
    }
  }

  /** The value of an output of another state. Terraform reads it from that state's object in the bucket. */
  protected read<P extends PlatformProducer>(producer: P, output: OutputName<P>) {
    return this.readState(producer, output);
  }

  /** The value of an output of the state of another service. */
  protected readService<P extends ServiceProducer>(service: Service, output: OutputName<P>) {
    return this.readState(serviceState(this.props.platform, service), output);
  }

  private readState(producer: string, output: string) {
    const id = `remote_state_${producer}`;
    const existing = this.node.tryFindChild(id) as DataTerraformRemoteStateS3 | undefined;
    const state =
      existing ?? new DataTerraformRemoteStateS3(this, id, this.stateLocation(producer));
    return state.get(output);
  }

  /**
   * The address of a resource is its construct path without the hash that CDKTF adds, such as
   * `aws_lb.load_balancer`, so that people can work on the synthesized output by hand. A construct named `this` has
   * the address of its parent, which is the custom in Terraform modules. The scope `parts` is left out.
   */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const { path } = "node" in element ? element.node : element;
    const id = path
      .split("/")
      .slice(1)
      .filter((part) => part !== "this" && part !== PARTS)
      .join("_")
      .replaceAll("-", "_");
    const address =
      "terraformResourceType" in element ? `${String(element.terraformResourceType)}.${id}` : id;
    const owner = this.addresses.get(address) ?? path;
    if (owner !== path) throw new Error(`${path} and ${owner} have the same address "${address}"`);
    this.addresses.set(address, path);
    return id;
  }

  private addBackend() {
    new S3Backend(this, {
      ...this.stateLocation(this.state),
      encrypt: true,
      kmsKeyId: this.names.stateKeyAliasArn,
      dynamodbTable: this.names.lockTable,
      allowedAccountIds: [this.props.environment.account],
    });
    // S3Backend has no property for this option. The state is locked in S3 and in the table. Removing the lock in
    // the table later is a change of one line.
    this.addOverride("terraform.backend.s3.use_lockfile", true);
  }

  /**
   * The provider for us-east-1. The certificates and web ACLs of CloudFront must be in that region, whichever
   * region the environment has. The provider is declared when a state first uses it.
   */
  protected get usEast1(): AwsProvider {
    const id = "aws-us-east-1";
    const existing = this.node.tryFindChild(id) as AwsProvider | undefined;
    return existing ?? this.addProvider(id, { alias: "us_east_1", region: "us-east-1" });
  }

  private addProvider(id: string, where: { readonly alias?: string; readonly region: string }) {
    const { platform, environment } = this.props;
    return new AwsProvider(this, id, {
      ...where,
      // Without an account, a plan works with any credentials, and RefuseApply prevents an apply.
      allowedAccountIds:
        environment.account === PLACEHOLDER_ACCOUNT ? undefined : [environment.account],
      // The default of maxRetries is 25. The local AWS returns 500 for an action that it does not support, and the
      // provider would repeat the call for minutes. Two attempts are too few on a busy machine
      // (aws/aws-sdk-go-v2#2737).
      ...(environment.singleEndpoint && { s3UsePathStyle: true, maxRetries: 4 }),
      defaultTags: [
        {
          tags: {
            Platform: platform.name,
            Environment: this.variables.environment,
            State: this.state,
            ManagedBy: "terraform",
          },
        },
      ],
    });
  }

  private stateLocation(state: string) {
    const { region, singleEndpoint } = this.props.environment;
    return {
      bucket: this.names.stateBucket,
      key: this.names.stateObject(state),
      region,
      ...(singleEndpoint && { usePathStyle: true }),
    };
  }
}

/**
 * Writes two files into the state's folder: the committed provider lock file, for `-lockfile=readonly`, and the
 * description of the state, for the scripts that deploy it.
 */
function withFiles(
  synthesizer: IStackSynthesizer,
  stack: string,
  description: StateDescription,
): IStackSynthesizer {
  return {
    synthesize(session) {
      synthesizer.synthesize(session);
      const folder = join(session.outdir, "stacks", stack);
      copyFileSync(join(__dirname, "..", LOCK_FILE), join(folder, LOCK_FILE));
      const text = `${JSON.stringify(description, null, 2)}\n`;
      writeFileSync(join(folder, STATE_DESCRIPTION_FILE), text);
    },
  };
}
