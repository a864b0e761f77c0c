import { mount } from 'svelte';
import '../lib/base.css';
import { choose_language } from '../lib/language.svelte.ts';
import Workbench from './Workbench.svelte';

choose_language();
mount(Workbench, { target: document.getElementById('app')! });
