/** Who is signed in, with what they may do; and the way out. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "use-intl";
import { api, unwrap } from "@/api/client";
import { sessionQuery } from "@/api/queries";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/skeleton";
import { Row, Rows, Section } from "./section";

export function WhoIsHere() {
  const t = useTranslations("settings");
  const { data, error, refetch } = useQuery(sessionQuery);
  const router = useRouter();
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/session")),
    onSuccess: () => {
      queries.clear(); // what was seen as this owner is not for the next one
      router.push("/sign-in/");
    },
  });
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  return (
    <Section title={t("session")} about={data?.open ? t("openHint") : undefined}>
      <Rows busy={data === undefined}>
        <Row name={t("owner")}>
          {data ? <span>{data.open ? t("nobody") : data.owner}</span> : <Skeleton className="h-5 w-32" />}
        </Row>
        <Row name={t("mayDo")}>
          <span className="flex flex-wrap gap-1">
            {data?.scopes.map((scope) => (
              <Badge key={scope}>{t(`scopes.${scope}`)}</Badge>
            ))}
          </span>
        </Row>
        {data?.key && (
          <Row name={t("key")}>
            <code className="font-mono text-s">{data.key}</code>
            <Button size="s" icon={LogOut} disabled={isPending} onClick={() => mutate()}>
              {t("signOut")}
            </Button>
          </Row>
        )}
      </Rows>
    </Section>
  );
}
