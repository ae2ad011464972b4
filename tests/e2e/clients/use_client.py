"""A caller in Python, with the client that openapi-python-client makes of /openapi.json. It makes one image and prints
what it got."""

import json
import sys

from pixel_client import Client
from pixel_client.api.generations import generate_image
from pixel_client.api.tasks import get_task
from pixel_client.models import Failure, ImageRequest, TaskCreatedAnswer, TaskViewAnswer

client = Client(base_url=sys.argv[1], timeout=90)
created = generate_image.sync(
    client=client, body=ImageRequest(prompt="a boat", model="sandbox/image", resolution="512")
)
assert isinstance(created, TaskCreatedAnswer), created
task = get_task.sync(created.data.task_id, client=client, prefer="wait=60")
assert isinstance(task, TaskViewAnswer), task
refused = generate_image.sync(client=client, body=ImageRequest(prompt="a boat", model="sandbox/nothing"))
assert isinstance(refused, Failure), refused
found = task.to_dict()["data"]
print(
    json.dumps(
        {
            "id": created.data.task_id,
            "status": found["status"],
            "width": found["result"]["images"][0]["width"],
            "refused": refused.code,
        }
    )
)
