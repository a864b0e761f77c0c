// Draws of a model, quantity by quantity. `posterior-density`: columns quantity, from, to, density. `trace`: columns quantity, chain, iteration, value.
import * as Plot from '@observablehq/plot';
import { number, t } from '../lib/language.svelte.ts';
import type { Chart } from './kinds.ts';
import { colour, finite, picture, ticks } from './plot.ts';
import { objects, rows_of, type Row } from './rows.ts';

const quantities = (rows: Row[]) => [...new Set(rows.map((row) => String(row.quantity)))];

// The interval that holds the middle 95 % of a histogram, and its mean.
function summary(rows: Row[]) {
  const bins = rows.map((row) => {
    const [from, to] = [row.from as number, row.to as number];
    return { from, to, mass: (row.density as number) * (to - from) };
  });
  const total = bins.reduce((sum, { mass }) => sum + mass, 0) || 1;
  const at = (share: number) => {
    let below = 0;
    for (const { from, to, mass } of bins) {
      if (below + mass >= share * total) return from + ((share * total - below) / (mass || 1)) * (to - from);
      below += mass;
    }
    return Math.max(...bins.map(({ to }) => to)); // rounding left a little of the last bin
  };
  const mean = bins.reduce((sum, { from, to, mass }) => sum + mass * ((from + to) / 2), 0) / total;
  return { mean, low: at(0.025), high: at(0.975) };
}

// Each quantity has its own scale, so each is scaled to 0..1 of its range; the ends are written beside.
export const posterior: Chart = {
  draw(figure, place) {
    const rows = objects(figure).filter((row) => finite(row.density));
    const names = quantities(rows);
    if (!names.length) throw new Error('no densities');
    const panels = names.map((name) => {
      const bins = rows.filter((row) => row.quantity === name);
      const low = Math.min(...bins.map((bin) => bin.from as number));
      const high = Math.max(...bins.map((bin) => bin.to as number));
      const top = Math.max(...bins.map((bin) => bin.density as number));
      return { name, bins, low, high, top, summary: summary(bins) };
    });
    const scaled = panels.flatMap(({ name, bins, low, high, top }) =>
      bins.map((bin) => ({
        name,
        x1: ((bin.from as number) - low) / (high - low),
        x2: ((bin.to as number) - low) / (high - low),
        y: (bin.density as number) / top,
      })),
    );
    const to = (panel: (typeof panels)[number], value: number) => (value - panel.low) / (panel.high - panel.low);
    return picture(place, {
      height: 30 + 96 * names.length,
      marginLeft: 14,
      marginRight: 14,
      marginTop: 26,
      marginBottom: 24,
      x: { axis: null, domain: [0, 1] },
      y: { axis: null, domain: [0, 1.05] },
      fy: { domain: names, axis: null, padding: 0.42 },
      marks: [
        Plot.rectY(scaled, { fy: 'name', x1: 'x1', x2: 'x2', y: 'y', fill: colour.leader, fillOpacity: 0.7 }),
        Plot.ruleY(panels, {
          fy: 'name',
          y: () => 0.02,
          x1: (p) => to(p, p.summary.low),
          x2: (p) => to(p, p.summary.high),
          stroke: colour.mark,
          strokeWidth: 4,
        }),
        Plot.text(panels, {
          fy: 'name',
          frameAnchor: 'top-left',
          dy: -16,
          text: (p) =>
            `${p.name}   ${t('mean {}, 95 % from {} to {}', ...([p.summary.mean, p.summary.low, p.summary.high].map((v) => number(Number(v.toPrecision(4)))) as [string, string, string]))}`,
          fontWeight: 650,
        }),
        Plot.text(panels, { fy: 'name', frameAnchor: 'bottom-left', dy: 14, text: (p) => number(Number(p.low.toPrecision(4))) }),
        Plot.text(panels, { fy: 'name', frameAnchor: 'bottom-right', dy: 14, text: (p) => number(Number(p.high.toPrecision(4))) }),
        Plot.ruleY([0], { stroke: colour.ink }),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure).filter((row) => finite(row.density));
    return `${quantities(rows)
      .map((name) => {
        const { mean, low, high } = summary(rows.filter((row) => row.quantity === name));
        return `${name}: ${t('mean {}, 95 % from {} to {}', ...([mean, low, high].map((v) => number(Number(v.toPrecision(4)))) as [string, string, string]))}`;
      })
      .join('; ')} (${t('from the bars; the red line is the interval')}).`;
  },
  table: (figure) => rows_of(figure),
};

export const trace: Chart = {
  draw(figure, place) {
    const rows = objects(figure).filter((row) => finite(row.value));
    const names = quantities(rows);
    if (!names.length) throw new Error('no draws');
    const range = new Map(
      names.map((name) => {
        const values = rows.filter((row) => row.quantity === name).map((row) => row.value as number);
        return [name, [Math.min(...values), Math.max(...values)] as const];
      }),
    );
    const hues = [colour.leader, colour.other, colour.good, colour.mark, 'var(--pink)', 'var(--sky)', 'var(--grey)', 'var(--yellow)'];
    const drawn = rows.map((row) => {
      const [low, high] = range.get(String(row.quantity))!;
      return {
        quantity: String(row.quantity),
        chain: Number(row.chain),
        iteration: Number(row.iteration),
        y: ((row.value as number) - low) / (high - low || 1),
      };
    });
    return picture(place, {
      height: 40 + 82 * names.length,
      marginLeft: 14,
      marginTop: 24,
      x: { label: t('iteration'), labelArrow: 'none', tickFormat: ticks },
      y: { axis: null, domain: [0, 1] },
      fy: { domain: names, axis: null, padding: 0.3 },
      marks: [
        Plot.line(drawn, {
          fy: 'quantity',
          x: 'iteration',
          y: 'y',
          z: 'chain',
          stroke: (d) => hues[(d.chain - 1) % hues.length],
          strokeWidth: 0.9,
          strokeOpacity: 0.8,
        }),
        Plot.text(
          names.map((name) => ({ quantity: name })),
          {
            fy: 'quantity',
            frameAnchor: 'top-left',
            dy: -13,
            text: (d) =>
              `${d.quantity}   ${range
                .get(d.quantity)!
                .map((v) => number(Number(v.toPrecision(4))))
                .join(' – ')}`,
            fontWeight: 650,
          },
        ),
      ],
    });
  },
  describe(figure) {
    const rows = objects(figure);
    return t(
      '{} quantities, {} chains, one line each: chains that have converged lie over each other.',
      number(quantities(rows).length),
      number(new Set(rows.map((row) => row.chain)).size),
    );
  },
  table: (figure) => rows_of(figure),
};
