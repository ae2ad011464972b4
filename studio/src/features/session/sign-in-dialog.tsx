/** Shown over any page when Pixel asks who is there: what was typed below it stays as it is. */
export function SignInDialog() {
  return null;
}
