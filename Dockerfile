FROM node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6 AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without scripts: the build needs none, and some would compile with tools that are not in this image.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY api ./api
RUN npm run build

# glibc and libstdc++, which Node needs, CA certificates, and nothing else: no shell, no npm.
FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=build /build/dist ./
ENV NODE_ENV=production
EXPOSE 8080
USER 65532:65532
# With the source map in the bundle, stack traces in the logs name the files of api/.
CMD ["node", "--enable-source-maps", "server.js"]
