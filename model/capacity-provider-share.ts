/** Where tasks run: on `FARGATE`, on `FARGATE_SPOT`, or shared between them. */
export interface CapacityProviderShare {
  readonly capacityProvider: "FARGATE" | "FARGATE_SPOT";
  /** Share of the tasks beyond `base`. */
  readonly weight: number;
  /** Tasks that run here before weights count. @default 0 */
  readonly base?: number;
}
