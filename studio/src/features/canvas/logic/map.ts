/** Where is what on the small map? */

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

const MARGIN = 6;

/** How points of the canvas become points of a map on which all nodes and the view are to be seen. */
export function mapOf(
  nodes: readonly Rectangle[],
  view: Rectangle,
  width: number,
  height: number,
): { scale: number; dx: number; dy: number } {
  let [left, top, right, bottom] = [view.x, view.y, view.x + view.width, view.y + view.height];
  for (const node of nodes) {
    left = Math.min(left, node.x);
    top = Math.min(top, node.y);
    right = Math.max(right, node.x + node.width);
    bottom = Math.max(bottom, node.y + node.height);
  }
  const scale = Math.min(
    (width - 2 * MARGIN) / Math.max(1, right - left),
    (height - 2 * MARGIN) / Math.max(1, bottom - top),
  );
  return {
    scale,
    dx: (width - (right - left) * scale) / 2 - left * scale,
    dy: (height - (bottom - top) * scale) / 2 - top * scale,
  };
}
