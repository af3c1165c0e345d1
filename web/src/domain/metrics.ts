// Figures out of the Prometheus text of /metrics (format 0.0.4).

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function readMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const row of text.split('\n')) {
    if (!row || row.startsWith('#')) continue;
    const parts = line.exec(row);
    if (!parts) continue;
    const labels: Record<string, string> = {};
    for (const [, name, value] of (parts[2] ?? '').matchAll(label)) labels[name!] = value!.replace(/\\(.)/g, '$1');
    const value = parts[3] === '+Inf' ? Infinity : Number(parts[3]);
    if (!Number.isNaN(value)) samples.push({ name: parts[1]!, labels, value });
  }
  return samples;
}

const fits = (sample: Sample, labels: Record<string, string>) =>
  Object.entries(labels).every(([name, value]) => sample.labels[name] === value);

/** The sum over all series of that name with these labels; undefined when there is none. */
export function total(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number | undefined {
  const found = samples.filter((sample) => sample.name === name && fits(sample, labels));
  return found.length ? found.reduce((sum, sample) => sum + sample.value, 0) : undefined;
}

export interface Spread {
  count: number;
  mean: number;
  p50: number;
  p95: number;
}

/** From a histogram's buckets, as Prometheus' histogram_quantile does it; undefined while it is empty. */
export function spread(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): Spread | undefined {
  const count = total(samples, `${name}_count`, labels);
  if (!count) return undefined;
  const buckets = new Map<number, number>();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket` || !fits(sample, labels)) continue;
    const bound = sample.labels['le'] === '+Inf' ? Infinity : Number(sample.labels['le']);
    buckets.set(bound, (buckets.get(bound) ?? 0) + sample.value);
  }
  const sorted = [...buckets].sort((a, b) => a[0] - b[0]);
  const mean = (total(samples, `${name}_sum`, labels) ?? 0) / count;
  return { count, mean, p50: quantile(sorted, 0.5, mean), p95: quantile(sorted, 0.95, mean) };
}

function quantile(buckets: [number, number][], share: number, otherwise: number): number {
  const all = buckets[buckets.length - 1]?.[1] ?? 0;
  if (!all) return otherwise;
  const rank = share * all;
  let below = 0;
  let lower = 0;
  for (const [bound, cumulative] of buckets) {
    if (cumulative >= rank) {
      if (bound === Infinity) return lower;
      const inside = cumulative - below;
      return inside ? lower + ((bound - lower) * (rank - below)) / inside : bound;
    }
    below = cumulative;
    lower = bound;
  }
  return lower;
}
