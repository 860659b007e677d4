// Grafana's dashboard in Grafana's own format. `npm run docs` writes grafana-dashboard.json from it. panels.ts has the
// queries.
import { type Panel, rows } from './panels.ts';

const width = 24;
const sizes = { stat: { w: 4, h: 4 }, timeseries: { w: 8, h: 8 } };

/** In Grafana's own format. */
export function dashboard(): object {
  let id = 0;
  let y = 0;
  const panels: object[] = [];
  for (const row of rows) {
    panels.push({
      id: (id += 1),
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: width, h: 1 },
      panels: [],
    });
    y += 1;
    let [x, lowest] = [0, 0];
    for (const panel of row.panels) {
      const { w, h } = sizes[panel.kind ?? 'timeseries'];
      if (x + w > width) [x, y, lowest] = [0, y + lowest, 0];
      panels.push(panelOf(panel, (id += 1), { x, y, w, h }));
      [x, lowest] = [x + w, Math.max(lowest, h)];
    }
    y += lowest;
  }
  return {
    title: 'neptune-ops',
    uid: 'neptune-ops',
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    tags: ['neptune'],
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
        {
          name: 'job',
          type: 'query',
          label: 'Service',
          datasource,
          query: { query: 'label_values(neptune_ops_build_info, job)', refId: 'jobs' },
          refresh: 2,
          includeAll: true,
          multi: true,
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels,
  };
}

const datasource = { type: 'prometheus', uid: '${datasource}' };

function panelOf({ title, about, unit, kind = 'timeseries', queries }: Panel, id: number, gridPos: object) {
  return {
    id,
    type: kind,
    title,
    description: about,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat: legend,
      ...(kind === 'stat' ? { instant: true } : {}),
    })),
  };
}
