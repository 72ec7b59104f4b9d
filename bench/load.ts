// This file loads every module that main.ts loads, and does nothing with them.
import "cdktf";
import "../environments/dev";
import "../environments/prod";
import "../environments/staging";
import "../platforms/inventory/platform";
import "../stacks";
