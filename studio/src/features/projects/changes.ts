/** What can be done to projects and canvases: make, rename, put away, take out again. */
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { api, unwrap } from "@/api/client";
import { newId } from "@/document/ids";

export type Thing = { kind: "project" | "canvas"; id: string; name: string };

/** After a change every list is asked for anew: each of them shows names, covers or how many there are. */
function refresh(queries: QueryClient): Promise<unknown> {
  return Promise.all(["projects", "project", "canvases"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
}

/** Makes something of a name, and goes there. */
export type Creation = {
  mutate: (name: string) => void;
  isPending: boolean;
  isSuccess: boolean;
  error: Error | null;
};

/** Make a project with its first canvas. */
export function useCreateProject(canvas: string): Creation {
  return useCreation(async (name, key) => {
    const header = { "Idempotency-Key": `${key}/project` };
    const project = await unwrap(api.POST("/api/v1/projects", { body: { name }, params: { header } }));
    return createCanvas(project.id, canvas, key);
  });
}

/** Make a canvas in a project. */
export function useCreateCanvas(project: string): Creation {
  return useCreation((name, key) => createCanvas(project, name, key));
}

/** However often it is sent for one name, it is made once: the key stays the same until something else is wanted. */
function useCreation(make: (name: string, key: string) => Promise<{ id: string }>): Creation {
  const queries = useQueryClient();
  const router = useRouter();
  const keys = useRef(new Map<string, string>());
  return useMutation({
    mutationFn: (name: string) => {
      const key = keys.current.get(name) ?? newId("create");
      keys.current.set(name, key);
      return make(name, key);
    },
    onSuccess: ({ id }) => {
      void refresh(queries);
      router.push(`/canvas/?id=${encodeURIComponent(id)}`);
    },
  });
}

function createCanvas(project: string, name: string, key: string) {
  return unwrap(
    api.POST("/api/v1/canvases", { body: { project, name }, params: { header: { "Idempotency-Key": key } } }),
  );
}

export function useRename({ kind, id }: Thing) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name }: { name: string }): Promise<unknown> =>
      kind === "project"
        ? unwrap(api.PATCH("/api/v1/projects/{project_id}", { params: { path: { project_id: id } }, body: { name } }))
        : unwrap(api.PATCH("/api/v1/canvases/{canvas_id}", { params: { path: { canvas_id: id } }, body: { name } })),
    onSuccess: () => refresh(queries),
  });
}

export type Move = "archive" | "restore";

/** Put away (`archive`), or take into use again (`restore`). Nothing is ever deleted by it.
 *
 * What is to follow is given here, not to `mutate`: that one forgets it when the tile leaves its list, and an archived
 * thing leaves the list as soon as the list is asked for anew. */
export function useMove({ kind, id }: Thing, onMoved: (move: Move) => void, onError: (error: Error) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (move: Move): Promise<unknown> => {
      const [project, canvas] = [{ params: { path: { project_id: id } } }, { params: { path: { canvas_id: id } } }];
      if (kind === "project") {
        return move === "archive"
          ? unwrap(api.POST("/api/v1/projects/{project_id}/archive", project))
          : unwrap(api.POST("/api/v1/projects/{project_id}/restore", project));
      }
      return move === "archive"
        ? unwrap(api.POST("/api/v1/canvases/{canvas_id}/archive", canvas))
        : unwrap(api.POST("/api/v1/canvases/{canvas_id}/restore", canvas));
    },
    onSuccess: (_, move) => {
      onMoved(move);
      return refresh(queries);
    },
    onError,
  });
}
