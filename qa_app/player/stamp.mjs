// Keeps a hash of the sources beside the bundle, so that a test can tell when the bundle is stale.
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const sources = [...readdirSync("src").filter((name) => name.endsWith(".ts")).sort().map((name) => `src/${name}`), "package.json"];
const hash = createHash("sha256");
for (const source of sources) hash.update(readFileSync(source));
writeFileSync("bundle/sources.sha256", `${hash.digest("hex")}\n`);
copyFileSync("node_modules/wavesurfer.js/LICENSE", "bundle/wavesurfer.LICENSE.txt");
