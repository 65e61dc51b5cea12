/**
 * The OpenAPI document and its two readers, Swagger UI and Redoc, served from their packages: no
 * page loads anything from another host, and the policy header holds them to that.
 */
import { Type } from '@sinclair/typebox';
import { openApiDocument } from '../http/openapi.ts';
import type { Route } from '../http/route.ts';

const TAG = 'Documentation';
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'";
const CACHE = 'public, max-age=3600';

const ASSETS = {
  '/docs/swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
  '/docs/swagger-ui-bundle.js': 'swagger-ui-dist/swagger-ui-bundle.js',
  '/docs/favicon-32x32.png': 'swagger-ui-dist/favicon-32x32.png',
  '/redoc/redoc.standalone.js': 'redoc/bundles/redoc.standalone.js',
} as const;

const SWAGGER_PAGE = page(
  '<link rel="stylesheet" href="/docs/swagger-ui.css">',
  `<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>`,
);
const SWAGGER_START = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui' });\n`;
const REDOC_PAGE = page(
  '',
  `<redoc spec-url="/openapi.json"></redoc>
<script src="/redoc/redoc.standalone.js"></script>`,
);

export function docsRoutes(documented: readonly Route[], version: string): Route[] {
  const self = jsonDocument(() => document);
  const document = JSON.stringify(openApiDocument([...documented, self], version));
  return [
    self,
    served('/docs', 'This API in Swagger UI', () => text(SWAGGER_PAGE, 'text/html; charset=utf-8')),
    served('/api/docs', 'This API in Swagger UI', () =>
      text(SWAGGER_PAGE, 'text/html; charset=utf-8'),
    ),
    served('/docs/start.js', 'Starts Swagger UI', () => text(SWAGGER_START, 'text/javascript')),
    served('/redoc', 'This API in Redoc', () => text(REDOC_PAGE, 'text/html; charset=utf-8')),
    ...Object.entries(ASSETS).map(([path, file]) => served(path, file, () => asset(file))),
  ];
}

function jsonDocument(document: () => string): Route {
  return {
    ...served('/openapi.json', 'This API as an OpenAPI 3.1 document', () =>
      text(document(), 'application/json'),
    ),
    success: { description: 'The document.', schema: Type.Object({ openapi: Type.String() }) },
  };
}

function served(path: string, summary: string, handle: Route['handle']): Route {
  const success = { description: 'A page or a file of one.', schema: Type.String() };
  return { method: 'GET', path, tag: TAG, summary, success, handle };
}

function page(head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gavel API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
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
    headers: { 'content-type': contentType, 'content-security-policy': POLICY },
  });
}

function asset(file: string): Response {
  const path = Bun.resolveSync(file, import.meta.dir);
  return new Response(Bun.file(path), { headers: { 'cache-control': CACHE } });
}
