/** The baseline of all ratios: the least work of a Bun HTTP server that answers JSON with JSON. */
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  routes: {
    '/bid': {
      POST: async (request) => {
        const body = (await request.json()) as { supply_id: string };
        return Response.json({ winner: body.supply_id, price: 0.83 });
      },
    },
  },
});
console.log(JSON.stringify({ url: server.url.origin }));
