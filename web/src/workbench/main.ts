import { mount } from 'svelte';
import '../lib/base.css';
import './workbench.css';
import { choose_language } from '../lib/language.svelte.ts';
import { follow_printing } from '../lib/printing.svelte.ts';
import { bench } from './state.svelte.ts';
import Workbench from './Workbench.svelte';

choose_language(localStorage.getItem('language'));
follow_printing();
mount(Workbench, { target: document.getElementById('app')! });
void bench.open();
