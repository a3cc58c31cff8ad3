// What `axe.py` runs: node axe.mjs BROWSER SHOTS PAGE… (SHOTS may be empty). One line per page and per violation.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [, , browserPath, shots, ...pages] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const VIEWS = [
  { name: "desktop-light", ...DESKTOP, colorScheme: "light" },
  { name: "desktop-dark", ...DESKTOP, colorScheme: "dark" },
  { name: "phone-light", ...PHONE, colorScheme: "light" },
  { name: "phone-dark", ...PHONE, colorScheme: "dark" },
  { name: "print", ...DESKTOP, media: "print" },
];

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
let found = 0;
let checks = 0;
for (const page of pages) {
  for (const { name, media, ...view } of VIEWS) {
    // The page's own policy keeps every script out but its own, axe-core too.
    const context = await browser.newContext({ ...view, bypassCSP: true });
    const tab = await context.newPage();
    const tell = (words) => {
      found += 1;
      console.log(`${basename(page)} ${name}: ${words}`);
    };
    tab.on("pageerror", (error) => tell(`script error: ${error.message}`));
    tab.on("request", (request) => request.url().startsWith("file:") || request.url().startsWith("data:") || tell(`asks for ${request.url()}`));
    await tab.goto(`file://${page}`);
    if (media) await tab.emulateMedia({ media });
    if (shots) await tab.screenshot({ path: join(shots, `${basename(page, ".html")}-${name}.png`), fullPage: true });
    await tab.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0 && !media) tell(`${wide} pixels wider than its window`);
    await tab.evaluate(axe);
    // Everything axe-core knows, best practices included, but the rules it calls experimental.
    const result = await tab.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    checks += result.passes.length + result.violations.length;
    for (const { id, impact, help, nodes } of result.violations) {
      tell(`${id} (${impact}): ${help}; ${nodes.length} times, first: ${nodes[0].html.slice(0, 160)}`);
      if (process.env.VERBOSE) console.log(nodes.map((node) => node.failureSummary + " " + node.html.slice(0, 200)).join("\n"));
    }
    await context.close();
  }
}
await browser.close();
console.log(`${pages.length} pages, ${VIEWS.length} views each, ${checks} rules that applied: ${found} violations.`);
process.exit(found ? 1 : 0);
