// Made from Pixel's own /openapi.json by `make studio-schema`. Do not edit.

export interface paths {
    "/api/v1/generations/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an image
         * @description Answers at once, when the task is recorded; `GET /api/v1/tasks/{task_id}` has it from then on. A refused request leaves nothing behind. `null` is as good as a field left out.
         */
        post: operations["generateImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/generations/video": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a video
         * @description Answers at once, when the task is recorded; `GET /api/v1/tasks/{task_id}` has it from then on. A refused request leaves nothing behind. `null` is as good as a field left out.
         */
        post: operations["generateVideo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/generations/audio": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Speak a text
         * @description Answers at once, when the task is recorded; `GET /api/v1/tasks/{task_id}` has it from then on. A refused request leaves nothing behind. `null` is as good as a field left out.
         */
        post: operations["generateAudio"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/generations/text": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write a text
         * @description Answers at once, when the task is recorded; `GET /api/v1/tasks/{task_id}` has it from then on. A refused request leaves nothing behind. `null` is as good as a field left out.
         */
        post: operations["generateText"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where is my task?
         * @description The truth as of now. `ETag` is the version of its stream. With `version` or `at`: the task as it stood then.
         */
        get: operations["getTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which tasks are there?
         * @description Newest first, a page at a time; pages do not shift while new tasks come in. All conditions have to hold. Each condition alone is answered at once, however many tasks there are, and so is one of `projectId`, `source`, `sourceId`, `model` and `rerunOf` with `status`, `type` and times. Of several of these five, as many tasks may be looked through as one of them has. A list has what the same process has answered before.
         */
        get: operations["listTasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a task
         * @description Waits a moment for what the provider says. Asking twice is asking once.
         */
        post: operations["cancelTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/refetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Fetch what is paid for once more
         * @description For a task that failed with `outputs_not_fetched`, or has outputs `missing` with `fetch_failed`: they are fetched from the provider again, and nothing is paid again. Asking twice is asking once.
         */
        post: operations["refetchTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make it once more
         * @description Without a body: the same request, at the revision of the model that it had then, and paid for again. `differences` names what can't be as it was. With `with`: some fields are different, and the request is checked as a new one. The new task has `rerun_of`; `GET /api/v1/tasks?rerunOf=` finds it.
         */
        post: operations["rerunTask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened to a task?
         * @description The events behind it, oldest first: what happened when, and who made it happen. A task rarely has more than a page of them; `next_after` tells.
         */
        get: operations["getTaskHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make many things at once
         * @description Each request is the body of the route of its `kind`. With the mode `all` every request is valid, affordable and admitted, or nothing is recorded and the problems of every request are told under its index; the status is that of the requests where they agree, else 400. With `each` the good ones become tasks, and the answer has the others as `refused`. All tasks are recorded at the same moment. The `Idempotency-Key` is for the batch as a whole.
         */
        post: operations["makeBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/batches/{batch_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where is my batch?
         * @description Its tasks as they stand now, counted, and what they cost. It has ended when all of them have.
         */
        get: operations["getBatch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/batches/{batch_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a batch
         * @description Cancels every task of it that has not ended. Providers may still be asked to stop when this is answered. Asking twice is asking once.
         */
        post: operations["cancelBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How does a task go on?
         * @description Server-Sent Events of one task: how it stands comes first, or with a position what has happened since. A text that is ordered with `stream` comes beside it in events named `text`, without an id, while it is written. The stream goes on after the end of the task, because a late result may come.
         */
        get: operations["followTask"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens?
         * @description Server-Sent Events, from now on or behind a position. `id` is the position in the log. The data of a `task` are those of `GET /api/v1/tasks/{task_id}` after the event, of a `model` those of `GET /api/v1/models/{provider}/{key}`. `reset` means that the position is too old: a list with `atLeast` of its `position` has what was missed, and the stream goes on behind it. All conditions have to hold; those on tasks are not for models. `docs/live.md` has examples.
         */
        get: operations["followEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What can be asked for?
         * @description All models by type. The first of a type is its default. They change seldom: with `If-None-Match` only what is new is sent.
         */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{provider}/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What does one model offer?
         * @description One model, with the JSON Schema of what it accepts.
         */
        get: operations["getModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/models/{provider}/{key}/estimate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would it cost?
         * @description Checks a request and says what it would cost at most, without doing anything. The body is that of the generation; `model` may be left out.
         */
        post: operations["estimateCost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/assets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which media are there?
         * @description What tasks made and what was brought, newest first, a page at a time. All conditions have to hold. An asset that two tasks made is there twice, each time with its task. A search looks through the newest 10000 media that match otherwise, and goes on with the next page.
         */
        get: operations["listAssets"];
        put?: never;
        /**
         * Bring an image, a video or audio
         * @description As a file, or by its URL. Pixel looks at the content, not at what it is called, and keeps it. The answered id or address may stand in `imageInputs`. The same content again is the same asset.
         */
        post: operations["keepAsset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/assets/{asset_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what was made
         * @description The bytes of an image, a video or audio, in their own media type. They never change under their id. Several ranges at once are answered with the whole asset. With `variant` a small image of it, always whole: a `thumbnail` (WebP) of an image or a video, a `poster` (JPEG) of a video, the `waveform` (PNG) of audio.
         */
        get: operations["getAsset"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * Look at what was made, without its bytes
         * @description The bytes of an image, a video or audio, in their own media type. They never change under their id. Several ranges at once are answered with the whole asset. With `variant` a small image of it, always whole: a `thumbnail` (WebP) of an image or a video, a `poster` (JPEG) of a video, the `waveform` (PNG) of audio.
         */
        head: operations["headAsset"];
        patch?: never;
        trace?: never;
    };
    "/api/v1/estimates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would many things cost?
         * @description Checks up to 200 requests, each the body of the route of its `kind`, and says of each what it would cost at most, or that its price is unknown, or every problem for which it would be refused. Nothing is recorded.
         */
        post: operations["estimateMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/spending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was spent?
         * @description Adds up what the tasks of a period cost, by day, model, project or provider, each currency by itself, and shows how much of the budgets is committed. A period has 366 days at most, and is the last 30 without `first` and `last`. A task belongs to the day of its request. A client sees its owner's tasks and the budgets of its key; whoever may see the figures of everybody sees all of them.
         */
        get: operations["getSpending"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which projects are there?
         * @description Newest first, a page at a time.
         */
        get: operations["listProjects"];
        put?: never;
        /**
         * Make a project
         * @description What canvases belong to. It is its maker's owner's.
         */
        post: operations["createProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One project
         * @description As it is now.
         */
        get: operations["getProject"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Give a project another name
         * @description With `If-Match` only when it is still at that version.
         */
        patch: operations["renameProject"];
        trace?: never;
    };
    "/api/v1/projects/{project_id}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a project away
         * @description A second time changes nothing.
         */
        post: operations["archiveProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects/{project_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a project into use again
         * @description A second time changes nothing.
         */
        post: operations["restoreProject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/canvases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which canvases are there?
         * @description Newest first, a page at a time, without what is on them.
         */
        get: operations["listCanvases"];
        put?: never;
        /**
         * Make a canvas
         * @description Empty, or with all that another one had at a version (`from`): a copy that goes its own way.
         */
        post: operations["createCanvas"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/canvases/{canvas_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A canvas, now or as it was
         * @description The whole document, with the version that the next edit has as its `base`. `version` or `at` go back in time.
         */
        get: operations["getCanvas"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Give a canvas another name
         * @description With `If-Match` only when it is still at that version.
         */
        patch: operations["renameCanvas"];
        trace?: never;
    };
    "/api/v1/canvases/{canvas_id}/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Put a canvas away
         * @description A second time changes nothing.
         */
        post: operations["archiveCanvas"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/canvases/{canvas_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a canvas into use again
         * @description A second time changes nothing.
         */
        post: operations["restoreCanvas"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/canvases/{canvas_id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a version a name
         * @description So that people find it again. The names are in the document.
         */
        post: operations["nameCanvasVersion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/canvases/{canvas_id}/edits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Edit a canvas
         * @description All operations are done, or none. What others did since `base` is merged with it and told in `missed`; where they changed the same, nothing is written, and both sides are in `data`. The same `edit` sent again gets the same answer.
         */
        post: operations["editCanvas"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/canvases/{canvas_id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened to a canvas?
         * @description Every event, oldest first, a page at a time: each is one version.
         */
        get: operations["getCanvasHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/canvases/{canvas_id}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would a run make, and cost?
         * @description The nodes that generate something, with their states, prices and problems. Nothing is recorded.
         */
        post: operations["planRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/canvases/{canvas_id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make nodes of a canvas
         * @description Each is a task, which starts when the nodes that it uses are made; four at a time. The results are chosen on the canvas, but where somebody has chosen another one meanwhile.
         */
        post: operations["startRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs, newest first
         * @description A page at a time.
         */
        get: operations["listRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One run
         * @description As it is now.
         */
        get: operations["getRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start no further step
         * @description What runs goes on. A second time changes nothing.
         */
        post: operations["pauseRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a run
         * @description What it has under way is cancelled; what was made is kept. A second time changes nothing.
         */
        post: operations["cancelRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a run go on
         * @description With `most` for another amount. Whoever resumes a run that waits for an unknown price allows that step.
         */
        post: operations["resumeRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/steps/{node_id}/skip": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do without a step
         * @description And without those that need it. A second time changes nothing.
         */
        post: operations["skipStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{run_id}/steps/{node_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a step again
         * @description One that failed or was skipped, also when the run has failed.
         */
        post: operations["retryStep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which webhooks are there?
         * @description All of yours, oldest first, and how they are doing.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Be told of tasks
         * @description Pixel posts `{"type": "task", "position": …, "data": …}` to the URL; `data` is what `GET /api/v1/tasks/{task_id}` answers. Signed by the rules of Standard Webhooks, with the secret that is answered here and never again.
         */
        post: operations["registerWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How is a webhook doing?
         * @description One webhook: what it gets, whether it fails, what waits for it.
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change, disable or enable a webhook
         * @description What is left out stays as it is. An enabled webhook gets what it missed.
         */
        post: operations["changeWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret
         * @description Each message has a signature of every secret that is in force, so the receiver has a day to change over.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove a webhook
         * @description For good. What waits for it is not sent any more.
         */
        post: operations["removeWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was sent, and what was answered?
         * @description The last deliveries of a webhook, newest first. Of those that are settled a thousand are kept, for a week.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{webhook_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send again
         * @description One delivery, by its position; or all events behind a position, however long ago, which lists and deliveries name. A message has the same `webhook-id` as at first.
         */
        post: operations["redeliver"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is signed in?
         * @description The owner and the scopes of this request's key, from its header or its cookie. An open Pixel says so.
         */
        get: operations["getSession"];
        put?: never;
        /**
         * Sign a browser in
         * @description Sent with a key as a Bearer token. The answer sets the cookie `pixel_session`, which has the key, sealed: for twelve hours it stands for the header, from Pixel's own pages. A session can't prolong itself.
         */
        post: operations["signIn"];
        /**
         * Sign a browser out
         * @description The browser forgets its key. The key itself goes on working; revoke it to end it.
         */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What can be asked for?
         * @description The models that can be asked now, the defaults first.
         */
        get: operations["listOpenaiModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{provider}/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Can this model be asked?
         * @description One of them. The slash of its id may be encoded.
         */
        get: operations["getOpenaiModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make images
         * @description Waits for the task, and answers with its images.
         */
        post: operations["generateOpenaiImages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/edits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make images after others
         * @description The same with files, which are kept as assets.
         */
        post: operations["editOpenaiImages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audio/speech": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Speak a text
         * @description Waits for the task, and answers with its audio, in the format that the model makes.
         */
        post: operations["createOpenaiSpeech"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with a conversation
         * @description Waits for the task, and answers with its text. With `stream` the answer begins at once, and the text comes while the provider writes it; from a provider that does not stream it comes in pieces when it is whole.
         */
        post: operations["createOpenaiChat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/videos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which videos are there?
         * @description Newest first, a page at a time.
         */
        get: operations["listOpenaiVideos"];
        put?: never;
        /**
         * Begin a video
         * @description Answers at once, when the task is recorded.
         */
        post: operations["createOpenaiVideo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/videos/{video_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How is it going?
         * @description The video as of now.
         */
        get: operations["getOpenaiVideo"];
        put?: never;
        post?: never;
        /**
         * Stop a video
         * @description Waits a moment for what the provider says. Asking twice is asking once. The task stays in the history.
         */
        delete: operations["deleteOpenaiVideo"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/videos/{video_id}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the file
         * @description The file itself, or a small image of it.
         */
        get: operations["getOpenaiVideoContent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/callbacks/{provider}/{call_id}/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A provider has news
         * @description A hint to ask the provider at once. The whole address is given to the provider with the order, and works while `PIXEL_PUBLIC_URL` and `PIXEL_CALLBACK_SECRET` are set. Any body is taken, and none is believed; a `challenge` in it is answered with `{"challenge": …}` alone.
         */
        post: operations["callBack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is it alive?
         * @description Whether the process runs; it looks at nothing else.
         */
        get: operations["isLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is it ready?
         * @description Whether requests can be served, and what is not as it should be. 503 when they can't. Callers without a key, or with one for clients only, are told the status and nothing else.
         */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How is it doing?
         * @description Metrics for Prometheus, in its text format.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/catalog": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What would applying the catalogue change?
         * @description Reads the files of the catalogue on this server again, and shows the events that they would make.
         */
        get: operations["compareCatalogue"];
        put?: never;
        /**
         * Apply the catalogue, without a restart
         * @description Reads the files of the catalogue on this server again, and appends the events that they make. Every node follows within a second. A catalogue with mistakes changes nothing.
         */
        post: operations["applyCatalogue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/models/{provider}/{key}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Switch a model off
         * @description It takes no requests, whatever the catalogue says, until somebody switches it on. What was accepted before goes on. It is an event, with its author; a second time changes nothing.
         */
        post: operations["disableModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/models/{provider}/{key}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Switch a model on again
         * @description Takes back that somebody switched it off. What the catalogue has off stays off. It is an event, with its author; a second time changes nothing.
         */
        post: operations["enableModel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/models/{provider}/{key}/default": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a model the default
         * @description It becomes the default of its type, until somebody chooses another or the catalogue names another one than before. It is an event, with its author; a second time changes nothing.
         */
        post: operations["makeDefault"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which calls does nobody know the outcome of?
         * @description Calls that may have cost money and whose answer was lost, oldest first. They are `looking` while evidence is looked for, then `unknown`, and wait for a person.
         */
        get: operations["listDoubtfulCalls"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/calls/{call_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let it be called once more
         * @description Answer for it that the call may be made, and paid for, once more. It is an event, with its author, and can be said once.
         */
        post: operations["retryCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/calls/{call_id}/attach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Complete it with the result that was found
         * @description Upload the media before, with `POST /api/v1/assets`. Nothing is called. It is an event, with its author, and can be said once.
         */
        post: operations["attachResult"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/calls/{call_id}/abandon": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close the case
         * @description The task stays failed with `outcome_unknown`, and it stays unknown whether it was paid for. It is an event, with its author, and can be said once.
         */
        post: operations["abandonCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which API keys are there?
         * @description Newest first, those that were revoked too. No secret is in it.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Issue an API key
         * @description Its text is in this answer, and can't be had again.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One API key
         * @description Without its secret, which nobody knows but its holder.
         */
        get: operations["getKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/keys/{key_id}/change": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give an API key other scopes or limits
         * @description What is left out stays; `limits` replace all limits that it had. Every process follows within a second.
         */
        post: operations["changeKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/keys/{key_id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End an API key
         * @description For good. Every process refuses it within a second. Asking twice is asking once.
         */
        post: operations["revokeKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Amount
         * @description A sum of money.
         */
        Amount: {
            /**
             * Format: decimal
             * @description As a decimal number in a string
             * @example 2.50
             */
            amount: string;
            /**
             * @description An ISO 4217 code
             * @example USD
             */
            currency: string;
        };
        /**
         * AssetItem
         * @description A medium of the gallery. Sizes in pixels and bytes, seconds of a video or audio, all measured.
         */
        AssetItem: {
            /**
             * @description The content's own name
             * @example asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png
             */
            asset: string;
            /**
             * @description What it is
             * @example image
             * @enum {string}
             */
            kind: "audio" | "image" | "video";
            /**
             * @description As in `Content-Type`
             * @example image/png
             */
            media_type: string;
            /**
             * @description Its size
             * @example 48213
             */
            bytes: number;
            /**
             * @description Whether a task made it, or somebody brought it
             * @example output
             * @enum {string}
             */
            origin: "output" | "upload";
            /**
             * Format: date-time
             * @description When it was stored
             * @example 2026-02-11T10:00:30Z
             */
            created_at: string;
            /**
             * @description Pixels
             * @example 2560
             */
            width?: number;
            /**
             * @description Pixels
             * @example 1440
             */
            height?: number;
            /**
             * @description How long it is
             * @example 5
             */
            seconds?: number;
            /**
             * @description The task that made it
             * @example task_abc123
             */
            task?: string;
            /**
             * @description `projectId` of the task
             * @example proj_123
             */
            project?: string;
            /**
             * @description The model that made it
             * @example dashscope/qwen-image
             */
            model?: string;
            /**
             * @description The first 300 characters of the task's prompt
             * @example a beautiful sunset over mountains
             */
            prompt?: string;
        };
        /**
         * AssetItems
         * @description A page of media, newest first.
         */
        AssetItems: {
            /** @description The media, newest first */
            items: components["schemas"]["AssetItem"][];
            /**
             * @description `cursor` for the next page; null on the last one. A search may have one on a page with few items or none: it goes on there
             * @example cDEyMzQ
             */
            next_cursor: string | null;
        };
        /**
         * AssetItemsAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        AssetItemsAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["AssetItems"];
        };
        /**
         * Attachment
         * @description A result that was found: assets that were uploaded before, or text.
         */
        Attachment: {
            /**
             * @description Who answers for it; kept in the history
             * @example anna
             */
            by: string;
            /**
             * @description Ids of assets that were uploaded before: what the task makes, in their order
             * @example [
             *       "asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png"
             *     ]
             */
            assets?: string[];
            /**
             * @description The text, of a text task
             * @example Grey waves fold and rise
             */
            text?: string;
            /**
             * @description Why; kept in the history
             * @example not in the provider's console
             */
            note?: string;
        };
        /**
         * AudioItem
         * @description Text to speak, in a batch.
         */
        AudioItem: {
            /**
             * @description What to make
             * @constant
             */
            kind: "audio";
            /**
             * @description Which model: `provider/model_key`
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description The text to speak; not blank, and no longer than the model takes
             * @example Hello, welcome to Pixel AI!
             */
            prompt: string;
            /** @description Parameters that only some models know */
            extraParams?: components["schemas"]["ExtraParams"];
            /**
             * @description The caller's project
             * @example proj_123
             */
            projectId?: string;
            /**
             * @description Where in the frontend it came from
             * @example canvas
             */
            source?: string;
            /**
             * @description The object there
             * @example canvas_456
             */
            sourceId?: string;
            /**
             * @description Anything of yours: kept with the task and given back, up to 16 KiB
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * @description May take over, in this order, if the model before can't be had and nothing is paid; each must accept it
             * @example [
             *       "modelscope/qwen-image"
             *     ]
             */
            fallbackModels?: string[];
            /**
             * @description How long it may take, instead of the model's own times
             * @example {
             *       "finishSeconds": 600
             *     }
             */
            deadline?: components["schemas"]["Deadline"];
            /**
             * @description Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: the same host, the path or one below it, any query. Its secret and its choice of changes hold
             * @example https://app.example/hooks/pixel?canvas=canvas_456
             */
            webhook?: string;
            /**
             * @description The id of one of the model's voices; its first when left out
             * @example zh_female_qingxin
             */
            voice?: string;
            /**
             * @description How fast, within the model's limits (mostly 0.5 to 2.0); 1.0 when left out
             * @example 1
             */
            speed?: number;
        };
        /**
         * AudioRequest
         * @description Text to speak.
         */
        AudioRequest: {
            /**
             * @description The text to speak; not blank, and no longer than the model takes
             * @example Hello, welcome to Pixel AI!
             */
            prompt: string;
            /**
             * @description Which model: `provider/model_key`
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description The id of one of the model's voices; its first when left out
             * @example zh_female_qingxin
             */
            voice?: string;
            /**
             * @description How fast, within the model's limits (mostly 0.5 to 2.0); 1.0 when left out
             * @example 1
             */
            speed?: number;
            /** @description Parameters that only some models know */
            extraParams?: components["schemas"]["ExtraParams"];
            /**
             * @description The caller's project
             * @example proj_123
             */
            projectId?: string;
            /**
             * @description Where in the frontend it came from
             * @example canvas
             */
            source?: string;
            /**
             * @description The object there
             * @example canvas_456
             */
            sourceId?: string;
            /**
             * @description Anything of yours: kept with the task and given back, up to 16 KiB
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * @description May take over, in this order, if the model before can't be had and nothing is paid; each must accept it
             * @example [
             *       "modelscope/qwen-image"
             *     ]
             */
            fallbackModels?: string[];
            /**
             * @description How long it may take, instead of the model's own times
             * @example {
             *       "finishSeconds": 600
             *     }
             */
            deadline?: components["schemas"]["Deadline"];
            /**
             * @description Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: the same host, the path or one below it, any query. Its secret and its choice of changes hold
             * @example https://app.example/hooks/pixel?canvas=canvas_456
             */
            webhook?: string;
        };
        /**
         * BatchCounts
         * @description How many tasks of a batch stand where.
         */
        BatchCounts: {
            /**
             * @description Waiting
             * @default 0
             * @example 1
             */
            pending?: number;
            /**
             * @description Under way
             * @default 0
             * @example 1
             */
            processing?: number;
            /**
             * @description Ended well
             * @default 0
             * @example 6
             */
            completed?: number;
            /**
             * @description Ended without success, or cancelled
             * @default 0
             * @example 0
             */
            failed?: number;
        };
        /**
         * BatchRequest
         * @description Requests to accept together.
         */
        BatchRequest: {
            /** @description Each is the body of the route of its `kind`, `/api/v1/generations/{kind}` */
            requests: (components["schemas"]["ImageItem"] | components["schemas"]["VideoItem"] | components["schemas"]["AudioItem"] | components["schemas"]["TextItem"])[];
            /**
             * @description `all` (when left out): one request that is refused refuses all; `each`: only itself
             * @example each
             * @enum {string}
             */
            mode?: "all" | "each";
        };
        /**
         * BatchTask
         * @description A task of a batch.
         */
        BatchTask: {
            /**
             * @description Which request it was, from 0
             * @example 0
             */
            index: number;
            /**
             * @description Ask `GET /api/v1/tasks/{task_id}` for it
             * @example task_abc123
             */
            task_id: string;
            /**
             * @description How it stands now
             * @example pending
             */
            status: components["schemas"]["Status"];
        };
        /**
         * BatchView
         * @description A batch in the API: its tasks, counted and added up.
         */
        BatchView: {
            /**
             * @description The batch's id
             * @example batch_abc123
             */
            id: string;
            /**
             * @description As it was asked for
             * @example all
             * @enum {string}
             */
            mode: "all" | "each";
            /**
             * Format: date-time
             * @description When it was accepted
             * @example 2026-02-11T10:00:00Z
             */
            created_at: string;
            /**
             * @description Whether every task has ended
             * @example false
             */
            ended: boolean;
            /** @description How many tasks stand where */
            counts: components["schemas"]["BatchCounts"];
            /** @description Its tasks, in the order of the requests */
            tasks: components["schemas"]["BatchTask"][];
            /**
             * @description With the mode `each`: the requests that became no task
             * @default []
             */
            refused?: components["schemas"]["RefusedRequest"][];
            /**
             * @description What its tasks should cost at most, by currency, where they have prices
             * @default {}
             * @example {
             *       "USD": "0.08"
             *     }
             */
            estimated_cost?: {
                [key: string]: string;
            };
            /**
             * @description What those that have ended did cost, by currency, as far as it is known
             * @default {}
             * @example {
             *       "USD": "0.04"
             *     }
             */
            cost?: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description When the last task ended
             * @example 2026-02-11T10:00:30Z
             */
            ended_at?: string;
        };
        /**
         * BatchViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        BatchViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["BatchView"];
        };
        /**
         * BudgetState
         * @description A budget, and how much of it is committed: what was spent, and what unfinished tasks may cost at most.
         */
        BudgetState: {
            /**
             * @description How long it is for, by UTC
             * @example day
             * @enum {string}
             */
            period: "day" | "month";
            /**
             * Format: decimal
             * @description What the period may commit
             * @example 20
             */
            most: string;
            /**
             * Format: decimal
             * @description What it has committed
             * @example 3.5
             */
            committed: string;
            /**
             * @description Of both amounts
             * @example USD
             */
            currency: string;
            /**
             * @description Of this provider only
             * @example dashscope
             */
            provider?: string;
            /**
             * @description Of this project only
             * @example proj_123
             */
            project?: string;
            /**
             * @description Whether it is the budget of the caller's API key
             * @default false
             * @example false
             */
            of_key?: boolean;
        };
        /**
         * CallPage
         * @description A page of doubtful calls, oldest first.
         */
        CallPage: {
            /** @description The calls, oldest first */
            calls: components["schemas"]["InDoubtCall"][];
            /**
             * @description `cursor` for the next page; null on the last one
             * @example 1042
             */
            next_cursor: string | null;
        };
        /**
         * CallPageAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CallPageAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["CallPage"];
        };
        /**
         * CallbackAck
         * @description The hint was taken.
         */
        CallbackAck: {
            /**
             * @description Always true
             * @default true
             * @example true
             */
            taken?: boolean;
        };
        /**
         * CallbackAckAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CallbackAckAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["CallbackAck"];
        };
        /**
         * Cancellation
         * @description What came of a wish to stop. `outcome` is `requested` until the provider has answered.
         */
        Cancellation: {
            /**
             * @description The task
             * @example task_abc123
             */
            task_id: string;
            /**
             * @description How it stands now: a cancelled task is `failed` with `error.code` `cancelled`
             * @example failed
             */
            status: components["schemas"]["Status"];
            /**
             * @description What the provider said: `not_called`, `confirmed`, `too_late`, `unsupported`, `unknown`; or `requested`, or `already_ended`
             * @example confirmed
             */
            outcome: string;
            /**
             * @description The same for people
             * @example Cancelled by anonymous. It had not been sent to the provider.
             */
            message: string;
        };
        /**
         * CancellationAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CancellationAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["Cancellation"];
        };
        /**
         * CanvasBody
         * @description A canvas to make.
         */
        CanvasBody: {
            /**
             * @description The project that it belongs to
             * @example project_abc123
             */
            project: string;
            /**
             * @description Its name
             * @example The harbour
             */
            name: string;
            /** @description It begins as this canvas was at this version */
            from?: components["schemas"]["OriginBody"];
        };
        /**
         * CanvasChange
         * @description Something that happened to a canvas, with the fields of its event.
         */
        CanvasChange: {
            /**
             * @description Its version, which each change makes one more
             * @example 812
             */
            version: number;
            /**
             * @description What happened
             * @example CanvasEdited
             */
            event: string;
            /**
             * @description The API key, or `anonymous`
             * @example key_4t8kq2m0vz7c1xna
             */
            actor: string;
            /**
             * Format: date-time
             * @description When
             * @example 2026-02-11T10:00:00Z
             */
            at: string;
            /**
             * @description The id of the edit
             * @example edit_1
             */
            edit?: string;
            /**
             * @description In which session of an editor
             * @example session_1
             */
            session?: string;
            /**
             * @description What the person did
             * @example node.move
             */
            label?: string;
            /** @description The operations of the edit */
            ops?: (components["schemas"]["NodeAdd"] | components["schemas"]["NodeRemove"] | components["schemas"]["NodeSet"] | components["schemas"]["EdgeAdd"] | components["schemas"]["EdgeRemove"] | components["schemas"]["EdgeSet"])[];
            /**
             * @description The name that it got, or that the version got
             * @example Episode 1
             */
            name?: string;
            /**
             * @description The version that got the name
             * @example 812
             */
            named?: number;
            /** @description What it was made from */
            from?: components["schemas"]["Origin"];
            /**
             * @description Whether it is put away now
             * @example true
             */
            archived?: boolean;
        };
        /**
         * CanvasDocument
         * @description A canvas with all that is on it.
         */
        CanvasDocument: {
            /** @description The nodes by their ids */
            nodes: {
                [key: string]: components["schemas"]["Node"];
            };
            /** @description The edges by their ids */
            edges: {
                [key: string]: components["schemas"]["Edge"];
            };
            /**
             * @description The canvas's id
             * @example canvas_abc123
             */
            id: string;
            /**
             * @description The project that it is in
             * @example project_abc123
             */
            project: string;
            /**
             * @description Its name
             * @example Episode 1
             */
            name: string;
            /**
             * @description Its version, which each change makes one more
             * @example 812
             */
            version: number;
            /**
             * Format: date-time
             * @description When it was made
             * @example 2026-02-11T10:00:00Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last changed
             * @example 2026-02-11T10:00:30Z
             */
            updated_at: string;
            /**
             * @description Whether it is put away
             * @example false
             */
            archived: boolean;
            /**
             * @description The place of its last event in the log
             * @example 1042
             */
            position: number;
            /** @description Its versions that have a name */
            names: components["schemas"]["NamedVersion"][];
            /** @description What it was made from; only then */
            from?: components["schemas"]["Origin"];
        };
        /**
         * CanvasDocumentAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CanvasDocumentAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["CanvasDocument"];
        };
        /**
         * CanvasHistoryPage
         * @description What happened to a canvas, a page at a time.
         */
        CanvasHistoryPage: {
            /** @description What happened, oldest first */
            items: components["schemas"]["CanvasChange"][];
            /**
             * @description `after` for the next page; null on the last one
             * @example 500
             */
            next: number | null;
        };
        /**
         * CanvasHistoryPageAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CanvasHistoryPageAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["CanvasHistoryPage"];
        };
        /**
         * CanvasPage
         * @description A page of canvases, newest first.
         */
        CanvasPage: {
            /** @description The canvases, newest first */
            canvases: components["schemas"]["CanvasView"][];
            /**
             * @description `cursor` for the next page; null on the last one
             * @example cDEyMzQ
             */
            next_cursor: string | null;
        };
        /**
         * CanvasPageAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CanvasPageAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["CanvasPage"];
        };
        /**
         * CanvasView
         * @description A canvas in a list.
         */
        CanvasView: {
            /**
             * @description How many nodes it has
             * @example 42
             */
            nodes: number;
            /**
             * @description The canvas's id
             * @example canvas_abc123
             */
            id: string;
            /**
             * @description The project that it is in
             * @example project_abc123
             */
            project: string;
            /**
             * @description Its name
             * @example Episode 1
             */
            name: string;
            /**
             * @description Its version, which each change makes one more
             * @example 812
             */
            version: number;
            /**
             * Format: date-time
             * @description When it was made
             * @example 2026-02-11T10:00:00Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last changed
             * @example 2026-02-11T10:00:30Z
             */
            updated_at: string;
            /**
             * @description Whether it is put away
             * @example false
             */
            archived: boolean;
            /**
             * @description The image or video that was picked last
             * @example asset_9f86d0….png
             */
            cover?: string;
        };
        /**
         * CanvasViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CanvasViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["CanvasView"];
        };
        /**
         * CatalogueChange
         * @description One event of the difference.
         */
        CatalogueChange: {
            /**
             * @description The model
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description The event
             * @example ModelRevised
             */
            type: string;
            /**
             * @description The event itself, as it would be stored, or was
             * @example {
             *       "event": "ModelDisabled",
             *       "reason": "under repair",
             *       "at": "2026-02-11T10:00:00Z"
             *     }
             */
            data: unknown;
            /**
             * @description Of a revision: what is different in the description
             * @default []
             * @example [
             *       "name",
             *       "prices"
             *     ]
             */
            changed?: string[];
        };
        /**
         * CatalogueDifference
         * @description How the files of the catalogue differ from what Pixel knows. `applied`: the events were appended.
         */
        CatalogueDifference: {
            /**
             * @description Whether the events were appended
             * @example false
             */
            applied: boolean;
            /** @description The events to be; with `applied`: those that are */
            events: components["schemas"]["CatalogueChange"][];
            /**
             * @description What differs from the start of this process and is read at a start only
             * @example [
             *       "budgets",
             *       "providers.kling"
             *     ]
             */
            needs_restart: string[];
        };
        /**
         * CatalogueDifferenceAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CatalogueDifferenceAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["CatalogueDifference"];
        };
        /**
         * Conflict
         * @description What two wanted differently. `field` is that of the node or edge; `node`: others removed the node, or have
         *         another one of this id; `removed`: others changed or replaced the node that is to be removed; `edge`: the edge as
         *         a whole.
         */
        Conflict: {
            /**
             * @description The node or the edge
             * @example node_2
             */
            id: string;
            /**
             * @description Its field; `node`, `removed` or `edge` for the whole
             * @example prompt
             */
            field: string;
            /**
             * @description What this edit wants
             * @example a green sea
             */
            mine: unknown;
            /**
             * @description What is there; null: nothing
             * @example a black sea
             */
            theirs: unknown;
        };
        /**
         * Conflicts
         * @description What an edit of a canvas and others' changed differently. Nothing was written.
         */
        Conflicts: {
            /** @description What has to be decided, each once */
            conflicts: components["schemas"]["Conflict"][];
            /**
             * @description The newest version of the canvas
             * @example 812
             */
            version: number;
        };
        /**
         * Cost
         * @description An actual cost or an upper estimate. `price_revision` is the model revision whose price table was used.
         *
         *         `source`: `estimate` was computed before the call, `prices` from the measured usage and the price table, `provider`
         *         is the provider's own figure.
         */
        Cost: {
            /**
             * Format: decimal
             * @description The sum, as a decimal number in a string
             * @example 0.04
             */
            amount: string;
            /**
             * @description An ISO 4217 code
             * @example USD
             */
            currency: string;
            /**
             * @description The revision of the model whose prices were used
             * @example 1
             */
            price_revision: number;
            /**
             * @description What it is made up of
             * @default []
             */
            lines?: components["schemas"]["Line"][];
            /**
             * @description `estimate` before, `prices` (when left out) by the price list, `provider` by the provider
             * @default prices
             * @example estimate
             * @enum {string}
             */
            source?: "estimate" | "prices" | "provider";
        };
        /**
         * CreatedKey
         * @description A new key. Its text is told this once only.
         */
        CreatedKey: {
            /**
             * @description What its holder sends as `Authorization: Bearer …`. Nobody can find it out later
             * @example pxl_4t8kq2m0vz7c1xna_5b0c…
             */
            text: string;
            /** @description The key */
            key: components["schemas"]["KeyView"];
        };
        /**
         * CreatedKeyAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        CreatedKeyAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["CreatedKey"];
        };
        /**
         * Deadline
         * @description Until when, in seconds from the request on.
         */
        Deadline: {
            /**
             * @description Until a provider has taken it, in seconds from now; else it fails with `not_started`
             * @example 60
             */
            startSeconds?: number;
            /**
             * @description Until it is done, in seconds from now; else it fails with `deadline_exceeded`
             * @example 600
             */
            finishSeconds?: number;
        };
        /**
         * Decision
         * @description The decision of a person on a call. `by` names the person, and is stored for ever.
         */
        Decision: {
            /**
             * @description Who answers for it; kept in the history
             * @example anna
             */
            by: string;
            /**
             * @description Why; kept in the history
             * @example not in the provider's console
             */
            note?: string;
        };
        /**
         * DeliveryAttempt
         * @description What came of one attempt: the HTTP status, or what went wrong before there was one.
         */
        DeliveryAttempt: {
            /**
             * Format: date-time
             * @description When it began
             * @example 2026-02-11T10:00:09Z
             */
            at: string;
            /**
             * @description How long it took
             * @example 48
             */
            milliseconds: number;
            /**
             * @description The HTTP status of the answer
             * @example 200
             */
            status?: number;
            /**
             * @description Why there was none
             * @example no answer within 20 seconds
             */
            error?: string;
        };
        /**
         * DeliveryPage
         * @description A page of deliveries, newest first.
         */
        DeliveryPage: {
            /** @description The deliveries, newest first */
            deliveries: components["schemas"]["DeliveryView"][];
            /**
             * @description `cursor` for the next page; null on the last one
             * @example cDEwNDI
             */
            next_cursor: string | null;
        };
        /**
         * DeliveryPageAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        DeliveryPageAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["DeliveryPage"];
        };
        /**
         * DeliveryView
         * @description A delivery in the API: one event of a task or a batch, for one webhook.
         */
        DeliveryView: {
            /**
             * @description The event's place in the log
             * @example 1042
             */
            position: number;
            /**
             * @description The `webhook-id` that it is sent with
             * @example task_abc123.5
             */
            message: string;
            /**
             * @description The version of the task, or the batch, that it tells of
             * @example 5
             */
            version: number;
            /**
             * @description `waiting`, `delivered`, or `failed`: it is not tried any more
             * @example delivered
             * @enum {string}
             */
            state: "delivered" | "failed" | "waiting";
            /** @description The last attempts, oldest first */
            attempts: components["schemas"]["DeliveryAttempt"][];
            /**
             * Format: date-time
             * @description When it is tried again
             * @example 2026-02-11T10:05:00Z
             */
            next_attempt_at?: string;
            /**
             * @description The task
             * @example task_abc123
             */
            task_id?: string;
            /**
             * @description The batch whose end it tells of
             * @example batch_abc123
             */
            batch_id?: string;
        };
        /**
         * Edge
         * @description What a node makes goes into another one, in a role. Edges of one role are used by their order, then by id.
         */
        Edge: {
            /**
             * @description The node that it comes from
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            from: string;
            /**
             * @description The node that it goes into
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            to: string;
            /**
             * @description As what it is used
             * @example prompt
             * @enum {string}
             */
            role: "first_frame" | "last_frame" | "prompt" | "reference" | "system" | "video";
            /**
             * @description Its place among those of its role
             * @example 0
             */
            order: number;
        };
        /**
         * EdgeAdd
         * @description There is a new edge.
         */
        EdgeAdd: {
            /**
             * @description What is done
             * @constant
             */
            op: "edge.add";
            /**
             * @description The edge's id
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            id: string;
            /** @description The edge */
            edge: components["schemas"]["Edge"];
        };
        /**
         * EdgeRemove
         * @description The edge is gone.
         */
        EdgeRemove: {
            /**
             * @description What is done
             * @constant
             */
            op: "edge.remove";
            /**
             * @description The edge's id
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            id: string;
        };
        /**
         * EdgeSet
         * @description An edge has another role, or another place.
         */
        EdgeSet: {
            /**
             * @description What is done
             * @constant
             */
            op: "edge.set";
            /**
             * @description The edge's id
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            id: string;
            /**
             * @description What changes
             * @example order
             * @enum {string}
             */
            field: "order" | "role";
            /**
             * @description What it replaces
             * @default null
             * @example 0
             */
            was?: unknown;
            /**
             * @description What it is now
             * @default null
             * @example 1
             */
            now?: unknown;
        };
        /**
         * EditAnswer
         * @description The edit is done. The same edit sent again gets the same answer.
         */
        EditAnswer: {
            /**
             * @description The version that it made
             * @example 812
             */
            version: number;
            /** @description What others did since the base, in order */
            missed: components["schemas"]["MissedEdit"][];
            /**
             * @description `missed` is not all: the history has the rest
             * @default false
             * @example true
             */
            more?: boolean;
        };
        /**
         * EditAnswerAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        EditAnswerAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["EditAnswer"];
        };
        /**
         * EditBody
         * @description What somebody has done to a canvas.
         */
        EditBody: {
            /**
             * @description The version that the editor knows
             * @example 811
             */
            base: number;
            /**
             * @description Chosen by whoever makes it: 1 to 40 letters, digits, `_` and `-`
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            edit: string;
            /**
             * @description Chosen by whoever makes it: 1 to 40 letters, digits, `_` and `-`
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            session: string;
            /**
             * @description What the person did, as a word for programs
             * @example move
             */
            label: string;
            /** @description The operations, in order: all are done, or none; 500 at most */
            ops: (components["schemas"]["NodeAdd"] | components["schemas"]["NodeRemove"] | components["schemas"]["NodeSet"] | components["schemas"]["EdgeAdd"] | components["schemas"]["EdgeRemove"] | components["schemas"]["EdgeSet"])[];
        };
        /**
         * Estimate
         * @description What a request would cost at most. Without `estimated_cost` the model has no prices, which is not "free".
         */
        Estimate: {
            /**
             * @description Which model
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description The revision whose prices were used
             * @example 1
             */
            revision: number;
            /** @description What it would cost at most; without prices there is none, which is not free */
            estimated_cost?: components["schemas"]["Cost"];
        };
        /**
         * EstimateAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        EstimateAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["Estimate"];
        };
        /**
         * EstimatedRequest
         * @description What one request would cost at most, and why it would be refused.
         *
         *         Of a model that takes no requests at the moment both are told. The day's budgets are not looked at.
         */
        EstimatedRequest: {
            /** @description What it would cost at most, where that is known */
            cost?: components["schemas"]["Cost"];
            /**
             * @description `true`: nobody knows what it would cost, which is not free
             * @default false
             * @example true
             */
            unpriced?: boolean;
            /**
             * @description Every reason why it would be refused; without any it would not be
             * @default []
             */
            problems?: components["schemas"]["FieldProblem"][];
        };
        /**
         * Estimates
         * @description An estimate for each request.
         */
        Estimates: {
            /** @description In the order of the requests */
            items: components["schemas"]["EstimatedRequest"][];
        };
        /**
         * EstimatesAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        EstimatesAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["Estimates"];
        };
        /**
         * EstimatesRequest
         * @description Requests whose price is asked for.
         */
        EstimatesRequest: {
            /** @description Each is the body of the route of its `kind`, `/api/v1/generations/{kind}` */
            requests: (components["schemas"]["ImageItem"] | components["schemas"]["VideoItem"] | components["schemas"]["AudioItem"] | components["schemas"]["TextItem"])[];
        };
        /**
         * ExtraParams
         * @description Parameters that only some models know.
         */
        ExtraParams: {
            /** @description For models with `supportsLora` */
            loras?: components["schemas"]["Lora"][];
            /**
             * @description The same seed gives the same result, where the model can
             * @example 7
             */
            seed?: number;
            /** @description How a sandbox model should behave; refused by all others */
            sandbox?: components["schemas"]["SandboxOptions"];
        };
        /**
         * Failure
         * @description The error body.
         */
        Failure: {
            /**
             * @description The HTTP status as a string
             * @example 400
             */
            code: string;
            /**
             * @description What is wrong, for people: every problem of the request, separated by semicolons
             * @example Model must be in format 'provider/model_key', got: 'qwen-image'. Example: 'dashscope/qwen-image'
             */
            message: string;
            /**
             * @description The id of this request, as in `X-Request-ID`
             * @example req_123456
             */
            request_id: string;
            /**
             * @description What is wrong, for programs; of an edit only
             * @example edit_conflict
             */
            error?: string;
            /** @description Both sides; of an edit that met others' only */
            data?: components["schemas"]["Conflicts"];
        };
        /**
         * FieldProblem
         * @description What is wrong with one field of a request.
         */
        FieldProblem: {
            /**
             * @description Which field; empty for the whole request
             * @example prompt
             */
            field: string;
            /**
             * @description What is wrong, for people
             * @example is required
             */
            message: string;
        };
        /**
         * GivenLimits
         * @description The limits of a client's key; what is left out has none. Days and months are those of UTC.
         */
        GivenLimits: {
            /**
             * @description The only projects
             * @default []
             * @example [
             *       "proj_123"
             *     ]
             */
            projects?: string[];
            /**
             * @description The only models
             * @default []
             * @example [
             *       "dashscope/qwen-image"
             *     ]
             */
            models?: string[];
            /**
             * @description The only kinds of output
             * @default []
             * @example [
             *       "image"
             *     ]
             */
            kinds?: components["schemas"]["Kind"][];
            /**
             * @description How many requests a minute, at each API process
             * @example 60
             */
            requests_per_minute?: number;
            /**
             * @description How many of its tasks may be unfinished at once
             * @example 10
             */
            tasks_in_flight?: number;
            /**
             * Format: decimal
             * @description The most that it may spend, in the currency of the budgets
             * @example 5.00
             */
            money_per_day?: string;
            /**
             * Format: decimal
             * @description The most that it may spend, in the currency of the budgets
             * @example 5.00
             */
            money_per_month?: string;
        };
        /**
         * Health
         * @description `status` is ready, degraded (works, but somebody should look) or unavailable. `problems` says what to look at.
         */
        Health: {
            /**
             * @description `ready`, `degraded` (works, but somebody should look) or `unavailable`
             * @example ready
             */
            status: string;
            /**
             * @description `ok`, or what went wrong
             * @example ok
             */
            database: string;
            /**
             * @description How many models are known
             * @example 9
             */
            models: number;
            /** @description How far the read models are */
            read_models: components["schemas"]["ReadModelStatus"][];
            /**
             * @description How many workers were seen lately
             * @example 1
             */
            workers: number;
            /**
             * @description Appends that wait for their commit
             * @example 0
             */
            appends_waiting: number;
            /**
             * @description What to look at, for people
             * @example [
             *       "worker: none is running; requests are accepted and wait"
             *     ]
             */
            problems: string[];
            /**
             * @description What will need somebody, and changes no status: models that end within 60 days, webhooks that fail, a Pixel without API keys that other machines reach
             * @default []
             * @example [
             *       "model acme/painter: its last day is 2027-01-05, in 39 days; use 'acme/painter-2' from then on"
             *     ]
             */
            warnings?: string[];
            /**
             * @description The ways to the providers, as each worker finds them
             * @default []
             */
            lanes?: components["schemas"]["LaneState"][];
            /**
             * @description The keys of each provider, by their fingerprints
             * @default {}
             */
            keys?: {
                [key: string]: components["schemas"]["KeyState"][];
            };
            /**
             * @description Calls whose outcome nobody knows
             * @default 0
             * @example 0
             */
            doubtful_calls?: number;
            /**
             * @description The webhooks, and how they are doing
             * @default {
             *       "registered": 0,
             *       "disabled": 0,
             *       "failing": 0,
             *       "waiting": 0
             *     }
             */
            webhooks?: components["schemas"]["WebhookHealth"];
            /**
             * @description Of each worker: whether results can be kept, and what waits in its spool
             * @default []
             */
            storage?: components["schemas"]["StorageState"][];
        };
        /**
         * History
         * @description The events of a task, oldest first, a page at a time.
         */
        History: {
            /**
             * @description The task
             * @example task_abc123
             */
            task_id: string;
            /** @description Its events, oldest first */
            events: components["schemas"]["HistoryEvent"][];
            /**
             * @description `after` for the next page; null on the last one
             * @example 500
             */
            next_after: number | null;
        };
        /**
         * HistoryAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        HistoryAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["History"];
        };
        /**
         * HistoryEvent
         * @description One event of a task. `time` is when it was recorded, `actor` who made it happen, `data` the event itself.
         */
        HistoryEvent: {
            /**
             * @description Its place in the whole log
             * @example 1041
             */
            position: number;
            /**
             * @description Its place in the task, from 1; `?version=` shows the task as it stood then
             * @example 1
             */
            version: number;
            /**
             * @description What happened
             * @example TaskRequested
             */
            type: string;
            /**
             * Format: date-time
             * @description When it was recorded
             * @example 2026-02-11T10:00:00Z
             */
            time: string;
            /**
             * @description Who made it happen
             * @example anonymous
             */
            actor: string | null;
            /**
             * @description The request that it goes back to
             * @example req_123456
             */
            request_id: string | null;
            /**
             * @description The event itself, as it is stored
             * @example {
             *       "event": "TaskRequested",
             *       "task": "task_abc123",
             *       "kind": "image",
             *       "model": "dashscope/qwen-image",
             *       "model_revision": 1,
             *       "params": {
             *         "prompt": "a beautiful sunset over mountains",
             *         "resolution": "2K",
             *         "aspectRatio": "16:9"
             *       },
             *       "finish_by": "2026-02-11T10:15:00Z",
             *       "at": "2026-02-11T10:00:00Z",
             *       "request_hash": "47aac8625eb88aa636b71c99006030df6931730a1f0e30267ded0ae2c30f2db0"
             *     }
             */
            data: unknown;
        };
        /**
         * ImageItem
         * @description An image to make, in a batch.
         */
        ImageItem: {
            /**
             * @description What to make
             * @constant
             */
            kind: "image";
            /**
             * @description Which model: `provider/model_key`
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description What to show; not blank, and no longer than the model takes
             * @example a beautiful sunset over mountains
             */
            prompt: string;
            /** @description Parameters that only some models know */
            extraParams?: components["schemas"]["ExtraParams"];
            /**
             * @description The caller's project
             * @example proj_123
             */
            projectId?: string;
            /**
             * @description Where in the frontend it came from
             * @example canvas
             */
            source?: string;
            /**
             * @description The object there
             * @example canvas_456
             */
            sourceId?: string;
            /**
             * @description Anything of yours: kept with the task and given back, up to 16 KiB
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * @description May take over, in this order, if the model before can't be had and nothing is paid; each must accept it
             * @example [
             *       "modelscope/qwen-image"
             *     ]
             */
            fallbackModels?: string[];
            /**
             * @description How long it may take, instead of the model's own times
             * @example {
             *       "finishSeconds": 600
             *     }
             */
            deadline?: components["schemas"]["Deadline"];
            /**
             * @description Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: the same host, the path or one below it, any query. Its secret and its choice of changes hold
             * @example https://app.example/hooks/pixel?canvas=canvas_456
             */
            webhook?: string;
            /**
             * @description What not to show
             * @example blurry, low quality
             */
            negativePrompt?: string;
            /**
             * @description One of the model's resolutions; 1K when left out, or the first that the model has
             * @example 2K
             */
            resolution?: string;
            /**
             * @description One of the aspect ratios that the model has at this resolution
             * @example 16:9
             */
            aspectRatio?: string;
            /**
             * @description How many images, up to what the model allows; 1 when left out
             * @example 1
             */
            n?: number;
            /**
             * @description Reference images, as many as the model takes: each an http or https URL of up to 2048 characters, or the id or the address of an image that Pixel keeps
             * @example [
             *       "https://example.com/ref-image.jpg"
             *     ]
             */
            imageInputs?: string[];
        };
        /**
         * ImageRequest
         * @description An image to make.
         */
        ImageRequest: {
            /**
             * @description What to show; not blank, and no longer than the model takes
             * @example a beautiful sunset over mountains
             */
            prompt: string;
            /**
             * @description Which model: `provider/model_key`
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description What not to show
             * @example blurry, low quality
             */
            negativePrompt?: string;
            /**
             * @description One of the model's resolutions; 1K when left out, or the first that the model has
             * @example 2K
             */
            resolution?: string;
            /**
             * @description One of the aspect ratios that the model has at this resolution
             * @example 16:9
             */
            aspectRatio?: string;
            /**
             * @description How many images, up to what the model allows; 1 when left out
             * @example 1
             */
            n?: number;
            /**
             * @description Reference images, as many as the model takes: each an http or https URL of up to 2048 characters, or the id or the address of an image that Pixel keeps
             * @example [
             *       "https://example.com/ref-image.jpg"
             *     ]
             */
            imageInputs?: string[];
            /** @description Parameters that only some models know */
            extraParams?: components["schemas"]["ExtraParams"];
            /**
             * @description The caller's project
             * @example proj_123
             */
            projectId?: string;
            /**
             * @description Where in the frontend it came from
             * @example canvas
             */
            source?: string;
            /**
             * @description The object there
             * @example canvas_456
             */
            sourceId?: string;
            /**
             * @description Anything of yours: kept with the task and given back, up to 16 KiB
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * @description May take over, in this order, if the model before can't be had and nothing is paid; each must accept it
             * @example [
             *       "modelscope/qwen-image"
             *     ]
             */
            fallbackModels?: string[];
            /**
             * @description How long it may take, instead of the model's own times
             * @example {
             *       "finishSeconds": 600
             *     }
             */
            deadline?: components["schemas"]["Deadline"];
            /**
             * @description Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: the same host, the path or one below it, any query. Its secret and its choice of changes hold
             * @example https://app.example/hooks/pixel?canvas=canvas_456
             */
            webhook?: string;
        };
        /**
         * ImportRequest
         * @description Where the medium is.
         */
        ImportRequest: {
            /**
             * @description Where it is: http or https, within the public internet
             * @example https://example.com/cat.png
             */
            url: string;
        };
        /**
         * InDoubtCall
         * @description A call of unknown outcome. `state` is `looking` during reconciliation, `unknown` after it failed.
         *
         *         `answers` are the unreadable answers of the provider, oldest first.
         */
        InDoubtCall: {
            /**
             * @description Which call: its task and the number of the attempt
             * @example task_abc123.1
             */
            call_id: string;
            /**
             * @description The task
             * @example task_abc123
             */
            task_id: string;
            /**
             * @description `looking` while evidence is looked for, `unknown` when a person is waited for
             * @example unknown
             */
            state: string;
            /**
             * @description How the task stands
             * @example failed
             */
            task_status: components["schemas"]["Status"];
            /**
             * @description Who was called
             * @example dashscope
             */
            provider: string;
            /**
             * @description Which model
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description The number of the call, from 1
             * @example 1
             */
            attempt: number;
            /**
             * Format: date-time
             * @description When it was made
             * @example 2026-02-11T10:00:01Z
             */
            called_at: string;
            /**
             * @description Why it is in doubt
             * @example the connection broke before the answer came
             */
            reason?: string;
            /**
             * @description What was found out since
             * @example The provider can't be asked about a call whose answer was lost.
             */
            evidence?: string;
            /**
             * @description The provider's name for it, when it is known
             * @example job-4711
             */
            job?: string;
            /**
             * @description Which of the provider's keys was used, by its fingerprint
             * @example 3f1a0c9be2d7
             */
            account?: string;
            /**
             * @description `projectId` of the request
             * @example proj_123
             */
            project_id?: string;
            /**
             * @description What the provider answered where it could not be read, oldest first
             * @default []
             */
            answers?: components["schemas"]["RawAnswer"][];
        };
        /**
         * KeptAsset
         * @description A medium that Pixel keeps. Sizes in pixels and bytes, duration in seconds, all measured.
         */
        KeptAsset: {
            /**
             * @description Its content's own name, for `imageInputs`
             * @example asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png
             */
            id: string;
            /**
             * @description Where it is; where Pixel is closed, the address expires
             * @example http://localhost:8000/api/v1/assets/asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png
             */
            url: string;
            /**
             * @description As Pixel found it, whatever it was called
             * @example image/png
             */
            media_type: string;
            /**
             * @description Its size
             * @example 48213
             */
            bytes: number;
            /**
             * @description The hash of its bytes
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            sha256: string;
            /**
             * @description Pixels, as measured
             * @example 2560
             */
            width?: number;
            /**
             * @description Pixels, as measured
             * @example 1440
             */
            height?: number;
            /**
             * @description Seconds of a video or audio, as measured
             * @example 5
             */
            duration?: number;
        };
        /**
         * KeptAssetAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        KeptAssetAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["KeptAsset"];
        };
        /**
         * KeyChange
         * @description What of a key is to be changed. What is left out stays; `limits` replace all limits that it had.
         */
        KeyChange: {
            /**
             * @description What it may do
             * @example [
             *       "client"
             *     ]
             */
            scopes?: components["schemas"]["Scope"][];
            /** @description What it may do at most, from now on */
            limits?: components["schemas"]["GivenLimits"];
        };
        /**
         * KeyLimits
         * @description The limits of a client's key; what is left out has none. Days and months are those of UTC.
         */
        KeyLimits: {
            /**
             * @description The only projects
             * @default []
             * @example [
             *       "proj_123"
             *     ]
             */
            projects?: string[];
            /**
             * @description The only models
             * @default []
             * @example [
             *       "dashscope/qwen-image"
             *     ]
             */
            models?: string[];
            /**
             * @description The only kinds of output
             * @default []
             * @example [
             *       "image"
             *     ]
             */
            kinds?: components["schemas"]["Kind"][];
            /**
             * @description How many requests a minute, at each API process
             * @example 60
             */
            requests_per_minute?: number;
            /**
             * @description How many of its tasks may be unfinished at once
             * @example 10
             */
            tasks_in_flight?: number;
            /**
             * Format: decimal
             * @description The most that it may spend, in the currency of the budgets
             * @example 5.00
             */
            money_per_day?: string;
            /**
             * Format: decimal
             * @description The most that it may spend, in the currency of the budgets
             * @example 5.00
             */
            money_per_month?: string;
        };
        /**
         * KeyPage
         * @description A page of keys, newest first.
         */
        KeyPage: {
            /** @description The keys, newest first */
            keys: components["schemas"]["KeyView"][];
            /**
             * @description `cursor` for the next page; null on the last one
             * @example cDEyMzQ
             */
            next_cursor: string | null;
        };
        /**
         * KeyPageAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        KeyPageAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["KeyPage"];
        };
        /**
         * KeyState
         * @description The state of a key, for the health page. `usable_in_seconds` is 0 for a key in use; `kind` limits the state to
         *         one kind of work.
         */
        KeyState: {
            /**
             * @description A fingerprint, which does not reveal the key
             * @example 3f1a0c9be2d7
             */
            account: string;
            /**
             * @description 0 for a key in use, else how long it is set aside
             * @example 0
             */
            usable_in_seconds: number;
            /**
             * @description Why it is set aside
             * @example provider_auth
             */
            reason?: string;
            /** @description The kind of work that it is set aside for, when it serves the others */
            kind?: components["schemas"]["Kind"];
        };
        /**
         * KeyView
         * @description An API key as administrators see it. Nobody sees its secret.
         */
        KeyView: {
            /**
             * @description The key's id
             * @example key_4t8kq2m0vz7c1xna
             */
            id: string;
            /**
             * @description Whose things its tasks are
             * @example studio
             */
            owner: string;
            /**
             * @description What it may do
             * @example [
             *       "client"
             *     ]
             */
            scopes: components["schemas"]["Scope"][];
            /**
             * Format: date-time
             * @description When it was issued
             * @example 2026-02-11T10:00:00Z
             */
            issued_at: string;
            /**
             * @description What it may do at most
             * @default {}
             */
            limits?: components["schemas"]["KeyLimits"];
            /**
             * Format: date-time
             * @description When it was revoked; only then
             * @example 2026-03-01T09:00:00Z
             */
            revoked_at?: string;
            /**
             * Format: date-time
             * @description When it was last used, to the minute
             * @example 2026-02-28T17:31:00Z
             */
            last_used_at?: string;
        };
        /**
         * KeyViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        KeyViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["KeyView"];
        };
        /**
         * Kind
         * @description The kind of output that a model makes. The values are the words of the API.
         * @enum {string}
         */
        Kind: "audio" | "image" | "llm" | "video";
        /**
         * LaneState
         * @description The state of a lane, for health and metrics.
         */
        LaneState: {
            /**
             * @description To whom
             * @example dashscope
             */
            provider: string;
            /**
             * @description For what kind of work
             * @example image
             */
            kind: components["schemas"]["Kind"];
            /**
             * @description `open` while nothing is sent, `half_open` while one order tries
             * @example closed
             * @enum {string}
             */
            breaker: "closed" | "half_open" | "open";
            /**
             * @description 1 at full speed, less after the provider said that it is too much
             * @example 1
             */
            pace: number;
            /**
             * @description Until the next order
             * @example 0
             */
            wait_seconds: number;
            /**
             * @description How often the provider said that it is too much
             * @example 0
             */
            rate_limited: number;
            /**
             * @description Failures in a row
             * @example 0
             */
            failures: number;
            /**
             * @description Jobs under way, where they are limited
             * @example 3
             */
            in_flight?: number;
        };
        /**
         * Line
         * @description One line of a bill: a quantity of units, and the amount for all of them.
         */
        Line: {
            /**
             * @description What was counted
             * @example image
             * @enum {string}
             */
            unit: "call" | "character" | "image" | "input_image" | "input_token" | "output_token" | "second";
            /**
             * Format: decimal
             * @description How many, as a decimal number in a string
             * @example 1
             */
            quantity: string;
            /**
             * Format: decimal
             * @description What they cost together
             * @example 0.04
             */
            amount: string;
        };
        /**
         * Live
         * @description The process runs, or how it is.
         */
        Live: {
            /**
             * @description `live`; of `/health/ready` its status
             * @example live
             */
            status: string;
        };
        /**
         * Lora
         * @description A LoRA to apply.
         */
        Lora: {
            /**
             * @description Which LoRA
             * @example dashscope/anime-style
             */
            model: string;
            /**
             * @description How strongly
             * @example 0.8
             */
            weight?: number;
        };
        /**
         * Media
         * @description One stored output. Sizes in pixels and bytes, duration in seconds, all measured.
         */
        Media: {
            /**
             * @description Where it is; it does not expire
             * @example http://localhost:8000/api/v1/assets/asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png
             */
            url: string;
            /**
             * @description Pixels, as measured
             * @example 2560
             */
            width?: number;
            /**
             * @description Pixels, as measured
             * @example 1440
             */
            height?: number;
            /**
             * @description Seconds, as measured
             * @example 5
             */
            duration?: number;
            /**
             * @description The content's own name
             * @example asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png
             */
            asset_id?: string;
            /**
             * @description As in `Content-Type`
             * @example image/png
             */
            media_type?: string;
            /**
             * @description Its size
             * @example 48213
             */
            bytes?: number;
        };
        /**
         * Message
         * @description One message of a conversation.
         */
        Message: {
            /**
             * @description Who says it
             * @example user
             * @enum {string}
             */
            role: "assistant" | "system" | "user";
            /**
             * @description What is said
             * @example Write a haiku about the sea.
             */
            content: string;
        };
        /**
         * MissedEdit
         * @description An edit that came between the base and this one.
         */
        MissedEdit: {
            /**
             * @description Its version, which each change makes one more
             * @example 812
             */
            version: number;
            /**
             * @description Chosen by whoever makes it: 1 to 40 letters, digits, `_` and `-`
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            edit: string;
            /**
             * @description Chosen by whoever makes it: 1 to 40 letters, digits, `_` and `-`
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            session: string;
            /**
             * @description What the person did
             * @example move
             */
            label: string;
            /**
             * @description The API key, or `anonymous`
             * @example anonymous
             */
            actor: string;
            /**
             * Format: date-time
             * @description When
             * @example 2026-02-11T10:00:00Z
             */
            at: string;
            /** @description Its operations */
            ops: (components["schemas"]["NodeAdd"] | components["schemas"]["NodeRemove"] | components["schemas"]["NodeSet"] | components["schemas"]["EdgeAdd"] | components["schemas"]["EdgeRemove"] | components["schemas"]["EdgeSet"])[];
        };
        /**
         * Missing
         * @description One requested output that the provider did not make, with its reason.
         */
        Missing: {
            /**
             * @description Which of the `n`, from 0
             * @example 1
             */
            index: number;
            /**
             * @description Why, for programs
             * @example render_error
             */
            code: string;
            /**
             * @description Why, for people
             * @example The provider left this one out.
             */
            message: string;
        };
        /**
         * ModelSwitched
         * @description How a model stands after the decision of an administrator.
         */
        ModelSwitched: {
            /**
             * @description The model id
             * @example dashscope/qwen-image
             */
            id: string;
            /**
             * @description Whether it is switched on
             * @example false
             */
            enabled: boolean;
            /**
             * @description Its revision
             * @example 1
             */
            revision: number;
        };
        /**
         * ModelSwitchedAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        ModelSwitchedAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["ModelSwitched"];
        };
        /**
         * ModelView
         * @description A model in the API. Fields that do not apply are left out.
         */
        ModelView: {
            /**
             * @description The model id: `provider/model_key`
             * @example dashscope/qwen-image
             */
            id: string;
            /**
             * @description What people see
             * @example Qwen Image
             */
            name: string;
            /**
             * @description What it makes
             * @example image
             */
            type: components["schemas"]["Kind"];
            /**
             * @description The part of the id before the slash
             * @example dashscope
             */
            provider: string;
            /**
             * @description The part of the id behind the slash
             * @example qwen-image
             */
            model_key: string;
            /**
             * @description Whether it is the default of its type
             * @example true
             */
            is_default: boolean;
            /**
             * @description Whether it can be asked right now
             * @example true
             */
            enabled: boolean;
            /**
             * @description What it can do besides
             * @example {
             *       "supportsLora": true,
             *       "supportsRefImage": true
             *     }
             */
            capabilities?: Record<string, never>;
            /**
             * @description Resolution → aspect ratio → pixels
             * @example {
             *       "1K": {
             *         "16:9": "1280*720",
             *         "1:1": "1024*1024"
             *       },
             *       "2K": {
             *         "16:9": "2560*1440",
             *         "1:1": "2048*2048"
             *       }
             *     }
             */
            resolutions?: {
                [key: string]: {
                    [key: string]: string;
                };
            };
            /**
             * @description Duration → what people see
             * @example {
             *       "5s": "5秒",
             *       "10s": "10秒"
             *     }
             */
            durations?: {
                [key: string]: string;
            };
            /** @description The voices of a speech model */
            voices?: components["schemas"]["Voice"][];
            /**
             * @description A sentence for people
             * @example Draws a landscape from the prompt.
             */
            description?: string;
            /**
             * @description Rises with every change of the model
             * @default 0
             * @example 1
             */
            revision?: number;
            /**
             * @description Why it can't be asked, and what would help
             * @example Model 'dashscope/qwen-image' is not available: provider 'dashscope' has no key. Set DASHSCOPE_API_KEY in the environment.
             */
            unavailable?: string;
            /**
             * @description The vendor took it away for good
             * @default false
             * @example false
             */
            retired?: boolean;
            /**
             * @description What to use instead of a model that is retired or will end
             * @example dashscope/qwen-image
             */
            replacement?: string;
            /**
             * Format: date-time
             * @description When it will be retired, or was, where that is known
             * @example 2027-01-06T00:00:00Z
             */
            ends_at?: string;
            /**
             * @description JSON Schema of the requests that it accepts, to draw a form from
             * @example {
             *       "type": "object"
             *     }
             */
            input_schema?: Record<string, never>;
        };
        /**
         * ModelViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        ModelViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["ModelView"];
        };
        /**
         * ModelsByType
         * @description The models by type, each under its id: enabled before disabled, the default first.
         */
        ModelsByType: {
            /** @description Models of type `image` */
            image: {
                [key: string]: components["schemas"]["ModelView"];
            };
            /** @description Models of type `video` */
            video: {
                [key: string]: components["schemas"]["ModelView"];
            };
            /** @description Models of type `audio` */
            audio: {
                [key: string]: components["schemas"]["ModelView"];
            };
            /** @description Models of type `llm` */
            llm: {
                [key: string]: components["schemas"]["ModelView"];
            };
        };
        /**
         * ModelsByTypeAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        ModelsByTypeAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["ModelsByType"];
        };
        /**
         * MoneyBody
         * @description A sum of money.
         */
        MoneyBody: {
            /**
             * Format: decimal
             * @description As a decimal number, best in a string
             * @example 2.50
             */
            amount: string;
            /**
             * @description An ISO 4217 code
             * @example USD
             */
            currency: string;
        };
        /**
         * NameBody
         * @description A name for something.
         */
        NameBody: {
            /**
             * @description Its name
             * @example The harbour
             */
            name: string;
        };
        /**
         * NamedVersion
         * @description A version with a name.
         */
        NamedVersion: {
            /**
             * @description The version
             * @example 812
             */
            version: number;
            /**
             * @description Its name
             * @example before the new style
             */
            name: string;
            /**
             * Format: date-time
             * @description When it got that name
             * @example 2026-02-11T10:00:00Z
             */
            at: string;
        };
        /**
         * NewKey
         * @description The key that is wanted.
         */
        NewKey: {
            /**
             * @description Whose things its tasks are; several keys may have one owner
             * @example studio
             */
            owner: string;
            /**
             * @description What it may do
             * @example [
             *       "client"
             *     ]
             */
            scopes: components["schemas"]["Scope"][];
            /** @description What it may do at most */
            limits?: components["schemas"]["GivenLimits"];
        };
        /**
         * Node
         * @description Something on the canvas. What is absent was not said.
         */
        Node: {
            /**
             * @description What it is
             * @example image
             * @enum {string}
             */
            kind: "audio" | "frame" | "group" | "image" | "note" | "reference" | "text" | "upload" | "video";
            /** @description Where it is */
            position: components["schemas"]["Position"];
            /** @description How large it is */
            size: components["schemas"]["Size"];
            /**
             * @description Its title
             * @example The harbour at dawn
             */
            title?: string;
            /**
             * @description Which model makes it
             * @example dashscope/qwen-image
             */
            model?: string;
            /**
             * @description What was typed; of a text node without a model, the text
             * @example a grey sea
             */
            prompt?: string;
            /**
             * @description Other fields of its generation request
             * @default {}
             * @example {
             *       "aspectRatio": "16:9"
             *     }
             */
            params?: Record<string, never>;
            /** @description The result that was chosen */
            pick?: components["schemas"]["Pick"];
            /** @description The newest wish to generate */
            run?: components["schemas"]["RunIntent"];
            /**
             * @description The node of kind `group` that it is in
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            group?: string;
            /**
             * @description The text of a note
             * @example more fog
             */
            note?: string;
        };
        /**
         * NodeAdd
         * @description There is a new node.
         */
        NodeAdd: {
            /**
             * @description What is done
             * @constant
             */
            op: "node.add";
            /**
             * @description The node's id
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            id: string;
            /** @description The node */
            node: components["schemas"]["Node"];
        };
        /**
         * NodeRemove
         * @description The node is gone. Its edges, and the members of a group, were taken off before.
         */
        NodeRemove: {
            /**
             * @description What is done
             * @constant
             */
            op: "node.remove";
            /**
             * @description The node's id
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            id: string;
        };
        /**
         * NodeSet
         * @description A field of a node has another value. `was` is the one that it replaces; null stands for none.
         */
        NodeSet: {
            /**
             * @description What is done
             * @constant
             */
            op: "node.set";
            /**
             * @description The node's id
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            id: string;
            /**
             * @description `position`, `size`, `title`, `model`, `prompt`, `pick`, `run`, `group`, `note`, `params.NAME`
             * @example prompt
             */
            field: string;
            /**
             * @description What it replaces; null: there was none
             * @default null
             * @example a grey sea
             */
            was?: unknown;
            /**
             * @description What it is now; null: nothing
             * @default null
             * @example a green sea
             */
            now?: unknown;
        };
        /**
         * OpenAIAnswer
         * @description What the model says.
         */
        OpenAIAnswer: {
            /**
             * @description Always this word
             * @example assistant
             * @enum {string}
             */
            role: "assistant";
            /**
             * @description The text
             * @example Grey waves fold and rise
             */
            content: string;
            /**
             * @description Always null: a refusal is an error
             * @default null
             * @example null
             */
            refusal?: null;
        };
        /**
         * OpenAIChat
         * @description An answer in a chat.
         */
        OpenAIChat: {
            /**
             * @description The task's id
             * @example task_abc123
             */
            id: string;
            /**
             * @description Always this word
             * @example chat.completion
             * @enum {string}
             */
            object: "chat.completion";
            /**
             * @description When, in seconds of the Unix epoch
             * @example 1770804000
             */
            created: number;
            /**
             * @description Which model answered
             * @example sandbox/text
             */
            model: string;
            /** @description One answer */
            choices: components["schemas"]["OpenAIChoice"][];
            /** @description The tokens, where the provider counts them */
            usage: components["schemas"]["OpenAIUsage"] | null;
        };
        /**
         * OpenAIChatRequest
         * @description A conversation to go on with.
         */
        OpenAIChatRequest: {
            /** @description What was said so far */
            messages: components["schemas"]["OpenAIMessage"][];
            /**
             * @description Which model
             * @example sandbox/text
             */
            model: string;
            /**
             * @description How long the answer may be
             * @example 256
             */
            max_completion_tokens?: number;
            /**
             * @description The older name of `max_completion_tokens`
             * @example 256
             */
            max_tokens?: number;
            /**
             * @description 0 is sober, 2 is wild
             * @example 0.7
             */
            temperature?: number;
            /**
             * @description The same seed gives the same answer, where the model can
             * @example 7
             */
            seed?: number;
            /**
             * @description Whether the answer comes in pieces
             * @example true
             */
            stream?: boolean;
            /**
             * @description How to stream; only with `stream`
             * @example {
             *       "include_usage": true
             *     }
             */
            stream_options?: components["schemas"]["OpenAIStreamOptions"];
            /**
             * @description Kept in the task's `metadata`
             * @example {
             *       "scene": "3"
             *     }
             */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description Kept in the task's `metadata`
             * @example user_17
             */
            user?: string;
            /**
             * @description Kept in the task's `metadata`
             * @example 9f86d0
             */
            safety_identifier?: string;
            /**
             * @description Fields of Pixel's own request that OpenAI has no word for; in a form, as JSON
             * @example {
             *       "projectId": "proj_123"
             *     }
             */
            pixel?: Record<string, never>;
        };
        /**
         * OpenAIChoice
         * @description The answer.
         */
        OpenAIChoice: {
            /**
             * @description Always 0: there is one answer
             * @example 0
             */
            index: number;
            /** @description What the model says */
            message: components["schemas"]["OpenAIAnswer"];
            /**
             * @description `length` where it was cut off, else `stop`
             * @example stop
             */
            finish_reason: string;
            /**
             * @description Always null
             * @default null
             * @example null
             */
            logprobs?: null;
        };
        /**
         * OpenAIContentPart
         * @description A part of what is said: text, as Pixel's models read nothing else.
         */
        OpenAIContentPart: {
            /**
             * @description Always this word
             * @example text
             * @enum {string}
             */
            type: "text";
            /**
             * @description The text
             * @example Write a haiku about the sea.
             */
            text: string;
        };
        /**
         * OpenAIError
         * @description The error body on the routes in OpenAI's form.
         */
        OpenAIError: {
            /** @description What is wrong */
            error: components["schemas"]["OpenAIErrorDetail"];
        };
        /**
         * OpenAIErrorDetail
         * @description What is wrong, in OpenAI's form.
         */
        OpenAIErrorDetail: {
            /**
             * @description What is wrong, for people: every problem of the request, separated by semicolons
             * @example size: '1x1' is not offered; choose one of 512x512, 1024x1024
             */
            message: string;
            /**
             * @description The class of the error
             * @example invalid_request_error
             */
            type: string;
            /**
             * @description The first parameter with a problem
             * @example size
             */
            param: string | null;
            /**
             * @description Why, for programs
             * @example invalid_request
             */
            code: string | null;
        };
        /**
         * OpenAIImage
         * @description One image.
         */
        OpenAIImage: {
            /**
             * @description The file, in base64
             * @example iVBORw0KGgo=
             */
            b64_json?: string;
            /**
             * @description Where it is; it does not expire
             * @example http://localhost:8000/api/v1/…
             */
            url?: string;
        };
        /**
         * OpenAIImageEdit
         * @description Images to make after others.
         */
        OpenAIImageEdit: {
            /**
             * @description The images, as files; several as `image[]`
             * @example [
             *       "(a file)"
             *     ]
             */
            image: string[];
            /**
             * @description What to show
             * @example a lighthouse at dawn
             */
            prompt: string;
            /**
             * @description Kept in the task's `metadata`
             * @example user_17
             */
            user?: string;
            /**
             * @description Kept in the task's `metadata`
             * @example 9f86d0
             */
            safety_identifier?: string;
            /**
             * @description Fields of Pixel's own request that OpenAI has no word for; in a form, as JSON
             * @example {
             *       "projectId": "proj_123"
             *     }
             */
            pixel?: Record<string, never>;
            /**
             * @description Which model; the default one when left out
             * @example sandbox/image
             */
            model?: string;
            /**
             * @description How many; 1 when left out
             * @example 1
             */
            n?: number;
            /**
             * @description One of the model's sizes in pixels; `auto` is its usual one
             * @example 1024x1024
             */
            size?: string;
            /**
             * @description The files themselves, or where they are; the files when left out
             * @example url
             * @enum {string}
             */
            response_format?: "b64_json" | "url";
        };
        /**
         * OpenAIImageReference
         * @description An image at an address.
         */
        OpenAIImageReference: {
            /**
             * @description An http or https URL, or the id or the address of an image that Pixel keeps
             * @example https://example.com/first-frame.jpg
             */
            image_url: string;
        };
        /**
         * OpenAIImageRequest
         * @description Images to make.
         */
        OpenAIImageRequest: {
            /**
             * @description What to show
             * @example a lighthouse at dawn
             */
            prompt: string;
            /**
             * @description Which model; the default one when left out
             * @example sandbox/image
             */
            model?: string;
            /**
             * @description How many; 1 when left out
             * @example 1
             */
            n?: number;
            /**
             * @description One of the model's sizes in pixels; `auto` is its usual one
             * @example 1024x1024
             */
            size?: string;
            /**
             * @description The files themselves, or where they are; the files when left out
             * @example url
             * @enum {string}
             */
            response_format?: "b64_json" | "url";
            /**
             * @description Kept in the task's `metadata`
             * @example user_17
             */
            user?: string;
            /**
             * @description Kept in the task's `metadata`
             * @example 9f86d0
             */
            safety_identifier?: string;
            /**
             * @description Fields of Pixel's own request that OpenAI has no word for; in a form, as JSON
             * @example {
             *       "projectId": "proj_123"
             *     }
             */
            pixel?: Record<string, never>;
        };
        /**
         * OpenAIImages
         * @description The images that were made: fewer than `n` where the provider left some out.
         */
        OpenAIImages: {
            /**
             * @description When, in seconds of the Unix epoch
             * @example 1770804030
             */
            created: number;
            /** @description The images */
            data: components["schemas"]["OpenAIImage"][];
            /**
             * @description The format of the files, where all have the same
             * @example png
             */
            output_format?: string;
            /**
             * @description Pixels, as measured, where all have the same
             * @example 1024x1024
             */
            size?: string;
        };
        /**
         * OpenAIMessage
         * @description One message of a conversation.
         */
        OpenAIMessage: {
            /**
             * @description Who says it; `developer` is the same as `system`
             * @example user
             * @enum {string}
             */
            role: "assistant" | "developer" | "system" | "user";
            /**
             * @description What is said
             * @example Write a haiku about the sea.
             */
            content: string | components["schemas"]["OpenAIContentPart"][];
        };
        /**
         * OpenAIModel
         * @description A model that can be asked now.
         */
        OpenAIModel: {
            /**
             * @description The model id: `provider/model_key`
             * @example dashscope/qwen-image
             */
            id: string;
            /**
             * @description Always this word
             * @example model
             * @enum {string}
             */
            object: "model";
            /**
             * @description When Pixel first knew it, in seconds of the Unix epoch
             * @example 1770804000
             */
            created: number;
            /**
             * @description The provider
             * @example dashscope
             */
            owned_by: string;
            /**
             * @description What it makes
             * @example image
             */
            type: components["schemas"]["Kind"];
            /**
             * @description The day from which it can't be asked, where known
             * @example 2027-01-06
             */
            shutdown_date?: string;
        };
        /**
         * OpenAIModelList
         * @description The models that can be asked now, the defaults first.
         */
        OpenAIModelList: {
            /**
             * @description Always this word
             * @example list
             * @enum {string}
             */
            object: "list";
            /** @description The models */
            data: components["schemas"]["OpenAIModel"][];
        };
        /**
         * OpenAISpeechRequest
         * @description A text to speak.
         */
        OpenAISpeechRequest: {
            /**
             * @description The text
             * @example Hello, welcome to Pixel AI!
             */
            input: string;
            /**
             * @description Which model
             * @example sandbox/speech
             */
            model: string;
            /** @description One of the model's; its first when left out */
            voice?: string | components["schemas"]["OpenAIVoice"];
            /**
             * @description How fast, within the model's limits; 1 when left out
             * @example 1
             */
            speed?: number;
            /**
             * @description The format, where the model says which it has; its own when left out
             * @example wav
             */
            response_format?: string;
            /**
             * @description Kept in the task's `metadata`
             * @example user_17
             */
            user?: string;
            /**
             * @description Kept in the task's `metadata`
             * @example 9f86d0
             */
            safety_identifier?: string;
            /**
             * @description Fields of Pixel's own request that OpenAI has no word for; in a form, as JSON
             * @example {
             *       "projectId": "proj_123"
             *     }
             */
            pixel?: Record<string, never>;
        };
        /**
         * OpenAIStreamOptions
         * @description How to stream.
         */
        OpenAIStreamOptions: {
            /**
             * @description Whether the tokens come as the last piece
             * @example true
             */
            include_usage?: boolean;
        };
        /**
         * OpenAIUsage
         * @description The tokens, as the provider counted them.
         */
        OpenAIUsage: {
            /**
             * @description Of the conversation
             * @example 9
             */
            prompt_tokens: number;
            /**
             * @description Of the answer
             * @example 7
             */
            completion_tokens: number;
            /**
             * @description Both
             * @example 16
             */
            total_tokens: number;
        };
        /**
         * OpenAIVideo
         * @description A video, or what is to become one. It does not expire.
         */
        OpenAIVideo: {
            /**
             * @description The task's id
             * @example task_abc123
             */
            id: string;
            /**
             * @description Always this word
             * @example video
             * @enum {string}
             */
            object: "video";
            /**
             * @description Which model
             * @example sandbox/video
             */
            model: string;
            /**
             * @description Where it is
             * @example completed
             * @enum {string}
             */
            status: "completed" | "failed" | "in_progress" | "queued";
            /**
             * @description Percent; 0 while the provider does not say
             * @example 100
             */
            progress: number;
            /**
             * @description When, in seconds of the Unix epoch
             * @example 1770804000
             */
            created_at: number;
            /**
             * @description When it was done, in seconds of the Unix epoch
             * @example 1770804030
             */
            completed_at: number | null;
            /**
             * @description Always null
             * @example null
             */
            expires_at: null;
            /**
             * @description What was asked for
             * @example a cat playing with a ball
             */
            prompt: string;
            /**
             * @description Pixels: as measured, or before that as asked for
             * @example 1280x720
             */
            size: string | null;
            /**
             * @description Seconds: as measured, or before that as asked for
             * @example 5
             */
            seconds: string | null;
            /**
             * @description Always null
             * @example null
             */
            remixed_from_video_id: null;
            /** @description Why it was not made */
            error: components["schemas"]["OpenAIVideoError"] | null;
        };
        /**
         * OpenAIVideoDeleted
         * @description What came of a wish to stop. Pixel keeps the task, as it keeps all.
         */
        OpenAIVideoDeleted: {
            /**
             * @description The task's id
             * @example task_abc123
             */
            id: string;
            /**
             * @description Always this word
             * @example video.deleted
             * @enum {string}
             */
            object: "video.deleted";
            /**
             * @description Whether it is stopped; false while the provider has not said so
             * @example true
             */
            deleted: boolean;
        };
        /**
         * OpenAIVideoError
         * @description Why it was not made.
         */
        OpenAIVideoError: {
            /**
             * @description Why, for programs
             * @example content_rejected_input
             */
            code: string;
            /**
             * @description Why, for people
             * @example The provider does not make this.
             */
            message: string;
        };
        /**
         * OpenAIVideoPage
         * @description A page of videos, newest first.
         */
        OpenAIVideoPage: {
            /**
             * @description Always this word
             * @example list
             * @enum {string}
             */
            object: "list";
            /** @description The videos */
            data: components["schemas"]["OpenAIVideo"][];
            /**
             * @description The first of them
             * @example task_abc123
             */
            first_id: string | null;
            /**
             * @description The last of them: `after` for the next page
             * @example task_abc
             */
            last_id: string | null;
            /**
             * @description Whether there is a next page
             * @example false
             */
            has_more: boolean;
        };
        /**
         * OpenAIVideoRequest
         * @description A video to make.
         */
        OpenAIVideoRequest: {
            /**
             * @description What happens
             * @example a cat playing with a ball
             */
            prompt: string;
            /**
             * @description Which model; the default one when left out
             * @example sandbox/video
             */
            model?: string;
            /**
             * @description One of the model's durations, in seconds
             * @example 5
             */
            seconds?: string | number;
            /**
             * @description One of the model's sizes in pixels
             * @example 1280x720
             */
            size?: string;
            /** @description The first frame: a file, or an address */
            input_reference?: string | components["schemas"]["OpenAIImageReference"];
            /**
             * @description Kept in the task's `metadata`
             * @example user_17
             */
            user?: string;
            /**
             * @description Kept in the task's `metadata`
             * @example 9f86d0
             */
            safety_identifier?: string;
            /**
             * @description Fields of Pixel's own request that OpenAI has no word for; in a form, as JSON
             * @example {
             *       "projectId": "proj_123"
             *     }
             */
            pixel?: Record<string, never>;
        };
        /**
         * OpenAIVoice
         * @description A voice by its id.
         */
        OpenAIVoice: {
            /**
             * @description One of the model's voices
             * @example en-gb
             */
            id: string;
        };
        /**
         * Origin
         * @description The canvas, at one of its versions, that another one was made from.
         */
        Origin: {
            /**
             * @description The canvas
             * @example canvas_abc123
             */
            canvas: string;
            /**
             * @description Its version
             * @example 812
             */
            version: number;
        };
        /**
         * OriginBody
         * @description A version of a canvas.
         */
        OriginBody: {
            /**
             * @description The canvas
             * @example canvas_abc123
             */
            canvas: string;
            /**
             * @description Its version
             * @example 812
             */
            version: number;
        };
        /**
         * Pick
         * @description The result of a node that was chosen: an asset or a text, and where it came from.
         */
        Pick: {
            /**
             * @description The task that made it
             * @example task_abc123
             */
            task?: string;
            /**
             * @description Which of its outputs, from 0
             * @example 0
             */
            output?: number;
            /**
             * @description The asset's id
             * @example asset_9f86d0….png
             */
            asset?: string;
            /**
             * @description The text, of up to 64 kB
             * @example Grey waves fold and rise
             */
            text?: string;
            /**
             * @description The digest of the request that it answers
             * @example 9f86d081884c7d65
             */
            digest?: string;
        };
        /**
         * PlanProblem
         * @description Why something can't be made.
         */
        PlanProblem: {
            /**
             * @description The field of the request; empty for all of it
             * @example resolution
             */
            field: string;
            /**
             * @description What is wrong with it
             * @example has no model
             */
            message: string;
        };
        /**
         * PlanView
         * @description How a run would be made.
         */
        PlanView: {
            /**
             * @description The version of the canvas
             * @example 812
             */
            version: number;
            /** @description The nodes that generate something, in the order of making */
            steps: components["schemas"]["PlannedStep"][];
            /**
             * @description What all of it may cost at most, by currency, without the unpriced
             * @example {
             *       "USD": "1"
             *     }
             */
            total: {
                [key: string]: string;
            };
            /**
             * @description How many nodes have no price
             * @example 0
             */
            unpriced: number;
            /** @description What is wrong with the whole */
            problems: components["schemas"]["PlanProblem"][];
        };
        /**
         * PlanViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        PlanViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["PlanView"];
        };
        /**
         * PlannedStep
         * @description A node that generates something. One that is current, or has problems, is not made.
         */
        PlannedStep: {
            /**
             * @description The node
             * @example node_1
             */
            node: string;
            /**
             * @description What it makes
             * @example image
             * @enum {string}
             */
            kind: "audio" | "image" | "text" | "video";
            /**
             * @description `missing`: without a result; `stale`: with another one than it asks for now or will then
             * @example missing
             * @enum {string}
             */
            state: "current" | "missing" | "stale";
            /**
             * @description Whether the run makes it
             * @example true
             */
            made: boolean;
            /** @description What it may cost at most */
            cost?: components["schemas"]["Amount"];
            /**
             * @description Whether nobody knows what it costs, which does not mean: nothing
             * @default false
             * @example true
             */
            unpriced?: boolean;
            /**
             * @description Why it can't be made
             * @default []
             */
            problems?: components["schemas"]["PlanProblem"][];
        };
        /**
         * Position
         * @description Where a node's upper left corner is, in units of the canvas.
         */
        Position: {
            /**
             * @description To the right
             * @example 120
             */
            x: number;
            /**
             * @description Downwards
             * @example 80
             */
            y: number;
        };
        /**
         * ProjectPage
         * @description A page of projects, newest first.
         */
        ProjectPage: {
            /** @description The projects, newest first */
            projects: components["schemas"]["ProjectView"][];
            /**
             * @description `cursor` for the next page; null on the last one
             * @example cDEyMzQ
             */
            next_cursor: string | null;
        };
        /**
         * ProjectPageAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        ProjectPageAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["ProjectPage"];
        };
        /**
         * ProjectView
         * @description A project.
         */
        ProjectView: {
            /**
             * @description The project's id
             * @example project_abc123
             */
            id: string;
            /**
             * @description Its name
             * @example The harbour
             */
            name: string;
            /**
             * @description Its version, which each change makes one more
             * @example 1
             */
            version: number;
            /**
             * Format: date-time
             * @description When it was made
             * @example 2026-02-11T10:00:00Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last changed
             * @example 2026-02-11T10:00:00Z
             */
            updated_at: string;
            /**
             * @description Whether it is put away
             * @example false
             */
            archived: boolean;
            /**
             * @description How many canvases in use it has
             * @example 3
             */
            canvases: number;
            /**
             * @description What was picked last on the canvas that was changed last
             * @example asset_9f86d0….png
             */
            cover?: string;
        };
        /**
         * ProjectViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        ProjectViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["ProjectView"];
        };
        /**
         * RawAnswer
         * @description A provider's unreadable answer to a decisive question, stored for the person who settles the doubt.
         *
         *         `status` is the HTTP status. `body` is the beginning of the body, without keys; `bytes` and `sha256` are of the
         *         whole body. `ids` are its members that look like the id of a job, by name.
         */
        RawAnswer: {
            /**
             * @description The HTTP status
             * @example 200
             */
            status: number;
            /**
             * @description How it begins, without keys
             * @example {"object": "generation.task", "id": "gen-1"}
             */
            body: string;
            /**
             * @description The size of the whole body
             * @example 41
             */
            bytes: number;
            /**
             * @description The SHA-256 of the whole body
             * @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
             */
            sha256: string;
            /**
             * @description What the provider calls it
             * @default
             * @example application/json
             */
            media_type?: string;
            /**
             * @description What may be the provider's name for the job, by the member that it stands in
             * @default {}
             * @example {
             *       "id": "gen-1"
             *     }
             */
            ids?: {
                [key: string]: string;
            };
        };
        /**
         * ReadModelStatus
         * @description How a build is doing. `lag` in events, `lag_seconds` the age of the first of them; `parked` counts the
         *         streams that wait for a repair; `error` is why the read model can't go on. `generation` is the number of
         *         the build; 0: there is none.
         */
        ReadModelStatus: {
            /**
             * @description Which read model
             * @example tasks
             */
            name: string;
            /**
             * @description Which build of its rows this is
             * @example 1
             */
            generation: number;
            /**
             * @description The version of its tables
             * @example 1
             */
            version: number;
            /**
             * @description Whether it is the build that answers
             * @example true
             */
            serving: boolean;
            /**
             * @description The last event that it has taken in
             * @example 1042
             */
            position: number;
            /**
             * @description The last event that there is
             * @example 1042
             */
            head: number;
            /**
             * @description Events behind
             * @example 0
             */
            lag: number;
            /**
             * @description Streams set aside, because an event of theirs failed
             * @example 0
             */
            parked: number;
            /**
             * @description For how long the first of the events behind has waited
             * @example 0
             */
            lag_seconds: number;
            /**
             * @description Why it can't go on, when it can't
             * @example UndefinedTableError: relation "tasks" does not exist
             */
            error?: string;
        };
        /**
         * Redelivery
         * @description What to deliver again: one of the two.
         */
        Redelivery: {
            /**
             * @description The delivery of the event at this position
             * @example 1042
             */
            position?: number;
            /**
             * @description All events behind this position of the log
             * @example 1000
             */
            since?: number;
        };
        /**
         * RefusedRequest
         * @description A request of a batch that became no task. `index` counts the requests from 0.
         */
        RefusedRequest: {
            /**
             * @description Which request, from 0
             * @example 1
             */
            index: number;
            /**
             * @description Why, for programs
             * @example model_not_found
             * @enum {string}
             */
            code: "archived" | "base_too_old" | "batch_unknown" | "budget_exceeded" | "call_not_in_doubt" | "call_unknown" | "canvas_unknown" | "catalogue_broken" | "edit_conflict" | "forbidden" | "foreign_host" | "foreign_origin" | "idempotency_key_reused" | "input_blocked_url" | "input_unreachable" | "invalid_request" | "key_busy" | "key_revoked" | "key_unknown" | "malformed_model" | "model_not_found" | "model_off" | "model_retired" | "model_unavailable" | "no_such_path" | "not_json" | "nothing_to_fetch" | "project_unknown" | "run_ended" | "run_unknown" | "step_not_open" | "step_unknown" | "stream_unreadable" | "task_unknown" | "too_large" | "unauthorised" | "unreadable_media" | "unsupported_media_type" | "version_moved" | "webhook_unknown" | "webhooks_unavailable" | "wrong_kind";
            /**
             * @description Why, for people: every problem of it
             * @example Model 'invalid/model' not found. Available models can be fetched from /api/v1/models
             */
            message: string;
        };
        /**
         * RerunCreated
         * @description The new task, and what can't be as it was.
         */
        RerunCreated: {
            /**
             * @description The new task
             * @example task_xyz789
             */
            task_id: string;
            /**
             * @description The task that it repeats
             * @example task_abc123
             */
            rerun_of: string;
            /**
             * @description What can't be as it was then
             * @default []
             * @example [
             *       "fallbackModels: 'acme/old-image' can't be had any more, and won't take over"
             *     ]
             */
            differences?: string[];
            /** @description What it should cost at most, where its model has prices */
            estimated_cost?: components["schemas"]["Cost"];
        };
        /**
         * RerunCreatedAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        RerunCreatedAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["RerunCreated"];
        };
        /**
         * RerunRequest
         * @description What should be different, if anything.
         */
        RerunRequest: {
            /**
             * @description Fields of the request that are different this time; null takes one away
             * @example {
             *       "prompt": "a dog",
             *       "extraParams": {
             *         "seed": 8
             *       }
             *     }
             */
            with?: Record<string, never>;
        };
        /**
         * Result
         * @description The results of a task, in the list of its own kind. `missing` counts or names outputs that were not made, `notes`
         *         the differences from the request.
         */
        Result: {
            /** @description Of an image task */
            images?: components["schemas"]["Media"][];
            /** @description Of a video task */
            videos?: components["schemas"]["Media"][];
            /** @description Of an audio task */
            audios?: components["schemas"]["Media"][];
            /**
             * @description Of a text task
             * @example Grey waves fold and rise
             */
            text?: string;
            /**
             * @description Of a text task: the tokens
             * @example {
             *       "input_tokens": 9,
             *       "output_tokens": 7
             *     }
             */
            usage?: {
                [key: string]: number;
            };
            /** @description What was asked for and could not be made */
            missing?: components["schemas"]["Missing"][];
            /**
             * @description Where it is not as it was asked for
             * @example [
             *       "output 0: asked for 1024*1024, got 1280*720"
             *     ]
             */
            notes?: string[];
        };
        /**
         * ResumeBody
         * @description How a run goes on.
         */
        ResumeBody: {
            /** @description What all of it may cost from now on; else as before */
            most?: components["schemas"]["MoneyBody"];
        };
        /**
         * Revocation
         * @description Why a key is revoked.
         */
        Revocation: {
            /**
             * @description Why; kept in the history
             * @example the laptop was lost
             */
            reason?: string;
        };
        /**
         * RunBody
         * @description Which nodes are to be made.
         */
        RunBody: {
            /**
             * @description The nodes. Those that make nothing, such as notes, may be among them
             * @example [
             *       "node_1",
             *       "node_2"
             *     ]
             */
            nodes: string[];
            /**
             * @description `missing`: those without a result; `stale`: those whose result is not what they ask for now, too; `all`: all of them
             * @example stale
             * @enum {string}
             */
            mode: "all" | "missing" | "stale";
            /** @description What all of it may cost; else what the budgets allow */
            most?: components["schemas"]["MoneyBody"];
            /**
             * @description The version of the canvas that is made; else the newest
             * @example 8
             */
            version?: number;
        };
        /**
         * RunIntent
         * @description The wish to generate. `body` is the request as it was when the person asked, and is never made anew.
         */
        RunIntent: {
            /**
             * @description The run's id
             * @example node_01kh5rfm0se1jb4gcrc1rz1bq0
             */
            id: string;
            /**
             * @description When it was asked for
             * @example 2026-02-11T10:00:00.000Z
             */
            at: string;
            /**
             * @description What it makes
             * @example image
             * @enum {string}
             */
            kind: "audio" | "image" | "text" | "video";
            /**
             * @description The body of the generation request
             * @example {
             *       "prompt": "a grey sea"
             *     }
             */
            body: Record<string, never>;
        };
        /**
         * RunPage
         * @description Runs, a page at a time.
         */
        RunPage: {
            /** @description The runs, newest first */
            items: components["schemas"]["RunView"][];
            /**
             * @description `cursor` for the next page; null on the last one
             * @example cDEyMzQ
             */
            next_cursor: string | null;
        };
        /**
         * RunPageAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        RunPageAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["RunPage"];
        };
        /**
         * RunView
         * @description A run in the API.
         */
        RunView: {
            /**
             * @description The run's id
             * @example run_abc123
             */
            id: string;
            /**
             * @description How it stands. `paused`: it starts nothing before somebody decides
             * @example running
             * @enum {string}
             */
            status: "cancelled" | "completed" | "failed" | "paused" | "running" | "waiting";
            /** @description Its steps, in an order in which they can be made */
            steps: components["schemas"]["StepView"][];
            /**
             * @description What was charged, by currency; the estimate where it was not told
             * @example {}
             */
            spent: {
                [key: string]: string;
            };
            /**
             * @description What may be charged as well for what is under way or in doubt
             * @example {}
             */
            at_risk: {
                [key: string]: string;
            };
            /**
             * @description What all of it should cost at most, without unpriced steps
             * @example {
             *       "USD": "0.12"
             *     }
             */
            estimate: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description When it was requested
             * @example 2026-02-11T10:00:00Z
             */
            created_at: string;
            /**
             * @description The canvas that it makes nodes of
             * @example canvas_1
             */
            canvas?: string;
            /**
             * @description The version of it that it makes
             * @example 812
             */
            canvas_version?: number;
            /**
             * @description The project
             * @example project_1
             */
            project?: string;
            /**
             * @description The steps whose price nobody knew
             * @default []
             * @example [
             *       "node_3"
             *     ]
             */
            unpriced?: string[];
            /** @description What it may cost; left out: what the budgets allow */
            most?: components["schemas"]["Amount"];
            /**
             * @description Why it is paused
             * @example over_budget
             * @enum {string}
             */
            reason?: "asked" | "in_doubt" | "key_revoked" | "over_budget" | "step_failed" | "unpriced";
            /**
             * @description The same for people
             * @example anna wants it to wait.
             */
            message?: string;
            /**
             * @description The step that it is paused for
             * @example node_1
             */
            waits_for?: string;
            /**
             * Format: date-time
             * @description When it ended
             * @example 2026-02-11T10:00:30Z
             */
            ended_at?: string;
        };
        /**
         * RunViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        RunViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["RunView"];
        };
        /**
         * SandboxOptions
         * @description How the sandbox should behave: what a test wants to see. Times in seconds.
         */
        SandboxOptions: {
            /**
             * @description Seconds until the result is there
             * @example 2.5
             */
            latency?: number;
            /**
             * @description What should go wrong
             * @example content_rejected
             * @enum {string}
             */
            fault?: "content_rejected" | "failed" | "lost_result" | "partial" | "rate_limited" | "refused" | "timeout_after" | "timeout_before" | "unreachable";
            /**
             * @description How many calls the fault meets, from the first
             * @example 1
             */
            times?: number;
        };
        /**
         * Scope
         * @description What a key may do. A key with `admin` may do everything.
         * @enum {string}
         */
        Scope: "admin" | "analyst" | "auditor" | "client";
        /**
         * SecretRotation
         * @description How a webhook gets a new secret.
         */
        SecretRotation: {
            /**
             * @description For how long the secrets before it sign as well: a day when left out, 0 when one is in wrong hands
             * @example 86400
             */
            keepSeconds?: number;
        };
        /**
         * SessionView
         * @description Who asks, and what they may do.
         */
        SessionView: {
            /**
             * @description Whether Pixel is open: then nobody has to sign in
             * @example false
             */
            open: boolean;
            /**
             * @description Whose things are made and seen
             * @example studio
             */
            owner: string;
            /**
             * @description What they may do
             * @example [
             *       "client"
             *     ]
             */
            scopes: components["schemas"]["Scope"][];
            /**
             * @description The id of the API key
             * @example key_4t8kq2m0vz7c1xna
             */
            key?: string;
            /**
             * Format: date-time
             * @description When a session by a cookie is over
             * @example 2026-02-11T22:00:00Z
             */
            expires_at?: string;
        };
        /**
         * SessionViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        SessionViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["SessionView"];
        };
        /**
         * Settled
         * @description What became of the task.
         */
        Settled: {
            /**
             * @description The task
             * @example task_abc123
             */
            task_id: string;
            /**
             * @description The call
             * @example task_abc123.1
             */
            call_id: string;
            /**
             * @description How the task stands now
             * @example pending
             */
            status: components["schemas"]["Status"];
            /**
             * @description The version of its stream now
             * @example 6
             */
            version: number;
        };
        /**
         * SettledAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        SettledAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["Settled"];
        };
        /**
         * SignedOut
         * @description The browser has forgotten its key.
         */
        SignedOut: {
            /**
             * @description Always true
             * @example true
             */
            signed_out: boolean;
        };
        /**
         * SignedOutAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        SignedOutAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["SignedOut"];
        };
        /**
         * Size
         * @description How large a node is, in units of the canvas.
         */
        Size: {
            /**
             * @description Its width
             * @example 320
             */
            width: number;
            /**
             * @description Its height
             * @example 240
             */
            height: number;
        };
        /**
         * SpendingReport
         * @description What was spent in a period.
         */
        SpendingReport: {
            /**
             * @description What the sums are by
             * @example model
             * @enum {string}
             */
            by: "day" | "model" | "project" | "provider";
            /**
             * Format: date
             * @description The first day, by UTC
             * @example 2026-02-01
             */
            first: string;
            /**
             * Format: date
             * @description The last day, by UTC
             * @example 2026-02-11
             */
            last: string;
            /** @description One for each key and currency, in the order of the keys */
            sums: components["schemas"]["SpendingSum"][];
            /**
             * @description `false`: there are more sums; these have the most tasks
             * @example true
             */
            complete: boolean;
            /**
             * @description How many tasks have ended of which nobody knows a price
             * @example 0
             */
            unpriced: number;
            /** @description The budgets that the caller may see, as they stand now */
            budgets: components["schemas"]["BudgetState"][];
        };
        /**
         * SpendingReportAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        SpendingReportAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["SpendingReport"];
        };
        /**
         * SpendingSum
         * @description What the tasks with the same key come to, in one currency.
         */
        SpendingSum: {
            /**
             * @description The day, model, project or provider; empty: no project
             * @example dashscope/qwen-image
             */
            key: string;
            /**
             * @description Of the amounts
             * @example CNY
             */
            currency: string;
            /**
             * Format: decimal
             * @description What tasks cost
             * @example 1.25
             */
            spent: string;
            /**
             * Format: decimal
             * @description What unfinished tasks may cost at most
             * @example 0.25
             */
            running: string;
            /**
             * Format: decimal
             * @description What tasks may have cost of which nobody knows whether they did
             * @example 0
             */
            unknown: string;
            /**
             * @description How many tasks; without those that cost nothing
             * @example 5
             */
            tasks: number;
        };
        /**
         * Status
         * @description The status in the API. No value will ever be added; `NEW`, an empty stream, is never shown.
         * @enum {string}
         */
        Status: "pending" | "processing" | "completed" | "failed";
        /**
         * StepStatus
         * @description PAUSED: whether its task was made, and charged for, is in doubt.
         * @enum {string}
         */
        StepStatus: "completed" | "failed" | "paused" | "running" | "skipped" | "waiting";
        /**
         * StepView
         * @description A step of a run.
         */
        StepView: {
            /**
             * @description The step; of a run of a canvas, the node
             * @example node_1
             */
            node: string;
            /**
             * @description What it makes
             * @example image
             * @enum {string}
             */
            kind: "audio" | "image" | "text" | "video";
            /**
             * @description How it stands. `paused`: nobody knows whether its call happened
             * @example running
             */
            status: components["schemas"]["StepStatus"];
            /**
             * @description Which attempt it is, from 1; 0 before the first
             * @example 1
             */
            attempt: number;
            /**
             * @description The task of this attempt
             * @example task_abc123
             */
            task?: string;
            /** @description What this attempt may cost at most */
            estimate?: components["schemas"]["Amount"];
            /** @description What it did cost, as far as it is known */
            cost?: components["schemas"]["Amount"];
            /**
             * @description The ids of the assets that it made
             * @default []
             * @example [
             *       "asset_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.png"
             *     ]
             */
            outputs?: string[];
            /**
             * @description Why it failed, for programs
             * @example content_rejected
             */
            code?: string;
        };
        /**
         * StorageState
         * @description The state of store and spool, for health.
         */
        StorageState: {
            /**
             * @description Why the asset store can't keep anything now
             * @example The asset store can't keep an asset: disk full
             */
            store?: string;
            /**
             * @description Why the spool can't
             * @example the spool is full
             */
            spool?: string;
            /**
             * @description Why no order goes out whose result would have to be kept
             * @example the spool is full
             */
            refuses?: string;
            /**
             * @description Results that wait in the spool
             * @default 0
             * @example 0
             */
            results?: number;
            /**
             * @description How many bytes they have
             * @default 0
             * @example 0
             */
            bytes?: number;
            /**
             * @description How many bytes the spool takes
             * @default 0
             * @example 2147483648
             */
            max_bytes?: number;
            /**
             * @description Results that are in memory only
             * @default 0
             * @example 0
             */
            held?: number;
        };
        /**
         * TaskCreated
         * @description The task that a request became, and the most that it should cost, where the model has prices. It is there for GET
         *         from this moment on.
         */
        TaskCreated: {
            /**
             * @description Ask `GET /api/v1/tasks/{task_id}` for it, from now on
             * @example task_abc123
             */
            task_id: string;
            /** @description What it should cost at most at the model that was asked for, where it has prices */
            estimated_cost?: components["schemas"]["Cost"];
        };
        /**
         * TaskCreatedAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        TaskCreatedAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["TaskCreated"];
        };
        /**
         * TaskError
         * @description Why a task failed. `code` is for programs; treat an unknown one as an internal error, as new codes come.
         */
        TaskError: {
            /**
             * @description Why, for programs. New ones may come: treat them as a mistake of Pixel's
             * @example content_rejected_input
             */
            code: string;
            /**
             * @description Why, for people
             * @example The provider does not make this.
             */
            message: string;
            /**
             * @description Whether the same request may succeed another time
             * @example false
             */
            retryable: boolean;
            /**
             * @description Whether the provider took money all the same
             * @example no
             * @enum {string}
             */
            charged: "no" | "unknown" | "yes";
            /**
             * @description The provider's own code
             * @example DataInspectionFailed
             */
            provider_code?: string;
            /**
             * @description The provider's own words
             * @example Input data may contain inappropriate content.
             */
            provider_message?: string;
        };
        /**
         * TaskPage
         * @description A page of tasks, newest first.
         */
        TaskPage: {
            /** @description The tasks, newest first */
            tasks: components["schemas"]["TaskView"][];
            /**
             * @description `cursor` for the next page; null on the last one
             * @example cDEyMzQ
             */
            next_cursor: string | null;
        };
        /**
         * TaskPageAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        TaskPageAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["TaskPage"];
        };
        /**
         * TaskView
         * @description A task in the API.
         */
        TaskView: {
            /**
             * @description The task's id
             * @example task_abc123
             */
            id: string;
            /**
             * @description What it makes
             * @example image
             */
            type: components["schemas"]["Kind"];
            /**
             * @description `pending` and `processing`: ask again; `completed` and `failed` are final
             * @example completed
             */
            status: components["schemas"]["Status"];
            /**
             * @description Which model
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description The parameters as they were sent
             * @example {
             *       "prompt": "a beautiful sunset over mountains",
             *       "resolution": "2K",
             *       "aspectRatio": "16:9"
             *     }
             */
            params: Record<string, never>;
            /**
             * Format: date-time
             * @description When it was accepted
             * @example 2026-02-11T10:00:00Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When something last happened
             * @example 2026-02-11T10:00:30Z
             */
            updated_at: string;
            /** @description What was made; once there is something */
            result?: components["schemas"]["Result"];
            /** @description Why it failed; only then */
            error?: components["schemas"]["TaskError"];
            /**
             * @description Percent, when the provider says
             * @example 40
             */
            progress?: number;
            /**
             * @description Where it is, for people: `queued`, `submitted`, a provider's own word. New ones may come
             * @example queued
             */
            phase?: string;
            /**
             * @description What the provider counted
             * @example {
             *       "input_tokens": 9,
             *       "output_tokens": 7
             *     }
             */
            usage?: {
                [key: string]: number;
            };
            /** @description What it cost, where the model has prices or the provider says so */
            cost?: components["schemas"]["Cost"];
            /** @description What it should cost at most at the model asked for, or at a dearer one that took over */
            estimated_cost?: components["schemas"]["Cost"];
            /**
             * @description The model of `fallbackModels` that took over
             * @example modelscope/qwen-image
             */
            served_by?: string;
            /**
             * @description `projectId` of the request
             * @example proj_123
             */
            project_id?: string;
            /**
             * @description `source` of the request
             * @example canvas
             */
            source?: string;
            /**
             * @description `sourceId` of the request
             * @example canvas_456
             */
            source_id?: string;
            /**
             * @description `metadata` of the request
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * Format: date-time
             * @description When the provider was first called
             * @example 2026-02-11T10:00:01Z
             */
            started_at?: string;
            /**
             * Format: date-time
             * @description When it ended
             * @example 2026-02-11T10:00:30Z
             */
            finished_at?: string;
            /** @description What came after the end: it was paid for, so it is kept */
            late_results?: components["schemas"]["Media"][];
            /**
             * @description The batch that it was accepted with
             * @example batch_abc123
             */
            batch_id?: string;
            /**
             * @description The task that it repeats
             * @example task_xyz789
             */
            rerun_of?: string;
        };
        /**
         * TaskViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        TaskViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["TaskView"];
        };
        /**
         * TextItem
         * @description Text to write, in a batch.
         */
        TextItem: {
            /**
             * @description What to make
             * @constant
             */
            kind: "text";
            /**
             * @description Which model: `provider/model_key`
             * @example dashscope/qwen-image
             */
            model: string;
            /** @description Parameters that only some models know */
            extraParams?: components["schemas"]["ExtraParams"];
            /**
             * @description The caller's project
             * @example proj_123
             */
            projectId?: string;
            /**
             * @description Where in the frontend it came from
             * @example canvas
             */
            source?: string;
            /**
             * @description The object there
             * @example canvas_456
             */
            sourceId?: string;
            /**
             * @description Anything of yours: kept with the task and given back, up to 16 KiB
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * @description May take over, in this order, if the model before can't be had and nothing is paid; each must accept it
             * @example [
             *       "modelscope/qwen-image"
             *     ]
             */
            fallbackModels?: string[];
            /**
             * @description How long it may take, instead of the model's own times
             * @example {
             *       "finishSeconds": 600
             *     }
             */
            deadline?: components["schemas"]["Deadline"];
            /**
             * @description Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: the same host, the path or one below it, any query. Its secret and its choice of changes hold
             * @example https://app.example/hooks/pixel?canvas=canvas_456
             */
            webhook?: string;
            /**
             * @description What to write; this or `messages`
             * @example Write a haiku about the sea.
             */
            prompt?: string;
            /** @description The conversation so far; this or `prompt` */
            messages?: components["schemas"]["Message"][];
            /**
             * @description How to behave
             * @example You are a poet.
             */
            system?: string;
            /**
             * @description 0 is sober, 2 is wild
             * @example 0.7
             */
            temperature?: number;
            /**
             * @description How long the answer may be, up to what the model allows
             * @example 256
             */
            maxTokens?: number;
            /**
             * @description Hand the text on while the provider writes it, where it can: the task's events bring it
             * @example true
             */
            stream?: boolean;
        };
        /**
         * TextRequest
         * @description Text to write: `prompt` or `messages`, one of the two.
         */
        TextRequest: {
            /**
             * @description Which model: `provider/model_key`
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description What to write; this or `messages`
             * @example Write a haiku about the sea.
             */
            prompt?: string;
            /** @description The conversation so far; this or `prompt` */
            messages?: components["schemas"]["Message"][];
            /**
             * @description How to behave
             * @example You are a poet.
             */
            system?: string;
            /**
             * @description 0 is sober, 2 is wild
             * @example 0.7
             */
            temperature?: number;
            /**
             * @description How long the answer may be, up to what the model allows
             * @example 256
             */
            maxTokens?: number;
            /**
             * @description Hand the text on while the provider writes it, where it can: the task's events bring it
             * @example true
             */
            stream?: boolean;
            /** @description Parameters that only some models know */
            extraParams?: components["schemas"]["ExtraParams"];
            /**
             * @description The caller's project
             * @example proj_123
             */
            projectId?: string;
            /**
             * @description Where in the frontend it came from
             * @example canvas
             */
            source?: string;
            /**
             * @description The object there
             * @example canvas_456
             */
            sourceId?: string;
            /**
             * @description Anything of yours: kept with the task and given back, up to 16 KiB
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * @description May take over, in this order, if the model before can't be had and nothing is paid; each must accept it
             * @example [
             *       "modelscope/qwen-image"
             *     ]
             */
            fallbackModels?: string[];
            /**
             * @description How long it may take, instead of the model's own times
             * @example {
             *       "finishSeconds": 600
             *     }
             */
            deadline?: components["schemas"]["Deadline"];
            /**
             * @description Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: the same host, the path or one below it, any query. Its secret and its choice of changes hold
             * @example https://app.example/hooks/pixel?canvas=canvas_456
             */
            webhook?: string;
        };
        /**
         * VersionBody
         * @description A name for a version of a canvas.
         */
        VersionBody: {
            /**
             * @description The version
             * @example 812
             */
            version: number;
            /**
             * @description Its name
             * @example The harbour
             */
            name: string;
        };
        /**
         * VideoItem
         * @description A video to make, in a batch.
         */
        VideoItem: {
            /**
             * @description What to make
             * @constant
             */
            kind: "video";
            /**
             * @description Which model: `provider/model_key`
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description What happens; not blank, and no longer than the model takes
             * @example a cat playing with a ball
             */
            prompt: string;
            /** @description Parameters that only some models know */
            extraParams?: components["schemas"]["ExtraParams"];
            /**
             * @description The caller's project
             * @example proj_123
             */
            projectId?: string;
            /**
             * @description Where in the frontend it came from
             * @example canvas
             */
            source?: string;
            /**
             * @description The object there
             * @example canvas_456
             */
            sourceId?: string;
            /**
             * @description Anything of yours: kept with the task and given back, up to 16 KiB
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * @description May take over, in this order, if the model before can't be had and nothing is paid; each must accept it
             * @example [
             *       "modelscope/qwen-image"
             *     ]
             */
            fallbackModels?: string[];
            /**
             * @description How long it may take, instead of the model's own times
             * @example {
             *       "finishSeconds": 600
             *     }
             */
            deadline?: components["schemas"]["Deadline"];
            /**
             * @description Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: the same host, the path or one below it, any query. Its secret and its choice of changes hold
             * @example https://app.example/hooks/pixel?canvas=canvas_456
             */
            webhook?: string;
            /**
             * @description What not to show
             * @example static, blurry
             */
            negativePrompt?: string;
            /**
             * @description One of the model's durations; its first when left out
             * @example 5s
             */
            duration?: string;
            /**
             * @description One of the model's resolutions; 1K when left out, or the first that the model has
             * @example 720p
             */
            resolution?: string;
            /**
             * @description One of the aspect ratios that the model has at this resolution
             * @example 16:9
             */
            aspectRatio?: string;
            /**
             * @description How many videos, up to what the model allows; 1 when left out
             * @example 1
             */
            n?: number;
            /**
             * @description The first frame, for models that take one: an http or https URL of up to 2048 characters, or the id or the address of an image that Pixel keeps
             * @example [
             *       "https://example.com/first-frame.jpg"
             *     ]
             */
            imageInputs?: string[];
        };
        /**
         * VideoRequest
         * @description A video to make.
         */
        VideoRequest: {
            /**
             * @description What happens; not blank, and no longer than the model takes
             * @example a cat playing with a ball
             */
            prompt: string;
            /**
             * @description Which model: `provider/model_key`
             * @example dashscope/qwen-image
             */
            model: string;
            /**
             * @description What not to show
             * @example static, blurry
             */
            negativePrompt?: string;
            /**
             * @description One of the model's durations; its first when left out
             * @example 5s
             */
            duration?: string;
            /**
             * @description One of the model's resolutions; 1K when left out, or the first that the model has
             * @example 720p
             */
            resolution?: string;
            /**
             * @description One of the aspect ratios that the model has at this resolution
             * @example 16:9
             */
            aspectRatio?: string;
            /**
             * @description How many videos, up to what the model allows; 1 when left out
             * @example 1
             */
            n?: number;
            /**
             * @description The first frame, for models that take one: an http or https URL of up to 2048 characters, or the id or the address of an image that Pixel keeps
             * @example [
             *       "https://example.com/first-frame.jpg"
             *     ]
             */
            imageInputs?: string[];
            /** @description Parameters that only some models know */
            extraParams?: components["schemas"]["ExtraParams"];
            /**
             * @description The caller's project
             * @example proj_123
             */
            projectId?: string;
            /**
             * @description Where in the frontend it came from
             * @example canvas
             */
            source?: string;
            /**
             * @description The object there
             * @example canvas_456
             */
            sourceId?: string;
            /**
             * @description Anything of yours: kept with the task and given back, up to 16 KiB
             * @example {
             *       "scene": 3
             *     }
             */
            metadata?: Record<string, never>;
            /**
             * @description May take over, in this order, if the model before can't be had and nothing is paid; each must accept it
             * @example [
             *       "modelscope/qwen-image"
             *     ]
             */
            fallbackModels?: string[];
            /**
             * @description How long it may take, instead of the model's own times
             * @example {
             *       "finishSeconds": 600
             *     }
             */
            deadline?: components["schemas"]["Deadline"];
            /**
             * @description Where to tell of this task, in place of the URL of one of your webhooks. It must extend that URL: the same host, the path or one below it, any query. Its secret and its choice of changes hold
             * @example https://app.example/hooks/pixel?canvas=canvas_456
             */
            webhook?: string;
        };
        /**
         * Voice
         * @description One voice of a speech model. `language` is a BCP 47 tag.
         */
        Voice: {
            /**
             * @description For `voice`
             * @example zh_female_qingxin
             */
            id: string;
            /**
             * @description What people see
             * @example 清新女声
             */
            name: string;
            /**
             * @description A BCP 47 tag
             * @example zh
             */
            language: string;
        };
        /**
         * WebhookChange
         * @description What to change of a webhook.
         */
        WebhookChange: {
            /**
             * @description Where messages are posted: a public `https` address
             * @example https://app.example/hooks/pixel
             */
            url?: string;
            /**
             * @description `ends` of tasks and what comes after, or `all` changes
             * @example ends
             * @enum {string}
             */
            changes?: "all" | "ends";
            /**
             * @description `false`: nothing is sent for now; `true`: what was missed is sent, too
             * @example true
             */
            enabled?: boolean;
        };
        /**
         * WebhookHealth
         * @description How many webhooks there are and how they are doing.
         */
        WebhookHealth: {
            /**
             * @description How many webhooks there are
             * @default 0
             * @example 2
             */
            registered?: number;
            /**
             * @description How many get nothing for now
             * @default 0
             * @example 0
             */
            disabled?: number;
            /**
             * @description How many did not take the last message
             * @default 0
             * @example 0
             */
            failing?: number;
            /**
             * @description How many deliveries wait
             * @default 0
             * @example 0
             */
            waiting?: number;
        };
        /**
         * WebhookList
         * @description The webhooks of a caller.
         */
        WebhookList: {
            /** @description The webhooks, oldest first */
            webhooks: components["schemas"]["WebhookView"][];
        };
        /**
         * WebhookListAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        WebhookListAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["WebhookList"];
        };
        /**
         * WebhookRegistration
         * @description A webhook to register.
         */
        WebhookRegistration: {
            /**
             * @description Where messages are posted: a public `https` address
             * @example https://app.example/hooks/pixel
             */
            url: string;
            /**
             * @description `ends` of tasks and what comes after, or `all` changes
             * @example ends
             * @enum {string}
             */
            changes?: "all" | "ends";
        };
        /**
         * WebhookView
         * @description A webhook in the API.
         */
        WebhookView: {
            /**
             * @description The webhook's id
             * @example webhook_abc123
             */
            id: string;
            /**
             * @description Where messages are posted
             * @example https://app.example/hooks/pixel
             */
            url: string;
            /**
             * @description `ends` of tasks and what comes after, or `all` changes
             * @example ends
             * @enum {string}
             */
            changes: "all" | "ends";
            /**
             * @description Whether anything is sent to it
             * @example true
             */
            enabled: boolean;
            /**
             * Format: date-time
             * @description When it was registered
             * @example 2026-02-11T09:00:00Z
             */
            created_at?: string;
            /**
             * Format: date-time
             * @description Since when nothing is sent
             * @example 2026-02-14T09:00:00Z
             */
            disabled_at?: string;
            /**
             * @description Why nothing is sent
             * @default
             * @example it answered 410 (Gone)
             */
            disabled_reason?: string;
            /**
             * Format: date-time
             * @description Until when each of the older secrets still signs
             * @default []
             * @example [
             *       "2026-02-12T09:00:00Z"
             *     ]
             */
            secrets_until?: string[];
            /**
             * @description How far the log was searched for it
             * @example 1042
             */
            position?: number;
            /**
             * Format: date-time
             * @description Since when every attempt has failed
             * @example 2026-02-11T10:00:00Z
             */
            failing_since?: string;
            /**
             * @description How many deliveries wait
             * @default 0
             * @example 3
             */
            waiting?: number;
        };
        /**
         * WebhookViewAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        WebhookViewAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["WebhookView"];
        };
        /**
         * WebhookWithSecret
         * @description A webhook with the secret that was made for it now. It is not told again.
         */
        WebhookWithSecret: {
            /** @description The webhook */
            webhook: components["schemas"]["WebhookView"];
            /**
             * @description What its messages are signed with
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=
             */
            secret: string;
        };
        /**
         * WebhookWithSecretAnswer
         * @description Every good answer. `code` is a string, for the frontends' sake.
         */
        WebhookWithSecretAnswer: {
            /**
             * @description The HTTP status as a string
             * @example 200
             * @constant
             */
            code: "200";
            /**
             * @description Always this word
             * @example success
             * @constant
             */
            message: "success";
            /** @description The answer itself */
            data: components["schemas"]["WebhookWithSecret"];
        };
    };
    responses: never;
    parameters: {
        /** @description Your id for this request; it is in the answer and in Pixel's log */
        "X-Request-ID": string;
        /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
        "Idempotency-Key": string;
        /** @description `wait=N`: answer when the task has ended, or after N seconds, 60 at most */
        Prefer: string;
        /** @description ETags that you have: 304 when one of them is still right */
        "If-None-Match": string;
        /** @description One range: `bytes=a-b`, `bytes=a-` or `bytes=-n` */
        Range: string;
        /** @description An ETag: heed `Range` only if it is still right */
        "If-Range": string;
        /** @description As `POST /api/v1/generations/…` answered it */
        task_id: string;
        /** @description As `POST /api/v1/batches` answered it */
        batch_id: string;
        /** @description As the task has it: `asset_<sha256>.<extension>` */
        asset_id: string;
        /** @description One call of a task, as the list of doubtful calls has it */
        call_id: string;
        /** @description An API key, as the list of keys has it */
        key_id: string;
        /** @description What only Pixel can make, and gives to the provider with the order */
        token: string;
        /** @description `looking` while evidence is looked for, `unknown` when a person is waited for, `in_doubt` for both */
        state: "in_doubt" | "looking" | "unknown";
        /** @description As `POST /api/v1/canvases/{canvas_id}/runs` answered it */
        run_id: string;
        /** @description A step of the run: a node of its canvas */
        node_id: string;
        /** @description Only runs of this canvas */
        canvasOfRuns: string;
        /** @description How many a page has at most */
        runLimit: number;
        /** @description As `POST /api/v1/projects` answered it */
        project_id: string;
        /** @description As `POST /api/v1/canvases` answered it */
        canvas_id: string;
        /** @description The ETag of what you know: nothing is changed when it has moved on */
        "If-Match": string;
        /** @description `true`: those that are put away, instead of those in use */
        archived: boolean;
        /** @description Only canvases of this project */
        canvasProject: string;
        /** @description The canvas at this version */
        canvasVersion: number;
        /** @description The canvas as it stood at this time */
        canvasAt: string;
        /** @description Only what happened behind this version: `next` of the page before */
        canvasAfter: number;
        /** @description As `POST /api/v1/webhooks` answered it */
        webhook_id: string;
        /** @description Only deliveries in this state */
        deliveryState: "waiting" | "delivered" | "failed";
        /** @description A small image of it instead */
        variant: "thumbnail" | "poster" | "waveform";
        /** @description How wide the variant may be, in pixels; usually 256, a poster 1024, a waveform 512 */
        width: 64 | 128 | 256 | 512 | 1024;
        /** @description As an answer of Pixel has it */
        expires: number;
        /** @description As an answer of Pixel has it: instead of a key */
        signature: string;
        /** @description The part of the model id before the slash */
        provider: string;
        /** @description The part of the model id behind the slash */
        key: string;
        /** @description The task as its first N events made it */
        version: number;
        /** @description The task as it stood at this time */
        at: string;
        /** @description Only tasks of this project */
        projectId: string;
        /** @description Only tasks from here */
        source: string;
        /** @description Only tasks of this object there */
        sourceId: string;
        /** @description Only tasks that make this */
        type: components["schemas"]["Kind"];
        /** @description Only tasks that stand there */
        status: components["schemas"]["Status"];
        /** @description Only tasks of this model */
        model: string;
        /** @description Only these tasks, separated by commas */
        ids: string[];
        /** @description Only tasks of this batch */
        batch: string;
        /** @description Only tasks that repeat this one */
        rerunOf: string;
        /** @description Only media of this project */
        assetProject: string;
        /** @description Only media of this kind */
        assetKind: "image" | "video" | "audio";
        /** @description Only what a task made, or only what was brought */
        origin: "output" | "upload";
        /** @description Only media whose prompts hold all of these words, in their first 1000 characters, whatever their case. Of Chinese any part of a sentence is a word */
        q: string;
        /** @description Only tasks made later */
        createdAfter: string;
        /** @description Only tasks made earlier */
        createdBefore: string;
        /** @description How many a page has at most */
        limit: number;
        /** @description How many events a page has at most */
        historyLimit: number;
        /** @description Only events behind this version: `next_after` of the page before */
        after: number;
        /** @description What the sums are by */
        by: "day" | "model" | "project" | "provider";
        /** @description The first day of the period, by UTC */
        first: string;
        /** @description Its last day, else today */
        last: string;
        /** @description Wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer */
        atLeast: number;
        /** @description Only events of this task */
        task: string;
        /** @description Only events of this canvas, and of what is made on it */
        canvas: string;
        /** @description Only events of these types, separated by commas; all, or only tasks where a condition on tasks is given */
        types: ("task" | "batch" | "model" | "canvas" | "run")[];
        /** @description Only events behind this position: the `X-Pixel-Position` of another answer. `Last-Event-ID` goes before it */
        afterPosition: number;
        /** @description The last `id` that came: what a browser sends when it comes back */
        "Last-Event-ID": string;
        /** @description The id of the video, which is that of its task */
        video_id: string;
        /** @description A small image of it instead */
        videoVariant: "video" | "thumbnail";
        /** @description How many a page has at most */
        videoLimit: number;
        /** @description Only videos behind this one: `last_id` of the page before */
        videoAfter: string;
        /** @description Always `desc`: newest first */
        order: "desc";
        /** @description `next_cursor` of the page before, unchanged */
        cursor: string;
    };
    requestBodies: never;
    headers: {
        /**
         * @description The id of this request: yours, when you sent a sane one
         * @example req_123456
         */
        "X-Request-ID": string;
        /**
         * @description The address of the task, the batch or the asset
         * @example /api/v1/tasks/task_abc123
         */
        Location: string;
        /**
         * @description `true`: the key was used before, and this is the task or the batch of then
         * @example true
         */
        "Idempotent-Replayed": string;
        /**
         * @description How long Pixel was ready to wait
         * @example wait=30
         */
        "Preference-Applied": string;
        /**
         * @description Of a model whose end is known: when it will be retired
         * @example Wed, 06 Jan 2027 00:00:00 GMT
         */
        Sunset: string;
        /**
         * @description The model to use then
         * @example </api/v1/models/dashscope/qwen-image>; rel="successor-version"
         */
        Link: string;
        /**
         * @description For `If-None-Match`; of a task, the version of its stream
         * @example "5"
         */
        ETag: string;
        /**
         * @description Seconds until it is worth asking again
         * @example 2
         */
        "Retry-After": string;
        /**
         * @description A position of the log up to which the answer has everything, for `atLeast` and `after`
         * @example 1042
         */
        "X-Pixel-Position": string;
        /**
         * @description `true`: the list is older than it should be, as `X-Pixel-Position` tells
         * @example true
         */
        "X-Pixel-Stale": string;
        /**
         * @description A part can be asked for
         * @example bytes
         */
        "Accept-Ranges": string;
        /**
         * @description Which part this is, and of how much
         * @example bytes 0-99/48213
         */
        "Content-Range": string;
        /**
         * @description Bytes in this answer
         * @example 48213
         */
        "Content-Length": string;
        /**
         * @description The bytes never change under their id
         * @example public, max-age=31536000, immutable
         */
        "Cache-Control": string;
        /**
         * @description What is wanted: an API key as a Bearer token
         * @example Bearer
         */
        "WWW-Authenticate": string;
        /**
         * @description The cookie that a browser is to keep, or to forget
         * @example pixel_session=gAAAA…; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict
         */
        "Set-Cookie": string;
        /**
         * @description The task that the call became
         * @example task_abc123
         */
        "X-Pixel-Task": string;
        /**
         * @description `false`: sent again, the call fails again, or orders another task
         * @example false
         */
        "X-Should-Retry": string;
        /**
         * @description The methods that the path has
         * @example GET
         */
        Allow: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    generateImage: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description `wait=N`: answer when the task has ended, or after N seconds, 60 at most */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImageRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskCreatedAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The money that may be spent today does not bear it. The message has the figures */
            402: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    generateVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description `wait=N`: answer when the task has ended, or after N seconds, 60 at most */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VideoRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskCreatedAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The money that may be spent today does not bear it. The message has the figures */
            402: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    generateAudio: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description `wait=N`: answer when the task has ended, or after N seconds, 60 at most */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AudioRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskCreatedAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The money that may be spent today does not bear it. The message has the figures */
            402: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    generateText: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description `wait=N`: answer when the task has ended, or after N seconds, 60 at most */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TextRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskCreatedAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The money that may be spent today does not bear it. The message has the figures */
            402: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getTask: {
        parameters: {
            query?: {
                /** @description The task as its first N events made it */
                version?: components["parameters"]["version"];
                /** @description The task as it stood at this time */
                at?: components["parameters"]["at"];
            };
            header?: {
                /** @description `wait=N`: answer when the task has ended, or after N seconds, 60 at most */
                Prefer?: components["parameters"]["Prefer"];
                /** @description ETags that you have: 304 when one of them is still right */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/generations/…` answered it */
                task_id: components["parameters"]["task_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskViewAnswer"];
                };
            };
            /** @description The task is still at the version that `If-None-Match` names */
            304: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listTasks: {
        parameters: {
            query?: {
                /** @description Only tasks of this project */
                projectId?: components["parameters"]["projectId"];
                /** @description Only tasks from here */
                source?: components["parameters"]["source"];
                /** @description Only tasks of this object there */
                sourceId?: components["parameters"]["sourceId"];
                /** @description Only tasks that make this */
                type?: components["parameters"]["type"];
                /** @description Only tasks that stand there */
                status?: components["parameters"]["status"];
                /** @description Only tasks of this model */
                model?: components["parameters"]["model"];
                /** @description Only these tasks, separated by commas */
                ids?: components["parameters"]["ids"];
                /** @description Only tasks of this batch */
                batch?: components["parameters"]["batch"];
                /** @description Only tasks that repeat this one */
                rerunOf?: components["parameters"]["rerunOf"];
                /** @description Only tasks made later */
                createdAfter?: components["parameters"]["createdAfter"];
                /** @description Only tasks made earlier */
                createdBefore?: components["parameters"]["createdBefore"];
                /** @description How many a page has at most */
                limit?: components["parameters"]["limit"];
                /** @description `next_cursor` of the page before, unchanged */
                cursor?: components["parameters"]["cursor"];
                /** @description Wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer */
                atLeast?: components["parameters"]["atLeast"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "X-Pixel-Stale": components["headers"]["X-Pixel-Stale"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskPageAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    cancelTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description `wait=N`: answer when the task has ended, or after N seconds, 60 at most */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/generations/…` answered it */
                task_id: components["parameters"]["task_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancellationAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    refetchTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description `wait=N`: answer when the task has ended, or after N seconds, 60 at most */
                Prefer?: components["parameters"]["Prefer"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/generations/…` answered it */
                task_id: components["parameters"]["task_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    rerunTask: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/generations/…` answered it */
                task_id: components["parameters"]["task_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RerunRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RerunCreatedAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The money that may be spent today does not bear it. The message has the figures */
            402: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getTaskHistory: {
        parameters: {
            query?: {
                /** @description Only events behind this version: `next_after` of the page before */
                after?: components["parameters"]["after"];
                /** @description How many events a page has at most */
                limit?: components["parameters"]["historyLimit"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/generations/…` answered it */
                task_id: components["parameters"]["task_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    makeBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BatchRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The money that may be spent today does not bear it. The message has the figures */
            402: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/batches` answered it */
                batch_id: components["parameters"]["batch_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    cancelBatch: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/batches` answered it */
                batch_id: components["parameters"]["batch_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    followTask: {
        parameters: {
            query?: {
                /** @description Only events behind this position: the `X-Pixel-Position` of another answer. `Last-Event-ID` goes before it */
                after?: components["parameters"]["afterPosition"];
            };
            header?: {
                /** @description The last `id` that came: what a browser sends when it comes back */
                "Last-Event-ID"?: components["parameters"]["Last-Event-ID"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/generations/…` answered it */
                task_id: components["parameters"]["task_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. It has a comment every 15 seconds when nothing happens, and ends when the service stops */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example retry: 2000
                     *
                     *     id: 1041
                     *     event: task
                     *     data: {"id":"task_abc123","type":"image","status":"pending","model":"dashscope/qwen-image", …}
                     *
                     *     id: 1042
                     *     event: task
                     *     data: {"id":"task_abc123","type":"image","status":"processing","model":"dashscope/qwen-image", …}
                     *
                     *     event: reset
                     *     data: {"position":52042}
                     */
                    "text/event-stream": string;
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    followEvents: {
        parameters: {
            query?: {
                /** @description Only tasks of this project */
                projectId?: components["parameters"]["projectId"];
                /** @description Only tasks from here */
                source?: components["parameters"]["source"];
                /** @description Only tasks of this object there */
                sourceId?: components["parameters"]["sourceId"];
                /** @description Only events of this task */
                task?: components["parameters"]["task"];
                /** @description Only tasks of this batch */
                batch?: components["parameters"]["batch"];
                /** @description Only events of this canvas, and of what is made on it */
                canvas?: components["parameters"]["canvas"];
                /** @description Only events of these types, separated by commas; all, or only tasks where a condition on tasks is given */
                types?: components["parameters"]["types"];
                /** @description Only events behind this position: the `X-Pixel-Position` of another answer. `Last-Event-ID` goes before it */
                after?: components["parameters"]["afterPosition"];
            };
            header?: {
                /** @description The last `id` that came: what a browser sends when it comes back */
                "Last-Event-ID"?: components["parameters"]["Last-Event-ID"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. It has a comment every 15 seconds when nothing happens, and ends when the service stops */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example retry: 2000
                     *
                     *     id: 1041
                     *     event: task
                     *     data: {"id":"task_abc123","type":"image","status":"pending","model":"dashscope/qwen-image", …}
                     *
                     *     id: 1042
                     *     event: task
                     *     data: {"id":"task_abc123","type":"image","status":"processing","model":"dashscope/qwen-image", …}
                     *
                     *     event: reset
                     *     data: {"position":52042}
                     */
                    "text/event-stream": string;
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: {
                /** @description ETags that you have: 304 when one of them is still right */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelsByTypeAnswer"];
                };
            };
            /** @description The models are still those that `If-None-Match` names */
            304: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The part of the model id before the slash */
                provider: components["parameters"]["provider"];
                /** @description The part of the model id behind the slash */
                key: components["parameters"]["key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    estimateCost: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The part of the model id before the slash */
                provider: components["parameters"]["provider"];
                /** @description The part of the model id behind the slash */
                key: components["parameters"]["key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImageRequest"] | components["schemas"]["VideoRequest"] | components["schemas"]["AudioRequest"] | components["schemas"]["TextRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EstimateAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listAssets: {
        parameters: {
            query?: {
                /** @description Only media of this project */
                projectId?: components["parameters"]["assetProject"];
                /** @description Only media of this kind */
                kind?: components["parameters"]["assetKind"];
                /** @description Only what a task made, or only what was brought */
                origin?: components["parameters"]["origin"];
                /** @description Only media whose prompts hold all of these words, in their first 1000 characters, whatever their case. Of Chinese any part of a sentence is a word */
                q?: components["parameters"]["q"];
                /** @description How many a page has at most */
                limit?: components["parameters"]["limit"];
                /** @description `next_cursor` of the page before, unchanged */
                cursor?: components["parameters"]["cursor"];
                /** @description Wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer */
                atLeast?: components["parameters"]["atLeast"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "X-Pixel-Stale": components["headers"]["X-Pixel-Stale"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AssetItemsAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    keepAsset: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description The image, the video or the audio */
                    file: string;
                };
                "application/json": components["schemas"]["ImportRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Location: components["headers"]["Location"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptAssetAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getAsset: {
        parameters: {
            query?: {
                /** @description A small image of it instead */
                variant?: components["parameters"]["variant"];
                /** @description How wide the variant may be, in pixels; usually 256, a poster 1024, a waveform 512 */
                width?: components["parameters"]["width"];
                /** @description As an answer of Pixel has it */
                expires?: components["parameters"]["expires"];
                /** @description As an answer of Pixel has it: instead of a key */
                signature?: components["parameters"]["signature"];
            };
            header?: {
                /** @description One range: `bytes=a-b`, `bytes=a-` or `bytes=-n` */
                Range?: components["parameters"]["Range"];
                /** @description An ETag: heed `Range` only if it is still right */
                "If-Range"?: components["parameters"]["If-Range"];
                /** @description ETags that you have: 304 when one of them is still right */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As the task has it: `asset_<sha256>.<extension>` */
                asset_id: components["parameters"]["asset_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole asset, or the whole variant */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "Content-Length": components["headers"]["Content-Length"];
                    "Accept-Ranges": components["headers"]["Accept-Ranges"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "image/png": unknown;
                    "video/mp4": unknown;
                    "audio/wav": unknown;
                    "image/webp": unknown;
                    "image/jpeg": unknown;
                };
            };
            /** @description The range */
            206: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "Content-Length": components["headers"]["Content-Length"];
                    "Accept-Ranges": components["headers"]["Accept-Ranges"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Content-Range": components["headers"]["Content-Range"];
                    [name: string]: unknown;
                };
                content: {
                    "image/png": unknown;
                    "video/mp4": unknown;
                    "audio/wav": unknown;
                };
            };
            /** @description The asset is the one that `If-None-Match` names */
            304: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "Content-Length": components["headers"]["Content-Length"];
                    "Accept-Ranges": components["headers"]["Accept-Ranges"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The range begins behind the end of the asset. `Content-Range` has the size */
            416: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Content-Range": components["headers"]["Content-Range"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    headAsset: {
        parameters: {
            query?: {
                /** @description A small image of it instead */
                variant?: components["parameters"]["variant"];
                /** @description How wide the variant may be, in pixels; usually 256, a poster 1024, a waveform 512 */
                width?: components["parameters"]["width"];
                /** @description As an answer of Pixel has it */
                expires?: components["parameters"]["expires"];
                /** @description As an answer of Pixel has it: instead of a key */
                signature?: components["parameters"]["signature"];
            };
            header?: {
                /** @description One range: `bytes=a-b`, `bytes=a-` or `bytes=-n` */
                Range?: components["parameters"]["Range"];
                /** @description An ETag: heed `Range` only if it is still right */
                "If-Range"?: components["parameters"]["If-Range"];
                /** @description ETags that you have: 304 when one of them is still right */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As the task has it: `asset_<sha256>.<extension>` */
                asset_id: components["parameters"]["asset_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is there */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "Content-Length": components["headers"]["Content-Length"];
                    "Accept-Ranges": components["headers"]["Accept-Ranges"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The asset is the one that `If-None-Match` names */
            304: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    ETag: components["headers"]["ETag"];
                    "Content-Length": components["headers"]["Content-Length"];
                    "Accept-Ranges": components["headers"]["Accept-Ranges"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    estimateMany: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EstimatesRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EstimatesAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getSpending: {
        parameters: {
            query?: {
                /** @description What the sums are by */
                by?: components["parameters"]["by"];
                /** @description The first day of the period, by UTC */
                first?: components["parameters"]["first"];
                /** @description Its last day, else today */
                last?: components["parameters"]["last"];
                /** @description Wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer */
                atLeast?: components["parameters"]["atLeast"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "X-Pixel-Stale": components["headers"]["X-Pixel-Stale"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpendingReportAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listProjects: {
        parameters: {
            query?: {
                /** @description `true`: those that are put away, instead of those in use */
                archived?: components["parameters"]["archived"];
                /** @description How many a page has at most */
                limit?: components["parameters"]["limit"];
                /** @description `next_cursor` of the page before, unchanged */
                cursor?: components["parameters"]["cursor"];
                /** @description Wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer */
                atLeast?: components["parameters"]["atLeast"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "X-Pixel-Stale": components["headers"]["X-Pixel-Stale"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectPageAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    createProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/projects` answered it */
                project_id: components["parameters"]["project_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    renameProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what you know: nothing is changed when it has moved on */
                "If-Match"?: components["parameters"]["If-Match"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/projects` answered it */
                project_id: components["parameters"]["project_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not at the version that `If-Match` names */
            412: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    archiveProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/projects` answered it */
                project_id: components["parameters"]["project_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    restoreProject: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/projects` answered it */
                project_id: components["parameters"]["project_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listCanvases: {
        parameters: {
            query?: {
                /** @description Only canvases of this project */
                projectId?: components["parameters"]["canvasProject"];
                /** @description `true`: those that are put away, instead of those in use */
                archived?: components["parameters"]["archived"];
                /** @description How many a page has at most */
                limit?: components["parameters"]["limit"];
                /** @description `next_cursor` of the page before, unchanged */
                cursor?: components["parameters"]["cursor"];
                /** @description Wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer */
                atLeast?: components["parameters"]["atLeast"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "X-Pixel-Stale": components["headers"]["X-Pixel-Stale"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanvasPageAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    createCanvas: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CanvasBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanvasViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getCanvas: {
        parameters: {
            query?: {
                /** @description The canvas at this version */
                version?: components["parameters"]["canvasVersion"];
                /** @description The canvas as it stood at this time */
                at?: components["parameters"]["canvasAt"];
            };
            header?: {
                /** @description ETags that you have: 304 when one of them is still right */
                "If-None-Match"?: components["parameters"]["If-None-Match"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanvasDocumentAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    renameCanvas: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of what you know: nothing is changed when it has moved on */
                "If-Match"?: components["parameters"]["If-Match"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanvasViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not at the version that `If-Match` names */
            412: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    archiveCanvas: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanvasViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    restoreCanvas: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanvasViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    nameCanvasVersion: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VersionBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanvasViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    editCanvas: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EditAnswerAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getCanvasHistory: {
        parameters: {
            query?: {
                /** @description Only what happened behind this version: `next` of the page before */
                after?: components["parameters"]["canvasAfter"];
                /** @description How many events a page has at most */
                limit?: components["parameters"]["historyLimit"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CanvasHistoryPageAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    planRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    startRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases` answered it */
                canvas_id: components["parameters"]["canvas_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The money that may be spent today does not bear it. The message has the figures */
            402: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listRuns: {
        parameters: {
            query?: {
                /** @description Only runs of this canvas */
                canvas?: components["parameters"]["canvasOfRuns"];
                /** @description `next_cursor` of the page before, unchanged */
                cursor?: components["parameters"]["cursor"];
                /** @description How many a page has at most */
                limit?: components["parameters"]["runLimit"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "X-Pixel-Stale": components["headers"]["X-Pixel-Stale"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunPageAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases/{canvas_id}/runs` answered it */
                run_id: components["parameters"]["run_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    pauseRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases/{canvas_id}/runs` answered it */
                run_id: components["parameters"]["run_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    cancelRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases/{canvas_id}/runs` answered it */
                run_id: components["parameters"]["run_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    resumeRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases/{canvas_id}/runs` answered it */
                run_id: components["parameters"]["run_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResumeBody"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    skipStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases/{canvas_id}/runs` answered it */
                run_id: components["parameters"]["run_id"];
                /** @description A step of the run: a node of its canvas */
                node_id: components["parameters"]["node_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    retryStep: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/canvases/{canvas_id}/runs` answered it */
                run_id: components["parameters"]["run_id"];
                /** @description A step of the run: a node of its canvas */
                node_id: components["parameters"]["node_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    ETag: components["headers"]["ETag"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookListAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    registerWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookRegistration"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecretAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/webhooks` answered it */
                webhook_id: components["parameters"]["webhook_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    changeWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/webhooks` answered it */
                webhook_id: components["parameters"]["webhook_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookChange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/webhooks` answered it */
                webhook_id: components["parameters"]["webhook_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecretRotation"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecretAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    removeWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/webhooks` answered it */
                webhook_id: components["parameters"]["webhook_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description Only deliveries in this state */
                state?: components["parameters"]["deliveryState"];
                /** @description How many a page has at most */
                limit?: components["parameters"]["limit"];
                /** @description `next_cursor` of the page before, unchanged */
                cursor?: components["parameters"]["cursor"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/webhooks` answered it */
                webhook_id: components["parameters"]["webhook_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryPageAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    redeliver: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description As `POST /api/v1/webhooks` answered it */
                webhook_id: components["parameters"]["webhook_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Redelivery"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Set-Cookie": components["headers"]["Set-Cookie"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "Set-Cookie": components["headers"]["Set-Cookie"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedOutAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listOpenaiModels: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIModelList"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    getOpenaiModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The part of the model id before the slash */
                provider: components["parameters"]["provider"];
                /** @description The part of the model id behind the slash */
                key: components["parameters"]["key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIModel"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    generateOpenaiImages: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenAIImageRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Task": components["headers"]["X-Pixel-Task"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIImages"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The money that may be spent does not bear it, or the provider is busy */
            429: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The task failed at the provider. The message says how */
            502: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The task goes on: it did not end in the time that a call may wait */
            504: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    editOpenaiImages: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["OpenAIImageEdit"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Task": components["headers"]["X-Pixel-Task"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIImages"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The money that may be spent does not bear it, or the provider is busy */
            429: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The task failed at the provider. The message says how */
            502: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The task goes on: it did not end in the time that a call may wait */
            504: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    createOpenaiSpeech: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenAISpeechRequest"];
            };
        };
        responses: {
            /** @description The audio */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Task": components["headers"]["X-Pixel-Task"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "audio/wav": unknown;
                    "audio/mpeg": unknown;
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The money that may be spent does not bear it, or the provider is busy */
            429: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The task failed at the provider. The message says how */
            502: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The task goes on: it did not end in the time that a call may wait */
            504: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    createOpenaiChat: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenAIChatRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Task": components["headers"]["X-Pixel-Task"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIChat"];
                    "text/event-stream": unknown;
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The money that may be spent does not bear it, or the provider is busy */
            429: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The task failed at the provider. The message says how */
            502: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The task goes on: it did not end in the time that a call may wait */
            504: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    listOpenaiVideos: {
        parameters: {
            query?: {
                /** @description Only videos behind this one: `last_id` of the page before */
                after?: components["parameters"]["videoAfter"];
                /** @description How many a page has at most */
                limit?: components["parameters"]["videoLimit"];
                /** @description Always `desc`: newest first */
                order?: components["parameters"]["order"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIVideoPage"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    createOpenaiVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: the same key and body are the same task, made and paid for once */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": components["schemas"]["OpenAIVideoRequest"];
                "application/json": components["schemas"]["OpenAIVideoRequest"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Task": components["headers"]["X-Pixel-Task"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    Sunset: components["headers"]["Sunset"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIVideo"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The `Idempotency-Key` was used for another request */
            422: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The money that may be spent does not bear it, or the provider is busy */
            429: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    getOpenaiVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The id of the video, which is that of its task */
                video_id: components["parameters"]["video_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Task": components["headers"]["X-Pixel-Task"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIVideo"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    deleteOpenaiVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The id of the video, which is that of its task */
                video_id: components["parameters"]["video_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Task": components["headers"]["X-Pixel-Task"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIVideoDeleted"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    getOpenaiVideoContent: {
        parameters: {
            query?: {
                /** @description A small image of it instead */
                variant?: components["parameters"]["videoVariant"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The id of the video, which is that of its task */
                video_id: components["parameters"]["video_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Pixel-Task": components["headers"]["X-Pixel-Task"];
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": unknown;
                    "image/webp": unknown;
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    "X-Should-Retry": components["headers"]["X-Should-Retry"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenAIError"];
                };
            };
        };
    };
    callBack: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The part of the model id before the slash */
                provider: components["parameters"]["provider"];
                /** @description One call of a task, as the list of doubtful calls has it */
                call_id: components["parameters"]["call_id"];
                /** @description What only Pixel can make, and gives to the provider with the order */
                token: components["parameters"]["token"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackAckAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    isLive: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Live"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    isReady: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Requests can't be served: `status` is `unavailable` */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Counters and gauges */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": unknown;
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    compareCatalogue: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogueDifferenceAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    applyCatalogue: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogueDifferenceAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    disableModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The part of the model id before the slash */
                provider: components["parameters"]["provider"];
                /** @description The part of the model id behind the slash */
                key: components["parameters"]["key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelSwitchedAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    enableModel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The part of the model id before the slash */
                provider: components["parameters"]["provider"];
                /** @description The part of the model id behind the slash */
                key: components["parameters"]["key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelSwitchedAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    makeDefault: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description The part of the model id before the slash */
                provider: components["parameters"]["provider"];
                /** @description The part of the model id behind the slash */
                key: components["parameters"]["key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelSwitchedAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listDoubtfulCalls: {
        parameters: {
            query?: {
                /** @description `looking` while evidence is looked for, `unknown` when a person is waited for, `in_doubt` for both */
                state?: components["parameters"]["state"];
                /** @description How many a page has at most */
                limit?: components["parameters"]["limit"];
                /** @description `next_cursor` of the page before, unchanged */
                cursor?: components["parameters"]["cursor"];
                /** @description Wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer */
                atLeast?: components["parameters"]["atLeast"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "X-Pixel-Stale": components["headers"]["X-Pixel-Stale"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallPageAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    retryCall: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description One call of a task, as the list of doubtful calls has it */
                call_id: components["parameters"]["call_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettledAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    attachResult: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description One call of a task, as the list of doubtful calls has it */
                call_id: components["parameters"]["call_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Attachment"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettledAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    abandonCall: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description One call of a task, as the list of doubtful calls has it */
                call_id: components["parameters"]["call_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Decision"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettledAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description How many a page has at most */
                limit?: components["parameters"]["limit"];
                /** @description `next_cursor` of the page before, unchanged */
                cursor?: components["parameters"]["cursor"];
                /** @description Wait until the list is as new as this position, a second at most: the `X-Pixel-Position` of another answer */
                atLeast?: components["parameters"]["atLeast"];
            };
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    "X-Pixel-Position": components["headers"]["X-Pixel-Position"];
                    "X-Pixel-Stale": components["headers"]["X-Pixel-Stale"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyPageAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKeyAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description An API key, as the list of keys has it */
                key_id: components["parameters"]["key_id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    changeKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description An API key, as the list of keys has it */
                key_id: components["parameters"]["key_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyChange"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description It is not as the request takes it to be */
            409: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Your id for this request; it is in the answer and in Pixel's log */
                "X-Request-ID"?: components["parameters"]["X-Request-ID"];
            };
            path: {
                /** @description An API key, as the list of keys has it */
                key_id: components["parameters"]["key_id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Revocation"];
            };
        };
        responses: {
            /** @description Success */
            200: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Cache-Control": components["headers"]["Cache-Control"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyViewAnswer"];
                };
            };
            /** @description The request is wrong. The message names every problem */
            400: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The request has no API key, or none that works */
            401: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The caller may not do this */
            403: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description There is no such thing */
            404: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is too large */
            413: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description The body, or the file in it, is of a kind that is not taken */
            415: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description A mistake of Pixel's. Quote the `request_id`: the log has the trace under it */
            500: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Not now. With `Retry-After` try again; without it somebody has to act, and the message says how */
            503: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
            /** @description Any other error. 404: no such path; 405: the path has no such method, and `Allow` lists those it has */
            default: {
                headers: {
                    "X-Request-ID": components["headers"]["X-Request-ID"];
                    Allow: components["headers"]["Allow"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Failure"];
                };
            };
        };
    };
}
