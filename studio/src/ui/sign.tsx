/** The sign of Pixel. */
export function Sign({ size }: { size: number }) {
  return (
    <svg viewBox="0 0 3 3" width={size} height={size} shapeRendering="crispEdges" aria-hidden className="shrink-0">
      <path className="fill-accent" d="M0 0h2v1h1v1H1v1H0z" />
      <path className="fill-spark" d="M2 0h1v1H2z" />
    </svg>
  );
}
