import type { NextConfig } from "next";

/** A static export below /studio, which Pixel serves itself. `next dev` instead asks a running Pixel for the API. */
const production = process.env.NODE_ENV === "production";
const pixel = process.env.PIXEL_URL ?? "http://127.0.0.1:8000";

const config: NextConfig = {
  basePath: "/studio",
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
