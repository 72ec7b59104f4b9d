import { App } from "cdktf";
import { dev } from "./environments/dev";
import { prod } from "./environments/prod";
import { staging } from "./environments/staging";
import { platform as inventory } from "./platforms/inventory/platform";
import { addStates } from "./stacks";

// CDKTF takes a stack trace for every token; mapping each to its TypeScript line is a fifth of synth.
process.setSourceMapsEnabled(false);

const app = new App();
addStates(app, { platform: inventory, environment: dev, promotesTo: staging });
addStates(app, { platform: inventory, environment: staging, promotesTo: prod });
addStates(app, { platform: inventory, environment: prod });
app.synth();
