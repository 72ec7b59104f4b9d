import { App } from "cdktf";
import { dev } from "../../../../environments/dev";
import { addStates } from "../../../../stacks";
import { platform } from "./platform";

const app = new App();
addStates(app, { platform, environment: { ...dev, name: "only", account: "111111111111" } });
app.synth();
console.log("What an app says is not the result of a script.");
