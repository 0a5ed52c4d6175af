// Plays Lambda's Node.js runtime: takes events from the Runtime API and gives them to the handler.

import http from "node:http";
import { handler } from "./index.mjs";

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const options = { host, port, method, agent, path: `/2018-06-01/runtime/invocation/${path}` };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve([response.headers, Buffer.concat(chunks).toString()]));
    });
    request.on("error", reject);
    request.end(body);
  });
}

for (;;) {
  const [headers, event] = await call("GET", "next");
  const awsRequestId = headers["lambda-runtime-aws-request-id"];
  const answer = await handler(JSON.parse(event), { awsRequestId });
  await call("POST", `${awsRequestId}/response`, JSON.stringify(answer));
}
