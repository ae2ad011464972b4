/** A screen of projects or of canvases: those in use or those put away, and a way to make one more. */
import type { LucideIcon } from "lucide-react";
import { Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { Choice } from "@/ui/choice";
import { EmptyState } from "@/ui/empty-state";
import { Page } from "@/ui/page";
import type { Creation } from "./changes";
import { NameDialog } from "./name-dialog";
import { type Listed, Tiles } from "./tiles";

type Props = {
  kind: "project" | "canvas";
  title: ReactNode;
  icon: LucideIcon;
  list: Listed;
  archived: boolean;
  onArchived: (archived: boolean) => void;
  creation: Creation;
  children: readonly ReactNode[];
};

export function Listing({ kind, title, icon, list, archived, onArchived, creation, children }: Props) {
  const [t, words] = [useTranslations("projects"), useTranslations("common")];
  const [creating, setCreating] = useState(false);
  const create = (
    <Button look="primary" icon={Plus} onClick={() => setCreating(true)}>
      {t(`new.${kind}`)}
    </Button>
  );
  return (
    <Page
      title={title}
      actions={
        <>
          <Choice
            label={t("show")}
            value={archived ? "archived" : "inUse"}
            options={[
              { value: "inUse", text: t("inUse") },
              { value: "archived", text: t("putAway") },
            ]}
            onChange={(chosen) => onArchived(chosen === "archived")}
          />
          {children.length > 0 && create}
        </>
      }
    >
      <Tiles
        list={list}
        archived={archived}
        empty={
          <EmptyState icon={icon} title={t(`first.${kind}`)} action={create}>
            {t(`firstHint.${kind}`)}
          </EmptyState>
        }
      >
        {children}
      </Tiles>
      {creating && (
        <NameDialog
          title={t(`new.${kind}`)}
          action={words("create")}
          first={t(`untitled.${kind}`)}
          busy={creation.isPending || creation.isSuccess}
          error={creation.error}
          onName={creation.mutate}
          onClose={() => setCreating(false)}
        />
      )}
    </Page>
  );
}
