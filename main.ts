import { App } from "cdktf";
import { dev } from "./environments/dev";
import { prod } from "./environments/prod";
import { staging } from "./environments/staging";
import { platform as inventory } from "./platforms/inventory/platform";
import { addStates } from "./stacks";

// CDKTF records a stack trace for every token. Mapping them to TypeScript lines takes a fifth of the time of synth.
process.setSourceMapsEnabled(false);

const app = new App();
addStates(app, { platform: inventory, environment: dev, promotesTo: staging });
addStates(app, { platform: inventory, environment: staging, promotesTo: prod });
addStates(app, { platform: inventory, environment: prod });
app.synth();
