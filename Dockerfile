# Built in a stage of its own: the service needs no build tools and no root.
FROM node:22-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY src src
COPY emulator emulator
COPY demo demo
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-alpine
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY bin bin
RUN mkdir data && chown node:node data && ln -s /app/bin/neptune-ops.js /usr/local/bin/neptune-ops
USER node
VOLUME /app/data
EXPOSE 3000
# On SIGTERM visits have NEPTUNE_OPS_DRAIN_MS (8 s) to end; Docker waits ten seconds.
STOPSIGNAL SIGTERM
CMD ["neptune-ops", "start"]
