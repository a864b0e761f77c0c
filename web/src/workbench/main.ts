import { mount } from 'svelte';
import { outlines } from '../charts/outlines.svelte.ts';
import '../lib/base.css';
import './workbench.css';
import { choose_language } from '../lib/language.svelte.ts';
import { follow_printing } from '../lib/printing.svelte.ts';
import { bench } from './state.svelte.ts';
import Workbench from './Workbench.svelte';

choose_language(localStorage.getItem('language'));
outlines.found_at('assets/outlines.json');
follow_printing();
mount(Workbench, { target: document.getElementById('app')! });
void bench.open();
