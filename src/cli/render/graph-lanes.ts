/** Something in a graph of which the parents stand below. */
export interface Vertex {
  readonly id: string;
  readonly parents: readonly string[];
  /** What is drawn in its place. */
  readonly mark: string;
}

/** One line: the drawing, and the vertex that it is about; a line of connections is about none. */
export interface GraphLine {
  readonly drawing: string;
  readonly id?: string;
}

/** Draws vertices, each above its parents, as `git log --graph` does: one lane for each line to a parent. */
export function drawGraph(vertices: readonly Vertex[]): GraphLine[] {
  /** The parent that each lane leads to; undefined: free. */
  const lanes: (string | undefined)[] = [];
  const lines: GraphLine[] = [];
  const listed = new Set(vertices.map(({ id }) => id));
  /** Lane of the line before, when nothing leads on from there. */
  let ended: number | undefined;
  for (const { id, parents, mark } of vertices) {
    const own = lanes.flatMap((lane, at) => (lane === id ? [at] : []));
    const at = own[0] ?? freeLane(lanes);
    for (const other of own.slice(1).reverse()) {
      lines.push({ drawing: joined(lanes, at, other) });
      lanes[other] = undefined;
    }
    // A beginning right below an end would look as if it led there.
    if (own.length === 0 && at === ended) lines.push({ drawing: marked(lanes, -1, "") });
    lanes[at] = id;
    trim(lanes);
    lines.push({ drawing: marked(lanes, at, mark), id });
    const [first, ...more] = parents.filter((parent) => listed.has(parent));
    lanes[at] = first;
    ended = first === undefined ? at : undefined;
    for (const parent of more) {
      lanes.splice(at + 1, 0, parent);
      lines.push({ drawing: forked(lanes, at) });
    }
    trim(lanes);
  }
  return lines;
}

/** Above their parents; a line is followed as far as it goes, and the newest begins where that leaves a choice. */
export function inOrder<V extends Vertex & { readonly at: string }>(vertices: readonly V[]): V[] {
  const children = new Map<string, number>(vertices.map(({ id }) => [id, 0]));
  const change = (ids: readonly string[], by: number): void => {
    for (const id of ids) children.set(id, (children.get(id) ?? 0) + by);
  };
  for (const { parents } of vertices) change(parents, 1);
  const left = [...vertices].sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? 1 : -1));
  const order: V[] = [];
  let followed: readonly string[] = [];
  while (left.length > 0) {
    const isReady = ({ id }: V): boolean => children.get(id) === 0;
    const next = left.findIndex((vertex) => followed.includes(vertex.id) && isReady(vertex));
    // Records of several machines may make a ring; then the newest begins.
    const [vertex] = left.splice(Math.max(0, next < 0 ? left.findIndex(isReady) : next), 1) as [V];
    followed = vertex.parents;
    change(followed, -1);
    order.push(vertex);
  }
  return order;
}

function freeLane(lanes: readonly (string | undefined)[]): number {
  const at = lanes.indexOf(undefined);
  return at < 0 ? lanes.length : at;
}

function trim(lanes: (string | undefined)[]): void {
  while (lanes.length > 0 && lanes.at(-1) === undefined) lanes.pop();
}

function marked(lanes: readonly (string | undefined)[], at: number, mark: string): string {
  return lanes
    .map((lane, index) => (index === at ? mark : lane === undefined ? " " : "|"))
    .join(" ")
    .trimEnd();
}

/** Lane `from` bends into lane `to`, left of it. */
function joined(lanes: readonly (string | undefined)[], to: number, from: number): string {
  const signs = lanes.flatMap((lane, index) => [lane === undefined || index === from ? " " : "|", " "]);
  for (let at = to * 2 + 1; at < from * 2 - 1; at++) if (signs[at] === " ") signs[at] = "_";
  signs[from * 2 - 1] = "/";
  return signs.join("").trimEnd();
}

/** The lane right of `at` is new; those behind it move aside. */
function forked(lanes: readonly (string | undefined)[], at: number): string {
  const signs: string[] = Array.from({ length: lanes.length * 2 }, () => " ");
  lanes.forEach((lane, index) => {
    if (lane === undefined) return;
    if (index <= at) signs[index * 2] = "|";
    else signs[index * 2 - 1] = "\\";
  });
  return signs.join("").trimEnd();
}
