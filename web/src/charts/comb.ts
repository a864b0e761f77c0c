// How many units have each percentage, in fine steps: peaks at whole percentages stand out. `peak-comb`: step_percent, turnout[], share[].
// `spike-density`: cells, observed[], fair[] (turnout, then share, cells + 1 each).
import * as Plot from '@observablehq/plot';
import type { Figure } from '../lib/finding.ts';
import { number, t } from '../lib/language.svelte.ts';
import type { Chart, Place } from './kinds.ts';
import { colour, picture, ticks } from './plot.ts';

interface Step {
  panel: string;
  percent: number;
  observed: number;
  fair: number | null;
  whole: boolean;
}

function series(figure: Figure): Step[] {
  const data = figure.data as { step_percent?: number; turnout?: number[]; share?: number[]; cells?: number; observed?: number[]; fair?: number[] };
  const step = data.step_percent ?? (data.cells ? 100 / data.cells : NaN);
  const every = Math.round(1 / step);
  const of = (panel: string, observed: number[], fair?: number[]): Step[] =>
    observed.map((n, i) => ({ panel, percent: i * step, observed: n, fair: fair?.[i] ?? null, whole: every > 1 && i % every === 0 }));
  if (data.turnout && data.share) return [...of('turnout', data.turnout), ...of('share', data.share)];
  if (!data.cells || !data.observed || !data.fair) throw new Error('no comb');
  const half = data.cells + 1;
  return [...of('turnout', data.observed.slice(0, half), data.fair.slice(0, half)), ...of('share', data.observed.slice(half), data.fair.slice(half))];
}

function draw(figure: Figure, place: Place): SVGSVGElement {
  const steps = series(figure);
  const title: Record<string, string> = { turnout: t('turnout'), share: t("the leader's share") };
  // 0 and 100 % are whole by nature (closed lists of few voters) and would flatten all the rest.
  const inner = steps.filter((s) => s.percent > 1 && s.percent < 99);
  const fair = inner.filter((s) => s.fair !== null);
  return picture(place, {
    height: 400,
    marginTop: 26,
    x: { label: '%', labelArrow: 'none', domain: [0, 100], tickFormat: ticks },
    y: { label: t('units'), labelArrow: 'none', tickFormat: ticks, grid: true },
    fy: { domain: ['turnout', 'share'], axis: null, padding: 0.16 },
    marks: [
      fair.length ? Plot.line(fair, { fy: 'panel', x: 'percent', y: 'fair', stroke: colour.mark, strokeWidth: 1.6 }) : null,
      Plot.line(inner, { fy: 'panel', x: 'percent', y: 'observed', stroke: colour.leader, strokeWidth: 1 }),
      Plot.dot(
        inner.filter((s) => s.whole && s.observed > 0),
        { fy: 'panel', x: 'percent', y: 'observed', r: 1.8, fill: colour.ink },
      ),
      Plot.text(
        ['turnout', 'share'].map((panel) => ({ panel })),
        { fy: 'panel', frameAnchor: 'top-left', dx: 8, dy: -14, text: (d: { panel: string }) => title[d.panel], fontWeight: 650 },
      ),
      Plot.ruleY([0], { stroke: colour.ink }),
    ],
  });
}

function describe(figure: Figure): string {
  const steps = series(figure);
  const parts = ['turnout', 'share'].map((panel) => {
    const mine = steps.filter((s) => s.panel === panel);
    const peak = mine
      .filter((s) => s.whole && s.percent > 1 && s.percent < 99)
      .reduce((best, s) => (s.observed > (best?.observed ?? -1) ? s : best), undefined as Step | undefined);
    const whole = mine.filter((s) => s.whole).reduce((sum, s) => sum + s.observed, 0);
    const units = mine.reduce((sum, s) => sum + s.observed, 0);
    const name = panel === 'turnout' ? t('turnout') : t("the leader's share");
    return `${name}: ${t('{} of {} units at a whole percentage', number(whole), number(units))}${peak ? `, ${t('the highest at {} % ({})', number(peak.percent), number(peak.observed))}` : ''}`;
  });
  const fair = steps.some((s) => s.fair !== null) ? ` ${t('The red line is the mean of fair elections.')}` : '';
  return `${t('Black dots are whole percentages; below 1 and above 99 % nothing is drawn.')} ${parts.join('; ')}.${fair}`;
}

export const comb: Chart = {
  draw,
  describe,
  table: (figure) => ({
    title: figure.title,
    columns: [{ name: 'of' }, { name: 'percent' }, { name: 'units' }, { name: 'fair' }],
    rows: series(figure)
      .filter((s) => s.observed > 0 || (s.fair ?? 0) > 0)
      .map((s) => [s.panel, Number(s.percent.toFixed(3)), s.observed, s.fair]),
  }),
};
