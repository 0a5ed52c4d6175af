// RequestUnicorn as the Wild Rydes tutorial has it, on AWS SDK v3, brought to the contract of the
// Rust function: the same events, the same item, the same answers, the nearest unicorn.

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";

const fleet = JSON.parse(readFileSync(new URL("../../fleet.json", import.meta.url), "utf8"));
const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const handler = async (event, context) => {
  const claims =
    event.requestContext?.authorizer?.claims ?? event.requestContext?.authorizer?.jwt?.claims;
  const user = claims?.["cognito:username"] ?? event.requestContext?.authorizer?.iam?.userArn;
  if (!user) return failure(401, "Authorization not configured", context);

  let pickup;
  try {
    const text = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
    pickup = JSON.parse(text).PickupLocation;
  } catch (error) {
    return failure(400, `body: ${error.message}`, context);
  }
  if (!(Math.abs(pickup?.Latitude) <= 90 && Math.abs(pickup?.Longitude) <= 180)) {
    return failure(400, "PickupLocation: is no position", context);
  }

  const header = Object.keys(event.headers ?? {}).find((name) => /^idempotency-key$/i.test(name));
  const key = header && event.headers[header];
  const id = key
    ? createHash("sha256").update(JSON.stringify([user, key])).digest().subarray(0, 16)
    : randomBytes(16);
  const unicorn = nearest(pickup);
  const { Name, Color, Gender } = unicorn;
  const ride = {
    RideId: id.toString("base64url"),
    User: user,
    Unicorn: { Name, Color, Gender },
    UnicornName: Name,
    RequestTime: new Date().toISOString(),
    PickupLocation: { Latitude: pickup.Latitude, Longitude: pickup.Longitude },
  };
  const guard = key && {
    ConditionExpression: "attribute_not_exists(RideId)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
  try {
    await table.send(new PutCommand({ TableName: process.env.TABLE_NAME, Item: ride, ...guard }));
  } catch (error) {
    console.error(JSON.stringify({ level: "ERROR", code: error.name, message: error.message }));
    return failure(500, "The ride could not be stored", context);
  }
  console.log(JSON.stringify({ level: "INFO", requestId: context.awsRequestId, rideId: ride.RideId }));
  return answer(201, {
    RideId: ride.RideId,
    Unicorn: ride.Unicorn,
    UnicornName: Name,
    Eta: `${Math.ceil(metres(unicorn, pickup) / unicorn.MetresPerSecond)} seconds`,
    Rider: user,
  });
};

function nearest(pickup) {
  return fleet.reduce((a, b) => (metres(b, pickup) < metres(a, pickup) ? b : a));
}

function metres(a, b) {
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const half =
    Math.sin(radians(b.Latitude - a.Latitude) / 2) ** 2 +
    Math.cos(radians(a.Latitude)) *
      Math.cos(radians(b.Latitude)) *
      Math.sin(radians(b.Longitude - a.Longitude) / 2) ** 2;
  return 2 * 6371008.8 * Math.asin(Math.sqrt(half));
}

function failure(status, message, context) {
  return answer(status, { Error: message, Reference: context.awsRequestId });
}

function answer(statusCode, body) {
  return {
    statusCode,
    headers: { "Access-Control-Allow-Origin": "*", "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}
