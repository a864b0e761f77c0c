// Builds both pages into --out: report.html (a template that the program fills; everything inline) and workbench/ (index.html and
// hashed assets); then embed.cpp, which puts their bytes into the program, and a depfile that names every source that was read.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import * as Plot from '@observablehq/plot';
import { JSDOM } from 'jsdom';
import { feature } from 'topojson-client';
import { build } from 'vite';

const here = dirname(fileURLToPath(import.meta.url));
const argument = (name) => process.argv[process.argv.indexOf(name) + 1];
const out = resolve(process.argv.includes('--out') ? argument('--out') : join(here, 'dist'));
const read = new Set(['build.mjs', 'package-lock.json', 'report.template.html', 'svelte.config.js', 'i18n/es'].map((file) => join(here, file)));

const remember = {
  name: 'remember-sources',
  buildEnd() {
    for (const id of this.getModuleIds()) {
      const file = id.replace(/^\0/, '').split('?')[0];
      if ((file.startsWith(here) || file.endsWith('.json')) && !file.includes('node_modules')) read.add(file); // and the catalogues of src
    }
  },
};
const shared = { configFile: false, logLevel: 'warn', plugins: [svelte(), remember] };
const sha256 = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

// Observable Plot writes one constant <style> into every picture; a page that forbids inline styles allows this one by its hash.
function plot_style() {
  const { document } = new JSDOM('').window;
  return Plot.plot({ document, className: 'plot', marks: [Plot.frame()] }).querySelector('style').textContent;
}

async function build_report(style_of_plot) {
  const outputs = await build({
    ...shared,
    root: here,
    build: {
      write: false,
      target: 'es2022',
      cssCodeSplit: false,
      lib: { entry: join(here, 'src/report/main.ts'), formats: ['iife'], name: 'cotejo_report', fileName: 'report' },
    },
  });
  const parts = outputs[0].output;
  // '<!--' stands only in literals of the framework; written so, the page's parser does not take it for a comment.
  const script = parts.find((part) => part.type === 'chunk').code.replaceAll('<!--', '\\x3c!--');
  const style = parts
    .filter((part) => part.fileName.endsWith('.css'))
    .map((part) => part.source)
    .join('\n');
  if (/<\/?script|<!--/i.test(script) || /<\/style/i.test(style) || /\r/.test(script + style)) throw new Error('the bundle cannot stand inline in a page');
  const policy = `default-src 'none'; script-src ${sha256(script)}; style-src ${sha256(style)} ${sha256(style_of_plot)}; img-src data: blob:; base-uri 'none'; form-action 'none'`;
  const page = readFileSync(join(here, 'report.template.html'), 'utf8')
    .replace('{{policy}}', () => policy)
    .replace('{{style}}', () => style)
    .replace('{{script}}', () => script);
  writeFileSync(join(out, 'report.html'), page);
}

async function build_workbench() {
  await build({
    ...shared,
    root: join(here, 'src/workbench'),
    base: './',
    build: { outDir: join(out, 'workbench'), emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  });
  read.add(join(here, 'src/workbench/index.html'));
}

// Countries in hundredths of a degree: the workbench fetches the file, a report gets those in view from the program (src/dossier/outlines.cpp).
function write_outlines() {
  const world = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('world-atlas/countries-50m.json'), 'utf8'));
  const whole = (ring) => ring.flatMap(([longitude, latitude]) => [Math.round(100 * longitude), Math.round(100 * latitude)]);
  const countries = feature(world, world.objects.countries).features.map(({ properties, geometry }) => ({
    name: properties.name,
    rings: (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).flat().map(whole),
  }));
  writeFileSync(join(out, 'workbench/assets/outlines.json'), JSON.stringify(countries));
}

// The document's script: one call, in any engine, without a browser.
async function build_document() {
  const outputs = await build({
    ...shared,
    root: here,
    ssr: { noExternal: true },
    build: {
      write: false,
      ssr: join(here, 'src/document/main.ts'),
      target: 'es2020',
      minify: 'esbuild',
      rollupOptions: { output: { format: 'iife', inlineDynamicImports: true } },
    },
  });
  writeFileSync(join(out, 'document.js'), outputs.output.find((part) => part.type === 'chunk').code);
}

const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json',
  woff2: 'font/woff2',
};

// One .incbin per file: the bytes go straight from the file into the object.
function embed(style_of_plot) {
  const files = readdirSync(join(out, 'workbench'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(out, 'workbench'), join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
  const blob = (
    index,
    file,
  ) => `asm(".section .rodata\\n.balign 16\\ncotejo_web_${index}:\\n.incbin ${JSON.stringify(JSON.stringify(file)).slice(1, -1)}\\ncotejo_web_${index}_end:\\n.byte 0\\n.previous");
extern "C" const char cotejo_web_${index}[], cotejo_web_${index}_end[];`;
  const view = (index) => `{cotejo_web_${index}, static_cast<std::size_t>(cotejo_web_${index}_end - cotejo_web_${index})}`;
  const names = ['report.html', 'document.js', ...files.map((file) => `workbench/${file}`)];
  const text = `// Written by web/build.mjs.
#include "cotejo/web/pages.hpp"

${names.map((name, index) => blob(index, join(out, name))).join('\n')}

namespace cotejo {

std::string_view report_template() {
  return ${view(0)};
}

std::string_view document_script() {
  return ${view(1)};
}

std::span<const WebFile> workbench_files() {
  static const WebFile files[] = {
${files.map((file, index) => `      {${JSON.stringify(file)}, ${JSON.stringify(types[file.split('.').pop()] ?? 'application/octet-stream')}, ${view(index + 2)}},`).join('\n')}
  };
  return files;
}

std::string_view picture_style_hash() {
  return ${JSON.stringify(sha256(style_of_plot))};
}

}  // namespace cotejo
`;
  writeFileSync(join(out, 'embed.cpp'), text);
  const escaped = (file) => file.replaceAll(' ', '\\ ');
  writeFileSync(join(out, 'embed.d'), `${escaped(join(out, 'embed.cpp'))}: ${[...read].sort().map(escaped).join(' ')}\n`);
}

rmSync(join(out, 'workbench'), { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const style_of_plot = plot_style();
await build_report(style_of_plot);
await build_document();
await build_workbench();
write_outlines();
embed(style_of_plot);
