// The document to file, made of a dossier in one call, without a browser: HTML with real headings, tables and pictures, of which WeasyPrint makes
// PDF and pandoc DOCX.
import { render } from 'svelte/server';
import { outlines } from '../charts/outlines.svelte.ts';
import { set_language, t } from '../lib/language.svelte.ts';
import { printable } from '../lib/text.ts';
import Page from './Document.svelte';
import type { Input } from './input.ts';
import sheet from './document.css?raw';

const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

export function document_of(input: Input): string {
  set_language(input.language);
  outlines.list = input.outlines;
  const { body } = render(Page, { props: { input } });
  const title = escaped(printable(input.plan.title));
  const meta = [
    ['author', input.plan.author],
    ['dcterms.created', input.plan.date],
    ['generator', `Cotejo ${input.manifest.program.version}`],
  ].map(([name, content]) => (content ? `<meta name="${name}" content="${escaped(printable(content))}">\n` : ''));
  const style = sheet.replace('MANIFEST', () => `${t('manifest')} SHA-256 ${input.manifest_sha256}`);
  return `<!doctype html>\n<html lang="${input.language}">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n${meta.join('')}<style>${style}</style>\n</head>\n<body>\n${body.replaceAll(/<!--[^]*?-->/g, '')}\n</body>\n</html>\n`;
}

(globalThis as unknown as { cotejo_document: typeof document_of }).cotejo_document = document_of;
