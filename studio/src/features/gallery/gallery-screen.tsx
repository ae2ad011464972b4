"use client";

/** The gallery: everything that was made or brought, newest first, with a search over prompts. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Images } from "lucide-react";
import { Suspense, useState } from "react";
import { useTranslations } from "use-intl";
import { useRefresh } from "@/sync/use-refresh";
import { Button, ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { Sentinel } from "@/ui/sentinel";
import { Filters } from "./filters";
import { ASSETS, assetsQuery } from "./gallery-queries";
import { Grid, GridSkeleton, keyOf } from "./grid";
import { DropZone, UploadButton, useUpload } from "./upload";
import { useWish } from "./use-wish";
import { Viewer } from "./viewer";

const NEWS = ["task"] as const;
const KEYS = [ASSETS] as const;

export function GalleryScreen() {
  const t = useTranslations("gallery");
  const uploads = useUpload();
  return (
    <Page title={t("title")} actions={<UploadButton {...uploads} />}>
      <DropZone onFiles={(files) => void uploads.upload(files)}>
        <Suspense fallback={<GridSkeleton />}>
          <Content />
        </Suspense>
      </DropZone>
    </Page>
  );
}

function Content() {
  useRefresh(NEWS, KEYS);
  const { wish, narrowed } = useWish();
  const found = useInfiniteQuery(assetsQuery(wish));
  const [opened, open] = useState<string>();
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  const at = items.findIndex((item) => keyOf(item) === opened);
  const item = items[at];
  const step = (by: number) => {
    const next = items[at + by];
    return next && (() => open(keyOf(next)));
  };
  return (
    <>
      <Filters />
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <GridSkeleton />}
      {items.length > 0 && <Grid items={items} onOpen={(each) => open(keyOf(each))} />}
      {found.isSuccess && items.length === 0 && !found.hasNextPage && <Nothing narrowed={narrowed} />}
      {found.hasNextPage && <Sentinel busy={found.isFetchingNextPage} onNear={found.fetchNextPage} />}
      {item && <Viewer item={item} before={step(-1)} after={step(1)} onClose={() => open(undefined)} />}
    </>
  );
}

function Nothing({ narrowed }: { narrowed: boolean }) {
  const t = useTranslations("gallery.empty");
  const { change } = useWish();
  const clear = () => change({ q: undefined, kind: undefined, origin: undefined, project: undefined });
  return (
    <EmptyState
      icon={Images}
      title={t(narrowed ? "filtered" : "title")}
      action={
        narrowed ? (
          <Button onClick={clear}>{t("clear")}</Button>
        ) : (
          <ButtonLink href="/" look="primary">
            {t("start")}
          </ButtonLink>
        )
      }
    >
      {t(narrowed ? "filteredHint" : "hint")}
    </EmptyState>
  );
}
