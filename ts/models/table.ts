/** One column: its title, its width with nothing around, and where its text stands. */
export interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right' | 'center';
}

/** A table drawn with box characters, `width` wide, as the Python package rich draws Keras's summaries. */
export function drawTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const widths = columnWidths(columns, width);
  const rule = (fill: string, left: string, cross: string, right: string) =>
    left + widths.map((cells) => fill.repeat(cells)).join(cross) + right;
  const draw = (texts: readonly string[], bar: string): string[] => {
    const cells = texts.map((text, i) => wrap(text, Math.max(1, widths[i]! - 2)));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => {
      const parts = cells.map((lines, i) => ` ${aligned(lines[line] ?? '', widths[i]! - 2, columns[i]!.align)} `);
      return bar + parts.join(bar) + bar;
    });
  };
  const titles = columns.map(({ title }) => title);
  const lines = [rule('━', '┏', '┳', '┓'), ...draw(titles, '┃'), rule('━', '┡', '╇', '┩')];
  for (const [index, row] of rows.entries()) {
    if (index > 0) lines.push(rule('─', '├', '┼', '┤'));
    lines.push(...draw(row, '│'));
  }
  return [...lines, rule('─', '└', '┴', '┘')];
}

/** The columns' widths with a space on each side, reduced evenly where the table is too narrow for them. */
function columnWidths(columns: readonly Column[], width: number): number[] {
  const room = width - columns.length - 1;
  const wanted = columns.map((column) => Math.min(column.width + 2, room));
  let excess = wanted.reduce((sum, cells) => sum + cells, 0) - room;
  return wanted.map((cells, index) => {
    if (excess <= 0) return cells;
    const part = Math.min(cells, roundHalfToEven(excess / (columns.length - index)));
    excess -= part;
    return cells - part;
  });
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Breaks between words; a word that is too long ends in an ellipsis. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [word] of text.matchAll(/\s*\S+\s*/g)) {
    if (line !== '' && line.length + word.trimEnd().length > width) {
      lines.push(line);
      line = word;
    } else {
      line += word;
    }
  }
  return [...lines, line].map((part) => {
    const trimmed = part.trimEnd();
    return trimmed.length > width ? `${trimmed.slice(0, width - 1)}…` : trimmed;
  });
}

function aligned(text: string, width: number, align: Column['align']): string {
  if (align === 'right') return text.padStart(width);
  const before = align === 'center' ? Math.floor((width - text.length) / 2) : 0;
  return text.padStart(text.length + Math.max(0, before)).padEnd(width);
}
