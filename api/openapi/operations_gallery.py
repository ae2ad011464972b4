"""Which operations tell what things cost, and show what was made?"""

from api.http.responses import Envelope
from api.openapi import examples
from api.openapi.operation import Operation
from api.routes.estimates import Estimates, EstimatesRequest

GALLERY = (
    Operation(
        "post",
        "/api/v1/estimates",
        "estimateMany",
        "Models",
        "What would many things cost?",
        "Checks up to 200 requests, each the body of the route of its `kind`, and says of each what it would cost at "
        "most, or that its price is unknown, or every problem for which it would be refused. Nothing is recorded.",
        answer=Envelope[Estimates],
        examples={"one of each sort": examples.ESTIMATED_EACH},
        body=EstimatesRequest,
        bodies={
            "an image and a text": {
                "requests": [{"kind": "image"} | examples.FREE_IMAGE, {"kind": "text"} | examples.FREE_TEXT]
            }
        },
        errors=("no requests", "not an object", "too large", "not JSON", "unforeseen", "store away", "database away"),
    ),
)
