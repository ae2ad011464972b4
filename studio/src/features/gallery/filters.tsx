/** Narrow the gallery: words of the prompt, kind, project, and whether it was made or brought. */
import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { Choice } from "@/ui/choice";
import { Input, Select } from "@/ui/field";
import { projectsQuery } from "./gallery-queries";
import { KINDS, ORIGINS, useWish } from "./use-wish";

export function Filters() {
  const t = useTranslations("gallery");
  const { wish, change } = useWish();
  const projects = useQuery(projectsQuery);
  const kinds = [
    { value: "all", text: t("kind.all") },
    ...KINDS.map((kind) => ({ value: kind, text: t(`kind.${kind}`) })),
  ];
  return (
    <search className="mb-5 flex flex-wrap items-center gap-2">
      <SearchBox />
      <Choice
        label={t("filter.kind")}
        value={wish.kind ?? "all"}
        options={kinds}
        onChange={(kind) => change({ kind: kind === "all" ? undefined : kind })}
      />
      <div className="min-w-0 grow basis-32 sm:max-w-48">
        <Select
          aria-label={t("filter.project")}
          value={wish.project ?? ""}
          onChange={(event) => change({ project: event.target.value })}
        >
          <option value="">{t("filter.allProjects")}</option>
          {projects.data?.projects.map((project) => (
            <option key={project.id} value={project.id}>
              {project.name}
            </option>
          ))}
        </Select>
      </div>
      <div className="min-w-0 grow basis-32 sm:max-w-48">
        <Select
          aria-label={t("filter.origin")}
          value={wish.origin ?? ""}
          onChange={(event) => change({ origin: event.target.value })}
        >
          <option value="">{t("filter.anyOrigin")}</option>
          {ORIGINS.map((origin) => (
            <option key={origin} value={origin}>
              {t(`origin.${origin}`)}
            </option>
          ))}
        </Select>
      </div>
    </search>
  );
}

const QUIET_MS = 300;
const MOST = 200;

/** Asks when nobody has typed for a moment; not in the middle of a Chinese word. */
function SearchBox() {
  const t = useTranslations("gallery");
  const { wish, change } = useWish();
  const asked = wish.q ?? "";
  const [text, setText] = useState(asked);
  const sent = useRef(asked);
  const composing = useRef(false);
  const send = (words: string) => {
    sent.current = words.trim();
    change({ q: sent.current });
  };
  const latest = useRef(send);
  latest.current = send;

  useEffect(() => {
    if (asked !== sent.current) setText(asked); // somebody else has changed it, such as a button that shows all again
    sent.current = asked;
  }, [asked]);
  useEffect(() => {
    if (text.trim() === sent.current) return;
    const timer = setTimeout(() => !composing.current && latest.current(text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);

  return (
    <div className="relative w-full sm:w-64">
      <Search
        aria-hidden
        size={16}
        className="pointer-events-none absolute top-1/2 left-3 -translate-y-1/2 text-muted"
      />
      <Input
        type="search"
        aria-label={t("filter.search")}
        placeholder={t("filter.search")}
        maxLength={MOST}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onCompositionStart={() => {
          composing.current = true;
        }}
        onCompositionEnd={(event) => {
          composing.current = false;
          send(event.currentTarget.value);
        }}
        className="pl-9"
      />
    </div>
  );
}
