import { defineConfig } from 'vite';

export default defineConfig({
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    // Everything is a file of its own: the service's content policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `npx vite` beside a running service, for work on the wall itself.
  server: { proxy: { '^/(api|health|metrics|openapi.json|docs)': 'http://127.0.0.1:8000' } },
});
