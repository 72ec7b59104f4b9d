/**
 * Synthesizes the inventory platform with several services in several environments.
 *
 *     tsx bench/many-services.ts <services> <environments>
 */
import { App } from "cdktf";
import { dev } from "../environments/dev";
import { platform } from "../platforms/inventory/platform";
import { addStates } from "../stacks";

const [services = 1, environments = 1] = process.argv.slice(2).map(Number);

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const large = {
  ...platform,
  services: platform.services.flatMap((service) =>
    numbers(services).map((number) => ({
      ...service,
      name: `service-${number}`,
      route: service.route && { ...service.route, priority: number },
    })),
  ),
};

const app = new App();
for (const number of numbers(environments)) {
  addStates(app, { platform: large, environment: { ...dev, name: `env${number}` } });
}
app.synth();
