import { App } from "cdktf";
import { dev } from "./environments/dev";
import { prod } from "./environments/prod";
import { staging } from "./environments/staging";
import { inventory } from "./platforms/inventory";
import { addStates } from "./stacks";

// CDKTF takes a stack trace for every token; mapping each to its TypeScript line is a fifth of synth.
process.setSourceMapsEnabled(false);

const app = new App();
for (const environment of [dev, staging, prod]) {
  addStates(app, { platform: inventory, environment });
}
app.synth();
