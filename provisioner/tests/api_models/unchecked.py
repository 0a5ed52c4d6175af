"""Sends requests that boto3 would not: without required members, or with credentials of another."""

import http.client
import urllib.parse

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.serialize import create_serializer

import models
from cloud import REGION


def send(cloud, operation, members, credentials=None):
    """The status of the response to the operation with these members, which nothing checks."""
    service = models.service_name(operation)
    serializer = create_serializer(models.protocol(service), include_validation=False)
    parts = serializer.serialize_to_request(members, operation)
    query = urllib.parse.urlencode(parts["query_string"], doseq=True) if parts["query_string"] else ""
    target = parts["url_path"] + ("?" + query if query else "")
    body = parts["body"]
    body = urllib.parse.urlencode(body) if isinstance(body, dict) else body
    request = AWSRequest(parts["method"], cloud.recorder.url + target, parts["headers"], body or None)
    SigV4Auth(credentials or Credentials(cloud.key, cloud.secret), service, REGION).add_auth(request)
    prepared = request.prepare()
    connection = http.client.HTTPConnection(cloud.recorder.url.removeprefix("http://"), timeout=60)
    connection.request(prepared.method, target, prepared.body, dict(prepared.headers))
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status
