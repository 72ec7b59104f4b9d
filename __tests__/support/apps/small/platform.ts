import { definePlatform } from "../../../../model/platform";

export const platform = definePlatform({
  file: __filename,
  name: "small",
  services: [
    {
      name: "small",
      image: { context: ".", dockerfile: "Dockerfile" },
      containerPort: 5000,
      cpuArchitecture: "ARM64",
      auth: "none",
      route: { priority: 100, paths: ["/*"], healthCheckPath: "/health" },
      containerHealthCheck: ["CMD", "node", "healthcheck.js"],
      user: "65532:65532",
    },
  ],
  tables: [],
});
