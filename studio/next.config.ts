import type { NextConfig } from "next";

/** A static export below /studio, which Pixel serves itself. `next dev` instead asks a running Pixel for the API. */
const production = process.env.NODE_ENV === "production";
/** Where callers reach the studio. The API is one level above it. */
const basePath = process.env.STUDIO_PATH ?? "/studio";
const pixel = process.env.PIXEL_URL ?? "http://127.0.0.1:8000";

const config: NextConfig = {
  basePath,
  env: { PIXEL_PATH: basePath.slice(0, basePath.lastIndexOf("/")) },
  trailingSlash: true,
  images: { unoptimized: true },
  // Two builds of the same source are the same files.
  generateBuildId: async () => "studio",
  // `npm run types` checks the types; here they would be checked twice.
  typescript: { ignoreBuildErrors: true },
  ...(production
    ? { output: "export" }
    : {
        skipTrailingSlashRedirect: true,
        rewrites: async () => [
          { source: "/api/:path*", destination: `${pixel}/api/:path*`, basePath: false },
          { source: "/health/:path*", destination: `${pixel}/health/:path*`, basePath: false },
        ],
      }),
};

export default config;
