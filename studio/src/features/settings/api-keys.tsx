/** The API keys of this Pixel, for those who may issue and end them. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { type ApiKey, keysQuery } from "./keys";
import { NewKeyDialog } from "./new-key-dialog";
import { RevokeDialog } from "./revoke-dialog";
import { Row, Rows, Section } from "./section";

export function ApiKeys() {
  const [t, words] = [useTranslations("settings"), useTranslations("common")];
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const list = useInfiniteQuery(keysQuery);
  const keys = list.data?.pages.flatMap((page) => page.keys) ?? [];
  return (
    <Section
      title={t("apiKeys")}
      about={t("apiKeysHint")}
      action={
        <Button icon={Plus} onClick={() => setCreating(true)}>
          {t("newKey")}
        </Button>
      }
    >
      {list.error ? (
        <Failure error={list.error} retry={() => void list.refetch()} />
      ) : (
        <Rows busy={list.isPending}>
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={() => setRevoking(key)} />
          ))}
          {list.isSuccess && keys.length === 0 && <p className="px-4 py-6 text-center text-muted">{t("noApiKeys")}</p>}
        </Rows>
      )}
      {list.hasNextPage && (
        <Button className="mt-3" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words("showMore")}
        </Button>
      )}
      {creating && <NewKeyDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeDialog apiKey={revoking} onClose={() => setRevoking(null)} />}
    </Section>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  const t = useTranslations("settings");
  const format = useFormatter();
  const used = apiKey.last_used_at;
  return (
    <Row
      name={
        <span className="flex flex-col">
          <span className="font-bold">{apiKey.owner}</span>
          <code className="font-mono text-muted text-xs">{apiKey.id}</code>
        </span>
      }
    >
      <span className="flex flex-wrap gap-1">
        {apiKey.scopes.map((scope) => (
          <Badge key={scope}>{t(`scopes.${scope}`)}</Badge>
        ))}
      </span>
      <span className="w-40 text-muted text-s sm:text-right">
        {used ? t("lastUsed", { time: format.relativeTime(new Date(used)) }) : t("neverUsed")}
      </span>
      {apiKey.revoked_at ? (
        <Badge tone="bad">{t("revoked")}</Badge>
      ) : (
        <Button size="s" look="danger" onClick={onRevoke}>
          {t("revoke")}
        </Button>
      )}
    </Row>
  );
}
