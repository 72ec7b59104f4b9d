import { definePlatform } from "../../model/platform";

export const platform = definePlatform({
  file: __filename,
  name: "flask",
  services: [
    {
      name: "flask",
      image: { context: "examples/flask/app", dockerfile: "examples/flask/app/Dockerfile" },
      containerPort: 5000,
      cpuArchitecture: "X86_64",
      auth: "none",
      route: { priority: 100, paths: ["/*"], healthCheckPath: "/health" },
      containerHealthCheck: ["CMD", "python", "healthcheck.py"],
      user: "65532:65532",
    },
  ],
  tables: [],
});

/** The commands that `npm start` shows for trying the platform. */
export const tryIt = (url: string) => `
  curl ${url}/
  curl ${url}/health`;
