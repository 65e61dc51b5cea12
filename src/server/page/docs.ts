/**
 * The OpenAPI document and its two readers, Swagger UI and Redoc, served from their packages: no
 * page loads anything from another host, and the policy header holds them to that. What a page loads is
 * named from the page's own place, so that it works behind any prefix that a proxy takes off.
 */
import { Type } from '@sinclair/typebox';
import { openApiDocument } from '../http/openapi.ts';
import { json, SAFE_HEADERS } from '../http/reply.ts';
import type { Route } from '../http/route.ts';

const TAG = 'Documentation';
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE_HEADERS = { 'content-security-policy': POLICY, ...SAFE_HEADERS };
const ASSET_HEADERS = { 'cache-control': 'public, max-age=3600', ...PAGE_HEADERS };

const ASSETS = {
  '/docs/swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
  '/docs/swagger-ui-bundle.js': 'swagger-ui-dist/swagger-ui-bundle.js',
  '/docs/favicon-32x32.png': 'swagger-ui-dist/favicon-32x32.png',
  '/redoc/redoc.standalone.js': 'redoc/bundles/redoc.standalone.js',
} as const;

/** The way up from a page to the root, such as `../` for `/api/docs`. */
type Page = (up: string) => string;

const swaggerPage: Page = (up) =>
  page(
    up,
    `<link rel="stylesheet" href="${up}docs/swagger-ui.css">`,
    `<div id="swagger-ui"></div>
<script src="${up}docs/swagger-ui-bundle.js"></script>
<script src="${up}docs/start.js"></script>`,
  );
const SWAGGER_START = `window.ui = SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).href,
  dom_id: '#swagger-ui',
});
`;
const redocPage: Page = (up) =>
  page(
    up,
    '',
    `<redoc spec-url="${up}openapi.json"></redoc>
<script src="${up}redoc/redoc.standalone.js"></script>`,
  );

export function docsRoutes(documented: readonly Route[], version: string): Route[] {
  const self = jsonDocument(() => document);
  const document = openApiDocument([...documented, self], version);
  return [
    self,
    served('/docs', 'This API in Swagger UI', shown(swaggerPage)),
    served('/api/docs', 'This API in Swagger UI', shown(swaggerPage)),
    served('/docs/start.js', 'Starts Swagger UI', () => text(SWAGGER_START, 'text/javascript')),
    served('/redoc', 'This API in Redoc', shown(redocPage)),
    ...Object.entries(ASSETS).map(([path, file]) => served(path, file, () => asset(file))),
  ];
}

function shown(pageOf: Page): Route['handle'] {
  return ({ request }) => {
    const depth = (URL.parse(request.url)?.pathname ?? '/').split('/').length - 2;
    return text(pageOf('../'.repeat(depth)), 'text/html; charset=utf-8');
  };
}

function jsonDocument(document: () => object): Route {
  return {
    ...served('/openapi.json', 'This API as an OpenAPI 3.1 document', () => json(document())),
    success: { description: 'The document.', schema: Type.Object({ openapi: Type.String() }) },
  };
}

function served(path: string, summary: string, handle: Route['handle']): Route {
  const success = { description: 'A page or a file of one.', schema: Type.String() };
  return { method: 'GET', path, tag: TAG, summary, success, handle };
}

function page(up: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gavel API</title>
<link rel="icon" href="${up}docs/favicon-32x32.png">
${head}
</head>
<body>
${body}
</body>
</html>
`;
}

function text(body: string, contentType: string): Response {
  return new Response(body, {
    headers: { 'content-type': contentType, 'cache-control': 'no-cache', ...PAGE_HEADERS },
  });
}

function asset(file: string): Response {
  const path = Bun.resolveSync(file, import.meta.dir);
  return new Response(Bun.file(path), { headers: ASSET_HEADERS });
}
