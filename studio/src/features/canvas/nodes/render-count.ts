/** How often was a card drawn? Panning a canvas must not draw any: a test of the whole studio reads the number. */

declare global {
  interface Window {
    pixelCardsDrawn?: number;
  }
}

export function countRender(): void {
  window.pixelCardsDrawn = (window.pixelCardsDrawn ?? 0) + 1;
}
