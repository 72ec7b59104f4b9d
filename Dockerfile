FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without scripts: the build needs none, and some would compile with tools that are not in this image.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY api ./api
RUN npm run build

# glibc and libstdc++, which Node needs, CA certificates, and nothing else: no shell, no npm.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=build /build/dist ./
ENV NODE_ENV=production
EXPOSE 8080
USER 65532:65532
# With the source map in the bundle, stack traces in the logs name the files of api/.
CMD ["node", "--enable-source-maps", "server.js"]
