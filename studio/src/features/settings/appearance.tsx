import { useTranslations } from "use-intl";
import { setTaste, type Theme, useTaste } from "@/taste/taste";
import { Choice } from "@/ui/choice";
import { Row, Rows, Section } from "./section";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** Language and theme, kept in this browser. */
export function Appearance() {
  const t = useTranslations("settings");
  const taste = useTaste((state) => state.taste);
  if (taste === null) return null;
  return (
    <Section title={t("appearance")} about={t("appearanceHint")}>
      <Rows>
        <Row name={t("language")}>
          <Choice
            label={t("language")}
            value={taste.locale}
            options={[
              { value: "zh", text: t("chinese") },
              { value: "en", text: t("english") },
            ]}
            onChange={(locale) => setTaste({ locale })}
          />
        </Row>
        <Row name={t("theme")}>
          <Choice
            label={t("theme")}
            value={taste.theme}
            options={THEMES.map((theme) => ({ value: theme, text: t(`themes.${theme}`) }))}
            onChange={(theme) => setTaste({ theme })}
          />
        </Row>
      </Rows>
    </Section>
  );
}
