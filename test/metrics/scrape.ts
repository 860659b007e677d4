// What a scrape says, to be asked by name and labels. For tests.
interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Every sample of Prometheus' text format. */
export function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (match === null) return [];
    const [, name = '', inside = '', value] = match;
    const labels = Object.fromEntries([...inside.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, word]) => [label, word]));
    return [{ name, labels: labels as Record<string, string>, value: Number(value) }];
  });
}

/** The sum of all samples of this name that have these labels; undefined where there is none. */
export function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = samplesOf(text).filter(
    (sample) => sample.name === name && Object.entries(labels).every(([label, word]) => sample.labels[label] === word),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}
