"""Which operations tell what things cost, and show what was made?"""

from api.http.responses import Envelope
from api.openapi import examples
from api.openapi.operation import Operation
from api.routes.asset_list import AssetItems
from api.routes.estimates import Estimates, EstimatesRequest
from api.routes.spending import MAX_DAYS, SpendingReport
from projections.asset_lists import SEARCHED_ITEMS

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
    Operation(
        "get",
        "/api/v1/spending",
        "getSpending",
        "Costs",
        "What was spent?",
        "Adds up what the tasks of a period cost, by day, model, project or provider, each currency by itself, and "
        f"shows how much of the budgets is committed. A period has {MAX_DAYS} days at most, and is the last 30 without "
        "`first` and `last`. A task belongs to the day of its request. A client sees its owner's tasks and the "
        "budgets of its key; whoever may see the figures of everybody sees all of them.",
        answer=Envelope[SpendingReport],
        examples={"by model": examples.SPENDING},
        parameters=("by", "first", "last", "atLeast"),
        headers=("X-Pixel-Position", "X-Pixel-Stale"),
        errors=("unknown condition", "unforeseen", "too many lists", "database away"),
    ),
    Operation(
        "get",
        "/api/v1/assets",
        "listAssets",
        "Assets",
        "Which media are there?",
        "What tasks made and what was brought, newest first, a page at a time. All conditions have to hold. An asset "
        "that two tasks made is there twice, each time with its task. A search looks through the newest "
        f"{SEARCHED_ITEMS} media that match otherwise, and goes on with the next page.",
        answer=Envelope[AssetItems],
        examples={"the last page": {"items": [examples.GALLERY_OUTPUT, examples.GALLERY_UPLOAD], "next_cursor": None}},
        parameters=("assetProject", "assetKind", "origin", "q", "limit", "cursor", "atLeast"),
        headers=("X-Pixel-Position", "X-Pixel-Stale"),
        errors=("unknown condition", "unforeseen", "too many lists", "database away"),
    ),
)
