/** A page of cards, and the next one on demand; while they are on their way, their shapes. */
import { Archive } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/skeleton";

/** What of a list is needed here; react-query's answer has it. */
export type Listed = {
  isPending: boolean;
  error: Error | null;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
};

const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,240px),1fr))] gap-4";
const SHAPES = ["a", "b", "c", "d"];

export function Tiles({
  list,
  archived,
  empty,
  children,
}: {
  list: Listed;
  archived: boolean;
  /** What stands here while there is nothing in use. */
  empty: ReactNode;
  children: readonly ReactNode[];
}) {
  const [t, words] = [useTranslations("projects"), useTranslations("common")];
  if (list.error) return <Failure error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) {
    return (
      <div className={GRID} aria-busy="true">
        {SHAPES.map((shape) => (
          <Skeleton key={shape} className="h-58" />
        ))}
      </div>
    );
  }
  if (children.length === 0) return archived ? <EmptyState icon={Archive} title={t("nothingArchived")} /> : empty;
  return (
    <>
      <ul className={GRID}>{children}</ul>
      {list.hasNextPage && (
        <Button className="mx-auto mt-6" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words("showMore")}
        </Button>
      )}
    </>
  );
}
