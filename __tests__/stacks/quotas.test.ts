import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { warningsOf } from "../../delivery/synthesized/warnings";
import type { Platform } from "../../model/platform";
import type { Service } from "../../model/service";
import { platform as inventory } from "../../platforms/inventory/platform";
import { quotaWarnings } from "../../stacks/quotas";
import { appOf, someAccount } from "../support/app";

const [api] = inventory.services as [Service];

const withRoutes = (count: number): Platform => ({
  ...inventory,
  services: Array.from({ length: count }, (_, i) => ({
    ...api,
    name: `service-${i}`,
    route: { priority: i + 1, paths: [`/${i}/*`], healthCheckPath: "/health" },
  })),
});

test("60 routed services stay within the default quotas", () => {
  expect(quotaWarnings(withRoutes(60))).toEqual([]);
});

test("61 routed services need more outbound rules than a security group has by default", () => {
  expect(quotaWarnings(withRoutes(61))).toEqual([
    'The platform inventory needs 61 of the quota "Outbound rules per security group", which is 60 by default. Ask AWS for more in Service Quotas before you deploy.',
  ]);
});

test("101 routed services need more rules and target groups, too", () => {
  expect(quotaWarnings(withRoutes(101))).toHaveLength(3);
});

test("synth notes the warning beside the state", () => {
  const outdir = mkdtempSync(join(tmpdir(), "quotas-"));
  try {
    appOf(withRoutes(61), [someAccount], outdir).synth();
    expect(warningsOf(outdir)).toEqual([
      expect.stringMatching(/^dev-alb: .* "Outbound rules per security group"/),
    ]);
  } finally {
    rmSync(outdir, { recursive: true });
  }
});
