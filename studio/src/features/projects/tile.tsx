/** A project or a canvas as a card: its cover, its name, a line about it, and what can be done with it. */
import { Archive, ArchiveRestore, Ellipsis, ImageIcon, Pencil } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useTranslations } from "use-intl";
import { assetUrl } from "@/api/client";
import { IconButton } from "@/ui/button";
import { useErrorText } from "@/ui/failure";
import { Menu, MenuItem } from "@/ui/menu";
import { notify } from "@/ui/notices";
import { type Move, type Thing, useMove, useRename } from "./changes";
import { NameDialog } from "./name-dialog";

const COVER_WIDTH = 512;

export function Tile({
  thing,
  href,
  cover,
  archived,
  children,
}: {
  thing: Thing;
  href: string;
  cover: string | undefined;
  archived: boolean;
  children: ReactNode;
}) {
  const t = useTranslations("projects");
  const [renaming, setRenaming] = useState(false);
  return (
    <li className="group relative flex flex-col overflow-hidden rounded-l border border-line bg-surface transition-colors focus-within:border-line-strong hover:border-line-strong">
      <Cover asset={cover} />
      <div className="flex items-center gap-1 py-2.5 pr-2 pl-3.5">
        <div className="min-w-0 grow">
          <h2 className="truncate text-m">
            <Link href={href} prefetch={false} className="outline-none after:absolute after:inset-0">
              {thing.name}
            </Link>
          </h2>
          <p className="truncate text-muted text-s">{children}</p>
        </div>
        <div className="relative z-10">
          <TileMenu thing={thing} archived={archived} onRename={() => setRenaming(true)} />
        </div>
      </div>
      {renaming && <RenameDialog thing={thing} title={t(`rename.${thing.kind}`)} onClose={() => setRenaming(false)} />}
    </li>
  );
}

function Cover({ asset }: { asset: string | undefined }) {
  if (asset === undefined) {
    return (
      <div className="grid aspect-16/10 place-items-center bg-sunken text-line-strong">
        <ImageIcon aria-hidden size={28} strokeWidth={1.5} />
      </div>
    );
  }
  return (
    <img src={assetUrl(asset, COVER_WIDTH)} alt="" loading="lazy" className="aspect-16/10 bg-sunken object-cover" />
  );
}

function TileMenu({ thing, archived, onRename }: { thing: Thing; archived: boolean; onRename: () => void }) {
  const [t, words] = [useTranslations("projects"), useTranslations("common")];
  const text = useErrorText();
  const onMoved = (move: Move) =>
    notify({
      tone: "good",
      text: t(move === "archive" ? "archived" : "restored", { name: thing.name }),
      ...(move === "archive" ? { action: { text: t("undo"), run: () => mutate("restore") } } : {}),
    });
  const { mutate } = useMove(thing, onMoved, (error) => notify({ tone: "bad", text: text(error) }));
  return (
    <Menu trigger={<IconButton icon={Ellipsis} size="s" label={t("more", { name: thing.name })} />}>
      <MenuItem icon={Pencil} onSelect={onRename}>
        {words("rename")}
      </MenuItem>
      {archived ? (
        <MenuItem icon={ArchiveRestore} onSelect={() => mutate("restore")}>
          {t("restore")}
        </MenuItem>
      ) : (
        <MenuItem icon={Archive} onSelect={() => mutate("archive")}>
          {t("archive")}
        </MenuItem>
      )}
    </Menu>
  );
}

function RenameDialog({ thing, title, onClose }: { thing: Thing; title: string; onClose: () => void }) {
  const t = useTranslations("common");
  const { mutate, isPending, error } = useRename(thing);
  return (
    <NameDialog
      title={title}
      action={t("rename")}
      first={thing.name}
      busy={isPending}
      error={error}
      onName={(name) => mutate({ name }, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
