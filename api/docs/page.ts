/** What runs in the browser: bundled with all it needs by `npm run build`. */
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "./page.css";

SwaggerUI({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  // Of another host: it would be sent the document.
  validatorUrl: null,
});
