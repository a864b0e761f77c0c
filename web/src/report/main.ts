import { mount } from 'svelte';
import { outlines } from '../charts/outlines.svelte.ts';
import '../lib/base.css';
import { choose_language } from '../lib/language.svelte.ts';
import { follow_printing } from '../lib/printing.svelte.ts';
import Page from './Report.svelte';
import type { Report } from './report.ts';

const report = JSON.parse(document.getElementById('data')!.textContent!) as Report;
outlines.list = report.outlines ?? [];
choose_language(report.plan.language);
follow_printing();
const target = document.getElementById('app')!;
target.replaceChildren();
mount(Page, { target, props: { report } });
