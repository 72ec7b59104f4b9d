import { App } from "cdktf";
import { dev } from "../../environments/dev";
import { prod } from "../../environments/prod";
import { addStates } from "../../stacks";
import { platform } from "./platform";

const unauthenticated = "The page is for everybody, and the application keeps no data.";

const app = new App();
addStates(app, { platform, environment: dev, promotesTo: prod });
addStates(app, { platform, environment: { ...prod, unauthenticated } });
app.synth();
