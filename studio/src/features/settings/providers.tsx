/** The providers that Pixel can ask: whether each has a key that works. The keys themselves are nowhere to be seen. */
import { useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "use-intl";
import { type Health, healthQuery, modelsQuery } from "@/api/queries";
import { Badge, type Tone } from "@/ui/badge";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/skeleton";
import { Row, Rows, Section } from "./section";

const SHAPES = ["a", "b", "c"];

export function Providers() {
  const t = useTranslations("settings");
  const models = useQuery(modelsQuery);
  const health = useQuery(healthQuery);
  const error = models.error ?? health.error;
  if (error) return <Failure error={error} retry={() => void Promise.all([models.refetch(), health.refetch()])} />;
  const busy = models.isPending || health.isPending;
  const counted = count(models.data);
  return (
    <Section title={t("providers")} about={t("providersHint")}>
      <Rows busy={busy}>
        {busy &&
          SHAPES.map((shape) => (
            <Row key={shape} name={<Skeleton className="h-5 w-40" />}>
              {null}
            </Row>
          ))}
        {[...counted].map(([name, { ready, all }]) => (
          <Row key={name} name={name}>
            <span className="text-muted text-s">{t("modelsReady", { ready, all })}</span>
            <State ready={ready > 0} keys={health.data?.keys?.[name] ?? []} />
          </Row>
        ))}
      </Rows>
    </Section>
  );
}

type Models = { [kind: string]: { [id: string]: { provider: string; enabled: boolean } } };

/** How many models each provider has, and how many of them can be asked now; those that can be asked come first. */
function count(models: Models | undefined): Map<string, { ready: number; all: number }> {
  const counted = new Map<string, { ready: number; all: number }>();
  for (const model of Object.values(models ?? {}).flatMap((each) => Object.values(each))) {
    const { ready, all } = counted.get(model.provider) ?? { ready: 0, all: 0 };
    counted.set(model.provider, { ready: ready + (model.enabled ? 1 : 0), all: all + 1 });
  }
  return new Map([...counted].sort(([, one], [, other]) => Number(other.ready > 0) - Number(one.ready > 0)));
}

function State({ ready, keys }: { ready: boolean; keys: NonNullable<Health["keys"]>[string] }) {
  const t = useTranslations("settings");
  const format = useFormatter();
  const aside = keys.filter((key) => key.usable_in_seconds > 0);
  const soonest = Math.min(...aside.map((key) => key.usable_in_seconds));
  const [tone, text]: [Tone, string] = !ready
    ? ["neutral", t("noKey")]
    : keys.length > 0 && aside.length === keys.length
      ? ["bad", t("setAside", { time: format.relativeTime(Date.now() + soonest * 1000, Date.now()) })]
      : aside.length > 0
        ? ["doubt", t("someSetAside", { aside: aside.length, all: keys.length })]
        : ["good", t("ready")];
  return <Badge tone={tone}>{text}</Badge>;
}
