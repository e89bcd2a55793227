// The layers of src/ (docs/decisions and CONTRIBUTING.md say why). Type-only imports count for the layers, not for cycles.

/** Each folder and the layers directly below it; what those may import, it may import too. */
const below = {
  errors: [],
  expression: ["errors"],
  schema: ["expression"],
  statement: ["schema"],
  compiler: ["statement"],
  engine: ["compiler"],
  "dialects/sqlite": ["engine"],
  "dialects/postgresql": ["engine"],
  "dialects/mysql": ["engine"],
  testing: ["engine"],
  "orm/mapping": ["schema", "statement"],
  "orm/instance": ["orm/mapping"],
  "orm/query": ["orm/instance", "engine"],
  "orm/flush": ["orm/query"],
  "orm/session": ["orm/flush"],
};

/** The entry points of the package, which tie the layers together. */
const entryPoints = ["index", "mysql", "postgresql", "sqlite", "testing"];

const reachable = (layer) => [...new Set([layer, ...below[layer].flatMap(reachable)])];
const inside = (layers) => `^src/(${layers.join("|")})/`;

const layerRules = Object.keys(below).map((layer) => ({
  name: `layer ${layer}`,
  comment: `${layer} may import: ${reachable(layer).join(", ")}`,
  severity: "error",
  from: { path: inside([layer]) },
  to: { path: "^src/", pathNot: inside(reachable(layer)) },
}));

export default {
  forbidden: [
    ...layerRules,
    {
      name: "every module has a layer",
      comment: "Only the entry points lie outside the folders of the layers.",
      severity: "error",
      from: { path: "^src/", pathNot: [inside(Object.keys(below)), `^src/(${entryPoints.join("|")})\\.ts$`] },
      to: {},
    },
    {
      name: "no runtime cycle",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no runtime dependency",
      comment: "The package has no dependencies: Node's own modules and optional peers (type-only or on first use).",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/dialects/" },
      to: { couldNotResolve: false, dependencyTypesNot: ["core", "local", "type-only"], pathNot: "^src/" },
    },
    { name: "imports resolve", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
