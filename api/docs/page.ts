/** The script that runs in the browser. `npm run build` bundles it with everything it needs. */
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "./page.css";

SwaggerUI({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  // The default validator is on another host, and the document would be sent there.
  validatorUrl: null,
});
